#include "manage/payment_setup.hpp"

#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/decimal.hpp"
#include "base/errors.hpp"
#include "base/money.hpp"
#include "base/slug.hpp"
#include "base/text.hpp"
#include "domain/conference/credentials.hpp"
#include "domain/payments/stripe.hpp"
#include "domain/registration/payment_setup.hpp"
#include "manage/money.hpp"
#include "manage/provider_state.hpp"
#include "site/forms.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/forms.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using registration::PaymentSetup;
using site::tr;
using templating::Value;
using web::FieldKind;

const web::FormSpec& spec() {
  static const web::FormSpec fields({
      {.name = "version", .label = "", .kind = FieldKind::hidden, .required = false, .max_length = 20},
      {.name = "id", .label = "", .kind = FieldKind::hidden, .required = false, .max_length = 20},
      {.name = "offers_card",
       .label = message("Card"),
       .kind = FieldKind::checkbox,
       .required = false,
       .help = message("Where the keys of the provider are complete.")},
      {.name = "offers_transfer",
       .label = message("Bank transfer"),
       .kind = FieldKind::checkbox,
       .required = false,
       .help = message("Unpaid orders keep their places until the term is over.")},
      {.name = "offers_credit",
       .label = message("Store credit"),
       .kind = FieldKind::checkbox,
       .required = false,
       .help = message("Buyers spend the credits of their account.")},
      {.name = "account_holder",
       .label = message("Account holder"),
       .required = false,
       .max_length = 70,
       .autocomplete = "off"},
      {.name = "iban", .label = message("IBAN"), .required = false, .max_length = 50, .autocomplete = "off"},
      {.name = "bic",
       .label = message("BIC"),
       .required = false,
       .max_length = 20,
       .help = message("Banks outside the EU ask for it."),
       .autocomplete = "off"},
      {.name = "bank_name", .label = message("Bank"), .required = false, .autocomplete = "off"},
      {.name = "instructions",
       .label = message("What payers need beside"),
       .kind = FieldKind::multiline,
       .required = false,
       .max_length = 2000,
       .help = message("Of an account without an IBAN, its numbers.")},
      {.name = "term_days",
       .label = message("Days that a transfer may take"),
       .kind = FieldKind::integer,
       .min = 1,
       .max = 90,
       .help = message("The places of the order are kept so long.")},
      {.name = "ends_days_before",
       .label = message("Last day of a term: days before the conference"),
       .kind = FieldKind::integer,
       .min = 0,
       .max = 90,
       .help = message("Transfers are not offered any more when their whole term no longer fits.")},
      {.name = "reminder_days",
       .label = message("Reminder: days before the end of a term"),
       .kind = FieldKind::integer,
       .min = 0,
       .max = 89,
       .help = message("0: no reminder.")},
      {.name = "card_fee_amount",
       .label = message("Card: fee"),
       .required = false,
       .max_length = 20,
       .help =
           message("A fixed amount such as 1.50, added when a buyer pays by card. Within the EU, consumers "
                   "may not be charged for the usual cards."),
       .autocomplete = "off"},
      {.name = "card_fee_percent",
       .label = message("Card: fee in percent"),
       .required = false,
       .max_length = 10,
       .help = message("Of what is paid by card, beside the fixed fee."),
       .autocomplete = "off"},
      {.name = "transfer_fee_amount",
       .label = message("Bank transfer: fee"),
       .required = false,
       .max_length = 20,
       .autocomplete = "off"},
      {.name = "transfer_fee_percent",
       .label = message("Bank transfer: fee in percent"),
       .required = false,
       .max_length = 10,
       .autocomplete = "off"},
      {.name = "fee_tax",
       .label = message("Tax of the fees"),
       .required = false,
       .max_length = 60,
       .help = message("The slug of one of the taxes of this conference. Empty: the fees are not taxed."),
       .autocomplete = "off"},
  });
  return fields;
}

const registration::Catalogue& catalogue_here(const web::Request& request) {
  return *request.context<Visit>().catalogue;
}

// "1.50"; empty for nothing.
std::string fee_text(std::int64_t minor, Currency currency) {
  return minor == 0 ? std::string() : Money(minor, currency).to_string();
}
std::string percent_text(const Decimal& percent) {
  return percent.is_zero() ? std::string() : percent.normalized().to_string();
}

