// Activities, signups and travel grants. What signing up and the review of grants decide is read-only here:
// queue, capacity and transitions belong to their own operations. source: programs 60, 10 and Do better 37;
// configuration 10, Do better 24.
#include "admin/model.hpp"
#include "domain/programs/types.hpp"

namespace plenary::admin {
namespace {

const std::string person =
    "(SELECT coalesce(u.username, u.email) FROM user_account u WHERE u.id = t.user_id)";

Model activities() {
  Model model;
  model.table = &programs::activity_table();
  model.view_code = "program_programs.view_activity";
  model.change_code = "program_programs.manage_activity";
  model.area = "program_programs";
  model.name = "activity";
  model.conference_sql = "t.conference_id";
  model.columns = {
      {"name"},
      {"conference_id"},
      {"activity_type"},
      {"start_time"},
      {"max_participants"},
      {.name = "confirmed",
       .label = message("Confirmed"),
       .sql = "(SELECT count(*) FROM activity_signup s WHERE s.activity_id = t.id AND s.status = "
              "'confirmed')",
       .shown = Shown::integer},
      {"is_active"}};
  model.filters = {"conference_id", "activity_type", "is_active", "start_time"};
  model.search = {"t.name", "t.slug", "t.pretalx_submission_type"};
  model.date_column = "start_time";
  model.order = "t.start_time IS NULL, t.start_time, t.name, t.id";
  model.slug_from = "name";
  model.groups = {
      {"", {"conference_id", "name", "slug", "activity_type", "description", "external_url"}},
      {message("Place and time"), {"location", "start_time", "end_time"}},
      {message("Taking part"), {"is_active", "max_participants", "requires_ticket", "organizers"}},
      {message("Schedule"), {"pretalx_submission_type", "synced_at"}, true}};
  model.links = {{.name = "organizers",
                  .label = message("Organisers"),
                  .help = message("They may look after the signups of this activity."),
                  .table = "activity_organizer",
                  .own_column = "activity_id",
                  .other_column = "user_id",
                  .other_table = "user_account"}};
  model.inlines = {{.table = "activity_signup",
                    .column = "activity_id",
                    .fields = {"user_id", "status", "note", "created_at"},
                    .blank_rows = 0,
                    .read_only = true}};
  return model;
}

Model signups() {
  Model model;
  model.table = &programs::activity_signup_table();
  model.view_code = "program_programs.view_activity";
  model.change_code = "program_programs.manage_activity";
  model.area = "program_programs";
  model.name = "activitysignup";
  model.conference_sql = "(SELECT a.conference_id FROM activity a WHERE a.id = t.activity_id)";
  model.label_sql = person + " || ' · ' || (SELECT a.name FROM activity a WHERE a.id = t.activity_id)";
  model.columns = {{"user_id"}, {"activity_id"}, {"status"}, {"cancelled_at"}, {"created_at"}};
  model.filters = {"status", "activity_id", "created_at"};
  model.search = {"(SELECT u.username FROM user_account u WHERE u.id = t.user_id)",
                  "(SELECT u.email FROM user_account u WHERE u.id = t.user_id)",
                  "(SELECT a.name FROM activity a WHERE a.id = t.activity_id)"};
  model.date_column = "created_at";
  model.order = "t.created_at DESC, t.id DESC";
  model.may_add = model.may_change = false;
  model.locked_because =
      message("Signups go through their activity, which keeps its capacity and its queue.");
  return model;
}

Model grants() {
  Model model;
  model.table = &programs::travel_grant_table();
  model.view_code = "program_programs.view_travel_grant";
  model.change_code = "program_programs.review_travel_grant";
  model.area = "program_programs";
  model.name = "travelgrant";
  model.conference_sql = "t.conference_id";
  model.currency_sql = "t.currency";
  model.label_sql = person;
  model.columns = {{"user_id"},      {"conference_id"},    {"status"},          {"application_type"},
                   {"request_type"}, {"requested_amount"}, {"approved_amount"}, {"disbursed_amount"},
                   {"travel_from"},  {"international"}};
  model.filters = {"conference_id", "status", "application_type", "request_type", "international"};
  model.search = {"(SELECT u.username FROM user_account u WHERE u.id = t.user_id)",
                  "(SELECT u.email FROM user_account u WHERE u.id = t.user_id)", "t.travel_from"};
  model.date_column = "created_at";
  model.order = "t.created_at DESC, t.id DESC";
  model.groups = {{"", {"user_id", "conference_id", "status", "application_type", "request_type", "reason"}},
                  {message("Travel"),
                   {"travel_from", "international", "first_time", "days_attending", "sharing_expenses",
                    "traveling_with"}},
                  {message("Costs"),
                   {"airfare_description", "airfare_amount", "lodging_description", "lodging_amount",
                    "transit_description", "transit_amount", "visa_description", "visa_amount",
                    "requested_amount", "currency"}},
                  {message("Applicant"), {"experience_level", "occupation", "involvement"}},
                  {message("Review"),
                   {"reviewer_notes", "promo_code", "approved_amount", "reviewed_by", "reviewed_at",
                    "disbursed_amount", "disbursed_at", "disbursed_by"}}};
  model.read_only = {"user_id",         "status",       "request_type", "requested_amount",
                     "approved_amount", "reviewed_by",  "reviewed_at",  "disbursed_amount",
                     "disbursed_at",    "disbursed_by", "currency",     "promo_code"};
  model.may_add = model.may_delete = false;
  model.locked_because = message("People apply themselves, and applications are kept: money hangs on them.");
  return model;
}

}  // namespace

std::vector<Model> program_models() {
  return {activities(), signups(), grants()};
}

}  // namespace plenary::admin
