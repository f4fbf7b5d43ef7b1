// The organisers' pages of attendees: finding, filters, paging, the file with answers, one attendee; and
// answers changed by staff, files among them. source: staff pages 70, 11.1, 11.2, 14.17, 14.26 and 14.33;
// registration 20, D37.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "domain/registration/asking.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/questions.hpp"
#include "manage/order_pages.hpp"
#include "support/site/page_text.hpp"

namespace plenary::manage::testing {
namespace {

using registration::Id;
using registration::QuestionKind;
using registration::QuestionTarget;
using registration::testing::after;
using registration::testing::question;
using registration::testing::required;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* people = "/manage/fair/attendees/";

class Attendees : public OrderPagesTest {
 protected:
  void SetUp() override {
    OrderPagesTest::SetUp();
    media_ =
        std::filesystem::temp_directory_path() / ("plenary-answers-" + random_code(Random::system(), 12));
    open({.settings = [this](config::Settings& settings) { settings.server.media_dir = media_; }});
  }
  void TearDown() override {
    OrderPagesTest::TearDown();
    std::filesystem::remove_all(media_);
  }
  Id ask(const registration::Question& q, const std::vector<std::string>& options = {}) {
    return write([&](db::Tx& tx) { return registration::testing::ask(tx, conference_id(), q, options); });
  }
  std::int64_t seat(std::int64_t order, std::int64_t position = 1) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT id FROM seat WHERE order_id = $1 AND position = $2", order,
                                  position);
    });
  }
  static std::string one(std::int64_t seat) { return people + std::to_string(seat) + "/"; }
  bool lists(Buyer& who, const std::string& query, std::int64_t seat) {
    const HttpResponse found = who.get(people + ("?" + query));
    EXPECT_EQ(found.status, 200) << query;
    return contains(found, "href=\"" + one(seat) + "\"");
  }
  static std::string answers(std::int64_t order, std::int64_t position) {
    return page(order, "answers") + std::to_string(position) + "/";
  }
  // The form with a letter in that field, as a browser sends it.
  static HttpResponse send_letter(Buyer& who, const std::string& path, Fields fields, const std::string& file,
                                  const std::string& bytes = "%PDF-1.7 a letter") {
    const std::string boundary = "----a4f7b1c0", part = "\r\nContent-Disposition: form-data; name=\"";
    std::string body;
    fields.emplace_back("csrfmiddlewaretoken", who.client().csrf_token());
    for (const auto& [key, value] : fields)
      if (key != file) body += "--" + boundary + part + key + "\"\r\n\r\n" + value + "\r\n";
    body += "--" + boundary + part + file +
            "\"; filename=\"visa.pdf\"\r\nContent-Type: application/pdf\r\n\r\n" + bytes + "\r\n--" +
            boundary + "--\r\n";
    return who.client().request("POST", path, body,
                                {{"Content-Type", "multipart/form-data; boundary=" + boundary}});
  }
  std::string letter_of(Buyer& who, std::int64_t order) {
    const auto file = db().read_now([&](db::Tx& tx) {
      return tx.maybe<std::int64_t>("SELECT id FROM answer_file WHERE order_id = $1 AND keep_until IS NULL",
                                    order);
    });
    return file ? who.get(page(order, "files") + std::to_string(*file) + "/").body : "(none)";
  }
  static std::string field(std::int64_t position, Id id) { return registration::answer_field(position, id); }

 private:
  std::filesystem::path media_;
};
ON_BOTH_ENGINES(Attendees);

TEST_P(Attendees, AreFoundByWhateverNamesThem) {
  const std::int64_t ada = seat(paid("ada@example.org")), grace_order = paid("grace@example.com", "student");
  const std::int64_t grace = seat(grace_order);
  write([&](db::Tx& tx) {
    tx.exec("UPDATE seat SET name = 'Grace Hopper' WHERE id = $1", grace);
    tx.exec("UPDATE orders SET billing_company = 'Navy 100%' WHERE id = $1", grace_order);
  });
  Buyer who = registrar();
  const std::string code = text("SELECT access_code FROM seat WHERE id = $1", grace);
  for (const std::string& query : {std::string("q=hopper"), std::string("q=GRACE+hop"), std::string("q=navy"),
                                   std::string("q=100%25"), "q=" + code, "q=" + reference(grace_order),
                                   std::string("q=Grace%40Example.com"), std::string("q=example.com")}) {
    EXPECT_TRUE(lists(who, query, grace)) << query;
    EXPECT_FALSE(lists(who, query, ada)) << query;
  }
  EXPECT_TRUE(contains(who.get(people + std::string("?q=hopper")), "1 ticket matches."));
  EXPECT_TRUE(contains(who.get(people), "2 valid tickets, 0 of them checked in."));
  for (const char* nothing : {"q=nobody-at-all", "q=__", "filter=void", "filter=checked_in"})
    EXPECT_TRUE(contains(who.get(people + ("?" + std::string(nothing))), "No ticket matches this."))
        << nothing;
  EXPECT_TRUE(lists(who, "filter=nonsense&ticket=x&after=y", ada)) << "what is no filter is left out";
}

