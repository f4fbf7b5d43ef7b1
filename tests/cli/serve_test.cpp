// `plenary serve` as a process of its own: it prints what to open, answers, reads its theme again on SIGHUP
// and ends cleanly on SIGTERM. Further: the recount, the theme commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/server_process.hpp"
#include "db/migrations.hpp"
#include "embed/route_tables.hpp"
#include "site/routes.hpp"
#include "support/http_client.hpp"
#include "web/metrics.hpp"
#include "web/server.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Serve : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-serve-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    port_ = testing::free_port();
    write("plenary.toml", fmt::format("[server]\nlisten = \"127.0.0.1:{}\"\naccess_log = false\nthreads = "
                                      "1\ntemplates_dir = \"theme\"\n"
                                      "[database]\nurl = \"sqlite:test.db\"\n",
                                      port_));
    fs::create_directory(folder_ / "theme");
    write("conference.toml", R"([conference]
name = "Fair"
start = 2027-05-14
end = 2027-05-22
timezone = "Europe/Berlin"
[[conference.sections]]
name = "Talks"
start = 2027-05-16
end = 2027-05-18
[[conference.tickets]]
name = "Individual"
price = 100.00
quantity = 10
)");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder_ / "plenary.toml").string()});
    std::ostringstream out, err;
    const int code = run(std::move(arguments), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  void start() {
    server_.start((folder_ / "plenary.toml").string());
    said_ = server_.said();
  }
  int stop(int signal) { return server_.stop(signal); }

  fs::path folder_;
  std::uint16_t port_ = 0;
  testing::ServerProcess server_;
  std::string said_, out_, err_;
};

TEST_F(Serve, SaysWhatToOpenAnswersAndEndsCleanly) {
  ASSERT_EQ(plenary({"bootstrap_conference", "--config", (folder_ / "conference.toml").string()}), done)
      << err_;
  start();
  EXPECT_THAT(said_, HasSubstr("development mode"));
  EXPECT_THAT(said_, HasSubstr(fmt::format("Open http://127.0.0.1:{}/", port_)));
  test::HttpClient client(port_);
  EXPECT_EQ(client.get("/healthz").status, 200);
  EXPECT_EQ(client.get("/readyz").status, 200);
  EXPECT_THAT(client.get("/fair/register/").body, HasSubstr("10 remaining"));
  EXPECT_EQ(client.get("/manage/fair/").status, 303);
  EXPECT_EQ(stop(SIGTERM), done);
  EXPECT_EQ(plenary({"verify", "stock"}), done) << out_;
  EXPECT_THAT(out_, HasSubstr("every count agrees"));
}

TEST_F(Serve, ASecondServerOnTheSameDatabaseIsRefused) {
  start();
  EXPECT_EQ(plenary({"serve"}), refused);
  EXPECT_THAT(err_, HasSubstr(std::to_string(server_.pid())));
  EXPECT_EQ(stop(SIGINT), done);
}

TEST_F(Serve, ProductionRefusesWhatWouldNotWork) {
  write("plenary.toml", "[server]\nmode = \"production\"\n[database]\nurl = \"sqlite:test.db\"\n");
  EXPECT_EQ(plenary({"serve"}), refused);
  EXPECT_THAT(err_, HasSubstr("server.public_url"));
  EXPECT_THAT(err_, HasSubstr("mail.smtp_url"));
}

TEST_F(Serve, WithoutAConferenceTheCommandToMakeOneIsSaid) {
  start();
  EXPECT_THAT(said_, HasSubstr("plenary bootstrap_conference --config FILE"));
  EXPECT_EQ(stop(SIGTERM), done);
}

TEST_F(Serve, VerifyStockListsEveryFaultAndFails) {
  ASSERT_EQ(plenary({"bootstrap_conference", "--config", (folder_ / "conference.toml").string()}), done)
      << err_;
  auto database = db::Database::open({.url = "sqlite:test.db", .base_directory = folder_.string()});
  auto spoil = [](db::Tx& tx) { tx.exec("UPDATE stock SET sold = 3"); };
  database->write_now(db::global_lane, "spoil", spoil);
  database.reset();
  EXPECT_EQ(plenary({"verify", "stock", "--conference", "FAIR"}), refused);
  EXPECT_THAT(out_, HasSubstr("fair: "));
  EXPECT_EQ(plenary({"verify", "stock", "--conference", "nope"}), refused);
  EXPECT_THAT(err_, HasSubstr("There is no conference nope."));
}

