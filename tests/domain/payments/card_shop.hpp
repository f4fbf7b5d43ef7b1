// A fair whose tickets are paid by card, with Stripe played on a port: the buyer's and Stripe's moves, events
// that are delivered when the test wants, and the jobs, run until nothing is due. At the end of every test
// stock and ledger are recounted.
#pragma once

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/payments/card_payments.hpp"
#include "domain/payments/disputes.hpp"
#include "domain/payments/intents.hpp"
#include "domain/payments/reconciliation.hpp"
#include "domain/payments/stripe_events.hpp"
#include "domain/payments/stripe_jobs.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/provider_payments.hpp"
#include "domain/registration/sale.hpp"
#include "support/stripe/stripe_stand_in.hpp"

namespace plenary::payments::testing {

namespace reg = registration;
using reg::testing::Fair;
using reg::testing::Sale;
using test::MadeEvent;

class CardShop : public Sale {
 protected:
  void SetUp() override {
    Sale::SetUp();
    test::StripeAccountOptions account;
    account.now = [this] { return clock().now().micros / 1'000'000; };
    stripe_ = std::make_unique<test::StripeStandIn>(account);
    open({.ticket_types = {reg::testing::ticket("individual", 10'000, 5),
                           reg::testing::ticket("coin", 40, 5)}});
    use_keys("sk_test_standin0001", "pk_test_standin0001");
    fair().settings.stripe.webhook_secret = Secret("whsec_standin0001");
    fair().settings.stripe.api_base = stripe_->url();
    fair().settings.pending_order_expiry_minutes = 30;
    StripeOptions options;
    options.http.wait = [this](Duration) {
      if (const auto act = std::exchange(while_waiting_, nullptr)) act();
    };
    options.circuit.clock = [this] { return Duration{clock().now().micros}; };
    lines_ = std::make_unique<StripeLines>(options);
    pool_ = std::make_unique<Pool>(1, 8);
    cards_ = std::make_unique<CardPayments>(
        Provider{db(), fair().shop, SealingKeys(Secret("a key of the tests, 32 characters")), *lines_},
        *pool_);
    worker_ = std::make_unique<jobs::Worker>(db());
    register_stripe_kinds(*worker_, provider());
  }
  void TearDown() override {
    for (const std::string& fault :
         fair().read([&](db::Tx& tx) { return verify_disputes(tx, fair().conference_id); }))
      ADD_FAILURE() << fault;
    pool_.reset();
    worker_.reset();
    cards_.reset();
    Sale::TearDown();
    stripe_.reset();
  }

  // Lines of a server, with its own sense of time: how long somebody waits for a Stripe that says nothing.
  void use_patience(Duration patience, Duration attempt) {
    StripeOptions options;
    options.patience = patience;
    options.attempt_of_patience = attempt;
    options.circuit.failures = 2;
    options.first_wait = Duration::milliseconds(1);
    pool_.reset();
    worker_.reset();
    cards_.reset();
    lines_ = std::make_unique<StripeLines>(options);
    pool_ = std::make_unique<Pool>(1, 8);
    cards_ = std::make_unique<CardPayments>(
        Provider{db(), fair().shop, SealingKeys(Secret("a key of the tests, 32 characters")), *lines_},
        *pool_);
    worker_ = std::make_unique<jobs::Worker>(db());
    register_stripe_kinds(*worker_, provider());
  }
  // What happens once while a call waits before it is repeated.
  void while_waiting(std::function<void()> act) { while_waiting_ = std::move(act); }
  test::StripeStandIn& stripe() { return *stripe_; }
  CardPayments& cards() { return *cards_; }
  const Provider& provider() { return cards_->provider(); }
  void use_keys(const char* secret, const char* publishable) {
    fair().settings.stripe.secret_key = Secret(secret);
    fair().settings.stripe.publishable_key = Secret(publishable);
  }

  Id place(const std::string& who = "ada", const std::string& slug = "individual", int quantity = 1) {
    fair().add(fair().guest(who), slug, quantity);
    return fair().order(fair().guest(who), who + "@example.org").order_id;
  }
  CardForm begin(Id order_id) { return cards().begin(fair().conference_id, order_id, "192.0.2.7"); }
  reg::Order order(Id id) { return fair().get(id); }
  std::vector<reg::Payment> payments(Id order_id) {
    return fair().read([&](db::Tx& tx) { return reg::payments_of(tx, order_id); });
  }
  std::vector<reg::Refund> refunds(Id order_id) {
    return fair().read([&](db::Tx& tx) { return reg::refunds_of(tx, order_id); });
  }
  reg::OrderMoney money(Id order_id) {
    return fair().read([&](db::Tx& tx) { return reg::money_of(tx, reg::find_order(tx, order_id).value()); });
  }
  std::string attention(Id order_id) { return order(order_id).attention; }

  // As a webhook brings it.
  EventState deliver(const MadeEvent& event, Id conference = 0) {
    if (conference == 0) conference = fair().conference_id;
    const StripeEvent read = read_event(event.payload);
    auto store = [&](db::Tx& tx) { return store_event(tx, conference, read); };
    return process_now(provider(), conference, db().write_now(conference, "store", store).id);
  }
  void deliver_all() {
    for (const MadeEvent& event : stripe().take_events()) deliver(event);
  }
  // Everything that is due, and what that makes due at once.
  void work() {
    while (worker_->run_due(clock().now()) > 0) {
    }
  }
  // Waits until the provider's pool has done what it was given.
  void pool_is_empty() {
    std::promise<void> reached;
    cards().pool().submit([&reached] { reached.set_value(); });
    reached.get_future().wait();
  }
  StoredEvent event(const std::string& stripe_id) {
    return fair().read([&](db::Tx& tx) {
      return stripe_event_table().maybe(tx, "WHERE stripe_id = $1", stripe_id).value();
    });
  }
  std::int64_t balance(std::string_view account) {
    return fair().read([&](db::Tx& tx) {
      for (const auto& figure :
           reg::ledger_figures(tx, fair().conference_id, {.from = {}, .until = {}, .is_test = true}))
        if (figure.account == account) return figure.balance();
      return std::int64_t{0};
    });
  }
  // An order paid by card, its events taken.
  struct Paid {
    Id order_id = 0;
    std::string intent;
  };
  Paid paid(const std::string& who = "ada", const std::string& card = "4242424242424242") {
    Paid made{place(who), {}};
    made.intent = begin(made.order_id).intent_id;
    stripe().pay(made.intent, card);
    deliver_all();
    work();
    return made;
  }
  std::vector<Id> give_back(Id order_id, std::int64_t amount) {
    return fair().write([&](db::Tx& tx) {
      reg::Order found = reg::find_order(tx, order_id).value();
      return reg::refund(tx, fair().shop, fair().gateway, found, {.amount = amount}, {"test", "staff", ""});
    });
  }

 private:
  std::function<void()> while_waiting_;
  std::unique_ptr<test::StripeStandIn> stripe_;
  std::unique_ptr<StripeLines> lines_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<CardPayments> cards_;
  std::unique_ptr<jobs::Worker> worker_;
};

}  // namespace plenary::payments::testing
