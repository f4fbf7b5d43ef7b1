// Who works on a conference, and who is asked to: the list, the form to invite, and what becomes of an
// invitation. source: configuration 10, 8; Do better 3; ground rules 15, 5.2 and 5.5.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/accounts/users.hpp"
#include "i18n/formats.hpp"
#include "i18n/languages.hpp"
#include "manage/pages.hpp"
#include "manage/team.hpp"
#include "site/hashing.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::manage {
namespace {

using accounts::Invitation;
using accounts::TeamMember;
using site::tr;
using templating::Value;

constexpr std::size_t most_addresses = 50;
constexpr std::size_t longest_addresses = most_addresses * 256;
constexpr Duration lately = Duration::days(90);
constexpr std::int64_t most_superusers = 20;

struct Team {
  std::vector<TeamMember> members, everywhere;
  std::vector<std::string> superusers;
  std::vector<accounts::ListedInvitation> invitations;
  std::vector<accounts::UserGroup> groups;  // that one may give
  bool gives(std::int64_t group_id) const {
    return std::any_of(groups.begin(), groups.end(),
                       [&](const accounts::UserGroup& group) { return group.id == group_id; });
  }
};

Team read_team(db::Tx& tx, std::int64_t conference_id, const accounts::Rights& rights) {
  Team team;
  team.members = accounts::team_of(tx, conference_id, tx.now() - lately);
  team.everywhere = accounts::team_everywhere(tx);
  team.superusers = accounts::superuser_names(tx, most_superusers);
  team.invitations = accounts::waiting_invitations(tx, conference_id);
  team.groups = accounts::groups_to_grant(tx, rights, conference_id);
  return team;
}

// The roles to choose from are this person's: a form of each request.
web::FormSpec spec_of(const std::vector<accounts::UserGroup>& groups, std::string_view language,
                      bool is_development) {
  std::vector<web::Choice> roles, languages;
  roles.push_back({"", message("Choose a role")});
  for (const accounts::UserGroup& group : groups) roles.push_back({std::to_string(group.id), group.name});
  for (const i18n::Language& one : i18n::languages().all()) {
    if (i18n::is_offered(one, is_development)) languages.push_back({one.code, one.name});
  }
  return web::FormSpec({
      {.name = "emails",
       .label = message("E-mail addresses"),
       .kind = web::FieldKind::multiline,
       .max_length = longest_addresses,
       .help = message("One on each line, at most 50 at once."),
       .autocomplete = "off"},
      {.name = "group",
       .label = message("Role"),
       .kind = web::FieldKind::choice,
       .choices = std::move(roles)},
      ends_on_field(),
      {.name = "message",
       .label = message("Personal message"),
       .kind = web::FieldKind::multiline,
       .required = false,
       .max_length = accounts::longest_invitation_message,
       .help = message("Stands in the mail, in your words."),
       .autocomplete = "off"},
      {.name = "language",
       .label = message("Language of the mail"),
       .kind = web::FieldKind::choice,
       .choices = std::move(languages),
       .initial = std::string(language)},
  });
}

// Addresses as typed, each once whatever its letters' case.
std::vector<std::string> addresses_in(std::string_view text) {
  std::vector<std::string> list;
  std::set<std::string> seen;
  constexpr std::string_view separators = "\n,;";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    const std::string_view one = trimmed(text.substr(at, end - at));
    if (!one.empty() && seen.insert(normalized_email(one)).second) list.emplace_back(one);
    at = end + 1;
  }
  return list;
}

Value member_value(const Site& site, const web::Request& request, const Team& team, const TeamMember& one,
                   std::int64_t self) {
  const site::Visit& visit = request.context<site::Visit>();
  const TimeZone zone = zone_of(visit);
  const std::string_view language = site::language_of(request);
  const bool may_change = one.is_current(visit.now) && team.gives(one.role.group_id);
  const std::string id = std::to_string(one.role.id);
  return Value::dict(
      {{"name", Value(one.name)},
       {"email", Value(one.email)},
       {"role", Value(tr(request, one.group_name))},
       {"since", Value(i18n::day(language, zone.local(one.role.created_at).date))},
       {"ends", Value(end_text(request, one.role.ends_at, zone))},
       {"granted_by", Value(one.granted_by)},
       {"last_sign_in",
        Value(one.last_sign_in_at ? i18n::moment(language, *one.last_sign_in_at, zone) : std::string())},
       {"is_active", Value(one.is_active)},
       {"has_factor", Value(one.has_second_factor)},
       {"is_self", Value(one.role.user_id == self)},
       {"url", may_change ? Value(site.router->url("manage:team-role-edit", {visit.conference->slug, id}))
                          : Value()}});
}

