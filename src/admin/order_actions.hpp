// What staff do with an order: change its lines after a preview, cancel it, send money back, note why it
// needs attention, write a comment. For whoever may change registrations of its conference; money going back
// asks for a fresh proof. All of it is recorded in the write itself. One request, its thread. source:
// registration 20, 11 and D18; ground rules 15, 5.2; docs/orders.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "admin/model.hpp"
#include "base/task.hpp"
#include "site/page_table.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::admin {

// The address of that page, for the page of an order that this visitor may change; else empty.
std::string order_actions_url(const web::Request& request, const Model& model, std::string_view key,
                              std::optional<std::int64_t> conference);

Task<web::Response> order_actions(site::Site& site, web::Request& request);  // GET and POST
void add_order_actions(site::PageTable& table);

}  // namespace plenary::admin
