// What processes used, read from /proc: processor time and resident memory. Figures of a process that is gone
// are zero.
#pragma once

#include <cstdint>
#include <vector>

namespace plenary::onsale {

struct ProcessFigures {
  double cpu_seconds = 0;        // user and system
  std::int64_t resident_kb = 0;  // now
  std::int64_t peak_kb = 0;      // the most it ever was
};

ProcessFigures process_figures(int pid);
// Sums over several; one process at least must exist for anything but zero.
ProcessFigures process_figures(const std::vector<int>& pids);
// Processor seconds of the whole machine so far: busy, and all.
struct MachineFigures {
  double busy_seconds = 0, all_seconds = 0;
};
MachineFigures machine_figures();

}  // namespace plenary::onsale
