// The first page: subjects with their entities and what was changed lately; one subject's page. Staff without
// a role hear who can give them one.
#include <algorithm>
#include <utility>

#include "admin/access.hpp"
#include "admin/desk.hpp"
#include "admin/list_query.hpp"
#include "admin/pages.hpp"
#include "base/errors.hpp"
#include "domain/accounts/users.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"

namespace plenary::admin {
namespace {

using templating::Value;

constexpr std::int64_t shown_changes = 10, shown_granters = 20;

Value changes_value(const web::Request& request, const std::vector<conference::AuditEntry>& entries,
                    bool with_actor) {
  const Person person = person_of(request);
  const db::Column& action = *conference::audit_entry_table().find_column("action");
  std::vector<Value> list;
  for (const conference::AuditEntry& entry : entries) {
    const Model* model = model_of_table(entry.entity);
    const bool is_gone = entry.action == conference::AuditAction::remove;
    const db::Choice& choice = action.choices[static_cast<std::size_t>(entry.action)];
    const bool may_open = model && !is_gone && Access(person, *model).may(Right::view, entry.conference_id);
    list.push_back(Value::dict({{"kind", Value(choice.value)},
                                {"action", Value(choice_label(request, choice))},
                                {"object", Value(entry.object.empty() ? entry.object_id : entry.object)},
                                {"entity", Value(entity_words(request, entry.entity))},
                                {"url", may_open ? Value(change_url(*model, entry.object_id)) : Value()},
                                {"actor", with_actor ? Value(entry.actor) : Value()},
                                {"at", Value(entry.created_at)}}));
  }
  return Value::list(std::move(list));
}

struct Recent {
  std::vector<conference::AuditEntry> own, all;
};

Task<web::Response> tell_who_gives_roles(Site& site, web::Request& request) {
  auto fn = [](db::Tx& tx) { return accounts::superuser_names(tx, shown_granters); };
  const std::vector<std::string> names = co_await read(site, request, fn);
  site::Page page(site, request, "admin/index.html");
  const std::string title = site::tr(request, message("Plenary administration"));
  frame(page, title);
  std::vector<Value> granters;
  for (const std::string& name : names) granters.push_back(Value::borrowed(name));
  page.set("no_role", true).set("granters", Value::list(std::move(granters)));
  co_return std::move(page.html().personal());
}

}  // namespace

Task<web::Response> show_index(Site& site, web::Request& request) {
  const accounts::FoundSession session = request.context<site::Visit>().session.value();
  const Person person = person_of(request);
  if (request.context<site::Visit>().needs_factor)
    co_return web::Response::redirect(site.router->url("accounts:factor", {}) +
                                      "?next=" + web::percent_encode(request.target()));
  if (!person.rights.any_role()) {
    // The staff flag alone opens nothing.
    if (!session.is_staff) throw NotFound("the administration is for staff");
    co_return co_await tell_who_gives_roles(site, request);
  }
  const Model* record = model_of_table("audit_entry");
  const bool sees_all = record && Access(person, *record).somewhere(Right::view);
  auto fn = [&](db::Tx& tx) {
    Recent recent{conference::newest_changes(tx, session.user_id.value(), shown_changes), {}};
    // Of a conference that one has left, not even what one did there.
    std::erase_if(recent.own, [&](const conference::AuditEntry& entry) {
      return entry.conference_id && !person.rights.any_role_in(*entry.conference_id);
    });
    if (person.rights.is_superuser()) {
      recent.all = conference::newest_changes(tx, std::nullopt, shown_changes);
    } else if (sees_all) {
      ListState everything;
      const ListQuery query = make_query(tx, person, *record, everything);
      for (const std::string& key : matching(tx, query, 0, shown_changes).keys) {
        if (auto entry = conference::find_entry(tx, static_cast<std::int64_t>(std::stoll(key))))
          recent.all.push_back(std::move(*entry));
      }
    }
    return recent;
  };
  const Recent recent = co_await read(site, request, fn);
  site::Page page(site, request, "admin/index.html");
  const std::string title = site::tr(request, message("Plenary administration"));
  frame(page, title);
  page.set("own_changes", changes_value(request, recent.own, false))
      .set("all_changes", changes_value(request, recent.all, true))
      .set("sees_all", sees_all)
      .set("changes_url", sees_all ? Value(list_url(*record)) : Value());
  co_return std::move(page.html().personal());
}

Task<web::Response> show_area(Site& site, web::Request& request) {
  const std::string_view name = request.param("area");
  const Person person = person_of(request);
  for (const Area& area : areas()) {
    if (area.name != name || area.models.empty()) continue;
    const bool sees_any = std::any_of(area.models.begin(), area.models.end(), [&](const Model* model) {
      return Access(person, *model).somewhere(Right::view);
    });
    if (!sees_any) forbid();
    site::Page page(site, request, "admin/area.html");
    frame(page, site::tr(request, area.title));
    co_return std::move(page.html().personal());
  }
  throw NotFound("the admin has no subject " + std::string(name));
}

}  // namespace plenary::admin
