// The SQL of bank statements and the proposals for their entries. Nothing here decides anything. Private to
// the room.
#pragma once

#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "domain/payments/statement_import.hpp"

namespace plenary::payments::store {

// What money may come for, or has to be paid out, as of now.
// Due is what a transfer would pay: without the fee of a card form that was opened and left, with that of a
// transfer that was chosen for a balance.
std::vector<MatchOrder> orders_to_match(db::Tx& tx, const registration::Shop& shop, Id conference_id);
std::vector<MatchRefund> refunds_to_match(db::Tx& tx, Id conference_id);

// Whether it was added: not when it is known.
// Marks the statement's entries that another one likely told before; how many. Each of those of before stands
// for one alone. `told`: the numbers in the file: an entry of before that it tells itself is no other's twin.
std::int64_t mark_duplicates(db::Tx& tx, Id conference_id, Id statement_id,
                             const std::unordered_set<std::string>& told);
bool insert_entry(db::Tx& tx, const BankEntry& entry);
// What tells an entry that is kept already from another one with the same number.
struct KnownEntry {
  std::string bank_reference;
  std::int64_t amount = 0;
  Date booked_on;
  std::string counterparty, remittance;
};
std::vector<KnownEntry> known_entries(db::Tx& tx, Id conference_id, std::string_view account);

// Undecided ones, by id, above `after`.
std::vector<BankEntry> undecided(db::Tx& tx, Id conference_id, Id after, int limit);
std::vector<BankShare> shares_of(db::Tx& tx, Id entry_id);
// False: it was decided or changed meanwhile; nothing is written then.
bool set_proposal(db::Tx& tx, const BankEntry& entry, std::span<const MatchShare> shares);
void replace_shares(db::Tx& tx, Id entry_id, std::span<const BankShare> shares);

MatchEntry as_match_entry(const BankEntry& entry);
std::string to_json(std::span<const MatchReason> reasons);

}  // namespace plenary::payments::store
