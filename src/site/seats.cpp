// A seat's page: who it is for, and the forms to name them, mail the link, confirm, give it away, take it
// back.
#include "site/seats.hpp"

#include <fmt/format.h>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/accounts/users.hpp"
#include "site/answers.hpp"
#include "site/forms.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/forms.hpp"

namespace plenary::site {
namespace {

using registration::Holder;
using registration::SeatActor;
using templating::Value;

const web::Field name_field{.name = "name",
                            .label = message("Name"),
                            .required = false,
                            .max_length = registration::longest_holder_name};
const web::Field email_field{.name = "email",
                             .label = message("E-mail address"),
                             .kind = web::FieldKind::email,
                             .required = false,
                             .max_length = 254};

web::Field needed(web::Field field) {
  field.required = true;
  return field;
}

const web::FormSpec& name_spec() {
  static const web::FormSpec spec({needed(name_field), email_field});
  return spec;
}

// The other button of the same form: the holder may say the name.
const web::FormSpec& send_spec() {
  static const web::FormSpec spec({name_field, needed(email_field)});
  return spec;
}

const web::FormSpec& confirm_spec() {
  static const web::FormSpec spec({[] {
    web::Field field = needed(name_field);
    field.autocomplete = "name";
    return field;
  }()});
  return spec;
}

const web::FormSpec& transfer_spec() {
  static const web::FormSpec spec({{.name = "new_name",
                                    .label = message("Name of the new holder"),
                                    .max_length = registration::longest_holder_name},
                                   {.name = "new_email",
                                    .label = message("E-mail address of the new holder"),
                                    .kind = web::FieldKind::email,
                                    .max_length = 254,
                                    .help = message("The ticket is mailed to this address.")}});
  return spec;
}

enum class Action { name, send, confirm, transfer, withdraw };

std::optional<Action> action_of(std::string_view text, SeatActor actor) {
  if (text == "transfer") return Action::transfer;
  if (actor == SeatActor::holder) return text == "confirm" ? std::optional(Action::confirm) : std::nullopt;
  if (text == "name") return Action::name;
  if (text == "send") return Action::send;
  if (text == "withdraw") return Action::withdraw;
  return std::nullopt;
}

const char* outcome_of(Action action) {
  switch (action) {
    case Action::name:
      return "named";
    case Action::send:
      return "mailed";
    case Action::confirm:
      return "confirmed";
    case Action::transfer:
      return "transferred";
    case Action::withdraw:
      return "withdrawn";
  }
  return "";
}

// What was sent, bound and checked.
struct Typed {
  Action action = Action::name;
  std::optional<web::Form> form;  // withdraw has none
  Holder holder;
  bool good() const { return !form || form->valid(); }
};

Typed typed_of(web::Request& request, Action action) {
  Typed typed{action, {}, {}};
  if (action == Action::withdraw) return typed;
  const bool transfer = action == Action::transfer, confirm = action == Action::confirm;
  const std::string prefix = transfer ? "new_" : "";
  const web::FormSpec& spec = transfer                 ? transfer_spec()
                              : confirm                ? confirm_spec()
                              : action == Action::send ? send_spec()
                                                       : name_spec();
  typed.form = web::Form::bind(spec, request.form());
  if (!typed.form->valid()) return typed;
  typed.holder.name = typed.form->text(prefix + "name");
  if (!confirm) typed.holder.email = typed.form->text(prefix + "email");
  for (const Refused& problem :
       registration::check_holder(typed.holder, action != Action::send, transfer || action == Action::send))
    typed.form->add_error(prefix + problem.field(), problem.code(), problem.text(), problem.arguments());
  return typed;
}

void add_refusal(Typed& typed, const Refused& refused) {
  const std::string field = typed.action == Action::transfer && !refused.field().empty()
                                ? "new_" + refused.field()
                                : refused.field();
  typed.form->add_error(field, refused.code(), refused.text(), refused.arguments());
}

web::Form unbound(const web::FormSpec& spec, const registration::Seat& seat) {
  std::map<std::string, std::string> initial;
  for (const web::Field& field : spec.fields()) {
    if (field.name == "name") initial["name"] = seat.name;
    if (field.name == "email") initial["email"] = seat.email;
  }
  return web::Form(spec, std::move(initial));
}

web::Response seat_page(Site& site, web::Request& request, const SeatPage& seat, const Typed* typed,
                        std::vector<Fault> faults, int status, std::string_view outcome) {
  const Visit& visit = request.context<Visit>();
  const bool holder = seat.actor == SeatActor::holder;
  Page page(site, request,
            holder ? "django_program/registration/seat.html" : "django_program/registration/order_seat.html");
  page.set("seat", seat_value(site, request, seat));
  const auto set_form = [&](const char* variable, const web::FormSpec& spec, bool is_typed) {
    if (is_typed) {
      page.set(variable, form_value(request, *typed->form));
      for (Fault& fault : faults_of(request, *typed->form)) faults.push_back(std::move(fault));
    } else {
      page.set(variable, form_value(request, unbound(spec, seat.held.seat)));
    }
  };
  const bool transfer = typed && typed->action == Action::transfer;
  set_form("form", holder ? confirm_spec() : name_spec(), typed && typed->form && !transfer);
  set_form("transfer_form", transfer_spec(), transfer);
  page.set("transfer_is_open", transfer);
  if (holder) page.set("answers", seat_answers_value(site, request, seat));
  if (!holder) {
    page.set("order_url",
             Value(order_url(site, visit, OrderLink::detail, seat.held.order_reference, seat.token)));
  }
  page.faults(std::move(faults));
  return personal(page.html(status), outcome);
}

std::string done_text(const web::Request& request, const Typed& typed) {
  switch (typed.action) {
    case Action::name:
      return tr(request, "The name was saved.");
    case Action::send:
      return tr(request, "The link of this ticket is on its way to {email}.",
                {{"email", typed.holder.email}});
    case Action::confirm:
      return tr(request, "Thank you. Your ticket is ready.");
    case Action::transfer:
      return tr(
          request,
          "The ticket now belongs to {name}, and is on its way to {email}. The access code and the link "
          "it had are void.",
          {{"name", typed.holder.name}, {"email", typed.holder.email}});
    case Action::withdraw:
      return tr(request, "The ticket is open again. The access code and the link it had are void.");
  }
  return {};
}

// A repeat of the same submit is known by its token and by what it says: whoever goes back and writes another
// name means it.
std::string result_key(const Submission& submission, const Typed& typed) {
  return token_hash(fmt::format("{}\n{}\n{}\n{}", submission.hash(), outcome_of(typed.action),
                                typed.holder.name, typed.holder.email));
}

// The account of whoever is signed in, where this address was proven to be theirs.
std::optional<std::int64_t> account_of_holder(db::Tx& tx, const Visit& visit,
                                              const registration::Seat& seat) {
  if (!visit.session || !visit.session->user_id || seat.email.empty()) return std::nullopt;
  const auto user = accounts::find_user(tx, *visit.session->user_id);
  if (!user || !user->email_verified_at || user->email_normalized != normalized_email(seat.email))
    return std::nullopt;
  return user->id;
}

void change_seat(db::Tx& tx, const Site& site, const Visit& visit, const Typed& typed, SeatPage& page,
                 std::int64_t version, std::string_view language) {
  registration::SeatChange change{site.shop, *visit.catalogue, page.actor, version, std::string(language)};
  switch (typed.action) {
    case Action::name:
      return registration::name_seat(tx, change, page.held, typed.holder);
    case Action::send:
      return registration::send_seat_link(tx, change, page.held, typed.holder);
    case Action::confirm:
      return registration::confirm_seat(tx, change, page.held, typed.holder.name,
                                        account_of_holder(tx, visit, page.held.seat));
    case Action::transfer:
      return registration::transfer_seat(tx, change, page.held, typed.holder);
    case Action::withdraw:
      return registration::withdraw_seat(tx, change, page.held);
  }
}

// Where a change leads: the buyer to the order, the holder to the seat, which a transfer has closed for them.
std::string next_url(const Site& site, const web::Request& request, Action action) {
  const Visit& visit = request.context<Visit>();
  const std::string_view seat = request.param("seat");
  if (request.find_param("reference"))
    return order_url(site, request, OrderLink::detail) + "#seat-" + std::string(seat);
  if (action == Action::transfer) return url(site, visit, "site:conference");
  return url(site, visit, "registration:seat", seat, request.param("token"));
}

Task<std::optional<SeatPage>> read_seat(Site& site, web::Request& request) {
  Visit& visit = request.context<Visit>();
  auto fn = [&](db::Tx& tx) {
    visit.now = tx.now();
    std::optional<SeatPage> page = find_seat(tx, site, request, visit);
    if (page) read_seat_answers(tx, visit, *page);
    return page;
  };
  co_return co_await site.db.read(fn);
}

Task<web::Response> change(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const SeatActor actor = request.find_param("reference") ? SeatActor::buyer : SeatActor::holder;
  const std::optional<Action> action = action_of(request.form()["action"], actor);
  if (!action) {
    const std::optional<SeatPage> seat = co_await read_seat(site, request);
    if (!seat) throw NotFound("no such seat");
    std::vector<Fault> faults{{"", tr(request, "Choose what to do with this ticket.")}};
    co_return seat_page(site, request, *seat, nullptr, std::move(faults), 422, "invalid");
  }

  Typed typed = typed_of(request, *action);
  std::optional<Refused> refused;
  if (typed.good()) {
    const std::optional<Submission> submission = Submission::of(request, site.link_key);
    const std::string key = submission ? result_key(*submission, typed) : std::string();
    // 0 is "any" for callers without a form: a form without its version is an old one of nobody's.
    const std::int64_t version = whole_number(request.form()["version"]).value_or(-1);
    const std::string_view language = language_of(request);
    auto fn = [&](db::Tx& tx) {
      if (!key.empty() && accounts::first_result(tx, key)) return;
      std::optional<SeatPage> page = find_seat(tx, site, request, visit);
      if (!page) throw NotFound("no such seat");
      change_seat(tx, site, visit, typed, *page, version == 0 ? -1 : version, language);
      if (!key.empty())
        accounts::record_result(tx, key, visit.conference->id, "seat", outcome_of(*action),
                                tx.now() + accounts::submission_life);
    };
    try {
      co_await site.db.write(visit.conference->id, "change seat", fn);
    } catch (const Refused& reason) {
      refused = reason;
    }
    if (!refused) {
      web::flash(request, "success", done_text(request, typed));
      co_return see_other(next_url(site, request, *action), outcome_of(*action));
    }
  }

  const std::optional<SeatPage> seat = co_await read_seat(site, request);
  if (!seat) throw NotFound("no such seat");
  std::vector<Fault> faults;
  if (refused && typed.form) add_refusal(typed, *refused);
  if (refused && !typed.form) faults.push_back({"", tr(request, *refused)});
  co_return seat_page(site, request, *seat, &typed, std::move(faults), 422,
                      refused ? std::string_view(refused->code()) : "invalid");
}

}  // namespace

Task<web::Response> seat(Site& site, web::Request& request) {
  if (!web::is_safe(request.method())) co_return co_await change(site, request);
  co_return seat_page(site, request, found_seat(request), nullptr, {}, 200, "");
}

}  // namespace plenary::site
