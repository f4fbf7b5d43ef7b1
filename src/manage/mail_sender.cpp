// As whom a conference writes: name, address, where answers go.
#include <map>
#include <utility>

#include "base/errors.hpp"
#include "mail/sender.hpp"
#include "manage/frame.hpp"
#include "manage/mails.hpp"
#include "site/forms.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::manage {
namespace {

using site::tr;
using templating::Value;

const web::FormSpec& spec() {
  static const web::FormSpec spec({
      {.name = "name",
       .label = message("Name"),
       .required = false,
       .max_length = 100,
       .help = message("How the sender is called. Empty: the name of the conference."),
       .autocomplete = "off"},
      {.name = "email",
       .label = message("Address"),
       .kind = web::FieldKind::email,
       .required = false,
       .help = message("Empty: the address of this server."),
       .autocomplete = "off"},
      {.name = "reply_to",
       .label = message("Answers go to"),
       .kind = web::FieldKind::email,
       .required = false,
       .help = message("An address that people read."),
       .autocomplete = "off"},
      {.name = "version", .label = "version", .kind = web::FieldKind::hidden, .required = false},
  });
  return spec;
}

web::Response render(Site& site, web::Request& request, const web::Form& form, int status,
                     std::string_view outcome) {
  const site::Visit& visit = request.context<site::Visit>();
  site::Page page(site, request, "django_program/manage/mail_sender.html");
  frame(page, site, request, tr(request, message("Sender of mails")), "mails",
        {{tr(request, message("Mail texts")), site::url(site, visit, "manage:mail-list")}});
  const auto own = net::Address::parse(site.settings.mail.from);
  std::vector<Value> domains;
  for (const std::string& domain : site.settings.mail.sender_domains) domains.emplace_back(domain);
  page.set("form", site::form_value(request, form))
      .set("sender_url", Value(site::url(site, visit, "manage:mail-sender")))
      .set("server_address", Value(own ? own->email : std::string()))
      .set("domains", Value::list(std::move(domains)))
      .set("list_url", Value(site::url(site, visit, "manage:mail-list")));
  page.faults(site::faults_of(request, form));
  return site::personal(page.html(status), outcome);
}

}  // namespace

Task<web::Response> edit_mail_sender(Site& site, web::Request& request) {
  const site::Visit& visit = request.context<site::Visit>();
  const std::int64_t id = visit.conference->id;
  if (web::is_safe(request.method())) {
    auto read = [&](db::Tx& tx) { return mail::find_sender(tx, id); };
    const std::optional<mail::MailSender> sender = co_await site.db.read(read);
    const mail::MailSender shown = sender.value_or(mail::MailSender{});
    const std::map<std::string, std::string> stored{{"name", shown.name},
                                                    {"email", shown.email},
                                                    {"reply_to", shown.reply_to},
                                                    {"version", std::to_string(sender ? shown.version : 0)}};
    const web::Form form(spec(), stored);
    co_return render(site, request, form, 200, "");
  }
  web::Form form = web::Form::bind(spec(), request.form());
  if (request.form().has(web::restore_field)) co_return render(site, request, form, 200, "restored");
  mail::MailSender wanted;
  wanted.conference_id = id;
  const auto take = [&](const char* field, std::string& into) {
    if (form.errors(field).empty()) into = form.text(field);
  };
  take("name", wanted.name);
  take("email", wanted.email);
  take("reply_to", wanted.reply_to);
  for (const Refused& wrong : mail::check_sender(wanted, site.settings.mail)) form.add_error(wrong);
  const auto version =
      form.errors("version").empty() ? site::whole_number(form.text("version")) : std::nullopt;
  if (!form.valid()) co_return render(site, request, form, 422, "invalid");
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    mail::save_sender(tx, actor, wanted, version.value_or(0), site.settings.mail);
    return true;
  };
  std::optional<Refused> refused;
  try {
    co_await site.db.write(id, "change the sender of mails", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    form.add_error(*refused);
    co_return render(site, request, form, 422, refused->code());
  }
  web::flash(request, "success", tr(request, message("The sender is saved.")));
  co_return site::see_other(site::url(site, visit, "manage:mail-list"), "saved");
}

}  // namespace plenary::manage
