#include "process_figures.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace plenary::onsale {

ProcessFigures process_figures(int pid) {
  ProcessFigures figures;
  const std::string folder = "/proc/" + std::to_string(pid);
  std::ifstream stat(folder + "/stat");
  std::string line;
  if (std::getline(stat, line)) {
    // The name stands in brackets and may hold blanks: fields are counted behind it.
    std::istringstream rest(line.substr(line.rfind(')') + 2));
    std::string field;
    for (int i = 3; i < 14 && rest >> field; ++i) {
    }
    std::int64_t user = 0, system = 0;
    rest >> user >> system;
    figures.cpu_seconds = static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  std::ifstream status(folder + "/status");
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS:")) figures.resident_kb = std::stoll(line.substr(6));
    if (line.starts_with("VmHWM:")) figures.peak_kb = std::stoll(line.substr(6));
  }
  return figures;
}

ProcessFigures process_figures(const std::vector<int>& pids) {
  ProcessFigures sum;
  for (int pid : pids) {
    const auto one = process_figures(pid);
    sum.cpu_seconds += one.cpu_seconds;
    sum.resident_kb += one.resident_kb;
    sum.peak_kb += one.peak_kb;
  }
  return sum;
}

MachineFigures machine_figures() {
  MachineFigures figures;
  std::ifstream stat("/proc/stat");
  std::string cpu;
  stat >> cpu;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::int64_t value = 0;
  for (int i = 0; i < 8 && stat >> value; ++i) {
    const double seconds = static_cast<double>(value) / ticks;
    figures.all_seconds += seconds;
    if (i != 3 && i != 4) figures.busy_seconds += seconds;  // neither idle nor waiting for a disk
  }
  return figures;
}

}  // namespace plenary::onsale
