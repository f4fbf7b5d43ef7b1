// Sponsors and their comp vouchers on both engines.
#include "domain/sponsors/sponsors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/errors.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/vouchers.hpp"
#include "domain/sponsors/levels.hpp"
#include "domain/sponsors/lineup.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::sponsors {
namespace {

using registration::Voucher;

class Sponsors : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  template <class F>
  auto read(F fn) {
    return db().read_now(fn);
  }
  void SetUp() override {
    DatabaseTest::SetUp();
    for (auto [slug, id] : {std::pair("one", &one_), std::pair("two", &two_)}) {
      conference::Conference c;
      c.name = c.slug = slug;
      c.start_date = c.end_date = *Date::of(2027, 5, 14);
      c.currency = "USD";
      *id = write([&](db::Tx& tx) { return conference::create(tx, c); }).value();
    }
  }
  std::int64_t ticket(std::int64_t conference_id, std::string slug, bool is_active = true,
                      bool hidden = false) {
    registration::TicketType t;
    t.conference_id = conference_id;
    t.name = t.slug = std::move(slug);
    t.is_active = is_active;
    t.requires_voucher = hidden;
    return write([&](db::Tx& tx) { return registration::save(tx, t); });
  }
  std::int64_t level(std::int64_t conference_id, std::string slug, std::int64_t comps,
                     std::int64_t order = 0) {
    SponsorLevel l;
    l.conference_id = conference_id;
    l.name = l.slug = std::move(slug);
    l.comp_ticket_count = comps;
    l.order = order;
    return write([&](db::Tx& tx) { return create_level(tx, l); });
  }
  static Sponsor sponsor(std::int64_t conference_id, std::int64_t level_id, std::string name) {
    Sponsor s;
    s.conference_id = conference_id;
    s.level_id = level_id;
    s.name = std::move(name);
    return s;
  }
  Sponsor create(const Sponsor& s, std::uint64_t seed = 1) {
    return write([&](db::Tx& tx) {
      SeededRandom random(seed);
      return create_sponsor(tx, s, random);
    });
  }
  std::string refused_field(const Sponsor& s) {
    try {
      create(s);
    } catch (const Refused& refused) {
      return refused.field();
    }
    return "nothing was refused";
  }
  std::vector<Voucher> vouchers(std::int64_t conference_id) {
    return read([&](db::Tx& tx) { return registration::vouchers_of(tx, conference_id); });
  }
  std::int64_t one_ = 0, two_ = 0;
};
ON_BOTH_ENGINES(Sponsors);

TEST_P(Sponsors, ANewOneGetsTheCompVouchersOfItsLevel) {
  const std::int64_t individual = ticket(one_, "individual"), speaker = ticket(one_, "speaker", true, true);
  ticket(one_, "old", false);
  ticket(two_, "foreign");
  const Sponsor big = create(sponsor(one_, level(one_, "gold", 3), "BigCo"));
  EXPECT_EQ(big.slug, "bigco");
  const auto made = vouchers(one_);
  ASSERT_EQ(made.size(), 3u);
  std::set<std::string> codes;
  for (const Voucher& voucher : made) {
    EXPECT_TRUE(voucher.code.starts_with("SPONSOR-BIGCO-")) << voucher.code;
    EXPECT_EQ(voucher.code.size(), std::string("SPONSOR-BIGCO-").size() + 8);
    codes.insert(voucher.code);
    EXPECT_EQ(voucher.type, registration::VoucherType::comp);
    EXPECT_EQ(voucher.max_uses, 1);
    EXPECT_EQ(voucher.max_units, 1);
    EXPECT_TRUE(voucher.unlocks_hidden_tickets);
    EXPECT_TRUE(voucher.is_active);
    EXPECT_EQ(voucher.sponsor_id, big.id);
    EXPECT_EQ(voucher.addon_scope, registration::Scope::none);
    ASSERT_EQ(voucher.ticket_scope, registration::Scope::selected);
    auto products = read([&](db::Tx& tx) { return registration::products_of_voucher(tx, voucher.id); });
    std::sort(products.ticket_types.begin(), products.ticket_types.end());
    EXPECT_EQ(products.ticket_types, (std::vector<std::int64_t>{individual, speaker}));
  }
  EXPECT_EQ(codes.size(), 3u);
  EXPECT_TRUE(vouchers(two_).empty());
}

