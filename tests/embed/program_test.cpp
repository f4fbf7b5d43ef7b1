// A program that embeds Plenary, from outside: its own page behind a guard, its variables on every page, its
// templates over ours, settings overridden while it runs, and the toggles of one conference.
#include "embed/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "domain/conference/conferences.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/products.hpp"
#include "site/page.hpp"
#include "support/db/test_databases.hpp"
#include "support/http_client.hpp"

namespace plenary::embed {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

Task<web::Response> show_hotels(site::Site& site, web::Request& request) {
  site::Page page(site, request, "hotels.html");
  page.set("city", "Berlin");
  co_return page.html();
}

class ProgramTest : public plenary::test::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    std::string pattern = (fs::temp_directory_path() / "plenary-embed-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fs::create_directories(templates() / "django_program");
    write("hotels.html",
          "{% extends \"django_program/base.html\" %}{% block content %}<h1>Hotels in {{ city }}"
          "</h1>{% if program_features.sponsors_enabled %}with sponsors{% endif %}{% endblock %}");
    db().write_now(db::global_lane, "make", [](db::Tx& tx) {
      conference::Conference fair;
      fair.name = "Fair";
      fair.slug = "fair";
      fair.start_date = *Date::parse("2027-05-20");
      fair.end_date = *Date::parse("2027-05-22");
      fair.timezone = "Europe/Berlin";
      EXPECT_TRUE(conference::create(tx, fair));
    });
    db::DatabaseOptions options = database().options();
    settings_.emplace([this, options](config::Settings& settings) {
      settings = {};
      settings.server.listen.port = 0;
      settings.server.threads = 1;
      settings.server.access_log = false;
      settings.base_directory = folder_;
      settings.security.key_file = "test.key";
      settings.mail.folder = folder_ / "mail";
      settings.database.url = Secret(options.url);
    });
  }
  void TearDown() override {
    program_.reset();
    settings_.reset();
    fs::remove_all(folder_);
    DatabaseTest::TearDown();
  }

  plenary::test::TestDatabase::Change change() override {
    return [clock = DatabaseTest::change()](db::DatabaseOptions& options) {
      clock(options);
      options.slow_write = Duration::hours(1);  // these tests are about pages
    };
  }

  fs::path templates() const { return folder_ / "templates"; }
  void write(const std::string& name, const std::string& text) { std::ofstream(templates() / name) << text; }

  Extensions hotels() const {
    Extensions extensions;
    extensions.add_templates_folder(templates());
    extensions.add_pages([](site::PageTable& pages) {
      pages.add("hotels:list", "/{conference}/hotels/", web::Method::get,
                web::features({"registration", "public_ui"}), show_hotels);
    });
    return extensions;
  }
  Program& start(Extensions extensions) {
    program_ = std::make_unique<Program>(
        std::move(extensions),
        ProgramOptions{.clock = &clock(), .database = [](db::DatabaseOptions& options) {
                         options.relaxed_durability = true;
                         options.slow_write = Duration::hours(1);
                       }});
    program_->start();
    return *program_;
  }
  plenary::test::HttpResponse get(std::string_view path) {
    return plenary::test::HttpClient(program_->port()).get(path);
  }

  fs::path folder_;
  std::optional<config::ScopedOverride> settings_;
  std::unique_ptr<Program> program_;
};
ON_BOTH_ENGINES(ProgramTest);