TEST_P(Attendees, FiltersFindWhatTheyName) {
  const std::int64_t ada = seat(paid("ada@example.org")), grace = seat(paid("grace@example.com", "student")),
                     mary = seat(paid("mary@example.org"));
  const std::int64_t student = db().read_now([&](db::Tx& tx) {
    return tx.one<std::int64_t>("SELECT ticket_type_id FROM seat WHERE id = $1", grace);
  });
  write([&](db::Tx& tx) {
    tx.exec("UPDATE seat SET checked_in_at = $1 WHERE id = $2", tx.now(), ada);
    tx.exec("UPDATE seat SET confirmed_at = $1 WHERE id = $2", tx.now(), grace);
    tx.exec("UPDATE seat SET status = 'void' WHERE id = $1", mary);
  });
  Buyer who = registrar();
  const auto found = [&](const std::string& query) {
    std::set<std::int64_t> ids;
    for (const std::int64_t id : {ada, grace, mary})
      if (lists(who, query, id)) ids.insert(id);
    return ids;
  };
  using Set = std::set<std::int64_t>;
  EXPECT_EQ(found(""), (Set{ada, grace, mary}));
  EXPECT_EQ(found("filter=valid"), (Set{ada, grace}));
  EXPECT_EQ(found("filter=void"), (Set{mary}));
  EXPECT_EQ(found("filter=checked_in"), (Set{ada}));
  EXPECT_EQ(found("filter=not_checked_in"), (Set{grace}));
  EXPECT_EQ(found("filter=confirmed"), (Set{grace}));
  EXPECT_EQ(found("filter=not_confirmed"), (Set{ada}));
  EXPECT_EQ(found("ticket=" + std::to_string(student)), (Set{grace}));
  EXPECT_EQ(found("ticket=" + std::to_string(student) + "&filter=void"), (Set{}));
  EXPECT_EQ(found("q=example.org&filter=checked_in"), (Set{ada}));
  write([&](db::Tx& tx) { tx.exec("UPDATE seat SET name = '' WHERE id = $1", grace); });
  EXPECT_EQ(found("filter=unnamed"), (Set{grace}));
  EXPECT_EQ(found("filter=missing"), (Set{})) << "nothing is asked";
  EXPECT_TRUE(contains(who.get(people), "2 valid tickets, 1 of them checked in."));
}

TEST_P(Attendees, BuyersOfTicketsWithoutANameAreReminded) {
  const std::int64_t ada = paid("ada@example.org");
  write([&](db::Tx& tx) { tx.exec("UPDATE seat SET name = '', email = '' WHERE order_id = $1", ada); });
  const std::string remind = people + std::string("remind/");
  Buyer who = registrar();
  EXPECT_TRUE(contains(who.get(people), "One has no name yet."));
  EXPECT_FALSE(contains(who.get(people), remind));
  EXPECT_TRUE(contains(who.get(people + std::string("?filter=unnamed")), "href=\"" + remind + "\""));
  const HttpResponse page = who.get(remind);
  EXPECT_TRUE(contains(page, "One buyer has tickets that nobody is named for."));
  EXPECT_TRUE(contains(page, reference(ada)));
  const Fields fields = Buyer::form(page, remind);
  EXPECT_EQ(outcome(who.post(remind, fields)), "sent");
  EXPECT_EQ(outcome(who.post(remind, fields)), "again");
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE kind = 'seat_reminders'"), 1);
  write([&](db::Tx& tx) { tx.exec("UPDATE seat SET name = 'Grace' WHERE order_id = $1", ada); });
  const HttpResponse nobody = who.get(remind);
  EXPECT_TRUE(contains(nobody, "There is nobody to remind now."));
  EXPECT_FALSE(contains(nobody, "<button class=\"btn btn-primary\">Remind"));
  Buyer reader = browser("audit@example.org", "Read-Only Staff", "Rhea");
  EXPECT_EQ(reader.get(remind).status, 403);
  EXPECT_FALSE(contains(reader.get(people + std::string("?filter=unnamed")), remind));
}

