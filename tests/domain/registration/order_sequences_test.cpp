// Random sequences of changes, cancellations, payments and refunds on random orders: sums, tax, stock, money
// and seats agree after every step. And two processes crossing: a buyer cancels while staff edits.
#include <rapidcheck.h>
#include <sys/wait.h>
#include <unistd.h>

#include "domain/registration/changing.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::registration::testing {
namespace {

struct Step {
  int what = 0, line = 0, amount = 0;
};
std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "{" << step.what << ", line " << step.line << ", " << step.amount << "}";
}

class OrderSequences : public Changing {
 protected:
  // One step; whatever is refused changes nothing, which the comparison afterwards sees.
  void run(const std::vector<Id>& orders, const Step& step) {
    const Id id = orders.at(static_cast<std::size_t>(step.amount) % orders.size());
    const Order order = fair().get(id);
    const auto left = lines_left(order.lines);
    const OrderLine* line = left.empty() ? nullptr : &left[static_cast<std::size_t>(step.line) % left.size()];
    const std::int64_t some = 1 + step.amount % 3;
    try {
      switch (step.what) {
        case 0:
          if (line) change(id, {.taken_back = {{line->id, std::min(some, line->quantity), {}}}});
          break;
        case 1:
          change(id,
                 {.added = {{ProductKind::ticket_type, step.line % 2 ? individual : student, {}, some, {}}}});
          break;
        case 2:
          change(id,
                 {.added = {{ProductKind::addon, shirt, variations[step.line % 2 ? "m" : "xl"], some, {}}}});
          break;
        case 3:
          if (line) change(id, {.repriced = {{line->id, step.amount * 37}}});
          break;
        case 4:
          if (line && line->addon_id)
            change(id, {.swapped = {{line->id, std::min(some, line->quantity), variations["xl"]}}});
          break;
        case 5:
          give_back(id, {.amount = step.amount * 101});
          break;
        case 6:
          fair().pay(id, step.line % 4 == 0 ? "4000 0000 0000 0002" : "4242 4242 4242 4242");
          break;
        case 7:
          self_change(id, {.added = {{ProductKind::addon, shirt, variations["s"], some, {}}}});
          break;
        case 8:
          if (line && line->addon_id) self_change(id, {.taken_back = {{line->id, 1, {}}}});
          break;
        case 9:
          if (step.line % 3 == 0) self_cancel(id);
          break;
        case 10:
          fair().clock.advance(Duration::minutes(step.amount));
          break;
        case 11:
          fair().sweep();
          break;
        case 12:
          if (step.line % 3 != 0) break;
          fair().write([&](db::Tx& tx) {
            Order now = find_order(tx, id).value();
            cancel_by_staff(tx, fair().shop, fair().gateway, now,
                            {.fee = step.amount, .money = StaffCancellation::Money::later}, now.version,
                            staff);
          });
          break;
        case 13:
          fair().write([&](db::Tx& tx) {
            Order now = find_order(tx, id).value();
            waive_balance(tx, fair().shop, now, {"a speaker", {}, {}}, staff);
          });
          break;
      }
    } catch (const Refused&) {
    }
  }
  Id individual = 0, student = 0, shirt = 0;
};
ON_BOTH_ENGINES(OrderSequences);

TEST_P(OrderSequences, KeepEverySumTrue) {
  Fair& fair = open_fair();
  offer_self_service();
  policy(
      "self_change_until = 9000000000000000, self_cancel_until = 9000000000000000, tax_rounding = "
      "'per_rate'");
  individual = product("individual");
  student = product("student");
  shirt = product("shirt");
  fair.write([&](db::Tx& tx) {
    Voucher voucher;
    voucher.conference_id = fair.conference_id;
    voucher.code = "THIRD";
    voucher.type = VoucherType::percentage;
    voucher.percent = *Decimal::parse("33.33");
    voucher.max_uses = 1000;
    voucher.max_units = 3;
    voucher.budget = 1000000;
    save(tx, voucher);
  });
  int number = 0;
  std::vector<Id> orders;
  const auto empty_fair = [&] {
    fair.clock.advance(Duration::hours(1));
    fair.sweep();
    for (const Id id : std::exchange(orders, {})) {
      const Order order = fair.get(id);
      if (order.status != OrderStatus::paid && order.status != OrderStatus::partially_refunded) continue;
      fair.write([&](db::Tx& tx) {
        Order now = find_order(tx, id).value();
        cancel_by_staff(tx, fair.shop, fair.gateway, now, {}, now.version, staff);
      });
      RC_ASSERT(faults_of(id) == "");
      RC_ASSERT(fair.get(id).total == 0);
    }
  };
  const auto sequence = [&] {
    // Numbers below a limit grow with the size as well: they have one of their own.
    const auto below = [](int limit) { return rc::gen::resize(100, rc::gen::inRange(0, limit)); };
    const auto steps =
        *rc::gen::resize(40, rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
                                 rc::gen::set(&Step::what, below(14)), rc::gen::set(&Step::line, below(6)),
                                 rc::gen::set(&Step::amount, below(60)))));
    for (int i = 0; i < 2; ++i) {
      const Visitor who = fair.guest("buyer" + std::to_string(++number));
      fair.add(who, "student", 2);
      if (i == 0) fair.write([&](db::Tx& tx) { apply_voucher(tx, fair.shop, who, "third"); });
      orders.push_back(paid({{"individual", "", 1}, {"shirt", "m", 2}}, who).id);
    }
    for (const Step& step : steps) {
      run(orders, step);
      for (const Id id : orders) RC_ASSERT(faults_of(id) == "");
      RC_ASSERT(fair.stock_faults() == "");
    }
    empty_fair();
    RC_ASSERT(fair.remaining("student") == 30);
    RC_ASSERT(fair.remaining("individual") == 20);
    RC_ASSERT(fair.remaining("shirt") == 30);
  };
  // What a sequence that failed leaves behind is no fault of the smaller ones that are tried then.
  const auto holds = [&] {
    try {
      sequence();
    } catch (...) {
      try {
        empty_fair();
      } catch (...) {
      }
      throw;
    }
  };
  // Everything is counted after each step, which a server is asked for.
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = GetParam() == db::Engine::sqlite ? 150 : 20;
  const auto result = rc::detail::checkTestable(holds, rc::detail::TestMetadata(), params);
  std::ostringstream words;
  rc::detail::printResultMessage(result, words);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << words.str();
}

