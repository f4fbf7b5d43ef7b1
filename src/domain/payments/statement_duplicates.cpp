// The same movement of an account, told by two files: as CSV and as CAMT.053, or by two kinds of CSV. The
// bank's number tells entries of one kind of file apart; here is what is said of both. And taking a whole
// import back.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "domain/payments/statement_import.hpp"
#include "domain/payments/statement_store.hpp"

namespace plenary::payments {
namespace {

constexpr std::size_t named_entries = 5;
constexpr int days_apart = 7;
constexpr std::size_t long_enough = 6;  // characters of a purpose that say something

// Letters and digits alone, as banks break and blank texts each their own way.
std::string folded(std::string_view text) {
  std::string result;
  for (const char c : ascii_lower(text))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (static_cast<unsigned char>(c) & 0x80))
      result += c;
  return result;
}

bool says_the_same(const BankEntry& a, const BankEntry& b) {
  if (!a.end_to_end_id.empty() && a.end_to_end_id == b.end_to_end_id) return true;
  if (!a.counterparty_iban.empty() && !b.counterparty_iban.empty() &&
      a.counterparty_iban != b.counterparty_iban)
    return false;
  const std::string one = folded(a.remittance), other = folded(b.remittance);
  const std::string& shorter = one.size() < other.size() ? one : other;
  const std::string& longer = one.size() < other.size() ? other : one;
  if (shorter.size() >= long_enough && longer.find(shorter) != std::string::npos) return true;
  // Where one file tells no purpose, the name and the account have to do.
  const bool same_name =
      !a.counterparty.empty() && !b.counterparty.empty() && is_same_name(a.counterparty, b.counterparty);
  return same_name && shorter.size() < long_enough;
}

bool is_same_account(const BankEntry& a, const BankEntry& b) {
  // CSV files often do not name their account.
  return a.account.empty() || b.account.empty() || a.account == b.account;
}

bool is_same_movement(const BankEntry& a, const BankEntry& b) {
  return a.amount == b.amount && a.currency == b.currency && is_same_account(a, b) &&
         (a.booked_on == b.booked_on || (a.value_date && a.value_date == b.value_date)) &&
         says_the_same(a, b);
}

conference::AuditObject object_of(Id conference_id, std::string_view entity, Id id, std::string name) {
  conference::AuditObject object;
  object.conference_id = conference_id;
  object.entity = std::string(entity);
  object.id = std::to_string(id);
  object.name = std::move(name);
  return object;
}

std::string shown(const BankEntry& entry) {
  const auto currency = Currency::find(entry.currency);
  std::string text = fmt::format(
      "{}: {} {}", entry.booked_on.to_string(),
      currency ? Money(entry.amount, *currency).to_string() : std::to_string(entry.amount), entry.currency);
  if (!entry.counterparty.empty()) text += " " + entry.counterparty;
  return text;
}

}  // namespace

namespace store {

std::int64_t mark_duplicates(db::Tx& tx, Id conference_id, Id statement_id,
                             const std::unordered_set<std::string>& told) {
  const auto fresh = bank_entry_table().select(tx, "WHERE statement_id = $1 ORDER BY id", statement_id);
  std::set<Id> taken;
  for (const Id id : tx.query<Id>("SELECT duplicate_of_id FROM bank_entry WHERE conference_id = $1 AND "
                                  "duplicate_of_id IS NOT NULL",
                                  conference_id))
    taken.insert(id);
  if (fresh.empty()) return 0;
  Date first = fresh.front().booked_on, last = first;
  for (const BankEntry& entry : fresh) {
    first = std::min(first, entry.booked_on);
    last = std::max(last, entry.booked_on);
  }
  // Banks book some days beside the value date.
  const auto before = bank_entry_table().select(
      tx,
      "WHERE conference_id = $1 AND statement_id <> $2 AND duplicate_of_id IS NULL AND booked_on >= $3 AND "
      "booked_on <= $4 ORDER BY id",
      conference_id, statement_id, first.plus_days(-days_apart).to_string(),
      last.plus_days(days_apart).to_string());
  std::map<std::int64_t, std::vector<const BankEntry*>> by_amount;
  for (const BankEntry& entry : before) by_amount[entry.amount].push_back(&entry);
  std::int64_t marked = 0;
  for (const BankEntry& entry : fresh) {
    if (entry.duplicate_of_id) continue;
    for (const BankEntry* const candidate : by_amount[entry.amount]) {
      const BankEntry& other = *candidate;
      if (told.contains(other.bank_reference) && other.account == entry.account) continue;
      if (other.id > entry.id || taken.contains(other.id) || !is_same_movement(entry, other)) continue;
      tx.exec("UPDATE bank_entry SET duplicate_of_id = $1, updated_at = $2 WHERE id = $3", other.id, tx.now(),
              entry.id);
      taken.insert(other.id);
      ++marked;
      break;
    }
  }
  return marked;
}

}  // namespace store

