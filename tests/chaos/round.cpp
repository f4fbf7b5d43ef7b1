#include "round.hpp"

#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <random>
#include <stdexcept>

#include "buyer.hpp"
#include "server.hpp"

namespace plenary::chaos {
namespace {

using onsale::now_micros;

constexpr std::string_view conference = "onsale";
constexpr std::int64_t patience = 60'000'000;  // µs for any stretch of a round: far beyond what is normal
constexpr int newcomers = 16;                  // connections that are made just before SIGTERM

std::string database_url(const Setup& setup, const fs::path& folder, const std::string& name) {
  if (setup.postgres.empty()) return "sqlite://" + fs::absolute(folder / "plenary.db").string();
  const auto at = setup.postgres.find("/postgres?");
  if (at == std::string::npos) throw std::runtime_error(setup.postgres + ": expected …/postgres?host=…");
  return setup.postgres.substr(0, at) + "/" + name + setup.postgres.substr(at + 9);
}

void write_settings(const fs::path& file, const std::string& url, int port) {
  std::ofstream out(file);
  out << fmt::format(
      "[server]\nlisten = \"127.0.0.1:{}\"\nmode = \"development\"\nmax_connections_per_network = 10000\n\n"
      "[database]\nurl = \"{}\"\n\n[security]\nlimits = false\n",
      port, url);
}

void psql(const Setup& setup, const std::string& sql) {
  const std::vector<std::string> command{"/usr/bin/env",    "psql",         "-X", "-q", "-v",
                                         "ON_ERROR_STOP=1", setup.postgres, "-c", sql};
  if (run_command(command, setup.folder / "psql.log") != 0) throw std::runtime_error("psql failed: " + sql);
}

// A request on a connection made just before the signal; it must be answered like all others.
class Newcomer : public onsale::Handler {
 public:
  Newcomer(onsale::Loop& loop, const onsale::Endpoint& endpoint, const std::string& path)
      : connection_(loop, *this, endpoint) {
    connection_.check_close = true;
    onsale::write_get(connection_.request, endpoint.host, path, onsale::CookieJar{});
  }
  void knock() { connection_.send(); }
  bool is_in() const { return done || connection_.connected(); }
  bool waiting() const { return connection_.waiting(); }
  void on_response(onsale::Connection&, const onsale::Response& response) override {
    done = true;
    answered = response.status == 200;
  }
  void on_lost(onsale::Connection&, onsale::Loss) override { done = true; }
  bool done = false, answered = false;

 private:
  onsale::Connection connection_;
};

// Looks whether an order a buyer was told of shows itself at its secret address.
class OrderReader : public onsale::Handler {
 public:
  OrderReader(onsale::Loop& loop, const onsale::Endpoint& endpoint) : connection_(loop, *this, endpoint) {}
  void ask(const onsale::Told& told) {
    reference_ = told.reference;
    shown = false;
    onsale::write_get(connection_.request, connection_.endpoint().host, told.path, onsale::CookieJar{});
    connection_.send();
  }
  bool waiting() const { return connection_.waiting(); }
  void on_response(onsale::Connection&, const onsale::Response& response) override {
    shown = response.status == 200 && response.body.find(reference_) != std::string_view::npos;
  }
  void on_lost(onsale::Connection&, onsale::Loss) override {}
  bool shown = false;

 private:
  onsale::Connection connection_;
  std::string reference_;
};

class Round {
 public:
  Round(const Setup& setup, int number, int signal, std::uint64_t seed)
      : setup_(setup),
        signal_(signal),
        random_(seed),
        folder_(setup.folder / fmt::format("round{}", number)) {
    options_.conference = conference;
    options_.connections = setup.connections;
    // Everybody who gives up keeps a ticket from the others: enough buyers for all tickets in any case.
    options_.buyers = setup.stock + setup.stock / 4 + 64;
    options_.seed = seed;
    options_.park_on_loss = true;
  }

  RoundResult run() {
    lay_out();
    const auto endpoint = onsale::Endpoint::parse(fmt::format("http://127.0.0.1:{}", port_));
    const std::vector<onsale::Endpoint> endpoints{endpoint};
    onsale::Loop loop;
    onsale::Sale sale(loop, endpoints, options_);
    {
      Server server(setup_.plenary, settings_, port_, folder_ / "serve.log");
      sell_until_signal(server, loop, sale, endpoint);
    }
    write_told(sale);
    look_at_rows(false);
    {
      Server server(setup_.plenary, settings_, port_, folder_ / "serve.log");
      read_orders(endpoint, sale);
      finish_sale(loop, sale);
      server.signal(SIGTERM);
      const auto code = server.wait(std::chrono::seconds(40));
      if (code != 0)
        fault(
            fmt::format("after the sale the server ended with {}", code ? std::to_string(*code) : "nothing"));
    }
    write_told(sale);
    look_at_rows(true);
    return finish(sale);
  }

