#include "admin/permissions.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "admin/model.hpp"
#include "base/errors.hpp"
#include "domain/accounts/permissions.hpp"
#include "site/text.hpp"

namespace plenary::admin {
namespace {

struct Verb {
  const char* name;
  const char* label;
};
constexpr std::array<Verb, 4> verbs{{{"view", message("{entity}: see")},
                                     {"add", message("{entity}: add")},
                                     {"change", message("{entity}: change")},
                                     {"delete", message("{entity}: delete")}}};

struct Known {
  std::vector<PermissionArea> areas;
  std::map<std::string, const KnownPermission*, std::less<>> by_id;

  Known() {
    for (const Area& area : admin::areas()) areas.push_back({area.name, area.title, {}});
    for (const accounts::Permission& page : accounts::page_permissions()) {
      const std::string name(page.id.substr(0, page.id.find('.')));
      of(name).permissions.push_back({std::string(page.id), std::string(page.label)});
    }
    for (const Area& area : admin::areas()) {
      PermissionArea& here = of(area.name);
      for (const Model* model : area.models) {
        for (const Verb& verb : verbs) {
          std::string id = entity_permission(*model, verb.name);
          // A page's that is called the same is the same.
          const bool is_there = std::any_of(here.permissions.begin(), here.permissions.end(),
                                            [&](const KnownPermission& known) { return known.id == id; });
          if (!is_there) here.permissions.push_back({std::move(id), verb.label, model});
        }
      }
    }
    std::erase_if(areas, [](const PermissionArea& area) { return area.permissions.empty(); });
    for (const PermissionArea& area : areas) {
      for (const KnownPermission& known : area.permissions) by_id.emplace(known.id, &known);
    }
  }

 private:
  PermissionArea& of(const std::string& name) {
    const auto found =
        std::find_if(areas.begin(), areas.end(), [&](const PermissionArea& a) { return a.name == name; });
    return found == areas.end() ? areas.emplace_back(PermissionArea{name, name, {}}) : *found;
  }
};

const Known& known() {
  static const Known all;
  return all;
}

}  // namespace

const std::vector<PermissionArea>& permission_areas() {
  return known().areas;
}

bool is_known(std::string_view id) {
  return known().by_id.contains(id);
}

std::string permission_label(const web::Request& request, std::string_view id) {
  const auto found = known().by_id.find(id);
  if (found == known().by_id.end()) return std::string(id);
  const KnownPermission& permission = *found->second;
  if (!permission.model) return site::tr(request, permission.label);
  return site::tr(request, permission.label, {{"entity", site::tr(request, permission.model->many())}});
}

std::string entity_permission(const Model& model, std::string_view verb) {
  return model.area + "." + std::string(verb) + "_" + model.name;
}

}  // namespace plenary::admin
