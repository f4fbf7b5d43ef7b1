// A form as the templates see it: groups of fields, each field with its control ready to print, its help, its
// errors, and what others made of it meanwhile; and the summary of all errors. One request, one thread.
// source: ground rules 15, 4.1; configuration 10, 5.
#pragma once

#include <string>
#include <vector>

#include "admin/form.hpp"
#include "site/page.hpp"
#include "templating/value.hpp"

namespace plenary::admin {

templating::Value form_value(const Site& site, const web::Request& request, const FormState& form);
// All errors of the page, in its order.
std::vector<site::Fault> faults_of(const web::Request& request, const FormState& form);
// In the language of the request.
std::string text_of(const web::Request& request, const db::FieldError& error);

// The control alone: an input, a select, a list of checkboxes. controls.cpp
struct ControlPlace {
  std::string name;          // of the input: "section-0-name"
  std::string described_by;  // ids
  const Model* model = nullptr;
  std::optional<std::int64_t> conference;
  const Terms* terms = nullptr;
  bool is_new = false;
  std::string source_id;  // a slug: id of what it is proposed from
};
std::string control_html(const Site& site, const web::Request& request, const FieldState& field,
                         const ControlPlace& place);
std::string control_id(std::string_view name);  // "id_section-0-name"

}  // namespace plenary::admin
