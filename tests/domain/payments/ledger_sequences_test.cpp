// Random sequences of everything that moves money of a conference: orders, cards, payments by hand,
// transfers, credits, waivers, changes, cancellations, refunds of each kind and those that fail, fees,
// disputes, payouts, credits that end. After every step the ledger is what its rows say, and its balances add
// up to zero. What chance need not reach, a second test does: each kind of step once, from a fixed opening.
#include <rapidcheck.h>

#include <fmt/format.h>

#include "domain/payments/disputes.hpp"
#include "domain/registration/changing.hpp"
#include "domain/registration/credit_expiry.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/provider_payments.hpp"

namespace plenary::payments {
namespace {

using namespace registration;
using registration::testing::addon;
using registration::testing::Changing;
using registration::testing::Fair;
using registration::testing::ticket;

enum class What {
  order,
  card,
  card_declined,
  by_hand,
  transfer,
  credit,
  waive,
  add,
  take_back,
  reprice,
  cancel_by_buyer,
  cancel_by_staff,
  refund,
  refund_to_credit,
  refund_by_hand,
  settle_refund,
  fail_refund,
  refund_at_provider,
  dispute,
  dispute_won,
  dispute_lost,
  fee,
  payout,
  gesture,
  time_passes,
  credits_end,
  way,
  term,
  end
};
constexpr std::array names{"order",
                           "card",
                           "card_declined",
                           "by_hand",
                           "transfer",
                           "credit",
                           "waive",
                           "add",
                           "take_back",
                           "reprice",
                           "cancel_by_buyer",
                           "cancel_by_staff",
                           "refund",
                           "refund_to_credit",
                           "refund_by_hand",
                           "settle_refund",
                           "fail_refund",
                           "refund_at_provider",
                           "dispute",
                           "dispute_won",
                           "dispute_lost",
                           "fee",
                           "payout",
                           "gesture",
                           "time_passes",
                           "credits_end",
                           "way",
                           "term"};
static_assert(names.size() == static_cast<std::size_t>(What::end));

struct Step {
  int what = 0, which = 0, amount = 0;
};
std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "{" << names.at(static_cast<std::size_t>(step.what)) << ", " << step.which << ", "
             << step.amount << "}";
}

class LedgerSequences : public Changing {
 protected:
  std::vector<Id> orders_;
  std::vector<Id> people_;
  int fairs_ = 0;               // opened so far
  int number_ = 0;              // of what a provider names, and of browsers
  SandboxGateway at_provider_;  // cards of Stripe's are asked after the commit, whatever is passed

  // A fair nobody has bought at yet. Every other one gives money back as credit, and takes a fee for
  // transfers.
  Fair& open_next() {
    for (const char* name : {"ada", "grace"}) {
      if (people_.empty()) open({});
      if (people_.size() < 2) people_.push_back(person(name));
    }
    Fair& fair =
        open({.slug = "fair" + std::to_string(++fairs_),
              .capacity = 30,
              .ticket_types = {ticket("individual", 11900, 12, 50), ticket("student", 5000, 12, 50)}});
    fair.shop.limits.enabled = false;
    offer_self_service(fairs_ % 2 ? "original" : "credit");
    orders_.clear();
    fair.write([&](db::Tx& tx) {
      PaymentSetup setup = payment_setup_of(tx, fair.conference_id);
      setup.offers_transfer = true;
      setup.account_holder = "Fair";
      setup.iban = "DE89370400440532013000";
      setup.card_fee_amount = 35;
      setup.card_fee_percent = Decimal(2);
      setup.transfer_fee_amount = fairs_ % 2 ? 0 : 150;
      save_payment_setup(tx, setup);
    });
    policy("start_date = '2027-09-14', end_date = '2027-09-16'");  // far enough for a transfer
    return fair;
  }

