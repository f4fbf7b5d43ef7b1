// What the pages of a team share: how a role and its end are written and typed, who may give it at this
// moment, and what is recorded. One request, its thread; functions with a Tx belong to its transaction.
// source: configuration 10, 8; Do better 3 and 23.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/rights.hpp"
#include "domain/accounts/team.hpp"
#include "domain/conference/audit.hpp"
#include "manage/frame.hpp"
#include "site/forms.hpp"
#include "site/page.hpp"
#include "web/forms.hpp"

namespace plenary::manage {

// The last day of something that holds until `ends_at`, or the moment where it ends within a day. Empty: no
// end.
std::string end_text(const web::Request& request, std::optional<Instant> ends_at, TimeZone zone);
// "2027-05-20" for a field; empty without an end.
std::string last_day(std::optional<Instant> ends_at, TimeZone zone);
// What was typed into the field "ends_on": through the end of that day in the zone. A wrong day is an error
// of the form.
std::optional<Instant> typed_end(web::Form& form, TimeZone zone);
web::Field ends_on_field();
// Its value, for <input type="date">, and its errors: "ends_on".
void set_ends_on(site::Page& page, const web::Request& request, const web::Form& form);

// As they are in this transaction: of a closed account, none.
accounts::Rights rights_now(db::Tx& tx, std::int64_t user_id);
// Refused("lost") without full access there, ("beyond") where the role is beyond their own rights.
void require_may_grant(db::Tx& tx, std::int64_t user_id, std::int64_t group_id, std::int64_t conference_id);

// Refused("outlasts"), on `field`: the role would last longer than the rights of whoever gives it.
void require_end_within(db::Tx& tx, std::int64_t user_id, std::int64_t group_id, std::int64_t conference_id,
                        std::optional<Instant> ends_at, std::string_view field);

TimeZone zone_of(const site::Visit& visit);
std::int64_t user_of(const site::Visit& visit);
// For the record of changes, which is in English.
std::string recorded_end(std::optional<Instant> ends_at, TimeZone zone);

// The page of the team, with this form to invite; `limits`, see invitations.hpp.
Task<web::Response> team_page(Site& site, web::Request& request, const web::Form* form, int status,
                              std::string_view outcome);
accounts::InvitationLimits limits_of(const Site& site);
web::Response back_to_team(Site& site, web::Request& request, std::string_view outcome);

}  // namespace plenary::manage