 private:
  void fault(std::string text) { result_.faults.push_back(std::move(text)); }

  void lay_out() {
    fs::create_directories(folder_);
    if (setup_.postgres.empty()) {
      for (const auto& entry : fs::directory_iterator(setup_.folder / "first"))
        fs::copy(entry.path(), folder_ / entry.path().filename());
    } else {
      psql(setup_, "DROP DATABASE IF EXISTS chaos_round");
      psql(setup_, "CREATE DATABASE chaos_round TEMPLATE chaos_first");
      fs::copy_file(setup_.folder / "first" / "plenary.key", folder_ / "plenary.key");
    }
    port_ = free_port();
    url_ = database_url(setup_, folder_, "chaos_round");
    settings_ = folder_ / "plenary.toml";
    write_settings(settings_, url_, port_);
  }

  // Runs the loop until `done`; false when that took too long.
  template <class Done>
  bool run_loop(onsale::Loop& loop, Done&& done) {
    const auto until = now_micros() + patience;
    while (!done()) {
      loop.run_once(2'000);
      if (now_micros() > until) return false;
    }
    return true;
  }

  void sell_until_signal(Server& server, onsale::Loop& loop, onsale::Sale& sale,
                         const onsale::Endpoint& endpoint) {
    // Nine answers a journey: somewhere between the first page and shortly before the last ticket is paid.
    const auto moment = std::uniform_int_distribution<std::uint64_t>(
        1, static_cast<std::uint64_t>(setup_.stock) * 8)(random_);
    sale.connect();
    sale.begin();
    const auto first = loop.answers;
    if (!run_loop(loop, [&] { return loop.answers - first >= moment || sale.idle(); }))
      fault("the sale stood still before the signal");
    if (sale.parked() > 0)
      fault(fmt::format("{} buyers lost their connection before the signal", sale.parked()));

    std::vector<std::unique_ptr<Newcomer>> knocking;
    if (signal_ == SIGTERM) {
      const std::string page = fmt::format("/{}/register/", conference);
      for (int i = 0; i < newcomers; ++i)
        knocking.push_back(std::make_unique<Newcomer>(loop, endpoint, page));
      for (auto& newcomer : knocking) newcomer->knock();
      run_loop(loop, [&] {
        for (auto& newcomer : knocking) {
          if (!newcomer->is_in()) return false;
        }
        return true;
      });
    }
    sale.clear_losses();
    sale.accepted_until = now_micros();
    result_.answers_before = static_cast<std::int64_t>(loop.answers - first);
    server.signal(signal_);
    result_.told_before = static_cast<std::int64_t>(sale.told().size());

    const bool settled = run_loop(loop, [&] { return server.ended() && sale.parked() == sale.active(); });
    result_.in_flight = sale.parked();
    if (!settled) fault("the server did not end within a minute, or left connections open");
    if (signal_ != SIGTERM) return;
    if (server.ended() != 0)
      fault(fmt::format("SIGTERM: exit code {} instead of 0", server.ended().value_or(-1)));
    const auto& losses = sale.losses();
    if (losses.failed_requests > 0) {
      std::string kinds;
      for (std::size_t i = 0; i < losses.by_kind.size(); ++i) {
        if (losses.by_kind[i] > 0)
          kinds += fmt::format(", {} {}", losses.by_kind[i], onsale::to_text(static_cast<onsale::Loss>(i)));
      }
      fault(fmt::format("SIGTERM: {} accepted requests were not answered{}", losses.failed_requests, kinds));
    }
    int turned_away = 0;
    for (auto& newcomer : knocking) turned_away += newcomer->answered ? 0 : 1;
    if (turned_away > 0)
      fault(fmt::format("SIGTERM: {} of {} connections made just before it got no page", turned_away,
                        newcomers));
  }

  void read_orders(const onsale::Endpoint& endpoint, const onsale::Sale& sale) {
    onsale::Loop loop;
    OrderReader reader(loop, endpoint);
    // The last ones are those a lost commit would take.
    const auto& told = sale.told();
    const std::size_t from = told.size() > 40 ? told.size() - 40 : 0;
    int hidden = 0;
    for (std::size_t i = from; i < told.size(); ++i) {
      reader.ask(told[i]);
      run_loop(loop, [&] { return !reader.waiting(); });
      hidden += reader.shown ? 0 : 1;
    }
    if (hidden > 0)
      fault(fmt::format("{} of {} acknowledged orders do not show at their address", hidden,
                        told.size() - from));
  }

  void finish_sale(onsale::Loop& loop, onsale::Sale& sale) {
    sale.accepted_until = INT64_MAX;
    sale.clear_losses();
    sale.resume();
    if (!run_loop(loop, [&] { return sale.idle() || sale.parked() > 0; }))
      fault("the sale stood still after the restart");
    if (sale.parked() > 0) fault(fmt::format("{} requests failed after the restart", sale.parked()));
    const auto& tally = sale.tally();
    if (tally.failed > 0) fault(fmt::format("{} buyers met an answer nobody expects", tally.failed));
    if (tally.repeats_wrong > 0)
      fault(fmt::format("{} repeated posts did not show the first result", tally.repeats_wrong));
    for (const auto& complaint : tally.complaints) fault("found at " + complaint);
    if (sale.parked() == 0 && tally.added != setup_.stock)
      fault(fmt::format("{} tickets were promised, of {} in stock", tally.added, setup_.stock));
    result_.sold = tally.paid;
  }

  void write_told(const onsale::Sale& sale) {
    std::ofstream out(folder_ / "told");
    for (const auto& told : sale.told())
      out << told.reference << '\t' << (told.paid ? "paid" : "ordered") << '\t' << told.path << '\n';
  }

  // The server is down: what the command and the database's own client say about the rows.
  void look_at_rows(bool at_end) {
    const std::string when = at_end ? "at the end: " : "after the signal: ";
    const auto verify_log = folder_ / (at_end ? "verify2.log" : "verify1.log");
    const std::vector<std::string> verify{setup_.plenary.string(), "--settings", settings_.string(), "verify",
                                          "stock"};
    if (const int code = run_command(verify, verify_log); code != 0) {
      fault(fmt::format("{}plenary verify stock: exit code {}, see {}", when, code, verify_log.string()));
    }
    const auto recount_log = folder_ / (at_end ? "recount2.log" : "recount1.log");
    std::vector<std::string> recount{"/usr/bin/env", "bash",   setup_.recount.string(),
                                     url_,           "--told", (folder_ / "told").string()};
    if (at_end) recount.emplace_back("--all-told");
    if (run_command(recount, recount_log) != 0) {
      std::ifstream log(recount_log);
      std::string line, broken;
      while (std::getline(log, line)) {
        if (line.find("✗") != std::string::npos || line.find("recount.sh:") != std::string::npos)
          broken += "\n      " + line;
      }
      fault(when + "the recount failed" + broken);
    }
  }

  RoundResult finish(const onsale::Sale&) {
    result_.folder = folder_;
    if (result_.faults.empty()) fs::remove_all(folder_);
    return result_;
  }

  const Setup& setup_;
  int signal_;
  std::mt19937_64 random_;
  fs::path folder_, settings_;
  std::string url_;
  int port_ = 0;
  onsale::SaleOptions options_;
  RoundResult result_;
};

}  // namespace

void prepare(const Setup& setup) {
  const auto folder = setup.folder / "first";
  fs::create_directories(folder);
  if (!setup.postgres.empty()) psql(setup, "CREATE DATABASE chaos_first");
  const auto settings = folder / "plenary.toml";
  write_settings(settings, database_url(setup, folder, "chaos_first"), 8000);
  {
    std::ofstream out(folder / "conference.toml");
    out << fmt::format(
        "[conference]\nname = \"On Sale\"\nslug = \"{0}\"\nstart = 2035-05-14\nend = 2035-05-16\ntimezone = "
        "\"Europe/Berlin\"\n"
        "total_capacity = {1}\n\n[[conference.sections]]\nname = \"Talks\"\nstart = 2035-05-14\nend = "
        "2035-05-16\n\n"
        "[[conference.tickets]]\nname = \"Individual\"\nslug = \"individual\"\nprice = 100.00\nquantity = "
        "{1}\nper_user = 10\n",
        conference, setup.stock);
  }
  const auto log = setup.folder / "prepare.log";
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {setup.plenary.string(), "--settings", settings.string()});
    if (run_command(words, log) != 0)
      throw std::runtime_error("the conference could not be set up; see " + log.string());
  };
  run({"migrate"});
  run({"bootstrap_conference", "--config", (folder / "conference.toml").string()});
  // The first serve makes what the commands do not need: the key file.
  const int port = free_port();
  write_settings(settings, database_url(setup, folder, "chaos_first"), port);
  Server server(setup.plenary, settings, port, log);
  server.signal(SIGTERM);
  if (server.wait(std::chrono::seconds(40)) != 0)
    throw std::runtime_error("the server does not stop; see " + log.string());
}

RoundResult run_round(const Setup& setup, int number, int signal, std::uint64_t seed) {
  return Round(setup, number, signal, seed).run();
}

}  // namespace plenary::chaos