  template <class F>
  void with(Id order_id, F&& act) {
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      act(tx, order);
    });
  }
  std::string number(const char* prefix) { return fmt::format("{}_{}", prefix, ++number_); }

  void place(const Step& step) {
    const std::string name = "g" + std::to_string(++number_);
    const bool is_known = step.which % 3 != 0;
    const Visitor who =
        is_known ? fair().user(people_.at(static_cast<std::size_t>(step.which) % people_.size()), name)
                 : fair().guest(name);
    fair().add(who, step.amount % 2 ? "individual" : "student", 1 + step.amount % 2);
    orders_.push_back(fair().order(who, name + "@example.org").order_id);
  }
  // Stripe has the money: what was asked, or in one of five less or more.
  void pay_by_card(Id order_id, const Step& step) {
    const Id payment = begin(order_id);
    fair().write([&](db::Tx& tx) {
      const Payment pending = find_payment(tx, payment).value();
      const std::int64_t off = step.amount % 5 == 0 ? (step.which % 2 ? 700 : -700) : 0;
      settle_received(tx, fair().shop, payment,
                      {.amount = std::max<std::int64_t>(1, pending.amount + off), .currency = "USD"},
                      {"webhook", "Stripe", ""});
    });
  }
  Id begin(Id order_id) {
    const std::string intent = number("pi");
    Id payment = 0;
    with(order_id, [&](db::Tx& tx, Order& order) {
      payment = note_intention(tx, order, payable_now(tx, fair().shop, order));
      set_intent(tx, payment, intent);
    });
    return payment;
  }
  std::optional<Payment> card_payment(Id order_id) {
    for (const Payment& one : fair().read([&](db::Tx& tx) { return payments_of(tx, order_id); }))
      if (one.method == PaymentMethod::stripe &&
          (one.status == PaymentStatus::succeeded || one.status == PaymentStatus::refunded))
        return one;
    return std::nullopt;
  }
  std::optional<Refund> card_refund(Id order_id, bool also_succeeded) {
    for (const Refund& one : fair().read([&](db::Tx& tx) { return refunds_of(tx, order_id); }))
      if (one.destination == RefundDestination::card &&
          (one.status == RefundStatus::requested ||
           (also_succeeded && one.status == RefundStatus::succeeded)))
        return one;
    return std::nullopt;
  }
  void dispute(Id order_id, const std::string& status) {
    auto payment = card_payment(order_id);
    if (!payment) return;
    const auto known = fair().read([&](db::Tx& tx) { return disputes_of(tx, order_id); });
    if (known.empty() && status != "needs_response") return;
    // The order may have been paid by another card since.
    if (!known.empty())
      payment = fair().read([&](db::Tx& tx) { return find_payment(tx, known[0].payment_id); });
    StripeDispute told;
    told.id = known.empty() ? number("du") : known[0].provider_id;
    told.intent_id = payment->intent_id;
    told.amount = payment->amount;
    told.currency = told.balance_currency = "USD";
    told.status = status;
    told.fee = 1500;
    told.created_at = fair().clock.now();
    fair().clock.advance(Duration::seconds(1));
    fair().write(
        [&](db::Tx& tx) { return take_dispute(tx, fair().conference_id, told, fair().clock.now()); });
  }
  void refund_part(Id order_id, std::int64_t amount, RefundWay way) {
    const OrderMoney now = money(order_id);
    give_back(order_id, {.amount = std::min(amount, now.refundable), .way = way}, at_provider_);
  }

  void run(What what, int which, int amount) { run({static_cast<int>(what), which, amount}); }
  // Whatever is refused changes nothing, which the comparison afterwards sees. Throws nothing else.
  void run(const Step& step) {
    const What what = static_cast<What>(step.what);
    if (what == What::order || orders_.empty()) return place(step);
    const Id id = orders_.at(static_cast<std::size_t>(step.which) % orders_.size());
    const std::int64_t cents = 1 + step.amount * 211;
    const Order order = fair().get(id);
    const auto left = lines_left(order.lines);
    const OrderLine* line =
        left.empty() ? nullptr : &left[static_cast<std::size_t>(step.amount) % left.size()];
    switch (what) {
      case What::order:
      case What::end:
        break;
      case What::card:
        return pay_by_card(id, step);
      case What::card_declined: {
        const Id payment = begin(id);
        fair().write([&](db::Tx& tx) { return set_failed(tx, payment, "declined"); });
        break;
      }
      case What::by_hand:
        with(id, [&](db::Tx& tx, Order& now) {
          static constexpr std::array channels{ManualChannel::transfer, ManualChannel::cash,
                                               ManualChannel::cheque, ManualChannel::card_reader};
          const std::int64_t due =
              payable_by_hand(tx, *catalogue_now(tx, fair().shop, fair().conference_id), now);
          record_manual_payment(tx, fair().shop, now,
                                {.amount = step.amount % 3 == 0 ? due : cents,
                                 .channel = channels.at(static_cast<std::size_t>(step.amount) % 4),
                                 .excess_as_credit = step.amount % 2 == 0},
                                staff);
        });
        break;
      case What::transfer:
        with(id, [&](db::Tx& tx, Order& now) {
          take_transfer(tx, fair().shop, now,
                        {.amount = step.amount % 2 ? now.total : cents,
                         .excess_as_credit = step.amount % 3 == 0 && now.user_id.has_value()},
                        staff);
        });
        break;
      case What::credit:
        with(id, [&](db::Tx& tx, Order& now) {
          const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
          const auto credits = spendable_credits(tx, *catalogue, now);
          if (!credits.empty()) apply_credit(tx, fair().shop, now, credits[0].id, buyer);
        });
        break;
      case What::waive:
        with(id, [&](db::Tx& tx, Order& now) {
          waive_balance(tx, fair().shop, now, {.note = "speaker"}, staff);
        });
        break;
      case What::add:
        change(id, {.added = {{ProductKind::ticket_type, product("student"), {}, 1, {}}}});
        break;
      case What::take_back:
        if (line) change(id, {.taken_back = {{line->id, 1, {}}}});
        break;
      case What::reprice:
        if (line) change(id, {.repriced = {{line->id, step.amount * 97}}});
        break;
      case What::cancel_by_buyer:
        self_cancel(id);
        break;
      case What::cancel_by_staff:
        with(id, [&](db::Tx& tx, Order& now) {
          using Money = StaffCancellation::Money;
          static constexpr std::array ways{Money::original, Money::credit, Money::later};
          cancel_by_staff(
              tx, fair().shop, at_provider_, now,
              {.fee = step.amount % 2 ? 500 : 0, .money = ways.at(static_cast<std::size_t>(step.amount) % 3)},
              now.version, staff);
        });
        break;
      case What::refund:
        refund_part(id, step.amount % 3 == 0 ? order.total : cents, RefundWay::original);
        break;
      case What::refund_to_credit:
        refund_part(id, step.amount % 3 == 0 ? order.total : cents, RefundWay::credit);
        break;
      case What::refund_by_hand:
        for (const PaymentMoney& payment : money(id).payments) {
          if (payment.refundable() == 0) continue;
          give_back(
              id,
              {.shares = {{payment.id, RefundDestination::manual, std::min(cents, payment.refundable())}}},
              at_provider_);
          break;
        }
        break;
      case What::settle_refund:
      case What::fail_refund: {
        const bool fails = what == What::fail_refund;
        if (const auto refund = card_refund(id, fails))
          fair().write([&](db::Tx& tx) {
            return registration::settle_refund(
                tx, fair().shop, refund->id,
                {fails ? RefundOutcome::failed : RefundOutcome::succeeded, number("re"), "closed"}, staff);
          });
        break;
      }
      case What::refund_at_provider:
        if (const auto payment = card_payment(id)) {
          std::int64_t most = 0;
          for (const PaymentMoney& one : money(id).payments)
            if (one.id == payment->id) most = one.refundable();
          if (most > 0)
            fair().write([&](db::Tx& tx) {
              return take_refund(tx, fair().shop, *payment,
                                 {.provider_id = number("re"), .amount = std::min(cents, most)}, staff);
            });
        }
        break;
      case What::dispute:
        return dispute(id, "needs_response");
      case What::dispute_won:
        return dispute(id, "won");
      case What::dispute_lost:
        return dispute(id, "lost");
      case What::fee:
        if (const auto payment = card_payment(id))
          fair().write([&](db::Tx& tx) {
            set_fee(tx, payment->id, cents, step.which % 3 == 0 ? "EUR" : "USD", "txn");
          });
        break;
      case What::payout:
        fair().write([&](db::Tx& tx) {
          post_payout(tx, fair().conference_id, Account::stripe, step.which % 2 ? cents : -cents, "USD",
                      number("po"), true);
        });
        break;
      case What::gesture:
        fair().write([&](db::Tx& tx) {
          Credit given;
          given.conference_id = fair().conference_id;
          given.user_id = people_[0];
          given.amount = cents;
          given.note = "a gesture";
          if (step.which % 2) given.expires_at = tx.now() + Duration::minutes(step.amount);
          give_credit(tx, given);
        });
        break;
      case What::way:
        with(id, [&](db::Tx& tx, Order& now) {
          const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
          static constexpr std::array<std::optional<PayWay>, 3> ways{PayWay::card, PayWay::transfer,
                                                                     std::nullopt};
          set_payment_fee(tx, *catalogue, now, ways.at(static_cast<std::size_t>(step.amount) % 3), buyer);
        });
        break;
      case What::term:
        with(id, [&](db::Tx& tx, Order& now) { choose_transfer(tx, fair().shop, now, buyer); });
        break;
      case What::time_passes:
        fair().clock.advance(Duration::minutes(step.amount));
        fair().sweep();
        break;
      case What::credits_end:
        fair().write([&](db::Tx& tx) {
          // Staff set an end to some of them.
          tx.exec("UPDATE credit SET expires_at = $1 WHERE conference_id = $2 AND id % 2 = $3", tx.now(),
                  fair().conference_id, std::int64_t{step.which % 2});
          return expire_credits(tx, fair().conference_id);
        });
        break;
    }
  }

  // Whether a step did something.
  std::int64_t rows() {
    return fair().read([](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "SELECT (SELECT COUNT(*) FROM orders) + (SELECT COUNT(*) FROM payment) + (SELECT COUNT(*) FROM "
          "refund) + (SELECT COUNT(*) FROM order_line) + (SELECT COUNT(*) FROM order_event) + (SELECT "
          "COUNT(*) "
          "FROM ledger_entry)");
    });
  }
  // Empty: all is right.
  std::string faults() {
    std::string text;
    for (const Id id : orders_) text += faults_of(id);
    fair().read([&](db::Tx& tx) {
      for (const std::string& fault : verify_ledger(tx, fair().conference_id)) text += fault + "\n";
      for (const std::string& fault : verify_disputes(tx, fair().conference_id)) text += fault + "\n";
      std::map<std::string, std::int64_t> both;
      for (const bool is_test : {false, true}) {
        std::int64_t sum = 0;
        for (const auto& figure :
             ledger_figures(tx, fair().conference_id, {.from = {}, .until = {}, .is_test = is_test})) {
          sum += figure.balance();
          both[figure.account] += figure.balance();
        }
        if (sum != 0) text += fmt::format("the balances add up to {}\n", sum);
      }
      const auto is = [&](const char* what, std::int64_t balance, std::int64_t rows) {
        if (balance != rows)
          text += fmt::format("{}: {} in the ledger, {} in the rows\n", what, balance, rows);
      };
      const auto sum_of = [&](const std::string& sql) {
        const std::string whole = "SELECT CAST(COALESCE(SUM(" + sql;
        return tx.one<std::int64_t>(whole.c_str(), fair().conference_id);
      };
      const std::string paid =
          " FROM payment WHERE conference_id = $1 AND status IN ('succeeded', 'refunded')";
      const std::int64_t held = sum_of("held_back), 0) AS BIGINT) FROM dispute WHERE conference_id = $1");
      is("disputed", both["disputed"] + both["dispute_losses"], held);
      is("dispute_losses", both["dispute_losses"],
         sum_of("amount), 0) AS BIGINT) FROM dispute WHERE conference_id = $1 AND status = 'lost'"));
      is("stripe", both["stripe"],
         sum_of("amount - COALESCE(fee_amount, 0)), 0) AS BIGINT)" + paid + " AND method = 'stripe'") -
             sum_of("r.amount), 0) AS BIGINT) FROM refund r WHERE r.conference_id = $1 AND r.status = "
                    "'succeeded' AND r.destination = 'card'") -
             held -
             sum_of("CASE WHEN debit = 'bank' THEN amount ELSE -amount END), 0) AS BIGINT) FROM ledger_entry "
                    "WHERE conference_id = $1 AND kind = 'payout'"));
      is("waived", both["waived"],
         sum_of("amount), 0) AS BIGINT)" + paid +
                " AND method = 'comp' AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = payment.order_id "
                "AND o.status = 'refunded')"));
      is("cash", both["cash"],
         sum_of("amount), 0) AS BIGINT)" + paid + " AND method = 'manual' AND channel = 'cash'") -
             sum_of(
                 "r.amount), 0) AS BIGINT) FROM refund r JOIN payment p ON p.id = r.payment_id WHERE "
                 "r.conference_id = $1 AND r.status = 'succeeded' AND r.destination = 'manual' AND p.method "
                 "= 'manual' AND p.channel = 'cash'"));
      // What buyers owe: what their orders are worth less what is here of it.
      std::int64_t owed = 0;
      for (const Id id : orders_) {
        const Order order = find_order(tx, id).value();
        const OrderMoney now = money_of(tx, order);
        owed += (order.paid_at ? order.total : 0) - now.kept - now.requested;
      }
      is("receivable", both["receivable"], owed);
    });
    return text;
  }
};
ON_BOTH_ENGINES(LedgerSequences);

