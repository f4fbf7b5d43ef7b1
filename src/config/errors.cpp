#include "config/errors.hpp"

#include <algorithm>
#include <utility>

namespace plenary::config {
namespace {

// More would help nobody; problems() holds them all.
constexpr std::size_t max_printed = 100;

std::string joined(const std::vector<Problem>& problems) {
  std::string text;
  for (std::size_t i = 0; i < problems.size() && i < max_printed; ++i) {
    if (i != 0) text.push_back('\n');
    text.append(problems[i].message());
  }
  if (problems.size() > max_printed) {
    text.append("\nand " + std::to_string(problems.size() - max_printed) + " more problems");
  }
  return text;
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

}  // namespace

std::string_view to_string(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::value:
      return "value";
    case ProblemKind::type:
      return "type";
    case ProblemKind::file:
      return "file";
  }
  return "";
}

std::string Problem::message() const {
  std::string text = file;
  if (place.line != 0) text.append(":" + std::to_string(place.line) + ":" + std::to_string(place.column));
  text.append(": ");
  const std::size_t bracket = item.empty() ? std::string::npos : path.rfind(']');
  if (bracket != std::string::npos) {
    text.append(path, 0, bracket + 1).append(" (\"" + item + "\"): ");
    if (path.size() > bracket + 2) text.append(path, bracket + 2).append(": ");
  } else if (!path.empty()) {
    text.append(path).append(": ");
  }
  std::string separator;
  const auto part = [&](const std::string& words) {
    text.append(separator).append(words);
    separator = "; ";
  };
  const bool says_itself = starts_with(found, "no valid") || starts_with(found, "missing") ||
                           starts_with(found, "unknown") || kind == ProblemKind::file;
  if (!found.empty()) part(says_itself ? found : "found " + found);
  if (!allowed.empty()) part("allowed: " + allowed);
  if (!nearest.empty()) part("did you mean \"" + nearest + "\"?");
  if (!advice.empty()) part(advice);
  return text;
}

ConfigError::ConfigError(std::vector<Problem> problems)
    : problems_(std::move(problems)), message_(joined(problems_)) {}

void throw_problems(std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.place < b.place; });
  const auto only = [&](ProblemKind kind) {
    return std::all_of(problems.begin(), problems.end(), [kind](const Problem& p) { return p.kind == kind; });
  };
  if (only(ProblemKind::value)) throw ConfigValueError(std::move(problems));
  if (only(ProblemKind::type)) throw ConfigTypeError(std::move(problems));
  if (only(ProblemKind::file)) throw ConfigFileError(std::move(problems));
  throw ConfigError(std::move(problems));
}

}  // namespace plenary::config
