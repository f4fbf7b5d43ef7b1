// Requests that a careful server refuses, or that look wrong and are right. Data for hostile_test.cpp.
#pragma once

#include <string>
#include <vector>

namespace plenary::web::test {

struct HostileCase {
  std::string name;
  std::string bytes;
  // The statuses of all responses, in order, before the server closes or waits; 0 at the end: closed without
  // answer.
  std::vector<int> statuses;
  bool closes = true;  // after the last response
};

std::vector<HostileCase> hostile_cases();

}  // namespace plenary::web::test