TEST_P(Attendees, MissingAnswersAreThoseThatAFormWouldAskFor) {
  const std::int64_t before = seat(paid("early@example.org", "student"));
  const Id diet = ask(required(question("diet", QuestionKind::choice)), {"meat", "vegan"});
  const Id which = ask(required(after(question("which"), diet, "vegan")));
  ask(question("hobby"));
  Buyer who = registrar();
  EXPECT_TRUE(lists(who, "filter=missing", before));
  const std::int64_t id = db().read_now(
      [&](db::Tx& tx) { return tx.one<std::int64_t>("SELECT order_id FROM seat WHERE id = $1", before); });
  EXPECT_EQ(outcome(send(who, answers(id, 1), {{field(1, diet), "meat"}})), "done");
  EXPECT_FALSE(lists(who, "filter=missing", before));
  const HttpResponse half = send(who, answers(id, 1), {{field(1, diet), "vegan"}});
  EXPECT_EQ(half.status, 422) << "the other question is asked then, and required";
  EXPECT_EQ(outcome(send(who, answers(id, 1), {{field(1, diet), "vegan"}, {field(1, which), "strictly"}})),
            "done");
  EXPECT_FALSE(lists(who, "filter=missing", before));
  EXPECT_TRUE(contains(who.get(one(before)), "strictly"));
}

TEST_P(Attendees, ATicketThatStaysWithItsHolderGetsANewCode) {
  const std::int64_t order = paid("ada@example.org", "individual", "2"), ticket = seat(order, 2);
  write([&](db::Tx& tx) {
    tx.exec("UPDATE seat SET name = 'Grace', email = 'grace@example.org', confirmed_at = 5 WHERE id = $1",
            ticket);
  });
  const auto code = [&] { return text("SELECT access_code FROM seat WHERE id = $1", ticket); };
  const auto opens = [&](std::int64_t version) {
    const std::string link = registration::seat_link_token(application().site().link_key, ticket, version);
    return buyer().get(fmt::format("/fair/register/seats/{}/{}/", ticket, link)).status == 200;
  };
  const std::string before = code();
  ASSERT_TRUE(opens(1));
  Buyer who = registrar();
  const std::string here = page(order, "seats") + std::to_string(ticket) + "/";
  EXPECT_TRUE(contains(who.get(here), "Mail the new link to grace@example.org"));
  EXPECT_EQ(outcome(send(who, here, {{"action", "reissue"}, {"tell", "1"}})), "done");
  const std::string after = code();
  EXPECT_NE(after, before);
  EXPECT_EQ(db().read_now([&](db::Tx& tx) {
    return tx.one<std::int64_t>("SELECT COUNT(*) FROM seat WHERE access_code = $1", before);
  }),
            0)
      << "it opens no door";
  EXPECT_FALSE(opens(1));
  EXPECT_TRUE(opens(2));
  EXPECT_EQ(mails("seat_link"), 1);
  EXPECT_EQ(mails("seat_transferred"), 0);
  EXPECT_EQ(text("SELECT name FROM seat WHERE id = $1", ticket), "Grace");
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat WHERE confirmed_at = 5"), 1) << "it is theirs still";
  for (const HttpResponse& shown : {who.get(one(ticket)), who.get(page(order))}) {
    EXPECT_TRUE(contains(shown, "new code was given.")) << shown.body;
    EXPECT_TRUE(contains(shown, "Dora Desk") || contains(shown, "staff"));
  }
  // Without the mail; an old page; a ticket without an address; after check-in.
  EXPECT_EQ(outcome(send(who, here, {{"action", "reissue"}, {"tell", ""}})), "done");
  EXPECT_EQ(mails("seat_link"), 1);
  EXPECT_NE(code(), after);
  EXPECT_EQ(send(who, here, {{"action", "reissue"}, {"link_version", "2"}}).status, 422);
  write([&](db::Tx& tx) { tx.exec("UPDATE seat SET email = '' WHERE id = $1", ticket); });
  EXPECT_TRUE(contains(send(who, here, {{"action", "reissue"}, {"tell", "1"}}), "has no e-mail address"));
  write([&](db::Tx& tx) { tx.exec("UPDATE seat SET checked_in_at = 7 WHERE id = $1", ticket); });
  EXPECT_FALSE(contains(who.get(here), "Give it a new code"));
  EXPECT_EQ(forge(who, here, {{"action", "reissue"}}).status, 422);
}