TEST_P(Sponsors, ALevelWithoutCompTicketsNeedsNoTicketType) {
  create(sponsor(one_, level(one_, "community", 0), "Friends"));
  EXPECT_TRUE(vouchers(one_).empty());
  // Nothing to be free of charge: it is said before anything is written.
  EXPECT_EQ(refused_field(sponsor(one_, level(one_, "gold", 1), "BigCo")), "level_id");
  EXPECT_EQ(read([&](db::Tx& tx) { return find_sponsors(tx, one_); }).size(), 1u);
}

TEST_P(Sponsors, ATakenCodeIsDrawnAgainUntilTheCountIsMet) {
  ticket(one_, "individual");
  const std::int64_t gold = level(one_, "gold", 5);
  // Another voucher has the very code that this randomness gives first.
  SeededRandom random(7);
  Voucher other;
  other.conference_id = one_;
  other.code = registration::generate_codes(random, comp_code_prefix("bigco"), 1).front();
  write([&](db::Tx& tx) { registration::save(tx, other); });
  const Sponsor big = create(sponsor(one_, gold, "BigCo"), 7);
  const auto all = vouchers(one_);
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [&](const Voucher& v) { return v.sponsor_id == big.id; }),
            5);
  EXPECT_EQ(all.size(), 6u);
}

TEST_P(Sponsors, FiveHundredAreTheMost) {
  ticket(one_, "individual");
  create(sponsor(one_, level(one_, "most", 500), "Most"));
  EXPECT_EQ(vouchers(one_).size(), 500u);
  EXPECT_EQ(refused_field(sponsor(one_, level(one_, "more", 501), "More")), "level_id");
  EXPECT_EQ(vouchers(one_).size(), 500u);
}

TEST_P(Sponsors, ALongSlugIsCutSoThatTheCodeFits) {
  ticket(one_, "individual");
  const std::int64_t gold = level(one_, "gold", 2);
  Sponsor first = sponsor(one_, gold, "One"), second = sponsor(one_, gold, "Two");
  first.slug = std::string(150, 'a') + "-1";
  second.slug = std::string(150, 'a') + "-2";
  create(first);
  create(second, 2);
  const auto all = vouchers(one_);
  ASSERT_EQ(all.size(), 4u);
  for (const Voucher& voucher : all) EXPECT_EQ(voucher.code.size(), 100u);
}

TEST_P(Sponsors, ALaterChangeIssuesNothing) {
  ticket(one_, "individual");
  const std::int64_t gold = level(one_, "gold", 2), visionary = level(one_, "visionary", 25);
  Sponsor big = create(sponsor(one_, gold, "BigCo"));
  big.name = "Bigger";
  big.level_id = visionary;
  const auto changed = write([&](db::Tx& tx) { return update_sponsor(tx, big); });
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->slug, "bigco");
  EXPECT_EQ(vouchers(one_).size(), 2u);
  EXPECT_FALSE(write([&](db::Tx& tx) { return update_sponsor(tx, big); })) << "an old version was written";
}