TEST_F(Serve, ALoweredLimitIsARemarkOfVerifyStockAndAnOversoldRowAFault) {
  ASSERT_EQ(plenary({"bootstrap_conference", "--config", (folder_ / "conference.toml").string()}), done)
      << err_;
  auto database = db::Database::open({.url = "sqlite:test.db", .base_directory = folder_.string()});
  auto lower = [](db::Tx& tx) {
    tx.exec(
        "INSERT INTO hold (conference_id, stock_id, owner_kind, owner_id, quantity, expires_at) SELECT "
        "conference_id, id, 'voucher', 1, 3, 9000000000000000 FROM stock WHERE kind = 'ticket_type'");
    tx.exec("UPDATE stock SET capacity = 2, held = 3, over_limit = 1 WHERE kind = 'ticket_type'");
  };
  database->write_now(db::global_lane, "lower", lower);
  database.reset();
  EXPECT_EQ(plenary({"verify", "stock"}), done) << out_;
  EXPECT_THAT(out_, AllOf(HasSubstr("Remark: fair: ticket_type"), HasSubstr("nothing more is sold"),
                          HasSubstr("every count agrees")));
  plenary({"doctor"});
  EXPECT_THAT(out_, HasSubstr("stock       every count agrees"));

  database = db::Database::open({.url = "sqlite:test.db", .base_directory = folder_.string()});
  auto oversell = [](db::Tx& tx) { tx.exec("UPDATE stock SET over_limit = 0 WHERE kind = 'ticket_type'"); };
  database->write_now(db::global_lane, "oversell", oversell);
  database.reset();
  EXPECT_EQ(plenary({"verify", "stock"}), refused);
  EXPECT_THAT(out_, AllOf(HasSubstr("fair: ticket_type"), HasSubstr("0 sold and 3 held of 2, 1 too many"),
                          HasSubstr("1 wrong"), Not(HasSubstr("Remark"))));
}

// On-sale tests move the server's clock: what it took back by then is right for the recount as well.
TEST_F(Serve, TheRecountLivesInTheTimeOfTheClockFile) {
  ASSERT_EQ(plenary({"bootstrap_conference", "--config", (folder_ / "conference.toml").string()}), done)
      << err_;
  auto database = db::Database::open({.url = "sqlite:test.db", .base_directory = folder_.string()});
  auto half_held = [](db::Tx& tx) {  // a cart for ten more minutes, its hold taken back by a server that was
                                     // ahead
    const auto at = tx.now() + Duration::minutes(10);
    tx.exec(
        "INSERT INTO cart (id, conference_id, session_hash, expires_at, hold_cap_at, created_at, updated_at)"
        " VALUES (1, 1, 'x', $1, $1, 0, 0)",
        at);
    tx.exec("INSERT INTO cart_item (cart_id, ticket_type_id, quantity, created_at) VALUES (1, 1, 1, 0)");
  };
  database->write_now(db::global_lane, "half held", half_held);
  database.reset();
  EXPECT_EQ(plenary({"verify", "stock"}), refused);
  write("plenary.toml", "[server]\nclock_file = \"clock\"\n[database]\nurl = \"sqlite:test.db\"\n");
  write("clock", "+2h\n");
  EXPECT_EQ(plenary({"verify", "stock"}), done) << out_;
}