std::map<std::string, std::string> stored(const PaymentSetup& setup,
                                          const registration::Catalogue& catalogue) {
  const registration::ReckonedRule* const tax = catalogue.tax_rule(setup.fee_tax_rule_id);
  const auto flag = [](bool on) { return on ? std::string("1") : std::string(); };
  return {{"version", std::to_string(setup.version)},
          {"id", std::to_string(setup.id)},
          {"offers_card", flag(setup.offers_card)},
          {"offers_transfer", flag(setup.offers_transfer)},
          {"offers_credit", flag(setup.offers_credit)},
          {"account_holder", setup.account_holder},
          {"iban", setup.iban},
          {"bic", setup.bic},
          {"bank_name", setup.bank_name},
          {"instructions", setup.instructions},
          {"term_days", std::to_string(setup.term_days)},
          {"ends_days_before", std::to_string(setup.ends_days_before)},
          {"reminder_days", std::to_string(setup.reminder_days)},
          {"card_fee_amount", fee_text(setup.card_fee_amount, catalogue.currency)},
          {"card_fee_percent", percent_text(setup.card_fee_percent)},
          {"transfer_fee_amount", fee_text(setup.transfer_fee_amount, catalogue.currency)},
          {"transfer_fee_percent", percent_text(setup.transfer_fee_percent)},
          {"fee_tax", tax ? tax->rule.slug : std::string()}};
}

// The fees, with what is wrong about them at their fields.
void take_fees(web::Form& form, const registration::Catalogue& catalogue, PaymentSetup& setup) {
  const auto amount = [&](const char* field, std::int64_t& minor) {
    const std::string typed(trimmed(form.text(field)));
    if (typed.empty()) return;
    const auto money = typed_money(typed, catalogue.currency);
    if (!money || money->is_negative() || money->amount() > Decimal(1'000'000)) {
      form.add_error(field, "amount", message("Enter an amount like 12.50."));
      return;
    }
    minor = money->minor();
  };
  const auto percent = [&](const char* field, Decimal& value) {
    const std::string typed(trimmed(form.text(field)));
    if (typed.empty()) return;
    const auto number = typed_decimal(typed);
    if (number)
      value = *number;
    else
      form.add_error(field, "percent", message("Enter a percentage like 1.5."));
  };
  amount("card_fee_amount", setup.card_fee_amount);
  amount("transfer_fee_amount", setup.transfer_fee_amount);
  percent("card_fee_percent", setup.card_fee_percent);
  percent("transfer_fee_percent", setup.transfer_fee_percent);
  const std::string slug(trimmed(form.text("fee_tax")));
  if (slug.empty()) return;
  for (const registration::ReckonedRule& rule : catalogue.tax_rules)
    if (slug_key(rule.rule.slug) == slug_key(slug)) setup.fee_tax_rule_id = rule.rule.id;
  if (!setup.fee_tax_rule_id)
    form.add_error("fee_tax", "no_tax", message("There is no tax with this slug in this conference."));
}

PaymentSetup typed_setup(const web::Form& form, std::int64_t conference) {
  PaymentSetup setup;
  setup.conference_id = conference;
  setup.id = site::whole_number(form.text("id")).value_or(0);
  setup.version = site::whole_number(form.text("version")).value_or(1);
  setup.offers_card = form.checked("offers_card");
  setup.offers_transfer = form.checked("offers_transfer");
  setup.offers_credit = form.checked("offers_credit");
  setup.account_holder = form.text("account_holder");
  setup.iban = form.text("iban");
  setup.bic = form.text("bic");
  setup.bank_name = form.text("bank_name");
  setup.instructions = form.text("instructions");
  setup.term_days = form.integer("term_days").value_or(setup.term_days);
  setup.ends_days_before = form.integer("ends_days_before").value_or(setup.ends_days_before);
  setup.reminder_days = form.integer("reminder_days").value_or(setup.reminder_days);
  return setup;
}

