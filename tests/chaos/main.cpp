// The kill tests: kill -9 and SIGTERM at random moments during a sale. See round.hpp for what a round does
// and tests/chaos/run.sh for how it is started. Ends with "N passed, N failed"; exit code 0: none failed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <random>

#include "client.hpp"
#include "round.hpp"

namespace {

std::atomic<bool> interrupted{false};

int run(int argc, char** argv) {
  plenary::chaos::Setup setup;
  int kills = 50, terms = 50, first_round = 1;
  std::uint64_t seed = std::random_device{}() % 1'000'000;
  CLI::App app("Kills and stops the server in the middle of a sale, again and again.");
  app.add_option("--plenary", setup.plenary, "The server's binary")->required()->check(CLI::ExistingFile);
  app.add_option("--recount", setup.recount, "bench/onsale/recount.sh")->required()->check(CLI::ExistingFile);
  app.add_option("--folder", setup.folder, "Where databases and logs go")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--postgres", setup.postgres, "Use this PostgreSQL instead of SQLite");
  app.add_option("--kills", kills, "Rounds with kill -9")
      ->capture_default_str()
      ->check(CLI::Range(0, 100'000));
  app.add_option("--terms", terms, "Rounds with SIGTERM")
      ->capture_default_str()
      ->check(CLI::Range(0, 100'000));
  app.add_option("--seed", seed, "Repeats a run");
  app.add_option("--first-round", first_round, "Skip the rounds before this one, to repeat one");
  app.add_option("--stock", setup.stock, "Tickets of a round")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--connections", setup.connections, "Buyers at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 5'000));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });

  const int rounds = kills + terms;
  fmt::print("chaos: {} rounds with kill -9, {} with SIGTERM; seed {} (--seed repeats it)\n", kills, terms,
             seed);
  prepare(setup);
  int passed = 0, failed = 0;
  const auto start = plenary::onsale::now_micros();
  for (int i = first_round; i <= rounds && !interrupted; ++i) {
    const int signal = i <= kills ? SIGKILL : SIGTERM;
    const char* name = signal == SIGKILL ? "kill -9" : "SIGTERM";
    plenary::chaos::RoundResult result;
    try {
      result = run_round(setup, i, signal, seed + static_cast<std::uint64_t>(i));
    } catch (const std::exception& error) {
      result.faults.emplace_back(error.what());
    }
    const double each =
        static_cast<double>(plenary::onsale::now_micros() - start) / 1e6 / (i - first_round + 1);
    const bool good = result.faults.empty();
    (good ? passed : failed) += 1;
    fmt::print(
        "  {} [{}/{}] {} after {} answers, {} orders told; {} requests sent again; {} sold in the end; "
        "{:.0f} s left\n",
        good ? "✓" : "✗", i, rounds, name, result.answers_before, result.told_before, result.in_flight,
        result.sold, each * (rounds - i));
    for (const auto& fault : result.faults) fmt::print("      {}\n", fault);
    if (!good && !result.folder.empty()) fmt::print("      kept: {}\n", result.folder.string());
    std::fflush(stdout);
  }
  fmt::print("{} passed, {} failed\n", passed, failed);
  return failed == 0 && passed > 0 && !interrupted ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "chaos: {}\n", error.what());
    return 1;
  }
}
