#include "domain/invoicing/vies.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace plenary::invoicing {
namespace {

using nlohmann::json;
using registration::VatCheck;
using registration::VatStatus;

constexpr int silences_before_rest = 2;

net::HttpOptions limited(const ViesOptions& options) {
  net::HttpOptions http = options.http;
  http.timeout = options.timeout;
  http.connect_timeout = std::min(options.timeout, Duration::seconds(4));
  http.attempts = 1;  // somebody waits; a POST is not repeated by itself
  http.max_answer_bytes = 64 * 1024;
  return http;
}

// "---" stands for what a member state does not tell.
std::string text_of(const json& object, const char* name) {
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
    return text_of(wrappers->front(), "error");
  const std::string user_error = text_of(object, "userError");
  return user_error == "VALID" || user_error == "INVALID" ? std::string() : user_error;
}

}  // namespace

Vies::Vies(ViesOptions options)
    : url_(options.url),
      http_(limited(options)),
      rest_(options.rest),
      clock_(options.clock),
      pool_(options.threads, options.queue) {}

std::string Vies::last_problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

Duration Vies::now() const {
  if (clock_) return clock_();
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Duration::microseconds(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

bool Vies::is_resting() const {
  const std::lock_guard lock(mutex_);
  return silences_ >= silences_before_rest && now() < resting_until_;
}

void Vies::note(bool was_silent, std::string problem) {
  const std::lock_guard lock(mutex_);
  problem_ = std::move(problem);
  silences_ = was_silent ? silences_ + 1 : 0;
  if (was_silent) resting_until_ = now() + rest_;
}

VatCheck Vies::check(const std::string& vat_id, const std::string& requester_vat_id) {
  VatCheck nobody;
  nobody.vat_id = registration::normal_vat_id(vat_id);
  const auto id = registration::eu_vat_id(nobody.vat_id);
  if (!id || is_resting()) {
    const std::lock_guard lock(mutex_);
    problem_ = id ? "it was silent a moment ago" : "not of the EU";
    return nobody;
  }
  try {
    Told told = ask(*id, requester_vat_id);
    note(false, std::move(told.problem));
    told.check.vat_id = nobody.vat_id;
    return told.check;
  } catch (const std::exception& error) {
    note(true, error.what());
  }
  return nobody;
}

Vies::Told Vies::ask(const registration::EuVatId& id, const std::string& requester_vat_id) const {
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
  net::HttpClient client(http_);
  const net::HttpAnswer answer = client.send(request);
  Told told;
  const json object = json::parse(answer.body, nullptr, false);
  if (!object.is_object()) {
    told.problem = "an answer that is no JSON object, status " + std::to_string(answer.status);
    return told;
  }
  const std::string error = error_of(object);
  // Its own word for an id that cannot exist; every other error means that nobody looked.
  if (error == "INVALID_INPUT") {
    told.check.status = VatStatus::invalid;
    return told;
  }
  const auto valid = object.find("valid");
  if (!error.empty() || !answer.is_success() || valid == object.end() || !valid->is_boolean()) {
    told.problem =
        error.empty() ? "an answer without \"valid\", status " + std::to_string(answer.status) : error;
    return told;
  }
  // An answer about another id is none about this one.
  const std::string about = text_of(object, "countryCode") + text_of(object, "vatNumber");
  if (!about.empty() && registration::normal_vat_id(about) != id.state + id.number) {
    told.problem = "an answer about another id";
    return told;
  }
  told.check.status = valid->get<bool>() ? VatStatus::valid : VatStatus::invalid;
  told.check.name = text_of(object, "name");
  told.check.address = text_of(object, "address");
  told.check.consultation_number = text_of(object, "requestIdentifier");
  return told;
}

}  // namespace plenary::invoicing
