// Quotas, automatic discounts and questions of a conference file: made, changed, left alone, retired,
// exported, and all that can be wrong with them, together and with its place. source: configuration 10, 6.5;
// registration 20, 3.7, 4, 6 and D37.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/errors.hpp"
#include "config/settings.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/bootstrap.hpp"
#include "domain/bootstrap_files.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/export.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/question_setup.hpp"
#include "domain/registration/variations.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::domain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::parsed;
using testing::sample;
using testing::with;

// The six kinds, a quota over both kinds of product, questions that depend on one another.
const std::string rules = R"(
[[conference.addons]]
name = "Cap"
price = 10

[[conference.addons.variations]]
name = "Red"

[[conference.quotas]]
name = "Main hall"
size = 300
tickets = ["individual", "STUDENT"]
addons = ["pycon-t-shirt"]
variations = ["cap/red"]

[[conference.discounts]]
name = "Early bird"
kind = "time_limit"
percent = 12.5
quantity = 100
priority = 1
addons = "none"
available = { opens = 2026-09-01, closes = 2026-12-31 }

[[conference.discounts]]
name = "Speakers"
kind = "speaker"
percent = 100
copresenters = true
per_line = 1
addons = "none"

[[conference.discounts]]
name = "Helpers"
kind = "group_member"
percent = 50
groups = ["Helpers"]

[[conference.discounts]]
name = "With a ticket"
kind = "included_product"
amount = 5.00
requires = ["individual"]
tickets = "none"
addons = ["cap", "pycon-t-shirt"]

[[conference.discounts]]
name = "Caps"
kind = "product_discount"
amount = 1
tickets = "none"
addons = ["cap"]
description = "While they last"

[[conference.discounts]]
name = "All extras"
kind = "category_discount"
percent = 3
tickets = "none"
active = false

[[conference.questions]]
slug = "why-vegan"
text = "Since when?"
kind = "number"
minimum = 0
maximum = 99
only_if = { question = "diet", answer = "vegan" }

[[conference.questions]]
slug = "diet"
text = "What do you eat?"
kind = "choice"
required = true
tickets = ["individual"]

[[conference.questions.choices]]
name = "Everything"

[[conference.questions.choices]]
name = "Vegan"

[[conference.questions]]
slug = "invoice-note"
text = "Anything for the invoice?"
kind = "paragraph"
target = "order"
ask_at = "later"
help = "Your cost centre, say."
)";

class BootstrapRules : public test::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    db().write_now(db::global_lane, "test", [](db::Tx& tx) { return accounts::ensure_group(tx, "Helpers"); });
  }
  test::TestDatabase::Change change() override {
    return [set = DatabaseTest::change()](db::DatabaseOptions& options) {
      set(options);
      options.slow_write = Duration::hours(1);
    };
  }
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  BootstrapReport apply(const std::string& toml, bool update = false, bool force = false) {
    return apply_conference_file(db(), parsed(toml), settings_, {.update = update, .force = force});
  }
  BootstrapReport preview(const std::string& toml) {
    return preview_conference_file(&db(), "", parsed(toml), settings_, {.update = true});
  }
  std::string exported() {
    return db().read_now([&](db::Tx& tx) {
      const ConferenceExport made = export_conference(tx, "python-2077", settings_, {"admin", "import"});
      EXPECT_THAT(made.problems, IsEmpty());
      EXPECT_THAT(made.left_out, IsEmpty());
      return made.toml;
    });
  }
  registration::Id conference_id() {
    return db().read_now([](db::Tx& tx) { return conference::find_state(tx, "python-2077").value().id; });
  }
  std::vector<registration::QuestionSetup> questions() {
    const registration::Id id = conference_id();
    return db().read_now([&](db::Tx& tx) { return registration::question_setups(tx, id); });
  }
  registration::QuestionSetup question(const std::string& slug) {
    for (auto& one : questions())
      if (one.question.slug == slug) return one;
    ADD_FAILURE() << "no question " << slug;
    return {};
  }
  std::vector<registration::Condition> discounts() {
    const registration::Id id = conference_id();
    return db().read_now([&](db::Tx& tx) { return registration::conditions_of(tx, id); });
  }
  static std::vector<std::string> changes_of(const BootstrapReport& report, ItemKind kind,
                                             const std::string& slug) {
    std::vector<std::string> list;
    for (const AppliedItem& item : report.items)
      if (item.kind == kind && item.slug == slug)
        for (const FieldChange& change : item.changes)
          list.push_back(change.field + ": " + change.before + " -> " + change.after);
    return list;
  }
  // Somebody answered it.
  void answer(const std::string& slug) {
    const registration::Id question_id = question(slug).question.id, id = conference_id();
    write([&](db::Tx& tx) {
      const std::int64_t now = tx.now().micros;
      tx.exec(
          "INSERT INTO orders (conference_id, reference, status, currency, subtotal, discount_amount, total, "
          "created_at, updated_at) VALUES ($1, 'ORD-1', 'paid', 'USD', 0, 0, 0, $2, $2)",
          id, now);
      tx.exec(
          "INSERT INTO answer (order_id, position, question_id, value, shown, question_text, text_version, "
          "answered_at) SELECT id, 1, $1, 'vegan', 'Vegan', 'What do you eat?', 1, $2 FROM orders",
          question_id, now);
      return 0;
    });
  }

  config::ProgramSettings settings_;
};
ON_BOTH_ENGINES(BootstrapRules);

