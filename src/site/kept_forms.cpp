#include "site/kept_forms.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "domain/accounts/drafts.hpp"
#include "site/language.hpp"
#include "site/page.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/csrf.hpp"
#include "web/errors.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using templating::Value;

// A field in front of its length: nothing in it can be mistaken for the end of it.
void append(std::string& out, std::string_view text) {
  out += fmt::format("{}:", text.size());
  out += text;
}

std::string_view taken(std::string_view& rest) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
  const auto at = static_cast<std::size_t>(end - rest.data());
  if (error != std::errc() || at >= rest.size() || rest[at] != ':' || rest.size() - at - 1 < size)
    throw std::invalid_argument("this is no packed form");
  const std::string_view text = rest.substr(at + 1, size);
  rest.remove_prefix(at + 1 + size);
  return text;
}

bool is_ours(std::string_view name) {
  return name == web::csrf_field || name == kept_field || name == web::restore_field ||
         name == proof_kept_field || name == proof_password_field || name == proof_code_field;
}

// A form of fields: what cannot have any is left alone.
bool has_form(const web::Request& request) {
  const std::string_view type = request.header("Content-Type");
  return !request.body().empty() &&
         (type.starts_with("application/x-www-form-urlencoded") || type.starts_with("multipart/form-data"));
}

std::string kept_url(std::string_view path) {
  return "/accounts/kept/?path=" + web::percent_encode(path);
}

}  // namespace

std::string packed_form(const web::FormData& form) {
  std::string packed;
  for (const web::FormData::Field& field : form.fields()) {
    if (is_ours(field.name)) continue;
    append(packed, field.name);
    append(packed, field.value);
  }
  return packed;
}

web::FormData unpacked_form(std::string_view packed) {
  web::FormData form;
  while (!packed.empty()) {
    const std::string_view name = taken(packed);
    form.add(name, taken(packed));
  }
  return form;
}

Task<std::string> keep_form(Site& site, web::Request& request, std::int64_t user_id, std::string_view path,
                            const web::FormData& form) {
  std::string plain = packed_form(form);
  if (plain.empty() || plain.size() > accounts::longest_draft || path.size() > 1000)
    co_return std::string(path);
  const std::string sealed = site.sealing_key.seal(Secret(std::move(plain)),
                                                   accounts::draft_place(user_id, path), random_of(request));
  auto write = [&](db::Tx& tx) { accounts::keep_draft(tx, user_id, path, sealed); };
  co_await site.db.write(db::global_lane, "keep form", write);
  co_return kept_url(path);
}

Task<void> take_up_kept_form(Site& site, web::Request& request) {
  const Visit* visit = request.find_context<Visit>();
  if (!visit || !visit->session || !visit->session->user_id || !has_form(request)) co_return;
  if (!request.form().has(kept_field)) co_return;
  const bool restores = request.form().has(web::restore_field);
  if (restores && !(request.route() && request.route()->restores))
    throw web::HttpError(400, "This page does not show a form again.");
  const std::int64_t user = *visit->session->user_id;
  const std::string path(request.path());
  auto take = [&](db::Tx& tx) {
    std::optional<accounts::FormDraft> draft = accounts::find_draft(tx, user, path);
    if (draft && !accounts::end_draft(tx, user, draft->id)) draft.reset();
    return draft;
  };
  const std::optional<accounts::FormDraft> draft =
      co_await site.db.write(db::global_lane, "take up form", take);
  if (!draft)
    throw Refused("no_kept_form", "What you typed is no longer kept. Please fill in the form again.");
  const Secret plain = site.sealing_key.open(draft->body, accounts::draft_place(user, path));
  web::FormData form = unpacked_form(plain.reveal());
  if (restores) form.add(web::restore_field, "1");
  request.replace_form(std::move(form));
}

Task<web::Response> kept_form(Site& site, web::Request& request) {
  const std::int64_t user = request.context<Visit>().session->user_id.value();
  const bool discards = !web::is_safe(request.method());
  std::string_view wanted = request.query("path").value_or("");
  if (discards) wanted = request.form()["path"];
  const std::string path = path_of_ours(wanted);
  if (discards) {
    auto discard = [&](db::Tx& tx) {
      const std::optional<accounts::FormDraft> draft = accounts::find_draft(tx, user, path);
      return draft && accounts::end_draft(tx, user, draft->id);
    };
    co_await site.db.write(db::global_lane, "discard form", discard);
    web::flash(request, "info", tr(request, "What you typed was thrown away."));
    co_return see_other("/accounts/", "discarded");
  }
  auto find = [&](db::Tx& tx) { return accounts::find_draft(tx, user, path); };
  const std::optional<accounts::FormDraft> draft = co_await site.db.read(find);
  const web::Match match = site.router->match(web::Method::post, path);
  // Nothing of this person (or somebody else's, which looks the same): on to where they wanted to go.
  if (!draft || match.kind != web::Match::Kind::found) {
    const web::Match page = site.router->match(web::Method::get, path);
    co_return see_other(page.kind == web::Match::Kind::found ? path : "/accounts/", "nothing_kept");
  }
  Page page(site, request, "django_program/accounts/kept_form.html");
  page.set("path", Value::borrowed(path));
  page.set("kept_at", Value(draft->created_at));
  page.set("restores", Value(match.route->restores));
  co_return personal(page.html(), "kept_form");
}

}  // namespace plenary::site