TEST_P(Attendees, TheListGoesOnBehindItsLastRow) {
  const std::int64_t order = paid();
  write([&](db::Tx& tx) {
    const auto line = tx.one<std::int64_t>("SELECT MIN(id) FROM order_line WHERE order_id = $1", order);
    for (int i = 2; i <= 121; ++i)
      tx.exec(
          "INSERT INTO seat (order_id, order_line_id, conference_id, position, access_code, name, "
          "created_at, "
          "updated_at) VALUES ($1, $2, $3, $4, $5, 'A & B', $6, $6)",
          order, line, conference_id(), i, "MANY" + std::to_string(1000 + i), tx.now());
  });
  Buyer who = registrar();
  for (const std::string query : {"?q=a+%26+b", "?filter=valid", "?filter=not_checked_in"}) {
    std::set<std::string> seen;
    std::string next = people + query;
    int pages = 0;
    while (!next.empty() && pages < 6) {
      const HttpResponse shown = who.get(next);
      ASSERT_EQ(shown.status, 200);
      ++pages;
      next.clear();
      for (std::size_t at = 0; (at = shown.body.find(">MANY", at)) != std::string::npos; ++at)
        EXPECT_TRUE(seen.insert(shown.body.substr(at + 1, 8)).second) << "nobody twice";
      for (const std::string& link : site::testing::links_of(shown.body))
        if (link.find("after=") != std::string::npos) next = link;
    }
    EXPECT_EQ(pages, 3) << query;
    EXPECT_EQ(seen.size(), 120U) << query;
  }
  write([&](db::Tx& tx) { tx.exec("DELETE FROM seat WHERE access_code LIKE 'MANY%'"); });
}

