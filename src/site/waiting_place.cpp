// A place in the waiting list: where it stands, what is offered, how to leave.
#include <fmt/format.h>

#include "base/codes.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/registration/links.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "site/waiting.hpp"
#include "web/flash.hpp"
#include "web/sessions.hpp"

namespace plenary::site {
namespace {

using registration::ProductChoice;
using registration::WaitingPlace;
using registration::WaitingStatus;
using templating::Value;

const WaitingPlace& found_place(const web::Request& request) {
  const WaitingPlace* place = request.find_context<WaitingPlace>();
  if (!place) throw NotFound("no such place in the waiting list");
  return *place;
}

Value line_value(const web::Request& request, const registration::Catalogue& catalogue,
                 const ProductChoice& product, std::int64_t quantity) {
  std::string name = registration::name_of(catalogue, product);
  if (name.empty()) name = tr(request, "Something that is no longer sold");
  return Value::dict({{"name", Value(std::move(name))}, {"quantity", Value(quantity)}});
}

// "waiting", "offered", …; an offer whose time is over is told as such before the job has marked it.
std::string_view state_of(const WaitingPlace& place, Instant now) {
  if (place.entry.status == WaitingStatus::offered && !place.entry.has_offer(now)) return "lapsed";
  return registration::to_text(place.entry.status);
}

Value place_value(Site& site, web::Request& request, const WaitingPlace& place) {
  const Visit& visit = request.context<Visit>();
  const registration::Catalogue& catalogue = *visit.catalogue;
  const registration::WaitingEntry& entry = place.entry;
  std::vector<Value> choices, extras, offered;
  for (const WaitingPlace::Choice& choice : place.choices) {
    std::string name = registration::name_of(catalogue, choice.product);
    if (name.empty()) name = tr(request, "Something that is no longer sold");
    choices.push_back(Value::dict({{"name", Value(std::move(name))}, {"position", Value(choice.position)}}));
  }
  if (const ProductChoice* product = place.offered())
    offered.push_back(line_value(request, catalogue, *product, entry.offered_quantity));
  bool lacks_some = entry.offered_quantity < entry.quantity;
  for (const registration::WaitingAddOn& extra : place.extras) {
    const ProductChoice product{registration::ProductKind::addon, extra.addon_id, extra.variation_id};
    extras.push_back(line_value(request, catalogue, product, extra.quantity));
    if (extra.offered_quantity > 0)
      offered.push_back(line_value(request, catalogue, product, extra.offered_quantity));
    lacks_some = lacks_some || extra.offered_quantity < extra.quantity;
  }
  const std::string id = std::to_string(entry.id);
  const std::string_view token = request.param("token");
  return Value::dict({{"state", Value(state_of(place, visit.now))},
                      {"name", Value(entry.name)},
                      {"email", Value(entry.email)},
                      {"quantity", Value(entry.quantity)},
                      {"all_or_nothing", Value(entry.all_or_nothing)},
                      {"choices", Value::list(std::move(choices))},
                      {"extras", Value::list(std::move(extras))},
                      {"offered", Value::list(std::move(offered))},
                      {"lacks_some", Value(lacks_some)},
                      {"until", entry.offer_expires_at ? Value(*entry.offer_expires_at) : Value()},
                      {"order_reference", Value(place.order_reference)},
                      {"url", Value(url(site, visit, "registration:waiting-place", id, token))},
                      {"leave_url", Value(url(site, visit, "registration:waiting-leave", id, token))}});
}

web::Response place_page(Site& site, web::Request& request, const WaitingPlace& place, int status,
                         std::string_view outcome, std::vector<Fault> faults = {}) {
  const Visit& visit = request.context<Visit>();
  Page page(site, request, "django_program/registration/waiting_place.html");
  page.set("place", place_value(site, request, place));
  page.set("cart_minutes", std::int64_t{site.settings.program.cart_expiry_minutes});
  page.set("submission", Value(new_submission(request)));
  page.set("may_buy", visit.conference->sells());
  if (!faults.empty()) page.faults(std::move(faults));
  return personal(page.html(status), outcome);
}

web::Response leave_page(Site& site, web::Request& request, const WaitingPlace& place, bool has_left) {
  Page page(site, request, "django_program/registration/waiting_leave.html");
  page.set("place", place_value(site, request, place));
  page.set("has_left", has_left);
  return personal(page.html(), has_left ? "left" : "");
}

Task<std::optional<WaitingPlace>> read_place(Site& site, web::Request& request) {
  Visit& visit = request.context<Visit>();
  const registration::Id id = found_place(request).entry.id;
  auto fn = [&](db::Tx& tx) {
    visit.now = tx.now();
    return registration::find_place(tx, id);
  };
  co_return co_await site.db.read(fn);
}

struct Taken {
  std::string guest;  // noted_guest, where this submit made a session
  bool repeated = false;
  std::vector<registration::Gone> gone;
};

Task<web::Response> take_offer(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const registration::Id entry = found_place(request).entry.id;
  const std::optional<Submission> submission = Submission::of(request, site.link_key);
  registration::Visitor visitor = visit.visitor(request, site.settings.security);
  std::optional<web::NewGuest> guest;  // whose session is born with this cart
  if (visitor.session_hash.empty()) {
    guest = new_guest(request, submission, site.link_key);
    visitor.session_hash = guest->hash;
  }
  auto fn = [&](db::Tx& tx) {
    Taken taken;
    if (submission) {
      if (const auto first = accounts::first_result(tx, submission->hash())) {
        taken.repeated = true;
        taken.guest = split_result(*first).second;
        return taken;
      }
    }
    taken.gone = registration::accept(tx, site.shop, visitor, entry).gone;
    if (guest) taken.guest = noted_guest(*guest);
    if (submission)
      accounts::record_result(tx, submission->hash(), visitor.conference_id, "waiting",
                              guest ? "taken " + taken.guest : "taken", tx.now() + accounts::submission_life);
    return taken;
  };
  std::optional<Refused> refused;
  Taken taken;
  try {
    taken = co_await site.db.write(visit.conference->id, "take offer", fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    const std::optional<WaitingPlace> place = co_await read_place(site, request);
    if (!place) throw NotFound("no such place in the waiting list");
    std::vector<Fault> faults{{"", tr(request, *refused)}};
    co_return place_page(site, request, *place, 422, refused->code(), std::move(faults));
  }
  if (!taken.repeated) {
    for (const std::string& text : gone_messages(request, taken.gone)) web::flash(request, "warning", text);
    web::flash(request, "success",
               tr(request, "It is in your cart. Please order it before its time is over."));
  }
  web::Response response = see_other(url(site, visit, "registration:checkout"), "taken");
  if (const auto began_at = noted_guest(taken.guest); began_at && guest) {
    if (taken.repeated) guest = submission->guest(*began_at);  // that of the first submit
    const std::int64_t seconds = site.settings.security.visitor_session.micros / 1'000'000;
    response.set_cookie(web::session_cookie(request, guest->token, seconds));
  }
  co_return response;
}

}  // namespace

void load_waiting_place(const Site& site, db::Tx& tx, web::Request& request, Visit& visit) {
  const auto id = whole_number(request.param("entry"));
  if (!id) return;
  auto place =
      registration::find_place_by_link(tx, site.link_key, visit.conference->id, *id, request.param("token"));
  if (place) request.attach(std::move(*place));
}

Task<web::Response> waiting_place(Site& site, web::Request& request) {
  const WaitingPlace& place = found_place(request);
  if (web::is_safe(request.method())) co_return place_page(site, request, place, 200, "");
  if (request.form()["action"] == "take") {
    if (auto answer = sign_in_first(request)) co_return std::move(*answer);
    co_return co_await take_offer(site, request);
  }
  std::vector<Fault> faults{{"", tr(request, "Choose what to do with your place.")}};
  co_return place_page(site, request, place, 422, "invalid", std::move(faults));
}

Task<web::Response> leave_waiting_list(Site& site, web::Request& request) {
  const WaitingPlace& place = found_place(request);
  if (web::is_safe(request.method())) co_return leave_page(site, request, place, false);
  const registration::Id id = place.entry.id;
  auto fn = [&](db::Tx& tx) { return registration::leave(tx, id); };
  co_await site.db.write(request.context<Visit>().conference->id, "leave waiting list", fn);
  const std::optional<WaitingPlace> now = co_await read_place(site, request);
  if (!now) throw NotFound("no such place in the waiting list");
  co_return leave_page(site, request, *now, true);
}

}  // namespace plenary::site
