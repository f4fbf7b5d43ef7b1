// What a deletion would touch, worked out from the database's own foreign keys before anything is done: rows
// that go with it, rows that only lose their link, and rows that keep it from happening (no cascade, or
// money, see Model::kept_by). Both the confirmation page and the write ask here, so what is shown is what
// holds. Functions of a transaction: one thread at a time. Errors: Refused. source: configuration 10, Do
// better 7.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "admin/access.hpp"
#include "admin/desk.hpp"
#include "admin/model.hpp"
#include "db/tx.hpp"
#include "domain/conference/audit.hpp"
#include "templating/value.hpp"

namespace plenary::admin {

// Some rows of one table: how many, and the first of them by name.
struct TouchedRows {
  struct Named {
    std::string label, key;
  };
  std::string table;
  const Model* model = nullptr;  // null: no pages of its own
  std::string titles;            // English: "Sections"
  std::string column;            // English label of the link that would be emptied; else empty
  std::int64_t count = 0;
  std::vector<Named> first;  // at most 10; only where there is a model, and of those that the person sees
};

struct Deletion {
  const Model* model = nullptr;
  std::int64_t count = 0;                 // of the rows asked for that are there
  std::vector<TouchedRows::Named> first;  // of those, at most 10
  std::vector<TouchedRows> deleted;       // with them; administered tables
  std::int64_t internal = 0;              // rows of other tables that go with them: holds, tokens
  std::vector<TouchedRows> released;      // lose their link
  std::vector<TouchedRows> refusing;      // must be dealt with first: then nothing is deleted
  std::string locked;                     // English: why this model's rows are never deleted; else empty
  // What can be done instead of a deletion that is refused: label of the flag to switch off; else empty.
  std::string switch_off;

  bool is_allowed() const { return count > 0 && locked.empty() && refusing.empty(); }
  // Changes when anything that would be touched does: a confirmation holds only for what it was given for.
  std::string fingerprint() const;
};

// At most 500 keys, of one kind.
Deletion preview_deletion(db::Tx& tx, const Person& person, const Model& model,
                          std::span<const db::Param> keys);

// Inside a write: looks again, then deletes through the model and records it. Refused: something keeps them,
// a rule of the model's says no, or, where `confirmed` is not empty, something else would be touched than
// what was confirmed (code "changed"). Nothing is written then. How many rows were deleted.
// What goes along needs no right of its own.
std::int64_t delete_rows(db::Tx& tx, const Site& site, const Person& person, const Model& model,
                         std::span<const db::Param> keys, const conference::Actor& actor,
                         std::string_view confirmed = {});

// For templates/admin/includes/deletion.html: "deletion" of the page.
templating::Value deletion_value(const web::Request& request, const Deletion& deletion);

}  // namespace plenary::admin
