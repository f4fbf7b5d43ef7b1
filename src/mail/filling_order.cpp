#include "mail/filling.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/order_lines.hpp"
#include "domain/registration/seat_reminders.hpp"
#include "domain/registration/tax_words.hpp"
#include "i18n/countries.hpp"
#include "i18n/formats.hpp"
#include "i18n/languages.hpp"
#include "mail/line_name.hpp"
#include "mail/wording.hpp"

namespace plenary::mail {

using registration::Catalogue;
using templating::Value;

std::string Filling::money(std::int64_t minor, const Catalogue& catalogue, std::string_view code) const {
  const Currency currency = Currency::find(code).value_or(catalogue.currency);
  // Named, for a choice between the text and "" would be a copy that ends here.
  const std::string_view own = catalogue.currency_symbol;
  const std::string_view symbol = currency == catalogue.currency ? own : std::string_view();
  return i18n::money(content_.language, Money(minor, currency), symbol);
}

std::string Filling::moment(Instant at, const Catalogue& catalogue) const {
  return i18n::moment(content_.language, at, catalogue.zone);
}

void Filling::set_order(const registration::Order& order, const Catalogue& catalogue) {
  context_.set("order", this->order(order, catalogue));
  context_.set("seats", seats());
  context_.set("answers", answers());
  context_.set("open_seats",
               Value(static_cast<std::int64_t>(std::count_if(content_.seats.begin(), content_.seats.end(),
                                                             registration::waits_for_name))));
  context_.set("has_account", Value(content_.buyer_has_account));
  context_.set("is_sandbox", Value(order.is_sandbox));
  if (!content_.refund) return;
  context_.set("refund_amount", Value(money(content_.refund->amount, catalogue, content_.refund->currency)));
  context_.set("refund_to", Value(registration::to_text(content_.refund->destination)));
}

void Filling::set_transfer(const Transfer& transfer) {
  context_.set("transfer", Value::dict({{"holder", Value(transfer.holder)},
                                        {"iban", Value(transfer.iban)},
                                        {"bic", Value(transfer.bic)},
                                        {"bank", Value(transfer.bank)},
                                        {"reference", Value(transfer.reference)},
                                        {"note", Value(transfer.note)}}));
}

void Filling::set_payment(const registration::Payment& payment, const Catalogue& catalogue) {
  const std::string_view currency = content_.order ? std::string_view(content_.order->currency)
                                                   : std::string_view(catalogue.currency.code());
  context_.set("payment", Value::dict({{"amount", Value(money(payment.amount, catalogue, currency))},
                                       {"method", Value(registration::to_text(payment.method))},
                                       {"reference", Value(payment.reference)}}));
}

void Filling::set_credit(const registration::Credit& credit, const Catalogue& catalogue) {
  context_.set("credit",
               Value::dict({{"amount", Value(money(credit.amount, catalogue, credit.currency))},
                            {"left", Value(money(credit.remaining, catalogue, credit.currency))},
                            {"expires_at", Value(credit.expires_at ? moment(*credit.expires_at, catalogue)
                                                                   : std::string())},
                            {"order_reference", Value(content_.credit_order)}}));
  context_.set("credits_url", Value(page("registration:credits", {catalogue.conference.slug})));
}

void Filling::set_dispute(const Dispute& dispute, const Catalogue& catalogue) {
  context_.set("dispute",
               Value::dict({{"amount", Value(money(dispute.amount, catalogue, dispute.currency))},
                            {"reason", Value(dispute.reason)},
                            {"respond_by", Value(dispute.respond_by ? moment(*dispute.respond_by, catalogue)
                                                                    : std::string())}}));
}

std::string Filling::order_page(std::string_view route, const registration::Order& order,
                                const Catalogue& catalogue) const {
  return page(route, {catalogue.conference.slug, order.reference,
                      registration::order_link_token(parts_.link_key, order.reference, order.link_version)});
}

std::vector<Value> Filling::discounts(const registration::OrderLine& line, const registration::Order& order,
                                      const Catalogue& catalogue) const {
  std::vector<Value> rows;
  const auto add = [&](const std::string& name, std::int64_t minor) {
    if (minor != 0) rows.emplace_back(name + ": " + money(-minor, catalogue, order.currency));
  };
  add(line.condition_name, line.condition_discount);
  add(i18n::translated(content_.language, message("Voucher {code}"), {{"code", order.voucher_code}}),
      line.voucher_discount);
  return rows;
}

std::vector<Value> Filling::tax_rows(const std::vector<registration::TaxWords>& taxes, bool added,
                                     const registration::Order& order, const Catalogue& catalogue) const {
  std::vector<Value> rows;
  for (const registration::TaxWords& tax : taxes) {
    if (tax.counts != added) continue;
    const std::string rate = i18n::number(content_.language, tax.rate);
    const std::string shown = tax.amount ? money(*tax.amount, catalogue, order.currency) : std::string();
    rows.push_back(
        Value::dict({{"label", Value(i18n::translated(content_.language, tax.text, {{"rate", rate}}))},
                     {"amount", Value(shown)},
                     {"legal_text", Value(tax.legal_text)}}));
  }
  return rows;
}

std::string Filling::address(const registration::Billing& billing) const {
  std::string line;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) line += (line.empty() ? "" : ", ") + part;
  };
  add(shown_name(billing.street));
  std::string city = shown_name(billing.postcode);
  const std::string name = shown_name(billing.city);
  if (!name.empty()) city += (city.empty() ? "" : " ") + name;
  add(city);
  add(shown_name(billing.region));
  if (!billing.country.empty()) add(i18n::country_name(content_.language, billing.country));
  return line;
}

