// Money that staff take in or let go: payments by hand, waived balances, sales at the desk, and the transfers
// that go back by hand. Functions of a transaction, in the conference's lane, with the order read in it: of
// two clerks exactly one completes an order, the other is refused with what is due by then. Refused is thrown
// before anything is written, but where said. source: payments 21, 5.2, 5.3 and 10.2; staff pages 70, 11.5.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/signing.hpp"
#include "base/time.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/staff_orders.hpp"

namespace plenary::registration {

// How the money came. card_reader: one that is not connected to Plenary; its receipt's number is the
// reference.
enum class ManualChannel { transfer, cash, cheque, card_reader };
std::string_view to_text(ManualChannel);  // as stored in payment.channel
std::optional<ManualChannel> manual_channel(std::string_view text);

// An IBAN without blanks, in capitals; nothing when its check digits or its length are wrong.
std::optional<std::string> checked_iban(std::string_view typed);

struct ManualPayment {
  std::int64_t amount = 0;  // minor units of the order's currency
  ManualChannel channel = ManualChannel::transfer;
  std::optional<Date> received_on = {};   // the value date; nothing: today, as the conference's zone has it
  std::string reference = {}, note = {};  // at most 200 and 2000 characters
  std::string payer_name = {},
              payer_iban = {};        // of a transfer, where the statement says; for paying it back
  std::optional<Id> created_by = {};  // staff
  // What is paid above the balance becomes a store credit of the buyer's account; without this it is refused.
  bool excess_as_credit = false;
  // The hash of the form's one-use token (site::Submission::hash): a second submit does nothing and answers
  // as the first did. Empty: none.
  std::string token = {};
};

struct MoneyIn {
  Id payment_id = 0;
  std::int64_t credited = 0;   // of it, as store credit
  std::int64_t due = 0;        // of the order, afterwards
  std::int64_t owed_back = 0;  // came in for nothing; to be paid back by hand
  bool became_paid = false;    // the order, by this payment
  bool is_repeat = false;      // the token was used before; nothing was done
};

// What can be taken for the order now: a pending order's balance, what is due of one that was sold; 0:
// nothing. A change by the buyer that waits for its payment (self_service.hpp) is not part of it, nor is the
// fee for cards. That for transfers is, once the buyer chose one.
std::int64_t payable_by_hand(db::Tx& tx, const Catalogue& catalogue, const Order& order);

// Takes a payment: a pending order becomes paid when it is covered, and its hold is cleared; otherwise it
// stays pending and its hold keeps running. When the hold has elapsed, stock is checked as at checkout.
// Refused, with field where one is to blame: not_payable (naming the status), amount (not above zero),
// above_balance (telling the balance), no_account (excess of a guest), payment_running (a card payment is
// being processed), hold_elapsed (the tickets were sold to others; or a part of the balance, when the hold is
// over), received_on (in the future), reference, note (too long).
MoneyIn record_manual_payment(db::Tx& tx, const Shop& shop, Order& order, const ManualPayment& payment,
                              const Cause& cause);

// The same for money that is on the account already, whatever became of the order: the decision table of
// 21, 10.2. Nothing is refused for its status: what the order does not need is owed back (`owed_back`: a
// refund to be paid out by hand for orders that never need it, else the note "refund due" for staff), an
// elapsed order comes alive when there is room. Refused: amount, no_account, reference, note alone.
MoneyIn take_transfer(db::Tx& tx, const Shop& shop, Order& order, const ManualPayment& payment,
                      const Cause& cause);

struct Waiver {
  std::string note;  // why; required
  std::optional<Id> created_by = {};
  std::string token = {};  // as above
};
// A complimentary payment of exactly what is due: a pending order becomes paid. It is no money: it never goes
// back and reports show it apart. Refused: not_payable, payment_running, hold_elapsed, note.
MoneyIn waive_balance(db::Tx& tx, const Shop& shop, Order& order, const Waiver& waiver, const Cause& cause);

struct DeskSale {
  std::vector<StaffItem> items;    // at least one
  std::optional<Id> user_id = {};  // the buyer's account, when known
  Billing buyer;                   // a name; an address of mail, or none: then nothing is mailed
  ManualChannel channel = ManualChannel::cash;
  std::optional<std::int64_t> received = {};     // of cash, for the change; not stored beyond the note
  std::optional<std::int64_t> shown_total = {};  // what the clerk has seen
  std::string reference = {}, note = {};
  std::optional<Id> created_by = {};
  const SigningKey* link_key = nullptr;  // never null
  std::string language = "en";
  bool is_sandbox = false;
  std::string token = {};  // as above
};
struct DeskSold {
  Id order_id = 0, payment_id = 0;  // payment 0: nothing was due
  std::int64_t total = 0, change = 0;
  bool is_repeat = false;
};
// Order, payment and seats in one write, by today's prices and the stock's rules (staff_orders.hpp). A free
// order is paid by a complimentary payment. Refused: empty, name, email, sold_out, quantity, price_changed
// (it is not what was shown), received (less than the total, telling it), reference, note. `catalogue` was
// read in this transaction. sold_out_meanwhile after something was written: let it undo the transaction.
DeskSold sell_at_desk(db::Tx& tx, const Shop& shop, const Catalogue& catalogue, const DeskSale& sale,
                      const Cause& cause);

// ---- what has to be paid out by hand

// A refund whose way back is a transfer or cash, as staff work through it.
struct PayOut {
  Id refund_id = 0, order_id = 0, payment_id = 0;
  std::string order_reference, name, email;  // of the order
  std::string channel;                       // of the payment
  std::string payment_reference;             // what the payer's bank said, or staff noted
  std::string account_name, iban;  // of who paid, from the statement that it came by; empty: unknown
  std::int64_t amount = 0;
  std::string currency, note;
  Instant created_at;
  bool is_test = false;  // of a test order: no money has to move
};
// Succeeded refunds with destination manual that nobody has paid out yet, oldest first, after `after_id`.
std::vector<PayOut> payouts_to_make(db::Tx& tx, Id conference_id, Id after_id = 0, int limit = 500);
// Their number and sum, and how many more are of test orders: no money moves for those.
struct PayOutSum {
  std::int64_t count = 0, amount = 0, test_count = 0;
};
PayOutSum payouts_open(db::Tx& tx, Id conference_id);
struct PaidOut {
  std::string reference = {};         // of the transfer; at most 200 characters
  std::optional<Id> created_by = {};  // staff
};
// Where to: kept with the payment. An empty `iban` takes it away. Refused("iban") when it is none. NotFound
// as below.
void set_payout_account(db::Tx& tx, Id conference_id, Id refund_id, std::string_view name,
                        std::string_view iban);
// False: it was paid out before. NotFound for a refund of another conference or way.
bool mark_paid_out(db::Tx& tx, Id conference_id, Id refund_id, const PaidOut& paid, const Cause& cause);

// ---- who else must know

// Called in the write in which an order stops needing the payments that are open at a provider (it was paid
// or waived by hand, or cancelled with its conference), so that they are cancelled after the commit. Register
// at start only; not thread-safe.
using OnNoLongerDue = std::function<void(db::Tx&, Id order_id)>;
void subscribe_no_longer_due(OnNoLongerDue subscriber);
void publish_no_longer_due(db::Tx& tx, Id order_id);

}  // namespace plenary::registration
