#include "mail/renderer.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "documents/calendar.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/invoicing/files.hpp"
#include "mail/filling.hpp"
#include "mail/invoice_pdf.hpp"
#include "mail/text_language.hpp"
#include "mail/variables.hpp"
#include "mail/wording.hpp"
#include "templating/context.hpp"

namespace plenary::mail {
namespace {

using templating::Value;

net::Attachment calendar_of(const Content& content, const config::Settings& settings,
                            const std::string& url) {
  const conference::Conference& c = content.catalogue->conference;
  documents::CalendarEvent event;
  event.uid = "conference-" + c.slug + "@" + host_of(settings.server.base_url());
  event.summary = c.name;
  event.location = c.venue;
  if (!c.address.empty()) event.location += (event.location.empty() ? "" : ", ") + c.address;
  event.url = url;
  event.first_day = c.start_date;
  event.last_day = c.end_date;
  event.stamp = content.order->paid_at.value_or(content.now);  // the same at each attempt
  return {c.slug + ".ics", "text/calendar; charset=utf-8", documents::calendar_file(event)};
}

// What was issued for the order, or is due to be. The confirmation goes without it where none can be made
// now.
void attach_invoices(db::Database& database, const Content& content, Letter& letter) {
  if (!content.catalogue->conference.seller_id || content.order->total <= 0) return;
  try {
    invoicing::settle_due(database, content.order->id);
    auto read = [&](db::Tx& tx) { return invoicing::documents_of(tx, content.order->id); };
    for (const invoicing::Document& document : database.read_now(read))
      letter.mail.attachments.push_back({invoice_file_name(document), "application/pdf",
                                         invoicing::keep_file(database, document, invoice_pdf)});
  } catch (const std::exception&) {
    letter.mail.attachments.resize(1);  // the calendar file
  }
}

// All variables of the shipped templates.
void prepare(const RendererParts& parts, const Content& content, bool is_html, templating::Context& context) {
  context.autoescape = is_html;
  context.locale = content.language;
  context.now = content.now;
  if (content.catalogue) context.time_zone = content.catalogue->zone;
  context.default_time_zone = context.time_zone;
  Filling(parts, content, context).fill();
}

std::string file_of(std::string_view name) {
  return fmt::format("django_program/mail/{}", name);
}

}  // namespace

std::string Renderer::message_id(std::string_view key) const {
  const std::string mac = parts_.link_key.mac(fmt::format("message-id.{}", key));
  return token_hash(mac).substr(0, 32) + "@" + host_of(parts_.settings.server.base_url());
}

std::optional<Letter> Renderer::render(const jobs::Delivery& delivery) const {
  auto load = [&](db::Tx& tx) { return load_content(tx, delivery, parts_.catalogues); };
  const std::optional<Content> content = parts_.db.read_now(load);
  if (!content) return std::nullopt;
  Letter letter = render(*content, delivery.key);
  if (content->message->name == "order_confirmation" && !content->is_test)
    attach_invoices(parts_.db, *content, letter);
  return letter;
}

Letter Renderer::begin(const Content& content, std::string_view key) const {
  Letter letter;
  letter.message = content.message->name;
  // That somebody has an account, or forgot their password, is nobody's business but theirs.
  const std::string_view name = content.message->name;
  const bool is_private =
      name == "verify_address" || name == "reset_password" || name == "already_registered";
  if (!is_private) letter.conference_id = content.conference_id;
  letter.user_id = content.user_id;
  if (content.order && !content.is_test) letter.order_id = content.order->id;
  if (content.seat && !content.is_test) letter.seat_id = content.seat->seat.id;

  net::MailMessage& mail = letter.mail;
  set_sender(mail, parts_.settings.mail, content.sender,
             content.catalogue ? std::string_view(content.catalogue->conference.name) : std::string_view());
  mail.to = {content.to.email, shown_name(content.to.name)};
  mail.message_id = message_id(key);
  mail.date = content.now;
  mail.language = content.language;
  templating::Context context;
  const Filling filling(parts_, content, context);
  mail.unsubscribe_url = filling.unsubscribe_url();
  if (content.message->name == "order_confirmation")
    mail.attachments.push_back(calendar_of(
        content, parts_.settings, filling.page("site:conference", {content.catalogue->conference.slug})));
  return letter;
}

void Renderer::render_shipped(const Content& content, net::MailMessage& mail) const {
  const std::string file = file_of(content.message->name);
  const auto part = [&](std::string_view ending, bool is_html) {
    templating::Context context;
    prepare(parts_, content, is_html, context);
    return parts_.engine.render(file + std::string(ending), context);
  };
  mail.subject = one_line(part("_subject.txt", false));
  mail.text = tidy(part(".txt", false));
  mail.html = tidy(part(".html", true));
}

void Renderer::render_text_of(const Content& content, const TextSource& text, std::string_view key,
                              net::MailMessage& mail) const {
  templating::Context filled;
  prepare(parts_, content, false, filled);
  TextBlocks blocks;
  blocks.mark = token_hash(message_id(fmt::format("{}.blocks", key))).substr(0, 24);
  blocks.part = [&](std::string_view name, bool is_html) {
    if ((name == "transfer" && !content.transfer) || (name == "order_lines" && !content.order))
      return std::string();
    templating::Context context;
    prepare(parts_, content, is_html, context);
    return parts_.engine.render(file_of(fmt::format("{}.{}", name, is_html ? "html" : "txt")), context);
  };
  blocks.button = [&](const std::string& url, const std::string& label) {
    templating::Context context;
    prepare(parts_, content, true, context);
    context.set("url", Value(url));
    context.set("label", Value(label));
    return parts_.engine.render(file_of("button.html"), context);
  };
  const RenderedText rendered = render_text(*content.message, text, filled, blocks);
  const auto framed = [&](bool is_html, const std::string& inner) {
    templating::Context context;
    prepare(parts_, content, is_html, context);
    context.set("about", Value(content.message->about == Subject::seat         ? "seat"
                               : content.message->about == Subject::waiting    ? "waiting"
                               : content.message->about == Subject::credit     ? "credit"
                               : content.message->about == Subject::staff      ? "staff"
                               : content.message->about == Subject::invitation ? "invitation"
                               : content.message->about == Subject::link       ? "link"
                               : content.message->about == Subject::account    ? "link"
                                                                               : "order"));
    context.set("written", Value::safe(inner));
    return tidy(parts_.engine.render(file_of(is_html ? "edited.html" : "edited.txt"), context));
  };
  mail.subject = rendered.subject;
  mail.text = framed(false, rendered.text);
  mail.html = framed(true, rendered.html);
}

Letter Renderer::render_with(const Content& content, const TextSource& text, std::string_view key) const {
  Letter letter = begin(content, key);
  render_text_of(content, text, key, letter.mail);
  if (content.is_test) letter.mail.subject = "[Test] " + letter.mail.subject;
  return letter;
}

Letter Renderer::render(const Content& content, std::string_view key) const {
  // What was written to buyers has no other text that could go out.
  if (content.text && content.message->name == note_message)
    return render_with(content, content.text->source(), key);
  if (content.text && is_editable(*content.message)) {
    std::string problem;
    try {
      return render_with(content, content.text->source(), key);
    } catch (const TextError& error) {
      const TextProblem found = problem_of(error.part(), error);
      problem = fmt::format("{}, line {}, column {}: {}", found.part, found.line, found.column, found.what);
    } catch (const templating::TemplateError& error) {
      problem = error.what();
    }
    Letter letter = begin(content, key);
    render_shipped(content, letter.mail);
    if (content.text->id != 0) letter.broken_text_id = content.text->id;
    letter.text_problem = std::move(problem);
    return letter;
  }
  Letter letter = begin(content, key);
  render_shipped(content, letter.mail);
  return letter;
}

}  // namespace plenary::mail
