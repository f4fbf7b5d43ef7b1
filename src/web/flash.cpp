#include "web/flash.hpp"

#include <algorithm>
#include <stdexcept>

#include "web/services.hpp"
#include "web/target.hpp"

namespace plenary::web {
namespace {

constexpr std::size_t max_cookie = 3 * 1024;

struct Flashes {
  std::vector<FlashMessage> kept;  // to be displayed by a later page
};

const SigningKey* key(const Request& request) {
  return request.services().flash_key;
}

// "level=text&level=text", percent-encoded.
std::string encode(const std::vector<FlashMessage>& messages) {
  std::string text;
  for (const FlashMessage& message : messages) {
    if (!text.empty()) text += '&';
    text += percent_encode(message.level) + "=" + percent_encode(message.text);
  }
  return text;
}

std::vector<FlashMessage> read_cookie(const Request& request) {
  std::vector<FlashMessage> messages;
  std::string_view value = request.cookie(cookie_name("flash", request.services().secure));
  if (value.empty() || !key(request)) return messages;
  std::optional<std::string> text = key(request)->open(value);
  if (!text) return messages;
  std::string_view rest = *text;
  while (!rest.empty()) {
    std::size_t end = std::min(rest.find('&'), rest.size());
    std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
    std::size_t equals = pair.find('=');
    FlashMessage message;
    if (equals != std::string_view::npos && percent_decode(pair.substr(0, equals), false, message.level) &&
        percent_decode(pair.substr(equals + 1), false, message.text)) {
      messages.push_back(std::move(message));
    }
  }
  return messages;
}

void send(Request& request, std::string value, bool remove) {
  SetCookie cookie;
  cookie.name = cookie_name("flash", request.services().secure);
  cookie.value = std::move(value);
  cookie.secure = request.services().secure;
  if (remove) cookie.max_age_seconds = 0;
  request.send_cookie(std::move(cookie));
}

}  // namespace

void flash(Request& request, std::string_view level, std::string_view text) {
  if (!key(request))
    throw std::logic_error("This server has no key for flash messages (Services::flash_key).");
  Flashes* flashes = request.find_context<Flashes>();
  if (!flashes) flashes = &request.attach(Flashes{read_cookie(request)});
  flashes->kept.push_back({std::string(level), std::string(text)});
  std::string value = key(request)->sign(encode(flashes->kept));
  while (value.size() > max_cookie && flashes->kept.size() > 1) {
    flashes->kept.erase(flashes->kept.begin());
    value = key(request)->sign(encode(flashes->kept));
  }
  // A single text that large is a mistake of ours; showing nothing is better than a cookie no browser takes.
  if (value.size() > max_cookie) return;
  send(request, std::move(value), false);
}

std::vector<FlashMessage> take_flashes(Request& request) {
  Flashes* flashes = request.find_context<Flashes>();
  std::vector<FlashMessage> messages = flashes ? std::move(flashes->kept) : read_cookie(request);
  request.attach(Flashes{});
  if (!request.cookie(cookie_name("flash", request.services().secure)).empty() || flashes)
    send(request, "", true);
  return messages;
}

}  // namespace plenary::web
