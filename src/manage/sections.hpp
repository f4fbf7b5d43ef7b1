// The table of the side bar: every entry in its section, in the order of the page, one line each. A new page
// is a line in sections.cpp and its routes; an entry whose page is not built (nor has a list in the data
// admin) shows nowhere. Constant after start, any thread. source: dashboard 70, 3.2.
#pragma once

#include <string_view>
#include <vector>

#include "manage/visibility.hpp"

namespace plenary::manage {

struct Entry {
  const char* label;
  Key key;                      // who sees it
  std::string_view route;       // without "manage:"; its guard's features are asked too
  std::string_view admin;       // area and entity of the data admin that has the same rows; empty: none
  std::string_view active;      // what its pages hand to frame()
  std::string_view needs = {};  // a permission beside `key`: "change_registration"
  bool needs_everything = false;
};
struct Section {
  std::string_view name;  // what browsers remember its state by
  const char* title;      // null: the conference's name
  std::vector<Entry> entries;
};

const std::vector<Section>& sections();

}  // namespace plenary::manage
