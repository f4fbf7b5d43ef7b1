// Taking a role that one was invited to. The mailed link shows the invitation and proves the address; it
// never signs in to an account that is there: whoever has one signs in first. Looking accepts nothing.
// source: configuration 10, Do better 3; ground rules 15, 2.4 and 5.
#include <algorithm>
#include <utility>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/permissions.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/claims.hpp"
#include "i18n/formats.hpp"
#include "site/accounts.hpp"
#include "site/pages.hpp"
#include "site/signing_in.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using accounts::Invitation;
using accounts::InvitationState;
using templating::Value;

// What the page knows: the invitation as it stands, and who is looking.
struct Invited {
  Invitation invitation;
  InvitationState state = InvitationState::open;
  std::string group_name, inviter_name;
  std::vector<std::string> permissions;
  std::optional<conference::Conference> conference;
  std::optional<accounts::User> owner;  // the account with a password of the invited address
  bool is_closed = false;               // the address has an account that may not be used
  std::optional<accounts::User> visitor;

  bool is_owner() const { return visitor && owner && visitor->id == owner->id; }
  TimeZone zone() const {
    return conference ? TimeZone::find(conference->timezone).value_or(TimeZone::utc()) : TimeZone::utc();
  }
};

std::optional<Invited> find_invited(db::Tx& tx, const std::string& hash,
                                    std::optional<std::int64_t> user_id) {
  std::optional<Invitation> invitation = accounts::find_invitation(tx, std::string_view(hash));
  if (!invitation) return std::nullopt;
  Invited invited;
  invited.invitation = std::move(*invitation);
  invited.state = accounts::state_of(tx, invited.invitation);
  invited.permissions = accounts::permissions_of_group(tx, invited.invitation.group_id);
  if (const auto group = accounts::user_group_table().find(tx, invited.invitation.group_id))
    invited.group_name = group->name;
  if (invited.invitation.invited_by) {
    const auto inviter = accounts::find_user(tx, *invited.invitation.invited_by);
    if (inviter)
      invited.inviter_name = inviter->name.empty() ? inviter->username.value_or("") : inviter->name;
  }
  if (invited.invitation.conference_id)
    invited.conference = conference::load(tx, *invited.invitation.conference_id);
  const auto owner = accounts::find_by_email(tx, invited.invitation.email_normalized);
  invited.is_closed = owner && !owner->is_active;
  if (owner && owner->password_hash) invited.owner = owner;
  if (user_id) invited.visitor = accounts::find_user(tx, *user_id);
  return invited;
}

std::optional<std::int64_t> visitor_id(const web::Request& request) {
  const Visit* visit = request.find_context<Visit>();
  return visit && visit->session ? visit->session->user_id : std::nullopt;
}

const web::FormSpec& spec() {
  static const web::FormSpec spec({
      {.name = "name", .label = message("Your name"), .max_length = 200, .autocomplete = "name"},
      new_password_field(),
  });
  return spec;
}

std::string role_of(const web::Request& request, const Invited& invited) {
  return tr(request, invited.group_name);
}

// The last day on which the role holds.
std::optional<Date> last_day(const Invited& invited) {
  if (!invited.invitation.role_ends_at) return std::nullopt;
  return invited.zone().local(*invited.invitation.role_ends_at - Duration::microseconds(1)).date;
}

Value allowed(const web::Request& request, const Invited& invited) {
  std::vector<Value> labels;
  for (const std::string& id : invited.permissions) {
    if (const accounts::Permission* one = accounts::find_page_permission(id))
      labels.emplace_back(tr(request, one->label));
  }
  return Value::list(std::move(labels));
}

