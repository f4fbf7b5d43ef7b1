// Mailed links, on both engines: single use, expiry, voiding.
#include "domain/accounts/links.hpp"

#include <gtest/gtest.h>

#include "domain/accounts/users.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::accounts {
namespace {

class Links : public test::DatabaseTest {
 protected:
  SigningKey key{Secret("a key of at least thirty-two bytes, for tests"), "links"};
  SeededRandom random{7};
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  // The hash of the token that the mail would carry.
  std::string made(LinkKind kind, std::optional<std::int64_t> user = {}) {
    const LinkSecret secret = new_link_secret(random, key, kind);
    const std::int64_t id = write([&](db::Tx& tx) {
      Link link;
      link.kind = kind;
      link.user_id = user;
      link.email = " Ada@Example.org ";
      return create_link(tx, secret, link);
    });
    const auto link = db().read_now([&](db::Tx& tx) { return find_link(tx, id); });
    EXPECT_EQ(link->email_normalized, "ada@example.org");
    return token_hash(token_of(key, *link));
  }
  std::optional<Link> usable(LinkKind kind, const std::string& hash) {
    return db().read_now([&](db::Tx& tx) { return find_usable_link(tx, kind, hash); });
  }
  std::int64_t user() {
    return write([](db::Tx& tx) { return become_account(tx, {"ada@example.org", "Ada", "en", "hash"}).id; });
  }
};
ON_BOTH_ENGINES(Links);

TEST_P(Links, AreFoundByTheTokenOfTheirMailAndByNothingElse) {
  const std::string hash = made(LinkKind::reset);
  EXPECT_TRUE(usable(LinkKind::reset, hash));
  EXPECT_FALSE(usable(LinkKind::verify, hash));
  EXPECT_FALSE(usable(LinkKind::reset, token_hash("guess")));
}

TEST_P(Links, WorkOnce) {
  const std::string hash = made(LinkKind::reset);
  const std::int64_t id = usable(LinkKind::reset, hash)->id;
  EXPECT_TRUE(write([&](db::Tx& tx) { return use_link(tx, id); }));
  EXPECT_FALSE(write([&](db::Tx& tx) { return use_link(tx, id); }));
  EXPECT_FALSE(usable(LinkKind::reset, hash));
}

TEST_P(Links, ExpireAfterTheTimeOfTheirKind) {
  for (const auto& [kind, life] : {std::pair{LinkKind::verify, Duration::hours(24)},
                                   {LinkKind::reset, Duration::hours(1)},
                                   {LinkKind::change_email, Duration::hours(1)},
                                   {LinkKind::claim, Duration::days(7)},
                                   {LinkKind::set_up, Duration::hours(1)}}) {
    const std::string hash = made(kind);
    clock().advance(life - Duration::microseconds(1));
    EXPECT_TRUE(usable(kind, hash)) << to_text(kind);
    clock().advance(Duration::microseconds(1));
    EXPECT_FALSE(usable(kind, hash)) << to_text(kind);
  }
}

TEST_P(Links, OfAPersonAreVoidedByKind) {
  const std::int64_t ada = user();
  const std::string first = made(LinkKind::reset, ada), second = made(LinkKind::reset, ada),
                    other = made(LinkKind::change_email, ada);
  write([&](db::Tx& tx) { void_links(tx, LinkKind::reset, ada); });
  EXPECT_FALSE(usable(LinkKind::reset, first));
  EXPECT_FALSE(usable(LinkKind::reset, second));
  EXPECT_TRUE(usable(LinkKind::change_email, other));
}

TEST_P(Links, AreSweptAWeekAfterTheirExpiry) {
  made(LinkKind::reset);
  auto sweep = [](db::Tx& tx) { return sweep_links(tx); };
  clock().advance(Duration::days(7));
  EXPECT_EQ(write(sweep), 0);
  clock().advance(Duration::hours(1));
  EXPECT_EQ(write(sweep), 1);
}

}  // namespace
}  // namespace plenary::accounts
