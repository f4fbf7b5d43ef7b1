// What a conference file comes to, against rows that need no database. source: configuration 10, 6.5 and 6.6.
#include "domain/bootstrap_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/bootstrap_files.hpp"

namespace plenary::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::parsed;
using testing::sample;
using testing::with;

// The rows as a database would hold them after the plan was written.
StoredRows stored_after(const BootstrapPlan& plan, registration::Committed committed = {}) {
  StoredRows rows;
  std::int64_t id = 0;
  rows.conference = plan.conference.row;
  rows.conference->id = 7;
  for (const auto& planned : plan.sections) rows.sections.push_back(planned.row);
  for (const auto& planned : plan.tickets) rows.tickets.push_back(planned.row);
  for (const auto& planned : plan.levels) rows.levels.push_back(planned.row);
  for (auto& section : rows.sections) section.id = ++id;
  for (auto& level : rows.levels) level.id = ++id;
  for (auto& ticket : rows.tickets) {
    ticket.id = ++id;
    rows.ticket_committed[ticket.id] = committed;
  }
  for (const auto& planned : plan.addons) {
    rows.addons.push_back(planned.row);
    rows.addons.back().id = ++id;
    rows.addon_committed[id] = committed;
    for (const std::string& slug : planned.requires_slugs.value_or(std::vector<std::string>())) {
      for (const auto& ticket : rows.tickets) {
        if (ticket.slug == slug) rows.addons.back().requires_ticket_types.push_back(ticket.id);
      }
    }
  }
  rows.committed = committed;
  return rows;
}

const config::ProgramSettings dollars;

BootstrapPlan fresh(const std::string& text) {
  return make_plan(parsed(text), {}, dollars, {});
}
BootstrapPlan update(const std::string& text, const StoredRows& stored, bool force = false) {
  return make_plan(parsed(text), stored, dollars, {.update = true, .force = force});
}

std::vector<std::string> changes_of(const AppliedItem& item) {
  std::vector<std::string> lines;
  for (const FieldChange& c : item.changes) lines.push_back(c.field + ": " + c.before + " -> " + c.after);
  return lines;
}

const AppliedItem& item(const BootstrapPlan& plan, ItemKind kind, std::string_view slug) {
  for (const AppliedItem& i : plan.report.items) {
    if (i.kind == kind && i.slug == slug) return i;
  }
  throw std::runtime_error("no item " + std::string(slug));
}

