#include "report.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

namespace plenary::onsale {
namespace {

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double millis(std::uint64_t micros) {
  return static_cast<double>(micros) / 1000;
}

}  // namespace

Meter::Meter(std::vector<int> server_pids) : server_pids_(std::move(server_pids)) {}

void Meter::start() {
  server_ = process_figures(server_pids_);
  generator_ = own_cpu_seconds();
  machine_ = machine_figures();
  started_ = now_micros();
}

Usage Meter::stop() const {
  Usage usage;
  usage.seconds = static_cast<double>(now_micros() - started_) / 1e6;
  const auto server = process_figures(server_pids_);
  usage.server_cpu = server.cpu_seconds - server_.cpu_seconds;
  usage.server_resident_kb = server.resident_kb;
  usage.server_peak_kb = server.peak_kb;
  usage.generator_cpu = own_cpu_seconds() - generator_;
  usage.generator_peak_kb = process_figures(getpid()).peak_kb;
  const auto machine = machine_figures();
  usage.machine_busy = machine.busy_seconds - machine_.busy_seconds;
  usage.machine_all = machine.all_seconds - machine_.all_seconds;
  return usage;
}

void print_line(std::string_view what, std::string_view figure, std::string_view budget, int met) {
  fmt::print("  {:<34}{:<34}{}{}\n", what, figure, budget, met < 0 ? "" : (met > 0 ? "  met" : "  MISSED"));
}

void print_steps(const Tally& tally) {
  fmt::print("  {:<14}{:>9}{:>10}{:>10}{:>10}   milliseconds\n", "step", "answers", "p50", "p99", "max");
  for (std::size_t i = 0; i < steps; ++i) {
    const auto& latency = tally.latency[i];
    if (latency.count() == 0) continue;
    fmt::print("  {:<14}{:>9}{:>10.2f}{:>10.2f}{:>10.2f}\n", to_text(static_cast<Step>(i)), latency.count(),
               millis(latency.quantile(0.5)), millis(latency.quantile(0.99)), millis(latency.max()));
  }
}

void print_usage(const Usage& usage, std::uint64_t requests, const Budgets& budgets) {
  const auto n = static_cast<double>(requests > 0 ? requests : 1);
  if (usage.server_peak_kb > 0) {
    print_line("server processor time",
               fmt::format("{:.2f} s, {:.0f} µs a request", usage.server_cpu, usage.server_cpu / n * 1e6));
    const double peak = static_cast<double>(usage.server_peak_kb) / 1024;
    print_line(
        "server memory, peak",
        fmt::format("{:.0f} MB (now {:.0f} MB)", peak, static_cast<double>(usage.server_resident_kb) / 1024),
        fmt::format("budget {:.0f} MB", budgets.memory), peak <= budgets.memory);
  }
  print_line("generator processor time",
             fmt::format("{:.2f} s, {:.1f} µs a request", usage.generator_cpu, usage.generator_cpu / n * 1e6),
             "budget 15 µs", usage.generator_cpu / n * 1e6 <= 15);
  print_line("generator memory, peak",
             fmt::format("{:.0f} MB", static_cast<double>(usage.generator_peak_kb) / 1024));
  print_line(
      "machine busy",
      fmt::format("{:.0f} %", usage.machine_all > 0 ? usage.machine_busy / usage.machine_all * 100 : 0));
}

void print_prober(const Prober& prober, const Budgets& budgets) {
  const auto& latency = prober.latency();
  if (latency.count() == 0) return;
  const double p99 = millis(latency.quantile(0.99));
  print_line("ticket page by the prober, p50",
             fmt::format("{:.2f} ms of {} probes", millis(latency.quantile(0.5)), latency.count()));
  print_line("ticket page by the prober, p99", fmt::format("{:.2f} ms", p99),
             fmt::format("budget {:.0f} ms", budgets.page_p99), p99 <= budgets.page_p99);
  print_line("ticket page by the prober, max", fmt::format("{:.2f} ms", millis(latency.max())));
  if (prober.failed() > 0) print_line("probes without a page", fmt::format("{}", prober.failed()));
}

void print_complaints(const Tally& tally) {
  for (const auto& complaint : tally.complaints) fmt::print("  found at {}\n", complaint);
}

}  // namespace plenary::onsale
