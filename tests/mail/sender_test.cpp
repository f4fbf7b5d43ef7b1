// As whom a conference writes: what is allowed, what becomes of an address that no longer is, and that a name
// adds no header.
#include "mail/sender.hpp"

#include <gmock/gmock.h>

#include "domain/registration/letters.hpp"
#include "domain/registration/orders.hpp"
#include "mail/post_office.hpp"

namespace plenary::mail::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const conference::Actor grace{{}, "Grace", "manage", "192.0.2.7"};

class Sender : public PostOffice {
 protected:
  void SetUp() override {
    PostOffice::SetUp();
    settings().mail.sender_domains = {"fair.example"};
  }
  MailSender sender(const std::string& name, const std::string& email = {},
                    const std::string& reply_to = {}) {
    MailSender made;
    made.conference_id = conference_id();
    made.name = name;
    made.email = email;
    made.reply_to = reply_to;
    return made;
  }
  std::optional<MailSender> save(const MailSender& wanted, std::int64_t version = 0) {
    return write([&](db::Tx& tx) { return save_sender(tx, grace, wanted, version, settings().mail); });
  }
  net::ReadMail mail_of_a_sale() {
    pay(order());
    deliver();
    return mails().back();
  }
  std::size_t wrong(const MailSender& one) { return check_sender(one, settings().mail).size(); }
};
ON_BOTH_ENGINES(Sender);

TEST_P(Sender, AnAddressOfAnAllowedDomainIsTheSenderAndWhatBouncesComesBackToTheServer) {
  save(sender("The Fair Team", "tickets@Fair.example", "help@elsewhere.example"));
  const net::ReadMail mail = mail_of_a_sale();
  EXPECT_THAT(std::string(mail.header("From")), HasSubstr("\"The Fair Team\""));
  EXPECT_THAT(std::string(mail.header("From")), HasSubstr("<tickets@Fair.example>"));
  EXPECT_EQ(std::string(mail.header("Reply-To")), "help@elsewhere.example");
  EXPECT_EQ(server().mails().back().from, "shop@example.org");
}

TEST_P(Sender, ADomainThatIsNoLongerAllowedBecomesTheAddressForAnswers) {
  save(sender("", "tickets@fair.example"));
  settings().mail.sender_domains.clear();
  const net::ReadMail mail = mail_of_a_sale();
  EXPECT_THAT(std::string(mail.header("From")), HasSubstr("Fair & Square"));
  EXPECT_THAT(std::string(mail.header("From")), HasSubstr("<shop@example.org>"));
  EXPECT_EQ(std::string(mail.header("Reply-To")), "tickets@fair.example");
}

TEST_P(Sender, WithoutOneMailComesAsTheSettingsSay) {
  const net::ReadMail mail = mail_of_a_sale();
  EXPECT_THAT(std::string(mail.header("From")), HasSubstr("\"The Fair\""));
  EXPECT_TRUE(mail.header("Reply-To").empty());
}

TEST_P(Sender, WhatIsWrongIsRefusedAllOfItTogether) {
  EXPECT_EQ(wrong(sender("The Fair", "tickets@fair.example", "help@example.org")), 0U);
  EXPECT_EQ(wrong(sender("a\r\nBcc: eve@example.org", "x", "y")), 3U);
  for (const char* name : {"a\nb", "a <b>", "a@b", "\"a\"", "a\x07"})
    EXPECT_EQ(wrong(sender(name)), 1U) << name;
  for (const char* email :
       {"tickets@evil.example", "tickets@sub.fair.example", "tickets@fair.example.evil.org",
        "a@fair.example\r\nBcc: b@example.org", "tickets@fairxexample"})
    EXPECT_EQ(wrong(sender("", email)), 1U) << email;
  EXPECT_THROW(save(sender("", "tickets@evil.example")), Refused);
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_sender"), 0);
}

TEST_P(Sender, ARowThatGotPastTheFormAddsNoHeader) {
  save(sender("The Fair"));
  write([&](db::Tx& tx) {
    tx.exec("UPDATE mail_sender SET name = $1", "Fair\r\nBcc: eve@example.org\r\n\r\nx");
  });
  const net::ReadMail mail = mail_of_a_sale();
  EXPECT_TRUE(mail.header("Bcc").empty());
  EXPECT_THAT(server().mails().back().text, Not(HasSubstr("\r\nBcc:")));
}

TEST_P(Sender, ChangesAreRecordedAndNobodyOverwritesAnother) {
  const auto first = save(sender("One"));
  EXPECT_THROW(save(sender("Two")), Refused);
  const auto second = save(sender("Two"), first->version);
  ASSERT_TRUE(second);
  EXPECT_FALSE(save(sender(""), second->version)) << "nothing of its own is left";
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_sender"), 0);
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'mail_sender'"), 3);
}

}  // namespace
}  // namespace plenary::mail::testing
