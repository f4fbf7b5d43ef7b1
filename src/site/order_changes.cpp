// What buyers do with their orders themselves: cancel after a preview, change sizes and extras after a
// review, have the confirmation mailed again. source: registration 20, 11 and 12.6; docs/orders.md.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "domain/accounts/rates.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/pricing.hpp"
#include "domain/registration/tax_words.hpp"
#include "i18n/formats.hpp"
#include "mail/line_name.hpp"
#include "site/pages.hpp"
#include "site/shown_amount.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using registration::Catalogue;
using registration::OrderLine;
using registration::OrderStatus;
using registration::ProductKind;
using registration::WantedChange;
using templating::Value;

constexpr std::int64_t most_of_one = 100;

const OrderPage& found_order(const web::Request& request) {
  const OrderPage* order = request.find_context<OrderPage>();
  if (!order) throw NotFound("no such order");
  return *order;
}

std::string money_text(const web::Request& request, std::int64_t minor) {
  const registration::Catalogue& catalogue = *request.context<Visit>().catalogue;
  return price_text(request, minor, catalogue.currency, catalogue.currency_symbol);
}

// ---- cancelling

web::Response cancel_page(Site& site, web::Request& request, const OrderPage& order,
                          std::vector<Fault> faults, int status, std::string_view outcome) {
  const Visit& visit = request.context<Visit>();
  Page page(site, request, "django_program/registration/order_cancel.html");
  set_order(page, site, order, visit);
  const registration::CancelPreview& preview = *order.cancellation;
  page.set("is_possible", preview.is_possible);
  if (preview.why_not) page.set("why_not", Value(tr(request, *preview.why_not)));
  if (order.order.status != OrderStatus::pending) {
    page.set("comes_back", amount_value(preview.comes_back, visit.catalogue->currency));
    page.set("kept", amount_value(preview.kept, visit.catalogue->currency));
    page.set("was_paid", true);
  }
  page.set("to_credit", preview.to_credit);
  page.set("version", Value(order.order.version));
  page.set("expected", Value(preview.comes_back));
  page.faults(std::move(faults));
  return personal(page.html(status), outcome);
}

