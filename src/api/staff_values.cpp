#include "api/staff_values.hpp"

#include <algorithm>
#include <charconv>

namespace plenary::api {

namespace reg = registration;

std::int64_t after_id(const Call& call) {
  const Json* after = call.asked("after");
  if (!after) return 0;
  const std::string& text = after->text();
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id < 0)
    throw invalid({{"?after", "format", "Use the Link of the page before."}});
  return id;
}

Shape page_shape(const std::string& name, const std::string& list, Shape item) {
  return Shape::object(name, {required(list, Shape::list(std::move(item)))});
}

void refresh_catalogue(Call& call, db::Tx& tx) {
  const auto state = conference::find_state(tx, call.conference_id());
  call.catalogue = call.parts.shop.catalogues.at(tx, call.conference_id(), state->catalogue_version);
}

std::vector<Field> scope_fields() {
  return {optional("ticket_types", Shape::list(Shape::text(), 1'000), "Slugs, of a scope of selected ones."),
          optional("addons", Shape::list(Shape::text(), 1'000), "Slugs, of a scope of selected ones.")};
}

Json ticket_type_slugs(const reg::Catalogue& catalogue, const std::vector<reg::Id>& ids) {
  Json list = Json::list();
  for (const reg::Id id : ids)
    if (const reg::TicketType* type = catalogue.ticket_type(id)) list.push(type->slug);
  return list;
}

void add_scopes(Json& object, const reg::Catalogue& catalogue, const reg::ScopedProducts& products) {
  object.set("ticket_types", ticket_type_slugs(catalogue, products.ticket_types));
  Json addons = Json::list();
  for (const reg::Id id : products.addons)
    if (const reg::AddOn* addon = catalogue.addon(id)) addons.push(addon->slug);
  object.set("addons", std::move(addons));
}

std::vector<reg::Id> ticket_types_of(const Call& call, const Json& slugs, const std::string& pointer,
                                     Faults& faults) {
  std::vector<reg::Id> ids;
  for (std::size_t i = 0; i < slugs.items().size(); ++i) {
    if (const reg::TicketType* type = call.catalogue->ticket_type(slugs.items()[i].text()))
      ids.push_back(type->id);
    else
      faults.push_back({pointer_to(pointer, i), "no_such", "There is no ticket type of this slug."});
  }
  return ids;
}

reg::ScopedProducts scopes_of(const Call& call, reg::ScopedProducts products, reg::Scope& ticket_scope,
                              reg::Scope& addon_scope, Faults& faults) {
  if (const Json* slugs = call.body.find("ticket_types")) {
    products.ticket_types = ticket_types_of(call, *slugs, "/ticket_types", faults);
    if (!call.body.has("ticket_scope") && !slugs->items().empty()) ticket_scope = reg::Scope::selected;
  }
  if (const Json* slugs = call.body.find("addons")) {
    products.addons.clear();
    for (std::size_t i = 0; i < slugs->items().size(); ++i) {
      if (const reg::AddOn* addon = call.catalogue->addon(slugs->items()[i].text()))
        products.addons.push_back(addon->id);
      else
        faults.push_back({pointer_to("/addons", i), "no_such", "There is no add-on of this slug."});
    }
    if (!call.body.has("addon_scope") && !slugs->items().empty()) addon_scope = reg::Scope::selected;
  }
  return products;
}

Field version_field() {
  return optional("version", Shape::integer(1, INT64_MAX), "As it was read; another one refuses.");
}

void require_version(const Call& call, std::int64_t version) {
  const Json* asked = call.body.find("version");
  if (asked && asked->integer() != version)
    throw Problem(409, "changed_meanwhile", "Somebody else changed it meanwhile: read it again.",
                  {{"/version", "changed_meanwhile", "Its version is another one now."}});
}

void record(const Call& call, db::Tx& tx, conference::AuditAction action, const Recorded& object,
            const std::vector<conference::AuditChange>& changes) {
  if (action == conference::AuditAction::change && changes.empty()) return;
  conference::AuditObject recorded;
  recorded.conference_id = call.conference_id();
  recorded.entity = object.entity;
  recorded.id = std::to_string(object.id);
  recorded.name = object.name;
  recorded.version = object.version;
  conference::record(tx, call.actor(), action, recorded, changes);
}

bool same_ids(std::vector<reg::Id> a, std::vector<reg::Id> b) {
  for (std::vector<reg::Id>* ids : {&a, &b}) {
    std::sort(ids->begin(), ids->end());
    ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
  }
  return a == b;
}

void add_set_change(std::vector<conference::AuditChange>& changes, const char* field, const char* label,
                    const Json& before, const Json& after) {
  const auto names = [](const Json& list) {
    std::string text;
    for (const Json& item : list.items()) {
      if (!text.empty()) text += ", ";
      text += item.is_text() ? item.text() : item.dump();
    }
    return text;
  };
  const std::string old_text = names(before), new_text = names(after);
  if (old_text == new_text) return;
  changes.push_back({field, label, old_text, new_text});
}

}  // namespace plenary::api
