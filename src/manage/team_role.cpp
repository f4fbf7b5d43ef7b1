// One role of one person: when it ends, and ending it now. Whoever would take away their own last full access
// is asked once more. source: configuration 10, 8; Do better 3; ground rules 15, 5.2.
#include <map>
#include <utility>

#include "base/errors.hpp"
#include "i18n/formats.hpp"
#include "manage/pages.hpp"
#include "manage/team.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::manage {
namespace {

using accounts::TeamMember;
using site::tr;
using templating::Value;

// The role of the address as this page needs it.
struct Opened {
  TeamMember member;
  bool is_last_of_self = false;  // the last full access of whoever asks
  bool is_last_of_all = false;   // nobody else here has it
};

Opened open_role(db::Tx& tx, std::int64_t id, std::int64_t conference_id, std::int64_t self) {
  auto member = accounts::team_member(tx, conference_id, id);
  if (!member || !member->is_current(tx.now())) throw NotFound("this conference has no such role");
  require_may_grant(tx, self, member->role.group_id, conference_id);
  Opened opened;
  opened.is_last_of_self =
      member->role.user_id == self && !accounts::keeps_full_access_without(tx, self, id, conference_id);
  opened.is_last_of_all =
      opened.is_last_of_self && !accounts::others_have_full_access(tx, self, conference_id);
  opened.member = std::move(*member);
  return opened;
}

const web::FormSpec& spec() {
  static const web::FormSpec spec({
      ends_on_field(),
      {.name = "version", .label = "version", .kind = web::FieldKind::hidden, .required = false},
  });
  return spec;
}

std::string name_of(const TeamMember& member) {
  return member.name.empty() ? member.email : member.name;
}

std::int64_t pk_of(const web::Request& request) {
  return site::whole_number(request.param("pk")).value_or(0);
}

web::Response render(Site& site, web::Request& request, const Opened& opened, const web::Form& form,
                     int status, std::string_view outcome, bool asks) {
  const site::Visit& visit = request.context<site::Visit>();
  const TeamMember& member = opened.member;
  const TimeZone zone = zone_of(visit);
  const std::string_view language = site::language_of(request);
  site::Page page(site, request, "django_program/manage/team_role.html");
  const std::string title = asks ? tr(request, "Give up your own access?") : name_of(member);
  const std::vector<Crumb> crumbs{
      {tr(request, "Team"), site.router->url("manage:team-list", {visit.conference->slug})}};
  frame(page, site, request, title, "team", crumbs);
  page.set("asks", Value(asks))
      .set("name", Value(name_of(member)))
      .set("email", Value(member.email))
      .set("role", Value(tr(request, member.group_name)))
      .set("since", Value(i18n::day(language, zone.local(member.role.created_at).date)))
      .set("ends", Value(end_text(request, member.role.ends_at, zone)))
      .set("granted_by", Value(member.granted_by))
      .set("is_last_of_self", Value(opened.is_last_of_self))
      .set("is_last_of_all", Value(opened.is_last_of_all))
      .set("version", Value(member.role.version))
      .set("end_url", Value(site.router->url("manage:team-role-end",
                                             {visit.conference->slug, std::to_string(member.role.id)})))
      .set("team_url", Value(site.router->url("manage:team-list", {visit.conference->slug})));
  set_ends_on(page, request, form);
  page.faults(site::faults_of(request, form));
  return site::personal(page.html(status), outcome);
}

Task<web::Response> refuse(Site& site, web::Request& request, const Refused& refused) {
  web::flash(request, "error", tr(request, refused));
  co_return back_to_team(site, request, refused.code());
}

void record_end(db::Tx& tx, const conference::Actor& actor, const TeamMember& before,
                std::optional<Instant> ends_at, std::int64_t version, TimeZone zone) {
  conference::record(
      tx, actor, conference::AuditAction::change,
      {before.role.conference_id, "role_assignment", std::to_string(before.role.id),
       before.group_name + ", " + name_of(before), version},
      {{"ends_at", "Ends", recorded_end(before.role.ends_at, zone), recorded_end(ends_at, zone)}});
}

}  // namespace

