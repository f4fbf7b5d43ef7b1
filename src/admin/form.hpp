// A form as it stands between the database and a person: for each field what is stored, what was typed, what
// the page had shown, and what is wrong; for each row its key and version; the inline rows of other tables.
// Made from the database by load_form, laid over with what was posted by overlay, checked by check_form; all
// of it inside one transaction, so that nothing moves in between. Owned by one request. Errors: NotFound for
// a row that is not there; what a person typed becomes FieldErrors. source: configuration 10, 5.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/access.hpp"
#include "admin/fields.hpp"
#include "base/time.hpp"
#include "web/form_data.hpp"

namespace plenary::admin {

struct Option {
  std::string value, label;
};

// What somebody else did while the page was open.
struct Meanwhile {
  std::string actor;  // empty: it was done another way, nobody knows by whom
  Instant at;
  std::string label;  // English
  std::string old_text, new_text;
  std::string field = {};
};

struct FieldState {
  FieldPlan plan;
  std::size_t group = 0;
  std::string stored;  // the control's text for what the database holds
  std::string typed;   // the control's text now
  std::string was;     // digest of what the page had shown; empty: it did not say
  bool posted = false;
  bool resolved = false;  // a reference or link whose rows were found, and may be chosen
  std::vector<db::FieldError> errors;
  std::optional<Meanwhile> now;  // both changed it: what it is now, and by whom
  // For showing.
  std::string as_text;          // of a field that is not edited, in the page's language
  std::vector<Option> options;  // references and links, where there are few
  bool searches = false;        // many: looked for instead
  const Model* other = nullptr;
  // Of a secret.
  bool has_secret = false;
  std::string order;  // "keep", "replace", "clear"

  bool is_touched() const { return posted && digest(plan, typed) != digest(plan, stored); }
};

struct RowState {
  const Model* model = nullptr;
  std::vector<FieldGroup> groups;  // their fields stand in `fields`
  std::vector<FieldState> fields;
  std::string key;             // empty: new
  std::string version;         // of the stored row, where the table has one
  std::string posted_version;  // of the row that the page had shown
  std::string label;
  std::shared_ptr<void> stored, row;   // as it is; as it is to be
  std::vector<db::FieldError> errors;  // about the row as a whole
  bool remove = false;                 // its delete box
  bool is_blank = false;               // an inline row that nobody filled in
  bool is_gone = false;                // it was deleted while the page was open
  bool is_stale = false;               // it was changed while the page was open
  std::vector<Meanwhile> changes;      // what others did meanwhile

  bool is_new() const { return key.empty(); }
  FieldState* find(std::string_view name);
  const FieldState* find(std::string_view name) const;
  bool has_faults() const;
};

struct InlineState {
  const Inline* spec = nullptr;
  const Model* model = nullptr;
  std::vector<RowState> rows;
  std::int64_t more = 0;  // rows that are not shown
  bool may_add = false, may_change = false, may_delete = false;
  bool is_single() const { return !spec->groups.empty() || spec->at_most == 1; }
  // Its only row has its parent's key: it may have been made with the parent.
  bool shares_key() const { return model->key().name == spec->column; }
};

// What others counted of a row: "Used", "3 / 50".
struct Figure {
  std::string label;  // English
  std::string text;
  bool is_address = false;  // a path of this server
};

struct FormState {
  Person person;  // whose form it is
  RowState main;
  std::vector<InlineState> inlines;
  std::vector<Figure> figures;  // filled by load_choices
  Terms terms;
  bool terms_known = true;  // false: of a new row whose conference is not chosen yet
  std::optional<std::int64_t> conference;

  bool has_faults() const;
  bool is_stale() const;
};

// The key of an address as a value of the key column; NotFound when it cannot be one. Refers to `key`.
db::Param key_param(const Model& model, const std::string& key);

// From the database; `key` empty: a new row. `blanks`: with blank inline rows. Without what the person may
// not see, and with what they may not change as a text; whether they may see the row itself is asked before.
FormState load_form(db::Tx& tx, const Site& site, const Person& person, const Model& model,
                    const std::string& key, bool blanks);
// Values that an address gives to a new row: "?conference_id=7".
void preset(db::Tx& tx, const Site& site, FormState& form, const web::Request& request);
// What was posted. Only fields that may be edited are looked at.
void overlay(db::Tx& tx, const Site& site, FormState& form, const web::FormData& posted);
// Makes `row` of each row state from stored and typed, and finds what is wrong with all of them.
void check_form(db::Tx& tx, const Site& site, FormState& form);
// Figures, rows that are shown but not edited as text, choices of references and links.
void load_choices(db::Tx& tx, const web::Request& request, FormState& form);

// inlines.cpp
// What may be done with the rows, as far as it is known whose conference they belong to.
void settle_inline(const FormState& form, InlineState& inlined);
void load_inlines(db::Tx& tx, const Site& site, FormState& form, bool blanks);
void overlay_inlines(db::Tx& tx, FormState& form, const web::FormData& posted);
void check_inlines(db::Tx& tx, const Site& site, FormState& form);

// form_rows.cpp: the parts of the above that main and inline rows share.
RowState plan_row(const Model& model, std::vector<FieldGroup> groups, bool is_new,
                  std::string_view leave_out);
// Leaves out secrets that the person may not touch; what they may not change is no field to edit.
void limit_row(const Person& person, RowState& row, std::optional<std::int64_t> conference);
void fill_stored(db::Tx& tx, RowState& row, const Terms& terms);
void overlay_row(RowState& row, const web::FormData& posted, std::string_view prefix);
void check_row(db::Tx& tx, const Site& site, const FormState& form, RowState& row,
               std::string_view parent_column);
std::string field_prefix(const InlineState& inlined, std::size_t index);  // "section-0-"

}  // namespace plenary::admin
