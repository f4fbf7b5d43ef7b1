// The form that puts somebody on the waiting list.
#include <fmt/format.h>

#include <algorithm>

#include "domain/accounts/submissions.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/waiting_stock.hpp"
#include "site/forms.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "site/waiting.hpp"
#include "web/flash.hpp"
#include "web/forms.hpp"

namespace plenary::site {
namespace {

using registration::ProductChoice;
using registration::ProductKind;
using registration::WaitingForm;

// "t12", "a4-3": a product in a form.
std::string value_of(const ProductChoice& product) {
  const char* kind = product.kind == ProductKind::ticket_type ? "t" : "a";
  return product.variation_id ? fmt::format("{}{}-{}", kind, product.product_id, *product.variation_id)
                              : fmt::format("{}{}", kind, product.product_id);
}

// The products that one page of the form offers.
struct Offered {
  std::vector<ProductChoice> first, others, extras;

  Offered(const registration::Catalogue& catalogue, const registration::StockLevels& levels, Instant now)
      : first(registration::waitable(catalogue, levels, now)),
        others(registration::alternatives(catalogue, now)),
        extras(registration::possible_extras(catalogue, now)) {
    if (extras.size() > registration::most_extras) extras.resize(registration::most_extras);
  }
  const ProductChoice* find(std::string_view value) const {
    for (const ProductChoice& one : others)
      if (value_of(one) == value) return &one;
    return nullptr;
  }
  std::size_t further() const {
    return others.empty() ? 0 : std::min(registration::most_choices - 1, others.size() - 1);
  }
};

std::string choice_field(std::size_t rank) {
  return fmt::format("choice_{}", rank);
}

web::FormSpec spec_of(const Visit& visit, const Offered& offered) {
  const registration::Catalogue& catalogue = *visit.catalogue;
  const auto named = [&](const std::vector<ProductChoice>& products) {
    std::vector<web::Choice> choices;
    for (const ProductChoice& one : products)
      choices.push_back({value_of(one), registration::name_of(catalogue, one)});
    return choices;
  };
  std::vector<web::Field> fields{{.name = "choice_1",
                                  .label = message("What are you waiting for?"),
                                  .kind = web::FieldKind::choice,
                                  .choices = named(offered.first)},
                                 {.name = "quantity",
                                  .label = message("How many?"),
                                  .kind = web::FieldKind::integer,
                                  .min = 1,
                                  .max = registration::most_waited_for,
                                  .initial = "1"},
                                 {.name = "all_or_nothing",
                                  .label = message("Only all of them together"),
                                  .kind = web::FieldKind::checkbox,
                                  .required = false,
                                  .help = message("Otherwise you are offered fewer when fewer come back.")}};
  static constexpr const char* labels[] = {message("If not that, what else? Second choice"),
                                           message("Third choice"), message("Fourth choice")};
  for (std::size_t i = 0; i < offered.further(); ++i) {
    web::Field field{.name = choice_field(i + 2),
                     .label = labels[i],
                     .kind = web::FieldKind::choice,
                     .required = false,
                     .choices = named(offered.others)};
    field.choices.insert(field.choices.begin(), {"", message("Nothing else")});
    fields.push_back(std::move(field));
  }
  for (const ProductChoice& extra : offered.extras)
    fields.push_back({.name = registration::extra_field(extra),
                      .label = registration::name_of(catalogue, extra),
                      .kind = web::FieldKind::integer,
                      .required = false,
                      .min = 0,
                      .max = registration::most_waited_for,
                      .initial = "0"});
  fields.push_back({.name = "name", .label = message("Name"), .max_length = 200, .autocomplete = "name"});
  fields.push_back({.name = "email",
                    .label = message("E-mail address"),
                    .kind = web::FieldKind::email,
                    .max_length = 254,
                    .help = message("Offers are mailed to this address."),
                    .autocomplete = "email"});
  return web::FormSpec(std::move(fields));
}

// What the address asks for: ?ticket=individual, ?addon=shirt&variation=m.
std::string preselected(const web::Request& request, const Visit& visit, const Offered& offered) {
  const auto ticket = request.query("ticket"), addon = request.query("addon"),
             variation = request.query("variation");
  const ProductKind kind = ticket ? ProductKind::ticket_type : ProductKind::addon;
  const auto product = visit.catalogue->product(kind, ticket.value_or(addon.value_or("")));
  if (!product) return {};
  for (const ProductChoice& one : offered.first) {
    if (one.kind != kind || one.product_id != product->id) continue;
    const registration::Variation* kind_of =
        one.variation_id ? visit.catalogue->variation(*one.variation_id) : nullptr;
    if (!variation || (kind_of && kind_of->slug == *variation)) return value_of(one);
  }
  return {};
}

web::Form empty_form(const web::Request& request, const Visit& visit, const Offered& offered,
                     const web::FormSpec& spec) {
  std::map<std::string, std::string> initial{{"choice_1", preselected(request, visit, offered)},
                                             {"quantity", "1"}};
  for (const ProductChoice& extra : offered.extras) initial[registration::extra_field(extra)] = "0";
  if (visit.session && visit.session->user_id) {
    initial["name"] = visit.session->user_name;
    initial["email"] = visit.session->user_email;
  }
  return web::Form(spec, std::move(initial));
}

WaitingForm wanted_of(const web::Request& request, const web::Form& form, const Offered& offered) {
  WaitingForm wanted;
  wanted.name = form.text("name");
  wanted.email = form.text("email");
  wanted.language = language_of(request);
  wanted.quantity = form.integer("quantity").value_or(0);
  wanted.all_or_nothing = form.checked("all_or_nothing");
  for (std::size_t rank = 1; rank <= offered.further() + 1; ++rank)
    if (const ProductChoice* choice = offered.find(form.text(choice_field(rank))))
      wanted.choices.push_back(*choice);
  for (const ProductChoice& extra : offered.extras)
    if (const std::int64_t units = form.integer(registration::extra_field(extra)).value_or(0); units > 0)
      wanted.extras.push_back({extra, units});
  return wanted;
}

web::Response form_page(Site& site, web::Request& request, const Offered& offered, const web::Form& form,
                        int status, std::string_view outcome) {
  Page page(site, request, "django_program/registration/waiting_join.html");
  const templating::Value shown = form_value(request, form);
  const auto some = [&](std::size_t from, std::size_t count) {
    std::vector<templating::Value> fields;
    for (std::size_t i = 0; i < count; ++i) fields.push_back(shown.object().at(from + i));
    return templating::Value::list(std::move(fields));
  };
  const std::size_t further = offered.further(), extras = offered.extras.size();
  page.set("has_products", !offered.first.empty());
  page.set("form", shown);
  page.set("wanted_fields", some(0, 3));
  page.set("further_fields", some(3, further));
  page.set("extra_fields", some(3 + further, extras));
  page.set("person_fields", some(3 + further + extras, 2));
  page.set("submission", templating::Value(new_submission(request)));
  if (form.bound()) page.faults(faults_of(request, form));
  return personal(page.html(status), outcome);
}

struct Result {
  registration::Joined joined;
  bool repeated = false;
};

Task<web::Response> send(Site& site, web::Request& request, const Offered& offered) {
  const Visit& visit = request.context<Visit>();
  const web::FormSpec spec = spec_of(visit, offered);
  web::Form form = web::Form::bind(spec, request.form());
  const std::optional<Submission> submission = Submission::of(request, site.link_key);
  Result result;
  bool is_done = false;
  if (form.valid()) {
    const WaitingForm wanted = wanted_of(request, form, offered);
    const registration::Visitor visitor = visit.visitor(request, site.settings.security);
    for (const Refused& problem : registration::check_waiting(
             *visit.catalogue, request.context<registration::StockLevels>(), wanted, visit.now))
      form.add_error(problem);
    auto fn = [&](db::Tx& tx) {
      if (submission) {
        if (const auto first = accounts::first_result(tx, submission->hash())) {
          const auto [outcome, rest] = split_result(*first);
          const auto [id, version] = split_result(rest);
          return Result{
              {whole_number(id).value_or(0), whole_number(version).value_or(0), outcome == "joined"}, true};
        }
      }
      Result made{registration::join(tx, site.shop, visitor, wanted), false};
      if (submission)
        accounts::record_result(tx, submission->hash(), visit.conference->id, "waiting",
                                fmt::format("{} {} {}", made.joined.is_new ? "joined" : "there",
                                            made.joined.entry_id, made.joined.link_version),
                                tx.now() + accounts::submission_life);
      return made;
    };
    if (form.valid()) {
      try {
        result = co_await site.db.write(visit.conference->id, "join waiting list", fn);
        is_done = true;
      } catch (const Refused& refused) {
        form.add_error(refused);
      }
    }
  }
  if (!is_done) co_return form_page(site, request, offered, form, 422, "invalid");
  if (!result.joined.is_new) {
    // Whoever types an address does not get to see what its owner waits for.
    if (!result.repeated)
      web::flash(request, "info",
                 tr(request,
                    "This address is on the waiting list for it already. The link to its place was "
                    "mailed again."));
    co_return see_other(url(site, visit, "registration:ticket-select"), "there");
  }
  if (!result.repeated) web::flash(request, "success", tr(request, "You are on the waiting list."));
  const std::string token =
      registration::waiting_link_token(site.link_key, result.joined.entry_id, result.joined.link_version);
  co_return see_other(
      url(site, visit, "registration:waiting-place", std::to_string(result.joined.entry_id), token),
      "joined");
}

}  // namespace

void load_waiting_list(const Site&, db::Tx& tx, web::Request& request, Visit& visit) {
  request.attach(registration::stock_for_everybody(tx, *visit.catalogue));
}

Task<web::Response> join_waiting_list(Site& site, web::Request& request) {
  if (auto answer = sign_in_first(request)) co_return std::move(*answer);
  const Visit& visit = request.context<Visit>();
  Offered offered(*visit.catalogue, request.context<registration::StockLevels>(), visit.now);
  if (!visit.conference->sells()) offered.first.clear();
  if (!web::is_safe(request.method())) co_return co_await send(site, request, offered);
  const web::FormSpec spec = spec_of(visit, offered);
  const web::Form form = empty_form(request, visit, offered, spec);
  co_return form_page(site, request, offered, form, 200, "");
}

}  // namespace plenary::site
