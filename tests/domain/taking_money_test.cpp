// The second half of docs/selling.md, followed step by step: its first conference file is applied as it
// stands there, and every row of its tables about money is done, with Stripe played on a port: by card in
// test mode, at the desk, by bank statements. A row that the test does not know fails.
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include <fmt/format.h>

#include "config/conference_file.hpp"
#include "domain/accounts/users.hpp"
#include "domain/bootstrap.hpp"
#include "domain/payments/card_shop.hpp"
#include "domain/payments/statement_import.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/payment_terms.hpp"

namespace plenary::domain {
namespace {

using payments::testing::Fair;
using registration::Account;
using registration::Id;
using registration::Order;
using registration::OrderStatus;
namespace reg = registration;

struct Row {
  bool in_test_mode = false;
  std::string what, status, paid, due, where;
};

struct Guide {
  std::string file;  // the first conference
  std::vector<Row> rows;
};

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> all;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const auto from = cell.find_first_not_of(' ');
    all.push_back(from == std::string::npos ? "" : cell.substr(from, cell.find_last_not_of(' ') - from + 1));
  }
  return all;
}

Guide read_guide() {
  std::ifstream in(PLENARY_SOURCE_DIR "/docs/selling.md");
  Guide guide;
  enum class Place { text, file, money } place = Place::text;
  bool in_test_mode = false, has_file = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "```toml" && !has_file) {
      place = Place::file;
      has_file = true;
    } else if (line == "```" || (place == Place::money && line.empty())) {
      place = Place::text;
    } else if (place == Place::file) {
      guide.file += line + "\n";
    } else if (line.starts_with("| in test mode |") || line.starts_with("| what happens |")) {
      place = Place::money;
      in_test_mode = line.starts_with("| in test mode |");
    } else if (place == Place::money && line.starts_with("| ")) {
      const auto row = cells(line);
      guide.rows.push_back({in_test_mode, row.at(0), row.at(1), row.at(2), row.at(3), row.at(4)});
    }
  }
  return guide;
}

class TakingMoney : public payments::testing::CardShop {
 protected:
  const reg::Cause eve_{"manage", "eve", ""};
  const conference::Actor actor_{std::nullopt, "eve", "manage"};
  std::map<std::string, Id> people_;
  Id order_id_ = 0;  // of the row before
  int visit_ = 0;

  static std::int64_t cents(const std::string& text) {
    return Money::exact(Decimal::parse(text).value(), Currency::of("EUR")).minor();
  }
  static std::string text(std::int64_t cents) { return Money(cents, Currency::of("EUR")).to_string(); }

  // The conference of the page, with Stripe keys of its own and bank transfers.
  void open_conference(const std::string& text) {
    const auto file = config::parse_conference_file(text, "selling.md",
                                                    {.currency = Currency::of("EUR"), .reserved_slugs = {}});
    const Id id = apply_conference_file(db(), file, fair().settings, {}).conference_id;
    fair().conference_id = id;
    fair().shop.limits.enabled = false;
    const std::string secret = sealed("stripe_secret_key", "sk_test_standin0001"),
                      publishable = sealed("stripe_publishable_key", "pk_test_standin0001"),
                      webhook = sealed("stripe_webhook_secret", "whsec_standin0001");
    fair().write([&](db::Tx& tx) {
      tx.exec(
          "UPDATE conference SET stripe_secret_key = $1, stripe_publishable_key = $2, "
          "stripe_webhook_secret = $3 WHERE id = $4",
          secret, publishable, webhook, id);
      reg::PaymentSetup setup;
      setup.conference_id = id;
      setup.offers_transfer = true;
      setup.account_holder = "PyConf e. V.";
      setup.iban = "DE89 3704 0044 0532 0130 00";
      setup.term_days = 7;
      ASSERT_TRUE(reg::save_payment_setup(tx, setup));
    });
    fair().settings.stripe.secret_key.reset();
    fair().settings.stripe.publishable_key.reset();
    fair().settings.stripe.webhook_secret.reset();
  }
  std::string sealed(const std::string& column, const std::string& value) {
    return provider().keys.seal(Secret(value), fmt::format("conference.{}.{}", column, fair().conference_id),
                                Random::system());
  }

