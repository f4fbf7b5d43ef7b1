// What every page of the admin shares: who edits, reading away from the I/O threads, addresses, the frame,
// and the currency and zone that a row is shown in. One thread, one request. source: configuration 10, 5;
// docs/transactions.md, section 1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "admin/model.hpp"
#include "base/money.hpp"
#include "base/pool.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "domain/conference/audit.hpp"
#include "site/page.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/services.hpp"

namespace plenary::admin {

using site::Site;

// Whoever is signed in, as the record of changes names them. The guard has seen to it that there is somebody.
conference::Actor actor_of(const web::Request& request);

// Lists and forms read on the slow pool: a search through a hundred thousand orders keeps no buyer waiting.
// `fn` must be a named local.
template <class F>
Task<std::invoke_result_t<F&, db::Tx&>> read(Site& site, web::Request& request, F& fn) {
  Pool* pool = request.services().pool;
  auto work = [&] { return site.db.read_now(fn); };
  if (!pool) co_return work();
  auto result = co_await pool->run(work);
  co_return result;
}

// Addresses below /admin/.
std::string list_url(const Model& model);
std::string add_url(const Model& model);
std::string change_url(const Model& model, std::string_view key);
std::string delete_url(const Model& model, std::string_view key);
std::string history_url(const Model& model, std::string_view key);
std::string undo_url(const Model& model, std::string_view key);  // of an entry of the record of changes
std::string export_url(const Model& model);
std::string choices_url(const Model& model);

// How money and times of a row are written: those of its conference, else the settings' and UTC.
struct Terms {
  Currency currency;
  std::string symbol;  // as configured; empty: the currency's own
  TimeZone zone = TimeZone::utc();
  std::string zone_name = "UTC";
};
Terms default_terms(const Site& site);
Terms terms_of(db::Tx& tx, const Site& site, std::optional<std::int64_t> conference_id);
// Of a stored row, by the model's SQL.
Terms terms_of_row(db::Tx& tx, const Site& site, const Model& model, const db::Param& key);
std::optional<std::int64_t> conference_of_row(db::Tx& tx, const Model& model, const db::Param& key);
// What a row is called; nothing: there is no such row.
std::optional<std::string> label_of(db::Tx& tx, const Model& model, const db::Param& key);

// A value as people read it, in the language of the request; empty for null. References come as the key:
// whoever shows them looks the label up.
std::string shown(const web::Request& request, const db::Column& column, const void* row, const Terms& terms);
// The same in English and without a request: for the record of changes.
std::string plain(const db::Column& column, const void* row, const Terms& terms);
std::string choice_label(const web::Request& request, const db::Choice& choice);

// What a page in the admin's frame (admin/base.html) shows around its content: "title", "crumbs" (the way
// there, outermost first, without the index) and "areas" with the models of each, those of this page marked.
struct Crumb {
  std::string label, url;
};
void frame(site::Page& page, std::string_view title, const std::vector<Crumb>& crumbs = {});
Crumb crumb(const web::Request& request, const Model& model);

}  // namespace plenary::admin
