// Sums over the ledger for the pages of money: what moved between two accounts and why, tax by its rate, what
// a filter of entries adds up to. Reads alone. Functions of a transaction: one thread at a time. source:
// docs/payments.md; dashboard 70, 14.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/registration/ledger.hpp"

namespace plenary::registration {

// What went from `credit` to `debit` because of one kind of event.
struct KindFlow {
  std::string debit, credit, kind;
  std::int64_t amount = 0, entries = 0;
};
// Of an account: what came less what went, because of this kind; every kind where it is empty.
std::int64_t moved(const std::vector<KindFlow>& flows, std::string_view account, std::string_view kind);

// Tax of sold lines, by its rate and category, the highest rate first. `base`: what it is reckoned on.
struct LedgerTax {
  std::string rate;      // percent
  std::string category;  // TaxCategory as text
  bool reverse_charge = false;
  std::int64_t base = 0, tax = 0;
};
std::vector<LedgerTax> ledger_taxes(db::Tx& tx, Id conference_id, const LedgerRange& range);

// A period and how everything stood at its end.
struct LedgerOverview {
  std::vector<KindFlow> flows;          // of the period
  std::vector<AccountFigure> balance;   // of everything until its end
  std::vector<LedgerTax> taxes;         // of the period
  std::vector<std::string> currencies;  // in which anything moved, at any time
  bool has_test = false;                // there are entries of test orders, of any time
};

// Sums of everything in each conference's ledger, kept from one look to the next: the ledger is only ever
// added to, so what was added since is all that has to be read. That nothing else happened is checked by
// counting its entries; where they are not as many as were summed (test orders were deleted, say), all of it
// is summed anew. Any thread; one object for a database.
class LedgerBooks {
 public:
  LedgerBooks();
  ~LedgerBooks();
  LedgerOverview overview(db::Tx& tx, Id conference_id, const LedgerRange& range);

 private:
  struct Kept;
  std::unique_ptr<Kept> kept_;
};

// All entries of a filter. With an account: what came to it and what went; else every entry counts as both.
struct LedgerSum {
  std::int64_t entries = 0, debit = 0, credit = 0;
};
LedgerSum ledger_sum(db::Tx& tx, Id conference_id, const LedgerFilter& filter);

// What buyers still have to pay of orders that wait for it: pending ones with a live hold or a payment.
struct OpenOrders {
  std::int64_t count = 0, amount = 0;
};
OpenOrders open_orders(db::Tx& tx, Id conference_id, bool is_test);

}  // namespace plenary::registration