// What production reads again: nothing until it is told to; a broken theme changes nothing.
TEST_F(Serve, ASignalReadsTheThemeAgain) {
  write(
      "plenary.toml",
      fmt::format(
          "[server]\nlisten = \"127.0.0.1:{}\"\nmode = \"production\"\npublic_url = \"http://localhost:{}\"\n"
          "access_log = false\ntemplates_dir = \"theme\"\nlog_level = \"off\"\n"
          "[database]\nurl = \"sqlite:test.db\"\n"
          "[mail]\nsmtp_url = \"smtp://127.0.0.1:2525\"\nfrom = \"Fair <fair@example.org>\"\n",
          port_, port_));
  write("plenary.key", "a key of at least thirty-two bytes, for tests\n");
  fs::permissions(folder_ / "plenary.key", fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_EQ(plenary({"migrate"}), done) << err_;
  fs::create_directories(folder_ / "theme/django_program");
  write("theme/django_program/conference_list.html", "first");
  start();
  test::HttpClient client(port_);
  const auto page = [&] { return client.get("/").body; };
  EXPECT_EQ(page(), "first");
  write("theme/django_program/conference_list.html", "{% broken %}");
  EXPECT_EQ(page(), "first");
  ::kill(server_.pid(), SIGHUP);
  EXPECT_EQ(page(), "first");
  write("theme/django_program/conference_list.html", "second");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  ::kill(server_.pid(), SIGHUP);
  while (page() != "second" && std::chrono::steady_clock::now() < until) {
  }
  EXPECT_EQ(page(), "second");
  EXPECT_EQ(stop(SIGTERM), done);
}

TEST_F(Serve, ThemesAreRenderedAndCheckedWithoutAServer) {
  write("theme/page.html",
        "{% load registration_tags %}{{ price|format_currency }} {% url 'registration:cart' %} {{ "
        "when|date:\"H:i\" }}\n");
  write(
      "vars.json",
      R"({"price": {"__decimal__": "12.50"}, "conference": {"slug": "fair"}, "when": {"__datetime__": "2027-05-14T09:00:00Z"}})");
  const std::string theme = (folder_ / "theme").string();
  EXPECT_EQ(plenary({"template", "render", "page.html", "--dir", theme, "--context",
                     (folder_ / "vars.json").string()}),
            done)
      << err_;
  EXPECT_EQ(out_, "$12.50 /fair/register/cart/ 09:00\n");
  EXPECT_EQ(plenary({"template", "check", theme}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("1 template checked, 0 errors."));
  write("theme/wrong.html", "fine\n{{ price|formt_currency }}\n");
  EXPECT_EQ(plenary({"template", "check", theme}), refused);
  EXPECT_THAT(err_, HasSubstr("wrong.html:2"));
  EXPECT_EQ(plenary({"template", "render", "wrong.html", "--dir", theme}), refused);
  EXPECT_THAT(err_, HasSubstr("wrong.html:2"));
  EXPECT_EQ(plenary({"template", "render", "page.html", "--dir", theme, "--now", "noon"}), wrong_usage);
}

// source: ground rules 15, 2.2.
TEST(ReservedSlugs, AreTheFirstSegmentsOfTheRouteTable) {
  std::vector<web::RouteTable> tables = embed::other_rooms();
  tables.push_back(site::routes(nullptr, embed::room_pages()));
  tables.push_back(web::health_routes({}));
  tables.push_back(web::metrics_routes("token"));
  const web::Router router(std::move(tables));
  const std::vector<std::string> reserved = reserved_slugs();
  for (const std::string& segment : router.reserved_segments()) {
    EXPECT_NE(std::find(reserved.begin(), reserved.end(), segment), reserved.end()) << segment;
  }
}

TEST(ReservedSlugs, AreThoseOfAddedPagesToo) {
  site::Extensions extensions;
  extensions.add_pages([](site::PageTable& pages) {
    pages.add("hotels:all", "/hotels/", web::Method::get, web::public_(), nullptr);
    pages.add("hotels:list", "/{conference}/hotels/", web::Method::get, web::features({"public_ui"}),
              nullptr);
  });
  EXPECT_THAT(reserved_slugs(extensions), ::testing::Contains("hotels"));
  EXPECT_THAT(reserved_slugs(extensions), ::testing::Contains("accounts"));
  EXPECT_THAT(reserved_slugs(), ::testing::Not(::testing::Contains("hotels")));
}

}  // namespace
}  // namespace plenary::cli
