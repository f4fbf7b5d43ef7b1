// The ways to pay that a conference offers, with its bank account and how long a transfer may take. A part of
// the catalogue: every page has it in memory, and a change holds at the next request. A conference without a
// row has the values below. Functions of a transaction: one thread at a time; Refused before anything is
// written. source: payments 21, P30.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "db/entity.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

struct PaymentSetup {
  Id id = 0, conference_id = 0;
  bool offers_card = true;  // where the provider's keys are complete
  bool offers_transfer = false;
  bool offers_credit = true;                         // to whoever has some
  std::string account_holder, iban, bic, bank_name;  // with or without blanks: normal_iban
  std::string instructions;                          // for accounts without an IBAN, and what else
  std::int64_t term_days = 7;                        // for the money to arrive
  std::int64_t ends_days_before = 1;                 // no term ends later than so many days before
  std::int64_t reminder_days = 2;                    // before the term's end; 0: none
  // What paying costs by its way: a fixed amount, and percents of what is paid (payment_fees.hpp).
  std::int64_t card_fee_amount = 0, transfer_fee_amount = 0;  // minor units
  Decimal card_fee_percent, transfer_fee_percent;
  std::optional<Id> fee_tax_rule_id;  // how these are taxed; nothing: they are not
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

const db::Entity<PaymentSetup>& payment_setup_table();

// The conference's own, or the usual one (id 0).
PaymentSetup payment_setup_of(db::Tx& tx, Id conference_id);

// Stores what `setup` says for its conference, whether there was a row or not: IBAN and BIC are brought into
// their normal form first. `version` as it was read; nothing: somebody else changed it meanwhile. Refused:
// the first wrong field; all of them by check_payment_setup.
std::optional<PaymentSetup> save_payment_setup(db::Tx& tx, PaymentSetup setup);
std::vector<db::FieldError> check_payment_setup(PaymentSetup setup);
// How it is stored.
PaymentSetup normal_payment_setup(PaymentSetup setup);

}  // namespace plenary::registration
