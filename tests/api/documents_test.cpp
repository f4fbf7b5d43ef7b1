// The examples of docs/api.md run as they stand, in their order, in one shell. source: docs/api.md.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "api/calls.hpp"

namespace plenary::api::testing {
namespace {

class ApiDocument : public ApiTest {};
ON_BOTH_ENGINES(ApiDocument);

TEST_P(ApiDocument, EveryExampleRunsAsItStands) {
  std::ifstream file(std::string(PLENARY_SOURCE_DIR) + "/docs/api.md");
  std::string script = "set -euo pipefail\n";
  bool inside = false;
  int blocks = 0;
  for (std::string line; std::getline(file, line);) {
    if (line == "```sh") {
      inside = true;
      ++blocks;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      script += line + "\n";
    }
  }
  ASSERT_GE(blocks, 6);
  const std::string token = token_of(superuser("root"), all_scopes());
  const std::string command = "PLENARY=http://localhost:" + std::to_string(port()) + " TOKEN=" + token +
                              " bash -c '" +
                              [&] {
                                std::string quoted;
                                for (const char c : script)
                                  quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
                                return quoted;
                              }() +
                              "' 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), got);
  EXPECT_EQ(WEXITSTATUS(::pclose(pipe)), 0) << output;
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 1) << output;
  EXPECT_EQ(count("SELECT count(*) FROM voucher"), 11);
  EXPECT_THAT(output, ::testing::HasSubstr("\"created\""));
}

}  // namespace
}  // namespace plenary::api::testing
