// Two processes after the last one: of a quota, of a voucher's uses, of a discount's units, of a waiting
// list's offers. Exactly one gets it, however often they race. source: registration 20, D2, D6, D38.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <iterator>
#include <new>
#include <string>

#include "domain/registration/conditions.hpp"
#include "domain/registration/sale.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/variations.hpp"
#include "domain/registration/vouchers.hpp"
#include "domain/registration/waiting_list.hpp"

namespace plenary::registration {
namespace {

using test::ManualClock;
using testing::Fair;
using testing::FairPlan;
using testing::make_fair;
using testing::ticket;

constexpr int rounds = 1000;

// What both processes share: where they are, and who won.
struct Track {
  std::atomic<int> arrived{0};
  std::atomic<int> wins[rounds] = {};
  // Both wait for each other; the n-th time.
  void meet(int n) {
    ++arrived;
    while (arrived.load() < 2 * n) ::sched_yield();
  }
};

struct Runner {
  db::Database& database;
  ManualClock& clock;
  config::ProgramSettings settings = {};
  Catalogues catalogues{settings};
  Shop shop{settings, catalogues, Random::system(), HoldLimits{.enabled = false}};
  Id conference = 0;
  std::string name = {};

  template <class F>
  auto write(F&& fn) {
    return database.write_now(conference, "race", std::forward<F>(fn));
  }
  Visitor guest(int round) const { return {conference, {}, token_hash(name + std::to_string(round)), ""}; }
  std::int64_t total(const Visitor& who) {
    return database.read_now([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, conference, settings);
      return view_cart(tx, *catalogue, who).quote.total;
    });
  }
  // The order's id; 0: refused.
  Id order(const Visitor& who, std::int64_t shown_total) {
    CheckoutForm form;
    form.billing = {name, name + "@example.org", ""};
    form.shown_total = shown_total;
    form.link_key = &testing::test_link_key();
    try {
      return write([&](db::Tx& tx) { return place_order(tx, shop, who, form).order_id; });
    } catch (const Refused&) {
      return 0;
    }
  }
  void cancel_order(Id id) {
    write([&](db::Tx& tx) {
      Order order = find_order(tx, id).value();
      cancel(tx, shop, order, {"test", name, ""});
      return 0;
    });
  }
};

class Races : public test::DatabaseTest {
 protected:
  // Each round: `prepare`, meet, `race` (true: won), meet, `undo` by whoever won.
  template <class Prepare, class Race, class Undo>
  void run(Id conference, Prepare prepare, Race race, Undo undo, int rounds = registration::rounds) {
    void* memory = ::mmap(nullptr, sizeof(Track), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    Track& track = *new (memory) Track;
    db::DatabaseOptions options = database().options();
    database().close();
    pid_t children[2];
    for (int child = 0; child < 2; ++child) {
      children[child] = ::fork();
      if (children[child] != 0) continue;
      int code = 0;
      try {
        ManualClock own(clock().now());
        options.clock = &own;
        const auto opened = db::Database::open(options);
        Runner runner{*opened, own};
        runner.conference = conference;
        runner.name = child == 0 ? "ada" : "bob";
        int meetings = 0;
        for (int round = 0; round < rounds; ++round) {
          prepare(runner, round);
          track.meet(++meetings);
          const bool won = race(runner, round);
          if (won) ++track.wins[round];
          track.meet(++meetings);
          if (won) undo(runner, round);
          track.meet(++meetings);
        }
      } catch (const std::exception& error) {
        std::fprintf(stderr, "child: %s\n", error.what());
        code = 1;
      }
      ::_exit(code);
    }
    for (std::size_t ended = 0; ended < std::size(children); ++ended) {
      int status = 0;
      ::wait(&status);
      EXPECT_EQ(status, 0);
      if (status != 0) track.arrived = 1 << 30;  // killed, perhaps
    }
    int wrong = 0;
    for (int round = 0; round < rounds; ++round) wrong += track.wins[round].load() != 1;
    EXPECT_EQ(wrong, 0) << "rounds that not exactly one won";
    ::munmap(memory, sizeof(Track));
    database().reopen();
    for (const StockFault& fault : db().read_now([&](db::Tx& tx) { return verify_stock(tx, conference); }))
      ADD_FAILURE() << fault.what;
  }
};

TEST_P(Races, TheLastUnitOfAQuotaGoesToOne) {
  const Id conference =
      make_fair(db(), {.ticket_types = {ticket("one", 100'00, 0), ticket("two", 100'00, 0)}});
  db().write_now(conference, "quota", [&](db::Tx& tx) {
    Quota quota;
    quota.conference_id = conference;
    quota.name = "Hall";
    quota.size = 1;
    quota.ticket_types = tx.query<Id>("SELECT id FROM ticket_type");
    return save(tx, quota);
  });
  run(
      conference, [](Runner&, int) {},
      [](Runner& runner, int) {
        try {
          runner.write([&](db::Tx& tx) {
            return add_ticket(tx, runner.shop, runner.guest(0), runner.name == "ada" ? "one" : "two", 1)
                .cart_id;
          });
          return true;
        } catch (const Refused&) {
          return false;
        }
      },
      [](Runner& runner, int) {
        runner.write([&](db::Tx& tx) {
          const Visitor who = runner.guest(0);
          const auto catalogue = load_catalogue(tx, runner.conference, runner.settings);
          return remove_item(tx, runner.shop, who, view_cart(tx, *catalogue, who).items.front().id).cart_id;
        });
      });
}

TEST_P(Races, TheLastUseOfAVoucherGoesToOne) {
  const Id conference = make_fair(db(), {.ticket_types = {ticket("one", 100'00, 0, 1'000'000)}});
  db().write_now(conference, "voucher", [&](db::Tx& tx) {
    Voucher voucher;
    voucher.conference_id = conference;
    voucher.code = "LAST";
    voucher.type = VoucherType::percentage;
    voucher.percent = Decimal(10);
    return save(tx, voucher);
  });
  Id placed = 0;
  run(
      conference,
      [](Runner& runner, int round) {
        runner.write([&](db::Tx& tx) {
          const Visitor who = runner.guest(round);
          add_ticket(tx, runner.shop, who, "one", 1);
          return apply_voucher(tx, runner.shop, who, "LAST").cart_id;
        });
      },
      [&](Runner& runner, int round) { return (placed = runner.order(runner.guest(round), 90'00)) != 0; },
      [&](Runner& runner, int) { runner.cancel_order(placed); });
}

TEST_P(Races, TheLastUnitOfADiscountGoesToOne) {
  const Id conference = make_fair(db(), {.ticket_types = {ticket("one", 100'00, 0, 1'000'000)}});
  db().write_now(conference, "discount", [&](db::Tx& tx) {
    Condition condition;
    condition.conference_id = conference;
    condition.name = "Last";
    condition.percent = Decimal(10);
    condition.usage_limit = 1;
    return save_condition(tx, condition);
  });
  Id placed = 0;
  run(
      conference,
      [](Runner& runner, int round) {
        runner.write(
            [&](db::Tx& tx) { return add_ticket(tx, runner.shop, runner.guest(round), "one", 1).cart_id; });
      },
      [&](Runner& runner, int round) { return (placed = runner.order(runner.guest(round), 90'00)) != 0; },
      [&](Runner& runner, int) { runner.cancel_order(placed); });
}

// Both have looked at their change at the lower price; one of them waits for its payment at that price, the
// other is told before anything is paid.
TEST_P(Races, TheLastUnitOfADiscountGoesToOneChange) {
  constexpr int rounds = 100;
  const Id conference = make_fair(
      db(), {.ticket_types = {ticket("one", 100'00, 0)}, .addons = {testing::addon("shirt", 20'00, 0)}});
  db().write_now(conference, "discount", [&](db::Tx& tx) {
    tx.exec(
        "UPDATE conference SET self_change_until = $1, catalogue_version = catalogue_version + 1 WHERE id = "
        "$2",
        tx.now() + Duration::days(1), conference);
    Condition condition;
    condition.conference_id = conference;
    condition.name = "Last";
    condition.percent = Decimal(10);
    condition.ticket_scope = Scope::none;
    condition.usage_limit = 1;
    return save_condition(tx, condition);
  });
  const Id shirt = db().read_now([](db::Tx& tx) { return tx.one<Id>("SELECT id FROM addon"); });
  const Cause cause{"test", "buyer", ""};
  Id placed = 0;
  run(
      conference,
      [&](Runner& runner, int round) {
        if (round > 0) return;
        const Visitor who = runner.guest(round);
        runner.write([&](db::Tx& tx) { return add_ticket(tx, runner.shop, who, "one", 1).cart_id; });
        placed = runner.order(who, 100'00);
        runner.write([&](db::Tx& tx) {
          Order order = find_order(tx, placed).value();
          ChargeRequest request;
          request.card_number = "4242 4242 4242 4242";
          return pay(tx, runner.shop, SandboxGateway(), order, request).payment_id;
        });
      },
      [&](Runner& runner, int) {
        try {
          return runner.write([&](db::Tx& tx) {
            Order order = find_order(tx, placed).value();
            const WantedChange wanted{.added = {{ProductKind::addon, shirt, {}, 1, {}}}};
            return change_by_buyer(tx, runner.shop, SandboxGateway(), order, wanted, order.version, 18'00,
                                   cause)
                       .to_pay == 18'00;
          });
        } catch (const Refused&) {
          return false;
        }
      },
      [&](Runner& runner, int) {
        runner.write([&](db::Tx& tx) {
          drop_change(tx, waiting_change(tx, placed).value());
          return 0;
        });
      },
      rounds);
}

// In each round the last place comes back while one person waits. Both processes serve the list, take the
// offer and try to buy beside it: there is one offer, and one of them has the place.
TEST_P(Races, TheOfferOfAWaitingListGoesToOne) {
  TicketType last = ticket("one", 100'00, 1);
  last.waiting_list = true;
  const Id conference = make_fair(db(), {.ticket_types = {last}});
  const auto join_and_give_back = [](Runner& runner, int round) {
    runner.write([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, runner.conference, runner.settings);
      WaitingForm form;
      form.name = "Eve";
      form.email = "eve" + std::to_string(round) + "@example.org";
      form.choices = {{ProductKind::ticket_type, catalogue->ticket_type("one")->id, {}}};
      join(tx, runner.shop, runner.guest(round), form);
      const Visitor who = runner.guest(round - 1);
      return remove_item(tx, runner.shop, who, view_cart(tx, *catalogue, who).items.front().id).cart_id;
    });
  };
  {
    Runner runner{db(), clock()};
    runner.conference = conference;
    runner.write([&](db::Tx& tx) { return add_ticket(tx, runner.shop, runner.guest(-1), "one", 1).cart_id; });
    join_and_give_back(runner, 0);
  }
  run(
      conference, [](Runner&, int) {},
      [](Runner& runner, int round) {
        int got = 0;
        const auto attempt = [&](const auto& act) {
          try {
            runner.write(act);
            ++got;
          } catch (const Refused&) {
          }
        };
        const auto buy = [&](db::Tx& tx) {
          return add_ticket(tx, runner.shop, runner.guest(round), "one", 1).cart_id;
        };
        attempt(buy);
        runner.write([&](db::Tx& tx) { return offer_next(tx, runner.shop, runner.conference, 10); });
        const Id entry = runner.database.read_now(
            [](db::Tx& tx) { return tx.one<Id>("SELECT MAX(id) FROM waiting_entry"); });
        attempt([&](db::Tx& tx) { return accept(tx, runner.shop, runner.guest(round), entry).cart_id; });
        if (got == 0) attempt(buy);
        if (got > 1) throw std::logic_error("the last place twice in one process");
        return got == 1;
      },
      [&](Runner& runner, int round) { join_and_give_back(runner, round + 1); }, rounds);
  EXPECT_EQ(db().read_now([](db::Tx& tx) {
    return tx.one<std::int64_t>("SELECT count(*) FROM waiting_entry WHERE status = 'accepted'");
  }),
            rounds);
}

ON_BOTH_ENGINES(Races);

}  // namespace
}  // namespace plenary::registration
