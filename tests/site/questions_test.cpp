// Questions over HTTP: on the billing page, the review, the order and the ticket; files; what strangers and
// hostile forms get. source: registration 20, D31, D33 and D37; ground rules 15, 4.1 and 4.2.
#include <filesystem>

#include "domain/conference/conferences.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/asking.hpp"
#include "domain/registration/draft.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/orders.hpp"
#include "support/site/lost_commit.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

using registration::Id;
using registration::Question;
using registration::QuestionKind;
using registration::QuestionTarget;
using registration::testing::after;
using registration::testing::question;
using registration::testing::required;

const std::string pdf = "%PDF-1.7 a letter";

class QuestionPages : public ShopTest {
 protected:
  void SetUp() override {
    ShopTest::SetUp();
    media_ =
        std::filesystem::temp_directory_path() / ("plenary-answers-" + random_code(Random::system(), 12));
    open({.settings = [this](config::Settings& settings) { settings.server.media_dir = media_; }});
  }
  void TearDown() override {
    ShopTest::TearDown();
    std::filesystem::remove_all(media_);
  }
  Id ask(const Question& q, const std::vector<std::string>& options = {}) {
    return write([&](db::Tx& tx) { return registration::testing::ask(tx, conference_id(), q, options); });
  }
  static std::string field(std::int64_t position, Id question_id) {
    return registration::answer_field(position, question_id);
  }
  static Fields billing(Fields answers) {
    answers.insert(answers.begin(), {{"billing_name", "Ada Lovelace"}, {"billing_email", "ada@example.org"}});
    return answers;
  }
  HttpResponse review(Buyer& who, Fields answers) {
    const std::string path = who.base() + "checkout/review/";
    return who.post(path, Buyer::form(who.get(who.base() + "checkout/"), path, billing(std::move(answers))));
  }
  HttpResponse place(Buyer& who, const HttpResponse& review, Fields typed = {}) {
    const std::string path = who.base() + "checkout/";
    return who.post(path, Buyer::form(review, path, std::move(typed)));
  }
  // As a browser sends a form with a file in it.
  static HttpResponse send_file(Buyer& who, const std::string& path, Fields fields, const std::string& name,
                                const std::string& filename, const std::string& bytes) {
    const std::string boundary = "----a4f7b1c0";
    std::string body;
    fields.emplace_back("csrfmiddlewaretoken", who.client().csrf_token());
    for (const auto& [key, value] : fields)
      body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + key + "\"\r\n\r\n" + value +
              "\r\n";
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" +
            filename + "\"\r\nContent-Type: application/pdf\r\n\r\n" + bytes + "\r\n--" + boundary + "--\r\n";
    return who.client().request("POST", path, body,
                                {{"Content-Type", "multipart/form-data; boundary=" + boundary}});
  }
  // A paid order of free tickets; its path by secret link.
  std::string order_of(Buyer& who, Fields answers, const std::string& tickets = "1") {
    who.add("free", tickets);
    const HttpResponse placed = place(who, review(who, std::move(answers)));
    EXPECT_EQ(outcome(placed), "paid") << placed.body;
    const std::string path = placed.header("Location");
    return path.substr(0, path.find("confirmation/"));
  }
  std::vector<registration::Seat> seats() {
    return db().read_now([&](db::Tx& tx) {
      return registration::seats_of(tx, tx.one<std::int64_t>("SELECT max(id) FROM orders"));
    });
  }
  std::string holders_path(const registration::Seat& seat) {
    return "/fair/register/seats/" + std::to_string(seat.id) + "/" +
           registration::seat_link_token(application().site().link_key, seat.id, seat.link_version) + "/";
  }
  std::size_t files_on_disk() {
    std::size_t files = 0;
    if (!std::filesystem::exists(media_)) return 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(media_))
      files += entry.is_regular_file();
    return files;
  }
  test::TestDatabase::Change change() override {
    return [this, usual = ShopTest::change()](db::DatabaseOptions& options) {
      usual(options);
      lost_.use(options);
    };
  }
  std::filesystem::path media_;
  test::LostCommit lost_;
};
ON_BOTH_ENGINES(QuestionPages);

