#include "site/routes.hpp"

#include <array>
#include <utility>

#include "site/pages.hpp"

namespace plenary::site {
namespace {

using web::features;
using web::Guard;
using web::later;
using web::Method;
using web::Route;

using Page = Task<web::Response> (*)(Site&, web::Request&);

Guard shop() {
  return features({"registration", "public_ui"});
}
Guard staff_api() {
  return web::signed_in() & features({"manage_ui"}) & web::json_answers();
}

void add_conference_pages(web::RouteTable& table, Site* site) {
  const auto page = [&](std::string name, std::string pattern, web::Methods methods, Guard guard,
                        Page handler, std::vector<std::string> aliases = {}) {
    Route route;
    route.pattern = std::move(pattern);
    route.name = std::move(name);
    route.methods = methods;
    route.guard = std::move(guard);
    route.handler = [site, handler](web::Request& request) { return handler(*site, request); };
    route.aliases = std::move(aliases);
    table.push_back(std::move(route));
  };
  page("site:conference-list", "/", Method::get, web::public_(), show_conferences);
  page("site:conference", "/{conference}/", Method::get, features({"public_ui"}), show_conference);

  const std::string shop_path = "/{conference}/register/";
  page("registration:ticket-select", shop_path, Method::get, shop(), show_tickets,
       {"registration:ticket-list"});
  page("registration:cart", shop_path + "cart/", Method::get | Method::post, shop(), cart);
  page("registration:checkout", shop_path + "checkout/", Method::get | Method::post, shop(), checkout);
  page("registration:checkout-review", shop_path + "checkout/review/", Method::get | Method::post, shop(),
       review);

  // Of a signed-in owner.
  const std::string order = shop_path + "orders/{reference}/";
  page("registration:order-detail", order, Method::get, web::signed_in() & shop(), show_order);
  page("registration:order-confirmation", order + "confirmation/", Method::get, web::signed_in() & shop(),
       show_confirmation);
  page("registration:order-pay", order + "pay/", Method::get | Method::post, web::signed_in() & shop(), pay);
  page("registration:order-cancel", order + "cancel/", Method::post, web::signed_in() & shop(), cancel_order);
  // Of whoever holds the secret link. source: 20, D29.
  const std::string secret = order + "{token}/";
  page("registration:order-secret", secret, Method::get, shop(), show_order);
  page("registration:order-secret-confirmation", secret + "confirmation/", Method::get, shop(),
       show_confirmation);
  page("registration:order-secret-pay", secret + "pay/", Method::get | Method::post, shop(), pay);
  page("registration:order-secret-cancel", secret + "cancel/", Method::post, shop(), cancel_order);
}

void add_later_registration(web::RouteTable& table) {
  const std::string letters = "/{conference}/register/visa-letter/";
  const Guard letter = web::signed_in() & features({"registration", "visa_letters", "public_ui"});
  table.push_back(later("registration:letter-request", letters, letter));
  table.push_back(later("registration:letter-request-detail", letters + "status/", letter, Method::get));
  table.push_back(later("registration:letter-request-download", letters + "download/", letter, Method::get));

  // Money already taken must always be processed: no feature closes it.
  Route webhook = later("registration:stripe-webhook", "/{conference}/register/webhooks/stripe/",
                        web::conference_scoped(), Method::post);
  webhook.csrf = web::Csrf::none;
  table.push_back(std::move(webhook));

  const std::string checkin = "/{conference}/register/checkin/";
  table.push_back(later("registration:checkin-scan", checkin + "scan/", staff_api(), Method::post));
  table.push_back(
      later("registration:checkin-lookup", checkin + "lookup/{access_code}/", staff_api(), Method::get));
  table.push_back(later("registration:checkin-redeem", checkin + "redeem/", staff_api(), Method::post));
  table.push_back(later("registration:checkin-preload", checkin + "preload/", staff_api(), Method::get));

  const std::string terminal = "/{conference}/register/terminal/";
  const Guard desk = staff_api() & features({"registration"});
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
  table.push_back(later("sponsors:sponsor-list", sponsors, guard, Method::get));
  table.push_back(later("sponsors:sponsor-detail", sponsors + "{slug:slug}/", guard, Method::get));
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
  table.push_back(later("programs:activity-list", programs, guard, Method::get));
  table.push_back(later("programs:activity-detail", programs + "{slug:slug}/", guard, Method::get));
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

web::RouteTable routes(Site* site) {
  web::RouteTable table;
  add_conference_pages(table, site);
  add_later_registration(table);
  add_later_pretalx(table);
  add_later_sponsors(table);
  add_later_programs(table);
  table.push_back(later("accounts:login", "/accounts/login/", web::public_()));
  table.push_back(later("site:accessibility", "/accessibility/", web::public_(), Method::get));
  return table;
}

Loader loader_of(std::string_view route_name) {
  struct Entry {
    std::string_view route;
    Loader load;
  };
  static constexpr std::array loaders{
      Entry{"registration:ticket-select", load_stock},
      Entry{"registration:cart", load_cart_and_stock},
      Entry{"registration:checkout", load_cart_for_form},
      Entry{"registration:checkout-review", load_cart},
      Entry{"registration:order-secret-pay", load_order},
      Entry{"registration:order-secret-confirmation", load_order},
      Entry{"registration:order-secret", load_order},
      Entry{"registration:order-pay", load_order},
      Entry{"registration:order-detail", load_order},
      Entry{"registration:order-confirmation", load_order},
  };
  for (const Entry& entry : loaders) {
    if (entry.route == route_name) return entry.load;
  }
  return nullptr;
}

}  // namespace plenary::site
