// What came back, as a mail server or a provider tells it. source: ground rules 15, 6.2.
#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "mail/bounces.hpp"
#include "site/mailbox.hpp"

namespace plenary::site {
namespace {

constexpr std::string_view bearer = "Bearer ";

bool is_json(const web::Request& request) {
  const std::string type = ascii_lower(request.header("Content-Type"));
  return type.starts_with("application/json");
}

}  // namespace

Task<web::Response> take_bounces(Site& site, web::Request& request) {
  const auto& token = site.settings.mail.bounce_token;
  if (!token) throw NotFound("no bounce_token is set");
  const std::string_view given = request.header("Authorization");
  if (!given.starts_with(bearer) || !token->equals(trimmed(given.substr(bearer.size())))) {
    web::Response response =
        web::Response::text("Send [mail] bounce_token as \"Authorization: Bearer …\".\n", 401);
    response.set("WWW-Authenticate", "Bearer");
    response.no_store();
    co_return response;
  }
  std::vector<mail::Bounce> bounces;
  try {
    bounces = is_json(request) ? mail::read_json_bounces(request.body()) : mail::read_report(request.body());
  } catch (const Refused& refused) {
    co_return web::Response::text(std::string(refused.message()) + "\n", 400);
  }
  int marked = 0;
  for (const mail::Bounce& bounce : bounces) {
    auto find = [&](db::Tx& tx) { return mail::find_bounced(tx, bounce); };
    const auto known = co_await site.db.read(find);
    if (!known || !bounce.is_permanent) continue;
    auto take = [&](db::Tx& tx) { return mail::take_bounce(tx, bounce); };
    const bool is_new = co_await site.db.write(known->lane, "bounce", take);
    if (is_new) ++marked;
  }
  web::Response response =
      web::Response::json(fmt::format(R"({{"bounces":{},"marked":{}}})", bounces.size(), marked));
  response.no_store();
  co_return response;
}

}  // namespace plenary::site
