// The waiting list: who waits, for what, what they were offered, and how many wait for each product. People
// join and leave by themselves; here they are taken off, or offered out of turn. source:
// docs/waiting-list.md; registration 20, 13.
#include "admin/model.hpp"
#include "config/settings.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/waiting_list.hpp"
#include "site/text.hpp"

namespace plenary::admin {
namespace {

using registration::WaitingEntry;

// "T-shirt, M" of a line `l`.
#define LINE_NAME                                                                                           \
  "COALESCE((SELECT p.name FROM ticket_type p WHERE p.id = l.ticket_type_id), (SELECT a.name FROM addon a " \
  "WHERE a.id = l.addon_id), '') || COALESCE((SELECT ', ' || v.name FROM variation v WHERE v.id = "         \
  "l.variation_id), '')"

const std::string own_line_name = "(SELECT " LINE_NAME " FROM waiting_line l WHERE l.id = t.id)";
const std::string choice_name = "(SELECT " LINE_NAME " FROM waiting_line l WHERE l.id = t.line_id)";
const std::string wanted_name = "(SELECT " LINE_NAME
                                " FROM waiting_choice c JOIN waiting_line l ON l.id = c.line_id WHERE "
                                "c.entry_id = t.id AND c.choice_rank = 1)";
const std::string entry_conference = "(SELECT e.conference_id FROM waiting_entry e WHERE e.id = t.entry_id)";
// Whether a choice `c` in its line `l` needs more at once than there is, or than anybody may have: nothing is
// kept for it. As registration's most_at_once, for lists.
#define TOO_LARGE                                                                                            \
  "(EXISTS (SELECT 1 FROM stock s WHERE s.conference_id = l.conference_id AND s.capacity < c.needs AND "     \
  "((s.kind = 'conference' AND l.ticket_type_id IS NOT NULL) OR (s.kind = 'ticket_type' AND s.product_id = " \
  "l.ticket_type_id) OR (s.kind = 'addon' AND s.product_id = l.addon_id) OR (s.kind = 'variation' AND "      \
  "s.product_id = l.variation_id) OR (s.kind = 'quota' AND (EXISTS (SELECT 1 FROM quota_ticket_type q "      \
  "WHERE "                                                                                                   \
  "q.quota_id = s.product_id AND q.ticket_type_id = l.ticket_type_id) OR EXISTS (SELECT 1 FROM quota_addon " \
  "q WHERE q.quota_id = s.product_id AND q.addon_id = l.addon_id) OR EXISTS (SELECT 1 FROM quota_variation " \
  "q WHERE q.quota_id = s.product_id AND q.variation_id = l.variation_id))))) OR EXISTS (SELECT 1 FROM "     \
  "ticket_type p WHERE p.id = l.ticket_type_id AND (p.limit_per_user < c.needs OR p.max_per_order < "        \
  "c.needs)) OR EXISTS (SELECT 1 FROM addon p WHERE p.id = l.addon_id AND (p.limit_per_user < c.needs OR "   \
  "p.max_per_order < c.needs)) OR EXISTS (SELECT 1 FROM conference f WHERE f.id = l.conference_id AND "      \
  "l.ticket_type_id IS NOT NULL AND f.max_tickets_per_cart < c.needs))"
const std::string waits_in_vain =
    "(CASE WHEN t.status = 'waiting' AND NOT EXISTS (SELECT 1 FROM waiting_choice c JOIN waiting_line l ON "
    "l.id "
    "= c.line_id WHERE c.entry_id = t.id AND c.is_waiting = 1 AND NOT " TOO_LARGE
    ") THEN 'too_large' ELSE '' END)";
const std::string units_in_vain =
    "(SELECT CAST(COALESCE(SUM(e.quantity), 0) AS BIGINT) FROM waiting_line l JOIN waiting_choice c ON "
    "c.line_id "
    "= l.id AND c.is_waiting = 1 JOIN waiting_entry e ON e.id = c.entry_id WHERE l.id = t.id AND " TOO_LARGE
    ")";
#undef TOO_LARGE
#undef LINE_NAME

std::string told_too_large(const web::Request& request, const std::string& text) {
  return text.empty() ? text : site::tr(request, message("Larger than a limit: can never be served"));
}

// All that is said of an order's parts is said of these: nobody writes them by hand.
void keep_out(Model& model) {
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.may_add = model.may_change = model.may_delete = false;
}

conference::AuditChange status_change(const std::string& before, const std::string& after) {
  return {"status", "Status", before, after};
}

std::vector<conference::AuditChange> take_off(db::Tx& tx, void* row) {
  const auto& entry = *static_cast<const WaitingEntry*>(row);
  if (!registration::remove_entry(tx, entry.id))
    throw Refused("not_waiting", message("{name} does not wait any more."), {{"name", entry.name}});
  return {status_change(std::string(registration::to_text(entry.status)), "removed")};
}

std::vector<conference::AuditChange> offer(db::Tx& tx, void* row) {
  const auto& entry = *static_cast<const WaitingEntry*>(row);
  // Nothing of the settings decides about an offer.
  static const config::ProgramSettings settings;
  const auto catalogue = registration::load_catalogue(tx, entry.conference_id, settings);
  registration::offer_now(tx, *catalogue, entry.id);
  return {status_change(std::string(registration::to_text(entry.status)), "offered")};
}

Model entries() {
  Model model;
  model.table = &registration::waiting_entry_table();
  keep_out(model);
  model.name = "waitingentry";
  model.conference_sql = "t.conference_id";
  model.label_sql = "t.name";
  model.columns = {{"name"},
                   {"email"},
                   {.name = "product", .label = message("Waits for"), .sql = wanted_name},
                   {"quantity"},
                   {"status"},
                   {.name = "note",
                    .label = message("Note"),
                    .sql = waits_in_vain,
                    .sorts = false,
                    .told = told_too_large},
                   {"joined_at"},
                   {"offer_expires_at"},
                   {"conference_id"}};
  model.filters = {"conference_id", "status", "all_or_nothing", "joined_at"};
  model.search = {"t.name", "t.email"};
  model.search_help = message("Looks in name and e-mail address.");
  model.date_column = "joined_at";
  model.order = "t.id";
  model.groups = {{"", {"name", "email", "user_id", "conference_id", "language"}},
                  {message("What is wanted"), {"status", "quantity", "all_or_nothing", "joined_at"}},
                  {message("The offer"),
                   {"offered_at", "offer_expires_at", "offered_rank", "offered_quantity", "cart_id"}},
                  {message("Details"), {"email_normalized", "link_version", "updated_at"}, true}};
  model.inlines = {{.table = "waiting_choice",
                    .column = "entry_id",
                    .fields = {"choice_rank", "line_id", "needs", "is_waiting"},
                    .blank_rows = 0,
                    .read_only = true},
                   {.table = "waiting_addon",
                    .column = "entry_id",
                    .fields = {"addon_id", "variation_id", "quantity", "offered_quantity"},
                    .blank_rows = 0,
                    .read_only = true}};
  model.locked_because =
      message("People join and leave by themselves. Take them off, or make them an offer, from the list.");
  model.actions.push_back(
      {"remove", message("Take off the waiting list"),
       message("Take these people off the waiting list? What is offered to them is free again."), take_off});
  model.actions.push_back({"offer", message("Offer now"),
                           message("Make these people an offer now, before others who have waited longer?"),
                           offer});
  return model;
}

Model lines() {
  Model model;
  model.table = &registration::waiting_line_table();
  keep_out(model);
  model.name = "waitingline";
  model.conference_sql = "t.conference_id";
  model.label_sql = own_line_name;
  model.columns = {{.name = "label", .label = message("Product"), .sql = own_line_name},
                   {"entries"},
                   {"units"},
                   {.name = "in_vain",
                    .label = message("Of groups too large to be served"),
                    .sql = units_in_vain,
                    .shown = Shown::integer,
                    .sorts = false},
                   {"conference_id"}};
  model.filters = {"conference_id"};
  model.search = {own_line_name};
  model.order = "t.entries DESC, t.id";
  model.locked_because = message("Lines are counted by the waiting list.");
  return model;
}

Model choices() {
  Model model;
  model.table = &registration::waiting_choice_table();
  keep_out(model);
  model.name = "waitingchoice";
  model.conference_sql = entry_conference;
  model.label_sql = choice_name;
  model.columns = {{.name = "label", .label = message("Product"), .sql = choice_name},
                   {"entry_id"},
                   {"choice_rank"},
                   {"needs"},
                   {"is_waiting"}};
  model.filters = {"is_waiting"};
  model.order = "t.entry_id, t.choice_rank";
  model.locked_because = message("Choices are made by whoever waits.");
  return model;
}

Model extras() {
  Model model;
  model.table = &registration::waiting_addon_table();
  keep_out(model);
  model.name = "waitingaddon";
  model.conference_sql = entry_conference;
  model.label_sql = "t.quantity || ' × ' || (SELECT a.name FROM addon a WHERE a.id = t.addon_id)";
  model.columns = {{.name = "label", .label = message("Extra"), .sql = model.label_sql},
                   {"entry_id"},
                   {"quantity"},
                   {"offered_quantity"}};
  model.filters = {"addon_id"};
  model.order = "t.id DESC";
  model.locked_because = message("Choices are made by whoever waits.");
  return model;
}

}  // namespace

std::vector<Model> waiting_models() {
  return {entries(), lines(), choices(), extras()};
}

}  // namespace plenary::admin
