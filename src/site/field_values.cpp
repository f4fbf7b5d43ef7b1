// The fields of a form as templates see them. {{ field }} prints the control alone, as templates written for
// Django expect; includes/field.html puts label, help and errors around it. source: ground rules 15, 4.1
// and 4.2.
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "site/values.hpp"

namespace plenary::site {
namespace {

using templating::Value;

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, html_escape(value));
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
      std::vector<Value> errors;
      for (const std::string& error : field_.errors) errors.push_back(shown(error));
      return Value::list(std::move(errors));
    }
    return Value::undefined();
  }

  Value text() const override {
    if (field_.kind == "choice" || field_.kind == "choices") return Value::safe(select());
    if (field_.kind == "multiline") {
      return Value::safe("<textarea class=\"form-control\" rows=\"5\"" + attributes() + ">\n" +
                         html_escape(field_.value) + "</textarea>");
    }
    if (field_.kind == "checkbox") {
      return Value::safe(std::string("<input class=\"form-check-input\" type=\"checkbox\" value=\"1\"") +
                         (field_.checked ? " checked" : "") + attributes() + ">");
    }
    if (field_.kind == "hidden") {
      return Value::safe("<input type=\"hidden\"" + attribute("name", field_.name) +
                         attribute("value", field_.value) + ">");
    }
    return Value::safe(input());
  }

 private:
  static Value shown(const std::string& text) { return Value::borrowed(text); }

  std::string attributes() const {
    std::string out = attribute("name", field_.name) + attribute("id", field_.id);
    if (!field_.autocomplete.empty()) out += attribute("autocomplete", field_.autocomplete);
    if (field_.required) out += " required";
    if (field_.invalid) out += " aria-invalid=\"true\"";
    std::string describedby = field_.invalid ? field_.error_id : std::string();
    if (!help_id_.empty()) describedby += (describedby.empty() ? "" : " ") + help_id_;
    if (!describedby.empty()) out += attribute("aria-describedby", describedby);
    return out;
  }

  std::string input() const {
    const bool is_number = field_.kind == "integer" || field_.kind == "decimal";
    std::string out = "<input class=\"form-control\"" + attribute("type", is_number ? "text" : field_.kind);
    if (is_number) out += attribute("inputmode", field_.kind == "integer" ? "numeric" : "decimal");
    out += attribute("value", field_.value);
    if (field_.max_length > 0) out += attribute("maxlength", std::to_string(field_.max_length));
    return out + attributes() + ">";
  }

  std::string select() const {
    std::string out = "<select class=\"form-select\"";
    if (field_.kind == "choices") out += " multiple";
    out += attributes() + ">";
    for (const web::FieldView::Option& option : field_.options) {
      out += "<option" + attribute("value", option.value) + (option.selected ? " selected>" : ">") +
             html_escape(option.label) + "</option>";
    }
    if (field_.more_options) {
      const std::string& more = *field_.more_options;
      const std::size_t chosen =
          field_.value.empty() ? std::string::npos : more.find(attribute("value", field_.value));
      const std::size_t at = chosen == std::string::npos ? more.size() : more.find('>', chosen);
      out.append(more, 0, at);
      if (at < more.size()) out.append(" selected").append(more, at);
    }
    return out + "</select>";
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
