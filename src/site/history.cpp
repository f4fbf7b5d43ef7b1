#include "site/history.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "site/browser_name.hpp"
#include "site/page.hpp"
#include "site/pages.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/cookies.hpp"
#include "web/services.hpp"

namespace plenary::site {
namespace {

using templating::Value;

constexpr std::size_t longest_user_agent = 200;
constexpr std::size_t people_of_a_device = 8;
constexpr std::int64_t device_seconds = 365 * 86'400;
// In front of what is signed: a text signed for another purpose is no device.
constexpr std::string_view device_mark = "device ";

std::string device_cookie(const web::Request& request) {
  return web::cookie_name("device", request.services().secure);
}

// The word of an event, for its owner.
const char* event_text(std::string_view what) {
  namespace h = accounts::happened;
  struct Word {
    std::string_view what;
    const char* text;
  };
  static constexpr std::array words{
      Word{h::signed_in, message("Signed in")},
      Word{h::refused, message("Sign-in refused: wrong password")},
      Word{h::locked_out, message("Sign-in refused: too many attempts")},
      Word{h::code_used, message("Code of the authenticator app used")},
      Word{h::recovery_code_used, message("Recovery code used")},
      Word{h::code_refused, message("Sign-in refused: wrong code")},
      Word{h::signed_out, message("Signed out")},
      Word{h::locked, message("Locked")},
      Word{h::unlocked, message("Unlocked")},
      Word{h::proof_refused, message("Wrong password or code when asked again")},
      Word{h::sessions_ended, message("Signed out elsewhere")},
      Word{h::ended_by_staff, message("Signed out everywhere by a superuser or an administrator")},
      Word{h::factor_on, message("Second factor set up")},
      Word{h::factor_off, message("Second factor switched off")},
      Word{h::factor_reset, message("Second factor removed by a superuser")},
      Word{h::codes_renewed, message("New recovery codes made")},
      Word{h::password_changed, message("Password changed")},
  };
  for (const Word& word : words) {
    if (word.what == what) return word.text;
  }
  return "";
}

const char* way_text(std::string_view way) {
  if (way == "password") return message("with the password");
  if (way == "reset") return message("by a reset link");
  if (way == "verify") return message("by the link that confirms the address");
  if (way == "claim") return message("by the link of an order");
  if (way == "set_up") return message("by the set-up link");
  if (way == "invitation") return message("by an invitation");
  return "";
}

}  // namespace

std::string shown_user_agent(std::string_view sent) {
  if (!is_valid_utf8(sent) || has_control_characters(sent)) return {};
  while (sent.size() > longest_user_agent || (!sent.empty() && !is_valid_utf8(sent))) {
    sent = sent.substr(0, std::min(sent.size() - 1, longest_user_agent));
  }
  return std::string(sent);
}

accounts::SignInEvent event_of(const web::Request& request, std::int64_t user_id, std::string_view what,
                               std::string_view way) {
  accounts::SignInEvent event;
  event.user_id = user_id;
  event.what = what;
  event.way = way;
  event.address = std::string(request.client_address().substr(0, 45));
  event.user_agent = shown_user_agent(request.header("User-Agent"));
  return event;
}

bool Device::knows(std::int64_t user_id) const {
  return std::find(people.begin(), people.end(), user_id) != people.end();
}

Device device_of(const Site& site, const web::Request& request) {
  Device device;
  const std::string_view cookie = request.cookie(device_cookie(request));
  if (cookie.empty()) return device;
  const auto text = site.link_key.open(cookie);
  if (!text || !text->starts_with(device_mark)) return device;
  std::string_view rest = std::string_view(*text).substr(device_mark.size());
  device.id = rest.substr(0, rest.find(' '));
  while (rest.find(' ') != std::string_view::npos) {
    rest.remove_prefix(rest.find(' ') + 1);
    std::int64_t user = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), user);
    device.people.push_back(user);
  }
  return device;
}

void remember_device(const Site& site, web::Request& request, std::int64_t user_id) {
  Device device = device_of(site, request);
  if (device.id.empty()) device.id = random_token(random_of(request));
  std::erase(device.people, user_id);
  device.people.insert(device.people.begin(), user_id);
  if (device.people.size() > people_of_a_device) device.people.resize(people_of_a_device);
  std::string text = std::string(device_mark) + device.id;
  for (const std::int64_t user : device.people) text += " " + std::to_string(user);
  web::SetCookie cookie;
  cookie.name = device_cookie(request);
  cookie.value = site.link_key.sign(text);
  cookie.secure = request.services().secure;
  cookie.max_age_seconds = device_seconds;
  request.send_cookie(std::move(cookie));
}

Task<web::Response> sign_in_history(Site& site, web::Request& request) {
  const std::int64_t user = request.context<Visit>().session->user_id.value();
  auto list = [&](db::Tx& tx) { return accounts::sign_in_history(tx, user); };
  const std::vector<accounts::SignInEvent> events = co_await site.db.read(list);
  std::vector<Value> shown;
  for (const accounts::SignInEvent& one : events) {
    const BrowserName name = browser_name(one.user_agent);
    const std::string_view what = event_text(one.what), way = way_text(one.way);
    shown.push_back(Value::dict({{"happened_at", Value(one.happened_at)},
                                 {"what", Value(what.empty() ? one.what : tr(request, what))},
                                 {"way", Value(way.empty() ? std::string() : tr(request, way))},
                                 {"address", Value::borrowed(one.address)},
                                 {"user_agent", Value::borrowed(one.user_agent)},
                                 {"browser", Value::borrowed(name.browser)},
                                 {"system", Value::borrowed(name.system)},
                                 {"device", Value::borrowed(one.device)}}));
  }
  Page page(site, request, "django_program/accounts/history.html");
  page.set("events", Value::list(std::move(shown)));
  co_return personal(page.html(), "");
}

}  // namespace plenary::site
