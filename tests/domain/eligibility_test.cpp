// Who an automatic discount is for, read from the rows that say so: speakers and their talks, roles, and what
// was bought before; from there to the price of the cart. source: registration 20, 3.7 and 6.
#include "domain/accounts/groups.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/users.hpp"
#include "domain/events.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::domain {
namespace {

using registration::ConditionKind;
using registration::testing::addon;
using registration::testing::Fair;
using registration::testing::ticket;

class Eligibility : public registration::testing::Sale {
 protected:
  void SetUp() override {
    connect_rooms();
    Sale::SetUp();
    open({.ticket_types = {ticket("individual", 100'00, 20), ticket("student", 40'00, 20)},
          .addons = {addon("shirt", 25'00, 50)}});
    other_ = registration::testing::make_fair(db(), {.slug = "other"});
    ada_ = person("ada");
  }
  std::int64_t person(const std::string& name) {
    return db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      accounts::User user;
      user.username = user.email = user.email_normalized = name + "@example.org";
      return accounts::user_table().insert(tx, user).id;
    });
  }
  // 20 % for everything.
  void discount(registration::Condition condition, const registration::ConditionLinks& links = {}) {
    condition.conference_id = fair().conference_id;
    condition.name = "For you";
    condition.percent = Decimal(20);
    fair().write([&](db::Tx& tx) { return registration::save_condition(tx, condition, links); });
  }
  std::int64_t type(const std::string& slug) {
    return fair().read([&](db::Tx& tx) {
      return registration::find_ticket_type(tx, fair().conference_id, slug).value().id;
    });
  }
  // What a shirt costs somebody. The cart is theirs and stays.
  std::int64_t price(std::int64_t user) {
    const auto visitor = fair().user(user, "browser of " + std::to_string(user));
    if (fair().cart(visitor).items.empty()) fair().add_extra(visitor, "shirt");
    return fair().cart(visitor).quote.total;
  }
  std::int64_t speaker(std::int64_t conference, std::optional<std::int64_t> user) {
    return fair().write([&](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "INSERT INTO speaker (conference_id, pretalx_code, name, user_id, created_at, updated_at) VALUES "
          "($1, $2, 'Somebody', $3, 0, 0) RETURNING id",
          conference, "S" + std::to_string(++rows_), user);
    });
  }
  void talk(std::int64_t conference, const std::vector<std::int64_t>& speakers) {
    fair().write([&](db::Tx& tx) {
      const auto id = tx.one<std::int64_t>(
          "INSERT INTO talk (conference_id, pretalx_code, title, created_at, updated_at) VALUES ($1, $2, "
          "'A talk', 0, 0) RETURNING id",
          conference, "T" + std::to_string(++rows_));
      for (const std::int64_t speaker : speakers)
        tx.exec("INSERT INTO talk_speaker (talk_id, speaker_id) VALUES ($1, $2)", id, speaker);
    });
  }

  std::int64_t other_ = 0, ada_ = 0, rows_ = 0;
};
ON_BOTH_ENGINES(Eligibility);

TEST_P(Eligibility, WhoeverSpeaksAtThisConferenceEvenWithoutATalk) {
  registration::Condition presenters;
  presenters.kind = ConditionKind::speaker;
  presenters.is_presenter = true;
  discount(presenters);
  EXPECT_EQ(price(ada_), 25'00);
  speaker(other_, ada_);
  speaker(fair().conference_id, std::nullopt);
  EXPECT_EQ(price(ada_), 25'00) << "a speaker elsewhere, and one of this conference who is somebody else";
  speaker(fair().conference_id, ada_);
  EXPECT_EQ(price(ada_), 20'00);
}

TEST_P(Eligibility, WhoeverSharesATalkOfThisConference) {
  registration::Condition sharing;
  sharing.kind = ConditionKind::speaker;
  sharing.is_presenter = false;
  sharing.is_copresenter = true;
  discount(sharing);
  const std::int64_t ada = speaker(fair().conference_id, ada_), bob = speaker(fair().conference_id, {});
  talk(fair().conference_id, {ada});
  talk(fair().conference_id, {bob});
  EXPECT_EQ(price(ada_), 25'00) << "alone";
  talk(other_, {speaker(other_, ada_), speaker(other_, {})});
  EXPECT_EQ(price(ada_), 25'00) << "shared at another conference";
  talk(fair().conference_id, {ada, bob});
  EXPECT_EQ(price(ada_), 20'00);
}

TEST_P(Eligibility, WhoeverHasTheRoleHereAndNow) {
  const std::int64_t crew = fair().write([](db::Tx& tx) { return accounts::ensure_group(tx, "Crew"); });
  registration::Condition of_crew;
  of_crew.kind = ConditionKind::group_member;
  discount(of_crew, {{}, {}, {crew}});
  const auto give = [&](std::int64_t user, std::optional<std::int64_t> conference,
                        std::optional<Instant> until) {
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      accounts::NewRole role;
      role.user_id = user;
      role.group_id = crew;
      role.conference_id = conference;
      role.ends_at = until;
      accounts::give_role(tx, role);
      return 0;
    });
  };
  const std::int64_t bob = person("bob"), eve = person("eve");
  give(ada_, fair().conference_id, clock().now() + Duration::days(1));
  give(bob, other_, {});
  give(eve, {}, {});
  EXPECT_EQ(price(ada_), 20'00);
  EXPECT_EQ(price(bob), 25'00) << "at the other conference";
  EXPECT_EQ(price(eve), 20'00) << "everywhere";
  clock().advance(Duration::days(1));
  EXPECT_EQ(price(ada_), 25'00) << "over";
}

// Paid, and of that ticket something is left.
TEST_P(Eligibility, WhoeverBoughtTheTicketThatIncludesIt) {
  registration::Condition included;
  included.kind = ConditionKind::included_product;
  included.ticket_scope = registration::Scope::none;
  discount(included, {{}, {type("individual")}, {}});
  const auto ada = fair().user(ada_, "ada's other browser");
  const auto buy = [&](const std::string& slug, bool pays) {
    fair().write([&](db::Tx& tx) {
      return tx.exec("UPDATE cart SET status = 'abandoned' WHERE user_id = $1 AND status = 'open'", ada_);
    });
    fair().add(ada, slug, 2);
    const std::int64_t id = fair().order(ada, "ada@example.org").order_id;
    if (pays) fair().pay(id);
    return id;
  };
  buy("student", true);
  EXPECT_EQ(price(ada_), 25'00) << "another ticket";
  const std::int64_t order = buy("individual", false);
  EXPECT_EQ(price(ada_), 25'00) << "not paid";
  fair().pay(order);
  EXPECT_EQ(price(ada_), 20'00);
  EXPECT_EQ(price(person("bob")), 25'00) << "somebody else's";
  const auto give_back = [&](std::int64_t amount) {
    fair().write([&](db::Tx& tx) {
      auto bought = registration::find_order(tx, order).value();
      registration::refund(tx, fair().shop, fair().gateway, bought, {.amount = amount},
                           {"test", "staff", ""});
    });
  };
  give_back(50'00);
  EXPECT_EQ(fair().get(order).status, registration::OrderStatus::partially_refunded);
  EXPECT_EQ(price(ada_), 20'00);
  give_back(150'00);
  EXPECT_EQ(fair().get(order).status, registration::OrderStatus::refunded);
  EXPECT_EQ(price(ada_), 25'00);
}

}  // namespace
}  // namespace plenary::domain
