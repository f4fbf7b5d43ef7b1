#include "site/information.hpp"

#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "site/page.hpp"
#include "site/text.hpp"
#include "web/services.hpp"

namespace plenary::site {
namespace {

using conference::LegalText;
using templating::Value;

// Titles of conference/legal.hpp, where translations find them.
[[maybe_unused]] constexpr const char* titles[] = {
    message("Contact"), message("Imprint"),         message("Terms and conditions"),
    message("Privacy"), message("Code of conduct"), message("Refund policy"),
};

// Of the accessibility statement: the day its tests were last looked through by a person.
const Date statement_date = Date::parse("2026-11-25").value();

const std::string& text_of(const Visit& visit, const LegalText& text) {
  return visit.catalogue->conference.*text.text;
}

}  // namespace

Value legal_link(const Site& site, const web::Request& request, const Visit& visit, const LegalText& text) {
  const std::string& content = text_of(visit, text);
  const bool is_mail = text.slug == "contact" && is_email(content);
  const bool is_external = conference::is_address(content);
  std::string url;
  if (is_external) {
    url = content;
  } else if (is_mail) {
    url = "mailto:" + content;
  } else {
    url = site.router->url("site:legal", {visit.conference->slug, text.slug});
  }
  return Value::dict({{"slug", Value::borrowed(text.slug)},
                      {"label", Value(tr(request, text.title))},
                      {"url", Value(std::move(url))},
                      {"is_external", is_external},
                      {"is_mail", is_mail}});
}

void set_legal_links(templating::Context& context, const Site& site, const web::Request& request,
                     const Visit& visit) {
  std::vector<Value> links;
  for (const LegalText& text : conference::legal_texts) {
    if (text_of(visit, text).empty()) continue;
    Value link = legal_link(site, request, visit, text);
    if (text.slug == "contact") {
      context.set("contact", std::move(link));
    } else {
      links.push_back(std::move(link));
    }
  }
  if (!links.empty()) context.set("legal_links", Value::list(std::move(links)));
}

Task<web::Response> show_legal_text(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const LegalText* text = conference::legal_text(request.param("kind"));
  // A text that stands elsewhere has no page here: the links go there.
  if (!text || text_of(visit, *text).empty() || conference::is_address(text_of(visit, *text)))
    throw NotFound("the conference has no such text");
  Page page(site, request, "django_program/information/legal.html");
  page.set("legal_title", Value(tr(request, text->title)));
  page.set("legal_text", Value::borrowed(text_of(visit, *text)));
  co_return page.html();
}

Task<web::Response> show_accessibility(Site& site, web::Request& request) {
  Page page(site, request, "django_program/information/accessibility.html");
  page.set("statement_date", statement_date);
  co_return page.html();
}

Task<web::Response> show_robots(Site&, web::Request&) {
  web::Response response = web::Response::text(
      "User-agent: *\n"
      "Disallow: /accounts/\n"
      "Disallow: /admin/\n"
      "Disallow: /manage/\n"
      "Disallow: /api/\n"
      "Disallow: /*/register/cart/\n"
      "Disallow: /*/register/checkout/\n"
      "Disallow: /*/register/orders/\n"
      "Disallow: /*/register/seats/\n");
  response.set("Cache-Control", "public, max-age=3600");
  co_return response;
}

// Pages name their icon; this is for whoever asks for the file of old.
Task<web::Response> show_favicon(Site&, web::Request& request) {
  const web::StaticFiles* files = request.services().static_files;
  if (!files) throw NotFound("this server has no static files");
  web::Response response = web::Response::redirect(files->url("img/icon.svg"), 302);
  response.set("Cache-Control", "public, max-age=3600");
  co_return response;
}

}  // namespace plenary::site