Value Filling::order(const registration::Order& order, const Catalogue& catalogue) const {
  const auto amount = [&](std::int64_t minor) { return Value(money(minor, catalogue, order.currency)); };
  std::vector<Value> lines;
  for (const registration::OrderLine& line : registration::lines_left(order.lines)) {
    lines.push_back(Value::dict({{"description", Value(line_name(content_.language, line.description))},
                                 {"quantity", Value(line.quantity)},
                                 {"discounts", Value::list(discounts(line, order, catalogue))},
                                 {"total", amount(line.line_total)}}));
  }
  const auto taxes = registration::tax_words(registration::tax_sums(order.lines));
  const std::optional<Instant> until = content_.balance_until             ? content_.balance_until
                                       : order.hold_is_live(content_.now) ? order.hold_expires_at
                                                                          : std::nullopt;
  const bool is_live = until.has_value();
  const Instant ends = until.value_or(content_.now);
  // Paid before, and dearer since.
  const bool is_open = (order.status == registration::OrderStatus::paid ||
                        order.status == registration::OrderStatus::partially_refunded) &&
                       order.total > content_.paid;
  const bool is_sold = order.status != registration::OrderStatus::cancelled;
  const std::int64_t due =
      content_.balance_until ? content_.balance : std::max<std::int64_t>(order.total - content_.paid, 0);
  const auto going_to = [&](registration::RefundDestination destination) {
    std::int64_t sum = 0;
    for (const registration::Refund& refund : content_.refunds)
      if (refund.destination == destination) sum += refund.amount;
    return sum > 0 ? amount(sum) : Value("");
  };
  using registration::RefundDestination;
  // Begun days count: on the last one, one day is left.
  constexpr std::int64_t a_day = Duration::days(1).micros;
  const std::int64_t left = is_live ? ends.micros - content_.now.micros : 0;
  return Value::dict(
      {{"reference", Value(order.reference)},
       {"status", Value(registration::to_text(order.status))},
       {"url", Value(order_page("registration:order-secret", order, catalogue))},
       {"pay_url", Value(is_live || is_open ? order_page("registration:order-secret-pay", order, catalogue)
                                            : std::string())},
       {"lapses_at", Value(is_live ? moment(ends, catalogue) : std::string())},
       {"lapses_at_clock",
        Value(is_live ? i18n::clock(content_.language, ends, catalogue.zone) : std::string())},
       {"lapses_on",
        Value(is_live ? i18n::day(content_.language, catalogue.zone.local(ends).date) : std::string())},
       {"days_left", Value((left + a_day - 1) / a_day)},
       {"manage_url", Value(content_.dispute ? page("manage:order-detail",
                                                    {catalogue.conference.slug, std::to_string(order.id)})
                                             : std::string())},
       {"created_at", Value(moment(order.created_at, catalogue))},
       {"lines", Value::list(std::move(lines))},
       {"subtotal", amount(order.subtotal)},
       {"discount", order.discount > 0 ? amount(-order.discount) : Value("")},
       {"added_taxes", Value::list(tax_rows(taxes, true, order, catalogue))},
       {"contained_taxes", Value::list(tax_rows(taxes, false, order, catalogue))},
       {"total", amount(order.total)},
       {"due", amount(due)},
       {"is_due", Value(is_open)},
       {"still_due", (is_live || is_open) && due > 0 ? amount(due) : Value("")},
       {"to_card", going_to(RefundDestination::card)},
       {"to_credit", going_to(RefundDestination::credit)},
       {"to_transfer", going_to(RefundDestination::manual)},
       {"gone_back", content_.gone_back > 0 ? amount(content_.gone_back) : Value("")},
       {"kept", is_sold && order.total > 0 ? amount(order.total) : Value("")},
       {"name", Value(shown_name(order.billing.name))},
       {"email", Value(order.billing.email)},
       {"company", Value(shown_name(order.billing.company))},
       {"address", Value(address(order.billing))},
       {"vat_id", Value(order.billing.vat_id)},
       {"own_reference", Value(shown_name(order.billing.reference))},
       {"conference_name", Value(catalogue.conference.name)},
       {"is_free", Value(order.total == 0)},
       {"is_sandbox", Value(order.is_sandbox)}});
}