TEST(BootstrapPlan, ANewConferenceTakesAllOfTheFileAndTheCurrencyOfTheSettings) {
  BootstrapPlan plan = fresh(sample);
  EXPECT_THAT(plan.problems, IsEmpty());
  const auto& c = plan.conference.row;
  EXPECT_EQ(c.id, 0);
  EXPECT_EQ(c.slug, "python-2077");
  EXPECT_EQ(c.timezone, "America/New_York");
  EXPECT_EQ(c.total_capacity, 2500);
  EXPECT_EQ(c.revenue_budget, 5'000'000);
  EXPECT_EQ(c.target_attendance, 150);
  EXPECT_EQ(c.currency, "USD");
  ASSERT_EQ(plan.tickets.size(), 2u);
  EXPECT_EQ(plan.tickets[0].row.price, 10'000);
  EXPECT_EQ(plan.tickets[0].row.limit_per_user, 1);
  EXPECT_FALSE(plan.tickets[0].row.requires_voucher);
  EXPECT_TRUE(plan.tickets[1].row.requires_voucher);
  EXPECT_EQ(plan.tickets[1].row.order, 1);
  ASSERT_EQ(plan.addons.size(), 2u);
  EXPECT_THAT(plan.addons[0].requires_slugs.value(), ElementsAre("individual", "student"));
  EXPECT_EQ(plan.addons[1].requires_slugs, std::nullopt);
  EXPECT_EQ(plan.addons[1].row.total_quantity, 0);
  ASSERT_EQ(plan.levels.size(), 2u);
  EXPECT_EQ(plan.levels[0].row.cost, 15'000'000);
  EXPECT_EQ(plan.levels[0].row.comp_ticket_count, 25);
  EXPECT_TRUE(plan.report.conference.created);
  EXPECT_THAT(plan.report.conference.changes, IsEmpty());
}

TEST(BootstrapPlan, DefaultsOfATicketAreTheEntitys) {
  BootstrapPlan plan = fresh(with(sample, "per_user = 1\n", ""));
  EXPECT_EQ(plan.tickets[0].row.limit_per_user, 10);
  EXPECT_TRUE(plan.tickets[0].row.is_active);
  EXPECT_EQ(fresh(with(sample, "total_capacity = 2500\n", "")).conference.row.total_capacity, 0);
}

TEST(BootstrapPlan, AWindowIsWholeDaysOfTheConferencesZone) {
  BootstrapPlan plan = fresh(sample);
  EXPECT_EQ(plan.tickets[0].row.available_from->to_string(), "2025-01-15T05:00:00Z");
  EXPECT_EQ(plan.tickets[0].row.available_until->to_string(), "2027-05-14T03:59:59.999999Z");
  EXPECT_EQ(plan.addons[0].row.available_from->to_string(), "2025-01-15T05:00:00Z");
  EXPECT_EQ(plan.addons[0].row.available_until, std::nullopt);
  EXPECT_EQ(plan.tickets[1].row.available_from, std::nullopt);
}

TEST(BootstrapPlan, WhereMidnightIsSkippedTheDayBeginsAtItsFirstInstant) {
  struct Case {
    const char *zone, *day, *opens, *closes;
  };
  const Case cases[] = {
      // Clocks went from 00:00 to 01:00 on that day: 01:00 -03 is the first instant.
      {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T01:59:59.999999Z"},
      // 00:00 to 01:00 in spring.
      {"Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z", "2022-03-27T20:59:59.999999Z"},
      {"Asia/Kathmandu", "2025-06-01", "2025-05-31T18:15:00Z", "2025-06-01T18:14:59.999999Z"},
      {"UTC", "2025-06-01", "2025-06-01T00:00:00Z", "2025-06-01T23:59:59.999999Z"},
  };
  for (const Case& c : cases) {
    std::string text = with(sample, "America/New_York", c.zone);
    text = with(text, "{ opens = 2025-01-15, closes = 2027-05-13 }",
                std::string("{ opens = ") + c.day + ", closes = " + c.day + " }");
    BootstrapPlan plan = fresh(text);
    EXPECT_EQ(plan.tickets[0].row.available_from->to_string(), c.opens) << c.zone;
    EXPECT_EQ(plan.tickets[0].row.available_until->to_string(), c.closes) << c.zone;
  }
}

TEST(BootstrapPlan, AnExistingConferenceNeedsUpdate) {
  StoredRows stored = stored_after(fresh(sample));
  BootstrapPlan plan = make_plan(parsed(sample), stored, dollars, {});
  ASSERT_EQ(plan.problems.size(), 1u);
  EXPECT_THAT(plan.problems[0], HasSubstr("python-2077"));
  EXPECT_THAT(plan.problems[0], HasSubstr("--update"));
  EXPECT_THAT(plan.problems[0], HasSubstr("already exists"));
  EXPECT_THAT(plan.problems[0], HasSubstr("conference.toml:2:"));
}

TEST(BootstrapPlan, TheSameFileTwiceChangesNothing) {
  BootstrapPlan plan = update(sample, stored_after(fresh(sample)));
  EXPECT_THAT(plan.problems, IsEmpty());
  EXPECT_FALSE(plan.conference.write);
  EXPECT_FALSE(plan.capacity_changed);
  for (const auto& planned : plan.sections) EXPECT_FALSE(planned.write) << planned.row.slug;
  for (const auto& planned : plan.tickets) EXPECT_FALSE(planned.write) << planned.row.slug;
  for (const auto& planned : plan.addons) EXPECT_FALSE(planned.write) << planned.row.slug;
  for (const auto& planned : plan.levels) EXPECT_FALSE(planned.write) << planned.row.slug;
  EXPECT_THAT(changes_of(plan.report.conference), IsEmpty());
  EXPECT_THAT(plan.report.absent, IsEmpty());
}

TEST(BootstrapPlan, EveryOverwrittenValueIsInTheDiff) {
  StoredRows stored = stored_after(fresh(sample));
  stored.conference->venue = "edited in the dashboard";
  stored.tickets[0].price = 12'000;
  stored.tickets[0].name = "Single";
  stored.levels[0].comp_ticket_count = 3;
  BootstrapPlan plan = update(with(sample, "total_capacity = 2500", "total_capacity = 0"), stored);
  EXPECT_THAT(changes_of(plan.report.conference),
              ElementsAre("venue: edited in the dashboard -> Convention Center, Pittsburgh",
                          "total_capacity: 2500 -> unlimited"));
  EXPECT_TRUE(plan.capacity_changed);
  EXPECT_THAT(changes_of(item(plan, ItemKind::ticket, "individual")),
              ElementsAre("name: Single -> Individual", "price: $120.00 -> $100.00"));
  EXPECT_THAT(changes_of(item(plan, ItemKind::sponsor_level, "visionary")),
              ElementsAre("comp_tickets: 3 -> 25"));
  EXPECT_TRUE(plan.tickets[0].write);
  EXPECT_FALSE(plan.tickets[1].write);
}

TEST(BootstrapPlan, AnAbsentOptionalKeyKeepsWhatIsStored) {
  StoredRows stored = stored_after(fresh(sample));
  std::string text = sample;
  for (const char* line :
       {"venue = \"Convention Center, Pittsburgh\"\n", "total_capacity = 2500\n",
        "revenue_budget = 50_000.00\n", "target_attendance = 150\n", "voucher_required = true\n",
        "per_user = 1\navailable = { opens = 2025-01-15, closes = 2027-05-13 }\n",
        "quantity = 40\nrequires = [\"individual\", \"student\"]\n", "comp_tickets = 25\n"}) {
    text = with(text, line, "");
  }
  BootstrapPlan plan = update(text, stored);
  EXPECT_EQ(plan.conference.row.venue, "Convention Center, Pittsburgh");
  EXPECT_EQ(plan.conference.row.total_capacity, 2500);
  EXPECT_EQ(plan.conference.row.revenue_budget, 5'000'000);
  EXPECT_TRUE(plan.tickets[1].row.requires_voucher);
  EXPECT_EQ(plan.tickets[0].row.limit_per_user, 1);
  EXPECT_EQ(plan.tickets[0].row.available_until->to_string(), "2027-05-14T03:59:59.999999Z");
  EXPECT_EQ(plan.addons[0].row.total_quantity, 40);
  EXPECT_EQ(plan.addons[0].requires_slugs, std::nullopt);
  EXPECT_EQ(plan.addons[0].row.requires_ticket_types.size(), 2u);
  EXPECT_EQ(plan.levels[0].row.comp_ticket_count, 25);
  EXPECT_THAT(plan.problems, IsEmpty());
}

TEST(BootstrapPlan, AnEmptyRequiresClearsTheSet) {
  StoredRows stored = stored_after(fresh(sample));
  BootstrapPlan plan = update(with(sample, "[\"individual\", \"student\"]", "[]"), stored);
  EXPECT_THAT(plan.addons[0].requires_slugs.value(), IsEmpty());
  EXPECT_THAT(changes_of(item(plan, ItemKind::addon, "tutorial-intro-to-django")),
              ElementsAre("requires: individual, student -> any ticket"));
}

TEST(BootstrapPlan, RequiresMayNameATicketThatOnlyTheDatabaseHas) {
  StoredRows stored = stored_after(fresh(sample));
  registration::TicketType corporate;
  corporate.id = 99;
  corporate.name = "Corporate";
  corporate.slug = "corporate";
  stored.tickets.push_back(corporate);
  stored.ticket_committed[99] = {};
  BootstrapPlan plan = update(with(sample, "\"student\"]", "\"Corporate\"]"), stored);
  EXPECT_THAT(plan.problems, IsEmpty());
  EXPECT_THAT(plan.addons[0].requires_slugs.value(), ElementsAre("corporate", "individual"));
}

TEST(BootstrapPlan, UnknownRequiredTicketsAreNamedSortedWithTheirPlace) {
  BootstrapPlan plan = fresh(with(sample, "requires = [\"individual\", \"student\"]",
                                  "requires = [\"individual\", \"zebra\", \"corporate\"]"));
  ASSERT_EQ(plan.problems.size(), 1u);
  EXPECT_THAT(plan.problems[0], HasSubstr("conference.toml:42:27: "));
  EXPECT_THAT(plan.problems[0], HasSubstr("Tutorial: Intro to Django"));
  EXPECT_THAT(plan.problems[0], HasSubstr("corporate, zebra"));
}

// The example of 6.6: the list reads Tutorials, Sprints, Talks.
TEST(BootstrapPlan, SectionOrderIsTheGivenOneElseThePosition) {
  StoredRows stored = stored_after(fresh(sample));
  std::string text = with(
      sample, "[[conference.sections]]\nname = \"Tutorials\"\nstart = 2027-05-14\nend = 2027-05-15\n\n", "");
  text = with(text, "name = \"Talks\"\n", "name = \"Talks\"\norder = 7\n");
  text = with(text, "[[conference.tickets]]",
              "[[conference.sections]]\nname = \"Tutorials\"\nstart = 2027-05-14\nend = 2027-05-15\n\n"
              "[[conference.sections]]\nname = \"Sprints\"\nstart = 2027-05-19\nend = "
              "2027-05-22\n\n[[conference.tickets]]");
  BootstrapPlan plan =
      update(with(text, "name = \"Python 2077\"", "name = \"Python 2078\"\nslug = \"python-2077\""), stored);
  std::map<std::string, std::int64_t> orders;
  for (const auto& planned : plan.sections) orders[planned.row.slug] = planned.row.order;
  EXPECT_EQ(orders, (std::map<std::string, std::int64_t>{{"sprints", 2}, {"talks", 7}, {"tutorials", 1}}));
  EXPECT_EQ(plan.sections[2].row.id, 0);
  EXPECT_NE(plan.sections[0].row.id, 0);
  EXPECT_EQ(plan.conference.row.name, "Python 2078");
  EXPECT_EQ(plan.conference.row.slug, "python-2077");
}

TEST(BootstrapPlan, ARenamedItemWithoutASlugIsNewAndTheOldOneIsListed) {
  StoredRows stored = stored_after(fresh(sample));
  BootstrapPlan plan = update(with(sample, "name = \"PyCon T-Shirt\"", "name = \"Shirt\""), stored);
  EXPECT_TRUE(item(plan, ItemKind::addon, "shirt").created);
  ASSERT_EQ(plan.report.absent.size(), 1u);
  EXPECT_EQ(plan.report.absent[0].slug, "pycon-t-shirt");
  EXPECT_EQ(plan.report.absent[0].kind, ItemKind::addon);
}

TEST(BootstrapPlan, SlugsMatchWhateverTheirCaseAndStayAsStored) {
  StoredRows stored = stored_after(fresh(sample));
  stored.tickets[0].slug = "Individual";
  stored.conference->slug = "Python-2077";
  BootstrapPlan plan = update(sample, stored);
  EXPECT_EQ(plan.tickets[0].row.slug, "Individual");
  EXPECT_FALSE(plan.tickets[0].write);
  EXPECT_EQ(plan.conference.row.slug, "Python-2077");
  EXPECT_THAT(plan.report.absent, IsEmpty());
}

TEST(BootstrapPlan, StockMayNotFallBelowWhatIsSoldAndHeldUnlessForced) {
  StoredRows stored = stored_after(fresh(sample), {.sold = 30, .held = 8});
  std::string text = with(sample, "quantity = 2500\n", "quantity = 37\n");
  text = with(text, "quantity = 40\n", "quantity = 1\n");
  text = with(text, "total_capacity = 2500", "total_capacity = 37");
  BootstrapPlan plan = update(text, stored);
  ASSERT_EQ(plan.problems.size(), 3u);
  EXPECT_THAT(plan.problems[0], HasSubstr("total_capacity"));
  EXPECT_THAT(plan.problems[1], HasSubstr("conference.tickets[0]"));
  EXPECT_THAT(plan.problems[1], HasSubstr("\"Individual\""));
  EXPECT_THAT(plan.problems[1], HasSubstr("at least 38 (30 sold, 8 held"));
  EXPECT_THAT(plan.problems[1], HasSubstr("--force"));
  EXPECT_THAT(plan.problems[2], HasSubstr("conference.addons[0]"));
  EXPECT_THAT(update(text, stored, true).problems, IsEmpty());
  EXPECT_THAT(update(with(sample, "quantity = 2500\n", "quantity = 38\n"), stored).problems, IsEmpty());
  EXPECT_THAT(update(with(sample, "quantity = 2500\n", "quantity = 0\n"), stored).problems, IsEmpty());
}

TEST(BootstrapPlan, OneHalfOfAWindowMustFitTheStoredOther) {
  StoredRows stored = stored_after(fresh(sample));
  std::string text = with(sample, "available = { opens = 2025-01-15, closes = 2027-05-13 }",
                          "available = { opens = 2027-05-14 }");
  BootstrapPlan plan = update(text, stored);
  ASSERT_EQ(plan.problems.size(), 1u);
  EXPECT_THAT(plan.problems[0], HasSubstr("conference.tickets[0]"));
  EXPECT_THAT(plan.problems[0], HasSubstr("2027-05-14 to 2027-05-13"));
}

TEST(BootstrapPlan, AllProblemsAreReportedTogether) {
  StoredRows stored = stored_after(fresh(sample), {.sold = 30, .held = 0});
  std::string text = with(sample, "quantity = 2500\n", "quantity = 3\n");
  text = with(text, "\"student\"]", "\"nobody\"]");
  EXPECT_EQ(make_plan(parsed(text), stored, dollars, {}).problems.size(), 3u);
}

TEST(BootstrapPlan, AmountsShowTheConferencesOwnCurrency) {
  StoredRows stored = stored_after(fresh(sample));
  stored.conference->currency = "EUR";
  config::ProgramSettings symbol;
  symbol.currency_symbol = "US$";
  BootstrapPlan plan = make_plan(parsed(sample, "EUR"), stored, symbol, {.update = true, .force = false});
  EXPECT_EQ(item(plan, ItemKind::ticket, "individual").detail, "€100.00");
  EXPECT_EQ(item(plan, ItemKind::sponsor_level, "visionary").detail, "€150,000.00");
  EXPECT_EQ(plan.conference.row.currency, "EUR");
  BootstrapPlan own = make_plan(parsed(sample), {}, symbol, {});
  EXPECT_EQ(item(own, ItemKind::ticket, "individual").detail, "US$100.00");
}

TEST(BootstrapPlan, AFileReadInAnotherCurrencyThanTheConferencesIsRefused) {
  StoredRows stored = stored_after(fresh(sample));
  stored.conference->currency = "EUR";
  EXPECT_THROW(update(sample, stored), BootstrapError);
}

TEST(BootstrapText, TheSummaryCountsAndListsByVerbosity) {
  StoredRows stored = stored_after(fresh(sample));
  stored.tickets[0].price = 12'000;
  stored.tickets[1].slug = "old-student";
  BootstrapPlan plan = update(sample, stored);
  EXPECT_EQ(report_text(plan.report, 0), "");
  std::string normal = report_text(plan.report, 1);
  EXPECT_THAT(
      normal,
      HasSubstr(
          "  ~ Updated ticket type: Individual (individual): $100.00\n      price: $120.00 -> $100.00\n"));
  EXPECT_THAT(normal, HasSubstr("  + Created ticket type: Student (student): $25.00\n"));
  EXPECT_THAT(normal, HasSubstr("Conference: Python 2077 (python-2077)"));
  EXPECT_THAT(normal, HasSubstr("Ticket types: 1 created, 1 updated\n"));
  EXPECT_THAT(normal, HasSubstr("Sections: 0 created, 0 updated, 2 unchanged\n"));
  EXPECT_THAT(normal, HasSubstr("ticket type Student (old-student)"));
  EXPECT_THAT(normal, Not(HasSubstr("    ~ Individual")));
  EXPECT_THAT(normal, Not(HasSubstr("Unchanged section")));
  EXPECT_THAT(normal, HasSubstr("\nApplied: 1 created, 2 changed, 6 unchanged, 1 only in the database.\n"));
  std::string chatty = report_text(plan.report, 2);
  EXPECT_THAT(chatty, HasSubstr("+ Student (student)"));
  EXPECT_THAT(chatty, HasSubstr("~ Individual (individual)"));
}

TEST(BootstrapText, APreviewShowsEveryItemAndWhatWouldHappenToIt) {
  StoredRows stored = stored_after(fresh(sample));
  stored.addons.pop_back();
  BootstrapPlan plan = update(sample, stored);
  std::string text = preview_text(plan.report, 2);
  EXPECT_THAT(text, HasSubstr("[DRY RUN]"));
  EXPECT_THAT(text, HasSubstr("Conference: Python 2077 (python-2077): no change"));
  EXPECT_THAT(text, HasSubstr("2027-05-14 to 2027-05-22"));
  EXPECT_THAT(text, HasSubstr("Time zone: America/New_York"));
  EXPECT_THAT(text, HasSubstr("Venue: Convention Center, Pittsburgh"));
  EXPECT_THAT(
      text, HasSubstr("Sections (2): 2 unchanged\n    [0] Tutorials (tutorials): 2027-05-14 to 2027-05-15"));
  EXPECT_THAT(text, HasSubstr("[1] PyCon T-Shirt (pycon-t-shirt): $25.00: create"));
  EXPECT_THAT(text, HasSubstr("Sponsor levels (2): 2 unchanged\n    [0] Visionary (visionary): $150,000.00"));
}

TEST(BootstrapText, APreviewHasNoHeadingForWhatIsAbsent) {
  std::string text = sample.substr(0, sample.find("[[conference.tickets]]"));
  text = with(
      text, "venue = \"Convention Center, Pittsburgh\"\nwebsite_url = \"https://python2077.example\"\n", "");
  std::string shown = preview_text(fresh(text).report);
  for (const char* absent : {"Ticket types", "Add-ons", "Sponsor levels", "Venue", "Website"}) {
    EXPECT_THAT(shown, Not(HasSubstr(absent)));
  }
  EXPECT_THAT(shown, HasSubstr("(python-2077): create"));
}

TEST(BootstrapText, APreviewListsEveryItemAndCountsWhatStays) {
  StoredRows stored = stored_after(fresh(sample));
  stored.tickets[0].price = 12'000;
  stored.tickets[1].slug = "old-student";
  const BootstrapPlan plan = update(sample, stored);
  const std::string text = preview_text(plan.report);
  EXPECT_THAT(
      text, HasSubstr("  ~ [0] Individual (individual): $100.00: update\n      price: $120.00 -> $100.00\n"));
  EXPECT_THAT(text, HasSubstr("  + [1] Student (student): $25.00: create\n"));
  EXPECT_THAT(text, HasSubstr("  ? ticket type Student (old-student)\n"));
  EXPECT_THAT(text, HasSubstr("Sections (2): 2 unchanged\n"));
  EXPECT_THAT(text, HasSubstr("\nPlan: 1 to create, 2 to change, 6 unchanged, 1 only in the database.\n"));
  EXPECT_EQ(preview_text(plan.report, 0),
            "Plan: 1 to create, 2 to change, 6 unchanged, 1 only in the database.\n");
  EXPECT_THAT(text, HasSubstr("    [0] Tutorials (tutorials): 2027-05-14 to 2027-05-15: no change"));
}

TEST(BootstrapText, ColoursRepeatTheMarkersAndOnlyWhereTheyAreWanted) {
  StoredRows stored = stored_after(fresh(sample));
  stored.tickets[0].price = 12'000;
  stored.addons.pop_back();
  stored.levels[1].slug = "old";
  const BootstrapPlan plan = update(sample, stored);
  EXPECT_THAT(preview_text(plan.report, 2), Not(HasSubstr("\x1b")));
  const std::string text = preview_text(plan.report, 2, true);
  EXPECT_THAT(text, HasSubstr("\x1b[32m+ [1] PyCon T-Shirt"));
  EXPECT_THAT(text, HasSubstr("\x1b[33m~ [0] Individual"));
  EXPECT_THAT(text, HasSubstr("\x1b[36m  ? sponsor level"));
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b')
      i = text.find('m', i);
    else
      plain += text[i];
  }
  EXPECT_EQ(plain, preview_text(plan.report, 2)) << "without the colours it says the same";
  EXPECT_THAT(report_text(plan.report, 1, true), HasSubstr("\x1b[32m+ Created add-on: PyCon T-Shirt"));
}

}  // namespace
}  // namespace plenary::domain
