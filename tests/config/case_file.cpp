#include "config/case_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace plenary::config {
namespace {

constexpr const char* smallest_conference =
    "[conference]\nname = \"Demo\"\nstart = 2027-05-14\nend = 2027-05-22\ntimezone = \"UTC\"\n";
constexpr const char* smallest_sections =
    "[[conference.sections]]\nname = \"Talks\"\nstart = 2027-05-14\nend = 2027-05-22\n";

std::string stripped(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

ExpectedProblem expected(const std::string& line) {
  ExpectedProblem problem;
  std::istringstream in(line.substr(3));
  std::string head;
  std::getline(in, head, '|');
  std::istringstream words(head);
  words >> problem.kind >> problem.place;
  std::getline(words, problem.path);
  problem.path = stripped(problem.path);
  for (std::string part; std::getline(in, part, '|');) problem.parts.push_back(stripped(part));
  return problem;
}

}  // namespace

std::vector<WrongFile> read_cases(const std::string& file_name) {
  std::string path = PLENARY_SOURCE_DIR "/tests/config/cases/";
  path.append(file_name);  // not operator+: GCC 12 warns of it wrongly under -fsanitize=thread
  std::ifstream in(path);
  EXPECT_TRUE(in) << file_name;
  std::vector<WrongFile> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("## ", 0) == 0) {
      cases.push_back({line.substr(3), "", {}});
    } else if (cases.empty()) {
      continue;  // what the table says about itself
    } else if (line.rfind("=> ", 0) == 0) {
      cases.back().problems.push_back(expected(line));
    } else if (!cases.back().problems.empty()) {
      continue;  // blank lines between two cases
    } else if (line == "@conference") {
      cases.back().text += smallest_conference;
    } else if (line == "@sections") {
      cases.back().text += smallest_sections;
    } else {
      cases.back().text += line + "\n";
    }
  }
  return cases;
}

void expect_problems(const WrongFile& wrong, const std::vector<Problem>& found, const std::string& raised) {
  std::string all;
  for (const Problem& problem : found)
    all += "  " + std::string(to_string(problem.kind)) + " " + problem.message() + "\n";
  SCOPED_TRACE("\"" + wrong.title + "\" says:\n" + all);
  ASSERT_EQ(found.size(), wrong.problems.size());
  std::set<std::string> kinds;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const ExpectedProblem& want = wrong.problems[i];
    const Problem& got = found[i];
    kinds.insert(want.kind);
    EXPECT_EQ(to_string(got.kind), want.kind);
    EXPECT_EQ(std::to_string(got.place.line) + ":" + std::to_string(got.place.column), want.place);
    EXPECT_EQ(got.path.empty() ? "-" : got.path, want.path);
    const std::string message = got.message();
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_EQ(message.rfind(got.file + ":" + want.place + ": ", 0), 0u);
    EXPECT_FALSE(want.parts.empty()) << "the case asserts no advice";
    for (const std::string& part : want.parts) EXPECT_NE(message.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(raised, kinds.size() == 1 ? *kinds.begin() : "mixed");
}

}  // namespace plenary::config
