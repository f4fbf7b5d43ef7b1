// What was recorded of one object, newest first. source: configuration 10, Do better 23.
#include <charconv>

#include "admin/entry.hpp"
#include "admin/form.hpp"
#include "admin/pages.hpp"
#include "admin/told.hpp"
#include "base/errors.hpp"
#include "domain/conference/audit_of_row.hpp"
#include "i18n/formats.hpp"
#include "site/text.hpp"

namespace plenary::admin {
namespace {

using templating::Value;

constexpr std::int64_t entries_a_page = 50;

struct History {
  std::vector<conference::AuditEntry> entries;
  std::optional<std::string> label;  // nothing: the row is gone
  Terms terms;
  bool more = false;
  std::int64_t oldest = 0;  // of this page, shown or not
};

}  // namespace

Task<web::Response> show_history(Site& site, web::Request& request) {
  const Opened opened = co_await row_for(site, request, Right::view);
  const Model& model = opened.model;
  const std::string& key = opened.key;
  const Person person = person_of(request);
  std::int64_t before = 0;
  if (const auto text = request.query("before"))
    std::from_chars(text->data(), text->data() + text->size(), before);
  auto fn = [&](db::Tx& tx) {
    const db::Param param = key_param(model, key);
    History history{{}, label_of(tx, model, param), default_terms(site)};
    const auto of_row = history.label ? &conference::history_of_row : &conference::history_of;
    history.entries =
        of_row(tx, model.table->name(), key, entries_a_page + 1, std::max<std::int64_t>(before, 0));
    if (!history.label && history.entries.empty()) throw NotFound("no such row, and nothing recorded of it");
    if (!history.label) require(person, model, Right::view, history.entries[0].conference_id);
    history.more = history.entries.size() > static_cast<std::size_t>(entries_a_page);
    if (history.more) history.entries.resize(entries_a_page);
    history.oldest = history.entries.empty() ? 0 : history.entries.back().id;
    // Of a row that moved here, or whose number had another one: what happened elsewhere stays there.
    const Access access(person, model);
    std::erase_if(history.entries, [&](const conference::AuditEntry& entry) {
      return entry.conference_id && !access.may(Right::view, entry.conference_id);
    });
    history.terms = history.label ? terms_of_row(tx, site, model, param)
                                  : terms_of(tx, site, history.entries[0].conference_id);
    return history;
  };
  const History history = co_await read(site, request, fn);
  std::string label = history.label.value_or(history.entries.empty() ? "" : history.entries[0].object);
  if (label.empty()) label = "#" + key;
  std::vector<Value> entries;
  for (const conference::AuditEntry& entry : history.entries)
    entries.push_back(entry_value(request, &model, entry, history.terms));
  std::vector<Crumb> crumbs{crumb(request, model)};
  if (history.label) crumbs.push_back({label, change_url(model, key)});
  site::Page page(site, request, "admin/history.html");
  frame(page, site::tr(request, message("History of “{name}”"), {{"name", label}}), crumbs);
  page.set("entries", Value::list(std::move(entries)))
      .set("zone", history.terms.zone_name)
      .set("is_gone", !history.label)
      .set("older_url", history.more ? history_url(model, key) + "?before=" + std::to_string(history.oldest)
                                     : std::string())
      .set("newest_url", before > 0 ? history_url(model, key) : std::string());
  co_return std::move(page.html().personal());
}

}  // namespace plenary::admin
