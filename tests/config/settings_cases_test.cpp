#include <gtest/gtest.h>

#include "config/case_file.hpp"
#include "config/settings.hpp"

namespace plenary::config {
namespace {

TEST(Settings, EveryWrongFileIsToldItsPlaceAndWhatToDo) {
  const auto cases = read_cases("settings.txt");
  EXPECT_GE(cases.size(), 100u);
  const Environment nothing_is_set = [](const std::string&) { return std::nullopt; };
  for (const WrongFile& wrong : cases) {
    const auto [raised, problems] =
        refusal([&] { parse_settings(wrong.text, "settings.toml", ".", nothing_is_set); });
    expect_problems(wrong, problems, raised);
  }
}

}  // namespace
}  // namespace plenary::config
