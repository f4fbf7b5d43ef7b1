// Rate by rate, an order's documents say what its lines say, whatever staff do to it, in whatever order:
// units taken back, products added, prices lowered, money given back, corrections. On both engines.
#include <gmock/gmock.h>

#include <map>
#include <tuple>

#include "domain/invoicing/exports.hpp"
#include "domain/invoicing/stall.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/tax_rules.hpp"

namespace plenary::invoicing {
namespace {

using registration::Order;
using registration::OrderLine;
using registration::ProductKind;
using registration::WantedChange;
using ::testing::SizeIs;

struct Sums {
  std::int64_t net = 0, tax = 0, gross = 0;
  bool operator==(const Sums&) const = default;
  bool is_nothing() const { return net == 0 && tax == 0 && gross == 0; }
};
std::ostream& operator<<(std::ostream& out, const Sums& sums) {
  return out << sums.net << " + " << sums.tax << " = " << sums.gross;
}
using Rates = std::map<std::tuple<std::string, std::string, bool>, Sums>;

template <class One>
void add(Rates& rates, const std::string& rate, const std::string& country, bool reverse_charge,
         const One& one) {
  Sums& sums = rates[{rate, country, reverse_charge}];
  sums.net += one.net;
  sums.tax += one.tax;
  sums.gross += one.gross;
}
Rates without_nothing(Rates rates) {
  std::erase_if(rates, [](const auto& one) { return one.second.is_nothing(); });
  return rates;
}

class RatesOfDocuments : public testing::Stall {
 protected:
  // Tickets at 33.33 with 19 % in it, lunches at 9.99 with 7 % on top: nothing divides.
  void SetUp() override {
    Stall::SetUp();
    write([&](db::Tx& tx) {
      for (registration::TicketType ticket : registration::ticket_types_of(tx, fair_)) {
        ticket.price = 3333;
        registration::save(tx, ticket);
      }
      for (registration::AddOn lunch : registration::addons_of(tx, fair_)) {
        lunch.price = 999;
        registration::save(tx, lunch);
      }
      for (const registration::ReckonedRule& rule : registration::tax_rules_of(tx, fair_)) {
        if (rule.rule.id != reduced_) continue;
        registration::TaxRule added = rule.rule;
        added.includes_tax = false;
        registration::save(tx, added);
      }
      return 0;
    });
  }
  void TearDown() override {
    EXPECT_EQ(faults(), "");
    Stall::TearDown();
  }

  Rates of_lines(Id order_id) {
    Rates rates;
    for (const OrderLine& line : get(order_id).lines)
      add(rates, line.tax_rate, line.tax_country, line.reverse_charge, line);
    return without_nothing(rates);
  }
  // What each document says of its own, too: the sums of its lines, above zero for an invoice, below for a
  // credit note.
  Rates of_documents(Id order_id) {
    Rates all;
    for (const Document& document : documents(order_id)) {
      const Snapshot s = read_snapshot(document.snapshot);
      Rates said, counted;
      for (const TaxSum& sum : s.taxes) {
        add(said, sum.rate, sum.country, sum.reverse_charge, sum);
        add(all, sum.rate, sum.country, sum.reverse_charge, sum);
      }
      Sums whole;
      for (const Line& line : s.lines) {
        add(counted, line.tax_rate, line.tax_country, line.reverse_charge, line);
        EXPECT_EQ(line.gross, line.net + line.tax) << s.number;
        whole.net += line.net;
        whole.tax += line.tax;
        whole.gross += line.gross;
      }
      EXPECT_EQ(said, counted) << s.number;
      EXPECT_EQ(whole, (Sums{document.net, document.tax, document.gross})) << s.number;
      EXPECT_EQ(document.kind == DocumentKind::invoice, document.gross > 0) << s.number;
    }
    return without_nothing(all);
  }
  Rates of_books(Id order_id) {
    const std::string reference = get(order_id).reference;
    Period period;
    period.seller_id = seller_;
    period.from = *Date::parse("2027-05-01");
    period.to = *Date::parse("2027-05-31");
    Rates rates;
    for (const BookEntry& entry : read([&](db::Tx& tx) { return book_entries(tx, period, 0, 10'000); }))
      if (entry.order_reference == reference)
        add(rates, entry.tax_rate, entry.tax_country, entry.reverse_charge, entry);
    return without_nothing(rates);
  }
  // One of the products that are left; nothing: none is.
  const OrderLine* any_left(const std::vector<OrderLine>& left, SeededRandom& random) {
    std::vector<const OrderLine*> products;
    for (const OrderLine& line : left)
      if (line.kind != registration::LineKind::fee) products.push_back(&line);
    return products.empty() ? nullptr : products[random.below(products.size())];
  }
  void step(Id order_id, SeededRandom& random) {
    const Order order = get(order_id);
    const std::vector<OrderLine> left = registration::lines_left(order.lines);
    const OrderLine* line = any_left(left, random);
    const bool is_last = line && registration::product_units(left) == 1;
    WantedChange wanted;
    switch (random.below(6)) {
      case 0:
        if (line && !is_last) wanted.taken_back.push_back({line->id, 1, {}});
        break;
      case 1: {
        const bool ticket = random.below(2) == 0;
        wanted.added.push_back({ticket ? ProductKind::ticket_type : ProductKind::addon,
                                ticket ? ticket_ : lunch_,
                                {},
                                1 + static_cast<std::int64_t>(random.below(3)),
                                {}});
        break;
      }
      case 2:
        if (line) wanted.repriced.push_back({line->id, static_cast<std::int64_t>(random.below(5000))});
        break;
      case 3: {
        const std::int64_t back = 1 + static_cast<std::int64_t>(random.below(700));
        const auto refundable =
            read([&](db::Tx& tx) { return registration::money_of(tx, order).refundable; });
        if (back < order.total && back <= refundable) give_back(order_id, back);
        break;
      }
      case 4:
        if (!documents(order_id).empty())
          refusal([&] { write([&](db::Tx& tx) { return correct(tx, order_id, "corrected"); }); });
        break;
      default:
        settle(order_id);
    }
    if (!wanted.is_empty()) change(order_id, wanted);
  }
};
ON_BOTH_ENGINES(RatesOfDocuments);

TEST_P(RatesOfDocuments, AreThoseOfTheOrderAndNothingWhenItIsTakenBack) {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    SeededRandom random(seed);
    const Order order =
        paid(1 + static_cast<std::int64_t>(random.below(4)), 1 + static_cast<std::int64_t>(random.below(4)));
    settle(order.id);
    for (int i = 0; i < 10 && !HasFailure(); ++i) {
      step(order.id, random);
      if (random.below(2) == 0) continue;
      settle(order.id);
      EXPECT_EQ(of_documents(order.id), of_lines(order.id)) << "seed " << seed << ", step " << i;
    }
    settle(order.id);
    EXPECT_EQ(of_books(order.id), of_lines(order.id)) << "seed " << seed;
    change(order.id, registration::all_of(get(order.id)));
    settle(order.id);
    EXPECT_THAT(of_lines(order.id), SizeIs(0)) << "seed " << seed;
    EXPECT_THAT(of_documents(order.id), SizeIs(0)) << "seed " << seed;
    EXPECT_THAT(of_books(order.id), SizeIs(0)) << "seed " << seed;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace plenary::invoicing
