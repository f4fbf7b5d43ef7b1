// Questions with orders: asked at checkout, kept with the order, changed until the deadline, forgotten with a
// ticket that changes hands; their files. source: registration 20, D33 and D37.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/conference/conferences.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/answer_sheet.hpp"
#include "domain/registration/asking.hpp"
#include "domain/registration/entities.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/sale.hpp"
#include "domain/registration/seats.hpp"

namespace plenary::registration::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view pdf = "%PDF-1.7 a letter";

class Questions : public Sale {
 protected:
  void SetUp() override {
    Sale::SetUp();
    open({.ticket_types = {ticket("individual", 10000, 0), ticket("student", 4000, 0), ticket("free", 0, 0)},
          .addons = {addon("shirt", 2500, 0)}});
    fair().write([&](db::Tx& tx) {  // it lies ahead
      auto row = conference::load(tx, fair().conference_id).value();
      row.start_date = row.end_date = *Date::parse("2027-06-01");
      EXPECT_TRUE(conference::update(tx, row));
      return 0;
    });
  }
  Id ask(const Question& q, const std::vector<std::string>& options = {},
         const std::vector<std::string>& tickets = {}, bool with_shirt = false) {
    return fair().write([&](db::Tx& tx) {
      std::vector<Id> types, addons;
      for (const std::string& slug : tickets)
        types.push_back(tx.one<Id>("SELECT id FROM ticket_type WHERE slug = $1 AND conference_id = $2", slug,
                                   fair().conference_id));
      if (with_shirt) addons.push_back(tx.one<Id>("SELECT id FROM addon WHERE slug = 'shirt'"));
      return testing::ask(tx, fair().conference_id, q, options, types, addons);
    });
  }
  PlacedOrder order(const std::string& who, std::vector<GivenAnswer> answers, std::int64_t total) {
    CheckoutForm form;
    form.billing = {"Ada Lovelace", "ada@example.org", ""};
    form.shown_total = total;
    form.link_key = &test_link_key();
    form.answers = std::move(answers);
    return fair().write([&](db::Tx& tx) { return place_order(tx, fair().shop, fair().guest(who), form); });
  }
  // A paid order of so many free tickets.
  Id paid(const std::string& who, std::vector<GivenAnswer> answers, std::int64_t tickets = 1) {
    fair().add(fair().guest(who), "free", tickets);
    const PlacedOrder placed = order(who, std::move(answers), 0);
    EXPECT_TRUE(placed.is_paid);
    return placed.order_id;
  }
  std::shared_ptr<const Catalogue> catalogue() {
    return fair().read([&](db::Tx& tx) { return load_catalogue(tx, fair().conference_id, fair().settings); });
  }
  // "0 About a = x", one a line.
  std::vector<std::string> kept(Id order_id) {
    std::vector<std::string> lines;
    for (const KeptAnswer& one : fair().read([&](db::Tx& tx) { return answers_of(tx, order_id); }))
      lines.push_back(std::to_string(one.position) + " " + one.text + " = " + one.shown);
    return lines;
  }
  std::vector<Refused> change(Id order_id, std::int64_t position, std::vector<GivenAnswer> given,
                              const char* actor = "buyer") {
    const auto snapshot = catalogue();
    return fair().write([&](db::Tx& tx) {
      return change_answers(tx, *snapshot, *find_order(tx, order_id), position, given, actor);
    });
  }
  std::vector<std::string> events(Id order_id) {
    std::vector<std::string> lines;
    for (const AnswerEvent& one : fair().read([&](db::Tx& tx) { return answer_events(tx, order_id); }))
      lines.push_back(std::to_string(one.position) + " " + one.actor + ": " + one.detail);
    return lines;
  }
  std::int64_t count(const char* sql) {
    return fair().read([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
  AnswerFile upload(Id question_id, const std::string& by = "ada", std::string_view bytes = pdf) {
    AnswerFile file = new_answer_file(fair().shop.random, "letter.pdf", bytes);
    file.conference_id = fair().conference_id;
    file.question_id = question_id;
    file.uploaded_by = by;
    fair().write([&](db::Tx& tx) { return store_answer_file(tx, file).id; });
    return file;
  }
};
ON_BOTH_ENGINES(Questions);

TEST_P(Questions, AreAskedOfTheOrderAndOfEachTicketTheyAreFor) {
  const Id company = ask(question("company", QuestionKind::text, QuestionTarget::order));
  const Id school = ask(question("school"), {}, {"student"});
  const Id size = ask(question("size", QuestionKind::text, QuestionTarget::order), {}, {}, true);
  Question later = question("bio");
  later.ask_at = AskAt::later;
  const Id bio = ask(later);
  Question off = question("off");
  off.is_active = false;
  ask(off);

  fair().add(fair().guest("ada"), "individual", 2);
  fair().add(fair().guest("ada"), "student");
  const auto places = [&](bool at_checkout) {
    const auto snapshot = catalogue();
    const CartView cart = fair().cart(fair().guest("ada"));
    std::vector<std::pair<std::int64_t, Id>> list;
    for (const QuestionPlace& one : asked_for(*snapshot, units_of(*snapshot, cart.items), at_checkout))
      list.emplace_back(one.position, one.question->question.id);
    return list;
  };
  using P = std::pair<std::int64_t, Id>;
  EXPECT_THAT(places(true), ElementsAre(P(0, company), P(3, school)));
  EXPECT_THAT(places(false), ElementsAre(P(0, company), P(1, bio), P(2, bio), P(3, school), P(3, bio)));
  fair().add_extra(fair().guest("ada"), "shirt");
  EXPECT_THAT(places(true), ElementsAre(P(0, company), P(0, size), P(3, school)));
}

TEST_P(Questions, SelectedWithNothingSelectedIsNobody) {
  Question q = required(question("q"));
  q.ticket_scope = QuestionScope::selected;
  ask(q);
  EXPECT_TRUE(kept(paid("ada", {})).empty());
}

TEST_P(Questions, AnswersAreKeptInTheWriteThatPlacesTheOrder) {
  const Id company = ask(required(question("company", QuestionKind::text, QuestionTarget::order)));
  const Id diet = ask(required(question("diet", QuestionKind::choice)), {"meat", "vegan"});
  const Id photo = ask(question("photo", QuestionKind::consent));
  const Id placed = paid("ada",
                         {{0, company, "Analytical"},
                          {1, diet, "vegan"},
                          {2, diet, "meat"},
                          {2, photo, "1"},
                          {3, diet, "meat"},       // no such ticket
                          {1, 999'999, "x"},       // no such question
                          {1, company, "twice"}},  // not asked of a ticket
                         2);
  EXPECT_THAT(kept(placed), ElementsAre("0 About company = Analytical", "1 About diet = The vegan",
                                        "2 About diet = The meat", "2 About photo = yes"));
  const auto answers = fair().read([&](db::Tx& tx) { return answers_of(tx, placed); });
  EXPECT_EQ(answers[1].value, "vegan");
  EXPECT_EQ(answers[3].value, "1");
  EXPECT_EQ(answers[3].text_version, 1);
  EXPECT_EQ(answers[0].answered_at, fair().get(placed).created_at);
}

TEST_P(Questions, WithoutARequiredAnswerNothingIsOrdered) {
  const Id diet = ask(required(question("diet", QuestionKind::choice)), {"meat", "vegan"});
  fair().add(fair().guest("ada"), "individual", 2);
  std::string field;
  try {
    order("ada", {{1, diet, "vegan"}}, 20000);
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.code(), "required");
    field = refused.field();
  }
  EXPECT_EQ(field, answer_field(2, diet));
  EXPECT_EQ(Fair::refusal([&] {
              order("ada", {{1, diet, "vegan"}, {2, diet, "stone"}}, 20000);
            }),
            "no_such_option");
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM answer"), 0);
}

TEST_P(Questions, ChangesAreWrittenAsTheyDifferAndLeaveATrace) {
  const Id name = ask(question("name")), diet = ask(question("diet"));
  const Id placed = paid("ada", {{1, name, "Ada"}, {1, diet, "vegan"}, {2, name, "Bob"}}, 2);
  const auto before = fair().read([&](db::Tx& tx) { return answers_of(tx, placed); });
  clock().advance(Duration::hours(1));
  EXPECT_TRUE(change(placed, 1, {{1, name, "Ada"}, {2, name, "Eve"}}).empty());
  EXPECT_THAT(kept(placed), ElementsAre("1 About name = Ada", "2 About name = Bob"));
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return answers_of(tx, placed); })[0].answered_at,
            before[0].answered_at);
  EXPECT_THAT(events(placed), ElementsAre("1 buyer: About diet"));
  EXPECT_TRUE(change(placed, 1, {{1, name, "Ada"}}).empty());
  EXPECT_EQ(events(placed).size(), 1u);  // nothing changed
  EXPECT_TRUE(change(placed, 2, {{2, name, "Bea"}, {2, diet, "meat"}}, "holder").empty());
  EXPECT_THAT(kept(placed), ElementsAre("1 About name = Ada", "2 About name = Bea", "2 About diet = meat"));
  EXPECT_EQ(events(placed).back(), "2 holder: About name · About diet");
}

