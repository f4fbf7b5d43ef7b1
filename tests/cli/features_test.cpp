// `plenary features set` beside running servers, each a process of its own: what it changes holds at the very
// next request, without a restart. On PostgreSQL two servers share the database. source: configuration 10,
// 3.1 and 3.2.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/server_process.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "support/db/test_databases.hpp"
#include "support/http_client.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A PostgreSQL that a server accepts: the one of the other tests loses what it confirmed with the power.
class DurablePostgres {
 public:
  DurablePostgres() {
    std::string pattern = (fs::temp_directory_path() / "plenary-durable-XXXXXX").string();
    if (::mkdtemp(pattern.data())) folder_ = pattern;
    (void)output_of("start " + folder_ + " --durable");
    const std::string url = output_of("url " + folder_);
    host_ = url.substr(url.find("host=") + 5);
    host_ = host_.substr(0, host_.find('\n'));
  }
  ~DurablePostgres() {
    (void)output_of("stop " + folder_);
    fs::remove_all(folder_);
  }
  std::string fresh_database() {
    const std::string name = "switch" + std::to_string(++count_);
    const std::string command =
        "psql -q -U plenary -h " + host_ + " postgres -c 'CREATE DATABASE " + name + "'";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return "postgresql://plenary@/" + name + "?host=" + host_;
  }

 private:
  static std::string output_of(const std::string& arguments) {
    const std::string command = std::string(PLENARY_SOURCE_DIR) + "/tests/support/postgres.sh " + arguments;
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string text;
    char bytes[512];
    while (pipe && ::fgets(bytes, sizeof bytes, pipe)) text += bytes;
    EXPECT_EQ(pipe ? ::pclose(pipe) : -1, 0) << command;
    return text;
  }
  std::string folder_, host_;
  int count_ = 0;
};

class FeatureSwitch : public ::testing::TestWithParam<db::Engine> {
 protected:
  static void TearDownTestSuite() { postgres_.reset(); }
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-switch-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    url_ = "sqlite://" + (folder_ / "test.db").string();
    if (GetParam() == db::Engine::postgresql) {
      if (!postgres_) postgres_ = std::make_unique<DurablePostgres>();
      url_ = postgres_->fresh_database();
    }
    write_settings("command.toml", testing::free_port());
    std::ofstream(folder_ / "conference.toml")
        << "[conference]\nname = \"Fair\"\nstart = 2027-05-14\nend = 2027-05-22\ntimezone = "
           "\"Europe/Berlin\"\n"
           "[[conference.sections]]\nname = \"Talks\"\nstart = 2027-05-16\nend = 2027-05-18\n"
           "[[conference.tickets]]\nname = \"Individual\"\nprice = 100.00\nquantity = 10\n";
    ASSERT_EQ(plenary({"bootstrap_conference", "--config", (folder_ / "conference.toml").string()}), done)
        << err_;
  }
  void TearDown() override {
    servers_.clear();
    fs::remove_all(folder_);
  }
  std::string write_settings(const std::string& name, std::uint16_t port) {
    std::ofstream(folder_ / name) << fmt::format(
        "[server]\nlisten = \"127.0.0.1:{}\"\naccess_log = false\nthreads = 1\n[database]\nurl = \"{}\"\n"
        "max_connections = 2\n",
        port, url_);
    return (folder_ / name).string();
  }
  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder_ / "command.toml").string()});
    std::ostringstream out, err;
    const int code = run(std::move(arguments), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  test::HttpClient serve(const std::string& name) {
    const std::uint16_t port = testing::free_port();
    servers_.push_back(std::make_unique<testing::ServerProcess>());
    servers_.back()->start(write_settings(name, port));
    return test::HttpClient(port);
  }

  static inline std::unique_ptr<DurablePostgres> postgres_;
  fs::path folder_;
  std::string url_;
  std::vector<std::unique_ptr<testing::ServerProcess>> servers_;
  std::string out_, err_;
};
ON_BOTH_ENGINES(FeatureSwitch);

TEST_P(FeatureSwitch, HoldsAtTheNextRequestOfEveryRunningServer) {
  std::vector<test::HttpClient> clients;
  clients.push_back(serve("first.toml"));
  if (GetParam() == db::Engine::postgresql) clients.push_back(serve("second.toml"));
  for (const char* value : {"off", "on", "off", "default"}) {
    ASSERT_EQ(plenary({"features", "set", "registration", value}), done) << err_;
    const bool on = std::string_view(value) != "off";
    for (test::HttpClient& client : clients) {
      EXPECT_EQ(client.get("/fair/register/").status, on ? 200 : 404) << value;
      EXPECT_THAT(client.get("/api/v1/conferences/fair/features").body,
                  HasSubstr(on ? "\"registration_enabled\":true" : "\"registration_enabled\":false"));
    }
  }
  for (auto& server : servers_) EXPECT_EQ(server->stop(SIGTERM), done);
}

