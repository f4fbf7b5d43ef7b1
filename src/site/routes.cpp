#include "site/routes.hpp"

#include <array>
#include <string>
#include <utility>

#include "site/stripe_webhook.hpp"

namespace plenary::site {
namespace {

using web::features;
using web::Guard;
using web::later;
using web::Method;
using web::Route;

// The check-in's people do not take money, and the desk's do not need to check in (10, Do better 2).
Guard staff_api(std::string_view permission) {
  return web::permission(permission) & features({"manage_ui"}) & web::json_answers();
}

void add_later_registration(web::RouteTable& table) {
  const std::string letters = "/{conference}/register/visa-letter/";
  const Guard letter = web::signed_in() & features({"registration", "visa_letters", "public_ui"});
  table.push_back(later("registration:letter-request", letters, letter));
  table.push_back(later("registration:letter-request-detail", letters + "status/", letter, Method::get));
  table.push_back(later("registration:letter-request-download", letters + "download/", letter, Method::get));

  const std::string checkin = "/{conference}/register/checkin/";
  const Guard door = staff_api("view_checkin");
  table.push_back(later("registration:checkin-scan", checkin + "scan/", door, Method::post));
  table.push_back(later("registration:checkin-lookup", checkin + "lookup/{access_code}/", door, Method::get));
  table.push_back(later("registration:checkin-redeem", checkin + "redeem/", door, Method::post));
  table.push_back(later("registration:checkin-preload", checkin + "preload/", door, Method::get));

  const std::string terminal = "/{conference}/register/terminal/";
  const Guard desk = staff_api("use_terminal") & features({"registration"});
  table.push_back(
      later("registration:terminal-connection-token", terminal + "connection-token/", desk, Method::post));
  table.push_back(
      later("registration:terminal-create-intent", terminal + "create-payment-intent/", desk, Method::post));
  table.push_back(later("registration:terminal-capture", terminal + "capture/", desk, Method::post));
  table.push_back(later("registration:terminal-cancel", terminal + "cancel/", desk, Method::post));
  table.push_back(
      later("registration:terminal-attendee", terminal + "attendee/{access_code}/", desk, Method::get));
  table.push_back(later("registration:terminal-inventory", terminal + "inventory/", desk, Method::get));
  table.push_back(later("registration:terminal-cart", terminal + "cart/", desk, Method::post));
  table.push_back(later("registration:terminal-readers", terminal + "readers/", desk, Method::get));
}

void add_later_pretalx(web::RouteTable& table) {
  const std::string program = "/{conference}/program/";
  const Guard guard = features({"public_ui"});
  table.push_back(later("pretalx:schedule", program + "schedule/", guard, Method::get));
  table.push_back(later("pretalx:schedule-json", program + "schedule/data.json", guard, Method::get));
  table.push_back(later("pretalx:talk-detail", program + "talks/{code}/", guard, Method::get));
  table.push_back(later("pretalx:speaker-list", program + "speakers/", guard, Method::get));
  table.push_back(later("pretalx:speaker-detail", program + "speakers/{code}/", guard, Method::get));
}

void add_later_sponsors(web::RouteTable& table) {
  const std::string sponsors = "/{conference}/sponsors/";
  const Guard guard = features({"sponsors", "public_ui"});
  const Guard portal = web::signed_in() & guard;
  table.push_back(later("sponsors:portal-home", sponsors + "portal/", portal, Method::get));
  table.push_back(later("sponsors:portal-purchase-request", sponsors + "portal/purchases/request/", portal));
  table.push_back(
      later("sponsors:portal-purchase-detail", sponsors + "portal/purchases/{pk:int}/", portal, Method::get));
  table.push_back(later("sponsors:portal-purchase-export", sponsors + "portal/purchases/{pk:int}/export/",
                        portal, Method::get));
}

void add_later_programs(web::RouteTable& table) {
  const std::string programs = "/{conference}/programs/";
  const Guard guard = features({"programs", "public_ui"});
  table.push_back(later("programs:activity-signup", programs + "{slug:slug}/signup/",
                        web::signed_in() & guard, Method::post));
  table.push_back(later("programs:activity-cancel-signup", programs + "{slug:slug}/cancel-signup/",
                        web::signed_in() & guard, Method::post));

  const std::string grants = programs + "travel-grants/";
  const Guard grant = web::signed_in() & features({"travel_grants", "public_ui"});
  const web::Methods form = Method::get | Method::post;
  const std::array<std::pair<const char*, web::Methods>, 10> pages{{{"apply", form},
                                                                    {"status", Method::get},
                                                                    {"edit", form},
                                                                    {"accept", Method::post},
                                                                    {"decline", Method::post},
                                                                    {"withdraw", Method::post},
                                                                    {"provide-info", form},
                                                                    {"message", Method::post},
                                                                    {"receipts", form},
                                                                    {"payment-info", form}}};
  for (const auto& [name, methods] : pages) {
    table.push_back(later(std::string("programs:travel-grant-") + name, grants + name + "/", grant, methods));
  }
  table.push_back(later("programs:travel-grant-receipt-delete", grants + "receipts/{pk:int}/delete/", grant,
                        Method::post));
}

}  // namespace

PageTable pages(Site* site, const std::vector<AddPages>& more) {
  PageTable table(site);
  add_home_pages(table);
  add_shop_pages(table);
  add_order_pages(table);
  add_seat_pages(table);
  add_waiting_pages(table);
  add_answer_pages(table);
  add_account_pages(table);
  add_information_pages(table);
  add_program_pages(table);
  add_mail_pages(table);
  add_webhook_pages(table);
  add_later_registration(table.routes());
  add_later_pretalx(table.routes());
  add_later_sponsors(table.routes());
  add_later_programs(table.routes());
  for (const AddPages& add : more) add(table);
  return table;
}

}  // namespace plenary::site