TEST_P(LedgerSequences, LeaveALedgerThatAddsUp) {
  const auto holds = [&] {
    // Numbers below a limit grow with the size as well: they have one of their own.
    const auto below = [](int limit) { return rc::gen::resize(100, rc::gen::inRange(0, limit)); };
    const auto steps = *rc::gen::resize(
        60, rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
                rc::gen::set(&Step::what, below(static_cast<int>(What::end))),
                rc::gen::set(&Step::which, below(12)), rc::gen::set(&Step::amount, below(90)))));
    Fair& fair = open_next();
    // Some orders that are paid, each its own way, so that there is something to give back.
    for (int i = 0; i < 3; ++i) run(What::order, i, i);
    for (const int which : {0, 1}) run(What::card, which, 1);
    run(What::by_hand, 2, 3);
    for (const Step& step : steps) {
      try {
        run(step);
      } catch (const Refused&) {
      }
      RC_ASSERT(faults() == "");
    }
    RC_ASSERT(fair.stock_faults() == "");
  };
  // A server is asked some fifty times at each step.
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = GetParam() == db::Engine::sqlite ? 150 : 6;
  const auto result = rc::detail::checkTestable(holds, rc::detail::TestMetadata(), params);
  std::ostringstream words;
  rc::detail::printResultMessage(result, words);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << words.str();
}

