// Backup and restore of a conference of 100,000 orders, beside a budget. bench_backup [ORDERS]; with
// PLENARY_BENCH_URL the orders lie there (an empty database), and PLENARY_BENCH_TARGET is restored into; else
// SQLite. Budget on SQLite, 100,000 orders: backup 5 s, restore 15 s.
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "backup/backup.hpp"
#include "backup/restore.hpp"
#include "db/migrations.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/products.hpp"

using namespace plenary;
namespace reg = plenary::registration;
namespace fs = std::filesystem;

namespace {

// Journeys (add, order, pay) through the domain, several threads at a time.
class Sale {
 public:
  explicit Sale(db::Database& database) : database_(database), catalogues_(settings_) {
    conference_ = database.write_now(db::global_lane, "bench", [](db::Tx& tx) {
      conference::Conference c;
      c.name = "Bench";
      c.slug = "bench";
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
  }

  void sell(int threads, const std::function<bool()>& go_on) {
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&] {
        while (go_on()) journey(next_++);
      });
    }
    for (std::thread& thread : all) thread.join();
  }
  int sold() const { return sold_; }

 private:
  void journey(int number) {
    reg::Shop shop{settings_, catalogues_, Random::system(), reg::HoldLimits{.enabled = false}};
    const reg::Visitor who{conference_, {}, token_hash(std::to_string(number)), ""};
    database_.write_now(conference_, "add",
                        [&](db::Tx& tx) { return reg::add_ticket(tx, shop, who, "individual", 1); });
    reg::CheckoutForm form;
    form.billing = {"Ada Lovelace", fmt::format("ada{}@example.com", number), ""};
    form.shown_total = 10000;
    form.link_key = &link_key_;
    const auto placed = database_.write_now(
        conference_, "order", [&](db::Tx& tx) { return reg::place_order(tx, shop, who, form); });
    reg::ChargeRequest card;
    card.card_number = "4242424242424242";
    reg::SandboxGateway gateway;
    database_.write_now(conference_, "pay", [&](db::Tx& tx) {
      auto order = reg::find_order(tx, placed.order_id);
      return reg::pay(tx, shop, gateway, *order, card);
    });
    ++sold_;
  }

  db::Database& database_;
  config::ProgramSettings settings_;
  reg::Catalogues catalogues_;
  reg::Id conference_ = 0;
  SigningKey link_key_{Secret("a key of the benchmark, long enough"), "links"};
  std::atomic<int> next_{0}, sold_{0};
};

double seconds_of(const std::function<void()>& act) {
  const auto begin = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

long peak_mb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  const int orders = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const fs::path folder = fs::temp_directory_path() / fmt::format("plenary-bench-{}", ::getpid());
  fs::create_directories(folder);
  const char* url = std::getenv("PLENARY_BENCH_URL");
  const char* target = std::getenv("PLENARY_BENCH_TARGET");
  db::DatabaseOptions from, to;
  from.url = url ? url : "sqlite://" + (folder / "from.db").string();
  to.url = target ? target : "sqlite://" + (folder / "to.db").string();
  from.max_wait = Duration::hours(1);
  const fs::path wal = folder / "from.db-wal";
  {
    const auto database = db::Database::open(from);
    db::migrate(*database);
    Sale sale(*database);
    const double selling = seconds_of([&] { sale.sell(64, [&] { return sale.sold() < orders; }); });
    fmt::print("{} orders made in {:.1f} s ({:.0f}/s with nothing beside)\n", sale.sold(), selling,
               sale.sold() / selling);
    const long before_mb = peak_mb();
    backup::BackupRequest request;
    request.database = from;
    backup::Manifest manifest;
    const double quiet = seconds_of(
        [&] { manifest = backup::backup_to_file(request, folder / "b", backup::Existing::refuse); });
    fmt::print(
        "backup: {:.2f} s (budget 5 s), {} rows, {:.0f} MB of rows, {:.1f} MB file; peak memory +{} MB\n",
        quiet, manifest.rows(), static_cast<double>(manifest.table_bytes()) / 1e6,
        static_cast<double>(fs::file_size(folder / "b")) / 1e6, peak_mb() - before_mb);
    // The same beside a sale: how far the log grows, how much slower both are.
    std::atomic<bool> over{false};
    double busy = 0, snapshot = 0;
    const int sold_before = sale.sold();
    const auto wal_size = [&] {
      return fs::exists(wal) ? static_cast<double>(fs::file_size(wal)) / 1e6 : 0.0;
    };
    const double wal_before = wal_size();
    std::atomic<double> wal_most{wal_before};
    std::thread backing_up([&] {
      const auto begin = std::chrono::steady_clock::now();
      request.progress = [&](const char* things, std::uint64_t, std::uint64_t) {
        if (std::string_view(things) != "rows") return;
        snapshot = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      };
      busy = seconds_of([&] { backup::backup_to_file(request, folder / "b", backup::Existing::replace); });
      over = true;
    });
    sale.sell(64, [&] {
      const double now = wal_size();
      if (now > wal_most) wal_most = now;
      return !over;
    });
    backing_up.join();
    fmt::print(
        "beside a sale: {:.2f} s, of them {:.2f} s in the snapshot; {} orders sold meanwhile ({:.0f}/s); log "
        "{:.0f} MB before, at most {:.0f} MB, {:.0f} MB after\n",
        busy, snapshot, sale.sold() - sold_before, (sale.sold() - sold_before) / busy, wal_before,
        wal_most.load(), wal_size()); log "
        "{:.0f} "
        "MB before, {:.0f} MB after\n",
        busy, snapshot, sale.sold() - sold_before, (sale.sold() - sold_before) / busy, wal_before,
        wal_size());
  }
  const double verifying = seconds_of(
      [&] { backup::verify_backup(folder / "b", [](const char*, std::uint64_t, std::uint64_t) {}); });
  backup::RestoreRequest restore;
  restore.database = to;
  const double restoring = seconds_of([&] { backup::restore(restore, folder / "b"); });
  fmt::print("verify: {:.2f} s; restore: {:.2f} s (budget 15 s)\n", verifying, restoring);
  fs::remove_all(folder);
}
