// What was answered stands in the confirmation and in the mail of a ticket, as on their pages: without files,
// and of a ticket that somebody else holds nothing to the buyer. source: registration 20, D33 and D37.
#include "domain/registration/letters.hpp"
#include "domain/registration/orders.hpp"
#include "mail/post_office.hpp"

namespace plenary::mail {
namespace {

using registration::Id;
using ::testing::HasSubstr;
using ::testing::Not;

class AnswerMail : public testing::PostOffice {
 protected:
  void SetUp() override {
    PostOffice::SetUp();
    serve({});
  }
  void answer(Id order_id, std::int64_t position, const std::string& slug, const std::string& kind,
              const std::string& value, const std::string& shown) {
    write([&](db::Tx& tx) {
      const std::int64_t now = tx.now().micros;
      tx.exec(
          "INSERT INTO question (conference_id, slug, target, kind, label, help, is_required, is_active, "
          "ask_at, "
          "minimum, maximum, ticket_scope, addon_scope, depends_on_value, text_version, sort_order, version, "
          "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, '', 0, 1, 'checkout', '', '', 'all', 'all', "
          "'', "
          "1, 0, 1, $6, $6)",
          conference_id(), slug, position == 0 ? "order" : "attendee", kind, "About " + slug, now);
      tx.exec(
          "INSERT INTO answer (order_id, position, question_id, value, shown, question_text, text_version, "
          "answered_at) SELECT $1, $2, id, $3, $4, label, 1, $5 FROM question WHERE slug = $6",
          order_id, position, value, shown, now, slug);
      return 0;
    });
  }
  static std::string part(const net::ReadMail& mail, const std::string& type) {
    const net::MailPart* found = mail.part(type);
    return found ? found->bytes : std::string();
  }
  net::ReadMail last() {
    const auto all = mails();
    EXPECT_FALSE(all.empty());
    return all.back();
  }
};
ON_BOTH_ENGINES(AnswerMail);

TEST_P(AnswerMail, TheConfirmationSaysThemInTheReadersLanguage) {
  const Id id = order("ada@example.org", "Ada Lovelace", 2, "de");
  answer(id, 0, "note", "paragraph", "cost centre 7", "cost centre <7>");
  answer(id, 1, "home", "country", "FR", "France");
  answer(id, 1, "born", "date", "2000-05-14", "2000-05-14");
  answer(id, 2, "portrait", "file", "17", "face.png");
  pay(id);
  deliver();
  const net::ReadMail mail = last();
  for (const char* type : {"text/plain", "text/html"}) {
    const std::string body = part(mail, type);
    EXPECT_THAT(body, HasSubstr("About note")) << type;
    EXPECT_THAT(body, HasSubstr("Frankreich")) << type;
    EXPECT_THAT(body, HasSubstr("14. Mai 2000")) << type;
    EXPECT_THAT(body, Not(HasSubstr("face.png"))) << type;
    EXPECT_THAT(body, Not(HasSubstr("About portrait"))) << type;
  }
  EXPECT_THAT(part(mail, "text/plain"), HasSubstr("cost centre <7>"));
  EXPECT_THAT(part(mail, "text/html"), HasSubstr("cost centre &lt;7&gt;"));
}

TEST_P(AnswerMail, ATicketWhoseKindIsGoneIsCalledByItsNumber) {
  const Id id = order("ada@example.org", "Ada Lovelace", 2);
  answer(id, 1, "shoe", "text", "39", "thirty-nine");
  answer(id, 2, "hat", "text", "56", "fifty-six");
  pay(id);
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE seat SET ticket_type_id = NULL WHERE order_id = $1 AND position = 2", id);
  });
  deliver();
  for (const char* type : {"text/plain", "text/html"}) {
    const std::string body = part(last(), type);
    EXPECT_THAT(body, HasSubstr("Ticket 1: ")) << type;
    EXPECT_THAT(body, HasSubstr("Ticket 2")) << type;
    EXPECT_THAT(body, Not(HasSubstr("Ticket 2:"))) << type;
  }
}

TEST_P(AnswerMail, AHoldersAnswersAreTheHoldersAlone) {
  const Id id = order("ada@example.org", "Ada Lovelace", 2);
  answer(id, 1, "shoe", "text", "39", "thirty-nine");
  answer(id, 2, "hat", "text", "56", "fifty-six");
  pay(id);
  deliver();
  const std::int64_t seat = write([&](db::Tx& tx) {
    tx.exec(
        "UPDATE seat SET name = 'Grace Hopper', email = 'grace@example.org', invited_at = $1 WHERE order_id "
        "= "
        "$2 AND position = 2",
        tx.now(), id);
    return tx.one<std::int64_t>("SELECT id FROM seat WHERE order_id = $1 AND position = 2", id);
  });
  write([&](db::Tx& tx) {
    registration::mail_seat_link(tx, seat, conference_id(), 1);
    return 0;
  });
  deliver();
  EXPECT_THAT(part(last(), "text/plain"), HasSubstr("fifty-six"));
  EXPECT_THAT(part(last(), "text/plain"), Not(HasSubstr("thirty-nine")));
  write([&](db::Tx& tx) {
    registration::mail_confirmation_again(tx, *registration::find_order(tx, id));
    return 0;
  });
  deliver();
  EXPECT_THAT(part(last(), "text/html"), HasSubstr("thirty-nine"));
  EXPECT_THAT(part(last(), "text/html"), Not(HasSubstr("fifty-six")));
}

}  // namespace
}  // namespace plenary::mail