  // "1 on-site, 1 shirt/m"
  struct Wanted {
    reg::ProductKind kind = reg::ProductKind::ticket_type;
    std::string slug, variation;
    std::int64_t quantity = 1;
  };
  std::vector<Wanted> wanted(const std::string& text) {
    std::vector<Wanted> all;
    static const std::regex one(R"((\d+) ([a-z-]+)(?:/([a-z]+))?)");
    const auto catalogue = load_shop();
    for (std::sregex_iterator at(text.begin(), text.end(), one), end; at != end; ++at) {
      const std::smatch& part = *at;
      all.push_back(
          {catalogue->ticket_type(part[2].str()) ? reg::ProductKind::ticket_type : reg::ProductKind::addon,
           part[2], part[3], std::stoll(part[1])});
    }
    return all;
  }
  std::shared_ptr<const reg::Catalogue> load_shop() {
    return fair().read(
        [&](db::Tx& tx) { return reg::load_catalogue(tx, fair().conference_id, fair().settings); });
  }

  Id person(const std::string& name) {
    Id& id = people_[name];
    if (id == 0)
      id = fair().write([&](db::Tx& tx) {
        return accounts::become_account(tx, {name + "@example.org", name, "en", "hash"}).id;
      });
    return id;
  }
  void place_order(const std::string& who, const std::string& what, bool is_test) {
    const reg::Visitor visitor = fair().user(person(who), who + std::to_string(++visit_));
    for (const Wanted& item : wanted(what))
      fair().write([&](db::Tx& tx) {
        const reg::AddItem add{item.slug, item.quantity, item.variation, {}};
        return item.kind == reg::ProductKind::addon ? reg::add_addon(tx, fair().shop, visitor, add)
                                                    : reg::add_ticket(tx, fair().shop, visitor, add);
      });
    reg::CheckoutForm form;
    form.billing = {who, who + "@example.org", ""};
    form.shown_total = fair().cart(visitor).quote.total;
    form.link_key = &reg::testing::test_link_key();
    form.is_sandbox = is_test;
    order_id_ =
        fair().write([&](db::Tx& tx) { return reg::place_order(tx, fair().shop, visitor, form); }).order_id;
  }
  // A function of the transaction and of the order as it is in it.
  template <class F>
  auto with_order(F&& act) {
    return fair().write([&](db::Tx& tx) {
      Order order = reg::find_order(tx, order_id_).value();
      return act(tx, order);
    });
  }
  // What Stripe tells arrives, and what that makes due is done.
  void webhooks_and_jobs() {
    work();
    deliver_all();
    work();
  }
  void pay_by_card(const std::string& number, const std::string& outcome) {
    const std::string intent = begin(order_id_).intent_id;
    EXPECT_EQ(stripe().pay(intent, number), outcome);
    if (outcome == "requires_action") {
      EXPECT_EQ(stripe().authenticate(intent, true), "succeeded");
    }
    webhooks_and_jobs();
  }
  void send_back(std::int64_t amount, reg::RefundWay way) {
    with_order([&](db::Tx& tx, Order& order) {
      return reg::refund(tx, fair().shop, fair().gateway, order, {.amount = amount, .way = way}, eve_);
    });
    webhooks_and_jobs();
  }
  void spend_credit() {
    with_order([&](db::Tx& tx, Order& order) {
      const auto catalogue = reg::load_catalogue(tx, fair().conference_id, fair().settings);
      const auto credits = reg::spendable_credits(tx, *catalogue, order);
      ASSERT_EQ(credits.size(), 1u);
      reg::apply_credit(tx, fair().shop, order, credits[0].id, eve_);
    });
  }
  void sell(const std::string& what, reg::ManualChannel channel) {
    reg::DeskSale sale;
    for (const Wanted& item : wanted(what)) {
      const auto catalogue = load_shop();
      reg::StaffItem line{item.kind, catalogue->product(item.kind, item.slug)->id, item.quantity, {}, {}};
      if (!item.variation.empty())
        line.variation_id = catalogue->variation(item.kind, line.product_id, item.variation)->id;
      sale.items.push_back(line);
    }
    sale.buyer.name = "A visitor";
    sale.channel = channel;
    sale.link_key = &reg::testing::test_link_key();
    order_id_ = fair().write([&](db::Tx& tx) {
      const auto catalogue = reg::load_catalogue(tx, fair().conference_id, fair().settings);
      return reg::sell_at_desk(tx, fair().shop, *catalogue, sale, eve_).order_id;
    });
  }

