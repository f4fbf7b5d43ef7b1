// Every message of the list, made from real rows, in every language the program speaks.
#include "mail/messages.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "domain/accounts/groups.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/users.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/seat_reminders.hpp"
#include "domain/registration/waiting_list.hpp"
#include "i18n/languages.hpp"
#include "mail/post_office.hpp"
#include "mail/texts.hpp"

namespace plenary::mail::testing {
namespace {

using accounts::LinkKind;
using ::testing::HasSubstr;
using ::testing::Not;

class Messages : public PostOffice {
 protected:
  std::int64_t link(LinkKind kind, const std::string& email, std::optional<std::int64_t> user = {},
                    std::optional<std::int64_t> order = {}) {
    const auto secret = accounts::new_link_secret(Random::system(), key(), kind);
    return write([&](db::Tx& tx) {
      accounts::Link link;
      link.kind = kind;
      link.email = email;
      link.user_id = user;
      link.order_id = order;
      return accounts::create_link(tx, secret, link);
    });
  }
  std::int64_t person(const std::string& email) {
    const std::string language = email.substr(0, email.find('@'));
    return write([&](db::Tx& tx) {
      const auto user = accounts::become_account(
          tx, {.email = email, .name = "Ada", .language = language, .password_hash = "x"});
      // Whoever looks after the money hears of disputes.
      const std::int64_t group = accounts::ensure_group(tx, "Finance " + language);
      accounts::set_permissions_of_group(tx, group, {"program_conference.change_finance"});
      tx.exec("DELETE FROM role_assignment");
      accounts::give_role(tx, {user.id, group, conference_id(), {}, {}});
      return user.id;
    });
  }

  // By a superuser called Grace, to the role "Check-in Staff".
  accounts::Invitation invitation(const std::string& language, const std::string& message = {},
                                  const std::string& inviter = "Grace Hopper") {
    const auto secret = accounts::new_invitation_secret(Random::system(), key());
    return write([&](db::Tx& tx) {
      accounts::User grace;
      grace.name = inviter;
      grace.is_superuser = true;
      accounts::NewInvitation wanted;
      wanted.conference_id = conference_id();
      wanted.group_id = accounts::ensure_group(tx, "Check-in Staff");
      wanted.email = "bob@example.org";
      wanted.role_ends_at = tx.now() + Duration::days(40);
      wanted.message = message;
      wanted.language = language;
      wanted.invited_by = accounts::user_table().insert(tx, grace).id;
      return accounts::invite(tx, secret, wanted);
    });
  }

  // Somebody on the waiting list for three tickets, two of which may have been offered.
  registration::WaitingEntry waiting(db::Tx& tx, registration::WaitingStatus status,
                                     const std::string& language) {
    registration::WaitingEntry entry;
    entry.conference_id = conference_id();
    entry.name = "Bob";
    entry.email = entry.email_normalized = "bob@example.org";
    entry.language = language;
    entry.quantity = 3;
    entry.status = status;
    if (status != registration::WaitingStatus::waiting) {
      entry.offered_rank = 1;
      entry.offered_quantity = 2;
      entry.offered_at = tx.now();
      entry.offer_expires_at = tx.now() + Duration::hours(24);
    }
    entry = registration::waiting_entry_table().insert(tx, entry);
    const auto ticket = tx.one<std::int64_t>("SELECT MIN(id) FROM ticket_type");
    registration::WaitingLine line;
    if (const auto there =
            registration::waiting_line_table().maybe(tx, "WHERE ticket_type_id = $1", ticket)) {
      line = *there;
    } else {
      line.conference_id = conference_id();
      line.ticket_type_id = ticket;
      line = registration::waiting_line_table().insert(tx, line);
    }
    registration::WaitingChoice choice;
    choice.entry_id = entry.id;
    choice.line_id = line.id;
    choice.is_waiting = status == registration::WaitingStatus::waiting;
    registration::waiting_choice_table().insert(tx, choice);
    return entry;
  }

