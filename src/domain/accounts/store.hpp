// All SQL of the accounts room. Only this room calls it; the rules are in the files beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/accounts/rates.hpp"
#include "domain/accounts/rights.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/team.hpp"

namespace plenary::accounts::store {

std::optional<FoundSession> session(db::Tx& tx, std::string_view token_hash);
void insert_session(db::Tx& tx, const NewSession& session, Instant expires_at);
std::int64_t delete_session(db::Tx& tx, std::string_view token_hash);
std::int64_t delete_sessions_of(db::Tx& tx, std::int64_t user_id, std::string_view except_token_hash);
std::vector<SessionSummary> sessions_of(db::Tx& tx, std::int64_t user_id, std::string_view current_hash);
std::int64_t delete_session_of(db::Tx& tx, std::int64_t user_id, std::string_view summary_id);
void set_last_seen(db::Tx& tx, std::string_view token_hash, Instant seen_at);
std::int64_t delete_elapsed_sessions(db::Tx& tx, std::int64_t limit);

std::optional<std::string> submission_result(db::Tx& tx, std::string_view token_hash);
void insert_submission(db::Tx& tx, std::string_view token_hash, std::optional<std::int64_t> conference_id,
                       std::string_view kind, std::string_view result, Instant expires_at);
std::int64_t delete_elapsed_submissions(db::Tx& tx, std::int64_t limit);

void insert_guest_if_absent(db::Tx& tx, std::string_view email, std::string_view normalized_email,
                            std::string_view name);

struct RateRow {
  std::string counted_by;
  Instant window_start;
  std::int64_t in_window = 0, in_window_before = 0;
};
// Those of up to four keys that have a row.
std::vector<RateRow> rate_rows(db::Tx& tx, std::string_view kind, std::span<const Rate> rates);
// One more for each of them, all with windows of this length.
void add_to_rates(db::Tx& tx, std::string_view kind, std::span<const std::string_view> counted_by,
                  Instant window_start, Duration window);
void delete_rate(db::Tx& tx, std::string_view kind, std::string_view counted_by);
std::int64_t delete_old_rates(db::Tx& tx, Instant before, std::int64_t limit);

void insert_member(db::Tx& tx, std::int64_t group_id, std::int64_t user_id);
void delete_member(db::Tx& tx, std::int64_t group_id, std::int64_t user_id);
std::vector<std::int64_t> members(db::Tx& tx, std::int64_t group_id);
std::vector<std::int64_t> groups(db::Tx& tx, std::int64_t user_id, std::int64_t conference_id);

std::vector<std::string> permissions(db::Tx& tx, std::int64_t group_id);
void insert_permission(db::Tx& tx, std::int64_t group_id, std::string_view permission);
void delete_permission(db::Tx& tx, std::int64_t group_id, std::string_view permission);
std::vector<Rights::Held> rights(db::Tx& tx, std::int64_t user_id);
std::int64_t delete_role(db::Tx& tx, std::int64_t id);
std::vector<RoleOfPerson> roles_in(db::Tx& tx, std::int64_t conference_id);
std::vector<RoleOfPerson> roles_of(db::Tx& tx, std::int64_t user_id);

// Of conference 0: roles everywhere.
std::vector<TeamMember> team(db::Tx& tx, std::int64_t conference_id);
std::vector<Colleague> colleagues(db::Tx& tx, std::int64_t conference_id, std::string_view permission);
std::vector<std::pair<std::int64_t, std::string>> all_permissions(db::Tx& tx);  // group, right
std::int64_t end_role(db::Tx& tx, std::int64_t role_id);
bool has_full_access(db::Tx& tx, std::int64_t user_id, std::int64_t except_role, std::int64_t conference_id);
bool others_have_full_access(db::Tx& tx, std::int64_t user_id, std::int64_t conference_id);

}  // namespace plenary::accounts::store
