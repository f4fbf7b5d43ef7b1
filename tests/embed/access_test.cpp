// Who may open what: every route of the program is asked for by a stranger, by somebody without a role, by a
// member of each of the ten groups in this conference and in another one, and by a superuser. What they get
// is compared with access.txt, a table kept as data and read by people; it does not come from the guards'
// declarations. A route without a row fails: whoever adds one decides who may open it, and writes it down.
// PLENARY_KEEP_ACCESS=1 writes the table anew; read every changed line of it. source: configuration 10, 8.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/conference/conferences.hpp"
#include "embed/route_tables.hpp"
#include "support/site/people.hpp"
#include "web/sessions.hpp"

namespace plenary::embed {
namespace {

using site::testing::Buyer;
using site::testing::HttpResponse;

struct Principal {
  const char* column;
  const char* group;  // of the ten; null: not by a group
};
constexpr std::array<Principal, 14> principals{{{"stranger", nullptr},
                                                {"no-role", nullptr},
                                                {"elsewhere", nullptr},
                                                {"organizer", "Conference Organizer"},
                                                {"program", "Program Committee"},
                                                {"registrar", "Registration Manager"},
                                                {"finance", "Finance Team"},
                                                {"grants", "Travel Grant Reviewer"},
                                                {"sponsors", "Sponsor Manager"},
                                                {"check-in", "Check-in Staff"},
                                                {"activity", "Activity Organizer"},
                                                {"reports", "Reports Viewer"},
                                                {"read-only", "Read-Only Staff"},
                                                {"superuser", nullptr}}};
constexpr std::size_t stranger = 0, without_role = 1, elsewhere = 2, first_group = 3;

std::string kept_file() {
  return std::string(PLENARY_SOURCE_DIR) + "/tests/embed/access.txt";
}

class Access : public site::testing::PeopleTest {
 protected:
  std::vector<site::AddPages> more_pages() override { return room_pages(); }
  std::vector<web::RouteTable> more_tables() override { return other_rooms(); }

  void SetUp() override {
    PeopleTest::SetUp();
    conference::Conference other;
    other.name = "Other";
    other.slug = "other";
    other.start_date = other.end_date = *Date::parse("2027-06-01");
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      accounts::set_up_groups(tx, [](std::string_view) { return true; });
      other_id_ = conference::create(tx, other).value();
      return 0;
    });
    for (std::size_t i = first_group; i < principals.size(); ++i) {
      if (!principals[i].group) continue;
      people_[i] = member_of(principals[i].group, conference_id(), "here");
      elsewhere_.push_back(member_of(principals[i].group, other_id_, "there"));
    }
    people_[without_role] = person("nobody@example.org");
    people_[principals.size() - 1] = superuser("root");
  }

  std::int64_t member_of(const std::string& group, std::int64_t conference, const std::string& where) {
    const std::int64_t user = person(where + std::to_string(++count_) + "@example.org");
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      accounts::NewRole role;
      role.user_id = user;
      role.group_id = accounts::find_group(tx, group).value().id;
      role.conference_id = conference;
      accounts::give_role(tx, role);
      return 0;
    });
    return user;
  }

  // A browser in which this person signed in a moment ago.
  Buyer browser_of(std::int64_t user) {
    Buyer browser = buyer();
    if (user == 0) return browser;
    const web::NewSession session = web::new_session(Random::system());
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      accounts::create_session(tx, {.token_hash = session.hash, .user_id = user});
      return 0;
    });
    browser.client().cookies()["plenary_session"] = session.token;
    return browser;
  }

  std::string path_of(const web::Route& route) {
    static const std::map<std::string, std::string> samples{{"conference", "fair"},
                                                            {"area", "program_registration"},
                                                            {"entity", "tickettype"},
                                                            {"condition_type", "speaker"},
                                                            {"reference", "ORD-AAAA0000"}};
    std::vector<std::pair<std::string, std::string>> arguments;
    for (const std::string& name : application().router().parameters(route)) {
      const auto known = samples.find(name);
      const bool number = route.pattern.find("{" + name + ":int}") != std::string::npos;
      std::string value = known != samples.end() ? known->second : number ? "1" : "none";
      if (name == "key") value = std::to_string(ticket_);
      arguments.emplace_back(name, std::move(value));
    }
    return application().router().reverse(route.name, arguments).value();
  }

  static std::string told(const HttpResponse& response) {
    if (response.header("Location").starts_with("/accounts/login/")) return "sign-in";
    if (response.status == 404 && site::testing::contains(response, "There is no conference"))
      return "hidden";
    return std::to_string(response.status);
  }

  std::string ask(std::int64_t user, bool post, const std::string& path) {
    Buyer browser = browser_of(user);
    if (!post) return told(browser.get(path));
    browser.get("/accessibility/");  // for the token of its form
    return told(browser.post(path, {}));
  }

  std::map<std::size_t, std::int64_t> people_;
  std::vector<std::int64_t> elsewhere_;
  std::int64_t other_id_ = 0, ticket_ = 0;
  int count_ = 0;
};
ON_BOTH_ENGINES(Access);