  // `unpaid` waits, `gone` is cancelled, `paid` is paid.
  void write_about_money(db::Tx& tx, registration::Id unpaid, registration::Id gone,
                         const registration::Order& paid, const std::string& language) {
    const registration::Order waits = registration::find_order(tx, unpaid).value(),
                              over = registration::find_order(tx, gone).value();
    const auto payment = [&](const registration::Order& of, const char* status) {
      tx.exec(
          "INSERT INTO payment (order_id, conference_id, method, status, amount, currency, created_at, "
          "updated_at) VALUES ($1, $2, 'manual', $3, 1000, $4, $5, $5)",
          of.id, of.conference_id, status, of.currency, tx.now());
      return tx.one<std::int64_t>("SELECT MAX(id) FROM payment");
    };
    registration::mail_order_placed(tx, waits);
    registration::mail_payment_reminder(tx, waits, 2);
    registration::mail_order_expired(tx, over);
    registration::mail_payment_failed(tx, waits, payment(waits, "failed"), true);
    registration::mail_payment_received(tx, paid, payment(paid, "succeeded"));
    registration::mail_late_payment_refunded(tx, over, payment(over, "succeeded"),
                                             registration::LatePayment::no_room);
    registration::mail_conference_cancelled(tx, over);
    registration::DisputeNews news;
    news.dispute_id = language;
    news.amount = 1000;
    news.currency = paid.currency;
    news.respond_by = tx.now() + Duration::days(7);
    registration::mail_dispute_opened(tx, paid, news);
    registration::Credit credit;
    credit.conference_id = paid.conference_id;
    credit.user_id = tx.one<std::int64_t>("SELECT MAX(id) FROM user_account WHERE language = $1", language);
    credit.amount = 1000;
    registration::mail_credit_issued(tx, registration::give_credit(tx, credit));
    const registration::Seat lost = registration::seats_of(tx, paid.id).back();
    tx.exec("UPDATE seat SET status = 'void' WHERE id = $1", lost.id);
    registration::mail_seat_cancelled(tx, paid.conference_id, lost.id, "holder@example.org", "Holder",
                                      language);
  }