Task<web::Response> do_cancel(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const web::FormData& form = request.form();
  const std::int64_t version = whole_number(form["version"]).value_or(0);
  const std::int64_t expected = shown_amount(form["comes_back"]).value_or(-1);
  bool was_paid = false;
  auto fn = [&](db::Tx& tx) {
    std::optional<registration::Order> order = find_order(tx, request, visit);
    if (!order) throw NotFound("no such order");
    // A double click: told as the first one was.
    if (order->status == OrderStatus::cancelled || order->status == OrderStatus::refunded)
      return order->paid_at.has_value();
    const bool paid = order->status != OrderStatus::pending;
    registration::cancel_by_buyer(tx, site.shop, site.gateway, *order, version, expected,
                                  {"site", "buyer", "cancelled on the order page"});
    return paid;
  };
  std::optional<Refused> refused;
  try {
    was_paid = co_await site.db.write(visit.conference->id, "cancel order", fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
  } else if (was_paid) {
    web::flash(request, "success", tr(request, "Your order was cancelled."));
  } else {
    web::flash(request, "success", tr(request, "Your order was cancelled. Nothing has to be paid."));
  }
  co_return see_other(order_url(site, request, OrderLink::detail),
                      refused ? std::string_view(refused->code()) : "cancelled");
}

// ---- changing

// A ticket's unit whose kind can be chosen, and an extra whose number can.
struct UnitRow {
  const OrderLine* line = nullptr;
  std::int64_t number = 0;  // 1, 2, … of the line
  std::string name() const { return fmt::format("unit-{}-{}", line->id, number); }
};
struct ExtraRow {
  const registration::AddOn* addon = nullptr;
  const registration::Variation* variation = nullptr;
  std::int64_t have = 0;
  bool may_grow = false;
  std::string name() const {
    return variation ? fmt::format("extra-{}-{}", addon->id, variation->id)
                     : fmt::format("extra-{}", addon->id);
  }
};
struct Changeable {
  std::vector<OrderLine> left;
  std::vector<UnitRow> units;
  std::vector<ExtraRow> extras;
};

Changeable changeable(const OrderPage& order, const Catalogue& catalogue, Instant now) {
  Changeable all;
  all.left = registration::lines_left(order.order.lines);
  for (const OrderLine& line : all.left)
    if (line.ticket_type_id && line.variation_id &&
        !catalogue.variations_of(ProductKind::ticket_type, *line.ticket_type_id).empty())
      for (std::int64_t number = 1; number <= std::min(line.quantity, most_of_one); ++number)
        all.units.push_back({&line, number});
  for (const registration::AddOn& addon : catalogue.addons) {
    const bool on_sale =
        addon.is_active && registration::in_window(addon.available_from, addon.available_until, now);
    const auto have = [&](std::optional<registration::Id> variation) {
      std::int64_t units = 0;
      for (const OrderLine& line : all.left)
        if (line.addon_id == std::optional(addon.id) && line.variation_id == variation)
          units += line.quantity;
      return units;
    };
    bool has_some = false;
    for (const registration::Variation& variation : catalogue.variations) {
      if (variation.addon_id != std::optional(addon.id)) continue;
      const std::int64_t units = have(variation.id);
      has_some = has_some || variation.is_active;
      if (units > 0 || (on_sale && variation.is_active))
        all.extras.push_back({&addon, &variation, units, on_sale && variation.is_active});
    }
    const std::int64_t plain = have({});
    if (plain > 0 || (on_sale && !has_some))
      all.extras.push_back({&addon, nullptr, plain, on_sale && !has_some});
  }
  return all;
}

// What was typed, as a change. Within one product other kinds are exchanged first; the rest is taken back or
// added.
WantedChange wanted_of(const Changeable& all, const web::FormData& form, std::vector<Fault>& faults,
                       const web::Request& request) {
  WantedChange wanted;
  std::map<std::pair<registration::Id, registration::Id>, std::int64_t> swaps;
  for (const UnitRow& unit : all.units) {
    const std::int64_t chosen = whole_number(form[unit.name()]).value_or(0);
    if (chosen > 0 && chosen != *unit.line->variation_id) ++swaps[{unit.line->id, chosen}];
  }
  struct Less {
    registration::Id line_id = 0;
    std::int64_t units = 0;
  };
  std::map<registration::Id, std::vector<Less>> less;  // by add-on
  std::map<registration::Id, std::vector<const ExtraRow*>> more;
  std::map<const ExtraRow*, std::int64_t> wants;
  for (const ExtraRow& extra : all.extras) {
    if (!form.has(extra.name())) continue;
    const auto number = whole_number(form[extra.name()]);
    if (!number || *number > most_of_one) {
      faults.push_back({extra.name(), tr(request, "Enter a number from 0 to {most}.",
                                         {{"most", std::to_string(most_of_one)}})});
      continue;
    }
    if (*number > extra.have) {
      wants[&extra] = *number - extra.have;
      more[extra.addon->id].push_back(&extra);
    }
    std::int64_t missing = extra.have - *number;
    for (auto line = all.left.rbegin(); line != all.left.rend() && missing > 0; ++line) {
      const registration::Id variation = extra.variation ? extra.variation->id : 0;
      if (line->addon_id.value_or(0) != extra.addon->id || line->variation_id.value_or(0) != variation)
        continue;
      const std::int64_t units = std::min(missing, line->quantity);
      less[extra.addon->id].push_back({line->id, units});
      missing -= units;
    }
  }
  for (auto& [addon, rows] : more)
    for (const ExtraRow* row : rows) {
      std::int64_t& missing = wants[row];
      for (Less& from : less[addon]) {
        const std::int64_t units = row->variation ? std::min(missing, from.units) : 0;
        if (units == 0) continue;
        swaps[{from.line_id, row->variation->id}] += units;
        from.units -= units;
        missing -= units;
      }
      if (missing > 0)
        wanted.added.push_back({ProductKind::addon,
                                addon,
                                row->variation ? std::optional(row->variation->id) : std::nullopt,
                                missing,
                                {}});
    }
  for (const auto& [addon, lines] : less)
    for (const Less& from : lines)
      if (from.units > 0) wanted.taken_back.push_back({from.line_id, from.units, {}});
  for (const auto& [to, units] : swaps) wanted.swapped.push_back({to.first, units, to.second});
  return wanted;
}

// "€25.00 plus 7 % VAT": what one more costs this buyer.
std::string price_of_extra(const web::Request& request, const OrderPage& order, const ExtraRow& extra) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t price =
      extra.variation && extra.variation->price ? *extra.variation->price : extra.addon->price;
  std::string shown = money_text(request, price);
  registration::CartItem item;
  item.kind = ProductKind::addon;
  item.product_id = extra.addon->id;
  item.quantity = 1;
  if (extra.variation) item.variation_id = extra.variation->id;
  const std::array<registration::CartItem, 1> items{item};
  registration::PricingInput input;
  input.items = items;
  input.now = visit.now;
  input.party = {order.order.billing.is_business, order.order.billing.country, order.order.vat_confirmed};
  const registration::Quote quoted = registration::quote(*visit.catalogue, input);
  if (quoted.lines.empty()) return shown;
  const registration::TaxWords note = registration::price_note(quoted.lines.front().applied_tax);
  if (!note.text.empty())
    shown += " " + tr(request, note.text, {{"rate", i18n::number(language_of(request), note.rate)}});
  return shown;
}

