// What the pages of orders share: the order of the address, amounts as they are typed and shown, words for
// what is stored, and the one write in which staff do something with an order. One request, its thread;
// functions with a Tx belong to its transaction. source: staff pages 70, 11.4 and 14.7.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/conference/audit.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/records.hpp"
#include "domain/registration/refunds.hpp"
#include "manage/frame.hpp"
#include "manage/money.hpp"
#include "site/page.hpp"
#include "web/form_data.hpp"

namespace plenary::manage {

// NotFound for an order that is not there, or another conference's.
registration::Order order_here(db::Tx& tx, const Visit& visit, std::int64_t id);
Task<registration::Order> order_of_page(Site& site, web::Request& request);  // {pk:int} of the address

// "manage:order-refund" of an order.
std::string order_url(const Site& site, const Visit& visit, std::string_view name, std::int64_t id);
// The permission itself, or full access.
bool may(const accounts::Rights& rights, std::string_view permission, std::int64_t conference_id);
bool may_change(const Visit& visit);

// In the order's currency, as the page's language writes it.
std::string amount_text(const web::Request& request, const registration::Order& order, std::int64_t minor);
// As it stands in a field: "12.50".
std::string plain_amount(std::int64_t minor, std::string_view currency);
// "12.50", "12,50", "1.234,50" (base/amounts.hpp), not below zero; nothing for anything else.
std::optional<std::int64_t> typed_amount(std::string_view typed, std::string_view currency);

const char* word_of(registration::OrderStatus status);
const char* word_of(registration::PaymentStatus status);
const char* word_of(registration::RefundStatus status);
const char* word_of(registration::RefundReason reason);
const char* word_of(registration::RefundDestination destination);
// "Card", "Cash": `channel` of manual payments.
const char* method_word(registration::PaymentMethod method, std::string_view channel);

// The frame of a page about one order: breadcrumb, address of the order, its reference and state.
void order_frame(site::Page& page, const Site& site, web::Request& request, const registration::Order& order,
                 std::string_view title);

// What one form did. The rights are looked at again in the write; changes of total, status and money going
// back are recorded besides what `work` returns.
using OrderWork = std::function<std::vector<conference::AuditChange>(db::Tx& tx, registration::Order& order)>;
struct WorkDone {
  bool is_repeat = false;          // the form was sent before: nothing was done
  std::optional<Refused> refused;  // nothing was done
};
Task<WorkDone> do_order_work(Site& site, web::Request& request, std::int64_t order_id, const char* name,
                             const OrderWork& work);
registration::Cause cause_of(const web::Request& request, std::string reason);
conference::AuditChange noted(const char* field, const char* label, std::string before, std::string after);
// Back to the order's page, saying what was done.
web::Response back_to_order(const Site& site, web::Request& request, std::int64_t order_id,
                            const WorkDone& done, std::string_view text);

// The version of the order that a form was shown with.
std::int64_t shown_version(const web::FormData& form);
// Trimmed; a fault when it is longer than `most` characters or cannot be printed.
std::string typed_text(const web::Request& request, const web::FormData& form, std::string_view field,
                       std::size_t most, std::vector<site::Fault>& faults);
// What was typed into these fields, by their names; on GET nothing.
void keep_typed(site::Page& page, web::Request& request, std::initializer_list<std::string_view> fields);

}  // namespace plenary::manage