TEST_P(ProgramTest, ServesPlenarysPagesAndItsOwn) {
  Program& program = start(hotels());
  EXPECT_EQ(program.base_url(), fmt::format("http://127.0.0.1:{}", program.port()));
  EXPECT_THAT(get("/fair/").body, HasSubstr("<h1>Fair</h1>"));
  EXPECT_EQ(get("/healthz").status, 200);
  const auto page = get("/fair/hotels/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("<h1>Hotels in Berlin</h1>with sponsors"));
  EXPECT_EQ(get("/nowhere/hotels/").status, 404);
  program.stop();
  program.stop();
}

TEST_P(ProgramTest, AnOverriddenToggleHoldsAtTheNextRequest) {
  start(hotels());
  EXPECT_EQ(get("/fair/hotels/").status, 200);
  {
    const config::ScopedOverride closed(
        [](config::Settings& settings) { settings.program.features.registration_enabled = false; });
    EXPECT_EQ(get("/fair/hotels/").status, 404);
    EXPECT_EQ(get("/fair/register/").status, 404);
    const config::ScopedOverride open(
        [](config::Settings& settings) { settings.program.features.registration_enabled = true; });
    EXPECT_EQ(get("/fair/hotels/").status, 200);
  }
  EXPECT_EQ(get("/fair/hotels/").status, 200);
  const config::ScopedOverride without_sponsors(
      [](config::Settings& settings) { settings.program.features.sponsors_enabled = false; });
  EXPECT_THAT(get("/fair/hotels/").body, Not(HasSubstr("with sponsors")));
  const config::ScopedOverride without_ui(
      [](config::Settings& settings) { settings.program.features.all_ui_enabled = false; });
  EXPECT_EQ(get("/fair/").status, 404);
}

TEST_P(ProgramTest, AConferencesOwnToggleGoesBeforeAnOverride) {
  Program& program = start(hotels());
  const auto force = [&](std::optional<bool> value) {
    program.database().write_now(1, "force", [&](db::Tx& tx) {
      const auto fair = conference::find_state(tx, "fair");
      conference::set_feature(tx, fair->id, conference::Feature::registration, value);
    });
  };
  force(false);
  EXPECT_EQ(get("/fair/hotels/").status, 404);
  const config::ScopedOverride closed(
      [](config::Settings& settings) { settings.program.features.registration_enabled = false; });
  force(true);
  EXPECT_EQ(get("/fair/hotels/").status, 200);
  force(std::nullopt);
  EXPECT_EQ(get("/fair/hotels/").status, 404);
}

TEST_P(ProgramTest, AHandlerAsksForTogglesByRequestAndByConference) {
  Extensions extensions;
  extensions.add_pages([](site::PageTable& pages) {
    pages.add(
        "hotels:asking", "/{conference}/asking/", web::Method::get, web::conference_scoped(),
        [](site::Site& site, web::Request& request) -> Task<web::Response> {
          site::require_feature("programs", request);
          auto ask = [&](db::Tx& tx) {
            return conference::is_feature_enabled("sponsors", tx, request.conference_slug());
          };
          const bool by_slug = co_await site.db.read(ask);
          co_return web::Response::text(fmt::format("{} {} {}", site::is_feature_enabled("sponsors", request),
                                                    by_slug, conference::is_feature_enabled("sponsors")));
        });
    pages.add("hotels:everywhere", "/everywhere/", web::Method::get, web::public_(),
              [](site::Site&, web::Request& request) -> Task<web::Response> {
                site::require_feature("programs", request);
                co_return web::Response::text("here");
              });
  });
  Program& program = start(std::move(extensions));
  EXPECT_EQ(get("/fair/asking/").body, "true true true");
  program.database().write_now(1, "force", [&](db::Tx& tx) {
    const auto fair = conference::find_state(tx, "fair");
    conference::set_feature(tx, fair->id, conference::Feature::sponsors, false);
    EXPECT_FALSE(conference::is_feature_enabled("sponsors", *conference::find_state(tx, "fair")));
    EXPECT_FALSE(conference::is_feature_enabled("sponsors", tx, fair->id));
    EXPECT_THROW(conference::require_feature("sponsors", tx, "fair"), NotFound);
    EXPECT_THROW(conference::require_feature("sponsors", tx, fair->id), NotFound);
    EXPECT_NO_THROW(conference::require_feature("programs", *conference::find_state(tx, "fair")));
    EXPECT_THROW(conference::is_feature_enabled("sponsors", tx, "nowhere"), NotFound);
    EXPECT_THROW(conference::is_feature_enabled("sponsoring", tx, "fair"), std::invalid_argument);
  });
  EXPECT_EQ(get("/fair/asking/").body, "false false true");
  EXPECT_EQ(get("/everywhere/").body, "here");
  const config::ScopedOverride closed(
      [](config::Settings& settings) { settings.program.features.programs_enabled = false; });
  EXPECT_EQ(get("/fair/asking/").status, 404);
  EXPECT_EQ(get("/everywhere/").status, 404);
}

TEST_P(ProgramTest, ItsVariablesAreOnEveryPageAndAPagesOwnWin) {
  write("django_program/home.html",
        "{{ host }} {{ conference.name }} {{ program_features.programs_enabled }}");
  write("404.html", "{{ host }} has no such page");
  write("hotels.html", "{{ host }} in {{ city }}");
  Extensions extensions = hotels();
  extensions.add_context([](const web::Request& request, templating::Context& context) {
    context.set("host", request.path() == "/fair/" ? "Home of" : "Our town");
    context.set("city", "nowhere");
  });
  start(std::move(extensions));
  EXPECT_EQ(get("/fair/").body, "Home of Fair True");
  EXPECT_EQ(get("/fair/hotels/").body, "Our town in Berlin");
  EXPECT_EQ(get("/nothing/here/").body, "Our town has no such page");
}

TEST_P(ProgramTest, ItsTemplatesReplaceOursAndMayExtendThem) {
  write("django_program/home.html",
        "{% extends \"django_program/home.html\" %}{% load hotel_tags %}"
        "{% block content %}{{ block.super }}<p>{{ conference.name|shout }}</p>{% endblock %}");
  Extensions extensions = hotels();
  templating::Library tags;
  tags.filter("shout", [](const templating::Value& in, const templating::Value*, templating::Context&) {
    return templating::Value(in.to_text() + "!");
  });
  extensions.add_library("hotel_tags", tags);
  EXPECT_THROW(extensions.add_library("hotel_tags", tags), std::invalid_argument);
  Program& program = start(extensions);
  EXPECT_THAT(get("/fair/").body, HasSubstr("<h1>Fair</h1>"));
  EXPECT_THAT(get("/fair/").body, HasSubstr("<p>Fair!</p>"));
  EXPECT_TRUE(program.reload().empty());
}

// What somebody was told of, and the wait for it.
class Told {
 public:
  void add(const site::PaidOrder& order) {
    const std::lock_guard lock(mutex_);
    orders_.push_back(order);
    changed_.notify_all();
  }
  std::vector<site::PaidOrder> wait_for(std::size_t count,
                                        std::chrono::seconds most = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, most, [&] { return orders_.size() >= count; });
    return orders_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<site::PaidOrder> orders_;
};

// source: payments 21, 6: a subscriber's failure must not undo the payment.
TEST_P(ProgramTest, WhoHearsOfPaidOrdersIsToldOfEachAndAgainAfterAFailure) {
  Told ledger, crm;
  Extensions extensions;
  extensions.on_order_paid("ledger", [&](const site::PaidOrder& order) { ledger.add(order); });
  extensions.on_order_paid("crm", [&](const site::PaidOrder& order) {
    crm.add(order);
    if (crm.wait_for(1).size() == 1) throw std::runtime_error("the address book is away");
  });
  EXPECT_THROW(extensions.on_order_paid("crm", [](const site::PaidOrder&) {}), std::invalid_argument);
  EXPECT_THROW(extensions.on_order_paid("My CRM", [](const site::PaidOrder&) {}), std::invalid_argument);
  Program& program = start(extensions);
  const auto id = program.database().read_now(
      [](db::Tx& tx) { return tx.one<std::int64_t>("SELECT id FROM conference"); });
  const std::int64_t order = program.database().write_now(id, "sell", [&](db::Tx& tx) {
    registration::set_conference_capacity(tx, id, 0);
    registration::TicketType student;
    student.conference_id = id;
    student.name = "Student";
    student.slug = "student";
    student.price = 50'00;
    registration::DeskSale sale;
    sale.items.push_back({.product_id = registration::save(tx, student), .quantity = 2});
    sale.buyer.name = "Ada Lovelace";
    sale.buyer.email = "ada@example.org";
    sale.link_key = &program.site().link_key;
    const auto catalogue = registration::load_catalogue(tx, id, program.settings().program);
    return registration::sell_at_desk(tx, program.site().shop, *catalogue, sale, {"desk", "staff", ""})
        .order_id;
  });
  const std::vector<site::PaidOrder> told = ledger.wait_for(1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].id, order);
  EXPECT_EQ(told[0].conference, "fair");
  EXPECT_THAT(told[0].reference, ::testing::StartsWith("ORD-"));
  EXPECT_EQ(told[0].name, "Ada Lovelace");
  EXPECT_EQ(told[0].email, "ada@example.org");
  EXPECT_EQ(told[0].total, 100'00);
  EXPECT_FALSE(told[0].is_test);
  ASSERT_EQ(crm.wait_for(1).size(), 1u);
  EXPECT_EQ(
      program.database().read_now([&](db::Tx& tx) { return registration::find_order(tx, order)->status; }),
      registration::OrderStatus::paid);
  // The failure may be noted after the clock was moved.
  for (int hour = 0; hour < 20 && crm.wait_for(2, std::chrono::seconds(hour ? 1 : 0)).size() < 2; ++hour)
    clock().advance(Duration::hours(1));
  EXPECT_EQ(crm.wait_for(2).size(), 2u);
  program.stop();
  EXPECT_EQ(crm.wait_for(2).size(), 2u);
  EXPECT_EQ(ledger.wait_for(1).size(), 1u);
}

TEST_P(ProgramTest, WhatCannotWorkIsToldAtTheStart) {
  Extensions elsewhere = hotels();
  elsewhere.add_templates_folder(folder_ / "missing");
  try {
    start(elsewhere);
    ADD_FAILURE() << "started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("missing does not exist"));
  }
  Extensions doubled = hotels();
  doubled.add_pages([](site::PageTable& pages) {
    pages.add("hotels:again", "/{conference}/hotels/", web::Method::get, web::public_(), show_hotels);
  });
  EXPECT_THROW(start(doubled), std::logic_error);
  Extensions registration_tags = hotels();
  registration_tags.add_library("registration_tags", templating::Library());
  EXPECT_THROW(start(registration_tags), std::invalid_argument);
}

}  // namespace
}  // namespace plenary::embed
