// Applying a conference file to the database, on both engines. source: configuration 10, 6.5 to 6.8.
#include "domain/bootstrap.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "config/settings.hpp"
#include "domain/bootstrap_files.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/stock.hpp"
#include "domain/sponsors/levels.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::domain {
namespace {

using ::testing::HasSubstr;
using testing::parsed;
using testing::sample;
using testing::with;

class Bootstrap : public test::DatabaseTest {
 protected:
  test::TestDatabase::Change change() override {
    return [set = DatabaseTest::change()](db::DatabaseOptions& options) {
      set(options);
      options.slow_write = Duration::hours(1);  // one long write is how a bootstrap is meant to be
    };
  }
  template <class F>
  auto read(F fn) {
    return db().read_now(fn);
  }
  BootstrapReport create(const std::string& text) {
    return apply_conference_file(db(), parsed(text), settings_, {});
  }
  BootstrapReport update(const std::string& text, bool force = false) {
    return apply_conference_file(db(), parsed(text), settings_, {.update = true, .force = force});
  }
  std::string refusal(const std::string& text, BootstrapOptions options) {
    try {
      apply_conference_file(db(), parsed(text), settings_, options);
      return "";
    } catch (const BootstrapError& e) {
      return e.what();
    }
  }
  // Rows of every table that the bootstrap writes, and what a conference, its products and flags hold.
  std::string everything() {
    std::string text;
    for (const char* sql :
         {"SELECT COUNT(*), COALESCE(MAX(updated_at), 0), COALESCE(MAX(catalogue_version), 0) FROM "
          "conference",
          "SELECT COUNT(*), COALESCE(MAX(updated_at), 0), COALESCE(SUM(sort_order), 0) FROM section",
          "SELECT COUNT(*), COALESCE(MAX(updated_at), 0), COALESCE(SUM(price), 0) FROM ticket_type",
          "SELECT COUNT(*), COALESCE(MAX(updated_at), 0), COALESCE(SUM(price), 0) FROM addon",
          "SELECT COUNT(*), COALESCE(MAX(updated_at), 0), COALESCE(SUM(cost), 0) FROM sponsor_level",
          "SELECT COUNT(*), COALESCE(MAX(updated_at), 0), 0 FROM feature_flags",
          "SELECT COUNT(*), COALESCE(SUM(capacity), 0), COALESCE(SUM(sold + held), 0) FROM stock"}) {
      auto [count, time, sum] =
          read([&](db::Tx& tx) { return tx.one<std::int64_t, std::int64_t, std::int64_t>(sql); });
      text += std::to_string(count) + "/" + std::to_string(time) + "/" + std::to_string(sum) + " ";
    }
    return text;
  }
  static std::int64_t id(db::Tx& tx) { return conference::find_state(tx, "python-2077").value().id; }

