// Rendering a public page: the variables every page has, the error summary, the flash messages. A Page lives
// for one request on its thread; what its values point at must live until html(). Errors: TemplateError
// passes. source: configuration 10, 3.5 and 10.3; ground rules 15, 1.5 and 4.1.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "site/visit.hpp"
#include "templating/context.hpp"
#include "templating/value.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

// One problem of a form for the summary at its head: a message, and the field it leads to, if any.
struct Fault {
  std::string field;  // name; empty: the form as a whole
  std::string message;
};

class Page {
 public:
  // `file` below the templates: "django_program/registration/cart.html".
  Page(const Site& site, web::Request& request, std::string_view file);

  templating::Context& context() { return context_; }
  const web::Request& request() const { return request_; }
  Page& set(std::string_view name, templating::Value value);
  // "Error:" goes before the title and the summary stands first on the page.
  Page& faults(std::vector<Fault> faults);
  // Consumes the flash messages.
  web::Response html(int status = 200);

 private:
  const Site& site_;
  web::Request& request_;
  std::string file_;
  templating::Context context_;
  std::vector<Fault> faults_;
};

}  // namespace plenary::site