// Its row may be there: without the file it would lead nowhere.
TEST_P(QuestionPages, AFileStaysWhereNobodyKnowsWhetherItsRowIsThere) {
  if (GetParam() != db::Engine::postgresql) GTEST_SKIP() << "SQLite knows what became of a commit";
  const Id letter = ask(question("letter", QuestionKind::file, QuestionTarget::order));
  Buyer ada = buyer();
  ada.add("individual");
  const std::string path = ada.base() + "checkout/review/";
  const Fields form = Buyer::form(ada.get(ada.base() + "checkout/"), path, billing({}));
  lost_.is_armed = true;
  const HttpResponse told = send_file(ada, path, form, field(0, letter), "letter.pdf", pdf);
  lost_.is_armed = false;
  EXPECT_EQ(told.status, 500);
  EXPECT_TRUE(contains(told, "It may have worked")) << told.body;
  EXPECT_EQ(count("SELECT count(*) FROM answer_file"), 1);
  EXPECT_EQ(files_on_disk(), 1U);
}

TEST_P(QuestionPages, AreAskedInAFieldsetForTheOrderAndOneForEachTicket) {
  const Id company = ask(question("company", QuestionKind::text, QuestionTarget::order));
  const Id diet = ask(required(question("diet", QuestionKind::choice)), {"meat", "vegan"});
  const Id which = ask(after(question("which"), diet, "vegan"));
  Buyer ada = buyer();
  ada.add("individual", "2");
  const HttpResponse page = ada.get(ada.base() + "checkout/");
  for (const char* told : {"<legend>Your order</legend>", "<legend>Ticket 1: Ticket individual</legend>",
                           "<legend>Ticket 2: Ticket individual</legend>", "The vegan",
                           "Only if you answer “About diet” with “The vegan”."})
    EXPECT_TRUE(contains(page, told)) << told;
  EXPECT_TRUE(contains(page, "name=\"" + field(0, company) + "\""));
  EXPECT_TRUE(contains(page, "name=\"" + field(2, diet) + "\""));
  EXPECT_TRUE(contains(page, "data-depends=\"" + field(2, diet) + "\" data-value=\"vegan\""));
  EXPECT_TRUE(contains(page, "id=\"id_" + field(1, which) + "\""));
  EXPECT_FALSE(contains(page, "multipart")) << "no file is asked for";
}

TEST_P(QuestionPages, NothingIsAskedWhereThereIsNoQuestion) {
  Buyer ada = buyer();
  ada.add("individual");
  EXPECT_FALSE(contains(ada.get(ada.base() + "checkout/"), "class=\"questions\""));
  EXPECT_FALSE(contains(review(ada, {}), "Your answers"));
}

TEST_P(QuestionPages, EveryProblemIsToldTogetherAndWhatWasTypedStays) {
  const Id name = ask(required(question("name")));
  const Id age = ask(question("age", QuestionKind::number));
  const Id nuts = ask(question("nuts", QuestionKind::several), {"soy", "milk"});
  Buyer ada = buyer();
  ada.add("individual", "2");
  const std::string path = ada.base() + "checkout/review/";
  Fields fields = Buyer::form(ada.get(ada.base() + "checkout/"), path,
                              {{"billing_name", ""},
                               {"billing_email", "ada@example.org"},
                               {field(1, name), "<b>Ada</b>"},
                               {field(1, age), "old & wise"}});
  fields.emplace_back(field(2, nuts), "milk");
  fields.emplace_back(field(2, nuts), "soy");
  const HttpResponse refused = ada.post(path, fields);
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "<title>Error:"));
  EXPECT_TRUE(contains(refused, "href=\"#id_billing_name\""));
  EXPECT_TRUE(contains(refused, "href=\"#id_" + field(1, age) + "\""));
  EXPECT_TRUE(contains(refused, "href=\"#id_" + field(2, name) + "\""));
  EXPECT_FALSE(contains(refused, "href=\"#id_" + field(1, name) + "\""));
  EXPECT_TRUE(contains(refused, "Ticket 2: Ticket individual · About name: Please fill in this field."));
  EXPECT_TRUE(contains(refused, "value=\"&lt;b&gt;Ada&lt;/b&gt;\""));
  EXPECT_TRUE(contains(refused, "value=\"old &amp; wise\""));
  EXPECT_TRUE(contains(refused, "value=\"soy\" checked"));
  EXPECT_TRUE(contains(refused, "aria-describedby=\"id_" + field(1, age) + "_error"));
  // Whoever leaves and comes back finds it too.
  const HttpResponse again = ada.get(ada.base() + "checkout/");
  EXPECT_TRUE(contains(again, "value=\"&lt;b&gt;Ada&lt;/b&gt;\""));
  EXPECT_TRUE(contains(again, "value=\"milk\" checked"));
}

