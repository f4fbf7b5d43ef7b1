// The table descriptions of bank statements, their entries, and what those are for.
#include <array>

#include "domain/payments/statement_import.hpp"

namespace plenary::payments {
namespace {

constexpr std::array<std::string_view, 5> states{"new", "matched", "booked", "ignored", "refunded"};

}  // namespace

std::string_view to_text(EntryState state) {
  return states.at(static_cast<std::size_t>(state));
}
std::optional<EntryState> entry_state(std::string_view text) {
  for (std::size_t at = 0; at < states.size(); ++at)
    if (states[at] == text) return static_cast<EntryState>(at);
  return std::nullopt;
}

const db::Entity<BankStatement>& bank_statement_table() {
  using S = BankStatement;
  static const db::Entity<S> table(
      "bank_statement",
      {
          db::column("id", &S::id).generated_key(),
          db::column("conference_id", &S::conference_id).references("conference").fixed().read_only(),
          db::column("format", &S::format).max_length(10).fixed().read_only(),
          db::column("file_name", &S::file_name).max_length(200).fixed().read_only(),
          db::column("account", &S::account).max_length(50).fixed().read_only().help("IBAN or number."),
          db::column("currency", &S::currency).max_length(3).fixed().read_only(),
          db::column("number", &S::number).max_length(60).fixed().read_only().help("The bank's."),
          db::column("from_date", &S::from_date).fixed().read_only().label("From"),
          db::column("until_date", &S::until_date).fixed().read_only().label("Until"),
          db::column("opening_balance", &S::opening_balance).money().fixed().read_only(),
          db::column("closing_balance", &S::closing_balance).money().fixed().read_only(),
          db::column("entries", &S::entries).fixed().read_only().help("In the file."),
          db::column("added", &S::added).read_only().help("Of them, not known before."),
          db::column("import_id", &S::import_id)
              .fixed()
              .read_only()
              .help("The first statement of the file that it came in."),
          db::column("created_by", &S::created_by)
              .references("user_account", db::OnDelete::set_null)
              .fixed()
              .read_only()
              .label("Imported by"),
          db::column("created_at", &S::created_at).created(),
      },
      db::Rules<S>().titled("Bank statement", "Bank statements").ordered_by("id DESC"));
  return table;
}

const db::Entity<BankEntry>& bank_entry_table() {
  using E = BankEntry;
  static const db::Entity<E> table(
      "bank_entry",
      {
          db::column("id", &E::id).generated_key(),
          db::column("conference_id", &E::conference_id).references("conference").fixed().read_only(),
          db::column("statement_id", &E::statement_id).references("bank_statement").fixed().read_only(),
          db::column("account", &E::account).max_length(50).fixed().read_only(),
          db::column("bank_reference", &E::bank_reference)
              .max_length(200)
              .fixed()
              .read_only()
              .help("The bank's number of it, or one made of what it says."),
          db::column("booked_on", &E::booked_on).fixed().read_only(),
          db::column("value_date", &E::value_date).fixed().read_only(),
          db::column("amount", &E::amount).money().fixed().read_only().help("Below zero: it went out."),
          db::column("currency", &E::currency).max_length(3).fixed().read_only(),
          db::column("counterparty", &E::counterparty)
              .max_length(200)
              .personal()
              .fixed()
              .read_only()
              .label("From or to"),
          db::column("counterparty_iban", &E::counterparty_iban)
              .max_length(50)
              .personal()
              .fixed()
              .read_only()
              .label("Account of the other side"),
          db::column("remittance", &E::remittance)
              .max_length(2000)
              .personal()
              .fixed()
              .read_only()
              .help("What the payer wrote."),
          db::column("end_to_end_id", &E::end_to_end_id).max_length(200).fixed().read_only(),
          db::column("kind", &E::kind).max_length(200).fixed().read_only().help("The bank's words."),
          db::column("is_reversal", &E::is_reversal).fixed().read_only().label("Reversal"),
          db::column("is_batch", &E::is_batch).fixed().read_only().label("Several in one"),
          db::column("state", &E::state)
              .choices({"new", "matched", "booked", "ignored", "refunded"})
              .read_only(),
          db::column("certainty", &E::certainty).choices({"none", "unclear", "likely", "exact"}).read_only(),
          db::column("score", &E::score).minimum(0).maximum(100).read_only(),
          db::column("explanation", &E::explanation).format(db::TextFormat::json).read_only(),
          db::column("duplicate_of_id", &E::duplicate_of_id)
              .references("bank_entry")
              .read_only()
              .label("Likely the same as")
              .help("An entry that another file told before."),
          db::column("note", &E::note).max_length(2000).read_only(),
          db::column("decided_by", &E::decided_by)
              .references("user_account", db::OnDelete::set_null)
              .read_only(),
          db::column("decided_at", &E::decided_at).read_only(),
          db::column("version", &E::version).version(),
          db::column("created_at", &E::created_at).created(),
          db::column("updated_at", &E::updated_at).updated(),
      },
      db::Rules<E>()
          .titled("Bank entry", "Bank entries")
          .ordered_by("booked_on DESC, id DESC")
          .unique({"conference_id", "account", "bank_reference"}, "This entry is there already."));
  return table;
}

const db::Entity<BankShare>& bank_share_table() {
  using S = BankShare;
  static const db::Entity<S> table(
      "bank_share",
      {
          db::column("id", &S::id).generated_key(),
          db::column("entry_id", &S::entry_id).references("bank_entry").fixed().read_only(),
          db::column("order_id", &S::order_id).references("orders").fixed().read_only(),
          db::column("refund_id", &S::refund_id).references("refund").fixed().read_only(),
          db::column("amount", &S::amount).money().minimum(1).fixed().read_only(),
          db::column("payment_id", &S::payment_id)
              .references("payment")
              .read_only()
              .help("Empty: it is proposed."),
      },
      db::Rules<S>().titled("What an entry is for", "What entries are for").ordered_by("id"));
  return table;
}

}  // namespace plenary::payments