std::string Filling::ticket_name(registration::Id ticket_type_id) const {
  const registration::TicketType* type = content_.catalogue->ticket_type(ticket_type_id);
  return type ? type->name : in_language("Ticket");
}

Value Filling::seats() const {
  std::vector<Value> seats;
  for (const registration::Seat& seat : content_.seats) {
    seats.push_back(Value::dict({{"position", Value(seat.position)},
                                 {"ticket", Value(ticket_name(seat.ticket_type_id))},
                                 {"name", Value(shown_name(seat.name))},
                                 {"access_code", Value(seat.access_code)},
                                 {"is_open", Value(registration::waits_for_name(seat))}}));
  }
  return Value::list(std::move(seats));
}

Value Filling::answers() const {
  const auto title = [&](std::int64_t position) {
    if (position == 0) return in_language(message("Your order"));
    const registration::TicketType* type = nullptr;  // one that is gone has no name
    for (const registration::Seat& seat : content_.seats)
      if (seat.position == position) type = content_.catalogue->ticket_type(seat.ticket_type_id);
    if (!type)
      return i18n::translated(content_.language, message("Ticket {n}"), {{"n", std::to_string(position)}});
    return i18n::translated(content_.language, message("Ticket {position}: {type}"),
                            {{"position", std::to_string(position)}, {"type", type->name}});
  };
  const auto shown = [&](const registration::KeptAnswer& answer) {
    if (answer.kind == registration::QuestionKind::country)
      return i18n::country_name(content_.language, answer.value);
    if (answer.kind == registration::QuestionKind::consent) return in_language(message("Yes"));
    if (answer.kind == registration::QuestionKind::date)
      if (const auto date = Date::parse(answer.value)) return i18n::day(content_.language, *date);
    return answer.shown;
  };
  std::vector<Value> groups, rows;
  const std::vector<registration::KeptAnswer>& all = content_.answers;
  for (std::size_t i = 0; i < all.size(); ++i) {
    rows.push_back(Value::dict({{"text", Value(all[i].text)}, {"shown", Value(shown(all[i]))}}));
    if (i + 1 < all.size() && all[i + 1].position == all[i].position) continue;
    groups.push_back(Value::dict({{"title", Value(content_.seat ? std::string() : title(all[i].position))},
                                  {"answers", Value::list(std::move(rows))}}));
    rows.clear();
  }
  return Value::list(std::move(groups));
}

}  // namespace plenary::mail