TEST_P(BootstrapRules, AllOfThemAreMadeAsTheFileSays) {
  const BootstrapReport report = apply(sample + rules);
  EXPECT_EQ(counts_of(report).change, 0U);
  const registration::Id id = conference_id();
  const auto quotas = db().read_now([&](db::Tx& tx) { return registration::quotas_of(tx, id); });
  ASSERT_EQ(quotas.size(), 1U);
  EXPECT_EQ(quotas[0].size, 300);
  EXPECT_EQ(quotas[0].ticket_types.size(), 2U);
  EXPECT_EQ(quotas[0].addons.size(), 1U);
  EXPECT_EQ(quotas[0].variations.size(), 1U);

  const auto made = discounts();
  ASSERT_EQ(made.size(), 6U);
  std::map<std::string, registration::Condition> by_name;
  for (const auto& one : made) by_name[one.name] = one;
  const registration::Condition& early = by_name.at("Early bird");
  EXPECT_EQ(early.percent, *Decimal::parse("12.5"));
  EXPECT_EQ(early.usage_limit, 100);
  EXPECT_EQ(early.addon_scope, registration::Scope::none);
  EXPECT_EQ(early.start_time->to_string(), "2026-09-01T04:00:00Z") << "a day in the conference's zone";
  EXPECT_EQ(early.end_time->to_string(), "2027-01-01T04:59:59.999999Z");
  EXPECT_TRUE(by_name.at("Speakers").is_copresenter);
  EXPECT_EQ(by_name.at("With a ticket").amount, 500);
  EXPECT_EQ(by_name.at("With a ticket").discount_type, registration::DiscountType::fixed_amount);
  EXPECT_FALSE(by_name.at("All extras").is_active);
  db().read_now([&](db::Tx& tx) {
    EXPECT_EQ(registration::links_of_condition(tx, by_name.at("Helpers").id).groups.size(), 1U);
    const auto links = registration::links_of_condition(tx, by_name.at("With a ticket").id);
    EXPECT_EQ(links.enabling_ticket_types.size(), 1U);
    EXPECT_EQ(links.products.addons.size(), 2U);
    return 0;
  });

  ASSERT_EQ(questions().size(), 3U);
  const auto diet = question("diet"), why = question("why-vegan");
  EXPECT_TRUE(diet.question.is_required);
  EXPECT_EQ(diet.options.size(), 2U);
  EXPECT_EQ(diet.ticket_types.size(), 1U);
  EXPECT_EQ(why.question.depends_on_question_id, std::optional(diet.question.id))
      << "it stands before the question that it waits for";
  EXPECT_EQ(why.question.maximum, "99");
  EXPECT_EQ(question("invoice-note").question.target, registration::QuestionTarget::order);
  EXPECT_EQ(question("invoice-note").question.ask_at, registration::AskAt::later);
}

