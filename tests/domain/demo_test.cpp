// The demo data of `bootstrap_conference --seed-demo`, on both engines. source: configuration 10, 7, 6.8, 4.6
// and 11.
#include "domain/demo.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "config/settings.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/passwords.hpp"
#include "domain/accounts/users.hpp"
#include "domain/bootstrap.hpp"
#include "domain/bootstrap_files.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/events.hpp"
#include "domain/onsite/badge_templates.hpp"
#include "domain/programs/types.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/records.hpp"
#include "domain/registration/stock.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::domain {
namespace {

using registration::Id;
using registration::ProductKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

// The tickets of the customer's sample, for what the demo data are about. source: 10, 6.9.
const std::string corporate = R"(
[[conference.tickets]]
name = "Corporate"
price = 350.00
quantity = 1000
)";
const std::string speaker = R"(
[[conference.tickets]]
name = "Speaker"
price = 0.00
quantity = 200
voucher_required = true
available = { opens = 2025-01-01, closes = 2025-01-02 }
)";

class Demo : public test::DatabaseTest {
 protected:
  test::TestDatabase::Change change() override {
    return [set = DatabaseTest::change()](db::DatabaseOptions& options) {
      set(options);
      options.slow_write = Duration::hours(1);  // one long write is how a bootstrap is meant to be
    };
  }
  void SetUp() override {
    test::DatabaseTest::SetUp();
    connect_rooms();  // as a server has them: nothing may be mailed even so
    inputs_ = prepare_demo(random_);
  }
  DemoReport run(const std::string& text, bool update = false) {
    DemoReport report;
    BootstrapOptions options{.update = update};
    options.afterwards = [&](db::Tx& tx, std::int64_t conference_id) {
      registration::Catalogues catalogues(settings_);
      const registration::Shop shop{settings_, catalogues, random_, {}};
      report = seed_demo(tx, conference_id, shop, key_, inputs_);
      if (fail_) throw Refused("for the test", "It failed behind the demo data.");
    };
    apply_conference_file(db(), testing::parsed(text), settings_, options);
    return report;
  }
  DemoReport run() { return run(testing::sample + corporate + speaker); }
  template <class F>
  auto read(F fn) {
    return db().read_now(fn);
  }
  std::int64_t count(const char* sql) {
    return read([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
  // How many rows of everything that the demo data are made of.
  std::map<std::string, std::int64_t> counts() {
    return {{"vouchers", count("SELECT COUNT(*) FROM voucher")},
            {"users", count("SELECT COUNT(*) FROM user_account")},
            {"orders", count("SELECT COUNT(*) FROM orders")},
            {"lines", count("SELECT COUNT(*) FROM order_line")},
            {"payments", count("SELECT COUNT(*) FROM payment")},
            {"seats", count("SELECT COUNT(*) FROM seat")},
            {"carts", count("SELECT COUNT(*) FROM cart")},
            {"conditions", count("SELECT COUNT(*) FROM discount_condition")},
            {"credits", count("SELECT COUNT(*) FROM credit")},
            {"badges", count("SELECT COUNT(*) FROM badge_template")},
            {"activities", count("SELECT COUNT(*) FROM activity")},
            {"grants", count("SELECT COUNT(*) FROM travel_grant")},
            {"groups", count("SELECT COUNT(*) FROM user_group")}};
  }
  static Id id(db::Tx& tx) { return conference::find_state(tx, "python-2077").value().id; }
  registration::Order order_of(const char* username) {
    return read([&](db::Tx& tx) {
      const Id order = tx.one<Id>(
          "SELECT o.id FROM orders o JOIN user_account u ON u.id = o.user_id WHERE u.username = $1",
          username);
      return registration::find_order(tx, order).value();
    });
  }
  registration::PaymentRow payment_of(const registration::Order& order) {
    return read([&](db::Tx& tx) {
             return registration::payment_table().maybe(tx, "WHERE order_id = $1", order.id);
           })
        .value();
  }
  std::string stock_faults() {
    std::string text;
    for (const auto& fault : read([](db::Tx& tx) { return registration::verify_stock(tx, id(tx)); }))
      text += fault.what + "\n";
    return text;
  }

  config::ProgramSettings settings_;
  SeededRandom random_{20'770'514};
  SigningKey key_{Secret("a key of the tests, long enough to sign"), "site-links"};
  DemoInputs inputs_;
  bool fail_ = false;
};
ON_BOTH_ENGINES(Demo);

const std::map<std::string, std::int64_t> everything{
    {"vouchers", 4},   {"users", 5},  {"orders", 3},     {"lines", 4},   {"payments", 3},
    {"seats", 3},      {"carts", 1},  {"conditions", 5}, {"credits", 1}, {"badges", 1},
    {"activities", 4}, {"grants", 5}, {"groups", 1}};

TEST_P(Demo, TwoRunsMakeWhatOneDoes) {
  const DemoReport first = run();
  EXPECT_EQ(counts(), everything);
  EXPECT_THAT(first.added, SizeIs(9));
  EXPECT_THAT(first.notices, IsEmpty());
  EXPECT_EQ(stock_faults(), "");
  inputs_ = prepare_demo(random_);  // other codes, as a second run has them
  const DemoReport second = run(testing::sample + corporate + speaker, true);
  EXPECT_EQ(counts(), everything);
  EXPECT_THAT(second.added, IsEmpty());
  EXPECT_THAT(second.notices, SizeIs(8));  // each kind but the accounts, which are looked at one by one
  EXPECT_EQ(codes_text(second), codes_text(first));
  EXPECT_EQ(stock_faults(), "");
}

TEST_P(Demo, TheCodesArePrintedWithTypeAndUses) {
  const DemoReport report = run();
  EXPECT_THAT(codes_text(report), MatchesRegex("SPKR-[A-Z0-9]{8}\tComplimentary \\(100 %\\)\t200\n"
                                               "STU-[A-Z0-9]{8}\tComplimentary \\(100 %\\)\t500\n"
                                               "EARLY-[A-Z0-9]{8}\tPercentage\t100\n"
                                               "SAVE25-[A-Z0-9]{8}\tFixed amount\t50\n"));
  read([&](db::Tx& tx) {
    const auto voucher = [&](std::size_t i) {
      return registration::find_voucher(tx, id(tx), report.vouchers.at(i).code).value();
    };
    EXPECT_TRUE(voucher(0).unlocks_hidden_tickets);
    EXPECT_EQ(voucher(0).max_units, 1);
    EXPECT_EQ(voucher(0).addon_scope, registration::Scope::none);
    EXPECT_THAT(registration::products_of_voucher(tx, voucher(0).id).ticket_types,
                ElementsAre(registration::find_ticket_type(tx, id(tx), "speaker")->id));
    EXPECT_THAT(registration::products_of_voucher(tx, voucher(1).id).ticket_types,
                ElementsAre(registration::find_ticket_type(tx, id(tx), "student")->id));
    EXPECT_EQ(voucher(2).percent, Decimal(20));
    EXPECT_EQ(voucher(2).max_units, std::nullopt);
    EXPECT_EQ(voucher(3).amount, 2'500);
    EXPECT_FALSE(voucher(3).unlocks_hidden_tickets);
    return 0;
  });
}

TEST_P(Demo, FiveMarkedAccountsHaveThePasswordDemo) {
  run();
  for (const std::string_view username : demo_usernames()) {
    const auto user = read([&](db::Tx& tx) { return accounts::find_for_sign_in(tx, username); });
    ASSERT_TRUE(user) << username;
    EXPECT_TRUE(user->is_staff);
    EXPECT_FALSE(user->is_superuser);
    EXPECT_TRUE(user->is_demo);
    EXPECT_TRUE(accounts::verify_password(*user->password_hash, "demo"));
    EXPECT_TRUE(accounts::may_sign_in(*user, true));
    EXPECT_FALSE(accounts::may_sign_in(*user, false));  // outside development
    EXPECT_THAT(read([&](db::Tx& tx) { return accounts::groups_of_user(tx, user->id); }), IsEmpty());
  }
  const auto carol = read([](db::Tx& tx) { return accounts::find_for_sign_in(tx, "speaker_carol"); }).value();
  EXPECT_EQ(carol.name, "Carol Chen");
  EXPECT_EQ(carol.email, "carol@example.com");
}

TEST_P(Demo, AccountsThatAreThereStayAsTheyAre) {
  db().write_now(db::global_lane, "test", [](db::Tx& tx) {
    accounts::User user;
    user.username = "attendee_bob";
    user.name = "Another Bob";
    user.password_hash = "x";
    accounts::user_table().insert(tx, user);
    user = {};
    user.username = "dave";
    user.email = user.email_normalized = "dave@example.com";
    user.password_hash = "x";
    accounts::user_table().insert(tx, user);
    return 0;
  });
  const DemoReport report = run();
  const auto find = [&](const char* name) {
    return read([&](db::Tx& tx) { return accounts::find_for_sign_in(tx, name); }).value();
  };
  EXPECT_EQ(find("attendee_bob").name, "Another Bob");
  EXPECT_FALSE(find("attendee_bob").is_staff);
  EXPECT_EQ(order_of("attendee_bob").total, 35'000);
  EXPECT_EQ(find("dave@example.com").username, "dave");
  EXPECT_EQ(find("attendee_dave").email, "");
  EXPECT_THAT(report.notices, ElementsAre(HasSubstr("dave@example.com")));
}

TEST_P(Demo, ThreeOrdersArePaidLikeRealOnes) {
  run();
  const auto alice = order_of("attendee_alice"), bob = order_of("attendee_bob"),
             carol = order_of("speaker_carol");
  for (const auto* order : {&alice, &bob, &carol}) {
    EXPECT_EQ(order->status, registration::OrderStatus::paid);
    EXPECT_TRUE(order->paid_at);
    EXPECT_FALSE(order->is_sandbox);
    EXPECT_EQ(order->discount, 0);
    EXPECT_EQ(order->subtotal, order->total);
    EXPECT_EQ(order->currency, "USD");
    EXPECT_THAT(order->reference, MatchesRegex("ORD-[A-Z0-9]{8}"));
    const auto seats = read([&](db::Tx& tx) { return registration::seats_of(tx, order->id); });
    ASSERT_THAT(seats, SizeIs(1));
    EXPECT_EQ(seats[0].user_id, order->user_id);
    EXPECT_EQ(seats[0].name, order->billing.name);
    EXPECT_THAT(seats[0].access_code, MatchesRegex("[A-Z0-9]{8}"));
    EXPECT_TRUE(seats[0].confirmed_at);
    EXPECT_FALSE(seats[0].checked_in_at);
    const auto link = registration::order_link_hash(key_, order->reference, 1);
    EXPECT_TRUE(read([&](db::Tx& tx) {
      return registration::find_by_secret(tx, id(tx), order->reference, link).has_value();
    }));
  }
  EXPECT_EQ(alice.total, 12'500);
  ASSERT_THAT(alice.lines, SizeIs(2));
  EXPECT_EQ(alice.lines[0].description, "Ticket: Individual");
  EXPECT_EQ(alice.lines[0].line_total, 10'000);
  EXPECT_EQ(alice.lines[1].description, "Add-on: PyCon T-Shirt");
  EXPECT_EQ(alice.lines[1].line_total, 2'500);
  EXPECT_EQ(alice.billing.email, "alice@example.com");
  EXPECT_EQ(alice.billing.company, "");
  EXPECT_EQ(bob.total, 35'000);
  EXPECT_EQ(bob.billing.company, "Acme Corp");
  EXPECT_EQ(carol.total, 0);
  EXPECT_EQ(carol.billing.company, "Python Software Foundation");
  EXPECT_THAT(carol.lines, SizeIs(1));

  for (const auto* order : {&alice, &bob}) {
    const auto payment = payment_of(*order);
    EXPECT_EQ(payment.method, registration::PaymentMethod::stripe);
    EXPECT_EQ(payment.status, registration::PaymentStatus::succeeded);
    EXPECT_EQ(payment.amount, order->total);
    EXPECT_THAT(payment.intent_id, MatchesRegex("pi_demo_[0-9a-f]{16}"));
    EXPECT_THAT(payment.reference, MatchesRegex("ch_demo_[0-9a-f]{16}"));
  }
  EXPECT_NE(payment_of(alice).intent_id, payment_of(bob).intent_id);
  EXPECT_EQ(payment_of(carol).method, registration::PaymentMethod::comp);
  EXPECT_EQ(payment_of(carol).amount, 0);
  EXPECT_EQ(payment_of(carol).reference, "Speaker comp");
  EXPECT_EQ(count("SELECT COUNT(*) FROM order_event WHERE source = 'demo'"), 6);
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox"), 0);  // nobody is written to
}

TEST_P(Demo, OrdersHaveTheSettingsPrefix) {
  settings_.order_reference_prefix = "PY77";
  run();
  EXPECT_THAT(order_of("attendee_alice").reference, MatchesRegex("PY77-[A-Z0-9]{8}"));
}

TEST_P(Demo, BobsCartHoldsWhatIsInIt) {
  run();
  read([&](db::Tx& tx) {
    const auto carts = registration::cart_table().select(tx, "ORDER BY id");
    EXPECT_EQ(carts.size(), 1u);
    EXPECT_EQ(carts[0].status, registration::CartStatus::open);
    EXPECT_EQ(carts[0].expires_at, carts[0].created_at + Duration::minutes(30));
    registration::Visitor bob;
    bob.conference_id = id(tx);
    bob.user_id = carts[0].user_id;
    const auto catalogue = registration::load_catalogue(tx, id(tx), settings_);
    const auto view = registration::view_cart(tx, *catalogue, bob);
    EXPECT_FALSE(view.lapsed);
    EXPECT_EQ(view.quote.subtotal, 15'000);
    EXPECT_EQ(view.quote.total, 12'500);  // 20 % off the ticket, 10 % off the shirts
    const auto levels = registration::stock_levels(tx, id(tx));
    EXPECT_EQ(levels.of(ProductKind::ticket_type, catalogue->ticket_type("individual")->id).held, 1);
    EXPECT_EQ(levels.of(ProductKind::addon, catalogue->addon("pycon-t-shirt")->id).held, 2);
    EXPECT_EQ(levels.conference().held, 1);
    return 0;
  });
}

// The figures of the organisers' dashboard in that state. source: 10, 4.6.
TEST_P(Demo, TheBudgetHasTheFiguresOfTheExample) {
  run();
  EXPECT_EQ(
      count("SELECT CAST(SUM(total) AS BIGINT) FROM orders WHERE status IN ('paid', 'partially_refunded') "
            "AND is_sandbox = 0"),
      47'500);
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat WHERE status = 'active'"), 3);
  EXPECT_EQ(
      count("SELECT CAST(SUM(approved_amount) AS BIGINT) FROM travel_grant WHERE status IN ('accepted', "
            "'offered')"),
      170'000);
  EXPECT_EQ(count("SELECT COUNT(*) FROM travel_grant WHERE disbursed_amount IS NOT NULL"), 0);
  const auto places = read([](db::Tx& tx) { return registration::stock_levels(tx, id(tx)).conference(); });
  EXPECT_EQ(places.sold, 3);
  EXPECT_EQ(*places.capacity - places.sold, 2'497);
}

TEST_P(Demo, FiveDiscountsOfWhichTheEarlyBirdIsForTicketsOnly) {
  run();
  read([&](db::Tx& tx) {
    const auto all = registration::conditions_of(tx, id(tx));
    std::vector<std::string> names;
    std::vector<std::int64_t> priorities;
    for (const auto& condition : all) {
      names.push_back(condition.name);
      priorities.push_back(condition.priority);
    }
    EXPECT_THAT(names, ElementsAre("Speaker Complimentary", "Staff 50% Discount", "Early Bird 20% Off",
                                   "Corporate $50 Off", "Add-on 10% Off"));
    EXPECT_THAT(priorities, ElementsAre(0, 5, 10, 15, 20));
    const auto& early = all.at(2);
    EXPECT_EQ(early.addon_scope, registration::Scope::none);
    EXPECT_EQ(early.percent, Decimal(20));
    EXPECT_EQ(early.usage_limit, 50);
    EXPECT_EQ(early.end_time.value() - early.start_time.value(), Duration::days(90));
    EXPECT_THAT(registration::links_of_condition(tx, early.id).products.ticket_types,
                ElementsAre(registration::find_ticket_type(tx, id(tx), "individual")->id,
                            registration::find_ticket_type(tx, id(tx), "student")->id));
    EXPECT_THAT(registration::links_of_condition(tx, all.at(1).id).groups,
                ElementsAre(accounts::find_group(tx, "Conference Staff")->id));
    EXPECT_EQ(all.at(3).amount, 5'000);
    EXPECT_EQ(all.at(4).ticket_scope, registration::Scope::none);
    return 0;
  });
}

TEST_P(Demo, CreditBadgeActivitiesAndGrantsAreThere) {
  db().write_now(db::global_lane, "test", [](db::Tx& tx) {
    return accounts::create_superuser(tx, {"boss", "boss@example.org", "", "x"}).id;
  });
  run();
  read([&](db::Tx& tx) {
    const auto credits = registration::credits_of(tx, id(tx));
    EXPECT_EQ(credits.at(0).amount, 2'500);
    EXPECT_EQ(credits.at(0).remaining, 2'500);
    EXPECT_THAT(credits.at(0).note, HasSubstr("cancelled"));
    const auto badge = onsite::default_badge_template(tx, id(tx)).value();
    EXPECT_EQ(badge.name, "Default Badge");
    EXPECT_EQ(badge.slug, "default");
    EXPECT_EQ(badge.width_mm, 102);
    EXPECT_EQ(badge.height_mm, 152);
    EXPECT_TRUE(badge.show_name && badge.show_email && badge.show_company && badge.show_ticket_type &&
                badge.show_qr_code && badge.show_conference_name);
    EXPECT_EQ(badge.background_color, "#FFFFFF");
    EXPECT_EQ(badge.text_color, "#000000");
    EXPECT_EQ(badge.accent_color, "#4338CA");
    std::map<std::string, std::optional<std::int64_t>> activities;
    for (const auto& activity : programs::activity_table().select(tx, "ORDER BY id")) {
      activities[activity.slug] = activity.max_participants;
      EXPECT_TRUE(activity.is_active);
      EXPECT_FALSE(activity.start_time);
      EXPECT_NE(activity.description, "");
    }
    EXPECT_EQ(activities,
              (std::map<std::string, std::optional<std::int64_t>>{{"django-sprint", 50},
                                                                  {"newcomer-orientation", std::nullopt},
                                                                  {"open-source-workshop", 30},
                                                                  {"lightning-talks", std::nullopt}}));
    std::map<std::string, std::string> grants;
    for (const auto& grant : programs::travel_grant_table().select(tx, "ORDER BY id")) {
      grants[std::string(programs::to_text(grant.status))] =
          std::to_string(grant.requested_amount) + " " + std::to_string(grant.approved_amount.value_or(0));
      EXPECT_EQ(grant.reviewed_by.has_value(), !grant.reviewer_notes.empty());
      EXPECT_NE(grant.occupation, "");
      EXPECT_NE(grant.involvement, "");
      EXPECT_NE(grant.reason, "");
      EXPECT_THAT(programs::travel_grant_table().validate(tx, grant), IsEmpty());
    }
    EXPECT_EQ(grants, (std::map<std::string, std::string>{{"submitted", "95000 0"},
                                                          {"accepted", "70000 50000"},
                                                          {"offered", "171000 120000"},
                                                          {"rejected", "40000 0"},
                                                          {"withdrawn", "75000 0"}}));
    const auto history = conference::history_of(tx, "conference", std::to_string(id(tx)), 10);
    EXPECT_EQ(history.at(0).source, "demo");
    return 0;
  });
}

TEST_P(Demo, AFailureBehindItUndoesTheConferenceToo) {
  fail_ = true;
  EXPECT_THROW(run(), Refused);
  EXPECT_EQ(count("SELECT COUNT(*) FROM conference"), 0);
  for (const auto& [kind, rows] : counts()) EXPECT_EQ(rows, 0) << kind;
  fail_ = false;
  run();
  EXPECT_EQ(counts(), everything);
}

TEST_P(Demo, WithoutItsTicketAVoucherIsLeftOut) {
  const DemoReport report = run(testing::sample);  // neither corporate nor speaker
  ASSERT_THAT(report.vouchers, SizeIs(3));
  EXPECT_EQ(report.vouchers[0].code.substr(0, 4), "STU-");
  EXPECT_EQ(counts().at("vouchers"), 3);
  EXPECT_EQ(counts().at("orders"), 2);  // Bob's is left out, Carol's has no line
  EXPECT_EQ(order_of("speaker_carol").total, 0);
  EXPECT_THAT(order_of("speaker_carol").lines, IsEmpty());
  EXPECT_EQ(counts().at("seats"), 1);
  EXPECT_EQ(counts().at("conditions"), 4);
  EXPECT_THAT(report.notices, SizeIs(3));
  EXPECT_EQ(stock_faults(), "");
}

TEST_P(Demo, WithoutIndividualThereAreNoOrdersCartOrDiscounts) {
  const DemoReport report =
      run(testing::with(testing::with(testing::sample, "name = \"Individual\"", "name = \"Guest\""),
                        "requires = [\"individual\", \"student\"]", "requires = [\"student\"]"));
  auto expected = everything;
  expected["orders"] = expected["lines"] = expected["payments"] = expected["seats"] = expected["carts"] =
      expected["conditions"] = expected["groups"] = 0;
  expected["vouchers"] = 3;
  EXPECT_EQ(counts(), expected);
  EXPECT_THAT(report.notices, ::testing::Contains(HasSubstr("\"individual\"")));
}

TEST_P(Demo, ASoldOutConferenceGetsTheRest) {
  const DemoReport report = run(
      testing::with(testing::sample, "total_capacity = 2500", "total_capacity = 1") + corporate + speaker);
  EXPECT_EQ(counts().at("orders"), 1);
  EXPECT_EQ(counts().at("carts"), 0);
  EXPECT_EQ(counts().at("grants"), 5);
  EXPECT_THAT(report.notices, SizeIs(3));
  EXPECT_EQ(stock_faults(), "");
}

TEST_P(Demo, AmountsAreInTheConferencesCurrency) {
  settings_.currency = Currency::of("JPY");
  std::string text = testing::sample + corporate + speaker;
  for (const char* decimals :
       {"100.00", "25.00", "150.00", "350.00", "0.00", "50_000.00", "15_000.00", "150_000.00", "7_500.00"})
    while (text.find(std::string("= ") + decimals) != std::string::npos)
      text = testing::with(text, std::string("= ") + decimals,
                           "= " + std::string(decimals).substr(0, std::string(decimals).find('.')));
  BootstrapOptions options;
  DemoReport report;
  options.afterwards = [&](db::Tx& tx, std::int64_t conference_id) {
    registration::Catalogues catalogues(settings_);
    report = seed_demo(tx, conference_id, {settings_, catalogues, random_, {}}, key_, inputs_);
  };
  apply_conference_file(db(), testing::parsed(text, "JPY"), settings_, options);
  read([&](db::Tx& tx) {
    EXPECT_EQ(registration::credits_of(tx, id(tx)).at(0).amount, 25);
    EXPECT_EQ(registration::conditions_of(tx, id(tx)).at(3).name, "Corporate ¥50 Off");
    return 0;
  });
  EXPECT_EQ(order_of("attendee_alice").total, 125);
}

}  // namespace
}  // namespace plenary::domain
