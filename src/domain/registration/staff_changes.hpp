// What staff correct in an order for its buyer, whatever time has passed: the address of mail, the billing
// details, the secret link; and what a change of its lines would do, before it is made. What documents say
// already changes by a correction of the documents alone.
// Functions of a transaction: one thread at a time, in the conference's lane; Refused before anything is
// written. Each leaves an event in the order's history. source: registration 20, D29; staff pages 70, 14.39.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/signing.hpp"
#include "domain/registration/billing_change.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/refunds.hpp"

namespace plenary::registration {

// The link so far is void and the new one goes to the new address. `version` as the page showed the order.
// Refused: invalid_email, same_email, changed_meanwhile.
void correct_email_by_staff(db::Tx& tx, const SigningKey& key, Order& order, std::string_view email,
                            std::int64_t version, const Cause& cause);

// Whoever has the link so far sees nothing any more; the new one is mailed to the order's address, if it has
// one. Refused: changed_meanwhile.
void replace_link(db::Tx& tx, const SigningKey& key, Order& order, std::int64_t version, const Cause& cause);

// What a change takes of something that can run out, or frees. `name`: empty for the conference as a whole.
struct StockEffect {
  StockKind kind = StockKind::conference;
  std::string name;
  std::int64_t quantity = 0;         // above zero is taken, below is freed
  std::optional<std::int64_t> left;  // as it is now; nothing: no limit
  bool is_short() const { return quantity > 0 && left && *left < quantity; }
};
struct GoingSeat {
  std::int64_t position = 0;
  std::string name;
  bool is_checked_in = false;
};
struct StaffPreview {
  ChangePlan plan;
  OrderMoney money;  // as it is after the change: due(), to_refund()
  std::vector<StockEffect> stock;
  std::vector<GoingSeat> going;    // tickets that open no door any more
  std::vector<std::string> asked;  // what is asked only since the change: labels, each once
  // Everything that is asked where something new is, the order's or a ticket's: as it stands afterwards, new
  // tickets with the positions that they will have. The places point into `catalogue`.
  OrderUnits bought;
  std::vector<QuestionPlace> questions;
  std::shared_ptr<const Catalogue> catalogue;
  std::optional<Refused> why_not;  // change_by_staff would refuse it for this
};
// Reads alone. Refused where what is wanted cannot be planned: see plan_change; "no_change"; "no_seat".
StaffPreview preview_by_staff(db::Tx& tx, const Shop& shop, const Order& order, const WantedChange& wanted);

// Answers that come with the change, as the form of `questions` has them: what is wrong with them. A question
// may stay open, for the buyer.
std::vector<Refused> check_answers_of_change(const StaffPreview& preview, std::span<const GivenAnswer> given);
// Behind change_by_staff, in its write, of the preview that was made before it. Positions of which nothing
// was sent stay as they are. Throws, and so undoes the change, where a file is gone.
void answer_with_change(db::Tx& tx, const StaffPreview& preview, const Order& order,
                        std::span<const GivenAnswer> given, std::string_view actor);

// What becomes of what was paid too much, in the write of a change by staff: nothing is done when there is
// none. Its amount. Refused: see refund.
std::int64_t return_difference(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                               RefundAsked asked, const Cause& cause);

// Answers of one position anew, as questions.hpp's change_answers: no deadline binds staff, the rules of the
// questions do. `actor`: who it was. Refused: not_changeable (of an order that is over).
bool may_change_answers_by_staff(const Order& order);
std::vector<Refused> change_answers_by_staff(db::Tx& tx, const Catalogue& catalogue, const Order& order,
                                             std::int64_t position, std::span<const GivenAnswer> given,
                                             std::string_view actor);

// Mail that somebody asks for again.
enum class AskedMail { link, confirmation };
// Refused: no_address (the order has none), not_paid (only a paid order has a confirmation).
void mail_again(db::Tx& tx, const Order& order, AskedMail what);

}  // namespace plenary::registration
