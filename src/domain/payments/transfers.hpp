// Transfers that go back by hand, as files: a list for people and spreadsheets (CSV), and a payment order for
// the bank (SEPA credit transfer, ISO 20022 pain.001). What a bank would refuse is left out and said, so that
// one transfer never has the whole file refused. Pure; any thread. source: payments 21, P34; the German
// Banking Industry's DFÜ agreement, annex 3; docs/payments.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/time.hpp"
#include "domain/registration/money_in.hpp"

namespace plenary::payments {

// Whose account pays.
struct PayerAccount {
  std::string name, iban, bic;  // bic: may be empty within SEPA
};

std::string transfers_csv(std::span<const registration::PayOut> payouts);

enum class SepaVersion { pain_001_001_03, pain_001_001_09 };

struct SepaOrder {
  PayerAccount payer;
  std::string message_id;  // at most 35 characters; of one file
  std::string conference;  // said in the purpose
  Instant now;
  Date execute_on;
  SepaVersion version = SepaVersion::pain_001_001_09;
};
struct LeftOut {
  registration::Id refund_id = 0;
  std::string order_reference, why;  // English
};
struct SepaFile {
  std::string xml;  // empty: nothing is in it
  std::vector<registration::Id> refunds;
  std::int64_t amount = 0;
  std::vector<LeftOut> left_out;  // no IBAN, not in euro, outside of SEPA
};
// Refused("payer") when the payer's account is not complete or its IBAN is wrong.
SepaFile sepa_file(const SepaOrder& order, std::span<const registration::PayOut> payouts);

// Letters that every bank takes, umlauts spelt out, others by how they sound; at most so many. '?' for what
// has no spelling.
std::string sepa_text(std::string_view text, std::size_t most_characters);

}  // namespace plenary::payments
