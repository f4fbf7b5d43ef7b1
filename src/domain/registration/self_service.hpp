// What buyers do themselves with their orders: cancel by the conference's policy, with a preview; change
// variations and add-ons. A change that costs more waits for its payment, holding what it needs, and lapses
// with its time. Functions of a transaction: one thread at a time, in the conference's lane. source:
// registration 20, 11 and D33; docs/orders.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/decimal.hpp"
#include "db/entity.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/refunds.hpp"

namespace plenary::registration {

// ---- cancelling

// The larger of the two is kept.
struct CancellationFee {
  Decimal percent = {};     // of what was paid for what the order is worth
  std::int64_t amount = 0;  // minor units
};
// What a cancellation keeps and gives back, whoever cancels. A fee is kept of money alone: not of what was
// waived, and not of what was owed back anyway. Orders that were never sold cost none.
struct CancellationMoney {
  std::int64_t most_fee = 0;
  std::int64_t fee = 0, comes_back = 0;
};
CancellationMoney money_of_cancellation(const Order& order, const OrderMoney& money,
                                        const CancellationFee& fee);

struct CancelPreview {
  bool is_possible = false;
  std::optional<Refused> why_not;
  std::int64_t comes_back = 0, kept = 0;  // minor units
  bool to_credit = false;
  std::optional<Instant> until;  // of a paid order
};
CancelPreview preview_cancellation(db::Tx& tx, const Catalogue& catalogue, const Order& order);

// By the buyer. `version` and `comes_back` as the preview showed them; others refuse ("changed_meanwhile").
// An unpaid order: as orders.hpp's cancel.
void cancel_by_buyer(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                     std::int64_t version, std::int64_t comes_back, const Cause& cause);

struct StaffCancellation {
  std::int64_t fee = 0;                                                  // kept of what was paid
  enum class Money { original, credit, later } money = Money::original;  // later: noted as owed
  std::string reason = {};                                               // told to the buyer
  std::optional<Id> created_by = {};
  bool tells_buyer = true;  // by order_cancelled; false: another letter does
};
void cancel_by_staff(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                     const StaffCancellation& cancellation, std::int64_t version, const Cause& cause);

// ---- changing

// Until when the buyer may change the order. Nothing: not now; the text of `why_not` says why.
struct ChangeOffer {
  bool is_possible = false;
  std::optional<Refused> why_not;
  std::optional<Instant> until;
};
ChangeOffer change_offer(const Catalogue& catalogue, const Order& order, Instant now);

// What the buyer may want: variations of lines, numbers of add-ons. Refused: the first rule that is broken.
ChangePlan preview_change(db::Tx& tx, const Shop& shop, const Order& order, const WantedChange& wanted);

enum class ChangeStatus { waiting, applied, lapsed };
std::string_view to_text(ChangeStatus);
struct OrderChange {
  Id id = 0, order_id = 0, conference_id = 0;
  ChangeStatus status = ChangeStatus::waiting;
  std::string wanted;
  std::int64_t difference = 0;  // minor units, above zero
  std::int64_t order_version = 0;
  Instant expires_at, created_at;
};
const db::Entity<OrderChange>& order_change_table();

struct StartedChange {
  std::int64_t to_pay = 0;      // with what was due before; the change waits for it
  std::int64_t comes_back = 0;  // by the conference's cancel_refund
  Id change_id = 0;             // 0: it is applied
};
// `version` and `difference` as the review showed them. Another waiting change of the order lapses.
StartedChange change_by_buyer(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                              const WantedChange& wanted, std::int64_t version, std::int64_t difference,
                              const Cause& cause);
// The live one, if any.
std::optional<OrderChange> waiting_change(db::Tx& tx, Id order_id);
void drop_change(db::Tx& tx, const OrderChange& change);
// It waits until then, never shorter than before, and what it needs is held as long. It must be live.
void keep_change(db::Tx& tx, const OrderChange& change, Instant until);
// Its payment is there: it costs what it did when it was wanted. Refused: the order's lines or its prices
// changed meanwhile ("changed_meanwhile"), or what it needs is gone ("sold_out").
void finish_change(db::Tx& tx, const Shop& shop, Order& order, const OrderChange& change, const Cause& cause);
// Waiting ones whose time is over; how many.
std::int64_t lapse_changes(db::Tx& tx, Id conference_id, int limit);

// ---- what happened to an order, in plain words

struct HistoryEntry {
  Instant at;
  std::string text;  // English, with {name} places
  Refused::Arguments arguments = {};
  std::vector<std::string> details = {};  // lines that came and went: "− 1 × T-shirt, M"
};
std::vector<HistoryEntry> order_history(db::Tx& tx, const Catalogue& catalogue, const Order& order);

}  // namespace plenary::registration
