// What the benchmark prints: each figure beside its budget. Budgets are shown, they decide nothing: the exit
// code is about correctness alone.
#pragma once

#include <string_view>

#include "buyer.hpp"
#include "page_load.hpp"
#include "prober.hpp"
#include "process_figures.hpp"

namespace plenary::onsale {

// What was used between two moments, and what is resident.
struct Usage {
  double seconds = 0, server_cpu = 0, generator_cpu = 0, machine_busy = 0, machine_all = 0;
  std::int64_t server_resident_kb = 0, server_peak_kb = 0, generator_peak_kb = 0;
};

class Meter {
 public:
  explicit Meter(std::vector<int> server_pids);
  void start();
  Usage stop() const;

 private:
  std::vector<int> server_pids_;
  ProcessFigures server_;
  double generator_ = 0;
  MachineFigures machine_;
  std::int64_t started_ = 0;
};

struct Budgets {
  double journeys = 2000;     // a second
  double sell_out = 3;        // seconds
  double page_p99 = 50;       // milliseconds, while the sale runs
  double page_rate = 20'000;  // a second of one server core
  double memory = 150;        // MB resident, all server processes together
};

void print_line(std::string_view what, std::string_view figure, std::string_view budget = {}, int met = -1);
void print_steps(const Tally& tally);
void print_usage(const Usage& usage, std::uint64_t requests, const Budgets& budgets);
void print_prober(const Prober& prober, const Budgets& budgets);
void print_complaints(const Tally& tally);

}  // namespace plenary::onsale