Value fields_value(const web::Request& request, const OrderPage& order, const Changeable& all,
                   const web::FormData* form, bool units) {
  const Catalogue& catalogue = *request.context<Visit>().catalogue;
  std::vector<Value> rows;
  const auto typed = [&](const std::string& name, std::int64_t otherwise) {
    return form && form->has(name) ? std::string((*form)[name]) : std::to_string(otherwise);
  };
  if (units) {
    for (const UnitRow& unit : all.units) {
      const std::string chosen = typed(unit.name(), *unit.line->variation_id);
      std::vector<Value> options;
      for (const auto* one : catalogue.variations_of(ProductKind::ticket_type, *unit.line->ticket_type_id))
        options.push_back(Value::dict({{"value", Value(one->id)},
                                       {"name", Value(one->name)},
                                       {"chosen", Value(std::to_string(one->id) == chosen)}}));
      rows.push_back(Value::dict({{"name", Value(unit.name())},
                                  {"label", Value(unit.line->description)},
                                  {"number", Value(unit.number)},
                                  {"is_one_of_many", Value(unit.line->quantity > 1)},
                                  {"options", Value::list(std::move(options))}}));
    }
  } else {
    for (const ExtraRow& extra : all.extras) {
      rows.push_back(Value::dict(
          {{"name", Value(extra.name())},
           {"label",
            Value(extra.variation ? extra.addon->name + ", " + extra.variation->name : extra.addon->name)},
           {"value", Value(typed(extra.name(), extra.have))},
           {"have", Value(extra.have)},
           {"most", Value(extra.may_grow ? most_of_one : extra.have)},
           {"may_grow", Value(extra.may_grow)},
           {"price", Value(price_of_extra(request, order, extra))}}));
    }
  }
  return Value::list(std::move(rows));
}

// "VAT: 7 % is added: €1.75." where the price does not have it in it.
std::string added_tax(const web::Request& request, const OrderLine& line, const Catalogue& catalogue) {
  const auto* tax = catalogue.tax_rule(line.tax_rule_id);
  if (line.tax_inclusive || line.tax <= 0 || !tax) return {};
  const auto rate = Decimal::parse(line.tax_rate);
  return tr(request, message("{name}: {percent} % is added: {amount}."),
            {{"name", tax->rule.name},
             {"percent", rate ? i18n::number(language_of(request), *rate) : line.tax_rate},
             {"amount", money_text(request, line.tax)}});
}