  // A statement with this one line, as a bank in Germany writes it. What it is for is found.
  payments::ListedEntry statement(std::int64_t amount, const std::string& purpose) {
    const std::string day = clock().now().to_string();  // 2027-05-14T…
    std::string figure = text(std::abs(amount));
    figure.replace(figure.find('.'), 1, ",");
    const std::string csv = fmt::format(
        "Buchungstag;Name;IBAN;Verwendungszweck;Betrag;Währung\n{}.{}.{};Grace;"
        "DE02120300000000202051;{};{}{};EUR\n",
        day.substr(8, 2), day.substr(5, 2), day.substr(0, 4), purpose, amount < 0 ? "-" : "", figure);
    const payments::StatementFile file = payments::read_statement(csv, {"EUR", {}});
    for (const auto& fault : file.faults) ADD_FAILURE() << payments::to_string(fault);
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(payments::import_statements(db(), fair().shop, fair().conference_id, file, "bank.csv", actor_)
                    .added,
                i == 0 ? 1 : 0)
          << "imported twice changes nothing";
    const auto waiting = fair().read([&](db::Tx& tx) {
      return payments::bank_entries(tx, fair().shop, fair().conference_id,
                                    {.state = payments::EntryState::matched});
    });
    EXPECT_EQ(waiting.size(), 1u);
    return waiting.at(0);
  }
  void arrives_beyond_doubt(std::int64_t amount, const std::string& purpose) {
    EXPECT_EQ(statement(amount, purpose).entry.certainty, payments::Certainty::exact);
    EXPECT_EQ(payments::book_exact(db(), fair().shop, fair().conference_id, actor_).booked, 1);
  }
  void a_person_books(std::int64_t amount, bool excess_as_credit) {
    const payments::ListedEntry found = statement(amount, order(order_id_).reference);
    EXPECT_NE(found.entry.certainty, payments::Certainty::exact);
    EXPECT_EQ(payments::book_exact(db(), fair().shop, fair().conference_id, actor_).booked, 0);
    fair().write([&](db::Tx& tx) {
      const payments::Booking booking{.entry_id = found.entry.id, .excess_as_credit = excess_as_credit};
      return payments::book_entry(tx, fair().shop, fair().conference_id, booking, actor_);
    });
  }
  std::size_t to_pay_out() {
    return fair().read([&](db::Tx& tx) { return reg::payouts_to_make(tx, fair().conference_id).size(); });
  }