// For the record of changes, field by field.
std::vector<conference::AuditChange> changes_of(const PaymentSetup& before, const PaymentSetup& after,
                                                const registration::Catalogue& catalogue) {
  const std::map<std::string, std::string> was = stored(before, catalogue), is = stored(after, catalogue);
  std::vector<conference::AuditChange> changes;
  for (const web::Field& field : spec().fields()) {
    if (field.kind == FieldKind::hidden || was.at(field.name) == is.at(field.name)) continue;
    changes.push_back({field.name, field.label, was.at(field.name), is.at(field.name)});
  }
  return changes;
}

Task<web::Response> setup_page(Site& site, web::Request& request, const web::Form& form, int status,
                               const std::vector<Finding>& findings) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  ProviderState state;
  auto read = [&](db::Tx& tx) { state = provider_state(tx, site, request, conference); };
  co_await site.db.read(read);
  site::Page page(site, request, "django_program/manage/payment_setup.html");
  frame(page, site, request, tr(request, message("Payment set-up")), "payment-setup");
  set_provider_state(page, site, request, state);
  std::vector<Value> found;
  for (const Finding& one : findings)
    found.push_back(Value::dict({{"is_fine", Value(one.is_fine)}, {"text", Value(one.text)}}));
  page.set("form", site::form_value(request, form))
      .set("findings", Value::list(std::move(found)))
      .set("action", Value(page_of(site, request, "payment-setup")));
  page.faults(site::faults_of(request, form));
  co_return site::personal(page.html(status), status == 200 ? "" : "invalid");
}

}  // namespace

Task<web::Response> payment_setup_page(Site& site, web::Request& request,
                                       const std::vector<Finding>& findings) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  auto read = [&](db::Tx& tx) { return registration::payment_setup_of(tx, conference); };
  const PaymentSetup setup = co_await site.db.read(read);
  const web::Form form(spec(), stored(setup, catalogue_here(request)));
  co_return co_await setup_page(site, request, form, 200, findings);
}

Task<web::Response> payment_setup(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  const std::vector<Finding> no_findings;
  if (!request.is(web::Method::post)) co_return co_await payment_setup_page(site, request, no_findings);
  web::Form form = web::Form::bind(spec(), request.form());
  if (!form.valid()) co_return co_await setup_page(site, request, form, 422, no_findings);
  PaymentSetup typed = typed_setup(form, conference);
  const registration::Catalogue& catalogue = catalogue_here(request);
  take_fees(form, catalogue, typed);
  for (const db::FieldError& error : registration::check_payment_setup(typed))
    form.add_error(error.field, error.code, error.text, error.arguments);
  if (!form.valid()) co_return co_await setup_page(site, request, form, 422, no_findings);
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    const PaymentSetup before = registration::payment_setup_of(tx, conference);
    const auto saved = registration::save_payment_setup(tx, typed);
    if (!saved) return false;
    const auto changes = changes_of(before, *saved, catalogue);
    if (!changes.empty())
      conference::record(
          tx, actor, before.id == 0 ? conference::AuditAction::add : conference::AuditAction::change,
          {conference, "payment_setup", std::to_string(saved->id), "Payment set-up", saved->version},
          changes);
    return true;
  };
  bool done = false;
  std::optional<Refused> refused;
  try {
    done = co_await site.db.write(conference, "payment set-up", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    form.add_error(*refused);
  } else if (!done) {
    form.add_error("", "changed_meanwhile",
                   message("Somebody else changed this meanwhile. What you typed is still here: look at it "
                           "again on a fresh page before you save it."));
  }
  if (!form.valid()) co_return co_await setup_page(site, request, form, 422, no_findings);
  co_return back_to(request, page_of(site, request, "payment-setup"), "saved", "success",
                    tr(request, message("The payment set-up was saved.")));
}

void add_payment_setup_pages(site::PageTable& table) {
  using web::Method;
  constexpr web::Methods form = Method::get | Method::post;
  const std::string here = "/manage/{conference}/payment-setup/";
  const web::Guard on = web::features({"manage_ui", "registration"});
  const web::Guard settings = web::permission("manage_conference_settings") & on;
  table.add("manage:payment-setup", here, form, settings, payment_setup, load_frame);
  table.add("manage:payment-check", here + "check/", Method::post, settings, check_provider, load_frame);
  table.add("manage:payment-go-live", here + "live/", form, web::full_access_only() & on, go_live,
            load_frame);
}

}  // namespace plenary::manage