Value plan_value(const web::Request& request, const registration::ChangePlan& plan,
                 const registration::Order& order, const Catalogue& catalogue, std::string_view language) {
  std::vector<Value> lines;
  const auto add = [&](const OrderLine& line, const std::string& why) {
    const bool is_new = line.quantity > 0;
    lines.push_back(
        Value::dict({{"description", Value(mail::line_name(language, line.description))},
                     {"quantity", Value(std::abs(line.quantity))},
                     {"is_taken_back", Value(!is_new)},
                     {"why", Value(why)},
                     {"discounts", is_new ? line_discounts_value(line.condition_name, line.condition_discount,
                                                                 order.voucher_code, line.voucher_discount,
                                                                 catalogue.currency)
                                          : Value()},
                     {"added_tax", is_new ? Value(added_tax(request, line, catalogue)) : Value()},
                     {"total", amount_value(line.gross, catalogue.currency)}}));
  };
  for (const OrderLine& line : plan.reversals) add(line, {});
  for (const registration::PlannedLine& planned : plan.additions) {
    const auto why = registration::explain(catalogue, planned);
    add(planned.line, why ? tr(request, why->text, why->arguments) : std::string());
  }
  return Value::list(std::move(lines));
}

struct Review {
  const registration::ChangePlan& plan;
  std::int64_t to_pay = 0;
};

web::Response change_page(Site& site, web::Request& request, const OrderPage& order, const Review* review,
                          std::vector<Fault> faults, int status, std::string_view outcome) {
  const Visit& visit = request.context<Visit>();
  const Catalogue& catalogue = *visit.catalogue;
  const web::FormData* form = web::is_safe(request.method()) ? nullptr : &request.form();
  const Changeable all = changeable(order, catalogue, visit.now);
  Page page(site, request, "django_program/registration/order_change.html");
  set_order(page, site, order, visit);
  const registration::ChangeOffer& offer = *order.change;
  page.set("is_possible", offer.is_possible);
  if (offer.why_not) page.set("why_not", Value(tr(request, *offer.why_not)));
  if (offer.until) page.set("offered_until", Value(*offer.until));
  page.set("units", fields_value(request, order, all, form, true));
  page.set("extras", fields_value(request, order, all, form, false));
  page.set("version", Value(order.order.version));
  if (review) {
    page.set("submission", Value(new_submission(request)));
    const std::int64_t difference = review->plan.difference();
    page.set("review", plan_value(request, review->plan, order.order, catalogue, visit.language));
    page.set("difference", Value(difference));
    page.set("costs_more", Value(difference > 0));
    page.set("costs_less", Value(difference < 0));
    page.set("amount", amount_value(std::abs(difference), catalogue.currency));
    page.set("to_pay", amount_value(review->to_pay, catalogue.currency));
    const auto& conference = catalogue.conference;
    page.set("to_credit", Value(conference.cancel_refund == conference::CancelRefund::credit &&
                                order.order.user_id.has_value()));
  }
  page.faults(std::move(faults));
  return personal(page.html(status), outcome);
}

