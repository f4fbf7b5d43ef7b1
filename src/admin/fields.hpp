// The fields of a form: what each column, link or secret is edited with, how a stored value is written into
// its control, and how what was typed becomes a value again, exactly. Errors: FieldError for what a person
// typed; nothing is thrown. Plain values and pure functions, any thread. source: configuration 10, 5;
// docs/design.md, 6.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/desk.hpp"
#include "admin/model.hpp"
#include "db/entity_table.hpp"

namespace plenary::admin {

enum class Widget : unsigned char {
  text,
  paragraph,
  slug,
  email,
  url,
  integer,
  decimal,
  money,
  date,
  instant,
  flag,
  optional_flag,  // yes, no, not said
  toggle,         // of a feature: inherited, forced on, forced off
  choice,
  reference,
  link,
  secret,
};

struct FieldPlan {
  std::string name;         // of the column, link or secret
  std::string label, help;  // English
  Widget widget = Widget::text;
  const db::Column* column = nullptr;
  const Link* link = nullptr;
  const SecretField* secret = nullptr;
  bool editable = true;
  bool required = false;
  bool derived = false;  // may be left empty: made from another field
};

// What the form shows of `column`; `is_new`: of a row that is not there yet. Nothing: it is no field.
std::optional<FieldPlan> plan_of(const Model& model, const db::Column& column, bool is_new);
std::optional<FieldPlan> plan_of(const Model& model, std::string_view name, bool is_new);
// The groups of a model, or of the usual ones where it has none.
std::vector<FieldGroup> groups_of(const Model& model, bool is_new);
// The column of a model's slug, where it is proposed from another; else null.
const db::Column* derived_slug(const Model& model);

// What the control holds for a stored value. A new row's dates, times and references begin empty.
std::string control_text(const FieldPlan& plan, const void* row, const Terms& terms, bool is_new);
// What was typed, without what a browser or a person adds without meaning: line ends, blanks around, the
// seconds that a control leaves out.
std::string normal(const FieldPlan& plan, std::string_view typed);
// Short, the same for the same text: how a page remembers what it showed.
std::string digest(const FieldPlan& plan, std::string_view text);

// Sets the member. `typed` is normal; a reference is the key already. What is wrong otherwise.
std::optional<db::FieldError> put(const FieldPlan& plan, void* row, std::string_view typed,
                                  const Terms& terms);

// "{label} is required." for this field.
db::FieldError fault(const FieldPlan& plan, std::string code, std::string text,
                     Refused::Arguments arguments = {});

}  // namespace plenary::admin
