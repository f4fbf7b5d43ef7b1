#include "site/mailbox.hpp"

#include "mail/mailbox.hpp"
#include "site/page.hpp"
#include "templating/fields.hpp"
#include "web/routes.hpp"

namespace plenary::site {
namespace {

using mail::ListedMail;
using templating::Value;

constexpr std::size_t most_listed = 100;

constexpr templating::Field<ListedMail> listed_fields[] = {
    {"id", [](const ListedMail& m) { return Value::borrowed(m.id); }},
    {"to", [](const ListedMail& m) { return Value::borrowed(m.to); }},
    {"subject", [](const ListedMail& m) { return Value::borrowed(m.subject); }},
    {"written_at", [](const ListedMail& m) { return Value(m.written_at); }},
};

bool is_this_machine(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

// Mail of strangers lies here: whoever may not see it learns nothing of the page either.
void allow_only_here(const Site& site, const web::Request& request) {
  if (!site.is_development() || !is_this_machine(request.client_address())) {
    throw NotFound("the mailbox is for development, and for this machine");
  }
}

mail::ShownMail mail_of(const Site& site, const web::Request& request) {
  allow_only_here(site, request);
  auto found = mail::read_mail(site.settings.mail.folder, request.param("id"));
  if (!found) throw NotFound("no such mail");
  return std::move(*found);
}

}  // namespace

Task<web::Response> show_mailbox(Site& site, web::Request& request) {
  allow_only_here(site, request);
  const std::vector<ListedMail> mails = mail::list_mails(site.settings.mail.folder, most_listed);
  const std::string folder = site.settings.mail.folder.string();
  Page page(site, request, "django_program/mailbox/list.html");
  page.set("mails", view_each(mails, listed_fields));
  page.set("folder", Value::borrowed(folder));
  page.set("goes_out", Value(site.settings.mail.smtp_url.has_value()));
  web::Response response = page.html();
  response.personal();
  co_return response;
}

Task<web::Response> show_mail(Site& site, web::Request& request) {
  const mail::ShownMail mail = mail_of(site, request);
  std::vector<Value> headers, files;
  for (const auto& [name, value] : mail.headers) {
    headers.push_back(Value::dict({{"name", Value::borrowed(name)}, {"value", Value::borrowed(value)}}));
  }
  for (std::size_t i = 0; i < mail.attachments.size(); ++i) {
    const auto& file = mail.attachments[i];
    files.push_back(
        Value::dict({{"name", Value::borrowed(file.filename)},
                     {"size", Value(file.bytes.size())},
                     {"url", Value(site.router->url("site:mailbox-file", {mail.id, std::to_string(i)}))}}));
  }
  Page page(site, request, "django_program/mailbox/mail.html");
  page.set("subject", Value::borrowed(mail.subject));
  page.set("text", Value::borrowed(mail.text));
  page.set("headers", Value::list(std::move(headers)));
  page.set("files", Value::list(std::move(files)));
  page.set("html_url",
           Value(mail.html.empty() ? std::string() : site.router->url("site:mailbox-html", {mail.id})));
  web::Response response = page.html();
  response.personal();
  response.allow("frame-src", "'self'");
  co_return response;
}

Task<web::Response> show_mail_html(Site& site, web::Request& request) {
  mail::ShownMail mail = mail_of(site, request);
  web::Response response = web::Response::html(std::move(mail.html));
  response.personal();
  // The mail's own inline styles and nothing else; no scripts, no forms, no requests.
  response.set(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
      "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox");
  response.set("X-Frame-Options", "SAMEORIGIN");
  co_return response;
}

Task<web::Response> download_attachment(Site& site, web::Request& request) {
  mail::ShownMail mail = mail_of(site, request);
  const auto index = static_cast<std::size_t>(request.param_int("index"));
  if (index >= mail.attachments.size()) throw NotFound("no such attachment");
  auto& file = mail.attachments[index];
  web::Response response =
      web::Response::attachment(std::move(file.bytes), "application/octet-stream", file.filename);
  response.personal();
  co_return response;
}

}  // namespace plenary::site
