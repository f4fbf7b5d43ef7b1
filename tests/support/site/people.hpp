// People with accounts in front of the site: made in the database, signing in by the form, opening links out
// of their mail.
#pragma once

#include <string>
#include <string_view>

#include "domain/accounts/links.hpp"
#include "domain/accounts/passwords.hpp"
#include "domain/accounts/users.hpp"
#include "support/site/shop.hpp"
#include "web/routes.hpp"

namespace plenary::site::testing {

inline const std::string good_password = "seven green bicycles";

class PeopleTest : public ShopTest {
 protected:
  static std::string hash_of(const std::string& password) {
    return accounts::hash_password(password, {8 * 1024, 1});
  }
  std::int64_t person(const std::string& email, const std::string& password = good_password,
                      const std::string& name = "Ada Lovelace") {
    const std::string hash = hash_of(password);
    return db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      return accounts::become_account(tx, {email, name, "", hash}).id;
    });
  }
  std::int64_t superuser(const std::string& username) {
    const std::string hash = hash_of(good_password);
    return db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      return accounts::create_superuser(tx, {username, username + "@example.org", "", hash}).id;
    });
  }
  HttpResponse sign_in(Buyer& who, const std::string& name, const std::string& password = good_password,
                       const std::string& next = {}) {
    const std::string path = "/accounts/login/" + (next.empty() ? "" : "?next=" + web::percent_encode(next));
    const HttpResponse page = who.get(path);
    return who.post("/accounts/login/",
                    Buyer::form(page, "/accounts/login/", {{"username", name}, {"password", password}}));
  }
  bool is_signed_in(Buyer& who) { return who.get("/accounts/").status == 200; }
  // The token that the newest mail with such a link carries.
  std::string token(accounts::LinkKind kind) {
    return db().read_now([&](db::Tx& tx) {
      const auto links = accounts::link_table().select(tx, "WHERE kind = $1 ORDER BY id DESC LIMIT 1",
                                                       accounts::to_text(kind));
      return links.empty() ? std::string("none")
                           : accounts::token_of(application().site().link_key, links.front());
    });
  }
  std::int64_t mails(const std::string& message) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT count(*) FROM outbox WHERE kind = 'mail' AND payload LIKE $1",
                                  "%\"" + message + "\"%");
    });
  }
  // What a request cost: hashes and committed writes.
  struct Cost {
    std::uint64_t hashes, writes;
    bool operator==(const Cost&) const = default;
  };
  template <class F>
  Cost cost_of(F&& request) {
    const std::uint64_t hashes = application().site().hashing.count(), writes = db().stats().writes;
    request();
    return {application().site().hashing.count() - hashes, db().stats().writes - writes};
  }
  std::string session_of(Buyer& who) { return who.client().cookies()["plenary_session"]; }
};

}  // namespace plenary::site::testing
