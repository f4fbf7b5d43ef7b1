// What `check` and `doctor` found, a line each: what it is about, how bad it is, and how to mend it; as text
// or as JSON for a monitor. One thread.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"

namespace plenary::cli {

class Findings {
 public:
  enum class Level { good, warning, problem };

  // Text is written as it is found; JSON at the end.
  explicit Findings(std::ostream& out, bool json = false) : out_(out), json_(json) {}

  void good(std::string_view subject, std::string_view text) { add(Level::good, subject, text); }
  void warning(std::string_view subject, std::string_view text) { add(Level::warning, subject, text); }
  void problem(std::string_view subject, std::string_view text) { add(Level::problem, subject, text); }

  // The last line, `when_good` without problems; the exit code.
  int close(std::string_view when_good);

 private:
  void add(Level level, std::string_view subject, std::string_view text);

  struct Finding {
    Level level;
    std::string subject, text;
  };
  std::ostream& out_;
  bool json_;
  std::vector<Finding> all_;
};

// Everything that `check` looks at. nullptr: the settings are wrong, and nothing else can be looked at.
// `online`: Stripe and Pretalx are asked as well.
const config::Settings* check_installation(Context& context, Findings& findings, bool online = false);

}  // namespace plenary::cli