TEST_P(Sponsors, DeletingSwitchesUnusedVouchersOff) {
  ticket(one_, "individual");
  const Sponsor big = create(sponsor(one_, level(one_, "gold", 3), "BigCo"));
  const std::int64_t used = vouchers(one_).front().id;
  write([&](db::Tx& tx) {
    tx.exec(
        "INSERT INTO stock (conference_id, kind, product_id, capacity, sold, held) SELECT conference_id, "
        "'voucher', id, max_uses, 1, 0 FROM voucher WHERE id = $1",
        used);
  });
  // One of the others keeps a ticket back: nobody would ever get that.
  Voucher keeps = vouchers(one_).back();
  ASSERT_NE(keeps.id, used);
  keeps.reserves = true;
  write([&](db::Tx& tx) {
    registration::set_conference_capacity(tx, one_, 10);
    registration::save(tx, keeps, registration::products_of_voucher(tx, keeps.id));
  });
  const auto held = [&] {
    return read([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT held FROM stock WHERE conference_id = $1 AND kind = 'conference'",
                                  one_);
    });
  };
  EXPECT_EQ(held(), 1);
  EXPECT_TRUE(write([&](db::Tx& tx) { return delete_sponsor(tx, big); }));
  EXPECT_EQ(held(), 0);
  const auto left = vouchers(one_);
  ASSERT_EQ(left.size(), 3u);
  for (const Voucher& voucher : left) {
    EXPECT_EQ(voucher.is_active, voucher.id == used);
    EXPECT_FALSE(voucher.sponsor_id);
  }
  EXPECT_FALSE(write([&](db::Tx& tx) { return delete_sponsor(tx, big); }));
}

TEST_P(Sponsors, TheLevelIsOfTheirOwnConference) {
  const std::int64_t own = level(one_, "gold", 0), foreign = level(two_, "gold", 0);
  EXPECT_EQ(refused_field(sponsor(one_, foreign, "BigCo")), "level_id");
  EXPECT_EQ(refused_field(sponsor(one_, 4711, "BigCo")), "level_id");
  Sponsor big = create(sponsor(one_, own, "BigCo"));
  big.level_id = foreign;
  EXPECT_THROW(write([&](db::Tx& tx) { return update_sponsor(tx, big); }), Refused);
  // Nor does it move by naming another conference.
  big.conference_id = two_;
  EXPECT_THROW(write([&](db::Tx& tx) { return update_sponsor(tx, big); }), Refused);
}

TEST_P(Sponsors, ALevelWithSponsorsStays) {
  const std::int64_t gold = level(one_, "gold", 0), silver = level(one_, "silver", 0);
  Sponsor big = sponsor(one_, gold, "BigCo");
  big.is_active = false;
  create(big);
  const auto all = read([&](db::Tx& tx) { return levels(tx, one_); });
  const auto remove = [&](std::int64_t id) {
    return write([&](db::Tx& tx) {
      return delete_level(tx,
                          *std::find_if(all.begin(), all.end(), [&](const auto& l) { return l.id == id; }));
    });
  };
  EXPECT_THROW(remove(gold), Refused);
  EXPECT_TRUE(remove(silver));
  EXPECT_EQ(read([&](db::Tx& tx) { return levels(tx, one_); }).size(), 1u);
}

TEST_P(Sponsors, ProposedSlugsAreFree) {
  const std::int64_t gold = level(one_, "gold", 0);
  EXPECT_EQ(create(sponsor(one_, gold, "Big Co")).slug, "big-co");
  EXPECT_EQ(create(sponsor(one_, gold, "BIG  co!")).slug, "big-co-2");
  EXPECT_EQ(create(sponsor(one_, gold, "Big Co")).slug, "big-co-3");
  EXPECT_EQ(create(sponsor(one_, gold, "Portal")).slug, "portal-2");
  EXPECT_EQ(create(sponsor(one_, gold, "!!!")).slug, "sponsor");
  EXPECT_EQ(create(sponsor(two_, level(two_, "gold", 0), "Big Co")).slug, "big-co");
  Sponsor given = sponsor(one_, gold, "Other");
  given.slug = "BIG-CO";
  EXPECT_EQ(refused_field(given), "slug");
  given.slug = "Portal";
  EXPECT_EQ(refused_field(given), "slug");
}

