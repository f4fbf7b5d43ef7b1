// What is different between two texts, line by line: for the page that shows how an edited mail differs from
// the shipped one. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenary::mail {

struct DiffLine {
  enum class Kind { same, removed, added } kind = Kind::same;
  std::string text;
};

// The shortest way from one to the other; texts of more than 2,000 lines are told as all removed and all
// added.
std::vector<DiffLine> text_diff(std::string_view before, std::string_view after);

}  // namespace plenary::mail
