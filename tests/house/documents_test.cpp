// What the documents name exists: a test in docs/security.md that was renamed or removed fails here.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace plenary::house {
namespace {
namespace fs = std::filesystem;

const fs::path root = PLENARY_SOURCE_DIR;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::set<std::string> tests_in_the_tree() {
  std::set<std::string> names;
  const std::regex test(R"(\bTEST(?:_P|_F)?\((\w+),\s*(\w+)\))");
  for (const auto& entry : fs::recursive_directory_iterator(root / "tests")) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string text = text_of(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), test), end; at != end; ++at) {
      names.insert((*at)[1].str() + "." + (*at)[2].str());
    }
  }
  return names;
}

TEST(Documents, EveryTestThatTheSecurityPageNamesExists) {
  const std::set<std::string> tests = tests_in_the_tree();
  const std::string page = text_of(root / "docs/security.md");
  const std::regex named(R"(`([A-Z]\w+\.[A-Z]\w+)`)");
  std::size_t found = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), named), end; at != end; ++at, ++found) {
    EXPECT_TRUE(tests.contains((*at)[1].str())) << "docs/security.md names " << (*at)[1].str();
  }
  EXPECT_GT(found, 80U);
}

}  // namespace
}  // namespace plenary::house