  // What the row says happens. False: the test does not know it.
  bool act(const Row& row) {
    using Act = std::function<void(const std::smatch&)>;
    static constexpr const char* amount = R"(([0-9]+\.[0-9]{2}))";
    const std::string a = amount;
    const std::vector<std::pair<std::string, Act>> known{
        {R"((\w+) orders (.+))", [&](auto& m) { place_order(m[1], m[2], row.in_test_mode); }},
        {"her card is declined", [&](auto&) { pay_by_card("4000000000000002", "generic_decline"); }},
        {"another card succeeds", [&](auto&) { pay_by_card("4242424242424242", "succeeded"); }},
        {"she confirms the rest with her bank",
         [&](auto&) { pay_by_card("4000002500003155", "requires_action"); }},
        {a + " go back to her card", [&](auto& m) { send_back(cents(m[1]), reg::RefundWay::original); }},
        {"the rest becomes a credit",
         [&](auto&) { send_back(money(order_id_).refundable, reg::RefundWay::credit); }},
        {"she spends her credit", [&](auto&) { spend_credit(); }},
        {"Stripe pays out " + a,
         [&](auto& m) {
           stripe().pay_out(cents(m[1]), "eur");
           webhooks_and_jobs();
         }},
        {"the desk sells (.+) for cash", [&](auto& m) { sell(m[1], reg::ManualChannel::cash); }},
        {"the desk sells (.+) by card reader", [&](auto& m) { sell(m[1], reg::ManualChannel::card_reader); }},
        {a + " go back by hand",
         [&](auto& m) {
           const std::size_t before = to_pay_out();
           send_back(cents(m[1]), reg::RefundWay::original);
           EXPECT_EQ(to_pay_out(), before + 1);
         }},
        {R"((\w+) chooses bank transfer for (.+))",
         [&](auto& m) {
           place_order(m[1], m[2], row.in_test_mode);
           EXPECT_TRUE(with_order([&](db::Tx& tx, Order& order) {
             return reg::choose_transfer(tx, fair().shop, order, eve_).is_new;
           }));
         }},
        {a + " arrive, beyond doubt",
         [&](auto& m) { arrives_beyond_doubt(cents(m[1]), "Ticket " + order(order_id_).reference); }},
        {a + " arrive, and a person books them", [&](auto& m) { a_person_books(cents(m[1]), false); }},
        {a + " arrive, and what is too much becomes a credit",
         [&](auto& m) { a_person_books(cents(m[1]), true); }},
        {"the statement says that " + a + " went out",
         [&](auto& m) {
           const std::size_t before = to_pay_out();
           arrives_beyond_doubt(-cents(m[1]), "REFUND " + order(order_id_).reference);
           EXPECT_EQ(to_pay_out() + 1, before);
         }},
        {"the term is over",
         [&](auto&) {
           const auto term = fair().read([&](db::Tx& tx) {
             return reg::payment_term_of(tx, reg::find_order(tx, order_id_).value()).value();
           });
           clock().set(term.ends_at + Duration::minutes(1));
           fair().sweep();
         }},
    };
    for (const auto& [pattern, does] : known) {
      std::smatch found;
      if (!std::regex_match(row.what, found, std::regex(pattern))) continue;
      does(found);
      return true;
    }
    return false;
  }

  // Where the money is, with what is owed as credit; not who owes what, nor for what it was.
  std::string where_money_is(bool is_test) {
    const auto figures = fair().read([&](db::Tx& tx) {
      return reg::ledger_figures(tx, fair().conference_id, {.from = {}, .until = {}, .is_test = is_test});
    });
    static constexpr std::array about_sales{Account::receivable, Account::tickets,   Account::addons,
                                            Account::fees,       Account::discounts, Account::tax};
    std::string all;
    std::int64_t sum = 0;
    for (const auto& figure : figures) {
      sum += figure.balance();
      if (figure.balance() == 0 || std::ranges::find(about_sales, figure.account) != about_sales.end())
        continue;
      all += (all.empty() ? "" : ", ") + figure.account + " " + text(figure.balance());
    }
    EXPECT_EQ(sum, 0);
    return all;
  }
};
ON_BOTH_ENGINES(TakingMoney);

TEST_P(TakingMoney, ThePageIsTrue) {
  const Guide guide = read_guide();
  open_conference(guide.file);
  for (const Row& row : guide.rows) {
    SCOPED_TRACE(row.what);
    ASSERT_TRUE(act(row)) << "the test knows no such row";
    const Order now = order(order_id_);
    EXPECT_EQ(now.is_sandbox, row.in_test_mode);
    EXPECT_EQ(reg::to_text(now.status), row.status);
    const reg::OrderMoney of_it = money(order_id_);
    EXPECT_EQ(text(of_it.kept), row.paid);
    EXPECT_EQ(text(of_it.due()), row.due);
    EXPECT_EQ(where_money_is(row.in_test_mode), row.where);
    EXPECT_EQ(fair().stock_faults(), "");
  }
  EXPECT_EQ(guide.rows.size(), 26u);
  EXPECT_EQ(to_pay_out(), 1u) << "the cash of the desk";
}

}  // namespace
}  // namespace plenary::domain