TEST_P(BootstrapRules, ASecondTimeNothingChangesAndTheExportIsTheSame) {
  apply(sample + rules);
  const PlanCounts counts = counts_of(apply(sample + rules, true));
  EXPECT_EQ(counts.create, 0U);
  EXPECT_EQ(counts.change, 0U);
  EXPECT_EQ(counts.absent, 0U);
  const std::string first = exported();
  EXPECT_THAT(first, HasSubstr("\n[[conference.quotas]]\nname = \"Main hall\"\nsize = 300\ntickets = "
                               "[\"individual\", \"student\"]\naddons = [\"pycon-t-shirt\"]\nvariations = "
                               "[\"cap/red\"]\n"));
  EXPECT_THAT(first, HasSubstr("only_if = { question = \"diet\", answer = \"vegan\" }"));
  const PlanCounts twice = counts_of(apply(first, true));
  EXPECT_EQ(twice.create, 0U);
  EXPECT_EQ(exported(), first);
}

TEST_P(BootstrapRules, AnUpdateChangesWhatDiffersAndIsPreviewedAndRecorded) {
  apply(sample + rules);
  std::string toml = with(sample + rules, "size = 300", "size = 250");
  toml = with(toml, "addons = [\"pycon-t-shirt\"]\n", "addons = []\n");
  toml = with(toml, "percent = 12.5", "amount = 7.50");
  toml = with(toml, "text = \"What do you eat?\"", "text = \"What may we cook for you?\"");
  toml = with(toml, "tickets = [\"individual\"]\n\n[[conference.questions.choices]]",
              "tickets = \"all\"\n\n[[conference.questions.choices]]");
  const BootstrapReport seen = preview(toml);
  EXPECT_THAT(seen.problems, IsEmpty());
  EXPECT_THAT(changes_of(seen, ItemKind::quota, "main-hall"),
              ElementsAre("size: 300 -> 250", "addons: pycon-t-shirt -> (none)"));
  EXPECT_THAT(changes_of(seen, ItemKind::discount, "early-bird"),
              ElementsAre("discount_type: percentage -> fixed_amount", "amount: $0.00 -> $7.50"));
  EXPECT_THAT(
      changes_of(seen, ItemKind::question, "diet"),
      ElementsAre("text: What do you eat? -> What may we cook for you?", "tickets: individual -> all"));
  EXPECT_THAT(preview_text(seen), HasSubstr("Questions (3): 2 unchanged"));
  EXPECT_EQ(discounts().front().discount_type, registration::DiscountType::percentage)
      << "a preview writes nothing";

  apply(toml, true);
  EXPECT_EQ(question("diet").question.text_version, 2) << "another text is another version";
  EXPECT_EQ(question("diet").question.ticket_scope, registration::QuestionScope::all);
  const std::string diet = std::to_string(question("diet").question.id);
  const auto entries =
      db().read_now([&](db::Tx& tx) { return conference::history_of(tx, "question", diet, 5); });
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].told.front().field, "label");
  EXPECT_EQ(entries[0].told.front().new_text, "What may we cook for you?");
}

TEST_P(BootstrapRules, WhatLeavesTheFileIsRetiredAndItsAnswersStay) {
  apply(sample + rules);
  answer("diet");
  // One choice and one question less; the question that waited is gone as well.
  std::string toml = sample + rules;
  const std::size_t why = toml.find("[[conference.questions]]\nslug = \"why-vegan\"");
  toml.erase(why, toml.find("[[conference.questions]]", why + 5) - why);
  const std::size_t choice = toml.find("[[conference.questions.choices]]\nname = \"Vegan\"");
  toml.erase(choice, toml.find("[[conference.questions]]", choice) - choice);
  const BootstrapReport seen = preview(toml);
  EXPECT_THAT(changes_of(seen, ItemKind::question, "why-vegan"), ElementsAre("active: yes -> no"));
  EXPECT_THAT(changes_of(seen, ItemKind::choice, "diet/vegan"), ElementsAre("active: yes -> no"));
  apply(toml, true);
  EXPECT_FALSE(question("why-vegan").question.is_active);
  EXPECT_FALSE(question("diet").options[1].is_active);
  EXPECT_TRUE(question("diet").has_answers);
  // Back again, as they were.
  apply(sample + rules, true);
  EXPECT_TRUE(question("why-vegan").question.is_active);
  EXPECT_TRUE(question("diet").options[1].is_active);

  // A file that says nothing about questions leaves them alone; one with an empty list retires them all.
  const BootstrapReport silent = apply(sample, true);
  EXPECT_TRUE(question("diet").question.is_active);
  std::size_t absent = 0;
  for (const AbsentItem& item : silent.absent) absent += item.kind == ItemKind::question;
  EXPECT_EQ(absent, 3U);
  apply(with(sample, "[[conference.sections]]", "questions = []\n[[conference.sections]]"), true);
  for (const auto& one : questions()) EXPECT_FALSE(one.question.is_active) << one.question.slug;
  EXPECT_EQ(discounts().size(), 6U) << "discounts and quotas are left as they are";
}

