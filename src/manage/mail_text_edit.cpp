// The editor of one message's text in one language, with its preview, its test mail and what differs from the
// shipped text.
#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "base/errors.hpp"
#include "domain/registration/listing.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/vouchers.hpp"
#include "i18n/formats.hpp"
#include "i18n/languages.hpp"
#include "jobs/outbox.hpp"
#include "mail/renderer.hpp"
#include "mail/sample.hpp"
#include "mail/shipped_text.hpp"
#include "mail/text_diff.hpp"
#include "mail/text_language.hpp"
#include "mail/variables.hpp"
#include "manage/frame.hpp"
#include "manage/mail_writing.hpp"
#include "manage/mails.hpp"
#include "site/forms.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::manage {
namespace {

using mail::TextSource;
using site::tr;
using templating::Value;

const web::FormSpec& spec() {
  static const web::FormSpec spec([] {
    std::vector<web::Field> fields = mail_text_fields();
    fields.push_back(
        {.name = "html",
         .label = message("HTML"),
         .kind = web::FieldKind::multiline,
         .required = false,
         .max_length = mail::longest_text_html,
         .help = message("Only if you want to lay the mail out yourself. Empty: made of the text, "
                         "with buttons and tables where it has them."),
         .autocomplete = "off"});
    fields.push_back({.name = "order",
                      .label = message("Preview with this order"),
                      .required = false,
                      .max_length = 20,
                      .help = message("Its number. Empty: with made-up data."),
                      .autocomplete = "off"});
    fields.push_back(
        {.name = "version", .label = "version", .kind = web::FieldKind::hidden, .required = false});
    return fields;
  }());
  return spec;
}

// The message and the language of the address.
struct Edited {
  const mail::Message* message = nullptr;
  const i18n::Language* language = nullptr;
  std::string url;  // of the editor, with the language
};

Edited edited_of(const Site& site, const web::Request& request) {
  const site::Visit& visit = request.context<site::Visit>();
  Edited edited;
  edited.message = mail::find_message(request.param("message"));
  if (!edited.message || !mail::is_editable(*edited.message)) throw NotFound("there is no such message");
  const std::string asked(request.query("language").value_or(site::language_of(request)));
  edited.language = i18n::languages().find(asked);
  if (!edited.language || edited.language->is_pseudo) throw NotFound("there are no mails in this language");
  edited.url =
      site::url(site, visit, "manage:mail-edit", edited.message->name) + "?language=" + edited.language->code;
  return edited;
}

struct Stored {
  std::optional<mail::MailText> text;
  std::optional<mail::MailSender> sender;
  std::optional<registration::Order> order;  // that the preview is about
  mail::Content content;                     // likewise
  std::string author;                        // of the stored text
  bool has_no_order = false;                 // one was asked for that is not here
};

bool may_see_orders(const site::Visit& visit) {
  const std::int64_t id = visit.conference->id;
  return visit.rights.full_access(id) || visit.rights.may("view_registration", id);
}

Stored read_stored(db::Tx& tx, const site::Visit& visit, const Edited& edited, const std::string& reference) {
  const std::int64_t id = visit.conference->id;
  Stored stored;
  stored.text = mail::find_text(tx, id, edited.message->name, edited.language->code);
  stored.sender = mail::find_sender(tx, id);
  if (stored.text && stored.text->updated_by) {
    const auto author = tx.maybe<std::string>(
        "SELECT CASE WHEN name <> '' THEN name ELSE email END FROM user_account WHERE id = $1",
        *stored.text->updated_by);
    if (author) stored.author = *author;
  }
  stored.content = mail::sample_content(*edited.message, edited.language->code, visit.catalogue, tx.now());
  stored.content.sender = stored.sender;
  if (!reference.empty()) {
    const auto row = registration::find_order_row(tx, id, reference);
    if (row) stored.order = registration::find_order(tx, row->id);
    stored.has_no_order = !stored.order;
    if (stored.order) mail::use_order(tx, stored.content, *stored.order);
  }
  return stored;
}

// What the page shows beside its form.
struct Shown {
  TextSource shipped;
  std::string shipped_problem;  // why there is none
  TriedText tried;              // what was typed
  std::string notice;           // of a test mail
};

void read_shipped(const Site& site, const Edited& edited, Shown& shown) {
  try {
    shown.shipped = mail::shipped_text(site.engine, *edited.message, edited.language->code);
  } catch (const templating::TemplateError& error) {
    shown.shipped_problem = error.what();
  }
}

Value diff_value(const TextSource& shipped, const TextSource& text) {
  std::vector<Value> lines;
  const auto add = [&](std::string_view before, std::string_view after) {
    for (const mail::DiffLine& line : mail::text_diff(before, after)) {
      using Kind = mail::DiffLine::Kind;
      lines.push_back(Value::dict({{"kind", Value(line.kind == Kind::same      ? "same"
                                                  : line.kind == Kind::removed ? "removed"
                                                                               : "added")},
                                   {"text", Value(line.text)}}));
    }
  };
  add(shipped.subject + "\n\n" + shipped.body, text.subject + "\n\n" + text.body);
  return Value::list(std::move(lines));
}

Value languages_value(const Site& site, const web::Request& request, const Edited& edited) {
  const site::Visit& visit = request.context<site::Visit>();
  const std::string base = site::url(site, visit, "manage:mail-edit", edited.message->name);
  std::vector<Value> list;
  for (const i18n::Language& language : i18n::languages().all())
    if (!language.is_pseudo)
      list.push_back(Value::dict({{"name", Value(language.name)},
                                  {"code", Value(language.code)},
                                  {"is_current", Value(language.code == edited.language->code)},
                                  {"url", Value(base + "?language=" + language.code)}}));
  return Value::list(std::move(list));
}

web::Response render(Site& site, web::Request& request, const Edited& edited, const Stored& stored,
                     const web::Form& form, const TextSource& text, const Shown& shown, int status,
                     std::string_view outcome) {
  const site::Visit& visit = request.context<site::Visit>();
  const std::string_view language = site::language_of(request);
  const mail::MessageTitle title = mail::title_of(*edited.message);
  site::Page page(site, request, "django_program/manage/mail_text.html");
  frame(page, site, request, tr(request, title.title), "mails",
        {{tr(request, message("Mail texts")), site::url(site, visit, "manage:mail-list")}});
  page.set("when", Value(tr(request, title.when)))
      .set("languages", languages_value(site, request, edited))
      .set("language_name", Value(edited.language->name))
      .set("language_code", Value(edited.language->code))
      .set("form", site::form_value(request, form))
      .set("edit_url", Value(edited.url))
      .set("may_see_orders", Value(may_see_orders(visit) && edited.message->about != mail::Subject::waiting &&
                                   edited.message->about != mail::Subject::credit))
      .set("own_email", Value(visit.session ? visit.session->user_email : std::string()))
      .set("notice", Value(shown.notice))
      .set("shipped_problem", Value(shown.shipped_problem))
      .set("uses_sample", Value(!stored.order));
  if (stored.text) {
    page.set("is_edited", Value(true))
        .set("version", Value(stored.text->version))
        .set("author", Value(stored.author))
        .set("edited_at", Value(i18n::moment(language, stored.text->updated_at, visit.catalogue->zone)))
        .set("problem", Value(stored.text->problem))
        .set("default_url", Value(site::url(site, visit, "manage:mail-default", edited.message->name) +
                                  "?language=" + edited.language->code));
    if (stored.text->problem_at)
      page.set("problem_at", Value(i18n::moment(language, *stored.text->problem_at, visit.catalogue->zone)));
  }
  if (!(text == shown.shipped) && shown.shipped_problem.empty())
    page.set("difference", diff_value(shown.shipped, text));
  set_mail_help(page, request, *edited.message);
  set_mail_preview(page, shown.tried);
  page.faults(site::faults_of(request, form));
  web::Response response = site::personal(page.html(status), outcome);
  admit_mail_preview(response, shown.tried);
  return response;
}

std::map<std::string, std::string> initial(const Stored& stored, const TextSource& text) {
  return {{"subject", text.subject},
          {"body", text.body},
          {"html", text.html},
          {"version", std::to_string(stored.text ? stored.text->version : 0)}};
}

}  // namespace

