// Two processes at one waiting list: a seat that comes back is offered once and never sold beside the list,
// an offer is taken once.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <sstream>

#include "domain/registration/sale.hpp"
#include "domain/registration/waiting_list.hpp"

namespace plenary::registration::testing {
namespace {

constexpr int seats = 40;

// A process of its own at the same database; the numbers it tells come back over a pipe.
class Process {
 public:
  template <class Work>
  explicit Process(Work work) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      int code = 0;
      try {
        for (const Id told : work())
          if (::dprintf(ends[1], "%lld\n", static_cast<long long>(told)) < 0) code = 2;
      } catch (const std::exception& error) {
        std::fprintf(stderr, "process: %s\n", error.what());
        code = 1;
      }
      ::_exit(code);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
  }
  std::vector<Id> told() {
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = ::read(pipe_, buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
    ::close(pipe_);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    EXPECT_EQ(status, 0) << "a writing process failed";
    std::istringstream lines(text);
    std::vector<Id> numbers;
    for (Id number; lines >> number;) numbers.push_back(number);
    return numbers;
  }

 private:
  pid_t pid_ = 0;
  int pipe_ = 0;
};

// What every process needs to act on the fair.
struct Desk {
  Desk(const db::DatabaseOptions& given, Instant now, Id id) : clock(now), conference(id) {
    db::DatabaseOptions options = given;
    options.clock = &clock;
    database = db::Database::open(options);
  }
  Visitor guest(const std::string& name) const { return {conference, {}, token_hash(name), ""}; }
  template <class F>
  auto write(F&& fn) {
    return database->write_now(conference, "race", std::forward<F>(fn));
  }

  ManualClock clock;
  Id conference;
  config::ProgramSettings settings;
  Catalogues catalogues{settings};
  Shop shop{settings, catalogues, Random::system(), HoldLimits{.enabled = false}};
  std::unique_ptr<db::Database> database;
};

class WaitingRaces : public Sale {
 protected:
  // Everything sold, and twice as many people waiting as there are seats.
  void fill() {
    TicketType type = ticket("individual", 10000, seats, 100);
    type.waiting_list = true;
    id_ = make_fair(db(), {.ticket_types = {type}, .max_tickets_per_cart = 100});
    Desk desk(database().options(), clock().now(), id_);
    desk.write([&](db::Tx& tx) { return add_ticket(tx, desk.shop, desk.guest("ada"), "individual", seats); });
    for (int i = 0; i < 2 * seats; ++i)
      desk.write([&](db::Tx& tx) {
        const auto catalogue = load_catalogue(tx, id_, desk.settings);
        WaitingForm form;
        form.name = "Bob";
        form.email = "bob" + std::to_string(i) + "@example.org";
        form.choices = {{ProductKind::ticket_type, catalogue->ticket_type("individual")->id, {}}};
        return join(tx, desk.shop, desk.guest("bob"), form);
      });
  }
  template <class Work>
  Process process(Work work) {
    return Process([this, work] {
      Desk desk(database().options(), clock().now(), id_);
      return work(desk);
    });
  }
  std::string faults() {
    std::string text;
    for (const auto& fault : db().read_now([&](db::Tx& tx) { return verify_stock(tx, id_); }))
      text += fault.what + "\n";
    return text;
  }
  std::int64_t count(const char* sql) {
    return db().read_now([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
  Id id_ = 0;
};
ON_BOTH_ENGINES(WaitingRaces);

TEST_P(WaitingRaces, ASeatThatComesBackIsOfferedOnceAndSoldToNobodyElse) {
  fill();
  database().close();
  // One gives seats back and offers, one offers, one tries to buy what it can.
  Process giving = process([](Desk& desk) {
    std::vector<Id> offered;
    for (std::int64_t left = seats - 1; left >= 0; --left) {
      desk.write([&](db::Tx& tx) {
        const auto catalogue = load_catalogue(tx, desk.conference, desk.settings);
        const Id item = view_cart(tx, *catalogue, desk.guest("ada")).items.at(0).id;
        return set_quantity(tx, desk.shop, desk.guest("ada"), item, left);
      });
      offered.push_back(
          desk.write([&](db::Tx& tx) { return offer_next(tx, desk.shop, desk.conference, 1); }));
    }
    return offered;
  });
  Process offering = process([](Desk& desk) {
    std::vector<Id> offered;
    for (int i = 0; i < 2 * seats; ++i)
      offered.push_back(
          desk.write([&](db::Tx& tx) { return offer_next(tx, desk.shop, desk.conference, 1); }));
    return offered;
  });
  Process buying = process([](Desk& desk) {
    std::vector<Id> bought;
    for (int i = 0; i < 2 * seats; ++i) try {
        desk.write([&](db::Tx& tx) { return add_ticket(tx, desk.shop, desk.guest("eve"), "individual", 1); });
        bought.push_back(i);
      } catch (const Refused&) {
      }
    return bought;
  });
  std::int64_t offers = 0;
  for (const Id made : giving.told()) offers += made;
  for (const Id made : offering.told()) offers += made;
  EXPECT_TRUE(buying.told().empty()) << "while people wait, only offers take what comes back";
  database().reopen();
  EXPECT_EQ(offers, seats);
  EXPECT_EQ(count("SELECT COUNT(*) FROM waiting_entry WHERE status = 'offered'"), seats);
  EXPECT_EQ(count("SELECT COUNT(*) FROM waiting_entry WHERE status = 'offered' AND id > (SELECT MIN(id) FROM "
                  "waiting_entry WHERE status = 'waiting')"),
            0)
      << "in the order of joining";
  EXPECT_EQ(faults(), "");
}

TEST_P(WaitingRaces, AnOfferIsTakenOnce) {
  fill();
  {
    Desk desk(database().options(), clock().now(), id_);
    desk.write([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, id_, desk.settings);
      return remove_item(tx, desk.shop, desk.guest("ada"),
                         view_cart(tx, *catalogue, desk.guest("ada")).items.at(0).id);
    });
    while (desk.write([&](db::Tx& tx) { return offer_next(tx, desk.shop, id_, 10); }) > 0) {
    }
  }
  const auto entries = db().read_now([&](db::Tx& tx) {
    return tx.query<Id>("SELECT id FROM waiting_entry WHERE status = 'offered' ORDER BY id");
  });
  ASSERT_EQ(entries.size(), static_cast<std::size_t>(seats));
  database().close();
  const auto taking = [&](const std::string& name) {
    return process([&entries, name](Desk& desk) {
      std::vector<Id> taken;
      for (const Id entry : entries) try {
          desk.write([&](db::Tx& tx) {
            return accept(tx, desk.shop, desk.guest(name + std::to_string(entry)), entry);
          });
          taken.push_back(entry);
        } catch (const Refused&) {
        }
      return taken;
    });
  };
  Process first = taking("first"), second = taking("second");
  std::vector<Id> taken = first.told();
  for (const Id entry : second.told()) taken.push_back(entry);
  std::sort(taken.begin(), taken.end());
  database().reopen();
  EXPECT_EQ(taken, entries) << "each by exactly one of both";
  EXPECT_EQ(count("SELECT CAST(SUM(quantity) AS BIGINT) FROM cart_item"), seats);
  EXPECT_EQ(faults(), "");
}

}  // namespace
}  // namespace plenary::registration::testing
