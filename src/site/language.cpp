#include "site/language.hpp"

#include <utility>
#include <vector>

#include "base/text.hpp"
#include "domain/accounts/preferences.hpp"
#include "i18n/languages.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/services.hpp"

namespace plenary::site {
namespace {

using templating::Value;

constexpr std::int64_t one_year = 365 * 24 * 3600;

// Development alone offers the pseudo-locale.
bool is_development(const web::Request& request) {
  return request.services().show_errors;
}

// The same for all pages of a language: kept by each thread until the languages change.
Value languages_value(std::string_view current, bool development) {
  struct Kept {
    std::string current;
    bool development;
    Value value;
  };
  thread_local const i18n::Languages* made_of = nullptr;
  thread_local std::vector<Kept> kept;
  const i18n::Languages& languages = i18n::languages();
  if (made_of != &languages) {
    kept.clear();
    made_of = &languages;
  }
  for (const Kept& one : kept) {
    if (one.current == current && one.development == development) return one.value;
  }
  std::vector<Value> values;
  for (const i18n::Language& language : languages.all()) {
    if (!i18n::is_offered(language, development)) continue;
    // It is reached by its cookie: nobody new should wonder what it is.
    if (language.is_pseudo && language.code != current) continue;
    values.push_back(Value::dict({{"code", Value(language.code)},
                                  {"name", Value(language.name)},
                                  {"is_current", language.code == current}}));
  }
  kept.push_back({std::string(current), development, Value::list(std::move(values))});
  return kept.back().value;
}

}  // namespace

std::string_view chosen_language(const web::Request& request, std::string_view of_account) {
  return i18n::choose(request.cookie(language_cookie), of_account, request.header("Accept-Language"),
                      is_development(request));
}

void speak(templating::Context& context, const web::Request& request) {
  const std::string_view code = language_of(request);
  context.set("LANGUAGE_CODE", Value::borrowed(code));
  context.set("languages", languages_value(code, is_development(request)));
  if (code == "en") {
    context.set("LANGUAGE_BIDI", false);
    return;
  }
  context.locale = code;
  const i18n::Language* language = i18n::languages().find(code);
  context.set("LANGUAGE_BIDI", language && language->is_right_to_left);
}

void tell_language(web::Response& response, const web::Request& request) {
  response.set("Content-Language", std::string(language_of(request)));
  response.set("Vary", "Accept-Language, Cookie");
}

std::string path_of_ours(std::string_view next) {
  constexpr std::size_t longest = 2000;
  const bool is_path = !next.empty() && next.size() <= longest && next[0] == '/' &&
                       (next.size() == 1 || (next[1] != '/' && next[1] != '\\'));
  // Browsers read a backslash as a slash, and skip control characters.
  if (!is_path || next.find('\\') != std::string_view::npos || has_control_characters(next)) return "/";
  return std::string(next);
}

Task<web::Response> set_language(Site& site, web::Request& request) {
  const i18n::Language* language = i18n::languages().find(request.form()["language"]);
  if (!language || !i18n::is_offered(*language, is_development(request))) {
    throw Refused("unknown_language", "This site does not speak that language. Choose one of the list.", {},
                  "language");
  }
  const Visit* visit = request.find_context<Visit>();
  if (visit && visit->session && visit->session->user_id) {
    const std::int64_t user_id = *visit->session->user_id;
    auto fn = [&](db::Tx& tx) { accounts::set_language(tx, user_id, language->code); };
    co_await site.db.write(db::global_lane, "set language", fn);
  }
  web::Response response = see_other(path_of_ours(request.form()["next"]), "language");
  web::SetCookie cookie;
  cookie.name = language_cookie;
  cookie.value = language->code;
  cookie.max_age_seconds = one_year;
  cookie.secure = request.services().secure;
  response.set_cookie(cookie);
  co_return response;
}

}  // namespace plenary::site
