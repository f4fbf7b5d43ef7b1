// The manual page and the completions say what the commands are. source: ground rules 15, 8.3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "cli/run.hpp"

namespace plenary::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Printed {
  int code = 0;
  std::string out, err;
};

Printed plenary(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  Printed printed;
  printed.code = run(arguments, out, err);
  printed.out = out.str();
  printed.err = err.str();
  return printed;
}

TEST(Manual, NamesEveryCommandWithItsOptions) {
  const Printed page = plenary({"manual"});
  EXPECT_EQ(page.code, 0);
  EXPECT_EQ(page.out.rfind(".TH PLENARY 1", 0), 0U);
  for (const char* command : {"serve", "migrate", "bootstrap_conference", "mail test", "verify stock",
                              "createsuperuser", "runserver"})
    EXPECT_THAT(page.out, HasSubstr(std::string(".SS plenary ") + command)) << command;
  EXPECT_THAT(page.out, HasSubstr("\\fB\\-\\-seed\\-demo\\fR\n"));
  EXPECT_THAT(page.out, HasSubstr("\\fB\\-\\-config\\fR \\fIFILE\\fR"));
}

TEST(Manual, NoLineIsTakenForAnInstructionOfTheTypesetter) {
  std::istringstream lines(plenary({"manual"}).out);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || (line[0] != '.' && line[0] != '\'')) continue;
    const std::string word = line.substr(0, line.find(' '));
    EXPECT_THAT((std::vector<std::string>{".TH", ".SH", ".SS", ".TP", ".PP"}), ::testing::Contains(word))
        << line;
  }
}

TEST(Completion, KnowsCommandsBelowCommandsAndTheirOptions) {
  const Printed bash = plenary({"completion", "bash"});
  EXPECT_EQ(bash.code, 0);
  EXPECT_THAT(bash.out, HasSubstr("\" mail\") words=\"test status --help\""));
  EXPECT_THAT(bash.out, HasSubstr("complete -o filenames -F _plenary plenary"));
  // A flag is followed by something else, a value by files.
  const std::string with_value = bash.out.substr(bash.out.find("case $previous in"), 400);
  EXPECT_THAT(with_value, HasSubstr("--config"));
  EXPECT_THAT(with_value, Not(HasSubstr("--seed-demo")));
  EXPECT_THAT(plenary({"completion", "zsh"}).out, HasSubstr("#compdef plenary"));
  EXPECT_THAT(plenary({"completion", "fish"}).out, HasSubstr("-a bootstrap_conference"));
}

TEST(Completion, AnotherShellIsRefusedWithTheOnesThereAre) {
  const Printed other = plenary({"completion", "tcsh"});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("bash"));
}

}  // namespace
}  // namespace plenary::cli
