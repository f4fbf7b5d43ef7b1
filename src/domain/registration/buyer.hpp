// What prices depend on beside the cart: who buys, and with which voucher. Functions of a transaction: one
// thread at a time; they read. source: registration 20, 3.7, 5 and D12.
#pragma once

#include <functional>
#include <optional>

#include "domain/registration/pricing.hpp"

namespace plenary::registration {

// The voucher with its products, uses, budget and reserve; nothing when it is gone, or of another conference.
std::optional<AppliedVoucher> load_voucher(db::Tx& tx, Id conference_id, Id voucher_id);
// By code as typed.
std::optional<AppliedVoucher> find_applied_voucher(db::Tx& tx, Id conference_id, std::string_view code);

// What the catalogue's discounts ask about this person; asks the database only for those.
Person load_person(db::Tx& tx, const Catalogue& catalogue, std::optional<Id> user_id);

// Whether an account is a speaker of a conference, and of a talk with others: the schedule's room says it.
struct SpeakerRole {
  bool presents = false, co_presents = false;
};
using SpeakerRoleOf = std::function<SpeakerRole(db::Tx&, Id conference_id, Id user_id)>;
// Not thread-safe: call at start only (domain/events.cpp).
void ask_speaker_roles(SpeakerRoleOf role_of);

}  // namespace plenary::registration