web::Response invitation_page(Site& site, web::Request& request, const Invited& invited,
                              const web::Form& form, int status, std::string_view outcome) {
  const std::string_view language = language_of(request);
  const std::optional<Date> day = last_day(invited);
  const bool has_all = std::find(invited.permissions.begin(), invited.permissions.end(),
                                 accounts::full_access) != invited.permissions.end();
  Page page(site, request, "django_program/accounts/invitation.html");
  page.set("email", Value::borrowed(invited.invitation.email));
  page.set("role", Value(role_of(request, invited)));
  page.set("conference_name", Value(invited.conference ? invited.conference->name : std::string()));
  page.set("inviter_name", Value::borrowed(invited.inviter_name));
  page.set("personal_message", Value::borrowed(invited.invitation.message));
  page.set("has_all", has_all);
  page.set("allowed", allowed(request, invited));
  page.set("role_ends_on", Value(day ? i18n::day(language, *day) : std::string()));
  page.set("valid_until", Value(i18n::moment(language, invited.invitation.expires_at, invited.zone())));
  page.set("is_owner", invited.is_owner());
  page.set("is_somebody_else", invited.visitor && !invited.is_owner());
  page.set("has_account", invited.owner.has_value());
  page.set("is_closed", invited.is_closed);
  page.set("here", Value::borrowed(request.path()));
  page.set("sign_in_url",
           Value(site.router->url("accounts:login", {}) + "?next=" + web::percent_encode(request.path())));
  page.set("form", form_value(request, form));
  page.faults(faults_of(request, form));
  return personal(page.html(status), outcome);
}

// Where whoever has the role goes on.
std::string way_in(const Site& site, const Invited& invited) {
  const web::Route* list = site.router->find("manage:conference-list");
  if (!list || !list->exists) return site.router->url("accounts:home", {});
  const auto holds = [&](std::string_view id) {
    return std::find(invited.permissions.begin(), invited.permissions.end(), id) != invited.permissions.end();
  };
  const web::Route* dashboard = site.router->find("manage:dashboard");
  const bool opens = holds(accounts::full_access) || holds("program_conference.view_dashboard");
  if (invited.conference && opens && dashboard && dashboard->exists)
    return site.router->url("manage:dashboard", {invited.conference->slug});
  return site.router->url("manage:conference-list", {});
}

web::Response dead_invitation(Site& site, web::Request& request, const std::optional<Invited>& invited) {
  Page page(site, request, "django_program/accounts/invitation_dead.html");
  std::string_view state = "unknown";
  if (invited) {
    switch (invited->state) {
      case InvitationState::accepted:
        state = "accepted";
        break;
      case InvitationState::withdrawn:
        state = "withdrawn";
        break;
      case InvitationState::expired:
        state = "expired";
        break;
      case InvitationState::powerless:
      case InvitationState::open:
        state = "powerless";
        break;
    }
    page.set("inviter_name", Value::borrowed(invited->inviter_name));
    page.set("conference_name", Value(invited->conference ? invited->conference->name : std::string()));
    const bool is_theirs = invited->visitor && invited->invitation.accepted_by == invited->visitor->id;
    page.set("is_theirs", is_theirs);
    page.set("go_on_url", Value(way_in(site, *invited)));
  }
  page.set("state", Value(state));
  return personal(page.html(404), "dead_invitation");
}

// The address of the browser and the person, as the record of changes names them.
conference::Actor acting(const accounts::User& user, const std::string& address) {
  return {user.id, user.name.empty() ? user.email : user.name, "manage", address};
}

void record_acceptance(db::Tx& tx, const Invited& invited, const accounts::RoleAssignment& role,
                       const accounts::User& user, const conference::Actor& actor) {
  const std::string end = role.ends_at ? i18n::moment("en", *role.ends_at, invited.zone()) : std::string();
  const std::string who = user.name.empty() ? user.email : user.name;
  conference::record(tx, actor, conference::AuditAction::add,
                     {role.conference_id, "role_assignment", std::to_string(role.id),
                      invited.group_name + ", " + who, role.version},
                     {{"user_id", "Person", "", who},
                      {"group_id", "Group", "", invited.group_name},
                      {"ends_at", "Ends", "", end},
                      {"granted_by", "Given by", "", invited.inviter_name}});
  conference::record(tx, actor, conference::AuditAction::change,
                     {role.conference_id, "invitation", std::to_string(invited.invitation.id),
                      invited.group_name + ", " + invited.invitation.email, std::nullopt},
                     {{"accepted_by", "Accepted by", "", who}});
}

std::string welcome(const web::Request& request, const Invited& invited) {
  const std::string role = role_of(request, invited);
  if (!invited.conference) return tr(request, "Welcome! Your role: {role}.", {{"role", role}});
  return tr(request, "Welcome to the team of {conference}! Your role: {role}.",
            {{"conference", invited.conference->name}, {"role", role}});
}

Task<std::optional<Invited>> read_invited(Site& site, web::Request& request) {
  const std::string hash = link_hash(request);
  const std::optional<std::int64_t> user_id = visitor_id(request);
  auto find = [&](db::Tx& tx) { return find_invited(tx, hash, user_id); };
  co_return co_await site.db.read(find);
}

