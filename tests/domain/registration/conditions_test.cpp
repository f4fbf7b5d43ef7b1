// Automatic discounts: the rules of each kind, and their links. source: registration 20, 3.7 and D9, D14.
#include "domain/registration/conditions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/accounts/groups.hpp"
#include "domain/accounts/types.hpp"
#include "domain/registration/entities.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration {
namespace {

using testing::addon;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ticket;

class Conditions : public testing::Sale {
 protected:
  void SetUp() override {
    testing::Sale::SetUp();
    open({.ticket_types = {ticket("individual", 10'000, 10)}, .addons = {addon("shirt", 2'500, 10)}});
  }
  Condition condition(ConditionKind kind) {
    Condition c;
    c.conference_id = fair().conference_id;
    c.kind = kind;
    c.name = "Discount";
    c.percent = Decimal(20);
    return c;
  }
  Id store(const Condition& c, const ConditionLinks& links = {}) {
    return fair().write([&](db::Tx& tx) { return save_condition(tx, c, links); });
  }
  std::string field(const Condition& c, const ConditionLinks& links = {}) {
    try {
      store(c, links);
      return "stored";
    } catch (const Refused& refused) {
      return refused.field();
    }
  }
  Id type_id() {
    return fair().read(
        [&](db::Tx& tx) { return find_ticket_type(tx, fair().conference_id, "individual").value().id; });
  }
  Id group(const char* name) {
    return fair().write([&](db::Tx& tx) { return accounts::ensure_group(tx, name); });
  }
};
ON_BOTH_ENGINES(Conditions);

TEST_P(Conditions, AreListedByPriorityAndName) {
  Condition c = condition(ConditionKind::time_limit);
  c.name = "B";
  c.priority = 5;
  store(c);
  c.name = "A";
  store(c);
  c.name = "Z";
  c.priority = -1;
  c.percent = *Decimal::parse("12.50");
  const Id first = store(c);
  const auto all = fair().read([&](db::Tx& tx) { return conditions_of(tx, fair().conference_id); });
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].id, first);
  EXPECT_EQ(all[0].percent.to_string(2), "12.50");
  EXPECT_EQ(all[1].name, "A");
  EXPECT_EQ(all[2].name, "B");
}

TEST_P(Conditions, EachKindHasItsRules) {
  Condition c = condition(ConditionKind::category_discount);
  c.discount_type = DiscountType::fixed_amount;
  c.amount = 100;
  EXPECT_EQ(field(c), "discount_type");
  c = condition(ConditionKind::category_discount);
  c.ticket_scope = Scope::selected;
  EXPECT_EQ(field(c, {{{type_id()}, {}}, {}, {}}), "ticket_scope");
  c.ticket_scope = c.addon_scope = Scope::none;
  EXPECT_EQ(field(c), "addon_scope");
  c.addon_scope = Scope::all;
  EXPECT_EQ(field(c), "stored");

  for (const ConditionKind kind :
       {ConditionKind::speaker, ConditionKind::group_member, ConditionKind::included_product}) {
    c = condition(kind);
    c.start_time = Instant{1};
    EXPECT_EQ(field(c), "start_time") << to_text(kind);
    c.start_time.reset();
    c.usage_limit = 1;
    EXPECT_EQ(field(c), "usage_limit") << to_text(kind);
  }
  c = condition(ConditionKind::speaker);
  c.is_presenter = false;
  EXPECT_EQ(field(c), "is_copresenter");
  EXPECT_EQ(field(condition(ConditionKind::group_member)), "kind");
  EXPECT_EQ(field(condition(ConditionKind::included_product)), "kind");
  c = condition(ConditionKind::time_limit);
  c.percent = Decimal(101);
  EXPECT_EQ(field(c), "percent");
  c.percent = Decimal(0);
  c.discount_type = DiscountType::fixed_amount;
  EXPECT_EQ(field(c), "amount");
  c.amount = 1;
  c.start_time = Instant{2};
  c.end_time = Instant{1};
  EXPECT_EQ(field(c), "end_time");
}

