// Selling with 100,000 orders in the database beside selling with none, on both engines: the ticket page (as
// fast as when empty, within a tenth), cart operations (1 ms of the server's time at the median: without
// waiting for the disk, whose speed is its own), the list of orders and its search (100 ms). And a waiting
// list of 10,000 entries: a pass that serves it, the page of a place. `bench_selling ENGINE durable` waits
// for the disk. PostgreSQL is measured when PLENARY_BENCH_POSTGRES or PLENARY_TEST_POSTGRES names a server.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "admin/routes.hpp"
#include "at_size.hpp"
#include "base/codes.hpp"
#include "config/settings.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/waiting_list.hpp"

using namespace plenary;
namespace reg = plenary::registration;

namespace {

constexpr int waiting = 10'000;
int over_budget = 0;

template <class Act>
double milliseconds(Act&& act) {
  const auto begin = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

double at_part(std::vector<double> values, std::size_t place) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place), values.end());
  return values[place];
}
double median(const std::vector<double>& values) {
  return at_part(values, values.size() / 2);
}

void say(const std::string& what, double found, double budget, const std::string& more = "") {
  over_budget += found > budget;
  fmt::print("  {:<52} {:>8.3f} ms   budget {:>7.3f} ms {} {}\n", what, found, budget,
             found > budget ? "MISSED" : "ok", more);
}

struct Server {
  explicit Server(db::Database& given)
      : database(given),
        catalogues(settings.program),
        shop{settings.program, catalogues, Random::system(), reg::HoldLimits{.enabled = false}},
        application(site::Parts{.db = database,
                                .shop = shop,
                                .settings = settings,
                                .gateway = gateway,
                                .clock = clock,
                                .random = Random::system(),
                                .more_pages = {admin::add_pages}},
                    Secret("a secret of the benchmark, long enough for a key")) {}

  db::Database& database;
  config::Settings settings;
  reg::Catalogues catalogues;
  reg::Shop shop;
  reg::SandboxGateway gateway;
  SystemClock clock;
  site::Application application;
};

// The lower quartile of many, so that what else runs on the machine counts as little as may be.
double page(Server& server, const std::string& token, const std::string& target, int times) {
  bench::Browser browser(server.application, token);
  std::vector<double> all;
  for (int i = 0; i < times; ++i)
    all.push_back(milliseconds([&] {
      const web::Response response = browser.get(target);
      if (response.status != 200) throw std::runtime_error(fmt::format("{}: {}", target, response.status));
    }));
  return at_part(all, all.size() / 4);
}

// What a visit to the cart is made of, turn and turn about on both servers; whoever does it: strangers, or
// somebody who bought before.
struct CartTimes {
  std::vector<double> add, look, change, remove;
};
void visit_cart(Server& server, reg::Id conference, std::optional<reg::Id> user, int number,
                CartTimes& times) {
  const std::string name = fmt::format("{}-{}", user.value_or(0), number);
  const reg::Visitor who{conference, user, token_hash(name),
                         user ? fmt::format("person{}@example.org", *user * 5) : ""};
  const auto write = [&](auto&& fn) {
    return milliseconds([&] { server.database.write_now(conference, "bench", fn); });
  };
  times.add.push_back(
      write([&](db::Tx& tx) { return reg::add_ticket(tx, server.shop, who, "ticket-1", 1).cart_id; }));
  reg::Id item = 0;
  times.look.push_back(milliseconds([&] {
    item = server.database.read_now([&](db::Tx& tx) {
      const auto catalogue = reg::load_catalogue(tx, conference, server.settings.program);
      return reg::view_cart(tx, *catalogue, who).items.front().id;
    });
  }));
  times.change.push_back(
      write([&](db::Tx& tx) { return reg::set_quantity(tx, server.shop, who, item, 2).cart_id; }));
  times.remove.push_back(
      write([&](db::Tx& tx) { return reg::remove_item(tx, server.shop, who, item).cart_id; }));
}

void measure_carts(const char* who, Server& full, Server& empty, reg::Id conference,
                   std::optional<reg::Id> user) {
  CartTimes now, before;
  for (int i = 0; i < 300; ++i) {
    visit_cart(empty, conference, {}, i, before);
    visit_cart(full, conference, user, i, now);
  }
  const auto line = [&](const char* what, const std::vector<double>& then, const std::vector<double>& here) {
    say(fmt::format("Cart of {}, {}", who, what), median(here), 1,
        fmt::format("(empty: {:.3f} ms)", median(then)));
  };
  line("a ticket added", before.add, now.add);
  line("looked at", before.look, now.look);
  line("quantity changed", before.change, now.change);
  line("a ticket taken out", before.remove, now.remove);
}

// Somebody in each entry; every third in a group that fits only whole, every second with another choice.
void fill_waiting_list(Server& server, reg::Id conference) {
  const reg::Visitor holder{conference, {}, token_hash("holder"), ""};
  server.database.write_now(conference, "bench", [&](db::Tx& tx) {
    for (const char* slug : {"hall", "stream"}) {
      reg::TicketType type;
      type.conference_id = conference;
      type.name = type.slug = slug;
      type.price = 10'000;
      type.total_quantity = 200;
      type.limit_per_user = 1'000;
      type.waiting_list = true;
      reg::save(tx, type);
    }
    tx.exec(
        "UPDATE conference SET max_tickets_per_cart = 1000, catalogue_version = catalogue_version + 1 WHERE "
        "id = $1",
        conference);
    return 0;
  });
  server.database.write_now(conference, "bench", [&](db::Tx& tx) {
    reg::add_ticket(tx, server.shop, holder, "hall", 200);
    return reg::add_ticket(tx, server.shop, holder, "stream", 200).cart_id;
  });
  const auto catalogue = server.database.read_now(
      [&](db::Tx& tx) { return reg::load_catalogue(tx, conference, server.settings.program); });
  const reg::ProductChoice hall{reg::ProductKind::ticket_type, catalogue->ticket_type("hall")->id, {}};
  const reg::ProductChoice stream{reg::ProductKind::ticket_type, catalogue->ticket_type("stream")->id, {}};
  for (int done = 0; done < waiting; done += 100)
    server.database.write_now(conference, "bench", [&](db::Tx& tx) {
      for (int i = done; i < done + 100; ++i) {
        reg::WaitingForm form;
        form.name = fmt::format("Waiting {}", i);
        form.email = fmt::format("waiting{}@example.org", i);
        form.quantity = 1 + i % 3;
        form.all_or_nothing = i % 3 == 2;
        form.choices = {hall};
        if (i % 2 == 1) form.choices.push_back(stream);
        reg::join(tx, server.shop, {conference, {}, token_hash(form.email), ""}, form);
      }
      return 0;
    });
}

