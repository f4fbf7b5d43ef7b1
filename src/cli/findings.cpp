#include "cli/findings.hpp"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace plenary::cli {
namespace {

const char* word(Findings::Level level) {
  if (level == Findings::Level::good) return "ok";
  return level == Findings::Level::warning ? "warning" : "PROBLEM";
}

std::string counted(long count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

void Findings::add(Level level, std::string_view subject, std::string_view text) {
  all_.push_back({level, std::string(subject), std::string(text)});
  if (json_) return;
  // Several lines stay readable: those after the first are indented below it.
  std::string indented;
  for (const char c : text)
    indented += c == '\n' ? std::string("\n                     ") : std::string(1, c);
  out_ << fmt::format("{:<8} {:<11} {}\n", word(level), subject, indented);
}

int Findings::close(std::string_view when_good) {
  const auto count = [&](Level level) {
    return static_cast<long>(
        std::count_if(all_.begin(), all_.end(), [&](const Finding& one) { return one.level == level; }));
  };
  const long problems = count(Level::problem), warnings = count(Level::warning);
  if (json_) {
    nlohmann::json list = nlohmann::json::array();
    for (const Finding& one : all_)
      list.push_back({{"level", one.level == Level::problem ? "problem" : word(one.level)},
                      {"subject", one.subject},
                      {"text", one.text}});
    const nlohmann::json answer{{"problems", problems}, {"warnings", warnings}, {"findings", list}};
    out_ << answer.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else if (problems > 0) {
    out_ << fmt::format("\n{} to mend, {}.\n", counted(problems, "problem"), counted(warnings, "warning"));
  } else {
    out_ << fmt::format("\n{}{}.\n", when_good,
                        warnings > 0 ? ", with " + counted(warnings, "warning") : std::string());
  }
  return problems > 0 ? refused : done;
}

}  // namespace plenary::cli
