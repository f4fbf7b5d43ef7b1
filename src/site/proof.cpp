#include "site/proof.hpp"

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/accounts/rates.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "domain/accounts/totp.hpp"
#include "domain/accounts/users.hpp"
#include "site/history.hpp"
#include "site/kept_forms.hpp"
#include "site/page.hpp"
#include "site/pages.hpp"
#include "site/signing_in.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/services.hpp"
#include "web/sessions.hpp"

namespace plenary::site {
namespace {

using templating::Value;

constexpr std::string_view code_rate = "second_factor";
// No field of a form may be longer than the server takes in.
constexpr std::size_t piece_bytes = 200 * 1024;

// What a sealed form belongs to: this sign-in of this person, whatever its token is by now, and this address.
std::string place_of(const accounts::FoundSession& session, const web::Request& request) {
  return fmt::format("proof.{}.{}.{}", session.user_id.value(), session.created_at.micros, request.target());
}

web::FormData opened(const Site& site, const web::Request& request, const accounts::FoundSession& session,
                     const web::FormData& posted) {
  std::string sealed;
  for (const std::string_view piece : posted.all(proof_kept_field)) sealed += piece;
  try {
    const Secret plain = site.sealing_key.open(sealed, place_of(session, request));
    return unpacked_form(plain.reveal());
  } catch (const SealBroken&) {
    throw Refused("proof_out_of_date",
                  "This page belongs to another sign-in. Nothing was done. Please fill in the form again.");
  }
}

web::Response proof_page(Site& site, web::Request& request, const accounts::FoundSession& session,
                         const web::FormData& form, const Answered& answered) {
  const bool is_wrong = answered.answer == Answer::wrong;
  if (request.wants_json() || (request.route() && request.route()->guard.api)) {
    return web::Response::json(
               R"({"error":"proof_needed","message":"Give your password again on the site first."})", 403)
        .no_store();
  }
  const std::string sealed =
      site.sealing_key.seal(Secret(packed_form(form)), place_of(session, request), random_of(request));
  std::vector<Value> pieces;
  for (std::size_t at = 0; at < sealed.size(); at += piece_bytes)
    pieces.push_back(Value(sealed.substr(at, piece_bytes)));
  Page page(site, request, "django_program/accounts/prove.html");
  page.set("action", Value(std::string(request.target())));
  page.set("pieces", Value::list(std::move(pieces)));
  page.set("kept_field", Value::borrowed(proof_kept_field));
  page.set("has_factor", Value(session.has_factor));
  std::vector<Fault> faults;
  if (is_wrong)
    faults.push_back(
        {std::string(session.has_factor ? "" : proof_password_field),
         tr(request, session.has_factor ? message("Neither this password nor this code is right.")
                                        : message("This is not your password."))});
  if (answered.answer == Answer::none && request.form().has(proof_kept_field))
    faults.push_back({std::string(proof_password_field),
                      tr(request, session.has_factor ? message("Enter your password or a code.")
                                                     : message("Enter your password."))});
  page.set("fault", faults.empty() ? Value() : Value(faults.front().message));
  const bool has_faults = !faults.empty();
  page.faults(std::move(faults));
  web::Response response = personal(page.html(has_faults ? 422 : 200), is_wrong ? "wrong" : "proof_needed");
  if (request.is_htmx()) {
    // The question is a page of its own, not a part of the present one.
    response.set("HX-Retarget", "body");
    response.set("HX-Reswap", "innerHTML");
  }
  return response;
}

}  // namespace

bool is_freshly_proven(const Site& site, const web::Request& request) {
  const Visit& visit = request.context<Visit>();
  return visit.session && visit.session->proven_at &&
         visit.now - *visit.session->proven_at < site.settings.security.fresh_proof;
}

Task<Answered> check_answer(Site& site, web::Request& request, std::int64_t user_id, bool password_counts,
                            const std::string& password, const std::string& code) {
  Answered answered;
  const bool gives_code = !is_blank(code), gives_password = password_counts && !password.empty();
  if (!gives_code && !gives_password) co_return answered;
  const config::RateLimits& limits = site.settings.security.rates;
  const std::string user = std::to_string(user_id);
  const std::vector<accounts::Rate> rates = attempt_rates(
      site, {{"user", user, gives_code ? limits.second_factor_per_account : limits.sign_in_per_account}});
  const std::string_view kind = gives_code ? code_rate : sign_in_rate;
  auto count = [&](db::Tx& tx) { return accounts::count_rate(tx, kind, rates); };
  if (const auto again_at = co_await site.db.write(db::global_lane, "attempt to prove", count)) {
    answered.answer = Answer::too_often;
    answered.again_at = *again_at;
    co_return answered;
  }
  auto find = [&](db::Tx& tx) {
    return std::pair(accounts::find_user(tx, user_id), accounts::find_second_factor(tx, user_id));
  };
  const auto found = co_await site.db.read(find);
  const std::optional<accounts::User>& person = found.first;
  const std::optional<accounts::SecondFactor>& factor = found.second;
  answered.answer = Answer::wrong;
  if (!person || !person->is_active) co_return answered;
  if (!gives_code) {
    const bool is_right = co_await site.hashing.verify(person->password_hash, password);
    if (is_right) answered.answer = Answer::password;
  } else if (factor && accounts::is_recovery_code(code)) {
    auto take = [&](db::Tx& tx) { return accounts::take_recovery_code(tx, user_id, code); };
    const bool is_right = co_await site.db.write(db::global_lane, "take recovery code", take);
    if (is_right) answered.answer = Answer::recovery_code;
  } else if (factor) {
    const Secret secret = site.sealing_key.open(factor->secret, accounts::second_factor_place(user_id));
    const Instant now = request.services().clock->now();
    const auto step = accounts::matching_totp_step(secret.reveal(), code, now, factor->last_step);
    if (step) {
      auto take = [&](db::Tx& tx) { return accounts::take_code(tx, *factor, *step); };
      const bool is_right = co_await site.db.write(db::global_lane, "take code", take);
      if (is_right) answered.answer = Answer::code;
    }
  }
  if (answered.is_right() && !rates.empty()) {
    auto forget = [&](db::Tx& tx) { accounts::forget_rate(tx, kind, rates.front()); };
    co_await site.db.write(db::global_lane, "forget attempts", forget);
  }
  co_return answered;
}

Task<bool> prove_this_session(Site& site, web::Request& request, const std::string& session_hash,
                              const accounts::FoundSession& session, const Answered& answered) {
  const web::NewSession fresh = web::new_session(random_of(request));
  const accounts::SignInEvent event =
      event_of(request, session.user_id.value(),
               answered.answer == Answer::recovery_code ? accounts::happened::recovery_code_used
                                                        : accounts::happened::code_used);
  auto prove = [&](db::Tx& tx) {
    if (!accounts::prove_session(tx, session_hash, fresh.hash, answered.by_second_factor())) return false;
    if (answered.by_second_factor()) accounts::record_sign_in_event(tx, event);
    return true;
  };
  const bool done = co_await site.db.write(db::global_lane, "prove session", prove);
  if (!done) co_return false;
  Visit& visit = *request.find_context<Visit>();
  visit.session_hash = fresh.hash;
  if (visit.session) visit.session->proven_at = request.services().clock->now();
  request.send_cookie(web::session_cookie(request, fresh.token, session_seconds(site, session.has_right())));
  co_return true;
}

Task<std::optional<web::Response>> count_wrong_password(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t user_id = visit.session->user_id.value();
  const accounts::SignInEvent event = event_of(request, user_id, accounts::happened::proof_refused);
  auto count = [&](db::Tx& tx) {
    accounts::record_sign_in_event(tx, event);
    return accounts::count_wrong_answer(tx, visit.session_hash);
  };
  const accounts::WrongAnswer wrong = co_await site.db.write(db::global_lane, "wrong answer", count);
  if (wrong == accounts::WrongAnswer::counted) co_return std::nullopt;
  co_return see_other(site.router->url("accounts:unlock", {}), "locked");
}

Task<std::optional<web::Response>> asks_for_proof(Site& site, web::Request& request) {
  Visit& visit = *request.find_context<Visit>();
  if (!visit.session || !visit.session->user_id)
    throw std::logic_error("asks_for_proof is for pages of signed-in people alone");
  const accounts::FoundSession session = *visit.session;
  const web::FormData& posted = request.form();
  if (!posted.has(proof_kept_field)) {
    if (is_freshly_proven(site, request)) co_return std::nullopt;
    co_return proof_page(site, request, session, posted, Answered());
  }
  web::FormData kept = opened(site, request, session, posted);
  if (is_freshly_proven(site, request)) {  // given in another tab meanwhile
    request.replace_form(std::move(kept));
    co_return std::nullopt;
  }
  const std::string password(posted[proof_password_field]), code(posted[proof_code_field]);
  const std::int64_t user_id = *session.user_id;
  const Answered answered = co_await check_answer(site, request, user_id, true, password, code);
  if (answered.answer == Answer::too_often) co_return too_often(site, request, answered.again_at);
  if (answered.answer == Answer::none) co_return proof_page(site, request, session, kept, answered);
  if (answered.is_right()) {
    const std::string hash = visit.session_hash;
    const bool done = co_await prove_this_session(site, request, hash, session, answered);
    if (done) {
      request.replace_form(std::move(kept));
      co_return std::nullopt;
    }
    co_return see_other(site.router->url("accounts:login", {}), "signed_out");
  }
  log_attempt(site, request, "proof refused", user_id);
  const accounts::SignInEvent event = event_of(request, user_id, accounts::happened::proof_refused);
  auto count = [&](db::Tx& tx) {
    accounts::record_sign_in_event(tx, event);
    return accounts::count_wrong_answer(tx, visit.session_hash);
  };
  const accounts::WrongAnswer wrong = co_await site.db.write(db::global_lane, "wrong answer", count);
  if (wrong == accounts::WrongAnswer::counted) co_return proof_page(site, request, session, kept, answered);
  // Locked: what was typed waits for whoever unlocks it.
  const std::string back = co_await keep_form(site, request, user_id, request.path(), kept);
  std::string location = "/accounts/unlock/?next=" + web::percent_encode(back);
  co_return see_other(std::move(location), "locked");
}

}  // namespace plenary::site
