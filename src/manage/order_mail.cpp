// Writing to the buyers of several orders at once: those that were chosen in the list, or all that a search
// finds. Who they are stands in the page's address; what is sent is what was shown, or nothing. source: staff
// pages 70, 11.3; payments 21, 11; docs/dashboard.md.
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/pool.hpp"
#include "domain/registration/letters.hpp"
#include "i18n/formats.hpp"
#include "jobs/outbox.hpp"
#include "mail/notes.hpp"
#include "mail/sample.hpp"
#include "mail/shipped_text.hpp"
#include "manage/mail_writing.hpp"
#include "manage/order_asked.hpp"
#include "manage/order_work.hpp"
#include "manage/orders.hpp"
#include "site/forms.hpp"
#include "site/pages.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using registration::FoundOrder;
using site::tr;
using templating::Value;

constexpr std::int64_t per_piece = 1000;
constexpr std::size_t most_chosen = 200, named_orders = 10;

const web::FormSpec& spec() {
  static const web::FormSpec spec(mail_text_fields());
  return spec;
}

// Whom the mail is for.
struct Chosen {
  std::vector<std::int64_t> ids;  // of orders whose buyer has an address
  std::vector<std::string> references;
  std::size_t without_address = 0;
  bool is_all = false, is_too_many = false;
  std::string query;  // of the page's address
};

// Whose billing address is empty, is known by another.
void take(db::Tx& tx, std::int64_t conference_id, Chosen& chosen, const std::vector<FoundOrder>& orders) {
  std::vector<std::int64_t> unknown;
  for (const FoundOrder& order : orders)
    if (order.email.empty()) unknown.push_back(order.id);
  std::set<std::int64_t> nowhere;
  for (const auto& [id, email] : registration::buyer_addresses(tx, conference_id, unknown))
    if (email.empty()) nowhere.insert(id);
  for (const FoundOrder& order : orders) {
    if (nowhere.contains(order.id)) {
      ++chosen.without_address;
      continue;
    }
    chosen.ids.push_back(order.id);
    if (chosen.references.size() < named_orders) chosen.references.push_back(order.reference);
  }
}

// Blocking: on the pool. In pieces, so that no read holds the database for long.
void find_all(Site& site, const Visit& visit, AskedOrders asked, Chosen& chosen) {
  const std::string prefix = site.settings.program.order_reference_prefix;
  asked.after.reset();
  while (chosen.ids.size() <= mail::most_noted_orders) {
    auto look = [&](db::Tx& tx) {
      find_documents(tx, visit, asked);
      auto found =
          registration::search_orders(tx, visit.conference->id, asked.search, prefix, asked.after, per_piece);
      Chosen now = chosen;  // a read may be run again
      take(tx, visit.conference->id, now, found);
      return std::pair(std::move(found), std::move(now));
    };
    auto [piece, now] = site.db.read_now(look);
    chosen = std::move(now);
    if (piece.size() < static_cast<std::size_t>(per_piece)) return;
    asked.after = piece.back().place();
  }
  chosen.is_too_many = true;
}

void find_chosen(db::Tx& tx, const Visit& visit, const std::set<std::int64_t>& wanted, Chosen& chosen) {
  const std::vector<std::int64_t> ids(wanted.begin(), wanted.end());
  take(tx, visit.conference->id, chosen, registration::orders_with(tx, visit.conference->id, ids));
}

Task<Chosen> chosen_of(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  Chosen chosen;
  chosen.is_all = request.query("all") == "1";
  if (chosen.is_all) {
    const AskedOrders asked = asked_orders(request);
    chosen.query = asked.query();
    chosen.query += chosen.query.empty() ? "all=1" : "&all=1";
    Pool* pool = request.services().pool;
    if (!pool) throw std::logic_error("looking for all orders needs the slow pool");
    auto work = [&] { find_all(site, visit, asked, chosen); };
    co_await pool->run(work);
    co_return chosen;
  }
  std::set<std::int64_t> wanted;
  for (const std::string_view typed : request.query_all("order"))
    if (const auto id = site::whole_number(typed); id && wanted.size() < most_chosen) wanted.insert(*id);
  for (const std::int64_t id : wanted)
    chosen.query += fmt::format("{}order={}", chosen.query.empty() ? "" : "&", id);
  auto read = [&](db::Tx& tx) { find_chosen(tx, visit, wanted, chosen); };
  co_await site.db.read(read);
  co_return chosen;
}

// The first of them, as the preview shows it.
mail::Content sample_of(db::Tx& tx, const Visit& visit, const std::string& language, const Chosen& chosen) {
  const mail::Message& about = *mail::find_message(mail::note_message);
  mail::Content content = mail::sample_content(about, language, visit.catalogue, tx.now());
  content.sender = mail::find_sender(tx, visit.conference->id);
  if (!chosen.ids.empty())
    if (const auto order = registration::find_order(tx, chosen.ids.front()))
      mail::use_order(tx, content, *order);
  return content;
}

struct Shown {
  TriedText tried;
  std::string notice;
};

