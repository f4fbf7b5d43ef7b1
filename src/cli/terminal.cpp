#include "cli/terminal.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace plenary::cli {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

bool is_dumb() {
  const char* term = std::getenv("TERM");
  return term && std::string_view(term) == "dumb";
}

std::string time_text(std::int64_t seconds) {
  return seconds < 60 ? fmt::format("{} s", seconds)
                      : fmt::format("{}:{:02} min", seconds / 60, seconds % 60);
}

}  // namespace

void add_color_option(CLI::App& command, std::string& value) {
  command.add_option("--color", value, "auto: on a terminal, unless NO_COLOR is set")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
}

bool use_color(const Context& context, const std::string& option) {
  if (option != "auto") return option == "always";
  return &context.out == &std::cout && ::isatty(STDOUT_FILENO) && !is_set("NO_COLOR") && !is_dumb();
}

Progress::Progress(Context& context, std::string things)
    : out_(&context.err == &std::cerr && ::isatty(STDERR_FILENO) && !is_dumb() ? &context.err : nullptr),
      things_(std::move(things)),
      elapsed_([begin = std::chrono::steady_clock::now()] {
        const auto passed = std::chrono::steady_clock::now() - begin;
        return Duration{std::chrono::duration_cast<std::chrono::microseconds>(passed).count()};
      }) {}

Progress::Progress(std::ostream& out, std::string things, std::function<Duration()> elapsed)
    : out_(&out), things_(std::move(things)), elapsed_(std::move(elapsed)) {}

void Progress::show(std::size_t done, std::size_t total) {
  if (!out_ || total == 0 || done == 0) return;
  const Duration passed = elapsed_();
  if (passed < next_) return;
  next_ = Duration{passed.micros + 100'000};
  const double seconds = static_cast<double>(passed.micros) / 1e6;
  const double rate = static_cast<double>(done) / seconds;
  const auto left = static_cast<std::int64_t>(static_cast<double>(total - done) / rate + 0.5);
  constexpr std::size_t width = 30;
  const std::size_t full = width * done / total;
  *out_ << fmt::format("\r\x1b[K[{}{}] {} of {} {}, {:.0f}/s, {} left", std::string(full, '#'),
                       std::string(width - full, '.'), done, total, things_, rate, time_text(left))
        << std::flush;
  drawn_ = true;
}

void Progress::finish() {
  if (drawn_) *out_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace plenary::cli
