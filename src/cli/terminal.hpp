// What a command shows a person at a terminal, and nobody else: colours and a progress bar. One thread.
// source: design 6 ("Progress"); the conventions of NO_COLOR and isatty.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>

#include "base/time.hpp"
#include "cli/commands.hpp"

namespace CLI {
class App;
}

namespace plenary::cli {

// --color auto|always|never.
void add_color_option(CLI::App& command, std::string& value);
// auto: standard output is a terminal that is not "dumb", and NO_COLOR is not set.
bool use_color(const Context& context, const std::string& option);

// A bar with rate and time left, from the second second on; nothing where standard error is no terminal.
class Progress {
 public:
  Progress(Context& context, std::string things);
  // For tests: the time elapsed comes from `elapsed`.
  Progress(std::ostream& out, std::string things, std::function<Duration()> elapsed);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::size_t done, std::size_t total);
  void finish();  // takes the bar away

 private:
  std::ostream* out_;  // null: shows nothing
  std::string things_;
  std::function<Duration()> elapsed_;
  Duration next_ = Duration::seconds(1);
  bool drawn_ = false;
};

}  // namespace plenary::cli
