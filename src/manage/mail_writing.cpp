#include "manage/mail_writing.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "base/errors.hpp"
#include "jobs/outbox.hpp"
#include "mail/variables.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

namespace plenary::manage {
namespace {

using mail::TextProblem;
using mail::TextSource;
using site::tr;
using templating::Value;

constexpr std::int64_t test_every = 10;  // seconds

mail::Renderer renderer_of(const Site& site) {
  return mail::Renderer(mail::RendererParts{.db = site.db,
                                            .engine = site.engine,
                                            .catalogues = site.shop.catalogues,
                                            .settings = site.settings,
                                            .link_key = site.link_key});
}

Value variables_value(const web::Request& request, const mail::Message& about) {
  std::vector<Value> list;
  for (const mail::Variable& variable : mail::variables_of(about))
    list.push_back(Value::dict({{"name", Value(variable.name)},
                                {"about", Value(tr(request, variable.about))},
                                {"is_list", Value(variable.is_list)}}));
  return Value::list(std::move(list));
}

Value preview_value(const mail::Letter& letter) {
  const net::MailMessage& mail = letter.mail;
  return Value::dict({{"subject", Value(mail.subject)},
                      {"from_name", Value(mail.from.name)},
                      {"from_email", Value(mail.from.email)},
                      {"to", Value(mail.to.email)},
                      {"text", Value(mail.text)},
                      {"html", Value(mail.html)}});
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

TextSource typed_mail_text(const web::Form& form, bool has_html) {
  TextSource text;
  if (form.errors("subject").empty()) text.subject = form.text("subject");
  if (form.errors("body").empty()) text.body = form.text("body");
  if (has_html && form.errors("html").empty()) text.html = form.text("html");
  if (!text.body.empty()) text.body += '\n';
  return text;
}

std::vector<web::Field> mail_text_fields() {
  return {{.name = "subject",
           .label = message("Subject"),
           .max_length = mail::longest_text_subject,
           .autocomplete = "off"},
          {.name = "body",
           .label = message("Text"),
           .kind = web::FieldKind::multiline,
           .max_length = mail::longest_text_body,
           .autocomplete = "off"}};
}

Task<bool> send_test_mail(Site& site, web::Request& request, const TestMail& test) {
  const site::Visit& visit = request.context<site::Visit>();
  const accounts::FoundSession& session = visit.session.value();
  const std::string payload = jobs::payload({{"message", test.message},
                                             {"language", test.language},
                                             {"email", session.user_email},
                                             {"name", session.user_name},
                                             {"order", test.order_id},
                                             {"subject", test.text.subject},
                                             {"body", test.text.body},
                                             {"html", test.text.html}});
  const std::int64_t conference = visit.conference->id, user = session.user_id.value_or(0);
  auto enqueue = [&](db::Tx& tx) {
    const std::string key =
        fmt::format("mail_text_test-{}-{}", user, tx.now().micros / Duration::seconds(test_every).micros);
    return jobs::enqueue(tx, "mail", conference, payload, key);
  };
  co_return co_await site.db.write(conference, "send a test mail", enqueue);
}

std::string test_mail_notice(const web::Request& request, bool is_sent) {
  if (!is_sent) return tr(request, message("A test mail went out a moment ago. Please wait a little."));
  return tr(request, message("A test mail is on its way to {email}."),
            {{"email", request.context<site::Visit>().session->user_email}});
}

TriedText try_text(const Site& site, const mail::Content& about, const TextSource& text) {
  TriedText tried;
  tried.problems = mail::check_text(*about.message, text);
  if (!tried.problems.empty()) return tried;
  try {
    tried.preview = renderer_of(site).render_with(about, text, "preview-" + random_token(Random::system()));
  } catch (const mail::TextError& error) {
    tried.problems.push_back(mail::problem_of(error.part(), error));
  }
  return tried;
}

void add_text_problems(web::Form& form, const std::vector<TextProblem>& problems) {
  for (const TextProblem& problem : problems) {
    if (problem.line == 0) {
      form.add_error(problem.part, "text", "{what}", {{"what", problem.what}});
      continue;
    }
    form.add_error(problem.part, "text", message("Line {line}, column {column}: {what}"),
                   {{"line", std::to_string(problem.line)},
                    {"column", std::to_string(problem.column)},
                    {"what", problem.what}});
  }
}

void set_mail_help(site::Page& page, const web::Request& request, const mail::Message& about) {
  page.set("variables", variables_value(request, about))
      .set("tags", Value(joined(mail::text_tags())))
      .set("filters", Value(joined(mail::text_filters())));
}

void set_mail_preview(site::Page& page, const TriedText& tried) {
  if (tried.preview) page.set("preview", preview_value(*tried.preview));
}

void admit_mail_preview(web::Response& response, const TriedText& tried) {
  if (tried.preview) response.allow("style-src-attr", "'unsafe-inline'");
}

}  // namespace plenary::manage
