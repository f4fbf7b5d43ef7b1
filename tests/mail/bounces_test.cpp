// Reports of what came back, as mail servers write them and as nobody should.
#include "mail/bounces.hpp"

#include <gmock/gmock.h>

#include "base/errors.hpp"

namespace plenary::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* report =
    "From: MAILER-DAEMON@mail.example.org\r\nSubject: Undelivered Mail\r\n"
    "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"b1\"\r\n\r\n"
    "--b1\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
    "--b1\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; mail.example.org\r\n\r\n"
    "Final-Recipient: rfc822; ada@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>:\r\n    Recipient address rejected\r\n\r\n"
    "--b1\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <abc@tickets.example.org>\r\nSubject: "
    "x\r\n\r\n"
    "--b1--\r\n";

TEST(Bounces, AReportOfAMailServerIsRead) {
  const auto bounces = read_report(report);
  ASSERT_EQ(bounces.size(), 1u);
  EXPECT_EQ(bounces[0].message_id, "abc@tickets.example.org");
  EXPECT_EQ(bounces[0].recipient, "ada@example.org");
  EXPECT_TRUE(bounces[0].is_permanent);
  EXPECT_THAT(bounces[0].detail, HasSubstr("Recipient address rejected"));
  EXPECT_THAT(bounces[0].detail, Not(HasSubstr("ada@")));
}

TEST(Bounces, ADelayIsTemporary) {
  std::string text = report;
  text.replace(text.find("Action: failed"), 14, "Action: delayed");
  const auto bounces = read_report(text);
  ASSERT_EQ(bounces.size(), 1u);
  EXPECT_FALSE(bounces[0].is_permanent);
}

TEST(Bounces, OrdinaryMailIsNoReport) {
  EXPECT_TRUE(read_report("Subject: hello\r\n\r\nMessage-ID: <abc@x>\r\nAction: failed\r\n").empty());
  EXPECT_TRUE(read_report("").empty());
}

TEST(Bounces, NothingHostileBreaksReading) {
  std::string many =
      "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: "
      "message/delivery-status\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) many += "Action: failed\r\n\r\n";
  many += "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <a@b>\r\n";
  EXPECT_LE(read_report(many).size(), 100u);
  std::string cut = report;
  for (std::size_t size = 0; size < cut.size(); size += 7) read_report(std::string_view(cut).substr(0, size));
  std::string binary = report;
  for (std::size_t i = 0; i < binary.size(); i += 5) binary[i] = static_cast<char>(i * 37);
  EXPECT_LE(read_report(binary).size(), 1u);
}

TEST(Bounces, JsonIsReadAloneAndAsAList) {
  const auto one = read_json_bounces(
      R"({"message_id": "<abc@x>", "recipient": "a@b.org", "detail": "no\r\nsuch user", "permanent": true})");
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].message_id, "abc@x");
  EXPECT_EQ(one[0].detail, "no such user");
  EXPECT_EQ(
      read_json_bounces(R"([{"message_id":"a@b","permanent":false},{"message_id":"c@d","permanent":true}])")
          .size(),
      2u);
}

TEST(Bounces, WrongJsonIsRefusedWithWords) {
  for (const char* text : {"", "{", "17", "{}", "[17]", R"({"message_id":"a@b"})", R"({"permanent":true})",
                           R"({"message_id":17,"permanent":true})", R"({"message_id":"","permanent":true})",
                           R"({"message_id":"a@b","permanent":"yes"})"}) {
    EXPECT_THROW(read_json_bounces(text), Refused) << text;
  }
}

}  // namespace
}  // namespace plenary::mail
