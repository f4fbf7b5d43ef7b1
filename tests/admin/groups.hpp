// The ten groups set up in front of a seeded conference, and people who hold one role in it; a second
// conference in which they hold none.
#pragma once

#include <string>
#include <vector>

#include "admin/access.hpp"
#include "admin/hostile_admin.hpp"
#include "admin/permissions.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/roles.hpp"

namespace plenary::admin::testing {

inline const std::string roles_of_people = "accounts/role";
inline const std::string groups_of_people = "accounts/group";

class GroupsTest : public HostileAdmin {
 protected:
  void SetUp() override {
    HostileAdmin::SetUp();
    seed();
    foreign_ = other_conference();
    write([&](db::Tx& tx) {
      tx.exec("UPDATE conference SET name = 'Elsewhere' WHERE id = $1", foreign_);
      accounts::set_up_groups(tx, is_known);
      return 0;
    });
  }
  std::int64_t foreign() const { return foreign_; }
  std::int64_t group(const std::string& name, const std::vector<std::string>& permissions = {}) {
    return db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      const std::int64_t id = accounts::ensure_group(tx, name);
      if (!permissions.empty()) accounts::set_permissions_of_group(tx, id, permissions);
      return id;
    });
  }
  std::int64_t give(std::int64_t user, const std::string& group_name,
                    std::optional<std::int64_t> conference) {
    const std::int64_t id = group(group_name);
    return db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      return accounts::give_role(tx, {user, id, conference, std::nullopt, std::nullopt}).id;
    });
  }
  void take_all(std::int64_t user) {
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      for (const auto& held : accounts::roles_of(tx, user)) accounts::take_role(tx, held.role.id);
      return 0;
    });
  }
  // A browser of somebody with one role in the conference "fair".
  Buyer colleague(const std::string& email, const std::string& group_name) {
    id_ = person(email);
    give(id_, group_name, conference_id());
    Buyer browser = buyer();
    sign_in(browser, email);
    return browser;
  }
  std::int64_t id_of_colleague() const { return id_; }  // of the last one
  std::int64_t foreign_row(const std::string& table) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>(
          db::intern_sql("SELECT min(id) FROM " + table + " WHERE conference_id = $1"), foreign_);
    });
  }

 private:
  std::int64_t foreign_ = 0, id_ = 0;
};

}  // namespace plenary::admin::testing