TEST_P(Questions, WhatIsWrongChangesNothing) {
  const Id name = ask(required(question("name"))), age = ask(question("age", QuestionKind::number));
  const Id placed = paid("ada", {{1, name, "Ada"}});
  const std::vector<Refused> faults = change(placed, 1, {{1, age, "old"}});
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].field(), answer_field(1, name));
  EXPECT_EQ(faults[1].field(), answer_field(1, age));
  EXPECT_THAT(kept(placed), ElementsAre("1 About name = Ada"));
  EXPECT_THROW(change(placed, 7, {{7, name, "x"}}), NotFound);
  EXPECT_THROW(change(placed, 0, {}), NotFound);
}

TEST_P(Questions, AnswersToQuestionsThatAreNoLongerAskedStay) {
  const Id name = ask(question("name")), old = ask(question("old"));
  const Id placed = paid("ada", {{1, name, "Ada"}, {1, old, "kept"}});
  fair().write([&](db::Tx& tx) {
    Question q = *question_table().find(tx, old);
    q.is_active = false;
    return question_table().update(tx, q).has_value();
  });
  EXPECT_TRUE(change(placed, 1, {{1, name, "Bea"}, {1, old, "gone"}}).empty());
  EXPECT_THAT(kept(placed), ElementsAre("1 About name = Bea", "1 About old = kept"));
}

