// The lock: whoever leaves the desk for a moment locks the session, and opens it again with the password or a
// code. Until then everything answers as if signed out. source: ground rules 15, 5.2.
#include "base/text.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "site/accounts.hpp"
#include "site/kept_forms.hpp"
#include "site/language.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/signing_in.hpp"
#include "site/text.hpp"
#include "web/csrf.hpp"
#include "web/errors.hpp"
#include "web/flash.hpp"
#include "web/sessions.hpp"

namespace plenary::site {
namespace {

std::string with_next(std::string url, const std::string& next) {
  return next.empty() ? std::move(url) : url + "?next=" + web::percent_encode(next);
}

web::Response unlock_page(Site& site, web::Request& request, const accounts::FoundSession& session,
                          std::string_view fault) {
  const bool needs_code = session.has_factor && !session.second_factor_at;
  Page page(site, request, "django_program/accounts/unlock.html");
  page.set("next", templating::Value(wanted_next(request)));
  page.set("who",
           templating::Value::borrowed(session.user_name.empty() ? session.user_email : session.user_name));
  page.set("has_factor", session.has_factor);
  page.set("needs_code", needs_code);
  page.set("fault", fault.empty() ? templating::Value() : templating::Value(std::string(fault)));
  std::vector<Fault> faults;
  if (!fault.empty())
    faults.push_back({std::string(needs_code ? proof_code_field : proof_password_field), std::string(fault)});
  page.faults(std::move(faults));
  return personal(page.html(fault.empty() ? 200 : 422), fault.empty() ? "locked" : "wrong");
}

}  // namespace

Task<web::Response> lock(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t user = visit.session->user_id.value();
  const web::FormData& form = request.form();
  // What stood in the form of the page, sent along by its script.
  std::string next = path_of_ours(form["kept_path"].empty() ? form["next"] : form["kept_path"]);
  const std::string typed(form["kept"]);
  if (!typed.empty() && typed.size() <= 1024 * 1024) {
    std::optional<web::FormData> fields;
    try {
      fields = web::FormData::parse_urlencoded(typed);
    } catch (const web::HttpError&) {
      // Locking comes first: a form that cannot be read is not kept.
    }
    if (fields) next = co_await keep_form(site, request, user, next, *fields);
  }
  // A page that answers a POST alone is none to come back to.
  const std::string path = next.substr(0, next.find('?'));
  if (site.router->match(web::Method::get, path).kind != web::Match::Kind::found) next.clear();
  const accounts::SignInEvent event = event_of(request, user, accounts::happened::locked);
  auto write = [&](db::Tx& tx) {
    if (!accounts::lock_session(tx, visit.session_hash)) return false;
    accounts::record_sign_in_event(tx, event);
    return true;
  };
  co_await site.db.write(db::global_lane, "lock session", write);
  co_return see_other(with_next(site.router->url("accounts:unlock", {}), next), "locked");
}

Task<web::Response> unlock(Site& site, web::Request& request) {
  const Visit* visit = request.find_context<Visit>();
  const std::string next = wanted_next(request);
  if (visit && visit->session && visit->session->user_id)
    co_return see_other(next.empty() ? site.router->url("accounts:home", {}) : next, "open");
  if (!visit || !visit->asleep || visit->asleep->state != accounts::SessionState::locked)
    co_return see_other(with_next(site.router->url("accounts:login", {}), next), "signed_out");
  const accounts::FoundSession session = visit->asleep->session;
  if (web::is_safe(request.method())) co_return unlock_page(site, request, session, {});

  const bool needs_code = session.has_factor && !session.second_factor_at;
  const std::string password(request.form()[proof_password_field]), code(request.form()[proof_code_field]);
  const std::int64_t user = session.user_id.value();
  const std::string hash = web::session_hash(request);
  const Answered answered = co_await check_answer(site, request, user, !needs_code, password, code);
  if (answered.answer == Answer::too_often) co_return too_often(site, request, answered.again_at);
  if (answered.answer == Answer::none)
    co_return unlock_page(site, request, session,
                          needs_code ? tr(request, "Enter a code.") : tr(request, "Enter your password."));
  if (!answered.is_right()) {
    log_attempt(site, request, "unlocking refused", user);
    const accounts::SignInEvent event = event_of(request, user, accounts::happened::proof_refused);
    auto count = [&](db::Tx& tx) {
      accounts::record_sign_in_event(tx, event);
      return accounts::count_wrong_answer(tx, hash);
    };
    const accounts::WrongAnswer wrong = co_await site.db.write(db::global_lane, "wrong answer", count);
    if (wrong != accounts::WrongAnswer::ended)
      co_return unlock_page(site, request, session,
                            needs_code ? tr(request, "This code is not right, or was used before.")
                                       : tr(request, "That was not right."));
    web::flash(request, "warning", tr(request, "That was wrong five times. Please sign in again."));
    co_return see_other(with_next(site.router->url("accounts:login", {}), next), "signed_out");
  }
  const bool done = co_await prove_this_session(site, request, hash, session, answered);
  if (!done) co_return see_other(with_next(site.router->url("accounts:login", {}), next), "signed_out");
  const accounts::SignInEvent event = event_of(request, user, accounts::happened::unlocked);
  auto tell = [&](db::Tx& tx) { accounts::record_sign_in_event(tx, event); };
  co_await site.db.write(db::global_lane, "unlock session", tell);
  web::renew_csrf(request);
  co_return see_other(next.empty() ? site.router->url("accounts:home", {}) : next, "unlocked");
}

}  // namespace plenary::site