Task<web::Response> edit_role(Site& site, web::Request& request) {
  const bool restores = !web::is_safe(request.method()) && request.form().has(web::restore_field);
  if (!web::is_safe(request.method()) && !restores) {
    std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
    if (question) co_return std::move(*question);
  }
  const site::Visit& visit = request.context<site::Visit>();
  const std::int64_t conference_id = visit.conference->id, self = user_of(visit), pk = pk_of(request);
  const TimeZone zone = zone_of(visit);
  auto open = [&](db::Tx& tx) { return open_role(tx, pk, conference_id, self); };
  std::optional<Opened> opened;
  std::optional<Refused> refused;
  try {
    opened = co_await site.db.read(open);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) co_return co_await refuse(site, request, *refused);
  if (web::is_safe(request.method())) {
    const std::map<std::string, std::string> stored{{"ends_on", last_day(opened->member.role.ends_at, zone)}};
    const web::Form form(spec(), stored);
    co_return render(site, request, *opened, form, 200, {}, false);
  }

  web::Form form = web::Form::bind(spec(), request.form());
  if (restores) co_return render(site, request, *opened, form, 200, "restored", false);
  const std::optional<Instant> ends_at = typed_end(form, zone);
  const std::optional<std::int64_t> seen =
      form.errors("version").empty() ? site::whole_number(form.text("version")) : std::nullopt;
  if (!form.valid()) co_return render(site, request, *opened, form, 422, "invalid", false);
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    const Opened now = open_role(tx, pk, conference_id, self);
    accounts::RoleAssignment role = now.member.role;
    if (seen) role.version = *seen;  // as it was when the page was shown
    if (role.version == now.member.role.version && now.member.role.ends_at == ends_at) return;
    // To end it earlier is for everybody who may take it away.
    const std::optional<Instant>& before = now.member.role.ends_at;
    const bool is_earlier = ends_at && (!before || *ends_at <= *before);
    if (!is_earlier) require_end_within(tx, self, role.group_id, conference_id, ends_at, "ends_on");
    const accounts::RoleAssignment changed = accounts::change_role_end(tx, role, ends_at);
    record_end(tx, actor, now.member, changed.ends_at, changed.version, zone);
  };
  try {
    co_await site.db.write(conference_id, "change the end of a role", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused && refused->field() == "ends_on") {
    form.add_error(*refused);
    co_return render(site, request, *opened, form, 422, refused->code(), false);
  }
  if (refused) co_return co_await refuse(site, request, *refused);
  web::flash(request, "success", tr(request, "The end of the role is changed."));
  co_return back_to_team(site, request, "changed");
}

Task<web::Response> end_role(Site& site, web::Request& request) {
  std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
  if (question) co_return std::move(*question);
  const site::Visit& visit = request.context<site::Visit>();
  const std::int64_t conference_id = visit.conference->id, self = user_of(visit), pk = pk_of(request);
  const TimeZone zone = zone_of(visit);
  const bool is_sure = request.form()["sure"] == "yes";
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    const Opened now = open_role(tx, pk, conference_id, self);
    if (now.is_last_of_self && !is_sure) return now;
    if (accounts::end_role(tx, pk))
      record_end(tx, actor, now.member, tx.now(), now.member.role.version + 1, zone);
    return now;
  };
  std::optional<Opened> ended;
  std::optional<Refused> refused;
  try {
    ended = co_await site.db.write(conference_id, "end a role", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) co_return co_await refuse(site, request, *refused);
  if (ended->is_last_of_self && !is_sure) {
    const web::Form form(spec());
    co_return render(site, request, *ended, form, 200, "asks", true);
  }
  web::flash(request, "success",
             tr(request, "The role {role} of {name} has ended.",
                {{"role", tr(request, ended->member.group_name)}, {"name", name_of(ended->member)}}));
  // Whoever gave up the last of their own rights here would not find the team's page any more.
  if (ended->is_last_of_self)
    co_return site::see_other(site.router->url("manage:conference-list", {}), "ended");
  co_return back_to_team(site, request, "ended");
}

}  // namespace plenary::manage
