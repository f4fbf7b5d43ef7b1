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

// How many tests the page names; one that is not in the tree fails.
std::size_t named_tests(const std::string& file) {
  const std::set<std::string> tests = tests_in_the_tree();
  const std::string page = text_of(root / file);
  const std::regex named(R"(`([A-Z]\w+\.[A-Z]\w+)`)");
  std::size_t found = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), named), end; at != end; ++at, ++found) {
    EXPECT_TRUE(tests.contains((*at)[1].str())) << file << " names " << (*at)[1].str();
  }
  return found;
}

TEST(Documents, EveryTestThatTheSecurityPageNamesExists) {
  EXPECT_GT(named_tests("docs/security.md"), 80U);
}

TEST(Documents, EveryTestThatTheChecklistOfTheConfigurationNamesExists) {
  EXPECT_GT(named_tests("docs/configuration.md"), 90U);
}

// A statement without a test behind it names the capability that brings both.
TEST(Documents, EveryStatementOfTheChecklistHasATestOrACapability) {
  const std::string page = text_of(root / "docs/configuration.md");
  std::istringstream lines(page.substr(page.find("\n## Checklist")));
  const std::regex proof(R"(`[A-Z]\w+\.[A-Z]\w+`|Pretalx sync|sponsor portal|grant review|activity sign-up|)"
                         R"(organiser dashboard|payments by Stripe)");
  std::size_t statements = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| ") || line.starts_with("| the customer says") || line.starts_with("| what "))
      continue;
    ++statements;
    const std::size_t last = line.rfind(" | ");
    ASSERT_NE(last, std::string::npos) << line;
    EXPECT_TRUE(std::regex_search(line.substr(last), proof)) << line;
  }
  EXPECT_GT(statements, 60U);
}

}  // namespace
}  // namespace plenary::house