void measure_waiting_list(Server& server, reg::Id conference, const std::string& slug) {
  fill_waiting_list(server, conference);
  const auto offers = [&](std::int64_t most) {
    return server.database.write_now(
        conference, "bench", [&](db::Tx& tx) { return reg::offer_next(tx, server.shop, conference, most); });
  };
  std::vector<double> idle;
  for (int i = 0; i < 100; ++i) idle.push_back(milliseconds([&] { offers(20); }));
  const std::string list = fmt::format("{} wait", waiting);
  say("Waiting list, nothing free: one pass", median(idle), 5, list);

  const auto place = [&](const char* which) {
    const auto entry = server.database.read_now([&](db::Tx& tx) {
      return tx.one<reg::Id>(
          db::intern_sql(fmt::format("SELECT {}(id) FROM waiting_entry WHERE status = 'waiting'", which)));
    });
    return fmt::format("/{}/register/waiting-list/{}/{}/", slug, entry,
                       reg::waiting_link_token(server.application.site().link_key, entry, 1));
  };
  say("Page of the first place", page(server, "", place("MIN"), 100), 10, list);
  say("Page of the last place", page(server, "", place("MAX"), 100), 10, list);
  say("Ticket page with a waiting list", page(server, "", fmt::format("/{}/register/", slug), 100), 5, list);

  // All 400 units come back at once, and are offered twenty at a time.
  server.database.write_now(conference, "bench", [&](db::Tx& tx) {
    const reg::Visitor holder{conference, {}, token_hash("holder"), ""};
    const auto catalogue = reg::load_catalogue(tx, conference, server.settings.program);
    for (const reg::CartItem& item : reg::view_cart(tx, *catalogue, holder).items)
      reg::remove_item(tx, server.shop, holder, item.id);
    return 0;
  });
  std::vector<double> passes;
  std::int64_t made = 0;
  for (std::int64_t some = 1; some > 0; made += some)
    passes.push_back(milliseconds([&] { some = offers(20); }));
  say("400 units come back: a pass of 20 offers", median(passes), 100, fmt::format("{} offers", made));
}

void measure_pages(Server& full, Server& empty, const std::string& target) {
  std::vector<double> now, before;
  for (int round = 0; round < 40; ++round) {
    before.push_back(page(empty, "", target, 50));
    now.push_back(page(full, "", target, 50));
  }
  say("Ticket page", median(now), median(before) * 1.1, "(when empty, and a tenth)");
}

void measure_all(db::Database& database, db::Database& other) {
  const auto make = [](db::Database& one) {
    return one.write_now(db::global_lane, "bench", bench::make_conferences);
  };
  const std::vector<std::int64_t> ids = make(database);
  if (make(other) != ids) throw std::logic_error("conferences of other numbers");
  const std::int64_t conference = ids.back();
  const std::string slug = fmt::format("conference-{}", ids.size());
  const web::NewSession session = web::new_session(Random::system());
  const auto buyer = database.write_now(db::global_lane, "bench", [&](db::Tx& tx) {
    bench::make_orders(tx, ids.front());
    // A buyer who has some orders of their own, and may see everything.
    const auto user = tx.one<std::int64_t>("SELECT min(id) FROM user_account");
    tx.exec("UPDATE user_account SET is_superuser = 1, is_staff = 1, password_hash = 'none' WHERE id = $1",
            user);
    tx.exec(
        "UPDATE orders SET user_id = $1 WHERE id IN (SELECT id FROM orders WHERE conference_id = $2 AND "
        "status = 'paid' ORDER BY id LIMIT 5)",
        user, conference);
    accounts::create_session(tx, {.token_hash = session.hash, .user_id = user});
    return user;
  });
  Server server(database), empty(other);
  measure_pages(server, empty, fmt::format("/{}/register/", slug));
  measure_carts("a stranger", server, empty, conference, {});
  measure_carts("a buyer of before", server, empty, conference, buyer);
  const std::string orders = "/admin/program_registration/order/";
  say("Orders, the list", page(server, session.token, orders, 15), 100);
  say("Orders, search by name", page(server, session.token, orders + "?q=person+7777", 15), 100);
  say("Orders, search by reference", page(server, session.token, orders + "?q=ORD-10077777", 15), 100);
  say("Orders, search by address", page(server, session.token, orders + "?q=person77777@example.org", 15),
      100);
  say("Orders, search that finds nothing", page(server, session.token, orders + "?q=nobody-at-all", 15), 100);
  measure_waiting_list(server, conference, slug);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    bench::on_both_engines(argc > 1 ? argv[1] : "", argc > 2 && std::string_view(argv[2]) == "durable",
                           measure_all);
    fmt::print("{} over their budget\n", over_budget);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_selling: {}\n", error.what());
    return 1;
  }
}
