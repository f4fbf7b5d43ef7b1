// The SMTP client against a real server on loopback that misbehaves by script.
#include "net/smtp.hpp"

#include <gmock/gmock.h>

#include "net/message.hpp"
#include "support/smtp_server.hpp"

namespace plenary::net {
namespace {

using test::SmtpServer;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = SmtpResult::Kind;

SmtpOptions plain(const SmtpServer& server) {
  SmtpOptions options;
  options.url = server.url();
  options.require_tls = false;
  options.timeout = Duration::seconds(20);
  return options;
}

SmtpServer::Script saying(std::string start, std::string answer) {
  SmtpServer::Script script;
  script.answer = [start = std::move(start), answer = std::move(answer)](std::string_view command) {
    return command.starts_with(start) && (!command.empty() || start.empty()) ? answer : std::string();
  };
  return script;
}

SmtpResult send(SmtpClient& client, std::string_view text = "Subject: x\r\n\r\nHello\r\n") {
  return client.send("shop@example.org", "ada@example.org", text);
}

TEST(Smtp, AMessageArrivesAsItWasSent) {
  const SmtpServer server;
  SmtpClient client(plain(server));
  const SmtpResult result = send(client, "Subject: x\r\n\r\n.dots\r\n..more\r\nend\r\n");
  EXPECT_EQ(result.kind, Kind::delivered);
  EXPECT_EQ(result.stage, SmtpStage::done);
  ASSERT_EQ(server.mails().size(), 1u);
  EXPECT_EQ(server.mails()[0].from, "shop@example.org");
  EXPECT_EQ(server.mails()[0].to, "ada@example.org");
  EXPECT_EQ(server.mails()[0].text, "Subject: x\r\n\r\n.dots\r\n..more\r\nend\r\n");
}

TEST(Smtp, SeveralMessagesShareOneConnection) {
  const SmtpServer server;
  SmtpClient client(plain(server));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(client).kind, Kind::delivered);
  EXPECT_EQ(server.mails().size(), 3u);
  EXPECT_EQ(server.connections(), 1);
}

TEST(Smtp, ARefusedRecipientIsRefusedForGoodAndTheNextOneIsNot) {
  const SmtpServer server(saying("RCPT TO:<ada", "550 5.1.1 <ada@example.org> is unknown here"));
  SmtpClient client(plain(server));
  const SmtpResult refused = send(client);
  EXPECT_EQ(refused.kind, Kind::refused);
  EXPECT_EQ(refused.stage, SmtpStage::recipient);
  EXPECT_EQ(refused.code, 550);
  EXPECT_FALSE(refused.is_our_fault);
  EXPECT_THAT(refused.detail, HasSubstr("is unknown here"));
  EXPECT_THAT(refused.detail, Not(HasSubstr("ada")));
  EXPECT_EQ(client.send("shop@example.org", "bob@example.org", "Subject: x\r\n\r\nx\r\n").kind,
            Kind::delivered);
}

TEST(Smtp, AMessageRefusedAfterItsContentIsRefusedForGood) {
  const SmtpServer server(saying(".", "554 5.7.1 not wanted"));
  SmtpClient client(plain(server));
  const SmtpResult result = send(client);
  EXPECT_EQ(result.kind, Kind::refused);
  EXPECT_EQ(result.stage, SmtpStage::content);
}

TEST(Smtp, GreylistingMeansLater) {
  const SmtpServer server(saying("RCPT TO", "451 4.7.1 please come back"));
  SmtpClient client(plain(server));
  const SmtpResult result = send(client);
  EXPECT_EQ(result.kind, Kind::later);
  EXPECT_EQ(result.code, 451);
  EXPECT_FALSE(result.is_our_fault);
}

TEST(Smtp, AServerThatIsFullMeansLater) {
  const SmtpServer server(saying("", "421 too busy"));
  SmtpClient client(plain(server));
  EXPECT_EQ(send(client).kind, Kind::later);
}

TEST(Smtp, AConnectionDroppedInTheMiddleOfAMessageMeansLater) {
  SmtpServer::Script script;
  script.drop_after = 1000;
  const SmtpServer server(script);
  SmtpClient client(plain(server));
  std::string text = "Subject: x\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) text += "a line that is long enough to fill buffers\r\n";
  EXPECT_EQ(send(client, text).kind, Kind::later);
  EXPECT_TRUE(server.mails().empty());
}

TEST(Smtp, AServerThatFallsSilentMeansLaterAfterTheTimeLimit) {
  const SmtpServer server(saying("DATA", "silence"));
  SmtpOptions options = plain(server);
  options.timeout = Duration::seconds(2);  // of everything: the stages before must have been reached
  SmtpClient client(options);
  const SmtpResult result = send(client);
  EXPECT_EQ(result.kind, Kind::later);
  EXPECT_EQ(result.stage, SmtpStage::content);
  EXPECT_THAT(result.advice, HasSubstr("timeout_seconds"));
}

TEST(Smtp, NobodyListeningMeansLaterAndSaysWhereToLook) {
  std::string url;
  {
    const SmtpServer gone;
    url = gone.url();
  }
  SmtpOptions options;
  options.url = url;
  options.timeout = Duration::seconds(20);
  SmtpClient client(options);
  const SmtpResult result = send(client);
  EXPECT_EQ(result.kind, Kind::later);
  EXPECT_EQ(result.stage, SmtpStage::connect);
  EXPECT_THAT(result.advice, HasSubstr("smtp_url"));
}

TEST(Smtp, StartTlsIsUsedAndItsCertificateIsVerified) {
  SmtpServer::Script script;
  script.starttls = true;
  const SmtpServer server(script);
  SmtpOptions options = plain(server);
  options.require_tls = true;
  {
    SmtpClient stranger(options);  // does not know who made the certificate
    const SmtpResult result = send(stranger);
    EXPECT_EQ(result.kind, Kind::later);
    EXPECT_EQ(result.stage, SmtpStage::tls);
    EXPECT_TRUE(result.is_our_fault);
    EXPECT_THAT(result.advice, HasSubstr("certificate"));
  }
  EXPECT_TRUE(server.mails().empty());
  options.ca_file = server.certificate();
  SmtpClient client(options);
  EXPECT_EQ(send(client).kind, Kind::delivered);
  ASSERT_EQ(server.mails().size(), 1u);
  EXPECT_TRUE(server.mails()[0].encrypted);
}

TEST(Smtp, ACertificateOfAnotherHostIsNotBelieved) {
  SmtpServer::Script script;
  script.starttls = true;
  script.certificate_name = "mail.example.org";
  const SmtpServer server(script);
  SmtpOptions options = plain(server);
  options.require_tls = true;
  options.ca_file = server.certificate();
  SmtpClient client(options);
  EXPECT_EQ(send(client).stage, SmtpStage::tls);
  EXPECT_TRUE(server.mails().empty());
}

TEST(Smtp, WithoutStartTlsNothingIsSentWhereItIsRequired) {
  const SmtpServer server;
  SmtpOptions options = plain(server);
  options.require_tls = true;
  SmtpClient client(options);
  const SmtpResult result = send(client);
  EXPECT_EQ(result.kind, Kind::later);
  EXPECT_THAT(result.advice, HasSubstr("STARTTLS"));
  EXPECT_TRUE(server.mails().empty());
  for (const std::string& command : server.commands()) EXPECT_THAT(command, Not(HasSubstr("MAIL FROM")));
}

TEST(Smtp, AnAccountSignsIn) {
  SmtpServer::Script script;
  script.username = "shop";
  script.password = "s3cret";
  const SmtpServer server(script);
  SmtpOptions options = plain(server);
  options.username = "shop";
  options.password = Secret("s3cret");
  SmtpClient client(options);
  EXPECT_EQ(send(client).kind, Kind::delivered);
  ASSERT_EQ(server.mails().size(), 1u);
  EXPECT_TRUE(server.mails()[0].signed_in);
}

TEST(Smtp, AWrongAccountIsOurFaultAndNobodyIsMarked) {
  SmtpServer::Script script;
  script.username = "shop";
  script.password = "s3cret";
  const SmtpServer server(script);
  SmtpOptions options = plain(server);
  options.username = "shop";
  options.password = Secret("wrong");
  SmtpClient client(options);
  const SmtpResult result = send(client);
  EXPECT_EQ(result.kind, Kind::later);
  EXPECT_TRUE(result.is_our_fault);
  EXPECT_THAT(result.advice, HasSubstr("password"));
}

TEST(Smtp, ARefusalToRelayIsOurFaultAndNotTheRecipients) {
  const SmtpServer server(saying("RCPT TO", "550 5.7.1 Relaying denied"));
  SmtpClient client(plain(server));
  const SmtpResult result = send(client);
  EXPECT_EQ(result.kind, Kind::later);
  EXPECT_TRUE(result.is_our_fault);
}

TEST(Smtp, ASenderThatIsNotAllowedIsOurFault) {
  const SmtpServer server(saying("MAIL FROM", "553 5.7.1 not your address"));
  SmtpClient client(plain(server));
  const SmtpResult result = send(client);
  EXPECT_EQ(result.kind, Kind::later);
  EXPECT_EQ(result.stage, SmtpStage::sender);
  EXPECT_TRUE(result.is_our_fault);
  EXPECT_THAT(result.advice, HasSubstr("[mail] from"));
}

TEST(Smtp, WhoWatchesHearsEachStageAndNoAddress) {
  const SmtpServer server;
  SmtpClient client(plain(server));
  std::string heard;
  client.send("shop@example.org", "ada@example.org", "Subject: x\r\n\r\nx\r\n",
              [&](SmtpStage stage, std::string_view text) {
                heard += std::string(to_text(stage)) + "|" + std::string(text) + "\n";
              });
  for (const char* stage :
       {"connecting|smtp://", "greeting|220", "sender|", "recipient|", "message|", "accepted|250"})
    EXPECT_THAT(heard, HasSubstr(stage));
  EXPECT_THAT(heard, Not(HasSubstr("@")));
}

TEST(Smtp, WhatIsNoAddressNeverReachesTheServer) {
  const SmtpServer server;
  SmtpClient client(plain(server));
  const SmtpResult result = client.send("shop@example.org", "ada@example.org>\r\nDATA", "x\r\n");
  EXPECT_EQ(result.kind, Kind::refused);
  EXPECT_EQ(server.connections(), 0);
}

TEST(Smtp, DetailsCarryNoAddressesAndNoControlCharacters) {
  EXPECT_EQ(without_addresses("550 <ada@example.org>... User\r\nunknown\x1b[31m"),
            "550 <address> User unknown [31m");
  EXPECT_LE(without_addresses(std::string(10'000, 'x')).size(), 300u);
}

}  // namespace
}  // namespace plenary::net