TEST_P(Questions, AnswersCloseWithTheFirstDayOrWhenTheConferenceSays) {
  const Id name = ask(question("name"));
  const Id placed = paid("ada", {{1, name, "Ada"}});
  const auto set_until = [&](std::optional<Instant> until) {
    fair().write([&](db::Tx& tx) {
      auto row = conference::load(tx, fair().conference_id).value();
      row.answers_until = until;
      EXPECT_TRUE(conference::update(tx, row));
      return 0;
    });
  };
  const auto snapshot = catalogue();
  EXPECT_EQ(answers_deadline(*snapshot), snapshot->zone.day_start(snapshot->conference.start_date));
  set_until(clock().now() + Duration::hours(1));
  EXPECT_TRUE(change(placed, 1, {{1, name, "Bea"}}).empty());
  clock().advance(Duration::hours(1));  // "until" itself is too late
  EXPECT_EQ(Fair::refusal([&] { change(placed, 1, {{1, name, "Eve"}}); }), "too_late");
  EXPECT_THAT(kept(placed), ElementsAre("1 About name = Bea"));
}

TEST_P(Questions, AConsentToAChangedTextIsAskedForAgainAndKeepsItsOwnWords) {
  const Id photo = ask(required(question("photo", QuestionKind::consent)));
  const Id placed = paid("ada", {{1, photo, "1"}});
  fair().write([&](db::Tx& tx) {
    Question q = *question_table().find(tx, photo);
    q.label = "Another text";
    q.text_version = 2;
    return question_table().update(tx, q).has_value();
  });
  EXPECT_THAT(kept(placed), ElementsAre("1 About photo = yes"));
  const auto faults = change(placed, 1, {{1, photo, "1"}});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].code(), "consent_changed");
  EXPECT_TRUE(change(placed, 1, {{1, photo, "2"}}).empty());
  EXPECT_THAT(kept(placed), ElementsAre("1 Another text = yes"));
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return answers_of(tx, placed); })[0].text_version, 2);
}

