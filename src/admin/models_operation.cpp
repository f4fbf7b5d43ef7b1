// What a person on call looks at: the outbox and the periodic jobs. source: docs/transactions.md, section 6.
#include "admin/model.hpp"
#include "jobs/tables.hpp"

namespace plenary::admin {
namespace {

Model outbox() {
  Model model;
  model.table = &jobs::outbox_table();
  model.area = "operation";
  model.name = "outbox";
  model.conference_sql = "t.conference_id";
  model.label_sql = "t.kind || ' ' || t.id";
  model.columns = {{"id"},       {"kind"},    {"conference_id"}, {"run_at"},
                   {"attempts"}, {"is_dead"}, {"done_at"},       {"last_error"}};
  model.filters = {"is_dead", "conference_id", "run_at", "done_at"};
  model.search = {"t.kind", "t.payload", "t.last_error"};
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("Jobs are made by what happened and carried out by the server.");
  model.actions.push_back(
      {"retry", message("Try again now"), message("Try these jobs again?"), [](db::Tx& tx, void* row) {
         auto& job = *static_cast<jobs::OutboxRow*>(row);
         std::vector<conference::AuditChange> changes;
         if (!job.is_dead)
           throw Refused("not_dead", message("{job} is not given up: it will be tried by itself."),
                         {{"job", job.kind + " " + std::to_string(job.id)}});
         tx.exec("UPDATE outbox SET is_dead = 0, attempts = 0, run_at = $2, last_error = NULL WHERE id = $1",
                 job.id, tx.now());
         changes.push_back({"is_dead", "Dead", "yes", "no"});
         return changes;
       }});
  return model;
}

Model schedule() {
  Model model;
  model.table = &jobs::schedule_table();
  model.area = "operation";
  model.name = "schedule";
  model.columns = {{"name"},        {"every_seconds"}, {"next_run_at"},
                   {"last_run_at"}, {"attempts"},      {"last_error"}};
  model.search = {"t.name"};
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("Periodic jobs belong to the server.");
  return model;
}

}  // namespace

std::vector<Model> operation_models() {
  return {outbox(), schedule()};
}

}  // namespace plenary::admin