Value invitation_value(const Site& site, const web::Request& request, const Team& team,
                       const accounts::ListedInvitation& one) {
  const site::Visit& visit = request.context<site::Visit>();
  const TimeZone zone = zone_of(visit);
  const Invitation& invitation = one.invitation;
  const std::string id = std::to_string(invitation.id);
  const bool is_over = invitation.expires_at <= visit.now ||
                       (invitation.role_ends_at && *invitation.role_ends_at <= visit.now);
  const auto action = [&](std::string_view name) {
    return team.gives(invitation.group_id) ? Value(site.router->url(name, {visit.conference->slug, id}))
                                           : Value();
  };
  return Value::dict(
      {{"id", Value(invitation.id)},
       {"email", Value(invitation.email)},
       {"role", Value(tr(request, one.group_name))},
       {"inviter", Value(one.inviter_name)},
       {"ends", Value(end_text(request, invitation.role_ends_at, zone))},
       {"valid_until", Value(i18n::moment(site::language_of(request), invitation.expires_at, zone))},
       {"is_expired", Value(is_over)},
       {"withdraw_url", action("manage:team-invitation-withdraw")},
       {"resend_url", action("manage:team-invitation-resend")}});
}

web::Response render(Site& site, web::Request& request, const Team& team, const web::Form& form, int status,
                     std::string_view outcome) {
  const site::Visit& visit = request.context<site::Visit>();
  const std::int64_t self = user_of(visit);
  std::vector<Value> current, ended, everywhere, superusers, invitations;
  for (const TeamMember& one : team.members)
    (one.is_current(visit.now) ? current : ended).push_back(member_value(site, request, team, one, self));
  for (const TeamMember& one : team.everywhere)
    everywhere.push_back(Value::dict({{"name", Value(one.name.empty() ? one.email : one.name)},
                                      {"role", Value(tr(request, one.group_name))},
                                      {"ends", Value(end_text(request, one.role.ends_at, zone_of(visit)))}}));
  for (const std::string& name : team.superusers) superusers.emplace_back(name);
  for (const auto& one : team.invitations) invitations.push_back(invitation_value(site, request, team, one));

  site::Page page(site, request, "django_program/manage/team.html");
  frame(page, site, request, tr(request, message("Team")), "team");
  page.set("members", Value::list(std::move(current)))
      .set("ended", Value::list(std::move(ended)))
      .set("everywhere", Value::list(std::move(everywhere)))
      .set("superusers", Value::list(std::move(superusers)))
      .set("invitations", Value::list(std::move(invitations)))
      .set("may_invite", Value(!team.groups.empty()))
      .set("form", site::form_value(request, form));
  set_ends_on(page, request, form);
  page.faults(site::faults_of(request, form));
  return site::personal(page.html(status), outcome);
}

// What the write of an invitation came to.
struct Invited {
  std::vector<Refused> problems;
  std::size_t sent = 0;
};

void record_invitation(db::Tx& tx, const conference::Actor& actor, const Invitation& invitation,
                       const std::string& group, TimeZone zone) {
  conference::record(tx, actor, conference::AuditAction::add,
                     {invitation.conference_id, "invitation", std::to_string(invitation.id),
                      group + ", " + invitation.email, invitation.version},
                     {{"email", "E-mail address", "", invitation.email},
                      {"group_id", "Role", "", group},
                      {"role_ends_at", "Role ends", "", recorded_end(invitation.role_ends_at, zone)},
                      {"expires_at", "Valid until", "", recorded_end(invitation.expires_at, zone)}});
}

