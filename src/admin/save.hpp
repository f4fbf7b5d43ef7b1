// Saving a form: the row, its links, its secrets and its inline rows in one transaction, each change recorded
// with old and new value. Everything is checked first; where anything is wrong, or was changed by somebody
// else meanwhile, nothing is written and the form comes back. A form's one-use token makes a repeat find the
// first result. Functions of a transaction: one thread at a time; they may run again. Errors: RowRefused for
// a rule of the domain that only the write can know. source: configuration 10, 5 and Do better 17, 23.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/form.hpp"
#include "base/codes.hpp"
#include "base/errors.hpp"

namespace plenary::admin {

struct Outcome {
  enum class Kind : unsigned char { saved, unchanged, repeated, invalid, conflict, gone };
  Kind kind = Kind::invalid;
  std::optional<FormState> form;  // of those that come back
  std::string key, label;
};

// A refusal and the row it is about: `inlined` the position in FormState::inlines, -1 the main row.
class RowRefused : public Refused {
 public:
  RowRefused(const Refused& refused, int inlined, std::size_t row)
      : Refused(refused), inlined(inlined), row(row) {}
  int inlined;
  std::size_t row;
};

struct Saving {
  const Site& site;
  const Model& model;
  std::string key;  // empty: a new row
  const web::FormData& posted;
  conference::Actor actor;
  std::string submission;  // hash of the form's token; empty: it had none
  Random& random;
  std::optional<std::int64_t> undoes = {};  // the entry of the record of changes that this takes back
};

Outcome save_form(db::Tx& tx, const Saving& saving);
// The writing part: a form that was laid over, checked and found without fault. What it is called afterwards;
// nothing: nothing differed.
std::optional<std::string> write_form(db::Tx& tx, const Saving& saving, FormState& form);

// Old and new of every field that differs; `before` null: of a new row.
std::vector<conference::AuditChange> differences(db::Tx& tx, const Model& model, const void* before,
                                                 const void* after, const Terms& terms);

}  // namespace plenary::admin
