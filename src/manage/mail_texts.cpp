// The list of a conference's messages with the state of each text in each language, and the routes of the
// pages about mail.
#include <fmt/format.h>

#include "i18n/languages.hpp"
#include "mail/sender.hpp"
#include "mail/texts.hpp"
#include "mail/variables.hpp"
#include "manage/frame.hpp"
#include "manage/mails.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

namespace plenary::manage {
namespace {

using site::tr;
using templating::Value;

const char* state_of(const mail::MailText* text) {
  if (!text) return "shipped";
  return text->problem.empty() ? "edited" : "broken";
}

}  // namespace

Task<web::Response> show_mail_texts(Site& site, web::Request& request) {
  const site::Visit& visit = request.context<site::Visit>();
  const std::int64_t id = visit.conference->id;
  auto read = [&](db::Tx& tx) { return std::pair(mail::texts_of(tx, id), mail::find_sender(tx, id)); };
  const auto [texts, sender] = co_await site.db.read(read);
  std::vector<Value> rows;
  std::int64_t broken = 0;
  for (const mail::Message* message : mail::editable_messages()) {
    std::vector<Value> languages;
    for (const i18n::Language& language : i18n::languages().all()) {
      if (language.is_pseudo) continue;
      const mail::MailText* found = nullptr;
      for (const mail::MailText& text : texts)
        if (text.message == message->name && text.language == language.code) found = &text;
      if (found && !found->problem.empty()) ++broken;
      const std::string url =
          site::url(site, visit, "manage:mail-edit", message->name) + "?language=" + language.code;
      languages.push_back(Value::dict({{"name", Value(language.name)},
                                       {"code", Value(language.code)},
                                       {"state", Value(state_of(found))},
                                       {"url", Value(url)}}));
    }
    const mail::MessageTitle title = mail::title_of(*message);
    rows.push_back(Value::dict({{"title", Value(tr(request, title.title))},
                                {"when", Value(tr(request, title.when))},
                                {"languages", Value::list(std::move(languages))}}));
  }
  net::MailMessage from;
  mail::set_sender(from, site.settings.mail, sender, visit.catalogue->conference.name);
  site::Page page(site, request, "django_program/manage/mails.html");
  frame(page, site, request, tr(request, message("Mail texts")), "mails");
  page.set("mails", Value::list(std::move(rows)))
      .set("broken", Value(broken))
      .set("sender_url", Value(site::url(site, visit, "manage:mail-sender")))
      .set("from_name", Value(from.from.name))
      .set("from_email", Value(from.from.email))
      .set("reply_to", Value(from.reply_to ? from.reply_to->email : std::string()));
  co_return site::personal(page.html(), "");
}

void add_mail_pages(site::PageTable& table) {
  using web::Method;
  const std::string here = "/manage/{conference}/mails/", one = here + "{message:slug}/";
  const web::Guard may = web::permission("manage_conference_settings") & web::features({"manage_ui"});
  constexpr web::Methods form = Method::get | Method::post;
  table.add("manage:mail-list", here, Method::get, may, show_mail_texts, load_frame);
  table.add("manage:mail-sender", here + "sender/", form, may, edit_mail_sender, load_frame).restores = true;
  table.add("manage:mail-edit", one, form, may, edit_mail_text, load_frame).restores = true;
  table.add("manage:mail-default", one + "default/", Method::post, may, drop_mail_text);
}

}  // namespace plenary::manage
