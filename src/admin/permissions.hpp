// Every permission there is: those of pages (domain/accounts/permissions.hpp), and four for each entity of
// the data admin, "program_registration.change_voucher". For the page of a group, and for commands that must
// know which codes mean something. Constant after the first use, any thread. source: configuration 10, 5
// and 8.1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "web/request.hpp"

namespace plenary::admin {

struct Model;

struct KnownPermission {
  std::string id;
  std::string label;             // English; of an entity with {entity}
  const Model* model = nullptr;  // of an entity's
};
struct PermissionArea {
  std::string name, title;  // "program_registration", "Registration" (English)
  std::vector<KnownPermission> permissions;
};

// Areas in the order of the index; pages first, then entities.
const std::vector<PermissionArea>& permission_areas();
bool is_known(std::string_view id);
// For people; the id itself where nobody knows it.
std::string permission_label(const web::Request& request, std::string_view id);

// "program_registration.change_voucher"; `verb`: view, add, change, delete.
std::string entity_permission(const Model& model, std::string_view verb);

}  // namespace plenary::admin