TEST_P(Conditions, LinksAreKeptAsFarAsTheKindUsesThem) {
  const Id staff = group("Conference Staff");
  Condition c = condition(ConditionKind::group_member);
  const ConditionLinks links{{{type_id()}, {}}, {type_id()}, {staff, staff}};
  c.id = store(c, links);
  auto kept = fair().read([&](db::Tx& tx) { return links_of_condition(tx, c.id); });
  EXPECT_THAT(kept.groups, ElementsAre(staff));
  EXPECT_THAT(kept.products.ticket_types, IsEmpty());
  EXPECT_THAT(kept.enabling_ticket_types, IsEmpty());

  Condition stored =
      fair().read([&](db::Tx& tx) { return find_condition(tx, fair().conference_id, c.id); }).value();
  stored.kind = ConditionKind::included_product;
  stored.ticket_scope = Scope::selected;
  store(stored, links);
  kept = fair().read([&](db::Tx& tx) { return links_of_condition(tx, c.id); });
  EXPECT_THAT(kept.groups, IsEmpty());
  EXPECT_THAT(kept.products.ticket_types, ElementsAre(type_id()));
  EXPECT_THAT(kept.enabling_ticket_types, ElementsAre(type_id()));
  // The one that was read before is another editor's.
  EXPECT_EQ(fair().refusal([&] { store(stored, links); }), "changed_meanwhile");

  fair().write([&](db::Tx& tx) {
    Condition now = find_condition(tx, fair().conference_id, c.id).value();
    check_links(tx, now);
    now.kind = ConditionKind::time_limit;
    now.ticket_scope = Scope::all;
    check_links(tx, now);
    return 0;
  });
  kept = fair().read([&](db::Tx& tx) { return links_of_condition(tx, c.id); });
  EXPECT_THAT(kept.products.ticket_types, IsEmpty());
  EXPECT_THAT(kept.enabling_ticket_types, IsEmpty());
}

TEST_P(Conditions, AConditionOfAnotherConferenceIsNotFound) {
  const Id other = testing::make_fair(db(), {.slug = "other"});
  const Id id = store(condition(ConditionKind::time_limit));
  EXPECT_FALSE(fair().read([&](db::Tx& tx) { return find_condition(tx, other, id); }));
}

TEST_P(Conditions, ATicketTypeThatADiscountNamesIsNotDeleted) {
  Condition c = condition(ConditionKind::product_discount);
  c.ticket_scope = Scope::selected;
  store(c, {{{type_id()}, {}}, {}, {}});
  EXPECT_EQ(fair().refusal([&] {
    fair().write([&](db::Tx& tx) {
      registration::remove(tx, find_ticket_type(tx, fair().conference_id, "individual").value());
      return 0;
    });
  }),
            "in_use");
}

TEST_P(Conditions, GroupsHaveOneNameInAnyLetterCase) {
  const Id staff = group("Conference Staff");
  EXPECT_EQ(group(" conference staff "), staff);
  EXPECT_NE(group("Others"), staff);
  EXPECT_EQ(fair().refusal([&] { group("  "); }), "required");
  const Id user = fair().write([](db::Tx& tx) {
    accounts::User user;
    user.username = "ada";
    return accounts::user_table().insert(tx, user).id;
  });
  fair().write([&](db::Tx& tx) {
    accounts::add_to_group(tx, staff, user);
    accounts::add_to_group(tx, staff, user);
    return 0;
  });
  fair().read([&](db::Tx& tx) {
    EXPECT_THAT(accounts::members_of(tx, staff), ElementsAre(user));
    EXPECT_THAT(accounts::groups_of_user(tx, user), ElementsAre(staff));
    return 0;
  });
  fair().write([&](db::Tx& tx) {
    accounts::remove_from_group(tx, staff, user);
    return 0;
  });
  EXPECT_THAT(fair().read([&](db::Tx& tx) { return accounts::members_of(tx, staff); }), IsEmpty());
}

}  // namespace
}  // namespace plenary::registration
