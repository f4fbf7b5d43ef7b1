// Named character references: &eacute; and the like. No state; any thread.
#pragma once

#include <string_view>

namespace plenary::templating::html {

struct Entity {
  std::string_view name;
  char32_t code_point;
  bool without_semicolon;  // browsers accept it without the semicolon
};
// By name without & and ;. Null when it is not known.
const Entity* find_entity(std::string_view name);

}  // namespace plenary::templating::html
