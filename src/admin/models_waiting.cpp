// The waiting list: who waits, for what, what they were offered, and how many wait for each product. People
// join and leave by themselves; here they are taken off, or offered out of turn. source:
// docs/waiting-list.md; registration 20, 13.
#include "admin/model.hpp"
#include "config/settings.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/waiting_list.hpp"

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
#undef LINE_NAME

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
