// What a bootstrap leaves in the record of changes, and the keys of the file beyond the customer's list.
// source: configuration 10, Do better 12 and 23.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/settings.hpp"
#include "domain/bootstrap.hpp"
#include "domain/bootstrap_files.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/products.hpp"
#include "domain/sponsors/levels.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::parsed;
using testing::sample;
using testing::with;

class BootstrapRecord : public test::DatabaseTest {
 protected:
  test::TestDatabase::Change change() override {
    return [set = DatabaseTest::change()](db::DatabaseOptions& options) {
      set(options);
      options.slow_write = Duration::hours(1);  // one long write is how a bootstrap is meant to be
    };
  }
  BootstrapReport apply(const std::string& text, bool update = false) {
    return apply_conference_file(db(), parsed(text), settings_, {.update = update});
  }
  std::int64_t id() {
    return db().read_now([](db::Tx& tx) { return conference::find_state(tx, "python-2077").value().id; });
  }
  registration::TicketType ticket(const char* slug) {
    const std::int64_t conference = id();
    return db()
        .read_now([&](db::Tx& tx) { return registration::find_ticket_type(tx, conference, slug); })
        .value();
  }
  std::vector<conference::AuditEntry> history(const char* entity, std::int64_t object) {
    return db().read_now(
        [&](db::Tx& tx) { return conference::history_of(tx, entity, std::to_string(object), 100); });
  }
  std::int64_t entries() {
    return db().read_now([](db::Tx& tx) { return tx.one<std::int64_t>("SELECT count(*) FROM audit_entry"); });
  }
  static std::vector<std::string> words(const conference::AuditEntry& entry) {
    std::vector<std::string> lines;
    for (const auto& change : conference::changes_of(entry))
      lines.push_back(change.field + ": " + change.old_text + " -> " + change.new_text);
    return lines;
  }
  config::ProgramSettings settings_;
};
ON_BOTH_ENGINES(BootstrapRecord);

TEST_P(BootstrapRecord, EachItemThatIsMadeHasAnEntry) {
  apply(sample);
  EXPECT_EQ(entries(), 1 + 2 + 2 + 2 + 2);
  const auto made = history("ticket_type", ticket("individual").id);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].action, conference::AuditAction::add);
  EXPECT_EQ(made[0].source, "bootstrap");
  EXPECT_EQ(made[0].actor, "command");
  EXPECT_EQ(made[0].object, "Individual");
  EXPECT_EQ(made[0].object_version, 1);
  EXPECT_EQ(made[0].conference_id, id());
}

TEST_P(BootstrapRecord, AChangeIsRecordedWithOldAndNewAndWhatStaysIsNot) {
  apply(sample);
  const std::int64_t before = entries();
  apply(sample, true);
  EXPECT_EQ(entries(), before);
  apply(with(with(sample, "price = 100.00", "price = 120.00"), "Convention Center, Pittsburgh", "Town Hall"),
        true);
  EXPECT_EQ(entries(), before + 2);
  const auto ticket_type = ticket("individual");
  const auto changed = history("ticket_type", ticket_type.id);
  ASSERT_EQ(changed.size(), 2U);
  EXPECT_EQ(changed[0].action, conference::AuditAction::change);
  EXPECT_EQ(changed[0].object_version, ticket_type.version);
  EXPECT_THAT(words(changed[0]), ElementsAre("price: $100.00 -> $120.00"));
  EXPECT_EQ(conference::changes_of(changed[0])[0].label, "Price");
  EXPECT_THAT(words(history("conference", id())[0]),
              ElementsAre("venue: Convention Center, Pittsburgh -> Town Hall"));
}

TEST_P(BootstrapRecord, NothingIsRecordedOfWhatIsRefused) {
  apply(sample);
  const std::int64_t before = entries();
  EXPECT_THROW(
      apply(with(with(sample, "price = 100.00", "price = 1.00"), "\"student\"]", "\"nobody\"]"), true),
      BootstrapError);
  EXPECT_EQ(entries(), before);
}

