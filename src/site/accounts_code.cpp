// The second step of signing in: a code of the app, or a recovery code. The person has shown a password, or
// opened a mailed link, and has no session yet. source: ground rules 15, 5.3.
#include "base/text.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "domain/accounts/users.hpp"
#include "site/accounts.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/signing_in.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

web::Response code_page(Site& site, web::Request& request, std::string_view fault) {
  Page page(site, request, "django_program/accounts/code.html");
  page.set("next", templating::Value(wanted_next(request)));
  page.set("has_factor", true);
  page.set("needs_code", true);
  page.set("fault", fault.empty() ? templating::Value() : templating::Value(std::string(fault)));
  std::vector<Fault> faults;
  if (!fault.empty()) faults.push_back({std::string(proof_code_field), std::string(fault)});
  page.faults(std::move(faults));
  return personal(page.html(fault.empty() ? 200 : 422), fault.empty() ? "" : "wrong");
}

web::Response start_again(Site& site, web::Request& request) {
  forget_challenge(request);
  web::flash(request, "warning", tr(request, "This sign-in is over. Please begin again."));
  const std::string next = wanted_next(request);
  return see_other(site.router->url("accounts:login", {}) +
                       (next.empty() ? std::string() : "?next=" + web::percent_encode(next)),
                   "start_again");
}

}  // namespace

Task<web::Response> give_code(Site& site, web::Request& request) {
  const std::string hash = challenge_hash(request);
  auto find = [&](db::Tx& tx) { return accounts::find_challenge(tx, hash); };
  std::optional<accounts::Challenge> challenge;
  if (!hash.empty()) challenge = co_await site.db.read(find);
  if (!challenge) co_return start_again(site, request);
  if (web::is_safe(request.method())) co_return code_page(site, request, {});

  const std::string code(request.form()[proof_code_field]), none;
  if (is_blank(code)) co_return code_page(site, request, tr(request, "Enter a code."));
  // Counted before the code is looked at: a hundred at once are no more than five either.
  auto count = [&](db::Tx& tx) { return accounts::count_challenge_try(tx, hash); };
  const bool counts = co_await site.db.write(db::global_lane, "try a code", count);
  if (!counts) co_return start_again(site, request);
  const std::int64_t user_id = challenge->user_id;
  const Answered answered = co_await check_answer(site, request, user_id, false, none, code);
  if (answered.answer == Answer::too_often) co_return too_often(site, request, answered.again_at);
  if (!answered.is_right()) {
    log_attempt(site, request, "code refused", user_id);
    const accounts::SignInEvent event = event_of(request, user_id, accounts::happened::code_refused);
    auto tell = [&](db::Tx& tx) {
      accounts::record_sign_in_event(tx, event);
      return accounts::find_challenge(tx, hash).has_value();
    };
    const bool goes_on = co_await site.db.write(db::global_lane, "code refused", tell);
    if (!goes_on) co_return start_again(site, request);
    co_return code_page(site, request,
                        tr(request, "This code is not right, or was used before. Wait for the next one."));
  }
  NewSignIn sign_in = new_sign_in(site, request, challenge->way);
  sign_in.has_second_factor = true;
  const bool is_recovery = answered.answer == Answer::recovery_code;
  const accounts::SignInEvent event = event_of(
      request, user_id, is_recovery ? accounts::happened::recovery_code_used : accounts::happened::code_used);
  struct Finished {
    std::optional<SignedIn> signed_in;
    std::int64_t codes_left = 0;
  };
  auto finish = [&](db::Tx& tx) {
    Finished finished;
    const std::optional<accounts::User> user = accounts::find_user(tx, user_id);
    if (!user || !accounts::may_sign_in(*user, site.is_development()) || !accounts::end_challenge(tx, hash))
      return finished;
    accounts::record_sign_in_event(tx, event);
    finished.codes_left = accounts::recovery_codes_left(tx, user_id);
    finished.signed_in = begin_session(tx, site, sign_in, *user);
    return finished;
  };
  const Finished finished = co_await site.db.write(db::global_lane, "finish sign-in", finish);
  if (!finished.signed_in) co_return start_again(site, request);
  if (is_recovery) {
    web::flash(
        request, "warning",
        tr_n(request, "A recovery code is used up; {n} is left. If your phone is lost, set up another one.",
             "A recovery code is used up; {n} are left. If your phone is lost, set up another one.",
             finished.codes_left));
  }
  const std::string next = wanted_next(request);
  co_return co_await go_on_signed_in(site, request, sign_in, *finished.signed_in, next, "signed_in");
}

}  // namespace plenary::site