TEST_P(Questions, ATicketThatChangesHandsForgetsItsHolder) {
  const Id name = ask(question("name")), letter = ask(question("letter", QuestionKind::file));
  const AnswerFile file = upload(letter);
  const Id placed = paid("ada", {{1, name, "Ada"}, {1, letter, file.handle}, {2, name, "Bob"}}, 2);
  const auto snapshot = catalogue();
  fair().write([&](db::Tx& tx) {
    const Order order = *find_order(tx, placed);
    auto held = *find_seat_of_order(tx, order, seats_of(tx, placed)[0].id);
    const SeatChange how{fair().shop, *snapshot, SeatActor::buyer, 0, "en"};
    name_seat(tx, how, held, {"Ada", "ada@example.org"});
    transfer_seat(tx, how, held, {"Eve", "eve@example.org"});
    return 0;
  });
  EXPECT_THAT(kept(placed), ElementsAre("2 About name = Bob"));
  EXPECT_THAT(events(placed).back(), HasSubstr("1 system: forgotten"));
  EXPECT_EQ(count("SELECT count(*) FROM answer_file WHERE order_id IS NULL AND keep_until IS NOT NULL"), 1);
}

TEST_P(Questions, AFileBelongsToTheAnswerThatKeepsIt) {
  const Id letter = ask(question("letter", QuestionKind::file)),
           other = ask(question("other", QuestionKind::file));
  const AnswerFile file = upload(letter), second = upload(letter), wrong = upload(other);
  // Twice in one order, of another question, unknown, and what only looks like one: refused, nothing bound.
  fair().add(fair().guest("ada"), "free", 2);
  for (const std::string& handle : {wrong.handle, std::string("ABCDEF"), std::string("../../etc/passwd"),
                                    file.stored_name, std::string("1")})
    EXPECT_EQ(Fair::refusal([&] { order("ada", {{1, letter, handle}}, 0); }), "file_gone") << handle;
  EXPECT_EQ(Fair::refusal([&] {
              order("ada", {{1, letter, file.handle}, {2, letter, file.handle}}, 0);
            }),
            "file_gone");
  const Id placed = order("ada", {{1, letter, file.handle}, {2, letter, second.handle}}, 0).order_id;
  EXPECT_THAT(kept(placed), ElementsAre("1 About letter = letter.pdf", "2 About letter = letter.pdf"));
  const auto stored = fair().read([&](db::Tx& tx) { return answers_of(tx, placed); });
  const Id id = std::stoll(stored[0].value);
  EXPECT_TRUE(fair().read([&](db::Tx& tx) { return find_answer_file(tx, placed, 1, id); }));
  EXPECT_FALSE(fair().read([&](db::Tx& tx) { return find_answer_file(tx, placed, 2, id); }));
  // Another order cannot have it, nor another ticket of this one.
  const Id others = paid("bob", {});
  EXPECT_EQ(change(others, 1, {{1, letter, file.handle}}).at(0).code(), "file_gone");
  EXPECT_EQ(change(placed, 2, {{2, letter, file.handle}}).at(0).code(), "file_gone");
  // Kept as it is, then replaced: the first one may go.
  EXPECT_TRUE(change(placed, 1, {{1, letter, file.handle + " letter.pdf"}}).empty());
  EXPECT_TRUE(events(placed).empty());
  const AnswerFile third = upload(letter);
  EXPECT_TRUE(change(placed, 1, {{1, letter, third.handle}}).empty());
  EXPECT_FALSE(fair().read([&](db::Tx& tx) { return find_answer_file(tx, placed, 1, id); }));
  EXPECT_EQ(change(placed, 1, {{1, letter, file.handle}}).at(0).code(), "file_gone");
}