TEST_P(Attendees, TheFileHasAnswersAndNeedsItsOwnRight) {
  const std::int64_t order = paid("grace@example.com", "student");
  const Id company = ask(question("company", QuestionKind::text, QuestionTarget::order)),
           bio = ask(question("bio"));
  Buyer desk = registrar();
  EXPECT_EQ(outcome(send(desk, answers(order, 0), {{field(0, company), "=1+1"}})), "done");
  EXPECT_EQ(outcome(send(desk, answers(order, 1), {{field(1, bio), "Writes compilers"}})), "done");
  EXPECT_EQ(desk.get(people + std::string("export/")).status, 403);
  Buyer finance = browser("f@example.org", "Finance Team", "Fay Finance");
  const HttpResponse file = finance.get(people + std::string("export/?filter=valid"));
  ASSERT_EQ(file.status, 200);
  EXPECT_THAT(file.header("content-disposition"), HasSubstr("attendees-fair-"));
  for (const std::string& part : {reference(order), std::string("'=1+1"), std::string("Writes compilers"),
                                  std::string("grace@example.com")})
    EXPECT_THAT(file.body, HasSubstr(part));
  EXPECT_THAT(file.body, Not(HasSubstr(",=1+1")));
  EXPECT_THAT(finance.get(people + std::string("export/?filter=void")).body,
              Not(HasSubstr(reference(order))));
  EXPECT_GE(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'seat' AND object_id = 'export'"), 2);
  Buyer reports = browser("r@example.org", "Reports Viewer", "Rita Reports");
  for (const char* path : {"", "export/"}) EXPECT_EQ(reports.get(people + std::string(path)).status, 403);
}

TEST_P(Attendees, OnePageTellsAllOfATicket) {
  const std::int64_t order = paid("ada@example.org"), id = seat(order);
  Buyer who = registrar();
  const HttpResponse shown = who.get(one(id));
  ASSERT_EQ(shown.status, 200);
  EXPECT_EQ(shown.header("Cache-Control"), "no-store");
  for (const std::string& part :
       {text("SELECT access_code FROM seat WHERE id = $1", id), reference(order), std::string("Ada Lovelace"),
        std::string("ada@example.org"), std::string("The ticket was sold."), page(order)})
    EXPECT_TRUE(contains(shown, part)) << part;
  EXPECT_TRUE(contains(who.get(page(order)), one(id)));

  // The link goes out again, and the page is there again.
  const std::string tickets = page(order, "seats") + std::to_string(id) + "/";
  const HttpResponse mailed = who.post(tickets, Buyer::form(shown, tickets, {{"action", "send"}}));
  EXPECT_EQ(mailed.header("Location"), one(id));
  EXPECT_EQ(mails("seat_link"), 1);
  EXPECT_TRUE(contains(who.get(one(id)), "Its link was mailed."));

  Buyer finance = browser("f@example.org", "Finance Team", "Fay Finance");
  const HttpResponse seen = finance.get(one(id));
  EXPECT_EQ(seen.status, 200);
  EXPECT_FALSE(contains(seen, "Name, send or give away"));
  Buyer sponsors = browser("s@example.org", "Sponsor Manager", "Sam Sponsor");
  EXPECT_EQ(sponsors.get(one(id)).status, 403);
  EXPECT_EQ(sponsors.get(people).status, 403);
  give(person("boss@example.org", good_password, "Bea Boss"), "Conference Organizer", other());
  Buyer boss = signed_in("boss@example.org");
  EXPECT_EQ(boss.get("/manage/other/attendees/" + std::to_string(id) + "/").status, 404);
  EXPECT_FALSE(contains(boss.get("/manage/other/attendees/?q=ada"), reference(order)));
}

TEST_P(Attendees, AnswersAreChangedByStaffAfterTheDeadlineOfBuyers) {
  const std::int64_t order = paid("ada@example.org");
  const Id age = ask(required(question("age", QuestionKind::number)));
  clock().advance(Duration::days(400));  // long after the conference began
  Buyer who = registrar();
  const HttpResponse shown = who.get(answers(order, 1));
  EXPECT_TRUE(contains(shown, "Buyers can no longer change their answers."));
  const HttpResponse wrong = send(who, answers(order, 1), {{field(1, age), "many"}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_TRUE(contains(wrong, "value=\"many\""));
  EXPECT_EQ(count("SELECT COUNT(*) FROM answer"), 0);
  EXPECT_EQ(send(who, answers(order, 1), {{field(1, age), ""}}).status, 422) << "required as for buyers";
  const Fields right = Buyer::form(shown, answers(order, 1), {{field(1, age), "36"}});
  EXPECT_EQ(outcome(who.post(answers(order, 1), right)), "done");
  EXPECT_EQ(outcome(who.post(answers(order, 1), right)), "repeat");
  EXPECT_EQ(count("SELECT COUNT(*) FROM answer WHERE value = '36'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM answer_event WHERE actor = 'Dora Desk'"), 1);
  const HttpResponse now = who.get(page(order));
  EXPECT_TRUE(contains(now, "Answers of ticket 1 were changed."));
  EXPECT_TRUE(contains(now, "Dora Desk"));
  EXPECT_EQ(who.get(answers(order, 2)).status, 404);
  EXPECT_EQ(who.get(answers(order, 0)).status, 404) << "nothing is asked of the order";

  Buyer finance = browser("f@example.org", "Finance Team", "Fay Finance");
  EXPECT_EQ(finance.get(answers(order, 1)).status, 403);
  EXPECT_TRUE(contains(finance.get(page(order)), "36"));
  EXPECT_FALSE(contains(finance.get(page(order)), answers(order, 1)));
  EXPECT_EQ(outcome(send(who, page(order, "cancel"), {{"reason", "Asked for"}})), "done");
  EXPECT_EQ(forge(who, answers(order, 1), {{field(1, age), "37"}}).status, 404) << "it has no tickets left";
  EXPECT_EQ(count("SELECT COUNT(*) FROM answer WHERE value = '37'"), 0);
}

TEST_P(Attendees, FilesAreAnswersOfStaffToo) {
  const std::int64_t order = paid("ada@example.org"), stranger = paid("eve@example.org");
  const Id letter = ask(question("letter", QuestionKind::file));
  Buyer who = registrar();
  const std::string path = answers(order, 1);
  const HttpResponse shown = who.get(path);
  EXPECT_TRUE(contains(shown, "enctype=\"multipart/form-data\""));
  const HttpResponse sent = send_letter(who, path, Buyer::form(shown, path), field(1, letter));
  ASSERT_EQ(outcome(sent), "done") << sent.body;
  const std::string file = std::to_string(count("SELECT MAX(id) FROM answer_file"));
  EXPECT_TRUE(contains(who.get(page(order)), page(order, "files") + file + "/"));
  const HttpResponse got = who.get(page(order, "files") + file + "/");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "%PDF-1.7 a letter");
  EXPECT_EQ(got.header("Content-Disposition").rfind("attachment;", 0), 0U);
  EXPECT_EQ(who.get(page(stranger, "files") + file + "/").status, 404) << "of another order";
  Buyer sponsors = browser("s@example.org", "Sponsor Manager", "Sam Sponsor");
  EXPECT_EQ(sponsors.get(page(order, "files") + file + "/").status, 403);
}

TEST_P(Attendees, AFileIsNotLostWhenTheSameFormAsksForAFreshProof) {
  const std::int64_t order = paid("ada@example.org", "individual", "2");
  const std::int64_t student = db().read_now([&](db::Tx& tx) {
    return tx.one<std::int64_t>("SELECT id FROM ticket_type WHERE slug = 'student' AND conference_id = $1",
                                conference_id());
  });
  const std::int64_t line = db().read_now([&](db::Tx& tx) {
    return tx.one<std::int64_t>("SELECT MIN(id) FROM order_line WHERE order_id = $1", order);
  });
  const Id letter = write([&](db::Tx& tx) {
    return registration::testing::ask(tx, conference_id(), required(question("letter", QuestionKind::file)),
                                      {}, {student});
  });
  Buyer who = registrar();
  const std::string path = page(order, "lines");
  const HttpResponse seen = send(who, path,
                                 {{"back-" + std::to_string(line), "1"},
                                  {"product-0", "ticket_type-" + std::to_string(student)},
                                  {"step", "review"}});
  ASSERT_EQ(outcome(seen), "review") << seen.body;
  std::string name;
  for (std::int64_t position = 1; position <= 3; ++position)
    if (contains(seen, "name=\"" + field(position, letter) + "\"")) name = field(position, letter);
  ASSERT_NE(name, "") << seen.body;
  clock().advance(Duration::minutes(20));  // the sign-in is no fresh proof any more
  const Fields fields = Buyer::form(seen, path, {{"step", "do"}, {"money", "original"}});
  const HttpResponse wrong = send_letter(who, path, fields, name, "no letter at all");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_FALSE(contains(wrong, "proof_password")) << "what is wrong is told first";
  const HttpResponse asked = send_letter(who, path, fields, name);
  ASSERT_TRUE(contains(asked, "proof_password")) << asked.body;
  EXPECT_EQ(count("SELECT COUNT(*) FROM refund"), 0);
  const HttpResponse again = who.post(path, Buyer::form(asked, path, {{"proof_password", "not this one"}}));
  EXPECT_EQ(count("SELECT COUNT(*) FROM refund"), 0);
  EXPECT_EQ(letter_of(who, order), "(none)");
  const HttpResponse done = who.post(path, Buyer::form(again, path, {{"proof_password", good_password}}));
  ASSERT_EQ(outcome(done), "done") << done.body;
  EXPECT_EQ(count("SELECT CAST(SUM(amount) AS BIGINT) FROM refund WHERE status = 'succeeded'"), 6'000);
  EXPECT_EQ(letter_of(who, order), "%PDF-1.7 a letter");
}

TEST_P(Attendees, AFileIsKeptWithTheFormThatComesOnALockedSession) {
  const std::int64_t order = paid("ada@example.org");
  const Id letter = ask(question("letter", QuestionKind::file)), name = ask(question("nickname"));
  Buyer who = registrar();
  const std::string path = answers(order, 1);
  const Fields fields = Buyer::form(who.get(path), path, {{field(1, name), "Countess"}});
  who.post("/accounts/lock/", {});
  const HttpResponse late = send_letter(who, path, fields, field(1, letter));
  EXPECT_EQ(late.status, 303);
  EXPECT_EQ(letter_of(who, order), "(none)");
  const std::string unlock = late.header("Location");
  const HttpResponse in = who.post("/accounts/unlock/", Buyer::form(who.get(unlock), "/accounts/unlock/",
                                                                    {{"proof_password", good_password}}));
  ASSERT_EQ(outcome(in), "unlocked");
  const HttpResponse kept = who.get(in.header("Location"));
  ASSERT_EQ(outcome(kept), "kept_form");
  EXPECT_EQ(outcome(who.post(path, Buyer::form(kept, path))), "done");
  EXPECT_EQ(letter_of(who, order), "%PDF-1.7 a letter");
  EXPECT_EQ(count("SELECT COUNT(*) FROM answer WHERE value = 'Countess'"), 1);

  const Fields more = Buyer::form(who.get(path), path);
  who.post("/accounts/lock/", {});
  const HttpResponse bad = send_letter(who, path, more, field(1, letter), "no letter at all");
  EXPECT_TRUE(contains(who.get(bad.header("Location")), "Choose a PDF file or a picture"));
}

}  // namespace
}  // namespace plenary::manage::testing
