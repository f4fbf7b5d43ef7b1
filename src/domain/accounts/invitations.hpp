// Invitations: a colleague is asked by mail to take a role, and has it once they said yes with the link of
// that mail. The link's token is derived like that of links.hpp. Whoever invites must be able to give the
// role, when the invitation is made and still when it is accepted; nothing else gives a role here. Functions
// of a transaction: one thread at a time; Refused before anything is written. What is done is recorded by the
// caller. source: configuration 10, Do better 3; ground rules 15, 2.4 and 5.5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "base/errors.hpp"
#include "base/signing.hpp"
#include "base/time.hpp"
#include "db/entity.hpp"
#include "db/tx.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/rights.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/types.hpp"

namespace plenary::accounts {

struct Invitation {
  std::int64_t id = 0;
  std::optional<std::int64_t> conference_id;  // nothing: everywhere
  std::int64_t group_id = 0;
  std::string email;
  std::string email_normalized;
  std::optional<Instant> role_ends_at;
  std::string message;
  std::string language;
  std::optional<std::int64_t> invited_by;
  std::string nonce, token_hash;
  Instant expires_at;
  std::optional<Instant> accepted_at;
  std::optional<std::int64_t> accepted_by;
  std::optional<Instant> withdrawn_at;
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

const db::Entity<Invitation>& invitation_table();

inline constexpr Duration invitation_life = Duration::days(14);
inline constexpr std::size_t longest_invitation_message = 1000;  // characters
// Mails of invitations in a day.
struct InvitationLimits {
  bool enabled = true;
  std::int64_t per_inviter = 200, per_address = 5;
};

// Drawn before the write, one for each invitation that it makes or mails again.
LinkSecret new_invitation_secret(Random& random, const SigningKey& key);
std::string token_of(const SigningKey& key, const Invitation& invitation);

struct NewInvitation {
  std::optional<std::int64_t> conference_id;
  std::int64_t group_id = 0;
  std::string email;
  std::optional<Instant> role_ends_at;
  std::string message, language;
  std::int64_t invited_by = 0;
};
// What is wrong with inviting this address; nothing: it may be. Codes: "email", "has_role" (an account of the
// address holds the role there), "invited" (an open invitation to it is there), "too_many" (mails to it).
// Field: "emails".
std::optional<Refused> invitation_problem(db::Tx& tx, const NewInvitation& wanted,
                                          const InvitationLimits& limits);
// How many mails this person may still send today.
std::int64_t invitations_left(db::Tx& tx, std::int64_t user_id, const InvitationLimits& limits);
// Writes the row and its mail. Whoever calls it has asked may_grant and invitation_problem in this write.
Invitation invite(db::Tx& tx, const LinkSecret& secret, const NewInvitation& wanted);

// A new link to the same address, valid as long as a new invitation; the old one ends. Whoever calls it has
// asked may_grant: they become the one who invites. Refused: it is not open ("over"), its role would have
// ended ("past"), it was mailed within the hour ("wait"), the day's mails are used up ("too_many").
Invitation resend_invitation(db::Tx& tx, const LinkSecret& secret, const Invitation& invitation,
                             std::int64_t invited_by, const InvitationLimits& limits);
// False when it was accepted or withdrawn before.
bool withdraw_invitation(db::Tx& tx, std::int64_t id);

std::optional<Invitation> find_invitation(db::Tx& tx, std::int64_t id);
// By the token's hash, whatever its state; nothing: there is none.
std::optional<Invitation> find_invitation(db::Tx& tx, std::string_view token_hash);
// Neither accepted nor withdrawn, expired ones too; newest first, with the names of group and inviter.
struct ListedInvitation {
  Invitation invitation;
  std::string group_name, inviter_name;
};
std::vector<ListedInvitation> waiting_invitations(db::Tx& tx, std::int64_t conference_id);

enum class InvitationState : std::uint8_t {
  open,
  accepted,
  withdrawn,
  expired,    // or its role would have ended by now
  powerless,  // whoever invited may no longer give this role
};
// Reads the inviter's rights as they are now.
InvitationState state_of(db::Tx& tx, const Invitation& invitation);

// Takes it and gives the role: to this account, whose address was proven to be the invited one. A role that
// is there already is never made shorter by it. Nothing: it was not open any more, and nothing was written.
// NotFound: the account has another address, or is closed.
std::optional<RoleAssignment> accept_invitation(db::Tx& tx, std::int64_t id, std::int64_t user_id);

// Deletes at most `limit` invitations that expired three months ago, accepted ones too; how many.
std::int64_t sweep_invitations(db::Tx& tx, std::int64_t limit = 500);

}  // namespace plenary::accounts
