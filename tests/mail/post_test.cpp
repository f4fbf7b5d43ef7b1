// From a row of the outbox to a mail server and back: what arrives, what is dropped, what is marked.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include "domain/registration/letters.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/orders.hpp"
#include "mail/bounces.hpp"
#include "mail/post_office.hpp"
#include "mail/status.hpp"

namespace plenary::mail::testing {
namespace {

using plenary::test::SmtpServer;
using registration::Id;
using ::testing::HasSubstr;
using ::testing::Not;

class Mail : public PostOffice {
 protected:
  SmtpServer::Script saying(std::string start, std::string answer) {
    SmtpServer::Script script;
    script.answer = [start = std::move(start), answer = std::move(answer)](std::string_view command) {
      return command.starts_with(start) && !command.empty() ? answer : std::string();
    };
    return script;
  }
  std::string bytes(const net::ReadMail& mail, std::string_view type) {
    const net::MailPart* part = mail.part(type);
    return part ? part->bytes : std::string();
  }
  std::int64_t warn() {
    std::optional<Id> after = 0;
    while (after)
      after = write([&](db::Tx& tx) { return registration::warn_of_expiry(tx, conference_id(), *after, 2); });
    return count("SELECT COUNT(*) FROM outbox WHERE payload LIKE '%order_expiry_warning%'");
  }
};
ON_BOTH_ENGINES(Mail);

TEST_P(Mail, APaidOrderIsConfirmedOnce) {
  const Id id = order("ada@example.org", "Ada Lovelace", 2);
  EXPECT_EQ(deliver(), 0);
  pay(id);
  EXPECT_EQ(deliver(), 1);
  EXPECT_EQ(deliver(), 0);
  ASSERT_EQ(mails().size(), 1u);
  const net::ReadMail mail = mails()[0];
  const registration::Order paid = get(id);
  EXPECT_EQ(server().mails()[0].to, "ada@example.org");
  EXPECT_EQ(server().mails()[0].from, "shop@example.org");
  EXPECT_THAT(std::string(mail.header("Subject")), HasSubstr(paid.reference));
  EXPECT_THAT(std::string(mail.header("Subject")), HasSubstr("Fair & Square"));
  EXPECT_EQ(mail.header("Auto-Submitted"), "auto-generated");
  EXPECT_EQ(mail.header("Content-Language"), "en");
  EXPECT_THAT(std::string(mail.header("Message-ID")), ::testing::EndsWith("@tickets.example.org>"));
  const std::string token = registration::order_link_token(key(), paid.reference, paid.link_version);
  const std::string link =
      fmt::format("{}/registration:order-secret/fair/{}/{}/", public_url, paid.reference, token);
  for (const char* type : {"text/plain", "text/html"}) {
    const std::string body = bytes(mail, type);
    EXPECT_THAT(body, HasSubstr(link));
    EXPECT_THAT(body, HasSubstr("$2,469.00"));
    EXPECT_THAT(body, HasSubstr("No right of withdrawal"));
    EXPECT_THAT(body, HasSubstr("help@example.org"));
    EXPECT_THAT(body, HasSubstr("site:legal/fair/refund-policy/"));
    EXPECT_THAT(body, HasSubstr("Sandbox"));
    EXPECT_THAT(body, HasSubstr("nobody is named yet"));
  }
  EXPECT_THAT(bytes(mail, "text/plain"), HasSubstr("Early <Bird>"));
  EXPECT_THAT(bytes(mail, "text/html"), HasSubstr("Early &lt;Bird&gt;"));
  EXPECT_THAT(bytes(mail, "text/html"), HasSubstr("Fair &amp; Square"));
  EXPECT_THAT(bytes(mail, "text/html"), HasSubstr("#ffcc00"));
  EXPECT_THAT(bytes(mail, "text/calendar"), HasSubstr("BEGIN:VCALENDAR"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_message WHERE status = 'sent'"), 1);
}

TEST_P(Mail, ARepeatedPaymentEventEnqueuesNothing) {
  const Id id = order();
  pay(id);
  write([&](db::Tx& tx) { registration::mail_confirmation(tx, *registration::find_order(tx, id)); });
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE kind = 'mail'"), 1);
}

TEST_P(Mail, GreylistedMailIsTriedAgainUnderTheSameMessageId) {
  int tries = 0;
  SmtpServer::Script script;
  script.answer = [&tries](std::string_view command) {
    return command == "." && ++tries == 1 ? std::string("451 4.7.1 come back") : std::string();
  };
  serve(script);
  pay(order());
  EXPECT_EQ(deliver(), 1);
  EXPECT_EQ(deliver(), 0);  // not yet
  clock().advance(Duration::minutes(1));
  EXPECT_EQ(deliver(), 1);
  ASSERT_EQ(mails().size(), 2u);  // the server took the first one's text before it said no
  EXPECT_EQ(mails()[0].header("Message-ID"), mails()[1].header("Message-ID"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE done_at IS NOT NULL"), 1);
}

TEST_P(Mail, ARefusedRecipientMarksTheOrderAndASuccessClearsIt) {
  serve(saying("RCPT TO", "550 5.1.1 <ada@example.org> does not live here"));
  const Id id = order();
  pay(id);
  deliver();
  EXPECT_THAT(get(id).mail_problem, HasSubstr("does not live here"));
  EXPECT_THAT(get(id).mail_problem, Not(HasSubstr("ada@")));
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_message WHERE status = 'refused'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE is_dead = 1"), 1);
  const MailStatus now = db().read_now([](db::Tx& tx) { return status(tx); });
  EXPECT_EQ(now.refused, 1);
  EXPECT_EQ(now.dead, 0);
  EXPECT_FALSE(db().read_now([](db::Tx& tx) { return stuck(tx); }));

  serve({});
  write([&](db::Tx& tx) { registration::mail_order_link(tx, id, conference_id(), 1); });
  deliver();
  EXPECT_EQ(get(id).mail_problem, "");
}

TEST_P(Mail, SettingsOfOursMarkNobodyAndTellTheDashboard) {
  serve(saying("MAIL FROM", "553 5.7.1 not your address"));
  const Id id = order();
  pay(id);
  deliver();
  EXPECT_EQ(get(id).mail_problem, "");
  EXPECT_FALSE(db().read_now([](db::Tx& tx) { return stuck(tx); }));
  clock().advance(Duration::minutes(20));
  const auto why = db().read_now([](db::Tx& tx) { return stuck(tx); });
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, HasSubstr("[mail] from"));
  EXPECT_THAT(*why, Not(HasSubstr("ada@")));
}

TEST_P(Mail, AServerThatNeverTakesItMarksTheOrderAtTheLastAttempt) {
  serve(saying("RCPT TO", "451 4.7.1 come back"));
  const Id id = order();
  pay(id);
  for (int attempt = 1; attempt <= 15; ++attempt) {
    EXPECT_EQ(get(id).mail_problem, "") << attempt;
    deliver();
    clock().advance(Duration::hours(8));
  }
  EXPECT_THAT(get(id).mail_problem, HasSubstr("come back"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE is_dead = 1"), 1);
}

TEST_P(Mail, WhatIsMootIsDropped) {
  const Id id = order();
  write([&](db::Tx& tx) {
    registration::mail_order_link(tx, id, conference_id(), 99);              // replaced since
    registration::mail_confirmation(tx, *registration::find_order(tx, id));  // not paid
  });
  EXPECT_EQ(deliver(), 2);
  EXPECT_TRUE(mails().empty());
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE done_at IS NOT NULL"), 2);
}

TEST_P(Mail, AMessageThatDoesNotExistIsADeadLetterInTheEndAndNotACrash) {
  write([&](db::Tx& tx) { jobs::enqueue(tx, "mail", 0, jobs::payload({{"message", "nonsense"}})); });
  EXPECT_EQ(deliver(), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE last_error LIKE '%messages.hpp%'"), 1);
}

TEST_P(Mail, TheBuyerIsWarnedOnceBeforeTheHoldLapses) {
  const Id first = order(), second = order("bob@example.org", "Bob"), third = order("eve@example.org", "Eve");
  EXPECT_EQ(warn(), 0);  // fifteen minutes to go
  clock().advance(Duration::minutes(11));
  pay(second);
  EXPECT_EQ(warn(), 2);
  EXPECT_EQ(warn(), 2);
  pay(third);
  deliver();
  int warned = 0;
  for (const SmtpServer::Mail& mail : server().mails()) {
    const net::ReadMail read = net::read_mail(mail.text);
    if (std::string_view(read.header("Subject")).find("please pay") == std::string_view::npos) continue;
    ++warned;
    EXPECT_EQ(mail.to, "ada@example.org");
    EXPECT_THAT(bytes(read, "text/plain"),
                HasSubstr("registration:order-secret-pay/fair/" + get(first).reference));
  }
  EXPECT_EQ(warned, 1);  // the third paid before it was sent
}

TEST_P(Mail, AnOrderWhoseHoldWasShortIsNotWarned) {
  const Id id = order();
  write([&](db::Tx& tx) {
    tx.exec("UPDATE orders SET hold_expires_at = created_at + $1 WHERE id = $2", Duration::minutes(4).micros,
            id);
  });
  EXPECT_EQ(warn(), 0);
}

TEST_P(Mail, NamesOfStrangersMakeNoHeadersAndNoAdvertisement) {
  for (const char* name : {"Ada\r\nBcc: victim@example.org", "Win money at http://evil.example",
                           "see evil.example", "a@b", "{{ 7|add:70 }}"}) {
    pay(order("ada@example.org", name));
  }
  pay(order("ada@example.org", "Dr. J.R.R. Ada <b>"));
  deliver();
  ASSERT_EQ(mails().size(), 6u);
  for (const net::ReadMail& mail : mails()) {
    EXPECT_EQ(mail.header("Bcc"), "");
    EXPECT_EQ(mail.header("To"), "ada@example.org");
    EXPECT_THAT(bytes(mail, "text/plain"), ::testing::ContainsRegex("Hello,"));
    EXPECT_THAT(bytes(mail, "text/html"), Not(HasSubstr("<b>")));
    for (const char* type : {"text/plain", "text/html"}) {
      EXPECT_THAT(bytes(mail, type), Not(HasSubstr("evil.example")));
      EXPECT_THAT(bytes(mail, type), Not(HasSubstr("victim@")));
      EXPECT_THAT(bytes(mail, type), Not(HasSubstr("add:70"))) << "a name was taken for a template";
    }
  }
}

TEST_P(Mail, ABounceMarksTheOrderOnce) {
  const Id id = order();
  pay(id);
  deliver();
  std::string message_id(mails()[0].header("Message-ID"));
  message_id = message_id.substr(1, message_id.size() - 2);
  const auto take = [&](const Bounce& bounce) {
    return write([&](db::Tx& tx) { return find_bounced(tx, bounce) && take_bounce(tx, bounce); });
  };
  EXPECT_FALSE(take({message_id, "", "mailbox full for now", false}));
  EXPECT_EQ(get(id).mail_problem, "");
  EXPECT_FALSE(take({"someone@else", "", "unknown", true}));
  EXPECT_TRUE(take({message_id, "", "mailbox is gone", true}));
  EXPECT_EQ(get(id).mail_problem, "mailbox is gone");
  EXPECT_FALSE(take({message_id, "", "again", true}));
  EXPECT_EQ(get(id).mail_problem, "mailbox is gone");
}

TEST_P(Mail, ABounceOfTheOldAddressDoesNotMarkTheCorrectedOne) {
  const Id id = order();
  pay(id);
  deliver();
  std::string message_id(mails()[0].header("Message-ID"));
  message_id = message_id.substr(1, message_id.size() - 2);
  write([&](db::Tx& tx) {
    tx.exec("UPDATE orders SET billing_email = $1 WHERE id = $2", "new@example.org", id);
  });
  EXPECT_TRUE(write([&](db::Tx& tx) { return take_bounce(tx, {message_id, "", "gone", true}); }));
  EXPECT_EQ(get(id).mail_problem, "");
}

}  // namespace
}  // namespace plenary::mail::testing
