// What people at a terminal see. source: design 6.
#include "cli/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <iostream>
#include <sstream>

namespace plenary::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ProgressBar, AppearsAfterASecondWithRateAndTimeLeft) {
  std::ostringstream out;
  Duration now = Duration::milliseconds(900);
  Progress progress(out, "items", [&] { return now; });
  progress.show(400, 2500);
  EXPECT_THAT(out.str(), IsEmpty());
  now = Duration::seconds(2);
  progress.show(1000, 2500);
  EXPECT_THAT(out.str(), HasSubstr("[############..................] 1000 of 2500 items, 500/s, 3 s left"));
  const std::string once = out.str();
  now = Duration::milliseconds(2050);
  progress.show(1010, 2500);
  EXPECT_EQ(out.str(), once) << "at most ten times a second";
  now = Duration::seconds(10);
  progress.show(1250, 25000);
  EXPECT_THAT(out.str(), HasSubstr("125/s, 3:10 min left"));
  progress.finish();
  EXPECT_TRUE(out.str().ends_with("\r\x1b[K")) << "and it leaves nothing behind";
}

TEST(ProgressBar, IsNotShownWhereNobodyLooks) {
  std::ostringstream out, err;
  Context context(out, err);
  Progress progress(context, "items");
  for (std::size_t i = 1; i <= 100; ++i) progress.show(i, 100);
  progress.finish();
  EXPECT_THAT(out.str() + err.str(), IsEmpty());
}

TEST(Colours, AreForTerminalsUnlessAskedFor) {
  std::ostringstream out, err;
  const Context piped(out, err);
  EXPECT_FALSE(use_color(piped, "auto"));
  EXPECT_TRUE(use_color(piped, "always"));
  EXPECT_FALSE(use_color(piped, "never"));
  const Context terminal(std::cout, std::cerr);
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(use_color(terminal, "auto"));
  EXPECT_TRUE(use_color(terminal, "always")) << "what is asked for by name wins";
  ::unsetenv("NO_COLOR");
}

}  // namespace
}  // namespace plenary::cli