// Signed in as the account of that address: one click.
Task<web::Response> accept(Site& site, web::Request& request, const Invited& seen) {
  const std::string hash = seen.invitation.token_hash, address(request.client_address());
  const std::int64_t user_id = seen.visitor->id;
  auto write = [&](db::Tx& tx) {
    const std::optional<Invited> now = find_invited(tx, hash, user_id);
    if (!now || now->state != InvitationState::open || !now->is_owner()) return false;
    const auto role = accounts::accept_invitation(tx, now->invitation.id, user_id);
    if (!role) return false;
    record_acceptance(tx, *now, *role, *now->visitor, acting(*now->visitor, address));
    return true;
  };
  const std::int64_t lane = seen.invitation.conference_id.value_or(db::global_lane);
  const bool is_accepted = co_await site.db.write(lane, "accept invitation", write);
  if (!is_accepted) {
    const std::optional<Invited> now = co_await read_invited(site, request);
    co_return dead_invitation(site, request, now);
  }
  web::flash(request, "success", welcome(request, seen));
  co_return see_other(way_in(site, seen), "accepted");
}

// Nobody has an account with this address: one comes to be, and signs in as everybody does.
Task<web::Response> accept_with_new_account(Site& site, web::Request& request, const Invited& seen) {
  web::Form form = web::Form::bind(spec(), request.form());
  std::vector<std::string> own(1, seen.invitation.email);
  if (form.errors("name").empty()) own.push_back(form.text("name"));
  co_await check_new_password(site, form, own);
  if (!form.valid()) co_return invitation_page(site, request, seen, form, 422, "invalid");

  const std::string password_hash = co_await site.hashing.hash(form.text("password"));
  const NewSignIn sign_in = new_sign_in(site, request, accounts::SignInWay::invitation);
  const std::string hash = seen.invitation.token_hash, address(request.client_address()),
                    language(language_of(request));
  auto write = [&](db::Tx& tx) -> std::optional<SignedIn> {
    const std::optional<Invited> now = find_invited(tx, hash, {});
    if (!now || now->state != InvitationState::open || now->owner || now->is_closed) return std::nullopt;
    const accounts::User user =
        accounts::become_account(tx, {now->invitation.email, form.text("name"), language, password_hash});
    const auto role = accounts::accept_invitation(tx, now->invitation.id, user.id);
    if (!role) throw Refused("over", "The invitation was accepted or withdrawn meanwhile.");
    record_acceptance(tx, *now, *role, user, acting(user, address));
    registration::attach_orders(tx, user.id, user.email_normalized);
    return begin_session(tx, site, sign_in, user);
  };
  const std::int64_t lane = seen.invitation.conference_id.value_or(db::global_lane);
  std::optional<SignedIn> signed_in;
  try {
    signed_in = co_await site.db.write(lane, "accept invitation with account", write);
  } catch (const Refused&) {
    // The address has got an account meanwhile, or the invitation is over: the page says which.
  }
  if (!signed_in) {
    const std::optional<Invited> now = co_await read_invited(site, request);
    if (!now || now->state != InvitationState::open) co_return dead_invitation(site, request, now);
    co_return invitation_page(site, request, *now, form, 409, "has_account");
  }
  web::flash(request, "success", welcome(request, seen));
  const std::string next = way_in(site, seen);
  co_return co_await go_on_signed_in(site, request, sign_in, *signed_in, next, "accepted");
}

}  // namespace

Task<web::Response> invitation(Site& site, web::Request& request) {
  const std::optional<Invited> invited = co_await read_invited(site, request);
  if (!invited || invited->state != InvitationState::open) co_return dead_invitation(site, request, invited);
  // A mail scanner that follows links reads this page and changes nothing.
  const web::Form form(spec());
  if (web::is_safe(request.method())) co_return invitation_page(site, request, *invited, form, 200, {});
  if (invited->is_owner()) co_return co_await accept(site, request, *invited);
  const bool may_sign_up = !invited->visitor && !invited->owner && !invited->is_closed;
  if (may_sign_up) co_return co_await accept_with_new_account(site, request, *invited);
  co_return invitation_page(site, request, *invited, form, 409, "not_yours");
}

}  // namespace plenary::site
