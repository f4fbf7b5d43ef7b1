// The first half of docs/selling.md, followed step by step: its conference files are applied as they stand
// there, and every row of its tables of prices is asked of the pricing engine.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "config/conference_file.hpp"
#include "config/settings.hpp"
#include "domain/bootstrap.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/pricing.hpp"
#include "domain/registration/vouchers.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::domain {
namespace {

using namespace registration;

struct Row {
  std::string who, what, total, tax;
};
struct Step {
  std::string file;  // a conference file, or
  std::vector<Row> rows;
};

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> all;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const auto from = cell.find_first_not_of(' ');
    all.push_back(from == std::string::npos ? "" : cell.substr(from, cell.find_last_not_of(' ') - from + 1));
  }
  return all;
}

std::vector<Step> steps() {
  std::ifstream in(PLENARY_SOURCE_DIR "/docs/selling.md");
  std::vector<Step> all;
  bool in_file = false, in_prices = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "```toml") {
      in_file = true;
      all.push_back({});
    } else if (line == "```") {
      in_file = false;
    } else if (in_file) {
      all.back().file += line + "\n";
    } else if (line.starts_with("| who buys")) {
      all.push_back({});
      in_prices = true;
    } else if (line.empty()) {
      in_prices = false;
    } else if (in_prices && line.starts_with("| ")) {
      const auto row = cells(line);
      all.back().rows.push_back({row.at(0), row.at(1), row.at(2), row.at(3)});
    }
  }
  return all;
}

class Selling : public test::DatabaseTest {
 protected:
  config::Settings settings;

  std::int64_t apply(const std::string& text) {
    const auto file = config::parse_conference_file(text, "selling.md",
                                                    {.currency = Currency::of("EUR"), .reserved_slugs = {}});
    return apply_conference_file(db(), file, settings.program, {}).conference_id;
  }

  void check(std::int64_t conference, const Row& row) {
    SCOPED_TRACE(row.who + ": " + row.what);
    db().read_now([&](db::Tx& tx) {
      const auto shop = load_catalogue(tx, conference, settings.program);
      std::vector<CartItem> items;
      std::optional<AppliedVoucher> voucher;
      std::string what = row.what;
      static const std::regex with(" with ([A-Z]+)$");
      if (std::smatch found; std::regex_search(what, found, with)) {
        voucher.emplace();
        voucher->voucher = find_voucher(tx, conference, found[1].str()).value();
        voucher->basis_points = basis_points(voucher->voucher.percent);
        voucher->uses_left = 1;
        what = found.prefix();
      }
      static const std::regex one(R"((\d+) ([a-z-]+)(?:/([a-z]+))?(?: at ([0-9.]+))?)");
      for (std::sregex_iterator at(what.begin(), what.end(), one), end; at != end; ++at) {
        const std::smatch& part = *at;
        CartItem item;
        item.id = static_cast<Id>(items.size()) + 1;
        item.quantity = std::stoll(part[1]);
        item.kind = shop->ticket_type(part[2].str()) ? ProductKind::ticket_type : ProductKind::addon;
        const auto product = shop->product(item.kind, part[2].str());
        ASSERT_TRUE(product) << part[2];
        item.product_id = product->id;
        if (part[3].matched) item.variation_id = shop->variation(item.kind, product->id, part[3].str())->id;
        if (part[4].matched)
          item.chosen_price = Money::exact(Decimal::parse(part[4].str()).value(), shop->currency).minor();
        items.push_back(item);
      }
      ASSERT_FALSE(items.empty());
      std::string country;
      static const std::regex in(" in ([A-Z]{2})");
      if (std::smatch found; std::regex_search(row.who, found, in)) country = found[1];
      const StockLevels levels = stock_levels(tx, conference);
      PricingInput input;
      input.items = items;
      input.voucher = voucher ? &*voucher : nullptr;
      input.levels = &levels;
      input.party = {row.who.starts_with("business"), country,
                     row.who.find("confirmed") != std::string::npos};
      input.now = tx.now();
      const Quote q = quote(*shop, input);
      EXPECT_EQ(Money(q.total, shop->currency).to_string(), row.total);
      EXPECT_EQ(Money(q.tax, shop->currency).to_string(), row.tax);
    });
  }
};

TEST_P(Selling, ThePageIsTrue) {
  std::vector<std::int64_t> conferences;
  std::size_t rows = 0;
  std::int64_t conference = 0;
  for (const Step& step : steps()) {
    if (!step.file.empty()) {
      conferences.push_back(conference = apply(step.file));
      continue;
    }
    ASSERT_FALSE(conferences.empty());
    if (step.rows.front().who.find("early") != std::string::npos) {
      conference = conferences.front();
      db().write_now(conference, "discounts", [&](db::Tx& tx) {
        Condition early;
        early.conference_id = conference;
        early.name = "Early bird";
        early.percent = Decimal(20);
        early.usage_limit = 3;
        early.addon_scope = Scope::none;
        save_condition(tx, early);
        Voucher friends;
        friends.conference_id = conference;
        friends.code = "FRIENDS";
        friends.type = VoucherType::percentage;
        friends.percent = Decimal(10);
        friends.max_units.reset();
        return save(tx, friends);
      });
    }
    for (const Row& row : step.rows) check(conference, row);
    rows += step.rows.size();
  }
  EXPECT_EQ(conferences.size(), 2u);
  EXPECT_EQ(rows, 18u);
}

ON_BOTH_ENGINES(Selling);

}  // namespace
}  // namespace plenary::domain
