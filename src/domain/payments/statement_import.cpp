#include "domain/payments/statement_import.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "domain/payments/statement_store.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_terms.hpp"

namespace plenary::payments {
namespace {

constexpr std::size_t entries_a_write = 200, proposals_a_write = 50;
constexpr int undecided_a_read = 1000;

BankEntry kept(const StatementEntry& entry, const Statement& statement, Id conference_id, Id statement_id) {
  BankEntry row;
  row.conference_id = conference_id;
  row.statement_id = statement_id;
  row.account = statement.account;
  row.bank_reference = entry.bank_reference;
  row.booked_on = entry.booked_on;
  row.value_date = entry.value_date;
  row.amount = entry.amount;
  row.currency = entry.currency;
  row.counterparty = entry.counterparty;
  row.counterparty_iban = entry.counterparty_iban;
  row.remittance = entry.remittance;
  row.end_to_end_id = entry.end_to_end_id;
  row.kind = entry.kind;
  row.is_reversal = entry.is_reversal;
  row.is_batch = entry.is_batch;
  return row;
}

// What is new of a statement, and the numbers under which all of it is known then.
struct FreshEntries {
  const Statement* statement = nullptr;
  std::vector<StatementEntry> entries = {};
  std::unordered_set<std::string> told = {};
  Id statement_id = 0;  // once it is kept
};

// Entries of an account by the bank's number.
using KnownEntries = std::unordered_map<std::string, store::KnownEntry>;

// The same movement: the same amount, and the same day or the same words. A file may be read by another of
// its days.
bool is_known_as(const store::KnownEntry& known, const StatementEntry& entry) {
  return known.amount == entry.amount &&
         (known.booked_on == entry.booked_on ||
          (known.counterparty == entry.counterparty && known.remittance == entry.remittance));
}

// The number under which an entry is kept. Banks are not to be trusted with theirs: some count the entries of
// each statement anew, and what is taken back often has the number of what it was. No money may be dropped
// for that: such an entry has the number with its day and amount.
std::string number_of(const KnownEntries& known, const StatementEntry& entry) {
  std::string longer =
      fmt::format("{} {} {}", entry.bank_reference, entry.booked_on.to_string(), entry.amount);
  const auto same = known.find(entry.bank_reference);
  const bool is_free = same == known.end() ? !known.contains(longer) : is_known_as(same->second, entry);
  return is_free ? entry.bank_reference : std::move(longer);
}

std::vector<FreshEntries> look_for_fresh(db::Database& database, Id conference_id, const StatementFile& file,
                                         Imported& imported) {
  std::map<std::string, KnownEntries> known;  // by account
  std::vector<FreshEntries> all;
  for (const Statement& statement : file.statements) {
    const auto [place, is_first] = known.try_emplace(statement.account);
    KnownEntries& of_account = place->second;
    if (is_first) {
      auto look = [&](db::Tx& tx) { return store::known_entries(tx, conference_id, statement.account); };
      for (store::KnownEntry& one : database.read_now(look)) {
        std::string number = one.bank_reference;
        of_account.emplace(std::move(number), std::move(one));
      }
    }
    FreshEntries fresh{&statement};
    for (const StatementEntry& entry : statement.entries) {
      const std::string number = number_of(of_account, entry);
      fresh.told.insert(number);
      const store::KnownEntry kept{number, entry.amount, entry.booked_on, entry.counterparty,
                                   entry.remittance};
      if (!of_account.emplace(number, kept).second) continue;
      fresh.entries.push_back(entry);
      fresh.entries.back().bank_reference = number;
    }
    imported.entries += static_cast<std::int64_t>(statement.entries.size());
    imported.known += static_cast<std::int64_t>(statement.entries.size() - fresh.entries.size());
    if (!fresh.entries.empty()) all.push_back(std::move(fresh));
  }
  return all;
}

// All statements of the file in one write, so that they know each other however far the import comes.
std::vector<Id> begin_import(db::Tx& tx, Id conference_id, const StatementFile& file,
                             const std::vector<FreshEntries>& all, std::string_view file_name,
                             const conference::Actor& actor) {
  std::vector<Id> ids;
  for (const FreshEntries& fresh : all) {
    const Statement& statement = *fresh.statement;
    BankStatement row;
    row.conference_id = conference_id;
    row.format = file.format == StatementFormat::camt ? "camt" : "csv";
    row.file_name = std::string(file_name.substr(0, 200));
    while (!is_valid_utf8(row.file_name)) row.file_name.pop_back();
    row.account = statement.account;
    row.currency = statement.currency;
    row.number = statement.number;
    row.from_date = statement.from;
    row.until_date = statement.until;
    row.opening_balance = statement.opening_balance;
    row.closing_balance = statement.closing_balance;
    row.entries = static_cast<std::int64_t>(statement.entries.size());
    row.created_by = actor.user_id;
    if (!ids.empty()) row.import_id = ids.front();
    row = bank_statement_table().insert(tx, row);
    if (ids.empty()) tx.exec("UPDATE bank_statement SET import_id = id WHERE id = $1", row.id);
    conference::AuditObject object;
    object.conference_id = conference_id;
    object.entity = "bank_statement";
    object.id = std::to_string(row.id);
    object.name = row.file_name;
    conference::record(tx, actor, conference::AuditAction::add, object);
    ids.push_back(row.id);
  }
  return ids;
}

void keep_entries(db::Database& database, Id conference_id, const FreshEntries& fresh, Imported& imported) {
  const Statement& statement = *fresh.statement;
  for (std::size_t at = 0; at < fresh.entries.size(); at += entries_a_write) {
    const std::span piece(fresh.entries.data() + at, std::min(entries_a_write, fresh.entries.size() - at));
    auto add = [&](db::Tx& tx) {
      std::int64_t added = 0;
      for (const StatementEntry& entry : piece)
        added += store::insert_entry(tx, kept(entry, statement, conference_id, fresh.statement_id));
      tx.exec("UPDATE bank_statement SET added = added + $1 WHERE id = $2", added, fresh.statement_id);
      return added;
    };
    const std::int64_t added = database.write_now(conference_id, "import entries", add);
    imported.added += added;
    imported.known += static_cast<std::int64_t>(piece.size()) - added;
  }
  auto compare = [&](db::Tx& tx) {
    return store::mark_duplicates(tx, conference_id, fresh.statement_id, fresh.told);
  };
  imported.duplicates += database.write_now(conference_id, "mark duplicates", compare);
}

// What is thought of an entry now, beside what was thought.
struct Proposal {
  BankEntry entry;
  std::vector<MatchShare> shares;
};

bool is_same(const std::vector<BankShare>& before, const std::vector<MatchShare>& now) {
  return std::equal(
      before.begin(), before.end(), now.begin(), now.end(), [](const BankShare& a, const MatchShare& b) {
        return a.order_id == b.order_id && a.refund_id.value_or(0) == b.refund_id && a.amount == b.amount;
      });
}

}  // namespace

Imported import_statements(db::Database& database, const registration::Shop& shop, Id conference_id,
                           const StatementFile& file, std::string_view file_name,
                           const conference::Actor& actor) {
  if (!file.faults.empty())
    throw Refused("faulty", "The file has {count} faults; nothing of it was imported.",
                  {{"count", std::to_string(file.faults.size())}}, "file");
  Imported imported;
  std::vector<FreshEntries> all = look_for_fresh(database, conference_id, file, imported);
  if (!all.empty()) {
    auto begin = [&](db::Tx& tx) { return begin_import(tx, conference_id, file, all, file_name, actor); };
    imported.statements = database.write_now(conference_id, "import statements", begin);
  }
  for (std::size_t at = 0; at < all.size(); ++at) {
    all[at].statement_id = imported.statements[at];
    keep_entries(database, conference_id, all[at], imported);
  }
  match_again(database, shop, conference_id);
  auto count = [&](db::Tx& tx) {
    for (const Id statement : imported.statements)
      for (const auto& [certainty, number] : tx.query<std::string, std::int64_t>(
               "SELECT certainty, COUNT(*) FROM bank_entry WHERE statement_id = $1 GROUP BY certainty",
               statement)) {
        const Certainty which = certainty_of(certainty);
        (which == Certainty::exact     ? imported.exact
         : which == Certainty::likely  ? imported.likely
         : which == Certainty::unclear ? imported.unclear
                                       : imported.unmatched) += number;
      }
  };
  if (!imported.statements.empty()) database.read_now(count);
  return imported;
}

std::int64_t match_again(db::Database& database, const registration::Shop& shop, Id conference_id) {
  auto load = [&](db::Tx& tx) {
    return std::pair(store::orders_to_match(tx, shop, conference_id),
                     store::refunds_to_match(tx, conference_id));
  };
  std::optional<Matcher> matcher;
  std::int64_t changed = 0;
  for (Id after = 0;;) {
    auto look = [&](db::Tx& tx) {
      std::vector<std::pair<BankEntry, std::vector<BankShare>>> found;
      for (BankEntry& entry : store::undecided(tx, conference_id, after, undecided_a_read)) {
        auto shares = entry.state == EntryState::fresh && entry.score == 0 ? std::vector<BankShare>()
                                                                           : store::shares_of(tx, entry.id);
        found.emplace_back(std::move(entry), std::move(shares));
      }
      return found;
    };
    const auto found = database.read_now(look);
    if (found.empty()) return changed;
    if (!matcher) {
      auto [orders, refunds] = database.read_now(load);
      matcher.emplace(std::move(orders), std::move(refunds));
    }
    after = found.back().first.id;
    std::vector<Proposal> proposals;
    for (const auto& [entry, shares] : found) {
      Match match = matcher->match(store::as_match_entry(entry));
      Proposal proposal{entry, std::move(match.shares)};
      proposal.entry.certainty = match.certainty;
      proposal.entry.score = match.score;
      proposal.entry.explanation = store::to_json(match.reasons);
      // Not before somebody has said that it is another transfer.
      if (entry.duplicate_of_id && match.certainty != Certainty::none) {
        proposal.entry.certainty = Certainty::unclear;
        std::vector<MatchReason> reasons(1);
        reasons[0].text = message("Likely the same transfer as one that another file told.");
        reasons.insert(reasons.end(), match.reasons.begin(), match.reasons.end());
        match.reasons = std::move(reasons);
        proposal.entry.explanation = store::to_json(match.reasons);
      }
      proposal.entry.state = proposal.shares.empty() ? EntryState::fresh : EntryState::matched;
      if (proposal.entry.state == entry.state && proposal.entry.certainty == entry.certainty &&
          proposal.entry.score == entry.score && proposal.entry.explanation == entry.explanation &&
          is_same(shares, proposal.shares))
        continue;
      proposals.push_back(std::move(proposal));
    }
    for (std::size_t at = 0; at < proposals.size(); at += proposals_a_write) {
      const std::span piece(proposals.data() + at, std::min(proposals_a_write, proposals.size() - at));
      auto keep = [&](db::Tx& tx) {
        std::int64_t kept = 0;
        for (const Proposal& proposal : piece)
          kept += store::set_proposal(tx, proposal.entry, proposal.shares);
        return kept;
      };
      changed += database.write_now(conference_id, "match entries", keep);
    }
  }
}

// ---- looking

std::vector<BankStatement> bank_statements(db::Tx& tx, Id conference_id, int limit) {
  return bank_statement_table().select(tx, "WHERE conference_id = $1 ORDER BY id DESC LIMIT $2",
                                       conference_id, limit);
}

namespace {

ListedEntry listed(db::Tx& tx, const registration::Shop& shop, BankEntry entry) {
  ListedEntry result;
  result.entry = std::move(entry);
  for (BankShare& share : store::shares_of(tx, result.entry.id)) {
    ListedShare line;
    if (const auto order = registration::find_order(tx, share.order_id)) {
      line.order_reference = order->reference;
      line.order_status = std::string(registration::to_text(order->status));
      line.buyer = order->billing.name;
      line.order_total = order->total;
      line.due =
          registration::balance_of(tx, *registration::catalogue_now(tx, shop, order->conference_id), *order);
    }
    line.share = std::move(share);
    result.shares.push_back(std::move(line));
  }
  if (result.entry.duplicate_of_id) {
    result.other = bank_entry_table().find(tx, *result.entry.duplicate_of_id);
    if (result.other)
      if (const auto file = bank_statement_table().find(tx, result.other->statement_id))
        result.other_file = file->file_name;
  }
  return result;
}

}  // namespace

std::vector<ListedEntry> bank_entries(db::Tx& tx, const registration::Shop& shop, Id conference_id,
                                      const EntryFilter& filter, int limit, int offset) {
  const std::string state(filter.state ? to_text(*filter.state) : "");
  const std::string certainty(filter.certainty ? to_text(*filter.certainty) : "");
  const std::int64_t way = !filter.is_outgoing ? 0 : *filter.is_outgoing ? 1 : 2;
  std::string pattern;
  if (!is_blank(filter.text)) {
    pattern = "%";
    for (const char c : ascii_lower(trimmed(filter.text))) {
      if (c == '%' || c == '_' || c == '!') pattern += '!';
      pattern += c;
    }
    pattern += '%';
  }
  std::vector<ListedEntry> entries;
  for (BankEntry& entry : bank_entry_table().select(
           tx,
           "WHERE conference_id = $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR certainty = $3) AND ($4 = 0 "
           "OR "
           "statement_id = $4) AND ($5 = 0 OR ($5 = 1 AND amount < 0) OR ($5 = 2 AND amount > 0)) AND ($6 = "
           "'' OR "
           "lower(remittance || ' ' || counterparty || ' ' || counterparty_iban || ' ' || bank_reference) "
           "LIKE $6 "
           "ESCAPE '!') ORDER BY booked_on DESC, id DESC LIMIT $7 OFFSET $8",
           conference_id, state, certainty, filter.statement_id.value_or(0), way, pattern, limit, offset))
    entries.push_back(listed(tx, shop, std::move(entry)));
  return entries;
}

std::optional<ListedEntry> find_bank_entry(db::Tx& tx, const registration::Shop& shop, Id conference_id,
                                           Id entry_id) {
  auto entry = bank_entry_table().find(tx, entry_id);
  if (!entry || entry->conference_id != conference_id) return std::nullopt;
  return listed(tx, shop, std::move(*entry));
}

EntryCounts count_entries(db::Tx& tx, Id conference_id) {
  EntryCounts counts;
  for (const auto& [state, certainty, incoming, number, amount] :
       tx.query<std::string, std::string, std::int64_t, std::int64_t, std::int64_t>(
           "SELECT state, certainty, CASE WHEN amount > 0 THEN 1 ELSE 0 END, COUNT(*), CAST(SUM(amount) AS "
           "BIGINT) FROM bank_entry WHERE conference_id = $1 GROUP BY 1, 2, 3",
           conference_id)) {
    switch (entry_state(state).value_or(EntryState::fresh)) {
      case EntryState::fresh:
        counts.fresh += number;
        break;
      case EntryState::matched:
        counts.matched += number;
        if (certainty == to_text(Certainty::exact)) {
          counts.exact += number;
          if (incoming) counts.exact_amount += amount;
        }
        break;
      case EntryState::booked:
        counts.booked += number;
        break;
      case EntryState::ignored:
        counts.ignored += number;
        break;
      case EntryState::refunded:
        counts.refunded += number;
        break;
    }
  }
  return counts;
}

}  // namespace plenary::payments
