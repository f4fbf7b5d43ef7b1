// Reminding the buyers of tickets that nobody is named for: who it is, what the mail says, and one button.
// source: registration 20, D33; docs/seats.md.
#include <utility>

#include "domain/registration/seat_reminders.hpp"
#include "i18n/formats.hpp"
#include "manage/attendees.hpp"
#include "manage/order_work.hpp"
#include "site/pages.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"

namespace plenary::manage {
namespace {

using registration::SeatReminders;
using site::tr;
using templating::Value;

web::Response render(Site& site, web::Request& request, const SeatReminders& found,
                     const std::optional<Refused>& refused) {
  const Visit& visit = request.context<Visit>();
  const std::string list = site::url(site, visit, "manage:attendee-list");
  const std::string_view language = site::language_of(request);
  site::Page page(site, request, "django_program/manage/attendee_remind.html");
  frame(page, site, request, tr(request, message("Remind buyers")), "attendees",
        {{tr(request, message("Attendees")), list}});
  std::string names;
  for (const std::string& one : found.references) names += (names.empty() ? "" : ", ") + one;
  if (found.orders > static_cast<std::int64_t>(found.references.size())) names += " …";
  page.set("count", Value(found.orders))
      .set("shown_count", Value(i18n::number(language, found.orders)))
      .set("seats", Value(found.seats))
      .set("names", Value(names))
      .set("reminded", Value(found.reminded))
      .set("without_address", Value(found.without_address))
      .set("pause", Value(registration::reminder_pause.micros / Duration::days(1).micros))
      .set("is_over", Value(found.is_over))
      .set("action", Value(std::string(request.path())))
      .set("list_url", Value(list + "?filter=unnamed"))
      .set("submission", Value(site::new_submission(request)));
  if (may(visit.rights, "manage_conference_settings", visit.conference->id))
    page.set("text_url", Value(site::url(site, visit, "manage:mail-edit", "names_missing") +
                               "?language=" + std::string(language)));
  if (refused) page.faults({{refused->field(), tr(request, *refused)}});
  return site::personal(page.html(refused ? 409 : 200), refused ? refused->code() : "");
}

}  // namespace

Task<web::Response> remind_buyers(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const registration::Catalogue& catalogue = *visit.catalogue;
  auto look = [&](db::Tx& tx) { return registration::seat_reminders(tx, catalogue); };
  std::optional<Refused> refused;
  if (!web::is_safe(request.method())) {
    const std::optional<site::Submission> submission = site::Submission::of(request, site.link_key);
    const conference::Actor actor = actor_of(request);
    registration::RemindersAsked asked;
    if (!submission) {
      refused.emplace("form", message("This form is incomplete. Please look at it again."));
    } else {
      const std::string token = submission->hash();
      auto ask = [&](db::Tx& tx) { return registration::ask_seat_reminders(tx, actor, catalogue, token); };
      try {
        asked = co_await site.db.write(catalogue.conference.id, "remind buyers", ask);
      } catch (const Refused& reason) {
        refused = reason;
      }
    }
    if (!refused)
      co_return back_to(request, site::url(site, visit, "manage:attendee-list") + "?filter=unnamed",
                        asked.is_repeat ? "again" : "sent", "success",
                        site::tr_n(request, "The reminder to {n} buyer is on its way.",
                                   "The reminders to {n} buyers are on their way.", asked.orders));
  }
  const SeatReminders found = co_await site.db.read(look);
  co_return render(site, request, found, refused);
}

}  // namespace plenary::manage
