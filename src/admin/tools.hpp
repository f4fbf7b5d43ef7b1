// The pages of vouchers beyond lists and forms: batches, tables in and out, and what a voucher or a discount
// would do to the last orders. Each asks for the right of its model in the conference that it is about, and
// asks again in the write. One thread, one request. source: registration 20, 5.4, 13 and D9.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/access.hpp"
#include "base/task.hpp"
#include "domain/registration/voucher_sheet.hpp"
#include "site/page_table.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::admin {

using site::Site;

void add_tools(site::PageTable& table);

// voucher_batch_pages.cpp
Task<web::Response> make_batch(Site& site, web::Request& request);    // GET and POST
Task<web::Response> show_batch(Site& site, web::Request& request);    // GET; POST: stop, continue
Task<web::Response> stream_batch(Site& site, web::Request& request);  // server-sent events
// voucher_import.cpp
Task<web::Response> import_vouchers(Site& site, web::Request& request);  // GET; POST: look, write
Task<web::Response> download_vouchers(Site& site, web::Request& request);
// preview_page.cpp; of a row that is stored, or of what was typed
Task<web::Response> preview_row(Site& site, web::Request& request);

const Model& voucher_model();
// Conferences in which somebody holds this right for vouchers: id and name.
std::vector<std::pair<std::int64_t, std::string>> conferences_for(db::Tx& tx, const Person& person,
                                                                  Right right);
// How amounts and times of a table of this conference are meant; NotFound without it.
registration::SheetTerms sheet_terms(db::Tx& tx, const Site& site, std::int64_t conference_id);
// "7"; nothing: no number.
std::optional<std::int64_t> number_in(std::string_view text);

}  // namespace plenary::admin
