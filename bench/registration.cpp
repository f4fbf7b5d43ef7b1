// Durable journeys (add, order, pay: three writes) through the domain alone, 256 buyers at a time: what the
// pages can at best reach. Budget: 75 us of CPU a write on SQLite (docs/transactions.md, section 8).
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <mutex>

#include "db/migrations.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/products.hpp"

using namespace plenary;
namespace reg = plenary::registration;

namespace {

class Loop : public Executor {
 public:
  void post(std::coroutine_handle<> handle) override {
    std::lock_guard lock(mutex_);
    if (queue_.empty()) ready_.notify_one();
    queue_.push_back(handle);
  }
  template <class Done>
  void run_until(Done done) {
    std::deque<std::coroutine_handle<>> now;
    while (!done()) {
      {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [&] { return !queue_.empty(); });
        now.swap(queue_);
      }
      for (auto handle : now) handle.resume();
      now.clear();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::coroutine_handle<>> queue_;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct Bench {
  db::Database& database;
  reg::Shop& shop;
  reg::Id conference = 0;
  reg::SandboxGateway gateway{};
  int started = 0, finished = 0, wanted = 0;
  SigningKey link_key{Secret("a key of the benchmark, long enough"), "links"};

  Task<> buyer() {
    while (started < wanted) {
      const int number = started++;
      const reg::Visitor who{conference, {}, token_hash(std::to_string(number)), ""};
      auto add = [&](db::Tx& tx) { return reg::add_ticket(tx, shop, who, "individual", 1); };
      co_await database.write(conference, "add", add);
      reg::CheckoutForm form;
      form.billing = {"Ada Lovelace", "ada" + std::to_string(number) + "@example.com", ""};
      form.shown_total = 10000;
      form.link_key = &link_key;
      auto order = [&](db::Tx& tx) { return reg::place_order(tx, shop, who, form); };
      const auto placed = co_await database.write(conference, "order", order);
      reg::ChargeRequest card;
      card.card_number = "4242424242424242";
      auto pay = [&](db::Tx& tx) {
        auto stored = reg::find_order(tx, placed.order_id);
        return reg::pay(tx, shop, gateway, *stored, card);
      };
      co_await database.write(conference, "pay", pay);
      ++finished;
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  const int journeys = argc > 1 ? std::atoi(argv[1]) : 10000;
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("plenary-bench-{}", ::getpid());
  std::filesystem::create_directories(folder);
  db::DatabaseOptions options;
  const char* url = std::getenv("PLENARY_BENCH_URL");
  options.url = url ? url : "sqlite://" + (folder / "bench.db").string();
  {
    auto database = db::Database::open(options);
    db::migrate(*database);
    config::ProgramSettings settings;
    reg::Catalogues catalogues(settings);
    reg::Shop shop{settings, catalogues, Random::system(), reg::HoldLimits{.enabled = false}};
    Bench bench{*database, shop};
    bench.wanted = journeys;
    bench.conference = database->write_now(db::global_lane, "bench", [&](db::Tx& tx) {
      conference::Conference c;
      c.name = "Bench";
      c.slug = fmt::format("bench-{}", ::getpid());
      c.start_date = c.end_date = *Date::parse("2027-05-14");
      const auto id = conference::create(tx, c).value();
      reg::set_conference_capacity(tx, id, 0);
      reg::TicketType type;
      type.conference_id = id;
      type.name = "Individual";
      type.slug = "individual";
      type.price = 10000;
      reg::save(tx, type);
      return id;
    });
    auto warm = [&](db::Tx& tx) {
      const auto state = conference::find_state(tx, bench.conference);
      return catalogues.at(tx, state->id, state->catalogue_version)->version;
    };
    database->read_now(warm);
    Loop loop;
    const Executor::Scope scope(&loop);
    const auto cpu = cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    int running = 256;
    for (int i = 0; i < 256; ++i)
      start(bench.buyer(), [&](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
        --running;
      });
    loop.run_until([&] { return running == 0; });
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double used = cpu_seconds() - cpu;
    const auto stats = database->stats();
    fmt::print("{} durable journeys in {:.2f} s: {:.0f} journeys/s, {:.0f} writes/s\n", journeys, wall,
               journeys / wall, 3 * journeys / wall);
    fmt::print("CPU a write: {:.1f} us (budget on SQLite: 75 us); {:.1f} writes a commit; {} retries\n",
               used / (3.0 * journeys) * 1e6,
               static_cast<double>(stats.writes) / static_cast<double>(stats.batches), stats.retries);
  }
  std::filesystem::remove_all(folder);
}