// Each kind of step does something where there is everything it may need, so that the sequences above are not
// made of refusals.
TEST_P(LedgerSequences, AreOfStepsEachOfWhichDoesSomething) {
  for (int kind = 0; kind < static_cast<int>(What::end); ++kind) {
    const What what = static_cast<What>(kind);
    if (what == What::time_passes) continue;
    SCOPED_TRACE(names.at(static_cast<std::size_t>(kind)));
    Fair& fair = open_next();
    // A guest's, ada's and grace's, twice; a ticket for students, or two dear ones.
    for (int i = 0; i < 7; ++i) run(What::order, i, i);
    run(What::card, 0, 1);
    run(What::by_hand, 1, 3);
    for (const int which : {2, 3}) run(What::card, which, 1);
    run(What::refund, 2, 1);   // a part, asked of the provider
    run(What::dispute, 3, 1);  // 4, 5 and 6 stay unpaid
    for (const int which : {0, 1}) run(What::gesture, which, 80);
    ASSERT_EQ(faults(), "");
    const std::int64_t before = rows();
    Step tried{kind, 0, 0};
    // What is refused changes nothing: the next one finds the same opening.
    for (tried.amount = 0; tried.amount < 12 && rows() == before; ++tried.amount)
      for (tried.which = 0; tried.which < 7 && rows() == before; ++tried.which) {
        try {
          run(tried);
        } catch (const Refused&) {
        }
      }
    EXPECT_NE(rows(), before) << "it never did anything";
    EXPECT_EQ(faults(), "");
    EXPECT_EQ(fair.stock_faults(), "");
  }
}

}  // namespace
}  // namespace plenary::payments
