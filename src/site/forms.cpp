#include "site/forms.hpp"

#include <utility>

#include <fmt/format.h>

#include "site/text.hpp"
#include "site/values.hpp"

namespace plenary::site {

std::vector<web::FieldView> translated_views(const web::Request& request, const web::Form& form) {
  std::vector<web::FieldView> views = form.views();
  for (web::FieldView& view : views) {
    view.label = tr(request, view.label);
    view.help = tr(request, view.help);
    for (web::FieldView::Option& option : view.options) option.label = tr(request, option.label);
    view.errors.clear();
    for (const web::FieldError& error : form.errors(view.name)) {
      view.errors.push_back(tr(request, error.text, error.arguments));
    }
  }
  return views;
}

templating::Value form_value(const web::Request& request, const web::Form& form) {
  return form_value(translated_views(request, form));
}

std::vector<Fault> faults_of(const web::Request& request, const web::Form& form) {
  std::vector<Fault> faults;
  if (form.valid()) return faults;
  for (const web::FieldError& error : form.form_errors()) {
    faults.push_back({"", tr(request, error.text, error.arguments)});
  }
  for (const web::FieldView& view : form.views()) {
    const std::string label = tr(request, view.label);
    for (const web::FieldError& error : form.errors(view.name)) {
      faults.push_back({view.name, field_fault(request, label, tr(request, error.text, error.arguments))});
    }
  }
  return faults;
}

std::string field_fault(const web::Request& request, std::string_view label, std::string_view fault) {
  // A question has its mark already.
  if (label.ends_with('?') || label.ends_with(':') || label.ends_with('.') || label.ends_with('!'))
    return fmt::format("{} {}", label, fault);
  return tr(request, "{label}: {fault}", {{"label", std::string(label)}, {"fault", std::string(fault)}});
}

}  // namespace plenary::site
