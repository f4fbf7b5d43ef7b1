// bench/onsale: the sale at full speed, against a running server. Three modes:
//   sale (default)   more buyers than tickets; then the clock passes the expiry and what came back is sold
//   --journeys N     N buyers who all buy, with enough tickets: complete durable journeys a second
//   --page SECONDS   the ticket page and the fixed page /healthz alone
// Exit code 0: what the server said to buyers adds up; 1: it does not; 2: usage. bench/onsale/run.sh starts
// everything and recounts the rows with the databases' own clients.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "buyer.hpp"
#include "page_load.hpp"
#include "prober.hpp"
#include "report.hpp"

namespace plenary::onsale {
namespace {

struct Options {
  std::vector<std::string> urls{"http://127.0.0.1:8000"};
  std::vector<int> server_pids;
  SaleOptions sale;
  Budgets budgets;
  std::int64_t stock = 2500, late_buyers = 1000, journeys = 0;
  double page_seconds = 0;
  int probe_rate = 200, page_connections = 64;
  std::string clock_file, told_file, between;
  std::int64_t clock_offset = 2 * 3600;
};

// One line on a terminal while a load runs.
class Progress {
 public:
  Progress(std::string_view what, std::int64_t goal)
      : what_(what), goal_(goal), shown_(isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (shown_) fmt::print(stderr, "\r\033[K");
  }
  void show(std::int64_t done) {
    const auto now = now_micros();
    if (!shown_ || now < next_) return;
    next_ = now + 250'000;
    const double seconds = static_cast<double>(now - started_) / 1e6;
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    fmt::print(stderr, "\r\033[K{}: {} of {}, {:.0f}/s, {:.0f} s left", what_, done, goal_, rate,
               rate > 0 ? static_cast<double>(goal_ - done) / rate : 0);
  }