  config::ProgramSettings settings_;
};
ON_BOTH_ENGINES(Bootstrap);

TEST_P(Bootstrap, EverythingOfTheFileIsStored) {
  BootstrapReport report = create(sample);
  EXPECT_EQ(report.conference_id, read([](db::Tx& tx) { return id(tx); }));
  auto c = read([&](db::Tx& tx) { return conference::load(tx, id(tx)); }).value();
  EXPECT_EQ(c.name, "Python 2077");
  EXPECT_EQ(c.currency, "USD");
  EXPECT_EQ(c.total_capacity, 2500);
  EXPECT_EQ(c.grant_budget, 1'500'000);
  auto sections = read([&](db::Tx& tx) { return conference::sections(tx, id(tx)); });
  ASSERT_EQ(sections.size(), 2u);
  EXPECT_EQ(sections[0].slug, "tutorials");
  EXPECT_EQ(sections[1].start_date, *Date::of(2027, 5, 16));
  auto tickets = read([&](db::Tx& tx) { return registration::ticket_types_of(tx, id(tx)); });
  ASSERT_EQ(tickets.size(), 2u);
  EXPECT_EQ(tickets[0].slug, "individual");
  EXPECT_EQ(tickets[0].price, 10'000);
  EXPECT_EQ(tickets[0].available_until->to_string(), "2027-05-14T03:59:59.999999Z");
  auto addons = read([&](db::Tx& tx) { return registration::addons_of(tx, id(tx)); });
  ASSERT_EQ(addons.size(), 2u);
  EXPECT_EQ(addons[0].requires_ticket_types, (std::vector<registration::Id>{tickets[0].id, tickets[1].id}));
  EXPECT_TRUE(addons[1].requires_ticket_types.empty());
  auto levels = read([&](db::Tx& tx) { return sponsors::levels(tx, id(tx)); });
  ASSERT_EQ(levels.size(), 2u);
  EXPECT_EQ(levels[0].name, "Visionary");
  EXPECT_EQ(levels[0].cost, 15'000'000);
  EXPECT_EQ(levels[1].comp_ticket_count, 0);
}

TEST_P(Bootstrap, StockRowsHaveTheCapacities) {
  create(sample);
  auto stock = read([&](db::Tx& tx) { return registration::stock_levels(tx, id(tx)); });
  auto tickets = read([&](db::Tx& tx) { return registration::ticket_types_of(tx, id(tx)); });
  EXPECT_EQ(stock.conference().capacity, 2500);
  EXPECT_EQ(stock.of(registration::ProductKind::ticket_type, tickets[0].id).capacity, 2500);
  EXPECT_EQ(stock.of(registration::ProductKind::ticket_type, tickets[1].id).capacity, 500);
  update(
      with(with(sample, "total_capacity = 2500", "total_capacity = 0"), "quantity = 500", "quantity = 450"));
  stock = read([&](db::Tx& tx) { return registration::stock_levels(tx, id(tx)); });
  EXPECT_EQ(stock.conference().capacity, std::nullopt);
  EXPECT_EQ(stock.of(registration::ProductKind::ticket_type, tickets[1].id).capacity, 450);
}

TEST_P(Bootstrap, TheConferenceGetsItsFlagsRow) {
  create(sample);
  EXPECT_EQ(read([](db::Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM feature_flags"); }), 1);
  update(sample);
  EXPECT_EQ(read([](db::Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM feature_flags"); }), 1);
}

TEST_P(Bootstrap, ASecondRunNeedsUpdateAndThenChangesNothing) {
  create(sample);
  std::string before = everything();
  clock().advance(Duration::hours(1));
  EXPECT_THAT(refusal(sample, {}), HasSubstr("already exists"));
  EXPECT_EQ(everything(), before);
  BootstrapReport report = update(sample);
  EXPECT_FALSE(report.conference.created);
  EXPECT_EQ(everything(), before);
}

TEST_P(Bootstrap, UpdateCreatesWhatDoesNotExistYet) {
  EXPECT_TRUE(update(sample).conference.created);
  EXPECT_EQ(read([](db::Tx& tx) { return conference::list_keys(tx); }).size(), 1u);
}

TEST_P(Bootstrap, AnUpdateWritesWhatDiffersAndKeepsTheRest) {
  create(sample);
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    auto ticket = registration::find_ticket_type(tx, id(tx), "student").value();
    ticket.description = "With a card.";
    ticket.is_active = false;
    registration::save(tx, ticket);
    conference::set_feature(tx, id(tx), conference::Feature::sponsors, false);
  });
  std::string text = with(sample, "price = 25.00\nquantity = 500", "price = 30.00\nquantity = 500");
  text = with(text, "requires = [\"individual\", \"student\"]", "requires = [\"student\"]");
  text = with(text, "name = \"Python 2077\"", "name = \"Python 2078\"\nslug = \"python-2077\"");
  update(text);
  auto ticket =
      read([&](db::Tx& tx) { return registration::find_ticket_type(tx, id(tx), "student"); }).value();
  EXPECT_EQ(ticket.price, 3'000);
  EXPECT_EQ(ticket.description, "With a card.");
  EXPECT_FALSE(ticket.is_active);
  auto addon = read([&](db::Tx& tx) {
                 return registration::find_addon(tx, id(tx), "tutorial-intro-to-django");
               }).value();
  EXPECT_EQ(addon.requires_ticket_types, std::vector<registration::Id>{ticket.id});
  EXPECT_EQ(read([&](db::Tx& tx) { return conference::load(tx, id(tx)); })->name, "Python 2078");
  EXPECT_EQ(
      read([&](db::Tx& tx) { return conference::load_overrides(tx, id(tx)); })[conference::Feature::sponsors],
      false);
}

TEST_P(Bootstrap, ItemsThatLeftTheFileStayAndAreListed) {
  create(sample);
  BootstrapReport report = update(sample.substr(0, sample.find("[[conference.addons]]")));
  EXPECT_EQ(read([&](db::Tx& tx) { return registration::addons_of(tx, id(tx)); }).size(), 2u);
  EXPECT_EQ(read([&](db::Tx& tx) { return sponsors::levels(tx, id(tx)); }).size(), 2u);
  EXPECT_EQ(report.absent.size(), 4u);
}

TEST_P(Bootstrap, AnUnknownRequiredTicketRollsEverythingBack) {
  std::string empty = everything();
  EXPECT_THAT(refusal(with(sample, "\"student\"]", "\"nobody\"]"), {}), HasSubstr("nobody"));
  EXPECT_EQ(everything(), empty);
  create(sample);
  std::string before = everything();
  std::string text = with(with(sample, "price = 100.00", "price = 1.00"), "\"student\"]", "\"nobody\"]");
  EXPECT_THAT(refusal(text, {.update = true, .force = false}), HasSubstr("nobody"));
  EXPECT_EQ(everything(), before);
}

// A failure in the middle of the writing, where no check of ours stands in the way.
TEST_P(Bootstrap, AFailureWhileWritingLeavesNothing) {
  std::string empty = everything();
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    tx.exec(
        tx.engine() == db::Engine::sqlite
            ? "CREATE TRIGGER no_levels BEFORE INSERT ON sponsor_level BEGIN SELECT RAISE(ABORT, 'full'); END"
            : "ALTER TABLE sponsor_level ADD CONSTRAINT no_levels CHECK (cost > 1000000)");
  });
  EXPECT_THROW(create(sample), db::DatabaseError);
  EXPECT_EQ(everything(), empty);
}

TEST_P(Bootstrap, StockBelowWhatIsSoldIsRefusedUnlessForced) {
  create(sample);
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    tx.exec("UPDATE stock SET sold = 30, held = 8 WHERE conference_id = $1 AND kind = 'conference'", id(tx));
  });
  std::string before = everything();
  std::string text = with(sample, "total_capacity = 2500", "total_capacity = 37");
  EXPECT_THAT(refusal(text, {.update = true, .force = false}), HasSubstr("at least 38 (30 sold, 8 held"));
  EXPECT_EQ(everything(), before);
  update(text, true);
  EXPECT_EQ(read([&](db::Tx& tx) { return registration::stock_levels(tx, id(tx)); }).conference().capacity,
            37);
}

TEST_P(Bootstrap, OfTwoCreatesAtOnceTheLoserHearsThatItExists) {
  auto other = db::Database::open(database().options());
  std::atomic<int> won{0};
  std::string heard[2];
  auto attempt = [&](db::Database& database, std::string& message) {
    try {
      apply_conference_file(database, parsed(sample), settings_, {});
      ++won;
    } catch (const BootstrapError& e) {
      message = e.what();
    }
  };
  std::thread rival([&] { attempt(*other, heard[1]); });
  attempt(db(), heard[0]);
  rival.join();
  EXPECT_EQ(won, 1);
  EXPECT_THAT(heard[0] + heard[1], HasSubstr("already exists"));
  EXPECT_EQ(read([&](db::Tx& tx) { return registration::ticket_types_of(tx, id(tx)); }).size(), 2u);
}

TEST_P(Bootstrap, OfTwoUpdatesAtOnceBothEndWithTheSameRows) {
  auto other = db::Database::open(database().options());
  auto attempt = [&](db::Database& database) {
    apply_conference_file(database, parsed(sample), settings_, {.update = true, .force = false});
  };
  std::thread rival([&] { attempt(*other); });
  attempt(db());
  rival.join();
  EXPECT_EQ(read([](db::Tx& tx) { return conference::list_keys(tx); }).size(), 1u);
  EXPECT_EQ(read([&](db::Tx& tx) { return registration::addons_of(tx, id(tx)); }).size(), 2u);
}

TEST_P(Bootstrap, APreviewWritesNothingAndRunsEveryCheck) {
  std::string empty = everything();
  BootstrapReport report = preview_conference_file(&db(), "", parsed(sample), settings_, {});
  EXPECT_TRUE(report.preview);
  EXPECT_TRUE(report.conference.created);
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(everything(), empty);
  create(sample);
  std::string before = everything();
  clock().advance(Duration::hours(1));
  std::string text = with(with(sample, "price = 100.00", "price = 1.00"), "\"student\"]", "\"nobody\"]");
  report = preview_conference_file(&db(), "", parsed(text), settings_, {});
  EXPECT_EQ(report.problems.size(), 2u);
  EXPECT_FALSE(report.conference.created);
  EXPECT_EQ(everything(), before);
}

TEST_P(Bootstrap, APreviewWithoutADatabaseSaysSo) {
  BootstrapReport report =
      preview_conference_file(nullptr, "There is no database yet.", parsed(sample), settings_, {});
  EXPECT_TRUE(report.conference.created);
  EXPECT_THAT(preview_text(report), HasSubstr("There is no database yet."));
}

class BootstrapCurrency : public Bootstrap {
 protected:
  void SetUp() override {
    Bootstrap::SetUp();
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("plenary-bootstrap-{}-{}", static_cast<int>(GetParam()), ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    std::filesystem::remove_all(folder_);
    Bootstrap::TearDown();
  }
  config::ConferenceFile load(const std::string& text) {
    std::ofstream(folder_ / "conference.toml") << text;
    return read_conference_file(&db(), folder_ / "conference.toml", {}, settings_);
  }
  std::filesystem::path folder_;
};
ON_BOTH_ENGINES(BootstrapCurrency);

TEST_P(BootstrapCurrency, ItIsFixedAtCreationWhateverTheSettingsSayLater) {
  settings_.currency = Currency::of("EUR");
  apply_conference_file(db(), load(sample), settings_, {});
  settings_.currency = Currency::of("JPY");
  config::ConferenceFile file = load(with(sample, "price = 100.00", "price = 99.95"));
  EXPECT_EQ(file.tickets[0].price, Money(9995, Currency::of("EUR")));
  apply_conference_file(db(), file, settings_, {.update = true, .force = false});
  EXPECT_EQ(read([&](db::Tx& tx) { return conference::load(tx, id(tx)); })->currency, "EUR");
  EXPECT_EQ(read([&](db::Tx& tx) { return registration::find_ticket_type(tx, id(tx), "individual"); })->price,
            9995);
}

TEST_P(BootstrapCurrency, AmountsMustFitTheCurrencyInForce) {
  settings_.currency = Currency::of("JPY");
  EXPECT_THROW(load(with(sample, "price = 100.00", "price = 100.50")), config::ConfigError);
  EXPECT_NO_THROW(load(sample));
}

}  // namespace
}  // namespace plenary::domain