std::vector<BankStatement> statements_of_import(db::Tx& tx, const BankStatement& statement) {
  if (!statement.import_id) return {statement};
  return bank_statement_table().select(tx, "WHERE conference_id = $1 AND import_id = $2 ORDER BY id",
                                       statement.conference_id, *statement.import_id);
}

std::int64_t undo_import(db::Tx& tx, Id conference_id, Id statement_id, UndoScope scope,
                         const conference::Actor& actor) {
  const auto asked = bank_statement_table().find(tx, statement_id);
  if (!asked || asked->conference_id != conference_id) throw NotFound("no such statement");
  const std::vector<BankStatement> all =
      scope == UndoScope::whole_file ? statements_of_import(tx, *asked) : std::vector<BankStatement>{*asked};
  std::vector<BankEntry> booked;
  for (const BankStatement& statement : all)
    for (BankEntry& entry : bank_entry_table().select(
             tx, "WHERE statement_id = $1 AND state = 'booked' ORDER BY booked_on, id", statement.id))
      booked.push_back(std::move(entry));
  if (!booked.empty()) {
    std::string names;
    for (std::size_t i = 0; i < booked.size() && i < named_entries; ++i)
      names += (names.empty() ? "" : "; ") + shown(booked[i]);
    if (booked.size() > named_entries) names += " …";
    throw Refused(
        "booked",
        "{count} entries of this import are booked, so it cannot be undone: {entries}. Send their money "
        "back first if they were booked by mistake; the entries themselves stay.",
        {{"count", std::to_string(booked.size())}, {"entries", names}});
  }
  std::int64_t gone = 0;
  for (const BankStatement& statement : all) {
    tx.exec("DELETE FROM bank_share WHERE entry_id IN (SELECT id FROM bank_entry WHERE statement_id = $1)",
            statement.id);
    tx.exec(
        "UPDATE bank_entry SET duplicate_of_id = NULL, updated_at = $2 WHERE duplicate_of_id IN (SELECT id "
        "FROM bank_entry WHERE statement_id = $1)",
        statement.id, tx.now());
    gone += tx.exec("DELETE FROM bank_entry WHERE statement_id = $1", statement.id);
    tx.exec("DELETE FROM bank_statement WHERE id = $1", statement.id);
    conference::record(tx, actor, conference::AuditAction::remove,
                       object_of(conference_id, "bank_statement", statement.id, statement.file_name));
  }
  return gone;
}

void not_a_duplicate(db::Tx& tx, Id conference_id, Id entry_id, const conference::Actor& actor) {
  const auto entry = bank_entry_table().find(tx, entry_id);
  if (!entry || entry->conference_id != conference_id) throw NotFound("no such entry");
  if (!entry->duplicate_of_id) return;
  tx.exec(
      "UPDATE bank_entry SET duplicate_of_id = NULL, version = version + 1, updated_at = $1 WHERE id = $2",
      tx.now(), entry_id);
  conference::record(
      tx, actor, conference::AuditAction::change,
      object_of(conference_id, "bank_entry", entry_id, shown(*entry)),
      {{"duplicate_of_id", "Likely the same as", std::to_string(*entry->duplicate_of_id), ""}});
}

}  // namespace plenary::payments