TEST_P(Questions, FilesThatNoOrderKeptGo) {
  const Id letter = ask(question("letter", QuestionKind::file));
  const AnswerFile first = upload(letter), kept_one = upload(letter);
  paid("ada", {{1, letter, kept_one.handle}});
  clock().advance(Duration::days(1));
  fair().add(fair().guest("bob"), "free");
  EXPECT_EQ(Fair::refusal([&] { order("bob", {{1, letter, first.handle}}, 0); }), "file_gone");
  AnswerFile next = new_answer_file(fair().shop.random, "x.pdf", pdf);
  next.conference_id = fair().conference_id;
  next.question_id = letter;
  const StoredAnswerFile stored = fair().write([&](db::Tx& tx) { return store_answer_file(tx, next); });
  EXPECT_THAT(stored.gone, ElementsAre(first.stored_name));
  EXPECT_EQ(count("SELECT count(*) FROM answer_file"), 2);
}

TEST_P(Questions, OneBrowserSendsOnlySoManyFiles) {
  const Id letter = ask(question("letter", QuestionKind::file));
  for (std::int64_t i = 0; i < waiting_answer_files; ++i) upload(letter, "ada");
  EXPECT_EQ(Fair::refusal([&] { upload(letter, "ada"); }), "too_many_files");
  upload(letter, "bob");
}

TEST(AnswerFiles, AreKnownByTheirContent) {
  SeededRandom random(1);
  const auto refusal = [&](std::string_view name, std::string_view bytes) {
    return Fair::refusal([&] { new_answer_file(random, name, bytes); });
  };
  EXPECT_EQ(refusal("a.pdf", ""), "file_empty");
  EXPECT_EQ(refusal("a.pdf", "MZ\x90 not a letter"), "file_type");
  EXPECT_EQ(refusal("a.png", "<svg onload=alert(1)>"), "file_type");
  EXPECT_EQ(refusal("a.pdf", "<html>%PDF-"), "file_type");
  EXPECT_EQ(refusal("a.pdf", std::string(largest_answer_file + 1, '%')), "file_too_large");
  EXPECT_EQ(new_answer_file(random, "a.exe", "\x89PNG\r\n\x1a\n…").content_type, "image/png");
  EXPECT_EQ(new_answer_file(random, "a", "\xff\xd8\xff\xe0").content_type, "image/jpeg");
  EXPECT_EQ(new_answer_file(random, "../../x\"y.pdf", pdf).name, "....xy.pdf");
  EXPECT_EQ(new_answer_file(random, " ", pdf).name, "file");
  EXPECT_LE(new_answer_file(random, std::string(5000, 'n'), pdf).name.size(), 200u);
}

