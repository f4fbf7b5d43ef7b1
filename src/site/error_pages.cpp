#include "site/error_pages.hpp"

#include <fmt/format.h>

#include "site/page.hpp"
#include "site/text.hpp"

namespace plenary::site {

using templating::Value;

Task<std::optional<web::Response>> SiteErrorPages::render(web::Request& request,
                                                          const web::ErrorInfo& error) {
  if (request.wants_json()) co_return std::nullopt;
  std::string file = fmt::format("{}.html", error.status);
  const bool is_unknown = error.code == outcome_unknown;
  if (is_unknown) file = "outcome_unknown.html";
  if (!site_.engine.exists(file)) file = "error.html";
  Page page(site_, request, file);
  page.set("status", error.status);
  const std::string title =
      is_unknown ? tr(request, message("It may have worked")) : tr(request, error.title);
  const std::string text = error.refused ? tr(request, *error.refused) : tr(request, error.message);
  page.set("error_title", Value::borrowed(title));
  page.set("error_message", Value::borrowed(text));
  page.set("request_id", Value::borrowed(error.request_id));
  web::Response response = page.html(error.status);
  response.no_store();
  if (error.refused) response.set("Plenary-Outcome", error.refused->code());
  co_return response;
}

}  // namespace plenary::site
