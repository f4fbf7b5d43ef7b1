// The organisers' pages in front of a database of either engine, with the conferences "fair" and "other",
// people with roles, and browsers in which they are signed in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/accounts/groups.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/conference/conferences.hpp"
#include "manage/routes.hpp"
#include "support/site/people.hpp"

namespace plenary::manage::testing {

using site::testing::Buyer;
using site::testing::contains;
using site::testing::Fields;
using site::testing::good_password;
using site::testing::HttpResponse;
using site::testing::outcome;

inline constexpr const char* team = "/manage/fair/team/";

class ManageTest : public site::testing::PeopleTest {
 protected:
  std::vector<site::AddPages> more_pages() override {
    const auto add_later = [](site::PageTable& table) {
      for (web::Route& route : routes()) table.routes().push_back(std::move(route));
    };
    return {add_pages, add_later};
  }

  template <class F>
  auto on_global(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  void SetUp() override {
    PeopleTest::SetUp();
    on_global([](db::Tx& tx) { accounts::set_up_groups(tx, [](std::string_view) { return true; }); });
    other_ = conference("other");
  }

  std::int64_t conference(const std::string& slug, bool is_active = true) {
    return on_global([&](db::Tx& tx) {
      conference::Conference made;
      made.name = "The " + slug;
      made.slug = slug;
      made.start_date = made.end_date = *Date::parse("2027-06-01");
      made.timezone = "Europe/Berlin";
      made.is_active = is_active;
      return conference::create(tx, made).value();
    });
  }
  std::int64_t other() const { return other_; }
  std::int64_t group(const std::string& name) {
    return db().read_now([&](db::Tx& tx) { return accounts::find_group(tx, name).value().id; });
  }
  // Their role's id.
  std::int64_t give(std::int64_t user, const std::string& role, std::optional<std::int64_t> where,
                    std::optional<Instant> until = {}) {
    const std::int64_t id = group(role);
    return on_global([&](db::Tx& tx) { return accounts::give_role(tx, {user, id, where, until, {}}).id; });
  }
  // Somebody with this role in "fair", signed in.
  Buyer browser(const std::string& email, const std::string& role = {}, const std::string& name = "Ada") {
    const std::int64_t id = person(email, good_password, name);
    if (!role.empty()) give(id, role, conference_id());
    return signed_in(email);
  }
  Buyer signed_in(const std::string& who) {
    Buyer one = buyer();
    EXPECT_EQ(sign_in(one, who).status, 303) << who;
    return one;
  }
  HttpResponse invite(Buyer& who, Fields typed) {
    const HttpResponse page = who.get(team);
    return who.post("/manage/fair/team/invite/", Buyer::form(page, "/manage/fair/team/invite/", typed));
  }
  HttpResponse invite(Buyer& who, const std::string& emails, const std::string& role = "Check-in Staff") {
    return invite(who, Fields{{"emails", emails}, {"group", std::to_string(group(role))}});
  }
  // A form of that action on the team's page, sent as it stands.
  HttpResponse press(Buyer& who, const std::string& action, Fields typed = {},
                     const std::string& page = team) {
    const HttpResponse shown = who.get(page);
    return who.post(action, Buyer::form(shown, action, std::move(typed)));
  }
  // A POST with this browser's token, whatever its page offers.
  HttpResponse forge(Buyer& who, const std::string& action, Fields fields = {}) {
    Fields sent = Buyer::form(who.get("/accounts/"), "/accounts/logout/");
    for (auto& field : fields) sent.push_back(field);
    return who.post(action, sent);
  }
  accounts::Invitation newest_invitation() {
    return db().read_now([](db::Tx& tx) {
      return accounts::invitation_table().select(tx, "ORDER BY id DESC LIMIT 1").front();
    });
  }
  std::string link_of(const accounts::Invitation& invitation) {
    return "/accounts/invitation/" + accounts::token_of(application().site().link_key, invitation) + "/";
  }
  std::vector<std::string> roles(std::int64_t user) {
    std::vector<std::string> names;
    const auto held = db().read_now([&](db::Tx& tx) { return accounts::roles_of(tx, user); });
    for (const accounts::RoleOfPerson& one : held) {
      if (!one.role.ends_at || *one.role.ends_at > clock().now()) names.push_back(one.group_name);
    }
    return names;
  }
  std::int64_t user_id(const std::string& email) {
    return db().read_now([&](db::Tx& tx) { return accounts::find_by_email(tx, email).value().id; });
  }

 private:
  std::int64_t other_ = 0;
};

}  // namespace plenary::manage::testing