Task<web::Response> review_or_change(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::optional<OrderPage> order = co_await read_order(site, request);
  if (!order) throw NotFound("no such order");
  if (!order->change->is_possible)
    co_return change_page(site, request, *order, nullptr, {}, 422, order->change->why_not->code());
  const web::FormData& form = request.form();
  std::vector<Fault> faults;
  const Changeable all = changeable(*order, *visit.catalogue, visit.now);
  const WantedChange wanted = wanted_of(all, form, faults, request);
  if (!faults.empty())
    co_return change_page(site, request, *order, nullptr, std::move(faults), 422, "invalid");

  std::optional<Refused> refused;
  if (form["action"] == "confirm") {
    const std::int64_t version = whole_number(form["version"]).value_or(0);
    const std::int64_t difference = shown_amount(form["difference"]).value_or(0);
    // A repeat is told what came of the first: by the order, whose version it has changed, it would be late.
    const std::optional<Submission> submission = Submission::of(request, site.link_key);
    auto change = [&](db::Tx& tx) {
      if (submission) {
        if (const auto first = accounts::first_result(tx, submission->hash())) {
          const auto [outcome, amount] = split_result(*first);
          registration::StartedChange repeated;
          if (outcome == "payment_due") repeated.change_id = 1;
          repeated.comes_back = shown_amount(amount).value_or(0);
          return repeated;
        }
      }
      std::optional<registration::Order> now = find_order(tx, request, visit);
      if (!now) throw NotFound("no such order");
      const registration::StartedChange made =
          registration::change_by_buyer(tx, site.shop, site.gateway, *now, wanted, version, difference,
                                        {"site", "buyer", "changed on the order page"});
      if (submission)
        accounts::record_result(
            tx, submission->hash(), visit.conference->id, "change",
            fmt::format("{} {}", made.change_id != 0 ? "payment_due" : "changed", made.comes_back),
            tx.now() + accounts::submission_life);
      return made;
    };
    registration::StartedChange started;
    try {
      started = co_await site.db.write(visit.conference->id, "change order", change);
    } catch (const Refused& reason) {
      refused = reason;
    }
    if (!refused && started.change_id != 0)
      co_return see_other(order_url(site, request, OrderLink::pay), "payment_due");
    if (!refused) {
      if (started.comes_back > 0) {
        web::flash(request, "success",
                   tr(request, "Your order was changed. {amount} goes back to you.",
                      {{"amount", money_text(request, started.comes_back)}}));
      } else {
        web::flash(request, "success", tr(request, "Your order was changed."));
      }
      co_return see_other(order_url(site, request, OrderLink::detail), "changed");
    }
  }
  if (!refused) {
    registration::ChangePlan plan;
    auto look = [&](db::Tx& tx) { return registration::preview_change(tx, site.shop, order->order, wanted); };
    try {
      plan = co_await site.db.read(look);
    } catch (const Refused& reason) {
      refused = reason;
    }
    if (!refused) {
      const Review review{plan, order->order.total + plan.difference() - order->paid};
      co_return change_page(site, request, *order, &review, {}, 200, "review");
    }
  }
  faults.push_back({"", tr(request, *refused)});
  co_return change_page(site, request, *order, nullptr, std::move(faults), 422, refused->code());
}

}  // namespace

Task<web::Response> cancel_order(Site& site, web::Request& request) {
  if (!web::is_safe(request.method())) co_return co_await do_cancel(site, request);
  const OrderPage& order = found_order(request);
  co_return cancel_page(site, request, order, {}, 200, "");
}

Task<web::Response> change_order(Site& site, web::Request& request) {
  if (!web::is_safe(request.method())) co_return co_await review_or_change(site, request);
  const OrderPage& order = found_order(request);
  co_return change_page(site, request, order, nullptr, {}, 200, "");
}

Task<web::Response> resend_order(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const registration::Visitor visitor = visit.visitor(request, site.settings.security);
  auto fn = [&](db::Tx& tx) {
    const std::optional<registration::Order> order = find_order(tx, request, visit);
    if (!order) throw NotFound("no such order");
    if (order->status != OrderStatus::paid && order->status != OrderStatus::partially_refunded) return false;
    const auto rates = registration::order_mail_rates(site.shop, visitor, order->email_normalized);
    if (accounts::count_rate(tx, registration::order_mail_rate, rates))
      throw Refused("too_many_mails",
                    "Many mails were sent for this order within the last hour. Please wait a while and try "
                    "again.");
    registration::mail_confirmation_again(tx, *order);
    return true;
  };
  std::optional<Refused> refused;
  bool sent = false;
  try {
    sent = co_await site.db.write(visit.conference->id, "resend order", fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) web::flash(request, "error", tr(request, *refused));
  if (sent) web::flash(request, "success", tr(request, "The confirmation is on its way to you again."));
  co_return see_other(order_url(site, request, OrderLink::detail), refused ? std::string_view(refused->code())
                                                                   : sent  ? "mailed"
                                                                           : "");
}

}  // namespace plenary::site