TEST_P(QuestionPages, AMarkAtTheEndOfAQuestionIsNotFollowedByAnother) {
  Question food = required(question("food", QuestionKind::text));
  food.label = "What do you eat?";
  ask(food);
  Buyer ada = buyer();
  ada.add("free");
  const HttpResponse refused = review(ada, {});
  EXPECT_TRUE(contains(refused, "What do you eat? Please fill in this field."));
  EXPECT_FALSE(contains(refused, "?:"));
}

// As without JavaScript: to the cart and back, by the buttons of the form.
TEST_P(QuestionPages, WhatWasTypedForEachTicketStaysWhenNumbersOfTicketsChange) {
  const Id badge = ask(question("badge", QuestionKind::text, QuestionTarget::attendee));
  const Id wish = ask(question("wish", QuestionKind::text, QuestionTarget::order));
  const Id letter = ask(question("letter", QuestionKind::file, QuestionTarget::order));
  Buyer ada = buyer();
  ada.add("individual", "2");
  ada.add("free", "1");
  const std::string cart = ada.base() + "cart/", checkout = ada.base() + "checkout/",
                    to_review = checkout + "review/";
  const auto items = [&] {
    return db().read_now([](db::Tx& tx) { return tx.query<Id>("SELECT id FROM cart_item ORDER BY id"); });
  };
  const auto set = [&](Id item, const char* quantity) {
    EXPECT_EQ(outcome(ada.post(cart, {{"action", "update_quantity"},
                                      {"item_id", std::to_string(item)},
                                      {"quantity", quantity}})),
              "updated");
  };
  const HttpResponse form = ada.get(checkout);
  EXPECT_TRUE(contains(form, "formaction=\"" + cart + "\""));
  const Fields typed = billing({{"billing_email", "ada@"},
                                {field(1, badge), "First"},
                                {field(2, badge), "Second <b>"},
                                {field(3, badge), "Third"},
                                {field(0, wish), "Peace"},
                                {"action", "keep"}});
  const HttpResponse left =
      send_file(ada, cart, Buyer::form(form, to_review, typed), field(0, letter), "letter.pdf", pdf);
  EXPECT_EQ(outcome(left), "kept");
  EXPECT_EQ(left.header("Location"), cart);
  set(items().at(0), "1");
  const HttpResponse back = ada.get(checkout);
  EXPECT_TRUE(contains(back, "value=\"Ada Lovelace\""));
  EXPECT_TRUE(contains(back, "name=\"" + field(1, badge) + "\" value=\"First\""));
  EXPECT_TRUE(contains(back, "name=\"" + field(2, badge) + "\" value=\"Third\""))
      << "its own, not the second's";
  EXPECT_TRUE(contains(back, "value=\"Peace\""));
  EXPECT_TRUE(contains(back, "letter.pdf"));
  set(items().at(0), "3");
  const HttpResponse more = ada.get(checkout);
  EXPECT_TRUE(contains(more, "name=\"" + field(1, badge) + "\" value=\"First\""));
  EXPECT_TRUE(contains(more, "name=\"" + field(2, badge) + "\" value=\"Second &lt;b&gt;\""));
  EXPECT_TRUE(contains(more, "name=\"" + field(3, badge) + "\" value=\"\""));
  EXPECT_TRUE(contains(more, "name=\"" + field(4, badge) + "\" value=\"Third\""));
  // From the review, and for more time.
  const HttpResponse reviewed = ada.post(
      to_review,
      Buyer::form(more, to_review, {{"billing_email", "ada@example.org"}, {field(3, badge), "Fourth"}}));
  EXPECT_EQ(outcome(reviewed), "review");
  EXPECT_EQ(outcome(ada.post(cart, Buyer::form(reviewed, to_review, {{"action", "keep"}}))), "kept");
  EXPECT_TRUE(contains(ada.get(checkout), "value=\"Fourth\""));
  EXPECT_EQ(outcome(ada.post(cart, Buyer::form(ada.get(checkout), to_review,
                                               {{field(3, badge), "Fifth"}, {"action", "renew"}}))),
            "renewed");
  EXPECT_TRUE(contains(ada.get(checkout), "name=\"" + field(3, badge) + "\" value=\"Fifth\""));
}