web::Response render(Site& site, web::Request& request, const Chosen& chosen, const web::Form& form,
                     const Shown& shown, int status, std::string_view outcome) {
  const Visit& visit = request.context<Visit>();
  const std::string_view language = site::language_of(request);
  const std::string list = site::url(site, visit, "manage:order-list");
  site::Page page(site, request, "django_program/manage/order_mail.html");
  frame(page, site, request, tr(request, message("Mail to buyers")), "orders",
        {{tr(request, message("Orders")), list}});
  std::string names;
  for (const std::string& one : chosen.references) names += (names.empty() ? "" : ", ") + one;
  if (chosen.ids.size() > chosen.references.size()) names += " …";
  const auto count = static_cast<std::int64_t>(chosen.ids.size());
  page.set("form", site::form_value(request, form))
      .set("form_url", Value(site::url(site, visit, "manage:order-mail") + "?" + chosen.query))
      .set("list_url", Value(list))
      .set("count", Value(count))
      .set("shown_count", Value(i18n::number(language, count)))
      .set("without_address", Value(static_cast<std::int64_t>(chosen.without_address)))
      .set("names", Value(names))
      .set("is_too_many", Value(chosen.is_too_many))
      .set("limit", Value(i18n::number(language, static_cast<std::int64_t>(mail::most_noted_orders))))
      .set("submission", Value(site::new_submission(request)))
      .set("own_email", Value(visit.session ? visit.session->user_email : std::string()))
      .set("notice", Value(shown.notice))
      .set("uses_sample", Value(chosen.ids.empty()));
  set_mail_help(page, request, *mail::find_message(mail::note_message));
  set_mail_preview(page, shown.tried);
  page.faults(site::faults_of(request, form));
  web::Response response = site::personal(page.html(status), outcome);
  admit_mail_preview(response, shown.tried);
  return response;
}

}  // namespace

Task<web::Response> mail_buyers(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  const std::string language(site::language_of(request));
  const bool is_get = web::is_safe(request.method());
  const Chosen chosen = co_await chosen_of(site, request);
  auto look = [&](db::Tx& tx) { return sample_of(tx, visit, language, chosen); };
  const mail::Content about = co_await site.db.read(look);
  Shown shown;
  if (is_get) {
    if (chosen.ids.empty() && chosen.without_address == 0 && !chosen.is_all)
      co_return back_to(request, site::url(site, visit, "manage:order-list"), "none", "info",
                        tr(request, message("Choose the orders first, whose buyers you want to write to.")));
    const mail::TextSource text =
        mail::shipped_text(site.engine, *mail::find_message(mail::note_message), language);
    const std::map<std::string, std::string> values{{"subject", text.subject}, {"body", text.body}};
    const web::Form form(spec(), values);
    shown.tried = try_text(site, about, text);
    co_return render(site, request, chosen, form, shown, 200, "");
  }
  web::Form form = web::Form::bind(spec(), request.form());
  const mail::TextSource text = typed_mail_text(form, false);
  if (request.form().has(web::restore_field))
    co_return render(site, request, chosen, form, shown, 200, "restored");
  const std::string wish(request.form()["do"]);
  if (form.valid()) shown.tried = try_text(site, about, text);
  add_text_problems(form, shown.tried.problems);
  if (!form.valid()) co_return render(site, request, chosen, form, shown, 422, "invalid");
  if (wish == "test") {
    const TestMail test{mail::note_message, language, chosen.ids.empty() ? 0 : chosen.ids.front(), text};
    const bool is_sent = co_await send_test_mail(site, request, test);
    shown.notice = test_mail_notice(request, is_sent);
    co_return render(site, request, chosen, form, shown, 200, is_sent ? "sent_test" : "too_soon");
  }
  if (wish != "send") co_return render(site, request, chosen, form, shown, 200, "preview");

  const std::optional<site::Submission> submission = site::Submission::of(request, site.link_key);
  const auto counted = site::whole_number(request.form()["count"]);
  std::optional<Refused> refused;
  mail::NoteSent sent;
  const conference::Actor actor = actor_of(request);
  mail::Note note;
  note.conference_id = conference;
  note.text = text;
  note.language = language;
  note.orders = chosen.ids;
  if (submission) note.token = submission->hash();
  auto write = [&](db::Tx& tx) { return mail::send_note(tx, actor, note); };
  if (!submission) {
    refused.emplace("form", message("This form is incomplete. Please look at it again."));
  } else if (counted != std::optional(static_cast<std::int64_t>(chosen.ids.size()))) {
    refused.emplace("changed_meanwhile",
                    message("The orders have changed in the meantime: there are {count} now. Please look "
                            "again before you send."),
                    Refused::Arguments{{"count", std::to_string(chosen.ids.size())}});
  } else {
    try {
      sent = co_await site.db.write(conference, "write to buyers", write);
    } catch (const Refused& reason) {
      refused = reason;
    }
  }
  if (refused) {
    form.add_error(*refused);
    co_return render(site, request, chosen, form, shown, 409, refused->code());
  }
  co_return back_to(
      request, site::url(site, visit, "manage:order-list"), sent.is_repeat ? "again" : "sent", "success",
      site::tr_n(request, "The mail to {n} buyer is on its way. It stands in the order's history.",
                 "The mails to {n} buyers are on their way. They stand in the orders' history.",
                 sent.orders));
}

}  // namespace plenary::manage
