#include "domain/accounts/invitations.hpp"

#include <algorithm>
#include <tuple>

#include "base/beginning.hpp"
#include "base/text.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/users.hpp"

namespace plenary::accounts {
namespace {

constexpr Duration kept_after_expiry = Duration::days(90);
constexpr Duration between_mails = Duration::hours(1);
constexpr Duration limits_per = Duration::days(1);
constexpr std::string_view token_kind = "invitation";

// Each mailing makes a link that is valid from then on: so its end tells when it was mailed.
Instant mailed_at(const Invitation& invitation) {
  return invitation.expires_at - invitation_life;
}
Instant mailed_since(Instant now) {
  return now + invitation_life - limits_per;
}

std::int64_t mails_to(db::Tx& tx, std::string_view normalized) {
  return tx.one<std::int64_t>(
      "SELECT count(*) FROM invitation WHERE email_normalized = $1 AND expires_at > $2", normalized,
      mailed_since(tx.now()));
}

Refused too_many_to(const std::string& email) {
  return Refused("too_many", "{email} got several invitations today. Please wait until tomorrow.",
                 {{"email", email}}, "emails");
}

bool inviter_may_grant(db::Tx& tx, const Invitation& invitation) {
  if (!invitation.invited_by) return false;
  const std::optional<User> inviter = find_user(tx, *invitation.invited_by);
  if (!inviter || !inviter->is_active) return false;
  const Rights rights = rights_of(tx, inviter->id, inviter->is_superuser);
  if (!may_grant(tx, rights, invitation.group_id, invitation.conference_id)) return false;
  const std::optional<Instant> until =
      grants_until(tx, rights, invitation.group_id, invitation.conference_id);
  return !until || (invitation.role_ends_at && *invitation.role_ends_at <= *until);
}

}  // namespace

const db::Entity<Invitation>& invitation_table() {
  using I = Invitation;
  static const db::Entity<I> table(
      "invitation",
      {
          db::column("id", &I::id).generated_key(),
          db::column("conference_id", &I::conference_id)
              .label("Conference")
              .references("conference", db::OnDelete::cascade),
          db::column("group_id", &I::group_id)
              .label(message("Role"))
              .required()
              .references("user_group", db::OnDelete::cascade),
          db::column("email", &I::email)
              .label(message("E-mail address"))
              .max_length(254)
              .format(db::TextFormat::email)
              .required()
              .personal(),
          db::column("email_normalized", &I::email_normalized)
              .max_length(254)
              .required()
              .personal()
              .read_only(),
          db::column("role_ends_at", &I::role_ends_at).label(message("Role ends")),
          db::column("message", &I::message).label(message("Message")).personal(),
          db::column("language", &I::language).max_length(20),
          db::column("invited_by", &I::invited_by)
              .label(message("Invited by"))
              .references("user_account", db::OnDelete::set_null)
              .read_only(),
          db::column("nonce", &I::nonce).required().secret().read_only(),
          db::column("token_hash", &I::token_hash).required().secret().read_only(),
          db::column("expires_at", &I::expires_at).label(message("Valid until")).read_only(),
          db::column("accepted_at", &I::accepted_at).label(message("Accepted")).read_only(),
          db::column("accepted_by", &I::accepted_by)
              .references("user_account", db::OnDelete::set_null)
              .read_only(),
          db::column("withdrawn_at", &I::withdrawn_at).label(message("Withdrawn")).read_only(),
          db::column("version", &I::version).version(),
          db::column("created_at", &I::created_at).created(),
          db::column("updated_at", &I::updated_at).updated(),
      },
      db::Rules<I>()
          .titled("Invitation", "Invitations")
          .ordered_by("id DESC")
          .unique({"token_hash"}, "Another invitation has this token."));
  return table;
}

LinkSecret new_invitation_secret(Random& random, const SigningKey& key) {
  LinkSecret secret;
  secret.nonce = random_token(random, 16);
  secret.token_hash = token_hash(account_link_token(key, token_kind, secret.nonce));
  return secret;
}

std::string token_of(const SigningKey& key, const Invitation& invitation) {
  return account_link_token(key, token_kind, invitation.nonce);
}

std::optional<Refused> invitation_problem(db::Tx& tx, const NewInvitation& wanted,
                                          const InvitationLimits& limits) {
  const std::string email(trimmed(wanted.email));
  if (!is_email(email) || has_control_characters(email))
    return Refused("email", "“{email}” is no e-mail address. Write it like name@example.com.",
                   {{"email", std::string(beginning(email, 100))}}, "emails");
  const std::string normalized = normalized_email(email);
  const auto holds = tx.query<std::int64_t>(
      "SELECT a.id FROM role_assignment a JOIN user_account u ON u.id = a.user_id WHERE a.group_id = $1 AND "
      "COALESCE(a.conference_id, 0) = $2 AND u.email_normalized = $3 AND (a.ends_at IS NULL OR a.ends_at > "
      "$4)",
      wanted.group_id, wanted.conference_id.value_or(0), normalized, tx.now());
  if (!holds.empty())
    return Refused("has_role", "{email} has this role already. Change its end in the list of people.",
                   {{"email", email}}, "emails");
  const auto open = tx.query<std::int64_t>(
      "SELECT id FROM invitation WHERE group_id = $1 AND COALESCE(conference_id, 0) = $2 AND "
      "email_normalized "
      "= $3 AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > $4",
      wanted.group_id, wanted.conference_id.value_or(0), normalized, tx.now());
  if (!open.empty())
    return Refused(
        "invited",
        "{email} is invited to this role already. Send that invitation again, or withdraw it first.",
        {{"email", email}}, "emails");
  if (limits.enabled && mails_to(tx, normalized) >= limits.per_address) return too_many_to(email);
  return std::nullopt;
}

std::int64_t invitations_left(db::Tx& tx, std::int64_t user_id, const InvitationLimits& limits) {
  if (!limits.enabled) return INT64_MAX;
  const auto mailed =
      tx.one<std::int64_t>("SELECT count(*) FROM invitation WHERE invited_by = $1 AND expires_at > $2",
                           user_id, mailed_since(tx.now()));
  return std::max<std::int64_t>(limits.per_inviter - mailed, 0);
}

Invitation invite(db::Tx& tx, const LinkSecret& secret, const NewInvitation& wanted) {
  Invitation made;
  made.conference_id = wanted.conference_id;
  made.group_id = wanted.group_id;
  made.email = trimmed(wanted.email);
  made.email_normalized = normalized_email(made.email);
  made.role_ends_at = wanted.role_ends_at;
  made.message = wanted.message;
  made.language = wanted.language;
  made.invited_by = wanted.invited_by;
  made.nonce = secret.nonce;
  made.token_hash = secret.token_hash;
  made.expires_at = tx.now() + invitation_life;
  made = invitation_table().insert(tx, made);
  mail_invitation(tx, made.id, made.version, made.conference_id.value_or(0));
  return made;
}

Invitation resend_invitation(db::Tx& tx, const LinkSecret& secret, const Invitation& invitation,
                             std::int64_t invited_by, const InvitationLimits& limits) {
  const std::optional<Invitation> now = find_invitation(tx, invitation.id);
  if (!now || now->accepted_at || now->withdrawn_at)
    throw Refused("over", "This invitation was accepted or withdrawn meanwhile.");
  if (now->role_ends_at && *now->role_ends_at <= tx.now())
    throw Refused(
        "past", "The role would have ended already. Withdraw this invitation and make one with a later day.");
  if (limits.enabled) {
    if (mailed_at(*now) + between_mails > tx.now())
      throw Refused("wait", "This invitation was mailed less than an hour ago. Please wait a little.");
    if (mails_to(tx, now->email_normalized) >= limits.per_address) throw too_many_to(now->email);
    if (invitations_left(tx, invited_by, limits) == 0)
      throw Refused("too_many", "You have sent many invitations today. Please go on tomorrow.");
  }
  Invitation changed = *now;
  changed.invited_by = invited_by;
  changed.nonce = secret.nonce;
  changed.token_hash = secret.token_hash;
  changed.expires_at = tx.now() + invitation_life;
  changed = invitation_table().update(tx, changed).value();
  mail_invitation(tx, changed.id, changed.version, changed.conference_id.value_or(0));
  return changed;
}

bool withdraw_invitation(db::Tx& tx, std::int64_t id) {
  return tx.exec(
             "UPDATE invitation SET withdrawn_at = $1, updated_at = $1, version = version + 1 WHERE id = $2 "
             "AND accepted_at IS NULL AND withdrawn_at IS NULL",
             tx.now(), id) == 1;
}

std::optional<Invitation> find_invitation(db::Tx& tx, std::int64_t id) {
  return invitation_table().find(tx, id);
}

std::optional<Invitation> find_invitation(db::Tx& tx, std::string_view token_hash) {
  return invitation_table().maybe(tx, "WHERE token_hash = $1", token_hash);
}

std::vector<ListedInvitation> waiting_invitations(db::Tx& tx, std::int64_t conference_id) {
  std::vector<ListedInvitation> listed;
  for (Invitation& one : invitation_table().select(
           tx, "WHERE conference_id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL ORDER BY id DESC",
           conference_id)) {
    listed.push_back({std::move(one), {}, {}});
  }
  const auto names = tx.query<std::int64_t, std::string, std::string>(
      "SELECT i.id, g.name, COALESCE(CASE WHEN u.name <> '' THEN u.name WHEN u.username IS NOT NULL THEN "
      "u.username ELSE u.email END, '') FROM invitation i JOIN user_group g ON g.id = i.group_id LEFT JOIN "
      "user_account u ON u.id = i.invited_by WHERE i.conference_id = $1 AND i.accepted_at IS NULL AND "
      "i.withdrawn_at IS NULL",
      conference_id);
  for (ListedInvitation& one : listed) {
    for (const auto& [id, group, inviter] : names) {
      if (id != one.invitation.id) continue;
      one.group_name = group;
      one.inviter_name = inviter;
    }
  }
  return listed;
}

InvitationState state_of(db::Tx& tx, const Invitation& invitation) {
  if (invitation.accepted_at) return InvitationState::accepted;
  if (invitation.withdrawn_at) return InvitationState::withdrawn;
  if (invitation.expires_at <= tx.now()) return InvitationState::expired;
  if (invitation.role_ends_at && *invitation.role_ends_at <= tx.now()) return InvitationState::expired;
  return inviter_may_grant(tx, invitation) ? InvitationState::open : InvitationState::powerless;
}

std::optional<RoleAssignment> accept_invitation(db::Tx& tx, std::int64_t id, std::int64_t user_id) {
  const std::optional<Invitation> invitation = find_invitation(tx, id);
  if (!invitation || state_of(tx, *invitation) != InvitationState::open) return std::nullopt;
  const std::optional<User> user = find_user(tx, user_id);
  const bool is_theirs = user && user->is_active && user->password_hash && user->email_verified_at &&
                         user->email_normalized == invitation->email_normalized;
  if (!is_theirs) throw NotFound("the invitation was sent to another address");

  NewRole role{user_id, invitation->group_id, invitation->conference_id, invitation->role_ends_at,
               invitation->invited_by};
  const auto held = role_assignment_table().maybe(
      tx, "WHERE user_id = $1 AND group_id = $2 AND COALESCE(conference_id, 0) = $3", user_id, role.group_id,
      role.conference_id.value_or(0));
  const bool lasts_longer = held && (!held->ends_at || (role.ends_at && *held->ends_at > *role.ends_at));
  // The only statement that decides: of two at once one changes a row.
  const std::int64_t taken = tx.exec(
      "UPDATE invitation SET accepted_at = $1, accepted_by = $2, updated_at = $1, version = version + 1 "
      "WHERE "
      "id = $3 AND token_hash = $4 AND accepted_at IS NULL AND withdrawn_at IS NULL",
      tx.now(), user_id, id, invitation->token_hash);
  if (taken != 1) return std::nullopt;
  if (lasts_longer) return held;
  return give_role(tx, role);
}

std::int64_t sweep_invitations(db::Tx& tx, std::int64_t limit) {
  return tx.exec(
      "DELETE FROM invitation WHERE id IN (SELECT id FROM invitation WHERE expires_at <= $1 ORDER BY id "
      "LIMIT "
      "$2)",
      tx.now() - kept_after_expiry, limit);
}

}  // namespace plenary::accounts