TEST_P(Questions, TheRulesOfConditionsAreToldWhenTheyAreWritten) {
  const Id diet = ask(question("diet", QuestionKind::choice), {"meat", "vegan"});
  const Id order_one = ask(question("o", QuestionKind::text, QuestionTarget::order));
  const Id letter = ask(question("letter", QuestionKind::file));
  const auto faults = [&](const Question& q) {
    return fair().read([&](db::Tx& tx) {
      Question own = q;
      own.conference_id = fair().conference_id;
      std::string fields;
      for (const db::FieldError& fault : check_question(tx, own)) fields += fault.field + ";";
      return fields;
    });
  };
  EXPECT_EQ(faults(question("q")), "");
  EXPECT_EQ(faults(after(question("q"), diet, "vegan")), "");
  EXPECT_EQ(faults(after(question("q"), diet, "fish")), "depends_on_value;");
  EXPECT_EQ(faults(after(question("q"), order_one, "x")), "depends_on_question_id;");
  EXPECT_EQ(faults(after(question("q"), letter, "x")), "depends_on_value;");
  EXPECT_EQ(faults(after(question("q"), 999'999, "x")), "depends_on_question_id;");
  const Id which = ask(after(question("which"), diet, "vegan"));
  Question self = fair().read([&](db::Tx& tx) { return *question_table().find(tx, diet); });
  EXPECT_EQ(faults(after(self, which, "x")), "depends_on_question_id;");
  EXPECT_EQ(faults(after(self, diet, "vegan")), "depends_on_question_id;");
  paid("ada", {{1, diet, "vegan"}});
  self.kind = QuestionKind::several;
  EXPECT_EQ(faults(self), "kind;");
  self.kind = QuestionKind::choice;
  self.target = QuestionTarget::order;
  EXPECT_EQ(faults(self), "target;target;");
}

TEST_P(Questions, LimitsOfAQuestionFitItsKind) {
  const auto fields = [&](QuestionKind kind, const char* minimum, const char* maximum) {
    Question q = question("q", kind);
    q.minimum = minimum;
    q.maximum = maximum;
    std::string all;
    for (const db::FieldError& fault : question_table().validate(q)) all += fault.field + ";";
    return all;
  };
  EXPECT_EQ(fields(QuestionKind::text, "2", "10"), "");
  EXPECT_EQ(fields(QuestionKind::text, "-2", "x"), "minimum;maximum;");
  EXPECT_EQ(fields(QuestionKind::number, "-2.5", "3"), "");
  EXPECT_EQ(fields(QuestionKind::number, "4", "3"), "maximum;");
  EXPECT_EQ(fields(QuestionKind::date, "2027-01-01", "2027-02-30"), "maximum;");
  EXPECT_EQ(fields(QuestionKind::consent, "1", ""), "minimum;");
}

TEST_P(Questions, TheSheetHasARowForEachTicketAndAColumnForEachQuestion) {
  const Id company = ask(question("company", QuestionKind::text, QuestionTarget::order));
  const Id diet = ask(question("diet", QuestionKind::choice), {"meat", "vegan"});
  const Id first = paid("ada", {{0, company, "Analytical"}, {1, diet, "vegan"}}, 2);
  const Id second = paid("bob", {});
  fair().add(fair().guest("eve"), "individual");
  const Id pending = order("eve", {{0, company, "Eve Ltd"}}, 10000).order_id;
  const auto sheet = [&](int orders) {
    return fair().read([&](db::Tx& tx) {
      std::vector<std::string> lines;
      const auto questions = every_question(tx, fair().conference_id);
      SheetPiece piece;
      do {
        piece = answer_sheet(tx, fair().conference_id, questions, piece.last_order, orders);
        for (const SheetRow& row : piece.rows)
          lines.push_back(std::to_string(row.order_id) + "/" + std::to_string(row.position) + " " +
                          row.shown[0] + "|" + row.shown[1] + "|" + row.values[1]);
      } while (!piece.is_last);
      return lines;
    });
  };
  const auto line = [](Id id, const char* rest) { return std::to_string(id) + rest; };
  const auto expected =
      ElementsAre(line(first, "/1 Analytical|The vegan|vegan"), line(first, "/2 Analytical||"),
                  line(second, "/1 ||"), line(pending, "/0 Eve Ltd||"));
  EXPECT_THAT(sheet(500), expected);
  EXPECT_THAT(sheet(1), expected);

  // Nobody comes with a ticket that was taken out, whatever it had answered.
  const auto take_back = [&](Id id, std::vector<std::int64_t> seats) {
    fair().write([&](db::Tx& tx) {
      Order changed = find_order(tx, id).value();
      const auto units = static_cast<std::int64_t>(seats.size());
      const Cause staff{"admin", "eve", "asked by phone"};
      change_by_staff(tx, fair().shop, changed, {.taken_back = {{changed.lines[0].id, units, seats}}},
                      changed.version, staff);
    });
  };
  take_back(first, {1});
  take_back(second, {1});
  EXPECT_THAT(sheet(500), ElementsAre(line(first, "/2 Analytical||"), line(pending, "/0 Eve Ltd||")));
}

}  // namespace
}  // namespace plenary::registration::testing