std::string heading() {
  std::string line = fmt::format("{:<5}{:<66}", "", "");
  for (const Principal& one : principals) line += fmt::format(" {:>9}", one.column);
  return line;
}

// By method and pattern.
std::map<std::string, std::string> read_table() {
  std::map<std::string, std::string> rows;
  std::ifstream in(kept_file());
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string method, pattern;
    words >> method >> pattern;
    rows[method + " " + pattern] = line;
  }
  return rows;
}

TEST_P(Access, OfEveryRouteIsAsTheTableSays) {
  ticket_ = count("SELECT min(id) FROM ticket_type");
  // Nothing below means anything if nobody were signed in.
  ASSERT_EQ(ask(people_.at(without_role), false, "/accounts/"), "200");
  ASSERT_EQ(ask(elsewhere_.front(), false, "/manage/other/"), "200");
  std::map<std::string, std::string> found;
  for (const web::Route& route : application().router().routes()) {
    const std::string path = path_of(route);
    for (const bool post : {false, true}) {
      if (!route.methods.has(post ? web::Method::post : web::Method::get)) continue;
      std::string line = fmt::format("{:<5}{:<66}", post ? "POST" : "GET", route.pattern);
      for (std::size_t i = 0; i < principals.size(); ++i) {
        std::string got;
        if (i == elsewhere) {
          // Whatever somebody is in another conference, here all of them are alike. Pages of
          // no conference, as lists of the administration, show in the table that some differ.
          std::set<std::string> all;
          for (const std::int64_t user : elsewhere_) all.insert(ask(user, post, path));
          for (const std::string& one : all) got += (got.empty() ? "" : "/") + one;
          // The row that stands in for a {key} is there; other numbers lead nowhere, and who may nothing
          // hears so before anything is looked for.
          const bool of_a_row = route.pattern.find("{key}") != std::string::npos &&
                                path.find("/" + std::to_string(ticket_) + "/") != std::string::npos;
          if (of_a_row || route.pattern.find("{conference}") != std::string::npos) {
            EXPECT_EQ(all.size(), 1U) << route.pattern << ": roles elsewhere differ: " << got;
          }
        } else {
          got = ask(i == stranger ? 0 : people_.at(i), post, path);
        }
        line += fmt::format(" {:>9}", got);
      }
      found[fmt::format("{} {}", post ? "POST" : "GET", route.pattern)] = line;
    }
  }
  if (::getenv("PLENARY_KEEP_ACCESS")) {
    std::ofstream out(kept_file());
    out << "# What each route answers, by who asks: a status; \"sign-in\": led to the sign-in page; "
           "\"hidden\": "
           "404 as if there\n# were no such conference. Forms are posted empty; ids and tokens are made up. "
           "Read by "
           "access_test.cpp.\n"
        << "#" << heading().substr(1) << "\n";
    for (const auto& [key, line] : found) out << line << "\n";
    return;
  }
  const std::map<std::string, std::string> kept = read_table();
  for (const auto& [key, line] : found) {
    const auto row = kept.find(key);
    if (row == kept.end()) {
      ADD_FAILURE() << "no row for " << key << ": decide who may open it\n" << heading() << "\n" << line;
    } else {
      EXPECT_EQ(row->second, line) << heading();
    }
  }
  for (const auto& [key, line] : kept) EXPECT_TRUE(found.contains(key)) << "no such route any more: " << key;
}

}  // namespace
}  // namespace plenary::embed
