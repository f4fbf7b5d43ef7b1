// Vouchers: normal codes, rules, scopes, batches. source: registration 20, 3.3, 5 and D9, D10, D13, D14.
#include "domain/registration/vouchers.hpp"
#include "domain/registration/pricing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "domain/registration/entities.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration {
namespace {

using testing::addon;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::ticket;

class Vouchers : public testing::Sale {
 protected:
  void SetUp() override {
    testing::Sale::SetUp();
    open({.ticket_types = {ticket("individual", 10'000, 10), ticket("speaker", 0, 10)},
          .addons = {addon("shirt", 2'500, 10)}});
  }
  Voucher voucher(std::string code, VoucherType type = VoucherType::comp) {
    Voucher v;
    v.conference_id = fair().conference_id;
    v.code = std::move(code);
    v.type = type;
    return v;
  }
  Id store(const Voucher& v, const ScopedProducts& products = {}) {
    return fair().write([&](db::Tx& tx) { return save(tx, v, products); });
  }
  std::string refused_field(const Voucher& v, const ScopedProducts& products = {}) {
    try {
      store(v, products);
      return "stored";
    } catch (const Refused& refused) {
      return refused.field();
    }
  }
  std::optional<Voucher> find(std::string_view code) {
    return fair().read([&](db::Tx& tx) { return find_voucher(tx, fair().conference_id, code); });
  }
  Id type_id(std::string_view slug) {
    return fair().read(
        [&](db::Tx& tx) { return find_ticket_type(tx, fair().conference_id, slug).value().id; });
  }
  Id addon_id(std::string_view slug) {
    return fair().read([&](db::Tx& tx) { return find_addon(tx, fair().conference_id, slug).value().id; });
  }
};
ON_BOTH_ENGINES(Vouchers);

TEST_P(Vouchers, ACodeIsOneWhateverItsLetterCase) {
  store(voucher(" early-20 "));
  EXPECT_EQ(find("EARLY-20").value().code, "EARLY-20");
  EXPECT_TRUE(find("  Early-20"));
  EXPECT_FALSE(find("EARLY-2"));
  EXPECT_EQ(fair().refusal([&] { store(voucher("Early-20")); }), "not_unique");
  EXPECT_EQ(refused_field(voucher("EARLY-20")), "code");
}

TEST_P(Vouchers, ANewOneIsForOneUnitOfOneOrder) {
  store(voucher("A"));
  const Voucher stored = find("a").value();
  EXPECT_EQ(stored.max_uses, 1);
  EXPECT_EQ(stored.max_units, 1);
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return times_used(tx, stored); }), 0);
  EXPECT_TRUE(stored.is_active);
  EXPECT_FALSE(stored.unlocks_hidden_tickets);
}

TEST_P(Vouchers, WhatMakesNoSenseIsRefusedOnItsField) {
  for (const char* code : {"", "  ", "A B", "Ä", "A/B", "A'"})
    EXPECT_EQ(refused_field(voucher(code)), "code") << code;
  EXPECT_EQ(refused_field(voucher(std::string(101, 'A'))), "code");
  Voucher v = voucher("P", VoucherType::percentage);
  for (const char* percent : {"-1", "100.01", "150", "12.345"}) {
    v.percent = *Decimal::parse(percent);
    EXPECT_EQ(refused_field(v), "percent") << percent;
  }
  v = voucher("F", VoucherType::fixed_amount);
  EXPECT_EQ(refused_field(v), "amount");
  v.amount = -5;
  EXPECT_EQ(refused_field(v), "amount");
  v = voucher("W");
  v.valid_from = Instant{2};
  v.valid_until = Instant{1};
  EXPECT_EQ(refused_field(v), "valid_until");
  v = voucher("U");
  for (const std::int64_t uses : {-1, 0}) {
    v.max_uses = uses;
    EXPECT_EQ(refused_field(v), "max_uses") << uses;
  }
  v.max_uses = 1;
  v.max_units = 0;
  EXPECT_EQ(refused_field(v), "max_units");
  v = voucher("N");
  v.ticket_scope = v.addon_scope = Scope::none;
  EXPECT_EQ(refused_field(v), "addon_scope");
  EXPECT_THAT(fair().read([&](db::Tx& tx) { return vouchers_of(tx, fair().conference_id); }), IsEmpty());
}

TEST_P(Vouchers, PercentsAreKeptExactly) {
  Voucher v = voucher("P", VoucherType::percentage);
  for (const char* percent : {"0", "12.5", "33.33", "100"}) {
    v.code = "P-" + std::to_string(std::string_view(percent).size());
    v.percent = *Decimal::parse(percent);
    store(v);
    EXPECT_EQ(find(v.code).value().percent.to_string(), percent);
  }
}

TEST_P(Vouchers, SelectedMeansWhatIsNamedAndNeverEverything) {
  Voucher v = voucher("SPKR");
  v.ticket_scope = Scope::selected;
  v.addon_scope = Scope::none;
  EXPECT_EQ(fair().refusal([&] { store(v); }), "scope_unnamed");
  EXPECT_EQ(refused_field(v), "ticket_scope");
  EXPECT_EQ(fair().refusal([&] { store(v, {{type_id("speaker"), 999'999}, {}}); }), "no_such");
  const ScopedProducts named{{type_id("speaker"), type_id("speaker")}, {addon_id("shirt")}};
  v.id = store(v, named);
  const ScopedProducts kept = fair().read([&](db::Tx& tx) { return products_of_voucher(tx, v.id); });
  EXPECT_THAT(kept.ticket_types, ElementsAre(type_id("speaker")));
  EXPECT_THAT(kept.addons, IsEmpty());  // the scope is none: what was named besides is not kept
  EXPECT_TRUE(reaches(v, kept, ProductKind::ticket_type, type_id("speaker")));
  EXPECT_FALSE(reaches(v, kept, ProductKind::ticket_type, type_id("individual")));
  EXPECT_FALSE(reaches(v, kept, ProductKind::addon, addon_id("shirt")));
  v.ticket_scope = Scope::all;
  EXPECT_TRUE(reaches(v, kept, ProductKind::ticket_type, type_id("individual")));
}

TEST_P(Vouchers, ScopesOfRowsWrittenOtherwiseAreChecked) {
  Voucher v = voucher("A");
  v.ticket_scope = Scope::selected;
  v.id = store(v, {{type_id("speaker")}, {}});
  fair().write([&](db::Tx& tx) {
    check_scopes(tx, v);
    return 0;
  });
  const auto unnamed = [&] {
    fair().write([&](db::Tx& tx) {
      tx.exec("DELETE FROM voucher_ticket_type WHERE voucher_id = $1", v.id);
      check_scopes(tx, v);
      return 0;
    });
  };
  EXPECT_EQ(fair().refusal(unnamed), "scope_unnamed");
  // Links that the scope no longer uses are forgotten, so they keep no product.
  v.ticket_scope = Scope::all;
  fair().write([&](db::Tx& tx) {
    check_scopes(tx, v);
    return 0;
  });
  EXPECT_THAT(fair().read([&](db::Tx& tx) { return products_of_voucher(tx, v.id).ticket_types; }), IsEmpty());
}

TEST_P(Vouchers, AnotherConferencesProductIsRefused) {
  const Id other = testing::make_fair(db(), {.slug = "other", .ticket_types = {ticket("speaker", 0, 1)}});
  const Id foreign =
      fair().read([&](db::Tx& tx) { return find_ticket_type(tx, other, "speaker").value().id; });
  Voucher v = voucher("A");
  v.ticket_scope = Scope::selected;
  EXPECT_EQ(fair().refusal([&] { store(v, {{foreign}, {}}); }), "no_such");
}

TEST_P(Vouchers, AChangeKeepsTheUsesAndMeetsOtherEditors) {
  Voucher v = voucher("A");
  v.id = store(v);
  fair().write([&](db::Tx& tx) {
    const Id stock = ensure_stock(tx, fair().conference_id, StockKind::voucher, v.id, 1);
    return tx.exec("UPDATE stock SET held = 1 WHERE id = $1", stock);
  });
  Voucher first = find("A").value(), second = first;
  first.max_uses = 5;
  store(first);
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return times_used(tx, first); }), 1);
  EXPECT_EQ(find("A").value().max_uses, 5);
  fair().write([&](db::Tx& tx) { return tx.exec("UPDATE stock SET held = 0 WHERE kind = 'voucher'"); });
  second.note = "mine";
  EXPECT_EQ(fair().refusal([&] { store(second); }), "changed_meanwhile");
}

TEST_P(Vouchers, ValidIsActiveWithUsesLeftAndInsideTheWindow) {
  AppliedVoucher v;
  v.voucher = voucher("A");
  v.uses_left = 1;
  const Instant now{1'000};
  EXPECT_TRUE(v.valid_at(now));
  v.voucher.valid_from = v.voucher.valid_until = now;  // inclusive at both ends
  EXPECT_TRUE(v.valid_at(now));
  EXPECT_FALSE(v.valid_at(Instant{1'001}));
  EXPECT_FALSE(v.valid_at(Instant{999}));
  v.uses_left = 0;
  EXPECT_FALSE(v.valid_at(now));
  v.uses_left = 2;
  v.voucher.is_active = false;
  EXPECT_FALSE(v.valid_at(now));
}

TEST_P(Vouchers, ABatchHasAsManyCodesAsAskedFor) {
  SeededRandom random(1);
  const auto codes = generate_codes(random, "spkr-", 500);
  ASSERT_THAT(codes, SizeIs(500));
  EXPECT_THAT(std::set(codes.begin(), codes.end()), SizeIs(500));
  for (const auto& code : codes) {
    EXPECT_TRUE(is_code(code));
    EXPECT_EQ(code.substr(0, 5), "SPKR-");
    EXPECT_EQ(code.size(), 13u);
  }
  for (const std::int64_t count : {0, 501, -1})
    EXPECT_EQ(fair().refusal([&] { generate_codes(random, "A", count); }), "range");
  EXPECT_EQ(fair().refusal([&] { generate_codes(random, "A B", 1); }), "format");
  EXPECT_EQ(fair().refusal([&] { generate_codes(random, std::string(93, 'A'), 1); }), "too_long");

  Voucher model = voucher("ignored");
  model.ticket_scope = model.addon_scope = Scope::selected;
  model.max_uses = 2;
  model.note = "all alike";
  const ScopedProducts products{{type_id("individual"), type_id("speaker")}, {addon_id("shirt")}};
  const auto made =
      fair().write([&](db::Tx& tx) { return create_vouchers(tx, random, model, products, codes); });
  ASSERT_THAT(made, SizeIs(500));
  for (std::size_t i = 0; i < made.size(); ++i) {
    EXPECT_EQ(made[i].code, codes[i]);
    EXPECT_EQ(made[i].max_uses, 2);
    EXPECT_EQ(made[i].max_units, 1);
    EXPECT_EQ(made[i].note, "all alike");
    EXPECT_EQ(made[i].conference_id, fair().conference_id);
  }
  const auto kept = fair().read([&](db::Tx& tx) { return products_of_voucher(tx, made[250].id); });
  EXPECT_THAT(kept.ticket_types, ElementsAre(type_id("individual"), type_id("speaker")));
  EXPECT_THAT(kept.addons, ElementsAre(addon_id("shirt")));
}

TEST_P(Vouchers, ACodeThatIsTakenIsDrawnAnew) {
  SeededRandom random(7);
  const auto codes = generate_codes(random, "C-", 5);
  store(voucher(codes[1]));
  store(voucher(codes[4]));
  const auto made =
      fair().write([&](db::Tx& tx) { return create_vouchers(tx, random, voucher("ignored"), {}, codes); });
  ASSERT_THAT(made, SizeIs(5));
  EXPECT_EQ(made[0].code, codes[0]);
  EXPECT_NE(made[1].code, codes[1]);
  EXPECT_EQ(made[1].code.substr(0, 2), "C-");
  EXPECT_EQ(made[1].code.size(), codes[1].size());
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return vouchers_of(tx, fair().conference_id); }).size(), 7u);
}

TEST_P(Vouchers, ABatchThatIsRefusedLeavesNothing) {
  SeededRandom random(7);
  Voucher model = voucher("ignored");
  model.addon_scope = Scope::selected;
  const auto codes = generate_codes(random, "C-", 3);
  EXPECT_EQ(fair().refusal([&] {
    fair().write([&](db::Tx& tx) { return create_vouchers(tx, random, model, {}, codes); });
  }),
            "scope_unnamed");
  EXPECT_THAT(fair().read([&](db::Tx& tx) { return vouchers_of(tx, fair().conference_id); }), IsEmpty());
}

// Deleting a product would widen or empty the scope of whatever names it. source: 20, D9.
TEST_P(Vouchers, AProductThatSomethingRefersToIsNotDeleted) {
  const auto remove = [&](const char* slug) {
    return fair().refusal([&] {
      fair().write([&](db::Tx& tx) {
        if (auto type = find_ticket_type(tx, fair().conference_id, slug))
          registration::remove(tx, *type);
        else
          registration::remove(tx, find_addon(tx, fair().conference_id, slug).value());
        return 0;
      });
    });
  };
  Voucher v = voucher("A");
  v.ticket_scope = v.addon_scope = Scope::selected;
  v.id = store(v, {{type_id("speaker")}, {addon_id("shirt")}});
  EXPECT_EQ(remove("speaker"), "in_use");
  EXPECT_EQ(remove("shirt"), "in_use");
  v = find("A").value();
  v.ticket_scope = v.addon_scope = Scope::all;
  store(v);

  const auto who = fair().guest("a");
  fair().add(who, "individual");
  EXPECT_EQ(remove("individual"), "in_use");  // a cart holds it
  const auto placed = fair().order(who, "a@example.org");
  EXPECT_EQ(remove("individual"), "in_use");  // it was ordered
  fair().pay(placed.order_id);
  EXPECT_EQ(remove("individual"), "in_use");

  EXPECT_EQ(remove("speaker"), "");
  EXPECT_EQ(remove("shirt"), "");
  fair().read([&](db::Tx& tx) {
    EXPECT_FALSE(find_ticket_type(tx, fair().conference_id, "speaker"));
    EXPECT_FALSE(find_addon(tx, fair().conference_id, "shirt"));
    EXPECT_EQ(
        tx.one<std::int64_t>("SELECT COUNT(*) FROM stock WHERE conference_id = $1", fair().conference_id), 2);
    return 0;
  });
}

TEST_P(Vouchers, ATicketThatAnAddOnNeedsIsNotDeleted) {
  const Id shirt = fair().write([&](db::Tx& tx) {
    AddOn extra = find_addon(tx, fair().conference_id, "shirt").value();
    extra.requires_ticket_types = {find_ticket_type(tx, fair().conference_id, "speaker").value().id};
    return save(tx, extra);
  });
  const auto remove = [&] {
    fair().write([&](db::Tx& tx) {
      registration::remove(tx, find_ticket_type(tx, fair().conference_id, "speaker").value());
      return 0;
    });
  };
  EXPECT_EQ(fair().refusal(remove), "in_use");
  fair().write([&](db::Tx& tx) {
    registration::remove(tx, addon_table().find(tx, shirt).value());
    return 0;
  });
  EXPECT_EQ(fair().refusal(remove), "");
}

}  // namespace
}  // namespace plenary::registration