TEST_P(QuestionPages, AnswersAreShownOnceMoreAndKeptWithTheOrder) {
  const Id company = ask(question("company", QuestionKind::text, QuestionTarget::order));
  const Id from = ask(question("from", QuestionKind::country));
  const Id diet = ask(question("diet", QuestionKind::choice), {"meat", "vegan"});
  const Id which = ask(after(question("which"), diet, "vegan"));
  Buyer ada = buyer();
  ada.add("free");
  const HttpResponse page = review(ada, {{field(0, company), "Analytical Ltd"},
                                         {field(1, from), "DE"},
                                         {field(1, diet), "meat"},
                                         {field(1, which), "hidden text"}});
  EXPECT_EQ(outcome(page), "review") << page.body;
  for (const char* told : {"Your answers", "Analytical Ltd", "Germany", "The meat"})
    EXPECT_TRUE(contains(page, told)) << told;
  EXPECT_FALSE(contains(page, "<dd>hidden text"));
  // Back to the form and forth again: nothing is typed twice.
  const std::string path = ada.base() + "checkout/review/";
  const HttpResponse back = ada.post(path, Buyer::form(page, path, {{"change", "1"}}));
  EXPECT_TRUE(contains(back, "value=\"Analytical Ltd\""));
  EXPECT_TRUE(contains(back, "value=\"DE\" selected"));
  const HttpResponse placed = place(ada, page);
  ASSERT_EQ(outcome(placed), "paid");
  EXPECT_EQ(count("SELECT count(*) FROM answer"), 3);
  const std::string confirmation = placed.header("Location");
  const HttpResponse order = ada.get(confirmation.substr(0, confirmation.find("confirmation/")));
  for (const char* told : {"Questions and answers", "Analytical Ltd", "Germany", "Change answers"})
    EXPECT_TRUE(contains(order, told)) << told;
}

TEST_P(QuestionPages, AnOrderWithAnswersIsPlacedAndPaidAtTheFirstTry) {
  const Id diet = ask(question("diet", QuestionKind::choice), {"meat", "vegan"});
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse placed = place(ada, review(ada, {{field(1, diet), "vegan"}}));
  ASSERT_EQ(outcome(placed), "ordered");
  EXPECT_EQ(outcome(ada.pay(placed.header("Location"))), "paid");
  EXPECT_EQ(count("SELECT count(*) FROM answer"), 1);
  EXPECT_EQ(lost_.run_again, 0) << "no batch had to be run once more, with savepoints";
}

TEST_P(QuestionPages, AQuestionThatIsNewAtTheLastMomentIsAskedBeforeAnythingIsOrdered) {
  Buyer ada = buyer();
  ada.add("free");
  const HttpResponse page = review(ada, {});
  const Id late = ask(required(question("late")));
  const HttpResponse refused = place(ada, page);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(outcome(refused), "required");
  EXPECT_TRUE(contains(refused, "href=\"#id_" + field(1, late) + "\""));
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 0);
}