// The hidden fields of the form that puts a ticket into the cart.
test::HttpClient::Fields form_of(const std::string& page) {
  test::HttpClient::Fields fields{{"quantity", "1"}};
  const std::size_t from = page.find("name=\"submission\"");
  const std::size_t start = from == std::string::npos ? from : page.rfind("<form", from);
  if (start == std::string::npos) return fields;
  const std::string form = page.substr(start, page.find("</form>", start) - start);
  for (std::size_t at = 0; (at = form.find("type=\"hidden\"", at)) != std::string::npos; ++at) {
    const auto value_of = [&](const std::string& name) {
      const std::size_t begin = form.find(name + "=\"", at) + name.size() + 2;
      return form.substr(begin, form.find('"', begin) - begin);
    };
    fields.emplace_back(value_of("name"), value_of("value"));
  }
  return fields;
}

// Buyers fill carts all the while: each request that is sent after the command came back meets what it said.
TEST_P(FeatureSwitch, HoldsAtTheNextRequestInTheMiddleOfAnOnSale) {
  const std::uint16_t port = testing::free_port();
  servers_.push_back(std::make_unique<testing::ServerProcess>());
  servers_.back()->start(write_settings("first.toml", port));
  std::atomic<int> turn{0};  // of four: on, a command is under way, off, a command is under way
  std::atomic<bool> over{false};
  std::atomic<int> while_on{0}, while_off{0}, carts{0}, wrong{0};
  std::vector<std::thread> buyers;
  for (int i = 0; i < 4; ++i) {
    buyers.emplace_back([&] {
      while (!over) {
        test::HttpClient buyer(port);
        for (const bool adds : {false, true}) {
          const int before = turn;
          const test::HttpResponse page = buyer.get("/fair/register/");
          int status = page.status;
          if (adds && status == 200) {
            status = buyer.post("/fair/register/cart/", form_of(page.body)).status;
            if (status == 303) ++carts;
          }
          if (before != turn || before % 2 == 1) continue;
          const bool off = before % 4 == 2;
          ++(off ? while_off : while_on);
          if ((status == 404) != off) ++wrong;
        }
      }
    });
  }
  const auto wait_for_more = [&](const std::atomic<int>& counter) {
    const int enough = counter + 20;
    while (counter < enough && wrong == 0) std::this_thread::yield();
  };
  wait_for_more(while_on);
  for (int round = 0; round < 5; ++round) {
    for (const bool off : {true, false}) {
      ++turn;
      EXPECT_EQ(plenary({"features", "set", "registration", off ? "off" : "on"}), done) << err_;
      ++turn;
      wait_for_more(off ? while_off : while_on);
    }
  }
  over = true;
  for (std::thread& buyer : buyers) buyer.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(carts, 10);
  EXPECT_EQ(servers_.back()->stop(SIGTERM), done);
  EXPECT_EQ(plenary({"verify", "stock"}), done) << out_;
}

TEST_P(FeatureSwitch, SaysOldAndNewAndWhatItMeansAndIsRecorded) {
  ASSERT_EQ(plenary({"features", "set", "sponsors", "off"}), done) << err_;
  EXPECT_THAT(out_, StartsWith("fair: sponsors: default (on) -> off\n"
                               "fair: sponsors is off now (override: off, settings: on).\n"
                               "  From the next request on, on every server, these are off"));
  EXPECT_THAT(out_, HasSubstr("Sponsor levels, benefits, comp vouchers."));
  ASSERT_EQ(plenary({"features", "set", "sponsors", "off"}), done);
  EXPECT_THAT(out_, StartsWith("fair: sponsors is off now, as before"));
  ASSERT_EQ(plenary({"features", "set", "all_ui", "off"}), done);
  ASSERT_EQ(plenary({"features", "set", "public_ui", "on"}), done);
  EXPECT_THAT(out_, HasSubstr("public_ui is off now (override: on, settings: on)"));
  EXPECT_THAT(out_, HasSubstr("all_ui is off, and that switches it off whatever it says"));

  const auto database = db::Database::open({.url = url_});
  const auto entries = database->read_now([](db::Tx& tx) {
    const auto id = conference::find_state(tx, "fair").value().id;
    return conference::history_of(tx, "feature_flags", std::to_string(id), 10);
  });
  ASSERT_EQ(entries.size(), 3U) << "what changed nothing is not recorded";
  EXPECT_EQ(entries[2].source, "command");
  const auto changes = conference::changes_of(entries[2]);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].field, "sponsors_enabled");
  EXPECT_EQ(changes[0].old_text, "default");
  EXPECT_EQ(changes[0].new_text, "off");
}

}  // namespace
}  // namespace plenary::cli
