// The power is cut 1,000 times in the middle of writing; nothing that was acknowledged may be lost, and the
// database must be whole each time. The same suite must find losses when SQLite does not sync, or it would
// prove nothing.
#include <gmock/gmock.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <filesystem>
#include <random>

#include "ledger.hpp"
#include "support/db/power_cut_vfs.hpp"

namespace plenary::db {
namespace {

// Errors without end are what is tested here; they need not be printed.
class Quiet {
 public:
  Quiet() : before_(spdlog::get_level()) { spdlog::set_level(spdlog::level::off); }
  ~Quiet() { spdlog::set_level(before_); }

 private:
  spdlog::level::level_enum before_;
};

struct Outcome {
  int cuts = 0, lost = 0, damaged = 0;
  std::int64_t acknowledged = 0;
  std::string first;  // what was lost or damaged first
};

class PowerCut : public ::testing::Test {
 protected:
  PowerCut() : folder_(::testing::TempDir() + "power-cut-" + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~PowerCut() override { std::filesystem::remove_all(folder_); }

  DatabaseOptions options(const test::PowerCutVfs& vfs, bool synchronous) const {
    DatabaseOptions options;
    options.url = "sqlite://" + folder_ + "/ledger.db";
    options.sqlite_vfs = vfs.name();
    options.relaxed_durability = !synchronous;
    // Checkpoints and new logs come often, so that they are cut too.
    options.checkpoint_pages = 20;
    options.checkpoint_restart_pages = 60;
    return options;
  }

  // Writes in batches until the power is gone.
  static void write_until_cut(Database& db, test::PowerCutVfs& vfs, LedgerModel& model, std::int64_t& next,
                              Outcome& outcome) {
    while (!vfs.is_off()) {
      const auto told = transfer_together(db, next, 3);
      for (int i = 0; i < 3; ++i) {
        const Told& t = told[static_cast<std::size_t>(i)];
        model.told(next + i, t);
        outcome.acknowledged += t.kind == Told::Kind::done;
        // Whoever heard of an error as the power went may find the write there or not.
        if (t.kind == Told::Kind::failed) model.maybe(next + i);
      }
      next += 3;
    }
  }

  // Stops at the first loss when there is not to be one.
  Outcome cut(int cuts, bool synchronous, std::uint32_t seed, bool stop_at_first) {
    const Quiet quiet;
    test::PowerCutVfs vfs(seed);
    std::mt19937 random(seed);
    LedgerModel model;
    Outcome outcome;
    std::int64_t next = 1;
    {
      const auto db = Database::open(options(vfs, true));
      make_ledger(*db);
    }
    for (; outcome.cuts < cuts; ++outcome.cuts) {
      const auto damage = [&](int& counter, const std::string& what) {
        ++counter;
        if (outcome.first.empty()) outcome.first = "cut " + std::to_string(outcome.cuts) + ": " + what;
      };
      try {
        const auto db = Database::open(options(vfs, synchronous));
        const auto integrity =
            db->read_now([](Tx& tx) { return tx.query<std::string>("PRAGMA integrity_check"); });
        if (integrity != std::vector<std::string>{"ok"}) damage(outcome.damaged, integrity.at(0));
        if (const auto difference = model.difference(*db)) damage(outcome.lost, *difference);
        if (outcome.lost + outcome.damaged > 0 && stop_at_first) return outcome;
        // Early, late, and now and then in the middle of many batches.
        const int scale = 1 << (random() % 9);
        vfs.cut_after(1 + static_cast<int>(random() % static_cast<unsigned>(scale)));
        write_until_cut(*db, vfs, model, next, outcome);
      } catch (const DatabaseError& error) {
        // The power may go while the database is being opened; else it cannot be opened any more.
        if (!vfs.is_off()) {
          damage(outcome.damaged, error.what());
          return outcome;
        }
      }
      vfs.restore();
    }
    return outcome;
  }

  const std::string folder_;
};

TEST_F(PowerCut, AThousandOfThemLoseNothingThatWasAcknowledged) {
  const Outcome outcome = cut(1000, true, 20'270'514, true);
  EXPECT_EQ(outcome.lost, 0) << outcome.first;
  EXPECT_EQ(outcome.damaged, 0) << outcome.first;
  EXPECT_EQ(outcome.cuts, 1000);
  EXPECT_GT(outcome.acknowledged, 1000) << "there was something to lose";
  RecordProperty("acknowledged", static_cast<int>(outcome.acknowledged));
}

TEST_F(PowerCut, WithoutSyncsTheSameSuiteFindsLosses) {
  const Outcome outcome = cut(1000, false, 20'270'514, true);
  EXPECT_GT(outcome.lost + outcome.damaged, 0) << "the suite would not notice a loss";
}

TEST_F(PowerCut, ADiskThatFailsAtAnyOperationLosesNothingAndHurtsNobodyElse) {
  const Quiet quiet;
  test::PowerCutVfs vfs(1);
  LedgerModel model;
  std::int64_t next = 0;
  const auto db = Database::open(options(vfs, true));
  make_ledger(*db);
  for (const int code : {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC}) {
    int n = 1;
    for (; n < 100; ++n) {
      const auto told = transfer_together(*db, next, 4, [&] { vfs.fail_once(n, code); });
      const bool failed = vfs.failed();
      vfs.fail_never();
      for (int i = 0; i < 4; ++i) {
        const Told& t = told[static_cast<std::size_t>(i)];
        EXPECT_EQ(t.kind, (next + i) % 4 == 3 ? Told::Kind::refused : Told::Kind::done) << "operation " << n;
        model.told(next + i, t);
      }
      next += 4;
      ASSERT_EQ(model.difference(*db), std::nullopt) << "code " << code << " at operation " << n;
      if (!failed) break;
    }
    EXPECT_GT(n, 3);
  }
}

TEST_F(PowerCut, ADiskThatStaysFullIsToldToTheCallersAndTheDatabaseGoesOnWhenThereIsRoomAgain) {
  const Quiet quiet;
  test::PowerCutVfs vfs(1);
  LedgerModel model;
  const auto db = Database::open(options(vfs, true));
  make_ledger(*db);
  std::int64_t next = 0;
  for (int rounds = 0; rounds < 20; ++rounds) {
    // Each failing run is made to fail again.
    class StillFull final {
     public:
      explicit StillFull(test::PowerCutVfs& vfs)
          : thread_([this, &vfs] {
              while (!stop_) vfs.fail_once(1, SQLITE_FULL);
            }) {}
      ~StillFull() {
        stop_ = true;
        thread_.join();
      }

     private:
      std::atomic<bool> stop_{false};
      std::thread thread_;
    };
    std::vector<Told> told;
    {
      std::optional<StillFull> full;
      told = transfer_together(*db, next, 4, [&] { full.emplace(vfs); });
    }
    vfs.fail_never();
    for (int i = 0; i < 4; ++i) model.told(next + i, told[static_cast<std::size_t>(i)]);
    next += 4;
    ASSERT_EQ(model.difference(*db), std::nullopt);
  }
  db->write_now(1, "transfer", [&](Tx& tx) { transfer(tx, next); });
  model.told(next, {Told::Kind::done, {}});
  EXPECT_EQ(model.difference(*db), std::nullopt);
}

}  // namespace
}  // namespace plenary::db