TEST_P(QuestionPages, HostileFieldsAreNoAnswers) {
  const Id name = ask(question("name"));
  const Id diet = ask(question("diet", QuestionKind::choice), {"meat"});
  Buyer ada = buyer();
  ada.add("free");
  EXPECT_EQ(review(ada, {{field(1, name), std::string(200'000, 'x')}}).status, 422);
  EXPECT_EQ(review(ada, {{field(1, diet), "' OR 1=1 --"}}).status, 422);
  const HttpResponse page = review(ada, {{field(1, name), "Ada"},
                                         {field(2, name), "no such ticket"},
                                         {"answer_1_999999", "no such question"},
                                         {"answer_-1_1", "x"},
                                         {"answer_1_", "x"},
                                         {"answer_99999999999_99999999999", "x"},
                                         {"answer_", "x"}});
  EXPECT_EQ(outcome(page), "review");
  EXPECT_EQ(outcome(place(ada, page, {{"answer_1_999999", "x"}, {field(7, name), "x"}})), "paid");
  EXPECT_EQ(count("SELECT count(*) FROM answer"), 1);
}

TEST_P(QuestionPages, AFileSurvivesARefusedFormAndGoesToTheOrder) {
  const Id letter = ask(required(question("letter", QuestionKind::file)));
  Buyer ada = buyer();
  ada.add("free");
  const std::string path = ada.base() + "checkout/review/";
  const HttpResponse page = ada.get(ada.base() + "checkout/");
  EXPECT_TRUE(contains(page, "enctype=\"multipart/form-data\""));
  const Fields unnamed = Buyer::form(page, path, {{"billing_email", "ada@example.org"}});
  const HttpResponse refused = send_file(ada, path, unnamed, field(1, letter), "my letter.pdf", pdf);
  EXPECT_EQ(refused.status, 422);
  EXPECT_FALSE(contains(refused, "href=\"#id_" + field(1, letter) + "\"")) << "the file is there";
  EXPECT_TRUE(contains(refused, "my letter.pdf"));
  EXPECT_EQ(files_on_disk(), 1u);
  const HttpResponse good = send_file(ada, path, Buyer::form(refused, path, billing({})), "nothing", "", "");
  EXPECT_EQ(outcome(good), "review") << good.body;
  const HttpResponse placed = place(ada, good);
  ASSERT_EQ(outcome(placed), "paid");
  const std::string order =
      placed.header("Location").substr(0, placed.header("Location").find("confirmation/"));
  const std::string file = order + "files/" + std::to_string(count("SELECT max(id) FROM answer_file")) + "/";
  EXPECT_EQ(lost_.run_again, 0) << "an order with its answers and files is written at the first try";
  EXPECT_TRUE(contains(ada.get(order), "href=\"" + file + "\""));
  const HttpResponse sent = ada.get(file);
  EXPECT_EQ(sent.status, 200);
  EXPECT_EQ(sent.body, pdf);
  EXPECT_EQ(sent.header("Content-Type"), "application/pdf");
  EXPECT_EQ(sent.header("Content-Disposition").rfind("attachment;", 0), 0u);
  EXPECT_EQ(sent.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(sent.header("Cache-Control"), "no-store");

  // Nobody else's: another order, a wrong link, the folder itself.
  Buyer bob = buyer();
  bob.add("free");
  const HttpResponse bobs =
      send_file(bob, path, Buyer::form(bob.get(bob.base() + "checkout/"), path, billing({})),
                field(1, letter), "b.pdf", pdf);
  const HttpResponse bobs_order = place(bob, bobs);
  ASSERT_EQ(outcome(bobs_order), "paid");
  const std::string other =
      bobs_order.header("Location").substr(0, bobs_order.header("Location").find("confirmation/"));
  EXPECT_EQ(bob.get(other + "files/" + std::to_string(count("SELECT min(id) FROM answer_file")) + "/").status,
            404);
  std::string wrong = file;
  wrong[wrong.find("/files/") - 1] ^= 1;
  EXPECT_EQ(bob.get(wrong).status, 404);
  for (const std::string& path_of_media : {std::string("/media/private/answers/"), std::string("/media/")})
    EXPECT_EQ(bob.get(path_of_media).status, 404) << path_of_media;
}

TEST_P(QuestionPages, FilesOfAnotherTypeOrSizeAreRefusedAndNotStored) {
  const Id letter = ask(question("letter", QuestionKind::file));
  Buyer ada = buyer();
  ada.add("free");
  const std::string path = ada.base() + "checkout/review/";
  const auto send = [&](const std::string& name, const std::string& bytes) {
    return send_file(ada, path, Buyer::form(ada.get(ada.base() + "checkout/"), path, billing({})),
                     field(1, letter), name, bytes);
  };
  for (const std::string& bytes :
       {std::string("<html><script>alert(1)</script>"), std::string("MZ\x90"), std::string("<svg/>"),
        "%PDF-" + std::string(registration::largest_answer_file, 'x')}) {
    const HttpResponse refused = send("letter.pdf", bytes);
    EXPECT_EQ(refused.status, 422) << bytes.substr(0, 10);
    EXPECT_TRUE(contains(refused, "href=\"#id_" + field(1, letter) + "\"")) << bytes.substr(0, 10);
  }
  EXPECT_EQ(files_on_disk(), 0u);
  EXPECT_EQ(count("SELECT count(*) FROM answer_file"), 0);
  EXPECT_EQ(send("../../../etc/cron.d/x", pdf).status, 200);
  EXPECT_EQ(files_on_disk(), 1u);
  EXPECT_EQ(count("SELECT count(*) FROM answer_file WHERE name = 'x'"), 1);
}

TEST_P(QuestionPages, AHandleOfAnotherBuyersFileOpensNothing) {
  const Id letter = ask(question("letter", QuestionKind::file));
  Buyer ada = buyer();
  ada.add("free");
  const std::string path = ada.base() + "checkout/review/";
  EXPECT_EQ(send_file(ada, path, Buyer::form(ada.get(ada.base() + "checkout/"), path, billing({})),
                      field(1, letter), "a.pdf", pdf)
                .status,
            200);
  const std::string handle =
      db().read_now([](db::Tx& tx) { return tx.one<std::string>("SELECT stored_name FROM answer_file"); });
  Buyer bob = buyer();
  bob.add("free");
  const HttpResponse page = review(bob, {{field(1, letter), handle + " a.pdf"}});
  const HttpResponse refused = place(bob, page);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(outcome(refused), "file_gone");
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 0);
}

TEST_P(QuestionPages, TheBuyerChangesAnswersUntilTheyClose) {
  const Id company = ask(question("company", QuestionKind::text, QuestionTarget::order));
  const Id name = ask(required(question("name")));
  Buyer ada = buyer();
  const std::string order = order_of(ada, {{field(0, company), "Old Ltd"}, {field(1, name), "Ada"}});
  const auto change = [&](const std::string& position, Fields fields) {
    const std::string path = order + "answers/" + position + "/";
    const HttpResponse page = ada.get(path);
    EXPECT_EQ(page.status, 200);
    return ada.post(path, Buyer::form(page, path, std::move(fields)));
  };
  const HttpResponse changed = change("0", {{field(0, company), "New Ltd"}});
  EXPECT_EQ(outcome(changed), "answered");
  EXPECT_EQ(changed.header("Location"), order);
  EXPECT_TRUE(contains(ada.get(order), "New Ltd"));
  const HttpResponse refused = change("1", {{field(1, name), ""}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "href=\"#id_" + field(1, name) + "\""));
  EXPECT_EQ(count("SELECT count(*) FROM answer_event WHERE actor = 'buyer'"), 1);
  // Another place's fields in this form change nothing.
  EXPECT_EQ(outcome(change("0", {{field(0, company), "New Ltd"}, {field(1, name), "Eve"}})), "answered");
  EXPECT_EQ(count("SELECT count(*) FROM answer WHERE value = 'Ada'"), 1);
  EXPECT_EQ(ada.get(order + "answers/2/").status, 404);
  EXPECT_EQ(buyer().get(order.substr(0, order.size() - 2) + "x/answers/0/").status, 404);

  const HttpResponse open_page = ada.get(order + "answers/0/");
  write([&](db::Tx& tx) {
    auto row = conference::load(tx, conference_id()).value();
    row.answers_until = tx.now();
    EXPECT_TRUE(conference::update(tx, row));
    return 0;
  });
  const HttpResponse late = ada.post(
      order + "answers/0/", Buyer::form(open_page, order + "answers/0/", {{field(0, company), "Late Ltd"}}));
  EXPECT_EQ(outcome(late), "too_late");
  EXPECT_EQ(outcome(ada.get(order + "answers/0/")), "too_late");
  EXPECT_EQ(count("SELECT count(*) FROM answer WHERE value = 'Late Ltd'"), 0);
  EXPECT_FALSE(contains(ada.get(order), "Change answers"));
}

TEST_P(QuestionPages, AHolderAnswersForTheirSeatAloneAndTheBuyerNoLongerReadsIt) {
  const Id company = ask(question("company", QuestionKind::text, QuestionTarget::order));
  const Id diet = ask(question("diet"));
  Buyer ada = buyer(), grace = buyer();
  const std::string order = order_of(
      ada, {{field(0, company), "Secret Ltd"}, {field(1, diet), "one"}, {field(2, diet), "two"}}, "2");
  const registration::Seat first = seats()[0];
  const std::string seat_form = order + "seats/" + std::to_string(first.id) + "/";
  Fields fields =
      Buyer::form(ada.get(seat_form), seat_form, {{"name", "Grace"}, {"email", "grace@example.org"}});
  fields.emplace_back("action", "send");
  ASSERT_EQ(outcome(ada.post(seat_form, fields)), "mailed");

  const HttpResponse shown = ada.get(order);
  EXPECT_TRUE(contains(shown, "The holder of this ticket answers its questions."));
  EXPECT_FALSE(contains(shown, "<dd>one"));
  EXPECT_EQ(ada.get(order + "answers/1/").status, 404);
  const std::string path = holders_path(seats()[0]);
  const HttpResponse page = grace.get(path);
  EXPECT_TRUE(contains(page, "Questions and answers"));
  for (const char* secret : {"Secret Ltd", "<dd>two"}) EXPECT_FALSE(contains(page, secret)) << secret;
  const std::string own = path + "answers/";
  const HttpResponse form = grace.get(own);
  EXPECT_FALSE(contains(form, field(0, company)));
  EXPECT_FALSE(contains(form, field(2, diet)));
  EXPECT_EQ(outcome(grace.post(own, Buyer::form(form, own,
                                                {{field(1, diet), "vegan"},
                                                 {field(2, diet), "stolen"},
                                                 {field(0, company), "stolen"}}))),
            "answered");
  EXPECT_TRUE(contains(grace.get(path), "vegan"));
  EXPECT_EQ(count("SELECT count(*) FROM answer WHERE value = 'stolen'"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM answer_event WHERE actor = 'holder' AND position = 1"), 1);
}

TEST_P(QuestionPages, QuestionsForLaterAreAskedOnTheOrderAndCountedWhileTheyWait) {
  Question bio = required(question("bio", QuestionKind::paragraph));
  bio.ask_at = registration::AskAt::later;
  const Id id = ask(bio);
  Buyer ada = buyer();
  ada.add("free");
  EXPECT_FALSE(contains(ada.get(ada.base() + "checkout/"), "About bio"));
  const HttpResponse placed = place(ada, review(ada, {}));
  ASSERT_EQ(outcome(placed), "paid");
  const std::string order =
      placed.header("Location").substr(0, placed.header("Location").find("confirmation/"));
  EXPECT_TRUE(contains(ada.get(order), "One question still has to be answered."));
  const std::string path = order + "answers/1/";
  EXPECT_EQ(outcome(ada.post(path, Buyer::form(ada.get(path), path, {{field(1, id), "Born.\r\nLived."}}))),
            "answered");
  const HttpResponse shown = ada.get(order);
  EXPECT_FALSE(contains(shown, "still has to be answered"));
  EXPECT_TRUE(contains(shown, "Born.<br>Lived."));
}

TEST_P(QuestionPages, AnswersWithoutTheFormsTokenChangeNothing) {
  const Id company = ask(question("company", QuestionKind::text, QuestionTarget::order));
  Buyer ada = buyer();
  const std::string order = order_of(ada, {{field(0, company), "Old"}});
  EXPECT_EQ(ada.post(order + "answers/0/", {{"csrfmiddlewaretoken", "x"}, {field(0, company), "New"}}).status,
            403);
  EXPECT_EQ(ada.client().request("PUT", order + "answers/0/").status, 405);
  EXPECT_EQ(count("SELECT count(*) FROM answer WHERE value = 'Old'"), 1);
}

}  // namespace
}  // namespace plenary::site::testing