  // One row of each message, in a language.
  void write_to_everybody(const std::string& language) {
    const auto unpaid = order("ada@example.org", "Ada", 1, language),
               paid = order("ada@example.org", "Ada", 3, language);
    pay(paid);
    const auto gone = order("ada@example.org", "Ada", 1, language);
    const auto user = person(language + "@example.org");
    const auto verify = link(LinkKind::verify, "new@example.org"),
               reset = link(LinkKind::reset, "a@b.org", user),
               change = link(LinkKind::change_email, "c@d.org", user),
               claim = link(LinkKind::claim, "ada@example.org", {}, paid),
               find = link(LinkKind::find_orders, "ada@example.org");
    const auto seat = db().read_now([&](db::Tx& tx) { return registration::seats_of(tx, paid).front(); });
    invitation(language, "Please come!\nWe need you at the desk.");
    write([&](db::Tx& tx) {
      tx.exec("UPDATE seat SET language = $1, email = $2 WHERE id = $3", language, "ada@example.org",
              seat.id);
      jobs::enqueue(tx, "mail", conference_id(),
                    jobs::payload({{"message", "order_expiry_warning"}, {"order", unpaid}}));
      registration::mail_order_link(tx, paid, conference_id(), 1);
      tx.exec("UPDATE orders SET status = 'cancelled' WHERE id = $1", gone);
      registration::mail_order_cancelled(tx, registration::find_order(tx, gone).value());
      const registration::Order order = registration::find_order(tx, paid).value();
      registration::mail_order_changed(tx, order);
      registration::mail_names_missing(tx, paid, conference_id());
      MailText note;
      note.conference_id = conference_id();
      note.message = "note-" + language;
      note.language = language;
      note.subject = "News";
      note.body = "There is news.";
      note.id = mail_text_table().insert(tx, note).id;
      jobs::enqueue(tx, accounts::mail_kind, conference_id(),
                    jobs::payload({{"message", note_message}, {"order", order.id}, {"text", note.id}}),
                    "order_note-" + std::to_string(note.id));
      registration::Refund refund;
      refund.conference_id = order.conference_id;
      refund.order_id = order.id;
      refund.payment_id = registration::payments_of(tx, order.id).front().id;
      refund.amount = 500;
      refund.currency = order.currency;
      refund.idempotency_key = language + "-refund";
      registration::mail_refund(tx, order, registration::refund_table().insert(tx, refund).id);
      write_about_money(tx, unpaid, gone, order, language);
      registration::mail_seat_link(tx, seat.id, conference_id(), seat.link_version);
      registration::mail_seat_transferred(tx, seat.id, conference_id(), "former@example.org", "Former",
                                          language);
      using registration::WaitingStatus;
      registration::mail_waiting_joined(tx, waiting(tx, WaitingStatus::waiting, language));
      registration::mail_waiting_offer(tx, waiting(tx, WaitingStatus::offered, language));
      registration::mail_waiting_lapsed(tx, waiting(tx, WaitingStatus::lapsed, language));
      const auto told = waiting(tx, WaitingStatus::removed, language);
      jobs::enqueue(
          tx, accounts::mail_kind, conference_id(),
          jobs::payload(
              {{"message", "waiting_cancelled"}, {"waiting", told.id}, {"link_version", told.link_version}}),
          "waiting_cancelled-" + std::to_string(told.id));
      accounts::mail_link(tx, "found_orders", find, language);
      accounts::mail_link(tx, "verify_address", verify, language);
      accounts::mail_link(tx, "reset_password", reset, language);
      accounts::mail_link(tx, "change_email", change, language);
      accounts::mail_link(tx, "claim_order", claim, language);
      accounts::mail_account(tx, "already_registered", user, language);
      accounts::mail_account(tx, "password_changed", user, language);
      accounts::mail_new_device(tx, user, "Firefox, Linux, 192.0.2.7", language);
      accounts::mail_second_factor_changed(tx, user, "on", language);
      accounts::mail_email_changed(tx, user, "old@example.org", language);
      jobs::enqueue(
          tx, "mail", 0,
          jobs::payload({{"message", "mail_test"}, {"email", "op@example.org"}, {"language", language}}));
    });
  }