 private:
  std::string_view what_;
  std::int64_t goal_, started_ = now_micros(), next_ = 0;
  bool shown_;
};

void run_until_idle(Loop& loop, Sale& sale, std::string_view what) {
  Progress progress(what, sale.options().buyers);
  sale.begin();
  while (!sale.idle()) {
    if (!loop.run_once(1'000'000) && now_micros() - sale.tally().last_answer_at > 30'000'000) {
      throw std::runtime_error("the server has answered nothing for 30 s");
    }
    progress.show(sale.tally().begun);
  }
}

void wait_until_connected(Loop& loop, Sale& sale) {
  sale.connect();
  while (loop.run_once(20'000)) {
  }
}

void write_told(const std::string& file, const Sale& sale) {
  if (file.empty()) return;
  std::ofstream out(file);
  for (const auto& told : sale.told())
    out << told.reference << '\t' << (told.paid ? "paid" : "ordered") << '\t' << told.path << '\n';
  if (!out.flush()) throw std::runtime_error(file + ": cannot be written");
}

double seconds_between(std::int64_t from, std::int64_t to) {
  return static_cast<double>(to - from) / 1e6;
}

int verdict(const std::vector<std::string>& wrong) {
  for (const auto& line : wrong) fmt::print("  WRONG: {}\n", line);
  if (wrong.empty()) fmt::print("  what the buyers were told adds up\n");
  return wrong.empty() ? 0 : 1;
}

void common_faults(const Tally& tally, std::vector<std::string>& wrong) {
  if (tally.failed > 0) wrong.push_back(fmt::format("{} buyers met an answer nobody expects", tally.failed));
  if (tally.repeats_wrong > 0)
    wrong.push_back(fmt::format("{} of {} repeated posts did not show the first result", tally.repeats_wrong,
                                tally.repeats));
}

int run_sale(const Options& options, const std::vector<Endpoint>& endpoints) {
  Loop loop;
  auto sale_options = options.sale;
  sale_options.buyers = std::max<std::int64_t>(options.sale.buyers - options.late_buyers, 0);
  Sale sale(loop, endpoints, sale_options);
  wait_until_connected(loop, sale);
  const std::string page = "/" + options.sale.conference + "/register/";
  Prober prober(endpoints, page, options.probe_rate > 0 ? options.probe_rate : 1);
  Meter meter(options.server_pids);
  meter.start();
  if (options.probe_rate > 0) prober.start();
  run_until_idle(loop, sale, "sale");
  const auto usage = meter.stop();
  prober.stop();

  const Tally first = sale.tally();
  const double seconds = seconds_between(first.first_request_at, first.last_answer_at);
  const double until_paid = seconds_between(first.first_request_at, first.last_paid_at);
  fmt::print("sale: {} buyers, {} at a time, {} tickets\n", first.begun, options.sale.connections,
             options.stock);
  if (first.paid > 0) {
    print_line("all tickets taken after",
               fmt::format("{:.2f} s", seconds_between(first.first_request_at, first.last_added_at)));
    print_line("sold out, the last one paid after", fmt::format("{:.2f} s ({} sold)", until_paid, first.paid),
               fmt::format("budget {:.0f} s", options.budgets.sell_out),
               until_paid <= options.budgets.sell_out);
    print_line("journeys meanwhile",
               fmt::format("{:.0f}/s", static_cast<double>(first.completed) / until_paid));
  }
  print_line("requests", fmt::format("{:.0f}/s ({} in {:.2f} s)",
                                     static_cast<double>(first.requests) / seconds, first.requests, seconds));
  print_line("gave up", fmt::format("{} with a cart, {} before paying", first.left_cart, first.left_unpaid));
  print_line("turned away", fmt::format("{}", first.sold_out));
  print_line("posts sent twice", fmt::format("{}", first.repeats));
  print_prober(prober, options.budgets);
  print_usage(usage, first.requests, options.budgets);
  print_steps(first);

  std::vector<std::string> wrong;
  if (first.sold_out == 0) {
    wrong.push_back("nobody was turned away: too few buyers for the stock, or no end to it");
  } else if (first.added != options.stock) {
    wrong.push_back(fmt::format("{} tickets were promised, of {} in stock", first.added, options.stock));
  }
  write_told(options.told_file, sale);
  std::fflush(stdout);
  if (!options.between.empty() && std::system(options.between.c_str()) != 0)
    wrong.push_back("the recount at sell-out failed");

  if (!options.clock_file.empty() && options.late_buyers > 0 && first.sold_out > 0) {
    std::ofstream clock(options.clock_file);
    clock << '+' << options.clock_offset << '\n';
    clock.close();
    const auto returned = first.left_cart + first.left_unpaid;
    sale.options().abandon_percent = 0;
    // The server may look at its clock file only now and then: a few buyers knock until somebody is let in.
    for (int tries = 0; tries < 100 && sale.tally().added == first.added; ++tries) {
      usleep(50'000);
      sale.allow_more(1);
      run_until_idle(loop, sale, "waiting for the clock");
    }
    sale.allow_more(options.late_buyers);
    run_until_idle(loop, sale, "returned tickets");
    const auto& all = sale.tally();
    fmt::print("after the expiry of {} held tickets\n", returned);
    print_line("sold from what came back", fmt::format("{}", all.paid - first.paid));
    print_line("sold in all", fmt::format("{} of {}", all.paid, options.stock));
    if (all.paid != options.stock)
      wrong.push_back(fmt::format("{} sold in the end, of {} in stock", all.paid, options.stock));
    write_told(options.told_file, sale);
  }
  common_faults(sale.tally(), wrong);
  print_complaints(sale.tally());
  return verdict(wrong);
}

int run_journeys(const Options& options, const std::vector<Endpoint>& endpoints) {
  Loop loop;
  auto sale_options = options.sale;
  sale_options.buyers = options.journeys;
  Sale sale(loop, endpoints, sale_options);
  wait_until_connected(loop, sale);
  Meter meter(options.server_pids);
  meter.start();
  run_until_idle(loop, sale, "journeys");
  const auto usage = meter.stop();
  const auto& tally = sale.tally();
  const double seconds = seconds_between(tally.first_request_at, tally.last_answer_at);
  const double rate = static_cast<double>(tally.completed) / seconds;
  fmt::print("journeys: {}, {} at a time\n", tally.begun, options.sale.connections);
  print_line("complete durable journeys",
             fmt::format("{:.0f}/s ({} in {:.2f} s)", rate, tally.completed, seconds),
             fmt::format("budget {:.0f}/s", options.budgets.journeys), rate >= options.budgets.journeys);
  print_line("requests", fmt::format("{:.0f}/s", static_cast<double>(tally.requests) / seconds));
  print_usage(usage, tally.requests, options.budgets);
  print_steps(tally);
  write_told(options.told_file, sale);
  std::vector<std::string> wrong;
  if (tally.sold_out > 0)
    wrong.push_back(
        fmt::format("{} buyers were turned away: the stock is too small for this mode", tally.sold_out));
  common_faults(tally, wrong);
  print_complaints(tally);
  return verdict(wrong);
}

int run_page(const Options& options, const std::vector<Endpoint>& endpoints) {
  const auto micros = static_cast<std::int64_t>(options.page_seconds * 1e6);
  const auto measure = [&](const std::string& path, double budget) {
    load_page(endpoints, path, options.page_connections, micros / 10);  // warm
    Meter meter(options.server_pids);
    meter.start();
    const auto figures = load_page(endpoints, path, options.page_connections, micros);
    const auto usage = meter.stop();
    const auto answers = static_cast<double>(figures.answers);
    const double rate = answers * 1e6 / static_cast<double>(figures.micros);
    fmt::print("{} ({} bytes), {} connections\n", path, figures.body_bytes, options.page_connections);
    print_line("answers", fmt::format("{:.0f}/s", rate));
    if (usage.server_cpu > 0) {
      const double per_core = answers / usage.server_cpu;
      print_line("on one server core", fmt::format("{:.0f}/s, {:.1f} µs each", per_core, 1e6 / per_core),
                 budget > 0 ? fmt::format("budget {:.0f}/s", budget) : "",
                 budget > 0 ? per_core >= budget : -1);
    }
    print_line("latency p50, p99",
               fmt::format("{:.2f} ms, {:.2f} ms", static_cast<double>(figures.latency.quantile(0.5)) / 1000,
                           static_cast<double>(figures.latency.quantile(0.99)) / 1000));
    print_usage(usage, figures.answers, options.budgets);
    if (figures.failed > 0) print_line("answers other than 200", fmt::format("{}", figures.failed));
    return figures.failed == 0 && figures.answers > 0;
  };
  const bool page = measure("/" + options.sale.conference + "/register/", options.budgets.page_rate);
  const bool fixed = measure("/healthz", 0);
  return page && fixed ? 0 : 1;
}

int main(int argc, char** argv) {
  Options options;
  CLI::App app("The on-sale benchmark: buyers against a running Plenary server.");
  app.add_option("--url", options.urls, "Server, repeatable: connections are dealt out over all")
      ->capture_default_str();
  app.add_option("--server-pid", options.server_pids,
                 "Process whose processor time and memory is shown, repeatable");
  app.add_option("--conference", options.sale.conference, "Conference slug")->capture_default_str();
  app.add_option("--ticket", options.sale.ticket, "Slug of the ticket type everybody wants")
      ->capture_default_str();
  app.add_option("--voucher", options.sale.voucher, "Voucher code by whose link every buyer comes");
  app.add_flag("--type-voucher", options.sale.is_voucher_typed, "They type it into the cart instead");
  app.add_option("--buyers", options.sale.buyers, "Buyers in all")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000'000));
  app.add_option("--late-buyers", options.late_buyers, "How many of them come after the expiry")
      ->capture_default_str();
  app.add_option("--stock", options.stock, "Tickets there are")->capture_default_str();
  app.add_option("--connections", options.sale.connections, "Buyers at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  auto* abandon = app.add_option("--abandon", options.sale.abandon_percent,
                                 "Percent who give up (default 10; 0 with --journeys)");
  auto* twice = app.add_option("--twice", options.sale.twice_percent,
                               "Percent who submit twice (default 10; 0 with --journeys)");
  app.add_option("--seed", options.sale.seed, "Repeats who gives up and who submits twice")
      ->capture_default_str();
  app.add_option("--probe-rate", options.probe_rate, "Probes a second of the ticket page; 0: none")
      ->capture_default_str();
  app.add_option("--clock-file", options.clock_file, "The server's clock_file, to pass the expiry");
  app.add_option("--clock-offset", options.clock_offset, "Seconds it is set ahead by")->capture_default_str();
  app.add_option("--told", options.told_file,
                 "File for what buyers were told: reference, ordered or paid, address");
  app.add_option("--between", options.between, "Command to run at sell-out, before the clock moves");
  app.add_option("--journeys", options.journeys, "Mode: that many complete journeys");
  app.add_option("--page", options.page_seconds,
                 "Mode: the ticket page and the fixed page, that many seconds each");
  app.add_option("--page-connections", options.page_connections, "Connections of the page mode")
      ->capture_default_str();
  app.add_option("--budget-journeys", options.budgets.journeys, "Journeys a second to compare with")
      ->capture_default_str();
  app.add_option("--budget-memory", options.budgets.memory, "MB to compare with")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (options.journeys > 0) {
    if (abandon->empty()) options.sale.abandon_percent = 0;
    if (twice->empty()) options.sale.twice_percent = 0;
  }
  try {
    std::vector<Endpoint> endpoints;
    for (const auto& url : options.urls) endpoints.push_back(Endpoint::parse(url));
    if (options.page_seconds > 0) return run_page(options, endpoints);
    if (options.journeys > 0) return run_journeys(options, endpoints);
    return run_sale(options, endpoints);
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "onsale: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "onsale: {}\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace plenary::onsale

int main(int argc, char** argv) {
  return plenary::onsale::main(argc, argv);
}
