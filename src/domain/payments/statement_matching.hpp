// Which orders a transfer is for, and why that is thought: by the order's reference in what the payer wrote,
// by the amount, by the name. Nothing is booked here; only what is beyond doubt is called exact. Pure; any
// thread. source: payments 21, 5.3; docs/payments.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"

namespace plenary::payments {

using Id = std::int64_t;

// An order that money may come for.
struct MatchOrder {
  Id id = 0;
  std::string reference, currency, name, company, email;
  std::string status;    // as stored
  std::int64_t due = 0;  // 0: nothing; minor units
};
// A refund that somebody has to pay out by hand.
struct MatchRefund {
  Id id = 0, order_id = 0;
  std::string order_reference, currency, name, iban;
  std::int64_t amount = 0;
};

// What an entry says, as far as it counts here.
struct MatchEntry {
  std::int64_t amount = 0;  // below zero: it went out
  std::string currency, remittance, end_to_end_id, counterparty, counterparty_iban;
  bool is_reversal = false, is_batch = false;
};

// exact: may be booked without being looked at. likely: one answer, for a person to confirm. unclear:
// something speaks for it. none: nothing does.
enum class Certainty { none, unclear, likely, exact };
std::string_view to_text(Certainty certainty);
Certainty certainty_of(std::string_view text);

struct MatchReason {
  std::string text;  // English with {name} places
  Refused::Arguments arguments = {};
};
struct MatchShare {
  Id order_id = 0, refund_id = 0;  // a refund for money that went out
  std::int64_t amount = 0;         // of the entry, above zero
};
struct Match {
  Certainty certainty = Certainty::none;
  int score = 0;  // 0 to 100, for the order of a list
  std::vector<MatchShare> shares;
  std::vector<MatchReason> reasons;
};

// What an order's reference and what payers make of it have in common: capitals and figures alone, O and 0,
// I, L and 1 the same.
std::string folded_reference(std::string_view text);
// Whether two names are those of one person or company: all words of the shorter one are in the other.
// Umlauts spelt either way, titles and legal forms left out.
bool is_same_name(std::string_view a, std::string_view b);

class Matcher {
 public:
  Matcher(std::vector<MatchOrder> orders, std::vector<MatchRefund> refunds);
  ~Matcher();
  Matcher(Matcher&&) noexcept;

  Match match(const MatchEntry& entry) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// For the bank's end-to-end id of a refund that is paid out: "REFUND-17".
std::string end_to_end_id_of_refund(Id refund_id);

}  // namespace plenary::payments
