// Sessions as the browser sees them. An anonymous visitor has none, a guest's is its token
// (guest_session.hpp). A person's row is born in the write of the sign-in, which stores token_hash(token); the
// response carries session_cookie(). It is read with every request that carries one (GuardContext::load),
// never cached. source: transactions 5, ground rules 15, 5.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/codes.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::web {

struct NewSession {
  std::string token;  // to the browser, nowhere else
  std::string hash;   // to the database
};
NewSession new_session(Random& random);

// The token this request carries, or empty; never anything of another form than ours.
std::string_view session_token(const Request& request);
// Its hash, to look it up by; empty without a token.
std::string session_hash(const Request& request);
// Lives until the browser closes unless `max_age_seconds` is given.
SetCookie session_cookie(const Request& request, std::string_view token,
                         std::optional<std::int64_t> max_age_seconds = std::nullopt);
SetCookie expired_session_cookie(const Request& request);

// A one-use token for a form that adds, orders or pays. The page renders it in a hidden field; the domain
// consumes it in the same write as its effect, so that a repeat shows the first result.
inline constexpr std::string_view form_token_field = "form_token";
std::string new_form_token(Random& random);
bool is_form_token(std::string_view text);
// The token posted with this form, or HttpError 400 saying to load the page again.
std::string_view posted_form_token(Request& request);

}  // namespace plenary::web