TEST_P(Sponsors, AnExternalIdIsThereOnceWhereThereIsOne) {
  const std::int64_t gold = level(one_, "gold", 0);
  Sponsor a = sponsor(one_, gold, "A"), b = sponsor(one_, gold, "B");
  a.external_id = b.external_id = "17";
  create(a);
  EXPECT_EQ(refused_field(b), "external_id");
  b.external_id.clear();
  create(b);
  create(sponsor(one_, gold, "C"));
}

TEST_P(Sponsors, WrongAddressesAreRefused) {
  const std::int64_t gold = level(one_, "gold", 0);
  Sponsor s = sponsor(one_, gold, "BigCo");
  s.website_url = "javascript:alert(1)";
  EXPECT_EQ(refused_field(s), "website_url");
  s.website_url.clear();
  s.logo_url = "data:image/png;base64,AAAA";
  EXPECT_EQ(refused_field(s), "logo_url");
  s.logo_url.clear();
  s.contact_email = "nobody";
  EXPECT_EQ(refused_field(s), "contact_email");
}

TEST_P(Sponsors, ActiveOnesAreListedByLevelThenName) {
  // Two levels share an order: their names decide, and their sponsors stay together.
  const std::int64_t silver = level(one_, "silver", 0, 2), bronze = level(one_, "bronze", 0, 2),
                     gold = level(one_, "gold", 0, 1);
  create(sponsor(one_, silver, "Alpha"));
  create(sponsor(one_, bronze, "Zulu"));
  create(sponsor(one_, gold, "Mike"));
  create(sponsor(one_, gold, "Charlie"));
  Sponsor gone = sponsor(one_, gold, "Bravo");
  gone.is_active = false;
  create(gone);
  create(sponsor(two_, level(two_, "gold", 0), "Foreign"));
  std::vector<std::string> names;
  for (const Sponsor& s : read([&](db::Tx& tx) { return find_sponsors(tx, one_); })) names.push_back(s.name);
  EXPECT_EQ(names, (std::vector<std::string>{"Charlie", "Mike", "Zulu", "Alpha"}));
  EXPECT_TRUE(read([&](db::Tx& tx) { return find_sponsor(tx, one_, "CHARLIE"); }));
  EXPECT_FALSE(read([&](db::Tx& tx) { return find_sponsor(tx, one_, "bravo"); }));
  EXPECT_FALSE(read([&](db::Tx& tx) { return find_sponsor(tx, one_, "foreign"); }));
}

TEST_P(Sponsors, EveryChangeOfWhatPagesShowMakesANewSnapshot) {
  Lineups lineups;
  const auto look = [&] {
    return read([&](db::Tx& tx) {
      return lineups.at(tx, one_, conference::find_state(tx, one_).value().catalogue_version);
    });
  };
  EXPECT_TRUE(look()->sponsors.empty());
  const std::int64_t gold = level(one_, "gold", 0);
  EXPECT_EQ(look()->levels.size(), 1u);
  Sponsor big = create(sponsor(one_, gold, "BigCo"));
  ASSERT_EQ(look()->sponsors.size(), 1u);
  SponsorBenefit benefit;
  benefit.sponsor_id = big.id;
  benefit.name = "Booth";
  benefit = write([&](db::Tx& tx) { return sponsor_benefit_table().insert(tx, benefit); });
  ASSERT_EQ(look()->sponsors.at(0).benefits.size(), 1u);
  EXPECT_EQ(look()->find("BIGCO")->benefits.at(0).name, "Booth");
  EXPECT_EQ(look()->find("smallco"), nullptr);
  const auto kept = look();
  EXPECT_EQ(kept, look()) << "it was read again although nothing had changed";
  write([&](db::Tx& tx) { return sponsor_benefit_table().remove(tx, benefit); });
  EXPECT_TRUE(look()->sponsors.at(0).benefits.empty());
  big.is_active = false;
  write([&](db::Tx& tx) { return update_sponsor(tx, big); });
  EXPECT_TRUE(look()->sponsors.empty());
}

}  // namespace
}  // namespace plenary::sponsors
