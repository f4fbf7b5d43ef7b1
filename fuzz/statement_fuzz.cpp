// Reading bank statements, CSV and CAMT.053, and guessing what their entries are for. The input is the file.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "domain/payments/statement_matching.hpp"
#include "domain/payments/statements.hpp"

using namespace plenary;
using namespace plenary::payments;

namespace {

void require(bool fact) {
  if (!fact) std::abort();
}

void require_text(const std::string& text, std::size_t most) {
  require(is_valid_utf8(text) && character_count(text) <= most && !has_control_characters(text));
}

const Matcher& matcher() {
  static const Matcher orders(
      {{1, "ORD-AB12CD34", "EUR", "Ada Lovelace", "ACME GmbH", "ada@example.org", "pending", 9900},
       {2, "ORD-XY98ZW76", "EUR", "Bob Stone", "", "", "pending", 5000},
       {3, "ORD-QQ11QQ11", "EUR", "Carl", "", "", "cancelled", 0}},
      {{7, 3, "ORD-QQ11QQ11", "EUR", "Carl", "DE02120300000000202051", 1250}});
  return orders;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const StatementFile file = read_statement(bytes, {"EUR", {}});
  require(file.statements.empty() || file.faults.empty());
  require(!file.statements.empty() || !file.faults.empty());
  for (const StatementFault& fault : file.faults)
    require(!to_string(fault).empty() && is_valid_utf8(to_string(fault)));
  for (const Statement& statement : file.statements) {
    std::set<std::string> references;
    for (const StatementEntry& entry : statement.entries) {
      require(entry.amount != 0 && !entry.bank_reference.empty() && entry.bank_reference.size() <= 700);
      require(references.insert(entry.bank_reference).second);
      require_text(entry.counterparty, 200);
      require_text(entry.remittance, 2000);
      require_text(entry.end_to_end_id, 200);
      require_text(entry.kind, 200);
      const Match match =
          matcher().match({entry.amount, entry.currency, entry.remittance, entry.end_to_end_id,
                           entry.counterparty, entry.counterparty_iban, entry.is_reversal, entry.is_batch});
      std::int64_t sum = 0;
      for (const MatchShare& share : match.shares) {
        require(share.amount > 0);
        sum += share.amount;
      }
      require(match.shares.empty() || sum == (entry.amount < 0 ? -entry.amount : entry.amount));
    }
  }
  // What was guessed, given back as people do who correct it, reads the same.
  if (file.format == StatementFormat::csv && !file.statements.empty()) {
    const StatementFile again = read_statement(bytes, {"EUR", file.layout});
    require(again.faults.empty() && again.statements.size() == 1);
    require(again.statements[0].entries == file.statements[0].entries);
  }
  return 0;
}
