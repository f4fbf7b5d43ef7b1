// Errors of the API: application/problem+json with every problem of the input. An operation throws Problem,
// or the domain's Refused and NotFound; whatever it is, the caller gets one shape. Any thread. source: RFC
// 9457; registration 20 for the codes of refusals.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/shape.hpp"
#include "base/errors.hpp"
#include "web/response.hpp"

namespace plenary::api {

class Problem : public std::exception {
 public:
  // `code`: stable and machine readable; `detail`: what was wrong and what to do about it, never a secret.
  Problem(int status, std::string code, std::string detail, Faults faults = {})
      : status_(status), code_(std::move(code)), detail_(std::move(detail)), faults_(std::move(faults)) {}
  const char* what() const noexcept override { return detail_.c_str(); }
  int status() const { return status_; }
  const std::string& code() const { return code_; }
  const std::string& detail() const { return detail_; }
  const Faults& faults() const { return faults_; }
  Problem& retry_after(int seconds) { return retry_after_ = seconds, *this; }
  std::optional<int> retry_after() const { return retry_after_; }

 private:
  int status_;
  std::string code_, detail_;
  Faults faults_;
  std::optional<int> retry_after_;
};

// Whether anything is wrong at this place already, around it or within it.
bool has_fault(const Faults& faults, std::string_view pointer);
// Adds what is wrong elsewhere: nothing is told twice, nor as a consequence.
void add_elsewhere(Faults& faults, Faults more);
// 422 with everything that was wrong.
Problem invalid(Faults faults);
void throw_if_any(Faults faults);
// A rule of the domain said no: 409 where it clashes with the present state, 422 where it is about what was
// sent, 429 with the time to wait. `pointers`: where the body has the fields that the domain names.
using Pointers = std::vector<std::pair<std::string_view, std::string_view>>;
Problem of(const Refused& refused, const Pointers& pointers = {});

web::Response answer_of(const Problem& problem);
// The schema of all of them.
const Shape& problem_shape();

}  // namespace plenary::api
