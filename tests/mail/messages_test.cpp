// Every message of the list, made from real rows, in every language the program speaks.
#include "mail/messages.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "domain/accounts/groups.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/users.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/orders.hpp"
#include "i18n/languages.hpp"
#include "mail/post_office.hpp"

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
    return write([&](db::Tx& tx) {
      return accounts::become_account(tx,
                                      {.email = email, .name = "Ada", .language = "en", .password_hash = "x"})
          .id;
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

  // One row of each message, in a language.
  void write_to_everybody(const std::string& language) {
    const auto unpaid = order("ada@example.org", "Ada", 1, language),
               paid = order("ada@example.org", "Ada", 2, language);
    pay(paid);
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
      registration::mail_seat_link(tx, seat.id, conference_id(), seat.link_version);
      registration::mail_seat_transferred(tx, seat.id, conference_id(), "former@example.org", "Former",
                                          language);
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

}  // namespace
}  // namespace plenary::mail::testing
