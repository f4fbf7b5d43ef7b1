#include "domain/invoicing/vies.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace plenary::invoicing {
namespace {

using nlohmann::json;
using registration::VatCheck;
using registration::VatStatus;

net::HttpOptions limited(const ViesOptions& options) {
  net::HttpOptions http = options.http;
  http.timeout = options.timeout;
  http.connect_timeout = std::min(options.timeout, Duration::seconds(4));
  http.attempts = 1;  // somebody waits; a POST is not repeated by itself
  http.max_answer_bytes = 64 * 1024;
  return http;
}

// "---" stands for what a member state does not tell.
std::string told(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  const std::string text(trimmed(found->get<std::string>()));
  return text.find_first_not_of('-') == std::string::npos ? std::string() : text;
}

// The error of a body: {"actionSucceed": false, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}, or userError
// of an answer that is otherwise well formed.
std::string error_of(const json& object) {
  const auto wrappers = object.find("errorWrappers");
  if (wrappers != object.end() && wrappers->is_array() && !wrappers->empty() && wrappers->front().is_object())
    return told(wrappers->front(), "error");
  const std::string user_error = told(object, "userError");
  return user_error == "VALID" || user_error == "INVALID" ? std::string() : user_error;
}

}  // namespace

Vies::Vies(ViesOptions options) : url_(options.url), client_(limited(options)) {}

std::string Vies::last_problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

VatCheck Vies::check(const std::string& vat_id, const std::string& requester_vat_id) {
  const std::lock_guard lock(mutex_);
  problem_.clear();
  VatCheck check;
  check.vat_id = registration::normal_vat_id(vat_id);
  const auto id = registration::eu_vat_id(check.vat_id);
  if (!id) {
    problem_ = "not of the EU";
    return check;
  }
  try {
    VatCheck answer = ask(*id, requester_vat_id);
    answer.vat_id = check.vat_id;
    return answer;
  } catch (const std::exception& error) {
    problem_ = error.what();
  }
  return check;
}

VatCheck Vies::ask(const registration::EuVatId& id, const std::string& requester_vat_id) {
  json question = {{"countryCode", id.state}, {"vatNumber", id.number}};
  if (const auto own = registration::eu_vat_id(registration::normal_vat_id(requester_vat_id))) {
    question["requesterMemberStateCode"] = own->state;
    question["requesterNumber"] = own->number;
  }
  net::HttpRequest request;
  request.method = "POST";
  request.url = url_ + "/check-vat-number";
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.body = question.dump();
  const net::HttpAnswer answer = client_.send(request);
  VatCheck check;
  const json object = json::parse(answer.body, nullptr, false);
  if (!object.is_object()) {
    problem_ = "an answer that is no JSON object, status " + std::to_string(answer.status);
    return check;
  }
  const std::string error = error_of(object);
  // Its own word for an id that cannot exist; every other error means that nobody looked.
  if (error == "INVALID_INPUT") {
    check.status = VatStatus::invalid;
    return check;
  }
  const auto valid = object.find("valid");
  if (!error.empty() || !answer.is_success() || valid == object.end() || !valid->is_boolean()) {
    problem_ = error.empty() ? "an answer without \"valid\", status " + std::to_string(answer.status) : error;
    return check;
  }
  // An answer about another id is none about this one.
  const std::string about = told(object, "countryCode") + told(object, "vatNumber");
  if (!about.empty() && registration::normal_vat_id(about) != id.state + id.number) {
    problem_ = "an answer about another id";
    return check;
  }
  check.status = valid->get<bool>() ? VatStatus::valid : VatStatus::invalid;
  check.name = told(object, "name");
  check.address = told(object, "address");
  check.consultation_number = told(object, "requestIdentifier");
  return check;
}

}  // namespace plenary::invoicing