// The invitation of the address, in this conference and no other.
struct Found {
  Invitation invitation;
  std::string group_name;
};
Found invitation_here(db::Tx& tx, std::int64_t id, std::int64_t conference_id) {
  auto invitation = accounts::find_invitation(tx, id);
  if (!invitation || invitation->conference_id != conference_id)
    throw NotFound("this conference has no such invitation");
  const auto group = accounts::user_group_table().find(tx, invitation->group_id);
  return {std::move(*invitation), group ? group->name : std::string()};
}

std::int64_t pk_of(const web::Request& request) {
  return site::whole_number(request.param("pk")).value_or(0);
}

}  // namespace

Task<web::Response> show_team(Site& site, web::Request& request) {
  const site::Visit& visit = request.context<site::Visit>();
  const std::int64_t id = visit.conference->id;
  auto fn = [&](db::Tx& tx) { return read_team(tx, id, visit.rights); };
  const Team team = co_await site.db.read(fn);
  const web::FormSpec spec = spec_of(team.groups, site::language_of(request), site.is_development());
  const web::Form form(spec);
  co_return render(site, request, team, form, 200, {});
}

Task<web::Response> invite(Site& site, web::Request& request) {
  // What was kept over a sign-out is shown again; nothing is done with it yet.
  const bool restores = request.form().has(web::restore_field);
  if (!restores) {
    std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
    if (question) co_return std::move(*question);
  }
  const site::Visit& visit = request.context<site::Visit>();
  const std::int64_t id = visit.conference->id, self = user_of(visit);
  const TimeZone zone = zone_of(visit);
  auto fn = [&](db::Tx& tx) { return read_team(tx, id, visit.rights); };
  const Team team = co_await site.db.read(fn);
  const web::FormSpec spec = spec_of(team.groups, site::language_of(request), site.is_development());
  web::Form form = web::Form::bind(spec, request.form());
  if (restores) co_return render(site, request, team, form, 200, "restored");

  std::vector<std::string> emails;
  if (form.errors("emails").empty()) emails = addresses_in(form.text("emails"));
  if (form.errors("emails").empty() && emails.empty())
    form.add_error("emails", "required", message("Please fill in at least one address."));
  if (emails.size() > most_addresses) {
    form.add_error("emails", "too_many",
                   message("These are {n} addresses. Please invite at most {most} at once."),
                   {{"n", std::to_string(emails.size())}, {"most", std::to_string(most_addresses)}});
    emails.clear();
  }
  const std::optional<Instant> ends_at = typed_end(form, zone);
  if (ends_at && *ends_at <= visit.now)
    form.add_error("ends_on", "past", message("This day is over. Choose a later one."));

  const bool has_role = form.errors("group").empty() && !form.text("group").empty();
  accounts::NewInvitation wanted;
  wanted.conference_id = id;
  wanted.invited_by = self;
  wanted.role_ends_at = ends_at;
  if (has_role) wanted.group_id = site::whole_number(form.text("group")).value_or(0);
  if (form.errors("message").empty()) wanted.message = form.text("message");
  if (form.errors("language").empty()) wanted.language = form.text("language");
  std::string group_name;
  for (const accounts::UserGroup& group : team.groups) {
    if (group.id == wanted.group_id) group_name = group.name;
  }
  std::vector<accounts::LinkSecret> secrets;
  for (std::size_t i = 0; i < emails.size(); ++i)
    secrets.push_back(accounts::new_invitation_secret(site::random_of(request), site.link_key));
  const conference::Actor actor = actor_of(request);
  const accounts::InvitationLimits limits = limits_of(site);
  const bool is_sound = form.valid();

  // All of them or none: whatever is wrong with any address is told at once, and nothing was sent.
  auto write = [&](db::Tx& tx) {
    Invited invited;
    if (is_sound) {
      require_may_grant(tx, self, wanted.group_id, id);
      require_end_within(tx, self, wanted.group_id, id, wanted.role_ends_at, "ends_on");
    }
    accounts::NewInvitation each = wanted;
    for (const std::string& email : emails) {
      each.email = email;
      if (auto problem = accounts::invitation_problem(tx, each, limits)) invited.problems.push_back(*problem);
    }
    if (!is_sound || !invited.problems.empty()) return invited;
    if (accounts::invitations_left(tx, self, limits) < static_cast<std::int64_t>(emails.size()))
      throw Refused("too_many", "You have sent many invitations today. Please go on tomorrow.", {}, "emails");
    for (std::size_t i = 0; i < emails.size(); ++i) {
      each.email = emails[i];
      record_invitation(tx, actor, accounts::invite(tx, secrets[i], each), group_name, zone);
    }
    invited.sent = emails.size();
    return invited;
  };
  Invited invited;
  std::optional<Refused> refused;
  try {
    invited = co_await site.db.write(id, "invite to the team", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) form.add_error(*refused);
  for (const Refused& problem : invited.problems) form.add_error(problem);
  if (!form.valid()) co_return render(site, request, team, form, 422, refused ? refused->code() : "invalid");
  const std::int64_t sent = static_cast<std::int64_t>(invited.sent);
  web::flash(request, "success",
             site::tr_n(request, "The invitation is on its way.", "{n} invitations are on their way.", sent));
  co_return back_to_team(site, request, "invited");
}

Task<web::Response> withdraw_invitation(Site& site, web::Request& request) {
  std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
  if (question) co_return std::move(*question);
  const site::Visit& visit = request.context<site::Visit>();
  const std::int64_t conference_id = visit.conference->id, self = user_of(visit), pk = pk_of(request);
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    const Found found = invitation_here(tx, pk, conference_id);
    require_may_grant(tx, self, found.invitation.group_id, conference_id);
    if (!accounts::withdraw_invitation(tx, pk)) return false;
    conference::record(tx, actor, conference::AuditAction::change,
                       {conference_id, "invitation", std::to_string(pk),
                        found.group_name + ", " + found.invitation.email, found.invitation.version + 1},
                       {{"withdrawn_at", "Withdrawn", "no", "yes"}});
    return true;
  };
  std::optional<Refused> refused;
  bool is_done = false;
  try {
    is_done = co_await site.db.write(conference_id, "withdraw invitation", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
  } else if (is_done) {
    web::flash(request, "success",
               tr(request, "The invitation is withdrawn; its link opens nothing any more."));
  } else {
    web::flash(request, "warning", tr(request, "This invitation was accepted or withdrawn meanwhile."));
  }
  co_return back_to_team(site, request, refused ? refused->code() : is_done ? "withdrawn" : "over");
}

Task<web::Response> resend_invitation(Site& site, web::Request& request) {
  std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
  if (question) co_return std::move(*question);
  const site::Visit& visit = request.context<site::Visit>();
  const std::int64_t conference_id = visit.conference->id, self = user_of(visit), pk = pk_of(request);
  const TimeZone zone = zone_of(visit);
  const conference::Actor actor = actor_of(request);
  const accounts::InvitationLimits limits = limits_of(site);
  const accounts::LinkSecret secret =
      accounts::new_invitation_secret(site::random_of(request), site.link_key);
  auto write = [&](db::Tx& tx) {
    const Found found = invitation_here(tx, pk, conference_id);
    require_may_grant(tx, self, found.invitation.group_id, conference_id);
    require_end_within(tx, self, found.invitation.group_id, conference_id, found.invitation.role_ends_at, "");
    const Invitation sent = accounts::resend_invitation(tx, secret, found.invitation, self, limits);
    conference::record(
        tx, actor, conference::AuditAction::change,
        {conference_id, "invitation", std::to_string(pk), found.group_name + ", " + sent.email, sent.version},
        {{"expires_at", "Valid until", recorded_end(found.invitation.expires_at, zone),
          recorded_end(sent.expires_at, zone)}});
    return sent.email;
  };
  std::optional<Refused> refused;
  std::string email;
  try {
    email = co_await site.db.write(conference_id, "send invitation again", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
    co_return back_to_team(site, request, refused->code());
  }
  web::flash(request, "success",
             tr(request, "A new link is on its way to {email}; the older one opens nothing any more.",
                {{"email", email}}));
  co_return back_to_team(site, request, "resent");
}

}  // namespace plenary::manage
