#include "site/campaign.hpp"

#include <optional>
#include <utility>

#include "base/text.hpp"
#include "web/cookies.hpp"
#include "web/services.hpp"

namespace plenary::site {
namespace {

constexpr std::size_t longest = 200;
constexpr std::int64_t life_seconds = 30 * 24 * 3600;

std::string name_of(const web::Request& request) {
  return web::cookie_name("utm", request.services().secure);
}

// One text a line: none of them holds a line break.
std::optional<registration::Campaign> read_cookie(const Site& site, const web::Request& request) {
  const std::string_view value = request.cookie(name_of(request));
  if (value.empty()) return std::nullopt;
  const std::optional<std::string> text = site.campaign_key.open(value);
  if (!text) return std::nullopt;
  const std::size_t first = text->find('\n');
  const std::size_t second = first == std::string::npos ? first : text->find('\n', first + 1);
  if (second == std::string::npos) return std::nullopt;
  return registration::Campaign{text->substr(0, first), text->substr(first + 1, second - first - 1),
                                text->substr(second + 1)};
}

}  // namespace

std::string campaign_text(std::string_view typed) {
  std::string text;
  if (!is_valid_utf8(typed)) return text;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < typed.size() && characters < longest;) {
    std::size_t end = at + 1;
    while (end < typed.size() && (static_cast<unsigned char>(typed[end]) & 0xC0) == 0x80) ++end;
    const std::string_view character = typed.substr(at, end - at);
    if (!has_control_characters(character)) {
      text += character;
      ++characters;
    }
    at = end;
  }
  return text;
}

void remember_campaign(const Site& site, web::Request& request) {
  if (!web::is_safe(request.method()) || request.query_string().find("utm_") == std::string_view::npos)
    return;
  if (read_cookie(site, request)) return;
  const auto text = [&](std::string_view name) { return campaign_text(request.query(name).value_or("")); };
  const registration::Campaign campaign{text("utm_source"), text("utm_medium"), text("utm_campaign")};
  if (campaign.source.empty() && campaign.medium.empty() && campaign.campaign.empty()) return;
  web::SetCookie cookie;
  cookie.name = name_of(request);
  cookie.value = site.campaign_key.sign(campaign.source + '\n' + campaign.medium + '\n' + campaign.campaign);
  cookie.max_age_seconds = life_seconds;
  cookie.secure = request.services().secure;
  request.send_cookie(std::move(cookie));
}

registration::Campaign kept_campaign(const Site& site, const web::Request& request) {
  return read_cookie(site, request).value_or(registration::Campaign{});
}

}  // namespace plenary::site
