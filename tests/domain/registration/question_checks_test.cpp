// What may be an answer, and who is asked what. Pure. source: registration 20, D37.
#include <gtest/gtest.h>

#include "domain/registration/asking.hpp"

namespace plenary::registration::testing {
namespace {

AskedQuestion asked(Question q, const std::vector<std::string>& options = {}) {
  AskedQuestion one;
  static Id next = 1;
  if (q.id == 0) q.id = next++;
  one.question = std::move(q);
  for (const std::string& slug : options) {
    QuestionOption option;
    option.slug = slug;
    option.label = "The " + slug;
    one.options.push_back(std::move(option));
  }
  return one;
}

// "value|shown" of what is kept, "" for nothing, "!code" for a fault.
std::string outcome(const AskedQuestion& one, const std::string& sent) {
  const QuestionPlace place[] = {{3, &one}};
  const GivenAnswer given[] = {{3, one.question.id, sent}};
  const CheckedAnswers checked = check_answers(place, given);
  if (!checked.faults.empty()) {
    EXPECT_EQ(checked.faults[0].field(), answer_field(3, one.question.id));
    return "!" + checked.faults[0].code();
  }
  return checked.answers.empty() ? "" : checked.answers[0].value + "|" + checked.answers[0].shown;
}

AskedQuestion limited(QuestionKind kind, std::string minimum, std::string maximum) {
  Question q = question("q", kind);
  q.minimum = std::move(minimum);
  q.maximum = std::move(maximum);
  return asked(q);
}

TEST(QuestionChecks, TextsKeepWhatWasTypedWithinTheirLength) {
  const AskedQuestion plain = asked(question("q"));
  EXPECT_EQ(outcome(plain, "  Ünïcode \xF0\x9F\x8E\x89  "),
            "Ünïcode \xF0\x9F\x8E\x89|Ünïcode \xF0\x9F\x8E\x89");
  EXPECT_EQ(outcome(plain, "   "), "");
  EXPECT_EQ(outcome(plain, "two\nlines"), "!invalid");
  EXPECT_EQ(outcome(plain, std::string("a\0b", 3)), "!invalid");
  EXPECT_EQ(outcome(plain, "\xff\xfe"), "!too_long");
  EXPECT_EQ(outcome(plain, std::string(1001, 'a')), "!too_long");
  EXPECT_EQ(outcome(plain, std::string(10'000'000, 'a')), "!too_long");
  const AskedQuestion narrow = limited(QuestionKind::text, "2", "3");
  EXPECT_EQ(outcome(narrow, "ä"), "!too_short");
  EXPECT_EQ(outcome(narrow, "äöü"), "äöü|äöü");
  EXPECT_EQ(outcome(narrow, "äöüß"), "!too_long");
  const AskedQuestion lines = asked(question("q", QuestionKind::paragraph));
  EXPECT_EQ(outcome(lines, "a\r\nb\rc\td"), "a\nb\nc\td|a\nb\nc\td");
  EXPECT_EQ(outcome(lines, "a\x1b[0m"), "!invalid");
}

TEST(QuestionChecks, NumbersAreExactAndWithinTheirLimits) {
  const AskedQuestion any = asked(question("q", QuestionKind::number));
  EXPECT_EQ(outcome(any, "12"), "12|12");
  EXPECT_EQ(outcome(any, "1,50"), "1.5|1.5");
  EXPECT_EQ(outcome(any, "-0.10"), "-0.1|-0.1");
  for (const char* text : {"1e5", "1_000", "0x10", "NaN", "1.2.3", "1,2,3", "--1", "five", "١٢",
                           "12 "
                           "13"})
    EXPECT_EQ(outcome(any, text), "!invalid") << text;
  EXPECT_EQ(outcome(any, std::string(40, '9')), "!invalid");
  const AskedQuestion shoe = limited(QuestionKind::number, "30", "50.5");
  EXPECT_EQ(outcome(shoe, "29.99"), "!too_small");
  EXPECT_EQ(outcome(shoe, "50,5"), "50.5|50.5");
  EXPECT_EQ(outcome(shoe, "50.51"), "!too_large");
}

TEST(QuestionChecks, DaysAndCountriesAreRealOnes) {
  const AskedQuestion day = limited(QuestionKind::date, "2027-05-20", "2027-05-22");
  EXPECT_EQ(outcome(day, "2027-05-20"), "2027-05-20|2027-05-20");
  EXPECT_EQ(outcome(day, "2027-05-19"), "!too_small");
  EXPECT_EQ(outcome(day, "2027-05-23"), "!too_large");
  for (const char* text : {"2027-02-30", "20.05.2027", "2027-5-20", "tomorrow", "2027-05-20T00:00:00Z"})
    EXPECT_EQ(outcome(day, text), "!invalid") << text;
  const AskedQuestion country = asked(question("q", QuestionKind::country));
  EXPECT_EQ(outcome(country, "de"), "DE|DE");
  for (const char* text : {"XX", "Germany", "D", "DEU", "'; DROP TABLE answer; --"})
    EXPECT_EQ(outcome(country, text), "!no_such_option") << text;
}

TEST(QuestionChecks, OnlyOfferedAnswersCanBeChosen) {
  const AskedQuestion one = asked(question("q", QuestionKind::choice), {"meat", "vegan"});
  EXPECT_EQ(outcome(one, "vegan"), "vegan|The vegan");
  EXPECT_EQ(outcome(one, "VEGAN"), "vegan|The vegan");
  for (const char* text : {"fish", "vegan,meat", "The vegan", "<script>"})
    EXPECT_EQ(outcome(one, text), "!no_such_option") << text;
  const AskedQuestion several = asked(question("q", QuestionKind::several), {"nuts", "milk", "soy"});
  EXPECT_EQ(outcome(several, "soy,nuts,soy"), "nuts,soy|The nuts, The soy");
  EXPECT_EQ(outcome(several, "soy,fish"), "!no_such_option");
  EXPECT_EQ(outcome(several, ",,"), "");
}

TEST(QuestionChecks, AConsentIsGivenToTheTextThatWasShown) {
  Question q = required(question("q", QuestionKind::consent));
  q.text_version = 4;
  const AskedQuestion one = asked(q);
  EXPECT_EQ(outcome(one, "4"), "1|yes");
  EXPECT_EQ(outcome(one, ""), "!required");
  for (const char* text : {"3", "1", "on", "04", "-4"})
    EXPECT_EQ(outcome(one, text), "!consent_changed") << text;
}

TEST(QuestionChecks, EveryProblemIsToldWithItsField) {
  const AskedQuestion a = asked(required(question("a")));
  const AskedQuestion b = asked(question("b", QuestionKind::number));
  const QuestionPlace places[] = {{0, &a}, {1, &a}, {1, &b}, {2, &a}};
  const GivenAnswer given[] = {{1, b.question.id, "x"}, {2, a.question.id, "yes"}, {7, a.question.id, "no"}};
  const CheckedAnswers checked = check_answers(places, given);
  ASSERT_EQ(checked.faults.size(), 3u);
  EXPECT_EQ(checked.faults[0].field(), answer_field(0, a.question.id));
  EXPECT_EQ(checked.faults[1].field(), answer_field(1, a.question.id));
  EXPECT_EQ(checked.faults[2].field(), answer_field(1, b.question.id));
  ASSERT_EQ(checked.answers.size(), 1u);
  EXPECT_EQ(checked.answers[0].position, 2);
}

TEST(QuestionChecks, AConditionalQuestionIsAskedOnlyThen) {
  AskedQuestion diet = asked(question("diet", QuestionKind::choice), {"meat", "other"});
  AskedQuestion which = asked(required(after(question("which"), diet.question.id, "other")));
  AskedQuestion why = asked(required(after(question("why"), which.question.id, "raw")));
  // Whatever their order.
  const QuestionPlace places[] = {{1, &why}, {1, &which}, {1, &diet}, {2, &which}, {2, &diet}};
  const auto count = [&](std::initializer_list<GivenAnswer> given) {
    const std::vector<GivenAnswer> list(given);
    const CheckedAnswers checked = check_answers(places, list);
    return std::pair(checked.answers.size(), checked.faults.size());
  };
  const Id d = diet.question.id, w = which.question.id, y = why.question.id;
  EXPECT_EQ(count({}), std::pair(0ul, 0ul));
  // What is typed behind a condition that does not hold is not kept.
  EXPECT_EQ(count({{1, d, "meat"}, {1, w, "raw"}, {1, y, "taste"}}), std::pair(1ul, 0ul));
  EXPECT_EQ(count({{1, d, "other"}}), std::pair(1ul, 1ul));
  EXPECT_EQ(count({{1, d, "other"}, {1, w, "raw"}}), std::pair(2ul, 1ul));
  EXPECT_EQ(count({{1, d, "other"}, {1, w, "raw"}, {1, y, "taste"}}), std::pair(3ul, 0ul));
  // Another ticket's answer decides nothing here.
  EXPECT_EQ(count({{2, d, "other"}, {1, w, "raw"}}), std::pair(1ul, 1ul));
}

TEST(QuestionChecks, ConditionsReadEveryKind) {
  const struct {
    Question parent;
    std::vector<std::string> options;
    const char* wanted;
    const char* right;
    const char* wrong;
  } cases[] = {
      {question("p", QuestionKind::several), {"a", "b"}, "b", "a,b", "a"},
      {question("p", QuestionKind::consent), {}, "1", "1", ""},
      {question("p", QuestionKind::number), {}, "2", "2.0", "3"},
      {question("p", QuestionKind::country), {}, "de", "DE", "FR"},
      {question("p", QuestionKind::date), {}, "2027-05-20", "2027-05-20", "2027-05-21"},
      {question("p"), {}, "yes", "yes", "yess"},
  };
  for (const auto& one : cases) {
    const AskedQuestion parent = asked(one.parent, one.options);
    const AskedQuestion child = asked(after(question("c"), parent.question.id, one.wanted));
    const QuestionPlace places[] = {{0, &parent}, {0, &child}};
    const GivenAnswer right[] = {{0, parent.question.id, one.right}, {0, child.question.id, "x"}};
    const GivenAnswer wrong[] = {{0, parent.question.id, one.wrong}, {0, child.question.id, "x"}};
    EXPECT_EQ(check_answers(places, right).answers.size(), 2u) << one.wanted;
    EXPECT_EQ(check_answers(places, wrong).answers.size(), one.wrong[0] == '\0' ? 0u : 1u) << one.wanted;
  }
}

TEST(QuestionChecks, NobodyIsAskedInACircleOrBehindAQuestionThatIsNotThere) {
  Question a = question("a"), b = question("b");
  a.id = 1001;
  b.id = 1002;
  const AskedQuestion one = asked(required(after(a, 1002, "x"))), two = asked(required(after(b, 1001, "x")));
  const AskedQuestion lost = asked(required(after(question("c"), 4711, "x")));
  const QuestionPlace places[] = {{0, &one}, {0, &two}, {0, &lost}};
  const GivenAnswer given[] = {{0, 1001, "x"}, {0, 1002, "x"}, {0, lost.question.id, "x"}};
  const CheckedAnswers checked = check_answers(places, given);
  EXPECT_TRUE(checked.faults.empty());
  EXPECT_TRUE(checked.answers.empty());
}

TEST(QuestionChecks, LinesThatWereTakenBackAreNotAskedAbout) {
  std::vector<OrderLine> lines(4);
  lines[0].id = 1;
  lines[0].ticket_type_id = 10;
  lines[0].quantity = 3;
  lines[1].id = 2;
  lines[1].addon_id = 20;
  lines[1].quantity = 1;
  lines[2].id = 3;
  lines[2].ticket_type_id = 10;
  lines[2].quantity = -2;
  lines[2].reverses_line_id = 1;
  lines[3].id = 4;
  lines[3].addon_id = 20;
  lines[3].quantity = -1;
  lines[3].reverses_line_id = 2;
  const OrderUnits bought = units_of(lines, {});
  ASSERT_EQ(bought.units.size(), 1u);
  EXPECT_EQ(bought.units[0].position, 1);
  EXPECT_TRUE(bought.addons.empty());
  std::vector<Seat> seats(2);
  seats[0].position = 2;
  seats[0].ticket_type_id = 10;
  seats[1].position = 3;
  seats[1].is_active = false;
  const OrderUnits seated = units_of(lines, seats);
  ASSERT_EQ(seated.units.size(), 1u);
  EXPECT_EQ(seated.units[0].position, 2);
}

}  // namespace
}  // namespace plenary::registration::testing