// Runs `work` in a process of its own; true: it was done, false: refused.
class Elsewhere {
 public:
  template <class Work>
  explicit Elsewhere(Work work) {
    pid_ = ::fork();
    if (pid_ != 0) return;
    int code = 3;
    try {
      work();
      code = 0;
    } catch (const Refused&) {
      code = 1;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "the other process: %s\n", error.what());
    }
    ::_exit(code);
  }
  bool was_done() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  pid_t pid_ = 0;
};

class OrdersCrossing : public Changing {};
ON_BOTH_ENGINES(OrdersCrossing);

TEST_P(OrdersCrossing, ABuyerWhoCancelsWhileStaffEditsMeetsOneOfTheTwo) {
  open_fair();
  offer_self_service();
  constexpr int rounds = 12;
  std::vector<Order> orders;
  for (int i = 0; i < rounds; ++i)
    orders.push_back(paid({{"individual"}, {"shirt", "m", 1}}, fair().guest("g" + std::to_string(i))));
  const std::int64_t comes_back = preview(orders[0].id).comes_back;
  const Id conference = fair().conference_id, student = product("student");
  leave();
  database().close();
  const auto each = [&](auto&& act) {
    // In the child, with a database of its own; the versions are those that the pages showed.
    auto opened = db::Database::open(database().options());
    config::ProgramSettings settings;
    Catalogues catalogues(settings);
    Shop shop{settings, catalogues, Random::system(), HoldLimits{.enabled = false}};
    SandboxGateway gateway;
    int done = 0;
    for (const Order& shown : orders) {
      try {
        opened->write_now(conference, "crossing", [&](db::Tx& tx) {
          Order now = find_order(tx, shown.id).value();
          act(tx, shop, gateway, now, shown);
        });
        ++done;
      } catch (const Refused& refused) {
        if (refused.code() != "changed_meanwhile" && refused.code() != "not_cancellable" &&
            refused.code() != "not_changeable" && refused.code() != "no_line")
          throw std::runtime_error("unexpected refusal: " + refused.code());
      }
    }
    return done;
  };
  Elsewhere buyers([&] {
    each([&](db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& now, const Order& shown) {
      cancel_by_buyer(tx, shop, gateway, now, shown.version, comes_back, buyer);
    });
  });
  Elsewhere staffs([&] {
    each([&](db::Tx& tx, const Shop& shop, const PaymentGateway&, Order& now, const Order& shown) {
      change_by_staff(tx, shop, now, {.added = {{ProductKind::ticket_type, student, {}, 1, {}}}},
                      shown.version, staff);
    });
  });
  EXPECT_TRUE(buyers.was_done());
  EXPECT_TRUE(staffs.was_done());
  database().reopen();
  int cancelled = 0, edited = 0;
  for (const Order& shown : orders) {
    const auto [status, total] = db().read_now([&](db::Tx& tx) {
      const Order now = find_order(tx, shown.id).value();
      return std::pair(now.status, now.total);
    });
    if (status == OrderStatus::refunded && total == 1440) ++cancelled;
    if (status == OrderStatus::paid && total == shown.total + 5000) ++edited;
  }
  EXPECT_TRUE(db().read_now([&](db::Tx& tx) { return verify_stock(tx, conference); }).empty());
  EXPECT_EQ(cancelled + edited, rounds) << "each order met exactly one of the two";
}

}  // namespace
}  // namespace plenary::registration::testing
