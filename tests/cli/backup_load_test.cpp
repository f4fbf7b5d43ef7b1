// Backups while tickets are sold: none fails, none keeps a seller waiting, and each restores to a state whose
// stock agrees with its orders, and whose record of changes is whole.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "backup/backup.hpp"
#include "backup/restore.hpp"
#include "cli/commands.hpp"
#include "cli/stored_places.hpp"
#include "db/snapshot.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/products.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
namespace reg = plenary::registration;

// How many more pay meanwhile before the sellers pause, so that the test's data stays small.
constexpr std::int64_t spare = 80;

// Buyers who go on while others look: some leave their cart, some do not pay.
class Sale {
 public:
  explicit Sale(db::Database& database) : database_(database), catalogues_(settings_) {
    conference_ = database.write_now(db::global_lane, "set up", [](db::Tx& tx) {
      conference::Conference c;
      c.name = "Fair";
      c.slug = "fair";
      c.start_date = c.end_date = *Date::parse("2027-05-14");
      const auto id = conference::create(tx, c).value();
      reg::set_conference_capacity(tx, id, 1'000'000);
      reg::TicketType type;
      type.conference_id = id;
      type.name = "Individual";
      type.slug = "individual";
      type.price = 10000;
      type.total_quantity = 900'000;
      reg::save(tx, type);
      return id;
    });
    for (int i = 0; i < 3; ++i) sellers_.emplace_back([this, i] { sell(i); });
  }
  ~Sale() { stop(); }
  void stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    for (std::thread& seller : sellers_) seller.join();
    sellers_.clear();
  }
  std::int64_t paid() {
    std::lock_guard lock(mutex_);
    return paid_;
  }
  // Until so many more have paid; without end when somebody keeps them from it.
  void wait_for(std::int64_t more) {
    std::unique_lock lock(mutex_);
    const std::int64_t wanted = paid_ + more;
    allowed_ = wanted + spare;
    changed_.notify_all();
    changed_.wait(lock, [&] { return paid_ >= wanted || !fault_.empty(); });
  }
  std::string fault() {
    std::lock_guard lock(mutex_);
    return fault_;
  }

 private:
  void sell(int seller) {
    reg::Shop shop{settings_, catalogues_, Random::system(), reg::HoldLimits{.enabled = false}};
    reg::SandboxGateway gateway;
    const SigningKey link_key{Secret("a key of the test, long enough"), "links"};
    try {
      for (int number = 0; !stopping_; ++number) {
        {
          std::unique_lock lock(mutex_);
          changed_.wait(lock, [&] { return stopping_ || paid_ < allowed_; });
        }
        const reg::Visitor who{conference_, {}, token_hash(fmt::format("{}.{}", seller, number)), ""};
        database_.write_now(conference_, "add",
                            [&](db::Tx& tx) { return reg::add_ticket(tx, shop, who, "individual", 1); });
        if (number % 5 == 4) continue;
        reg::CheckoutForm form;
        form.billing = {"Ada Lovelace", fmt::format("ada{}.{}@example.com", seller, number), ""};
        form.shown_total = 10000;
        form.link_key = &link_key;
        const auto placed = database_.write_now(
            conference_, "order", [&](db::Tx& tx) { return reg::place_order(tx, shop, who, form); });
        if (number % 7 == 6) continue;
        reg::ChargeRequest card;
        card.card_number = "4242424242424242";
        database_.write_now(conference_, "pay", [&](db::Tx& tx) {
          auto order = reg::find_order(tx, placed.order_id);
          // Somebody of the staff is at work, too.
          conference::record(tx, {{}, "ada", "admin"}, conference::AuditAction::change,
                             {conference_, "orders", std::to_string(placed.order_id), "order", {}},
                             {{"billing_name", "Name", "Ada", "Ada L."}});
          return reg::pay(tx, shop, gateway, *order, card);
        });
        std::lock_guard lock(mutex_);
        ++paid_;
        changed_.notify_all();
      }
    } catch (const std::exception& error) {
      std::lock_guard lock(mutex_);
      fault_ = error.what();
      changed_.notify_all();
    }
  }

  db::Database& database_;
  config::ProgramSettings settings_;
  reg::Catalogues catalogues_;
  reg::Id conference_ = 0;
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> sellers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t paid_ = 0, allowed_ = spare;
  std::string fault_;
};

class BackupUnderLoad : public test::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    std::string pattern = (fs::temp_directory_path() / "plenary-load-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    fs::remove_all(folder_);
    DatabaseTest::TearDown();
  }
  test::TestDatabase::Change change() override {
    return [usual = DatabaseTest::change()](db::DatabaseOptions& options) {
      usual(options);
      options.slow_write = Duration::hours(1);
    };
  }
  backup::BackupRequest request() {
    backup::BackupRequest made;
    made.database = database().options();
    return made;
  }
  fs::path folder_;
};
ON_BOTH_ENGINES(BackupUnderLoad);

std::int64_t paid_orders(db::Database& database) {
  return database.read_now(
      [](db::Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM orders WHERE status = 'paid'"); });
}

TEST_P(BackupUnderLoad, TwentyBackupsOfASaleRestoreToStatesWhoseStockAndRecordAgree) {
  Sale sale(db());
  std::int64_t last = 0;
  for (int round = 0; round < 20; ++round) {
    sale.wait_for(5);
    const std::int64_t told_before = sale.paid();
    backup::backup_to_file(request(), folder_ / "b", backup::Existing::replace);
    // Rows are the same on either engine, and a database of SQLite is made at once; the last one on each.
    test::TestDatabase target(round == 19 ? GetParam() : db::Engine::sqlite, test::nothing);
    target.close();
    backup::RestoreRequest into;
    into.database = target.options();
    into.check = [](db::Database& database) {
      std::vector<std::string> faults = recount_stock(database).faults;
      for (std::string& fault : audit_faults(database)) faults.push_back(std::move(fault));
      return faults;
    };
    const backup::Restored restored = backup::restore(into, folder_ / "b");
    EXPECT_TRUE(restored.faults.empty()) << restored.faults.front();
    target.reopen();
    const std::int64_t paid = paid_orders(*target);
    EXPECT_GE(paid, told_before) << "what a buyer was told before the backup is in it";
    EXPECT_GT(paid, last) << "and sales went on";
    last = paid;
  }
  sale.stop();
  EXPECT_EQ(sale.fault(), "");
  EXPECT_TRUE(recount_stock(db()).faults.empty());
  EXPECT_TRUE(audit_faults(db()).empty());
  EXPECT_GE(
      db().read_now([](db::Tx& tx) { return tx.one<std::int64_t>("SELECT count(*) FROM audit_entry"); }),
      100);
}

TEST_P(BackupUnderLoad, ASnapshotKeepsNoSellerWaitingAndSeesNothingOfThem) {
  Sale sale(db());
  sale.wait_for(5);
  const auto snapshot = db::Snapshot::open(database().options());
  const auto tables = snapshot->tables();
  const auto orders =
      std::find_if(tables.begin(), tables.end(), [](const auto& t) { return t.name == "orders"; });
  ASSERT_NE(orders, tables.end());
  const std::int64_t before = snapshot->count(*orders);
  sale.wait_for(50);
  std::int64_t seen = 0;
  snapshot->each(*orders, [&](std::span<const db::RawValue>) { ++seen; });
  EXPECT_EQ(seen, before);
  EXPECT_GE(paid_orders(db()), 55);
  EXPECT_EQ(sale.fault(), "");
}

}  // namespace
}  // namespace plenary::cli
