#include "site/page.hpp"
#include "site/information.hpp"
#include "site/language.hpp"
#include "site/pictures.hpp"
#include "site/site_links.hpp"
#include "site/values.hpp"
#include "web/csrf.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using templating::Value;

// Made when a form asks for it: a page without forms sets no cookie.
class CsrfObject : public templating::Object {
 public:
  explicit CsrfObject(web::Request& request) : request_(request) {}
  Value get(std::string_view) const override { return Value::undefined(); }
  Value text() const override {
    if (token_.empty()) token_ = web::csrf_token(request_);
    return Value::borrowed(token_);
  }

 private:
  web::Request& request_;
  mutable std::string token_;  // one signature, however many forms there are
};

class MessageObject : public templating::Object {
 public:
  explicit MessageObject(web::FlashMessage message) : message_(std::move(message)) {}
  Value get(std::string_view name) const override {
    if (name == "message" || name == "text") return Value::borrowed(message_.text);
    if (name == "tags" || name == "level_tag" || name == "level") return Value::borrowed(message_.level);
    return Value::undefined();
  }
  Value text() const override { return Value::borrowed(message_.text); }

 private:
  web::FlashMessage message_;
};

// Who looks at the page, under the names that templates of the field use.
class UserObject : public templating::Object {
 public:
  explicit UserObject(const Visit* visit) : session_(visit && visit->session ? &*visit->session : nullptr) {}
  Value get(std::string_view name) const override {
    const bool is_known = session_ && session_->user_id;
    if (name == "is_authenticated") return Value(is_known);
    if (name == "is_anonymous") return Value(!is_known);
    if (name == "is_staff") return Value(is_known && session_->is_staff);
    if (name == "may_lock") return Value(is_known && session_->has_right());
    if (name == "is_superuser") return Value(is_known && session_->is_superuser);
    if (name == "name") return is_known ? Value::borrowed(session_->user_name) : Value("");
    if (name == "email") return is_known ? Value::borrowed(session_->user_email) : Value("");
    return Value::undefined();
  }
  Value text() const override { return get(session_ && !session_->user_name.empty() ? "name" : "email"); }

 private:
  const accounts::FoundSession* session_;
};

}  // namespace

Page::Page(const Site& site, web::Request& request, std::string_view file)
    : site_(site), request_(request), file_(file) {
  const Visit* visit = request.find_context<Visit>();
  if (visit && visit->conference) {
    context_.set("conference", conference_value(*visit));
    context_.set("navigation", navigation_value(site, request, *visit));
    set_legal_links(context_, site, request, *visit);
    // In development another banner says so already.
    const bool plays = site.plays_payments(visit->card_mode, *visit->catalogue);
    context_.set("test_mode", visit->card_mode.is_test || (plays && !site.is_development()));
    context_.time_zone = visit->catalogue->zone;
    context_.now = visit->now;
  }
  context_.default_time_zone = context_.time_zone;
  speak(context_, request);
  context_.set("program_features", features_value(site, visit));
  context_.set("site", site_links_value(site, request, context_));
  context_.set("user", Value(templating::make<UserObject>(visit)));
  context_.set("here", Value::borrowed(request.path()));  // what the lock comes back to
  context_.set("csrf_token", Value(templating::make<CsrfObject>(request)));
  context_.set("development", site.is_development());
  for (const ContextProcessor& add : site.context_processors) add(request, context_);
}

Page& Page::set(std::string_view name, Value value) {
  context_.set(name, std::move(value));
  return *this;
}

Page& Page::faults(std::vector<Fault> faults) {
  faults_ = std::move(faults);
  return *this;
}

web::Response Page::html(int status) {
  std::vector<Value> messages;
  for (web::FlashMessage& message : web::take_flashes(request_)) {
    messages.push_back(Value(templating::make<MessageObject>(std::move(message))));
  }
  context_.set("messages", Value::list(std::move(messages)));
  std::vector<Value> faults;
  for (const Fault& fault : faults_) {
    faults.push_back(
        Value::dict({{"field", Value::borrowed(fault.field)}, {"message", Value::borrowed(fault.message)}}));
  }
  context_.set("faults", Value::list(std::move(faults)));
  web::Response response = web::Response::html(site_.engine.render(file_, context_), status);
  tell_language(response, request_);
  if (const Visit* visit = request_.find_context<Visit>(); visit && visit->conference) {
    allow_picture(*visit, visit->catalogue->conference.logo_url);
    for (const std::string& origin : visit->picture_origins) response.allow("img-src", origin);
  }
  return response;
}

}  // namespace plenary::site