TEST_P(BootstrapRecord, LongTextsAreRecordedWhole) {
  const std::string terms(3000, 'x');
  apply(with(sample, "[conference]", "[conference]\nterms = \"" + terms + "\""));
  apply(with(sample, "[conference]", "[conference]\nterms = \"short\""), true);
  EXPECT_THAT(words(history("conference", id())[0]), ElementsAre("terms: " + terms + " -> short"));
}

TEST_P(BootstrapRecord, FlagsOfTheFileAreOverridesWithAHistoryOfTheirOwn) {
  apply(sample + "[conference.features]\nsponsors_enabled = false\n");
  auto flags = [&] {
    return db().read_now([this](db::Tx& tx) { return conference::load_overrides(tx, 1); });
  };
  EXPECT_EQ(flags()[conference::Feature::sponsors], false);
  EXPECT_EQ(flags()[conference::Feature::programs], std::nullopt);
  const BootstrapReport report =
      apply(sample + "[conference.features]\nsponsors_enabled = true\nprograms_enabled = false\n", true);
  ASSERT_EQ(report.conference.changes.size(), 2U);
  EXPECT_EQ(report.conference.changes[0].field, "features.sponsors_enabled");
  EXPECT_THAT(words(history("feature_flags", id())[0]),
              ElementsAre("sponsors_enabled: off -> on", "programs_enabled: default -> off"));
  EXPECT_EQ(history("conference", id()).size(), 1U) << "the conference itself did not change";
  apply(sample, true);
  EXPECT_EQ(flags()[conference::Feature::sponsors], true) << "what the file does not name is kept";
}

TEST_P(BootstrapRecord, WindowsMayHaveATimeOfDay) {
  apply(with(sample, "available = { opens = 2025-01-15, closes = 2027-05-13 }",
             "available = { opens_at = 2025-01-15T12:00:00, closes_at = 2027-05-13T18:30:00.25+02:00 }\n"
             "description = \"All days\"\nactive = false\nbulk = true"));
  const auto stored = ticket("individual");
  EXPECT_EQ(stored.available_from->to_string(), "2025-01-15T17:00:00Z");
  EXPECT_EQ(stored.available_until->to_string(), "2027-05-13T16:30:00.25Z");
  EXPECT_EQ(stored.description, "All days");
  EXPECT_FALSE(stored.is_active);
  EXPECT_TRUE(stored.bulk_enabled);
}

TEST_P(BootstrapRecord, AFileMayNameItsCurrencyOnce) {
  apply(with(sample, "[conference]", "[conference]\ncurrency = \"KWD\"\n"));
  EXPECT_EQ(ticket("individual").price, 100'000);
  try {
    apply(with(sample, "[conference]", "[conference]\ncurrency = \"EUR\"\n"), true);
    FAIL() << "a conference keeps its currency";
  } catch (const BootstrapError& error) {
    EXPECT_THAT(error.what(), HasSubstr("conference.toml:2:12: conference.currency"));
    EXPECT_THAT(error.what(), HasSubstr("keeps the currency it was made with"));
  }
}

TEST_P(BootstrapRecord, ThousandsOfItemsAreNoMatter) {
  std::string text = sample;
  for (int i = 0; i < 300; ++i)
    text += "[[conference.tickets]]\nname = \"T" + std::to_string(i) + "\"\nprice = 1\nquantity = 5\n";
  std::size_t told = 0, of = 0;
  apply_conference_file(db(), parsed(text), settings_, {.progress = [&](std::size_t done, std::size_t total) {
                          told = done;
                          of = total;
                        }});
  EXPECT_EQ(told, 309U);
  EXPECT_EQ(of, 309U);
  EXPECT_EQ(entries(), 309);
}

}  // namespace
}  // namespace plenary::domain
