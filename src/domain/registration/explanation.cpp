// The decisions of the pricing engine in words: one for each reason of a line, in their order.
#include <cstdlib>

#include "base/amounts.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/pricing.hpp"

namespace plenary::registration {
namespace {

const Condition* condition_of(const Catalogue& catalogue, Id id) {
  for (const DiscountRule& rule : catalogue.discounts)
    if (rule.condition.id == id) return &rule.condition;
  return nullptr;
}

const char* refused_discount(Verdict verdict) {
  switch (verdict) {
    case Verdict::not_now:
      return message("{name}: not at this time.");
    case Verdict::used_up:
      return message("{name}: all of it is used up.");
    case Verdict::another_applies:
      return message("{name}: another discount applies already.");
    case Verdict::needs_sign_in:
      return message("{name}: only known after signing in.");
    case Verdict::not_a_speaker:
      return message("{name}: for speakers, and your account is not linked to a talk.");
    case Verdict::not_in_group:
      return message("{name}: your account is not in its group.");
    case Verdict::not_bought:
      return message("{name}: for who has bought one of its tickets before.");
    default:
      return message("{name}: nothing is left that it could take off.");
  }
}

Explanation of_discount(const Catalogue& catalogue, const QuoteLine& line, const Reason& reason) {
  const Condition* condition = condition_of(catalogue, reason.rule_id);
  Explanation e;
  e.arguments = {{"name", condition ? condition->name : line.condition_name}};
  e.grants = reason.verdict == Verdict::granted || reason.verdict == Verdict::partly;
  if (!e.grants) {
    e.text = refused_discount(reason.verdict);
    return e;
  }
  e.arguments.emplace_back("amount", catalogue.display(reason.amount));
  e.arguments.emplace_back("units", std::to_string(reason.units));
  e.arguments.emplace_back("quantity", std::to_string(line.quantity));
  const bool percent = condition && (condition->discount_type == DiscountType::percentage ||
                                     condition->kind == ConditionKind::category_discount);
  if (percent) e.arguments.emplace_back("percent", condition->percent.normalized().to_string());
  if (reason.verdict == Verdict::partly)
    e.text = percent ? message("{name}: {percent} % off {units} of {quantity}: {amount} less.")
                     : message("{name}: off {units} of {quantity}: {amount} less.");
  else
    e.text = percent ? message("{name}: {percent} % off: {amount} less.") : message("{name}: {amount} less.");
  return e;
}

Explanation of_voucher(const Catalogue& catalogue, const QuoteLine& line, const Reason& reason,
                       const AppliedVoucher* voucher) {
  Explanation e;
  e.arguments = {{"code", voucher ? voucher->voucher.code : std::string()}};
  switch (reason.verdict) {
    case Verdict::granted:
    case Verdict::partly:
      e.grants = true;
      e.arguments.emplace_back("amount", catalogue.display(reason.amount));
      e.arguments.emplace_back("units", std::to_string(reason.units));
      e.arguments.emplace_back("quantity", std::to_string(line.quantity));
      e.text = reason.verdict == Verdict::partly
                   ? message("Voucher {code}: {amount} less, for {units} of {quantity}.")
                   : message("Voucher {code}: {amount} less.");
      break;
    case Verdict::other_product:
      e.text = message("Voucher {code}: not for this product.");
      break;
    case Verdict::not_valid:
      e.text = message("Voucher {code}: it can no longer be used.");
      break;
    case Verdict::used_up:
      e.text = message("Voucher {code}: used for the dearer tickets, or its budget is spent.");
      break;
    default:
      e.text = message("Voucher {code}: nothing is left to pay.");
      break;
  }
  return e;
}

Explanation of_tax(const Catalogue& catalogue, const QuoteLine& line, const Reason& reason) {
  Explanation e;
  const AppliedTax& tax = line.applied_tax;
  e.grants = reason.verdict != Verdict::not_confirmed;
  e.arguments = {{"name", tax.rule ? tax.rule->rule.name : std::string()},
                 {"percent", percent_of(tax.rate).to_string()},
                 {"amount", catalogue.display(reason.amount)},
                 {"text", std::string(tax.text)}};
  switch (reason.verdict) {
    case Verdict::included:
      e.text = message("{name}: {percent} % is in the price: {amount}.");
      break;
    case Verdict::added:
      e.text = message("{name}: {percent} % is added: {amount}.");
      break;
    case Verdict::owed_by_buyer:
      e.text = message("{name}: you owe the tax in your country. {text}");
      break;
    case Verdict::exempt:
      e.text = message("{name}: exempt. {text}");
      break;
    default:
      e.text = message("{name}: charged, as the VAT number is not confirmed.");
      break;
  }
  return e;
}

}  // namespace

std::vector<Explanation> explain(const Catalogue& catalogue, const Quote&, const QuoteLine& line,
                                 const AppliedVoucher* voucher) {
  std::vector<Explanation> explanations;
  for (const Reason& reason : line.reasons) {
    switch (reason.decider) {
      case Decider::discount:
        explanations.push_back(of_discount(catalogue, line, reason));
        break;
      case Decider::voucher:
        explanations.push_back(of_voucher(catalogue, line, reason, voucher));
        break;
      case Decider::tax:
        explanations.push_back(of_tax(catalogue, line, reason));
        break;
    }
  }
  return explanations;
}

std::optional<Explanation> explain(const Catalogue& catalogue, const PlannedLine& planned) {
  if (!planned.swap || planned.swap->bought_for == planned.swap->after) return std::nullopt;
  const SwapPrices& prices = *planned.swap;
  const std::int64_t more = swap_difference(prices);
  Explanation e;
  e.grants = more != 0;
  const auto amount = [&](std::int64_t minor) {
    return marked(Money(minor, catalogue.currency), catalogue.currency_symbol);
  };
  e.arguments = {{"amount", amount(std::abs(more))},
                 {"after", amount(prices.after)},
                 {"before", amount(prices.before)},
                 {"paid", amount(prices.bought_for)}};
  if (more > 0)
    e.text = message(
        "{amount} more each: today this kind costs {after} and the one before {before}, which was bought for "
        "{paid}.");
  else if (more < 0)
    e.text = message(
        "{amount} less each: today this kind costs {after} and the one before {before}, which was bought for "
        "{paid}.");
  else
    e.text = message(
        "The price stays: today this kind costs {after} and the one before {before}, which was "
        "bought for {paid}.");
  return e;
}

}  // namespace plenary::registration