TEST_P(BootstrapRules, WhatWasAnsweredKeepsItsKind) {
  apply(sample + rules);
  answer("diet");
  const std::string toml =
      with(sample + rules, "kind = \"choice\"\nrequired", "kind = \"several\"\nrequired");
  const BootstrapReport seen = preview(toml);
  ASSERT_EQ(seen.problems.size(), 1U);
  EXPECT_THAT(seen.problems[0], HasSubstr("conference.questions[1]"));
  EXPECT_THAT(seen.problems[0], HasSubstr("there are answers to this question already"));
  EXPECT_THROW(apply(toml, true), BootstrapError);
}

TEST_P(BootstrapRules, EveryProblemThatOnlyTheRowsShowIsToldWithItsPlace) {
  apply(sample + rules);
  const std::string toml = R"(
[[conference.quotas]]
name = "Second"
size = 5
tickets = ["nobody"]
variations = ["cap/blue"]

[[conference.discounts]]
name = "Nobody's"
kind = "group_member"
percent = 5
groups = ["No such group"]

[[conference.discounts]]
name = "Nothing"
kind = "included_product"
percent = 5
tickets = []

[[conference.questions]]
slug = "a"
text = "A?"
kind = "choice"
only_if = { question = "b", answer = "x" }

[[conference.questions]]
slug = "b"
text = "B?"
kind = "text"
minimum = "many"
only_if = { question = "a", answer = "x" }

[[conference.questions]]
slug = "c"
text = "C?"
kind = "text"
target = "order"
only_if = { question = "diet", answer = "fish" }

[[conference.questions]]
slug = "d"
text = "D?"
kind = "text"
only_if = { question = "nowhere", answer = "x" }
)";
  const BootstrapReport seen = preview(sample + toml);
  std::string all;
  for (const std::string& problem : seen.problems) all += problem + "\n";
  for (const char* part :
       {"conference.quotas[0] (\"Second\"): tickets: unknown ticket slugs: nobody",
        "unknown variation slugs: cap/blue", "conference.discounts[0] (\"Nobody's\"): groups",
        "unknown group", "conference.discounts[1] (\"Nothing\"): requires",
        "conference.discounts[1] (\"Nothing\"): tickets", "conference.questions[0] (\"a\"): choices",
        "questions that wait for each other", "conference.questions[1]",
        "conference.questions[2] (\"c\"): only_if", "which is not asked", "which is asked of the attendee",
        "the answer \"fish\"", "conference.questions[3] (\"d\"): only_if", "unknown question \"nowhere\""})
    EXPECT_THAT(all, HasSubstr(part));
  for (const std::string& problem : seen.problems)
    EXPECT_THAT(problem, ::testing::MatchesRegex("conference.toml:[0-9]+:[0-9]+: .*")) << problem;
  EXPECT_EQ(questions().size(), 3U);
}

TEST_P(BootstrapRules, AQuotaDoesNotFallBelowWhatIsSold) {
  apply(sample + rules);
  write([&](db::Tx& tx) { return tx.exec("UPDATE stock SET sold = 40 WHERE kind = 'quota'"); });
  const std::string toml = with(sample + rules, "size = 300", "size = 39");
  const BootstrapReport seen = preview(toml);
  ASSERT_EQ(seen.problems.size(), 1U);
  EXPECT_THAT(seen.problems[0], HasSubstr("at least 40 (40 sold"));
  EXPECT_NO_THROW(apply(toml, true, true));
}

}  // namespace
}  // namespace plenary::domain
