// plenary mail: what a person reads who tries out mail, with a server that is played from a script.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/run.hpp"
#include "support/smtp_server.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using test::SmtpServer;
using ::testing::HasSubstr;
using ::testing::Not;

class MailCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-cli-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    settings("");
  }
  void TearDown() override { fs::remove_all(folder); }
  void settings(const std::string& mail) {
    std::ofstream(folder / "plenary.toml") << "[database]\nurl = \"sqlite:test.db\"\n[mail]\n" << mail;
  }
  void use(const SmtpServer& server) {
    settings("smtp_url = \"" + server.url() + "\"\nrequire_tls = false\ntimeout_seconds = 20\n" +
             "from = \"Fair <shop@example.org>\"\n");
  }
  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder / "plenary.toml").string()});
    std::ostringstream out_stream, err_stream;
    const int code = run(std::move(arguments), out_stream, err_stream);
    out = out_stream.str();
    err = err_stream.str();
    return code;
  }
  fs::path folder;
  std::string out, err;
};

TEST_F(MailCommand, WithoutAServerItTellsTheFile) {
  EXPECT_EQ(plenary({"mail", "test", "ada@example.org"}), 0) << err;
  EXPECT_THAT(out, HasSubstr(".plenary/mail"));
  EXPECT_THAT(out, HasSubstr(".eml"));
  EXPECT_THAT(out, HasSubstr("smtp_url"));
}

TEST_F(MailCommand, ItTellsEachStep) {
  const SmtpServer server;
  use(server);
  EXPECT_EQ(plenary({"mail", "test", "ada@example.org", "--language", "de"}), 0) << err;
  for (const char* step :
       {"Connecting to smtp://", "The server greets: 220", "sender", "recipient", "took it"})
    EXPECT_THAT(out, HasSubstr(step));
  ASSERT_EQ(server.mails().size(), 1u);
  EXPECT_THAT(server.mails()[0].text, HasSubstr("Content-Language: de"));
}

TEST_F(MailCommand, ARefusalTellsWhereAndWhatToDo) {
  SmtpServer::Script script;
  script.answer = [](std::string_view command) {
    return command.starts_with("RCPT") ? std::string("550 5.1.1 unknown") : std::string();
  };
  const SmtpServer server(script);
  use(server);
  EXPECT_EQ(plenary({"mail", "test", "ada@example.org"}), 1);
  EXPECT_THAT(err, HasSubstr("recipient"));
  EXPECT_THAT(err, HasSubstr("550"));
  EXPECT_THAT(err, HasSubstr("typed correctly"));
}

TEST_F(MailCommand, NobodyThereTellsWhatToLookAt) {
  settings("smtp_url = \"smtp://localhost:1\"\nrequire_tls = false\n");
  EXPECT_EQ(plenary({"mail", "test", "ada@example.org"}), 1);
  EXPECT_THAT(err, HasSubstr("smtp_url"));
}

TEST_F(MailCommand, WhatIsNoAddressIsRefused) {
  EXPECT_EQ(plenary({"mail", "test", "ada"}), 1);
  EXPECT_THAT(err, HasSubstr("no e-mail address"));
  EXPECT_EQ(plenary({"mail", "test", "ada@example.org", "--language", "xx"}), 1);
}

TEST_F(MailCommand, TheStatusOfAQuietServerIsQuiet) {
  EXPECT_EQ(plenary({"mail", "status"}), 0) << err;
  EXPECT_THAT(out, HasSubstr("Waiting: 0"));
  EXPECT_THAT(out, HasSubstr("Nothing is stuck"));
}

}  // namespace
}  // namespace plenary::cli