Task<web::Response> edit_mail_text(Site& site, web::Request& request) {
  const site::Visit& visit = request.context<site::Visit>();
  const Edited edited = edited_of(site, request);
  const std::int64_t id = visit.conference->id;
  const bool is_get = web::is_safe(request.method());
  web::Form form = is_get ? web::Form(spec()) : web::Form::bind(spec(), request.form());
  std::string reference;
  if (!is_get && may_see_orders(visit) && form.errors("order").empty())
    reference = registration::normal_code(form.text("order"));
  auto read = [&](db::Tx& tx) { return read_stored(tx, visit, edited, reference); };
  const Stored stored = co_await site.db.read(read);
  Shown shown;
  read_shipped(site, edited, shown);
  if (is_get) {
    const TextSource text = stored.text ? stored.text->source() : shown.shipped;
    shown.tried = try_text(site, stored.content, text);
    const std::map<std::string, std::string> values = initial(stored, text);
    web::Form filled(spec(), values);
    if (stored.text) add_text_problems(filled, shown.tried.problems);
    co_return render(site, request, edited, stored, filled, text, shown, 200, "");
  }

  const TextSource text = typed_mail_text(form);
  if (request.form().has(web::restore_field))
    co_return render(site, request, edited, stored, form, text, shown, 200, "restored");
  const std::string wish(request.form()["do"]);
  const auto version =
      form.errors("version").empty() ? site::whole_number(form.text("version")) : std::nullopt;
  if (stored.has_no_order)
    form.add_error("order", "no_such", message("This conference has no order with this number."));
  if (form.valid() || stored.has_no_order) shown.tried = try_text(site, stored.content, text);
  add_text_problems(form, shown.tried.problems);
  if (!form.valid() && !(stored.has_no_order && shown.tried.problems.empty() && wish == "save"))
    co_return render(site, request, edited, stored, form, text, shown, 422, "invalid");
  if (wish == "preview") co_return render(site, request, edited, stored, form, text, shown, 200, "preview");

  if (wish == "test") {
    const TestMail test{edited.message->name, edited.language->code, stored.order ? stored.order->id : 0,
                        text};
    const bool is_sent = co_await send_test_mail(site, request, test);
    shown.notice = test_mail_notice(request, is_sent);
    co_return render(site, request, edited, stored, form, text, shown, 200, is_sent ? "sent" : "too_soon");
  }

  const conference::Actor actor = actor_of(request);
  mail::MailText wanted;
  wanted.conference_id = id;
  wanted.message = edited.message->name;
  wanted.language = edited.language->code;
  wanted.subject = text.subject;
  wanted.body = text.body;
  wanted.html = text.html;
  const bool is_shipped = text == shown.shipped && !stored.text;
  auto write = [&](db::Tx& tx) {
    if (!is_shipped) mail::save_text(tx, actor, wanted, version.value_or(0));
    return true;
  };
  std::optional<Refused> refused;
  try {
    co_await site.db.write(id, "save a mail's text", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    form.add_error(*refused);
    co_return render(site, request, edited, stored, form, text, shown, 409, refused->code());
  }
  web::flash(request, "success",
             is_shipped ? tr(request, message("This is the shipped text: there was nothing to save."))
                        : tr(request, message("The text is saved. Mails say this from now on.")));
  co_return site::see_other(edited.url, is_shipped ? "unchanged" : "saved");
}

Task<web::Response> drop_mail_text(Site& site, web::Request& request) {
  const site::Visit& visit = request.context<site::Visit>();
  const Edited edited = edited_of(site, request);
  const std::int64_t id = visit.conference->id;
  const std::int64_t version = site::whole_number(request.form()["version"]).value_or(0);
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    return mail::drop_text(tx, actor, id, edited.message->name, edited.language->code, version);
  };
  std::optional<Refused> refused;
  bool was_edited = false;
  try {
    was_edited = co_await site.db.write(id, "back to a mail's shipped text", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
    co_return site::see_other(edited.url, refused->code());
  }
  if (was_edited)
    web::flash(request, "success",
               tr(request, message("The shipped text is back. Yours is kept in the record of changes.")));
  co_return site::see_other(edited.url, "default");
}

}  // namespace plenary::manage
