#include "domain/registration/payment_fees.hpp"

#include <array>

#include "base/errors.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/fee_names.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/pricing.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_changes.hpp"
#include "domain/registration/taxes.hpp"

namespace plenary::registration {
namespace {

// Of what is paid, half up, beside the fixed part; before tax where the tax comes on top.
std::int64_t fee_of(const PaymentSetup& setup, PayWay way, std::int64_t amount) {
  if (amount <= 0) return 0;
  const bool by_card = way == PayWay::card;
  const std::int64_t fixed = by_card ? setup.card_fee_amount : setup.transfer_fee_amount;
  const std::int64_t rate = millionths(by_card ? setup.card_fee_percent : setup.transfer_fee_percent);
  const __int128 part = static_cast<__int128>(amount) * rate;
  constexpr std::int64_t whole = 1'000'000;
  return fixed + static_cast<std::int64_t>((part + whole / 2) / whole);
}

std::optional<OrderLine> line_for(const Catalogue& catalogue, const Order& order, PayWay way,
                                  std::int64_t fee) {
  const std::array<Fee, 1> fees{{{fee_name(way), fee, catalogue.payment.fee_tax_rule_id}}};
  if (fees[0].amount <= 0) return std::nullopt;
  PricingInput input;
  input.party = {order.billing.is_business, order.billing.country, order.vat_confirmed};
  input.fees = fees;
  const Quote quoted = quote(catalogue, input);
  return line_of(quoted.lines.at(0));
}

std::optional<OrderLine> priced(const Catalogue& catalogue, const Order& order, PayWay way,
                                std::int64_t amount) {
  return line_for(catalogue, order, way, fee_of(catalogue.payment, way, amount));
}

// As it was announced, whatever the set-up says by now; its tax terms are today's.
std::optional<OrderLine> announced(const Catalogue& catalogue, const Order& order, PayWay way,
                                   std::int64_t gross) {
  auto line = line_for(catalogue, order, way, gross);
  if (line && line->gross != gross) line = fee_line(*line, fee_name(way), gross);
  return line;
}

std::vector<OrderLine> fee_lines(const Order& order) {
  std::vector<OrderLine> lines = lines_left(order.lines);
  std::erase_if(lines, [](const OrderLine& line) { return line.kind != LineKind::fee; });
  return lines;
}

// Of an order that is not sold: no stock and nothing in the ledger hangs on a fee.
bool exchange(db::Tx& tx, Order& order, const std::vector<OrderLine>& before,
              const std::optional<OrderLine>& after, const Cause& cause) {
  const bool is_same = after ? before.size() == 1 && before[0].gross == after->gross &&
                                   before[0].tax == after->tax && before[0].description == after->description
                             : before.empty();
  if (is_same) return false;
  std::vector<OrderLine> lines;
  for (const OrderLine& line : before) lines.push_back(reversal_of(line, line.quantity));
  if (after) lines.push_back(*after);
  std::vector<OrderLine> all = order.lines;
  for (const OrderLine& line : lines) {
    store::add_line(tx, order.id, line);
    all.push_back(line);
  }
  store::set_order_sums(tx, order.id, sums_of(all));
  store::insert_event(tx, order.id, to_text(order.status), to_text(order.status),
                      {cause.source, cause.actor, std::string(fee_reason)});
  const bool tells_buyer = order.tells_buyer;
  order = find_order(tx, order.id).value();
  order.tells_buyer = tells_buyer;
  return true;
}

}  // namespace

const char* fee_name(PayWay way) {
  return way == PayWay::card ? message("Fee for paying by card") : message("Fee for bank transfer");
}

const char* cancellation_fee_name() {
  return message("Cancellation fee");
}

bool is_fee_text(std::string_view description) {
  return description == cancellation_fee_name() || description == fee_name(PayWay::card) ||
         description == fee_name(PayWay::transfer);
}

std::int64_t payment_fee(const Catalogue& catalogue, const Order& order, PayWay way, std::int64_t amount) {
  const auto line = priced(catalogue, order, way, amount);
  return line ? line->gross : 0;
}

std::int64_t payment_fee_in(const Order& order) {
  if (order.status != OrderStatus::pending && order.status != OrderStatus::cancelled) return 0;
  std::int64_t sum = 0;
  for (const OrderLine& line : fee_lines(order)) sum += line.gross;
  return sum;
}

std::int64_t due_without_fee(const Order& order, std::int64_t paid) {
  return order.total - payment_fee_in(order) - paid;
}

std::shared_ptr<const Catalogue> catalogue_now(db::Tx& tx, const Shop& shop, Id conference_id) {
  const auto state = conference::find_state(tx, conference_id);
  if (!state) throw NotFound("no such conference");
  return shop.catalogues.at(tx, conference_id, state->catalogue_version);
}

bool set_payment_fee(db::Tx& tx, const Catalogue& catalogue, Order& order, std::optional<PayWay> way,
                     const Cause& cause) {
  if (!order.hold_is_live(tx.now())) return false;
  const std::vector<OrderLine> before = fee_lines(order);
  const bool may_cost = way && fee_of(catalogue.payment, *way, order.total) > 0;
  if (before.empty() && !may_cost) return false;  // most conferences: nothing is asked
  const store::PaidSoFar paid = store::paid_so_far(tx, order.id);
  if (paid.processing) return false;
  const std::int64_t due = due_without_fee(order, paid.amount);
  if (due <= 0) return false;
  std::optional<OrderLine> after;
  if (way) after = priced(catalogue, order, *way, due);
  return exchange(tx, order, before, after, cause);
}

bool set_known_fee(db::Tx& tx, const Catalogue& catalogue, Order& order, PayWay way, std::int64_t gross,
                   const Cause& cause) {
  if (order.status != OrderStatus::pending && order.status != OrderStatus::cancelled) return false;
  const std::vector<OrderLine> before = fee_lines(order);
  const bool is_there =
      before.size() == 1 && before[0].gross == gross && before[0].description == fee_name(way);
  if (is_there) return false;
  return exchange(tx, order, before, announced(catalogue, order, way, gross), cause);
}

namespace {

void add_to_sold(db::Tx& tx, const Shop& shop, Order& order, OrderLine line, const Cause& cause) {
  std::vector<PlannedLine> additions;
  additions.push_back({std::move(line), 0});
  const ChangeBasis basis = load_change_basis(tx, shop, order);
  const ChangePlan plan = plan_lines(basis, order, {}, std::move(additions));
  WritingOfChange writing{{cause.source, cause.actor, std::string(fee_reason)}};
  writing.event.reset();  // the payment tells
  write_change(tx, shop, basis, order, plan, writing);
}

}  // namespace

std::int64_t add_balance_fee(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, Order& order,
                             PayWay way, std::int64_t balance, const Cause& cause) {
  auto line = priced(catalogue, order, way, balance);
  if (!line) return 0;
  const std::int64_t fee = line->gross;
  add_to_sold(tx, shop, order, std::move(*line), cause);
  return fee;
}

void add_transfer_fee(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, Order& order,
                      std::int64_t gross, const Cause& cause) {
  if (auto line = announced(catalogue, order, PayWay::transfer, gross))
    add_to_sold(tx, shop, order, std::move(*line), cause);
}

}  // namespace plenary::registration
