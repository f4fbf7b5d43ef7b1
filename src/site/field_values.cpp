// The fields of a form as templates see them. {{ field }} prints the control alone, as templates written for
// Django expect; includes/field.html puts label, help and errors around it. source: ground rules 15, 4.1
// and 4.2.
#include <utility>

#include "site/values.hpp"
#include "templating/node.hpp"

namespace plenary::site {
namespace {

using templating::Value;

void put_attribute(std::string_view name, std::string_view value, std::string& out) {
  out.append(" ").append(name).append("=\"");
  templating::append_escaped(value, out);
  out += '"';
}

class FieldObject : public templating::Object {
 public:
  explicit FieldObject(web::FieldView field) : field_(std::move(field)) {
    if (!field_.help.empty()) help_id_ = field_.id + "_help";
  }

  Value get(std::string_view name) const override {
    if (name == "name" || name == "html_name") return shown(field_.name);
    if (name == "id_for_label" || name == "id" || name == "auto_id") return shown(field_.id);
    if (name == "label") return shown(field_.label);
    if (name == "kind") return shown(field_.kind);
    if (name == "help_text") return shown(field_.help);
    if (name == "help_id") return shown(help_id_);
    if (name == "error_id") return shown(field_.error_id);
    if (name == "required") return field_.required;
    if (name == "invalid") return field_.invalid;
    if (name == "value") return shown(field_.value);
    if (name == "checked") return field_.checked;
    if (name == "errors") {
      // Most fields have none and are asked several times.
      if (field_.errors.empty()) return no_errors();
      std::vector<Value> errors;
      for (const std::string& error : field_.errors) errors.push_back(shown(error));
      return Value::list(std::move(errors));
    }
    return Value::undefined();
  }

  Value text() const override {
    std::string out;
    append_markup(out);
    return Value::safe(out);
  }

  bool append_markup(std::string& out) const override {
    if (field_.kind == "choice" || field_.kind == "choices") {
      put_select(out);
    } else if (field_.kind == "multiline") {
      out += "<textarea class=\"form-control\" rows=\"5\"";
      put_attributes(out);
      out += ">\n";
      templating::append_escaped(field_.value, out);
      out += "</textarea>";
    } else if (field_.kind == "checkbox") {
      out += "<input class=\"form-check-input\" type=\"checkbox\" value=\"1\"";
      if (field_.checked) out += " checked";
      put_attributes(out);
      out += '>';
    } else if (field_.kind == "hidden") {
      out += "<input type=\"hidden\"";
      put_attribute("name", field_.name, out);
      put_attribute("value", field_.value, out);
      out += '>';
    } else {
      put_input(out);
    }
    return true;
  }

 private:
  static const Value& no_errors() {
    thread_local const Value none = Value::list({});
    return none;
  }
  static Value shown(const std::string& text) { return Value::borrowed(text); }

  void put_attributes(std::string& out) const {
    put_attribute("name", field_.name, out);
    put_attribute("id", field_.id, out);
    if (!field_.autocomplete.empty()) put_attribute("autocomplete", field_.autocomplete, out);
    if (field_.required) out += " required";
    if (field_.invalid) out += " aria-invalid=\"true\"";
    std::string describedby = field_.invalid ? field_.error_id : std::string();
    if (!help_id_.empty()) describedby += (describedby.empty() ? "" : " ") + help_id_;
    if (!describedby.empty()) put_attribute("aria-describedby", describedby, out);
  }

  void put_input(std::string& out) const {
    const bool is_number = field_.kind == "integer" || field_.kind == "decimal";
    out += "<input class=\"form-control\"";
    put_attribute("type", is_number ? "text" : std::string_view(field_.kind), out);
    if (is_number) put_attribute("inputmode", field_.kind == "integer" ? "numeric" : "decimal", out);
    put_attribute("value", field_.value, out);
    if (field_.max_length > 0) put_attribute("maxlength", std::to_string(field_.max_length), out);
    put_attributes(out);
    out += '>';
  }

  void put_select(std::string& out) const {
    out += "<select class=\"form-select\"";
    if (field_.kind == "choices") out += " multiple";
    put_attributes(out);
    out += '>';
    for (const web::FieldView::Option& option : field_.options) {
      out += "<option";
      put_attribute("value", option.value, out);
      out += option.selected ? " selected>" : ">";
      templating::append_escaped(option.label, out);
      out += "</option>";
    }
    if (field_.more_options) {
      const std::string& more = *field_.more_options;
      std::string value;
      if (!field_.value.empty()) put_attribute("value", field_.value, value);
      const std::size_t chosen = value.empty() ? std::string::npos : more.find(value);
      const std::size_t at = chosen == std::string::npos ? more.size() : more.find('>', chosen);
      out.append(more, 0, at);
      if (at < more.size()) out.append(" selected").append(more, at);
    }
    out += "</select>";
  }

  web::FieldView field_;
  std::string help_id_;
};

class FormObject : public templating::Object {
 public:
  explicit FormObject(std::vector<web::FieldView> fields) {
    for (web::FieldView& field : fields) {
      names_.push_back(field.name);
      fields_.push_back(Value(templating::make<FieldObject>(std::move(field))));
    }
  }
  Value get(std::string_view name) const override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) return fields_[i];
    }
    return Value::undefined();
  }
  bool is_sequence() const override { return true; }
  std::size_t size() const override { return fields_.size(); }
  Value at(std::size_t index) const override { return fields_[index]; }

 private:
  std::vector<std::string> names_;
  std::vector<Value> fields_;
};

}  // namespace

Value form_value(std::vector<web::FieldView> fields) {
  return Value(templating::make<FormObject>(std::move(fields)));
}

}  // namespace plenary::site
