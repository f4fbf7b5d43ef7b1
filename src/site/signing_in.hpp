// What every way of signing in ends with: password, reset, verification, claim, set-up and invitation. An
// account with a second factor gets no session but a challenge, and the browser goes to the page that asks
// for a code. Else, and after the code: the browser's old session ends, a new one with a new token begins,
// what was in the guest's carts moves into the account's, and the browser goes on where it wanted to. source:
// ground rules 15, 5.1 and 5.3; registration 20, D29. One request, its thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "domain/accounts/rates.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/types.hpp"
#include "site/history.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

// Facts about the browser, taken before the write.
struct NewSignIn {
  std::string token, token_hash;
  std::string old_hash;                   // of the session that ends; empty without one
  std::string challenge, challenge_hash;  // in place of the session, for accounts with a second factor
  std::string address, user_agent;
  Device device;  // who signed in there before
  accounts::SignInWay way = accounts::SignInWay::password;
  bool has_second_factor = false;  // a code was given, now or when the session it renews began
  bool renews = false;             // of somebody who is signed in: nothing to tell
};
NewSignIn new_sign_in(const Site& site, web::Request& request, accounts::SignInWay way);
// How long the cookie of a person's session lives.
std::int64_t session_seconds(const Site& site, bool has_right);

// In the write that found the person to be who they say: ends the old session and begins the new one, or only
// writes the challenge.
struct SignedIn {
  std::int64_t user_id = 0;
  bool needs_code = false;
  std::string email;  // normalised
  bool has_right = false;
  std::vector<std::int64_t> conferences;  // where the browser has a guest's cart
};
SignedIn begin_session(db::Tx& tx, const Site& site, const NewSignIn& sign_in, const accounts::User& user);

// After that write: merges the carts, tells what became of them, and answers with the cookie and a redirect
// to `next`, or to the account's page; or to the page that asks for the code, which then goes on to it.
Task<web::Response> go_on_signed_in(Site& site, web::Request& request, const NewSignIn& sign_in,
                                    const SignedIn& signed_in, const std::string& next,
                                    std::string_view outcome);

// `next` of the query or the form, when it is a path of this site; empty otherwise.
std::string wanted_next(web::Request& request);
// The conference whose page that path is, where there is one that people can see: mails of the account are
// sent in its name.
std::optional<std::int64_t> conference_of_path(db::Tx& tx, std::string_view path);

// What attempts count against; none with [security] limits = false. `value` empty: not counted.
struct Limit {
  std::string_view scope;
  std::string value;
  config::RateLimit limit;
};
std::vector<accounts::Rate> attempt_rates(const Site& site, const std::vector<Limit>& limits);
std::string network_of(const Site& site, const web::Request& request);
// Mails that anybody can have sent to an address: sign-up, reset, a changed address.
inline constexpr std::string_view account_mail_rate = "account_mail";
inline constexpr std::string_view sign_in_rate = "sign_in";
// The browser's started sign-in, between password and code; empty: none.
std::string challenge_hash(const web::Request& request);
void forget_challenge(web::Request& request);

inline constexpr std::string_view sign_up_rate = "sign_up";

// 429 for pages that are nothing but attempts.
web::Response too_often(Site& site, web::Request& request, Instant again_at);

// A refused attempt, for the log: which account, which network, both without names and addresses.
void log_attempt(const Site& site, const web::Request& request, std::string_view what,
                 std::optional<std::int64_t> user_id);

}  // namespace plenary::site
