// Tables of wrong files: each case is a file and the problems it must be refused with, in order.
//   ## title
//   …the file…
//   => KIND LINE:COLUMN PATH | part of the message | another part
// "@conference" and "@sections" stand for the smallest valid tables (5 and 4 lines), so that a case shows its
// fault alone.
#pragma once

#include <string>
#include <vector>

#include "config/errors.hpp"

namespace plenary::config {

struct ExpectedProblem {
  std::string kind, place, path;
  std::vector<std::string> parts;
};

struct WrongFile {
  std::string title;
  std::string text;
  std::vector<ExpectedProblem> problems;
};

std::vector<WrongFile> read_cases(const std::string& file_name);

// Compares, and prints all that was said where it is not what was expected. `raised`: the class that was
// caught.
void expect_problems(const WrongFile& wrong, const std::vector<Problem>& found, const std::string& raised);

// The class whose catch clause takes it first, and its problems; {"nothing", {}} when `read` succeeds.
template <class F>
std::pair<std::string, std::vector<Problem>> refusal(F read) {
  try {
    read();
  } catch (const ConfigValueError& error) {
    return {"value", error.problems()};
  } catch (const ConfigTypeError& error) {
    return {"type", error.problems()};
  } catch (const ConfigFileError& error) {
    return {"file", error.problems()};
  } catch (const ConfigError& error) {
    return {"mixed", error.problems()};
  }
  return {"nothing", {}};
}

}  // namespace plenary::config
