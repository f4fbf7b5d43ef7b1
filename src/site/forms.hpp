// Forms on a page in the language of its request: labels, help, choices and errors are translated as they are
// shown. One thread, one request. source: ground rules 15, 3.2 and 4.1.
#pragma once

#include <string>
#include <vector>

#include "site/page.hpp"
#include "templating/value.hpp"
#include "web/forms.hpp"
#include "web/request.hpp"

namespace plenary::site {

// The variable `form` of a page: its fields by name, each with its errors and what was typed.
templating::Value form_value(const web::Request& request, const web::Form& form);
// The same fields before they become a value, for who changes some.
std::vector<web::FieldView> translated_views(const web::Request& request, const web::Form& form);
// For the error summary: those of the form as a whole first, then "Label: what is wrong" of each field.
std::vector<Fault> faults_of(const web::Request& request, const web::Form& form);

// "E-mail address: Please fill in this field."
std::string field_fault(const web::Request& request, std::string_view label, std::string_view fault);

}  // namespace plenary::site
