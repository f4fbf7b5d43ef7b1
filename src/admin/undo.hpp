// Taking back a change that was recorded: its fields get their old values again, through the same checks and
// the same writing as a form. Only where every one of them still has the value that the entry gave it. What
// was added is deleted instead; what was deleted is added anew by hand; secrets never come back. Functions of
// a transaction: one thread at a time. Errors: what a rule refuses is told in the plan. source:
// docs/audit.md; configuration 10, Do better 23.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/form.hpp"
#include "admin/save.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::admin {

struct UndoField {
  std::string field, label;  // English
  std::string then;          // what the entry made of it
  std::string now, will_be;
  std::vector<db::FieldError> errors;
};

struct UndoPlan {
  const Model* model = nullptr;
  std::string label;
  std::string why_not;                 // English; empty: it can be taken back
  Refused::Arguments arguments = {};   // of why_not
  std::vector<UndoField> fields;       // also where it cannot, as far as they are known
  std::vector<db::FieldError> errors;  // about the row as a whole
  std::optional<FormState> form = {};  // laid over and checked
  bool is_possible() const { return why_not.empty(); }
};

UndoPlan plan_undo(db::Tx& tx, const Site& site, const Person& person, const conference::AuditEntry& entry);
// Throws Refused with what stands against it.
void write_undo(db::Tx& tx, const Site& site, const conference::Actor& actor, Random& random,
                std::int64_t entry_id);

}  // namespace plenary::admin
