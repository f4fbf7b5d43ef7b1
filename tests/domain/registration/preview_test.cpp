// A rule tried out on the last orders. source: registration 20, 6 and 8.
#include "domain/registration/preview.hpp"

#include <gtest/gtest.h>

#include <map>

#include "domain/accounts/groups.hpp"
#include "domain/accounts/users.hpp"
#include "domain/registration/buyer.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration {
namespace {

using testing::addon;
using testing::ticket;

class Previews : public testing::Sale {
 protected:
  void SetUp() override {
    testing::Sale::SetUp();
    open({.ticket_types = {ticket("individual", 10'000, 50), ticket("student", 5'000, 50)},
          .addons = {addon("shirt", 2'500, 50)}});
  }
  Id order(const std::string& who, const std::string& slug, std::int64_t quantity = 1, bool shirt = false) {
    const Visitor guest = fair().guest(who);
    fair().add(guest, slug, quantity);
    if (shirt) fair().add_extra(guest, "shirt");
    return fair().order(guest, who + "@example.org").order_id;
  }
  template <class F>
  Preview preview(F fn) {
    return fair().read([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
      return fn(tx, *catalogue);
    });
  }
  Preview with(const Voucher& voucher, const ScopedProducts& products = {}) {
    return preview([&](db::Tx& tx, const Catalogue& c) { return preview_voucher(tx, c, voucher, products); });
  }
  Preview with(const Condition& condition, const ConditionLinks& links = {}) {
    return preview(
        [&](db::Tx& tx, const Catalogue& c) { return preview_condition(tx, c, condition, links); });
  }
  Condition half_off() {
    Condition condition;
    condition.conference_id = fair().conference_id;
    condition.name = "Half";
    condition.percent = Decimal(50);
    condition.addon_scope = Scope::none;
    condition.is_active = false;
    condition.start_time = Instant{9'000'000'000'000'000};
    return condition;
  }
  Voucher ten_off() {
    Voucher voucher;
    voucher.conference_id = fair().conference_id;
    voucher.code = "TEN";
    voucher.type = VoucherType::fixed_amount;
    voucher.amount = 1'000;
    voucher.max_uses = 100;
    voucher.max_units = std::nullopt;
    return voucher;
  }
};
ON_BOTH_ENGINES(Previews);

TEST_P(Previews, NothingWasOrderedAndNothingChanges) {
  const Preview none = with(half_off());
  EXPECT_TRUE(none.orders.empty());
  EXPECT_EQ(none.difference(), 0);
}

TEST_P(Previews, ADiscountThatIsOffAndStillToComeIsPricedAsIfItWereOn) {
  const Id first = order("ada", "individual", 2, true);
  const Id second = order("bob", "student");
  const Preview result = with(half_off());
  ASSERT_EQ(result.orders.size(), 2u);
  EXPECT_EQ(result.orders[0].order_id, second) << "newest first";
  EXPECT_EQ(result.orders[1].order_id, first);
  EXPECT_EQ(result.orders[1].then, 22'500);
  EXPECT_EQ(result.orders[1].without, 22'500);
  EXPECT_EQ(result.orders[1].with, 12'500);
  EXPECT_EQ(result.orders[0].difference(), -2'500);
  EXPECT_EQ(result.reached, 2);
  EXPECT_EQ(result.then, 27'500);
  EXPECT_EQ(result.without, 27'500);
  EXPECT_EQ(result.with, 15'000);
  EXPECT_EQ(result.difference(), -12'500);
}

TEST_P(Previews, ALimitRunsOutFromTheOldestOrderOn) {
  order("ada", "individual", 2);
  order("bob", "individual", 2);
  Condition condition = half_off();
  condition.usage_limit = 3;
  const Preview result = with(condition);
  EXPECT_EQ(result.orders[1].with, 10'000);
  EXPECT_EQ(result.orders[0].with, 15'000);
}

TEST_P(Previews, PricesOfTodayCountNotThoseOfThen) {
  order("ada", "individual");
  fair().write([&](db::Tx& tx) {
    auto type = find_ticket_type(tx, fair().conference_id, "individual").value();
    type.price = 12'000;
    return save(tx, type);
  });
  const Preview result = with(half_off());
  EXPECT_EQ(result.orders[0].then, 10'000);
  EXPECT_EQ(result.orders[0].without, 12'000);
  EXPECT_EQ(result.orders[0].with, 6'000);
}

TEST_P(Previews, AStoredDiscountIsHeldAgainstItsOwnAbsence) {
  Condition condition = half_off();
  condition.is_active = true;
  condition.start_time.reset();
  condition.id = fair().write([&](db::Tx& tx) { return save_condition(tx, condition); });
  order("ada", "individual");
  condition.percent = Decimal(20);
  const Preview result = with(condition);
  EXPECT_EQ(result.orders[0].then, 5'000);
  EXPECT_EQ(result.orders[0].without, 10'000);
  EXPECT_EQ(result.orders[0].with, 8'000);
}

// A speaker, somebody of a group, somebody who comes back for a shirt, and a stranger.
TEST_P(Previews, EachKindOfDiscountIsTriedOnThoseWhomItIsFor) {
  const auto account = [&](const std::string& name) {
    return fair().write([&](db::Tx& tx) {
      return accounts::become_account(tx, {name + "@example.org", name, "en", "hash"}).id;
    });
  };
  const Id speaker = account("speaker"), member = account("member"), regular = account("regular");
  const Id group = fair().write([&](db::Tx& tx) {
    accounts::UserGroup friends;
    friends.name = "Friends";
    const Id id = accounts::user_group_table().insert(tx, friends).id;
    tx.exec(
        "INSERT INTO role_assignment (user_id, group_id, conference_id, created_at, updated_at) VALUES "
        "($1, $2, $3, 0, 0)",
        member, id, fair().conference_id);
    return id;
  });
  ask_speaker_roles([speaker](db::Tx&, Id, Id user) { return SpeakerRole{user == speaker, false}; });
  const auto buy = [&](const Visitor& who, const char* slug, bool shirt) {
    fair().add(who, slug);
    if (shirt) fair().add_extra(who, "shirt");
    const Id id = fair().order(who, who.session_hash + "@example.org").order_id;
    fair().pay(id);
    return id;
  };
  const Visitor again = fair().user(regular, "regular");
  const Id first = buy(again, "individual", true), second = buy(again, "student", true);
  const Id of_speaker = buy(fair().user(speaker, "speaker"), "individual", true);
  const Id of_member = buy(fair().user(member, "member"), "individual", true);
  const Id of_stranger = buy(fair().guest("stranger"), "student", true);
  const auto individual = fair().read(
      [&](db::Tx& tx) { return find_ticket_type(tx, fair().conference_id, "individual").value().id; });

  const auto reached = [&](ConditionKind kind, bool on_tickets) {
    Condition condition;
    condition.conference_id = fair().conference_id;
    condition.kind = kind;
    condition.name = "Tried";
    condition.percent = Decimal(20);
    (on_tickets ? condition.addon_scope : condition.ticket_scope) = Scope::none;
    ConditionLinks links;
    if (kind == ConditionKind::included_product) links.enabling_ticket_types = {individual};
    if (kind == ConditionKind::group_member) links.groups = {group};
    std::map<Id, std::int64_t> differences;
    for (const PreviewedOrder& one : with(condition, links).orders)
      if (one.difference() != 0) differences[one.order_id] = one.difference();
    return differences;
  };
  using Differences = std::map<Id, std::int64_t>;
  EXPECT_EQ(reached(ConditionKind::speaker, true), (Differences{{of_speaker, -2'000}}));
  EXPECT_EQ(reached(ConditionKind::group_member, true), (Differences{{of_member, -2'000}}));
  // What the order itself brought does not count as bought before.
  EXPECT_EQ(reached(ConditionKind::included_product, false), (Differences{{second, -500}}));
  const Differences shirts{
      {first, -500}, {second, -500}, {of_speaker, -500}, {of_member, -500}, {of_stranger, -500}};
  for (const ConditionKind kind :
       {ConditionKind::time_limit, ConditionKind::product_discount, ConditionKind::category_discount})
    EXPECT_EQ(reached(kind, false), shirts) << to_text(kind);
  ask_speaker_roles({});
}

TEST_P(Previews, AVoucherIsUsedUpByTheOrdersBeforeAndItsBudgetToo) {
  order("ada", "individual");
  order("bob", "student");
  order("eve", "student");
  Voucher voucher = ten_off();
  voucher.max_uses = 2;
  Preview result = with(voucher);
  EXPECT_EQ(result.orders[2].with, 9'000);
  EXPECT_EQ(result.orders[1].with, 4'000);
  EXPECT_EQ(result.orders[0].with, 5'000);
  EXPECT_EQ(result.reached, 2);
  voucher.max_uses = 10;
  voucher.budget = 1'500;
  result = with(voucher);
  EXPECT_EQ(result.orders[2].with, 9'000);
  EXPECT_EQ(result.orders[1].with, 4'500);
  EXPECT_EQ(result.orders[0].with, 5'000);
}

TEST_P(Previews, OneThatIsUsedUpLeavesTheOrdersTheirOwnVoucher) {
  Voucher own = ten_off();
  own.code = "OWN";
  fair().write([&](db::Tx& tx) { return save(tx, own, {}); });
  order("ada", "individual");
  fair().add(fair().guest("bob"), "student");
  fair().write([&](db::Tx& tx) { apply_voucher(tx, fair().shop, fair().guest("bob"), "OWN"); });
  fair().order(fair().guest("bob"), "bob@example.org");
  Voucher voucher = ten_off();
  voucher.amount = 2'000;
  voucher.budget = 2'000;
  for (const bool by_uses : {false, true}) {
    if (by_uses) {
      voucher.budget.reset();
      voucher.max_uses = 1;
    }
    const Preview result = with(voucher);
    EXPECT_EQ(result.orders[1].with, 8'000);
    EXPECT_EQ(result.orders[0].with, 4'000) << "ten off, as it was";
  }
}

TEST_P(Previews, AVoucherReachesWhatItIsFor) {
  order("ada", "individual", 1, true);
  Voucher voucher = ten_off();
  voucher.type = VoucherType::comp;
  voucher.ticket_scope = Scope::none;
  const Preview result = with(voucher);
  EXPECT_EQ(result.orders[0].difference(), -2'500);
}

TEST_P(Previews, LooksAtTheLastOrdersOnlyAndAtNoneThatWasCancelled) {
  const Id first = order("ada", "individual");
  order("bob", "student");
  fair().write([&](db::Tx& tx) {
    Order cancelled = find_order(tx, first).value();
    cancel(tx, fair().shop, cancelled, {"tests", "system", "test"});
    return 0;
  });
  EXPECT_EQ(with(half_off()).orders.size(), 1u);
  order("eve", "student");
  const Preview one =
      preview([&](db::Tx& tx, const Catalogue& c) { return preview_condition(tx, c, half_off(), {}, 1); });
  ASSERT_EQ(one.orders.size(), 1u);
  EXPECT_EQ(one.then, 5'000);
}

}  // namespace
}  // namespace plenary::registration
