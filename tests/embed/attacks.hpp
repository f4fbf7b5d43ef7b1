// What the attacks share: the whole program in front of a database of either engine, with the conferences
// "fair" and "other" and the ten groups, people with roles there, their browsers, and forms made by hand.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "admin/form_reader.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/totp.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/products.hpp"
#include "embed/route_tables.hpp"

namespace plenary::embed::testing {

using admin::testing::PageForm;
using site::testing::Buyer;
using site::testing::contains;
using site::testing::Fields;
using site::testing::good_password;
using site::testing::HttpResponse;
using site::testing::outcome;

inline const std::string team = "/manage/fair/team/";
inline const std::string invite_url = "/manage/fair/team/invite/";
inline const std::string roles_of_people = "accounts/role";
inline const std::string groups_of_people = "accounts/group";
inline const std::string accounts_of = "accounts/user";
inline const std::string record_of = "operation/change";
inline constexpr std::string_view app_secret = "12345678901234567890";

class AttackTest : public admin::testing::FormTest {
 protected:
  std::vector<site::AddPages> more_pages() override { return room_pages(); }
  std::vector<web::RouteTable> more_tables() override { return other_rooms(); }

  template <class F>
  auto on_global(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  void SetUp() override {
    FormTest::SetUp();
    on_global([&](db::Tx& tx) {
      accounts::set_up_groups(tx, [](std::string_view) { return true; });
      conference::Conference other;
      other.name = "Elsewhere";
      other.slug = "other";
      other.start_date = other.end_date = *Date::parse("2028-01-01");
      other_ = conference::create(tx, other).value();
      registration::TicketType type;
      type.conference_id = other_;
      type.name = "Foreign ticket";
      type.slug = "foreign";
      registration::save(tx, type);
      return 0;
    });
  }
  // Everybody with a right has to have a second factor.
  void require_factor() {
    site::testing::ShopPlan plan;
    plan.settings = [](config::Settings& settings) { settings.security.second_factor = true; };
    open(plan);
  }
  void run(const std::string& sql) {
    on_global([&](db::Tx& tx) { return tx.exec(db::intern_sql(sql)); });
  }
  std::int64_t number(const std::string& sql) { return count(db::intern_sql(sql)); }
  std::int64_t other() const { return other_; }
  std::string fair() const { return std::to_string(conference_id()); }

  std::int64_t group(const std::string& name, const std::vector<std::string>& permissions = {}) {
    return on_global([&](db::Tx& tx) {
      const std::int64_t id = accounts::ensure_group(tx, name);
      if (!permissions.empty()) accounts::set_permissions_of_group(tx, id, permissions);
      return id;
    });
  }
  std::int64_t give(std::int64_t user, const std::string& name, std::optional<std::int64_t> where,
                    std::optional<Instant> until = {}) {
    const std::int64_t id = group(name);
    return on_global([&](db::Tx& tx) { return accounts::give_role(tx, {user, id, where, until, {}}).id; });
  }
  std::int64_t user_id(const std::string& email) {
    return db().read_now([&](db::Tx& tx) { return accounts::find_by_email(tx, email).value().id; });
  }
  std::int64_t role_of(const std::string& email) {
    const std::int64_t user = user_id(email);
    return db().read_now([&](db::Tx& tx) { return accounts::roles_of(tx, user).front().role.id; });
  }
  std::size_t current_roles(const std::string& email) {
    const std::int64_t user = user_id(email);
    return db().read_now([&](db::Tx& tx) { return accounts::rights_of(tx, user, false).held().size(); });
  }
  Buyer signed_in(const std::string& who) {
    Buyer one = buyer();
    EXPECT_EQ(sign_in(one, who).status, 303) << who;
    return one;
  }
  // Somebody with this role in "fair", signed in.
  Buyer colleague(const std::string& email, const std::string& role, std::optional<Instant> until = {}) {
    give(person(email), role, conference_id(), until);
    return signed_in(email);
  }
  Buyer organizer(const std::string& email = "head@example.org", std::optional<Instant> until = {}) {
    return colleague(email, "Conference Organizer", until);
  }
  void take_all(const std::string& email) {
    const std::int64_t user = user_id(email);
    on_global([&](db::Tx& tx) {
      for (const auto& held : accounts::roles_of(tx, user)) accounts::take_role(tx, held.role.id);
      return 0;
    });
  }
  // A POST with this browser's token, whatever its pages offer.
  HttpResponse forge(Buyer& who, const std::string& path, Fields fields = {}) {
    who.get("/accessibility/");
    return who.post(path, std::move(fields));
  }
  Fields invitation_to(const std::string& emails, const std::string& role = "Check-in Staff",
                       const std::string& ends_on = {}) {
    return {{"emails", emails},
            {"group", std::to_string(group(role))},
            {"ends_on", ends_on},
            {"message", ""},
            {"language", "en"}};
  }
  std::int64_t invitations() { return count("SELECT count(*) FROM invitation"); }
  accounts::Invitation newest_invitation() {
    return db().read_now([](db::Tx& tx) {
      return accounts::invitation_table().select(tx, "ORDER BY id DESC LIMIT 1").front();
    });
  }
  std::string link_of(const accounts::Invitation& invitation) {
    return "/accounts/invitation/" + accounts::token_of(application().site().link_key, invitation) + "/";
  }
  static std::string role_url(std::int64_t role) { return team + "roles/" + std::to_string(role) + "/"; }

  std::string code(int steps = 0) {
    return accounts::totp_code(app_secret, accounts::totp_step(clock().now()) + steps);
  }
  void has_app(std::int64_t user) {
    const site::Site& site = application().site();
    const std::string sealed = site.sealing_key.seal(Secret(std::string(app_secret)),
                                                     accounts::second_factor_place(user), Random::system());
    on_global([&](db::Tx& tx) {
      accounts::set_second_factor(tx, user, sealed, 0);
      accounts::set_recovery_codes(tx, user, std::vector<std::string>{"0000-1111-2222-3333"});
      return 0;
    });
  }
  HttpResponse lock(Buyer& who) {
    const HttpResponse page = who.get("/accounts/");
    return who.post("/accounts/lock/", Buyer::form(page, "/accounts/lock/"));
  }
  std::int64_t newest_entry() { return count("SELECT max(id) FROM audit_entry"); }
  static std::string undo_url(std::int64_t entry) { return address(record_of, entry, "undo"); }

  // Both at once, from two threads.
  static void together(const std::function<void()>& one, const std::function<void()>& other) {
    std::thread thread(one);
    other();
    thread.join();
  }

 private:
  std::int64_t other_ = 0;
};

}  // namespace plenary::embed::testing
