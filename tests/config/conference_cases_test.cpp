#include <gtest/gtest.h>

#include "config/case_file.hpp"
#include "config/conference_file.hpp"

namespace plenary::config {
namespace {

TEST(ConferenceFile, EveryWrongFileIsToldItsPlaceAndWhatToDo) {
  const auto cases = read_cases("conference.txt");
  EXPECT_GE(cases.size(), 80u);
  for (const WrongFile& wrong : cases) {
    Currency currency = Currency::of("USD");
    if (wrong.title.find("(JPY)") != std::string::npos) currency = Currency::of("JPY");
    if (wrong.title.find("(EUR)") != std::string::npos) currency = Currency::of("EUR");
    const ConferenceRules rules{currency,
                                {"import", "api", "admin", "manage", "accounts", "media", "static"}};
    const auto [raised, problems] =
        refusal([&] { parse_conference_file(wrong.text, "conference.toml", rules); });
    expect_problems(wrong, problems, raised);
  }
}

}  // namespace
}  // namespace plenary::config