  void expect_sound(const net::ReadMail& mail) {
    const std::string subject(mail.header("Subject"));
    EXPECT_NE(subject, "");
    ASSERT_TRUE(mail.part("text/plain") && mail.part("text/html")) << subject;
    for (const char* type : {"text/plain", "text/html"}) {
      const std::string body = mail.part(type)->bytes;
      EXPECT_THAT(body, Not(HasSubstr("{"))) << subject;
      EXPECT_THAT(body, Not(HasSubstr("}"))) << subject;
      EXPECT_THAT(body, Not(HasSubstr("None"))) << subject;
      for (std::size_t at = 0; (at = body.find("http", at)) != std::string::npos; ++at) {
        EXPECT_EQ(body.substr(at, std::string_view(public_url).size()), public_url) << subject;
      }
      for (std::size_t at = 0; (at = body.find("href=\"", at)) != std::string::npos; at += 6) {
        EXPECT_EQ(body.compare(at + 6, std::string_view(public_url).size(), public_url), 0)
            << subject << ": " << body.substr(at, 60);
      }
    }
    EXPECT_THAT(subject, Not(HasSubstr("{")));
    const std::string html = mail.part("text/html")->bytes;
    for (const char* tag : {"<script", "<link", "<img", "<style", "class="})
      EXPECT_THAT(html, Not(HasSubstr(tag)));
  }
};
ON_BOTH_ENGINES(Messages);

TEST_P(Messages, EachIsRenderedInEachLanguage) {
  std::map<std::string, std::set<std::string>> subjects;
  std::size_t before = 0;
  for (const i18n::Language& language : i18n::languages().all()) {
    write_to_everybody(language.code);
    EXPECT_EQ(deliver(), static_cast<int>(std::size(messages)));
    EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE last_error IS NOT NULL"), 0);
    const auto all = mails();
    ASSERT_EQ(all.size() - before, std::size(messages)) << language.code;
    for (std::size_t i = before; i < all.size(); ++i) {
      EXPECT_EQ(all[i].header("Content-Language"), language.code);
      expect_sound(all[i]);
    }
    before = all.size();
  }
  EXPECT_EQ(count("SELECT COUNT(DISTINCT kind) FROM mail_message"),
            static_cast<std::int64_t>(std::size(messages)));
}

TEST_P(Messages, AnInvitationSaysWhoAsksForWhatAndUntilWhen) {
  const auto made = invitation("en", "Hello <b>Bob</b>,\n\nplease & thanks");
  EXPECT_EQ(deliver(), 1);
  ASSERT_EQ(mails().size(), 1U);
  const net::ReadMail mail = mails().front();
  EXPECT_THAT(std::string(mail.header("Subject")), HasSubstr("Join the team of"));
  EXPECT_THAT(std::string(mail.header("To")), HasSubstr("bob@example.org"));
  const std::string text = mail.part("text/plain")->bytes, html = mail.part("text/html")->bytes;
  EXPECT_THAT(text, HasSubstr("Grace Hopper asks you"));
  EXPECT_THAT(text, HasSubstr("as Check-in Staff"));
  EXPECT_THAT(text, HasSubstr("until the end of"));
  EXPECT_THAT(text, HasSubstr("> please & thanks"));
  const std::string address =
      std::string(public_url) + "/accounts:invitation/" + accounts::token_of(key(), made) + "/";
  EXPECT_THAT(text, HasSubstr(address));
  EXPECT_THAT(html, HasSubstr(address));
  EXPECT_THAT(html, HasSubstr("Hello &lt;b&gt;Bob&lt;/b&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<b>Bob")));
}

TEST_P(Messages, AnInvitationThatIsVoidByThenIsNotMailed) {
  const auto withdrawn = invitation("en");
  const auto again = invitation("en");
  const auto secret = accounts::new_invitation_secret(Random::system(), key());
  write([&](db::Tx& tx) {
    accounts::withdraw_invitation(tx, withdrawn.id);
    accounts::resend_invitation(tx, secret, again, *again.invited_by, {.enabled = false});
  });
  EXPECT_EQ(deliver(), 3);
  ASSERT_EQ(mails().size(), 1U) << "the newer link of the one that is open";
  const auto powerless = invitation("en");
  write([&](db::Tx& tx) {
    tx.exec("UPDATE user_account SET is_superuser = 0 WHERE id = $1", *powerless.invited_by);
  });
  EXPECT_EQ(deliver(), 1);
  EXPECT_EQ(mails().size(), 1U);
}

TEST_P(Messages, ANameThatReadsLikeAnAdvertisementIsNotShownInAnInvitation) {
  invitation("en", {}, "Win at evil.example/now");
  EXPECT_EQ(deliver(), 1);
  ASSERT_EQ(mails().size(), 1U);
  EXPECT_THAT(mails().front().part("text/plain")->bytes, HasSubstr("You are asked to join"));
  EXPECT_THAT(mails().front().part("text/plain")->bytes, Not(HasSubstr("evil")));
}

TEST_P(Messages, AUsedOrExpiredLinkIsNotMailed) {
  const auto used = link(LinkKind::verify, "a@example.org"), late = link(LinkKind::reset, "b@example.org");
  const auto nobody = link(LinkKind::verify, "");
  write([&](db::Tx& tx) {
    accounts::mail_link(tx, "verify_address", used);
    accounts::mail_link(tx, "verify_address", nobody);
    accounts::use_link(tx, used);
    accounts::mail_link(tx, "reset_password", late);
  });
  clock().advance(Duration::days(30));
  EXPECT_EQ(deliver(), 3);
  EXPECT_TRUE(mails().empty());
}

TEST_P(Messages, NamesAreAskedForWhileOneIsMissingAndTheConferenceIsToCome) {
  const auto two = order("ada@example.org", "Ada", 2, "en");
  pay(two);
  const auto ask = [&] {
    write([&](db::Tx& tx) { registration::mail_names_missing(tx, two, conference_id()); });
    clock().advance(Duration::seconds(1));
    EXPECT_GE(deliver(), 1);
  };
  const auto asked = [&] {
    std::vector<net::ReadMail> all = mails();
    std::erase_if(all, [](const net::ReadMail& mail) {
      return mail.header("Subject").find("Who comes to") == std::string_view::npos;
    });
    return all;
  };
  ask();
  ASSERT_EQ(asked().size(), 1U);
  const std::string text = asked().front().part("text/plain")->bytes;
  EXPECT_THAT(text, HasSubstr("Nobody is named yet for one ticket of your order"));
  EXPECT_THAT(text, HasSubstr("  2. "));
  EXPECT_THAT(text, Not(HasSubstr("  1. ")));
  write([&](db::Tx& tx) { tx.exec("UPDATE seat SET name = 'Grace' WHERE order_id = $1", two); });
  ask();
  EXPECT_EQ(asked().size(), 1U) << "everybody is named";
  write([&](db::Tx& tx) {
    tx.exec("UPDATE seat SET name = '', email = '' WHERE order_id = $1", two);
    tx.exec("UPDATE orders SET status = 'cancelled' WHERE id = $1", two);
  });
  ask();
  EXPECT_EQ(asked().size(), 1U) << "cancelled";
  write([&](db::Tx& tx) { tx.exec("UPDATE orders SET status = 'paid' WHERE id = $1", two); });
  clock().advance(Duration::days(2000));
  ask();
  EXPECT_EQ(asked().size(), 1U) << "the conference is over";
}

TEST_P(Messages, NobodyIsMailedThatThereAreNoOrders) {
  const auto find = link(LinkKind::find_orders, "stranger@example.org");
  write([&](db::Tx& tx) { accounts::mail_link(tx, "found_orders", find); });
  EXPECT_EQ(deliver(), 1);
  EXPECT_TRUE(mails().empty());
}

TEST_P(Messages, ASeatRefusedByItsServerIsMarkedAndItsOrderIsNot) {
  plenary::test::SmtpServer::Script script;
  script.answer = [](std::string_view command) {
    return command.starts_with("RCPT TO:<guest") ? std::string("550 no") : std::string();
  };
  const auto id = order("ada@example.org", "Ada", 2);
  pay(id);
  serve(script);
  const auto seat = db().read_now([&](db::Tx& tx) { return registration::seats_of(tx, id).back(); });
  write([&](db::Tx& tx) {
    tx.exec("UPDATE seat SET email = $1 WHERE id = $2", "guest@example.org", seat.id);
    registration::mail_seat_link(tx, seat.id, conference_id(), seat.link_version);
  });
  deliver();
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat WHERE mail_problem <> ''"), 1);
  EXPECT_EQ(get(id).mail_problem, "");
}

TEST_P(Messages, TheWaitingListIsLeftFromTheMailProgram) {
  const auto entry = write([&](db::Tx& tx) {
    const auto made = waiting(tx, registration::WaitingStatus::waiting, "en");
    registration::mail_waiting_joined(tx, made);
    return made.id;
  });
  deliver();
  const net::ReadMail mail = mails().at(0);
  const std::string url(mail.header("List-Unsubscribe"));
  EXPECT_THAT(url, HasSubstr(public_url));
  EXPECT_THAT(url, HasSubstr("/registration:waiting-leave/fair/" + std::to_string(entry) + "/"));
  EXPECT_EQ(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
  EXPECT_THAT(mail.part("text/plain")->bytes, HasSubstr(url.substr(1, url.size() - 2)));
}

TEST_P(Messages, MootOnesOfTheWaitingListAreNotSent) {
  write([&](db::Tx& tx) {
    registration::mail_waiting_joined(tx, waiting(tx, registration::WaitingStatus::left, "en"));
    registration::mail_waiting_lapsed(tx, waiting(tx, registration::WaitingStatus::offered, "en"));
    registration::mail_waiting_offer(tx, waiting(tx, registration::WaitingStatus::accepted, "en"));
    return 0;
  });
  deliver();
  EXPECT_TRUE(mails().empty());
}

}  // namespace
}  // namespace plenary::mail::testing
