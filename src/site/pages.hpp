// The handlers of the public pages and what they read. One file a subject: home.cpp, tickets.cpp, cart.cpp,
// checkout.cpp, payment.cpp, orders.cpp. A handler checks what was sent, makes one domain call, and renders
// or redirects; it holds no rule. Every answer of the purchase says in the header Plenary-Outcome what came
// of it. Threads: each runs on its connection's I/O thread. source: registration 20, 12; payments 21, 12.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "site/page.hpp"
#include "site/submission.hpp"
#include "site/values.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

inline constexpr std::string_view outcome_header = "Plenary-Outcome";

Task<web::Response> show_conferences(Site& site, web::Request& request);  // "/"
Task<web::Response> show_wallet_domain(Site& site, web::Request& request);
Task<web::Response> show_conference(Site& site, web::Request& request);
Task<web::Response> show_tickets(Site& site, web::Request& request);
Task<web::Response> cart(Site& site, web::Request& request);      // GET and POST
Task<web::Response> checkout(Site& site, web::Request& request);  // GET: billing form; POST: places the order
Task<web::Response> review(Site& site, web::Request& request);
Task<web::Response> pay(Site& site, web::Request& request);
Task<web::Response> begin_card(Site& site, web::Request& request);       // POST, JSON: for the card form
Task<web::Response> choose_transfer(Site& site, web::Request& request);  // POST
Task<web::Response> apply_credit(Site& site, web::Request& request);     // POST
Task<web::Response> show_credits(Site& site, web::Request& request);     // the person's own
Task<web::Response> show_confirmation(Site& site, web::Request& request);
Task<web::Response> show_order(Site& site, web::Request& request);
Task<web::Response> cancel_order(Site& site, web::Request& request);  // GET: what would come back; POST
Task<web::Response> change_order(Site& site, web::Request& request);  // GET: the form; POST: review, then do
Task<web::Response> resend_order(Site& site, web::Request& request);  // the confirmation, to its own address
Task<web::Response> change_order_billing(Site& site, web::Request& request);  // GET and POST

// Loaders: visit.hpp.
// Attaches StockLevels, and the CartPage of a browser that has been here before.
void load_tickets(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);
void load_cart(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);  // attaches CartPage
void load_cart_for_form(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);  // on GET only
void load_cart_and_stock(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);
void load_order(const Site& site, db::Tx& tx, web::Request& request,
                Visit& visit);  // attaches OrderPage, if found
void load_credits(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);

// What the handlers share.
std::string url(const Site& site, const Visit& visit, std::string_view route, std::string_view first = {},
                std::string_view second = {});
// The pages of one order, by its secret link where `token` is given.
enum class OrderLink {
  detail,
  confirmation,
  pay,
  pay_intent,
  pay_transfer,
  apply_credit,  // of the signed-in owner alone
  cancel,
  change,
  resend,
  billing
};
std::string order_url(const Site& site, const Visit& visit, OrderLink link, std::string_view reference,
                      std::string_view token);
std::string order_url(const Site& site, const web::Request& request,
                      OrderLink link);  // of the order in the path
web::Response see_other(std::string location, std::string_view outcome);
// Where the conference wants an account, a guest signs in before cart and checkout. source: 20, D29.
std::optional<web::Response> sign_in_first(const web::Request& request);
web::Response personal(web::Response response, std::string_view outcome);
// What to tell about items that were gone when a lapsed cart was taken up again. source: 20, D31.
std::vector<std::string> gone_messages(const web::Request& request,
                                       const std::vector<registration::Gone>& gone);

// What every page of a cart shows: its lines and what they add up to. `broken`: what keeps it from being
// ordered; each is told beside the line it names, else above all.
void set_cart(Page& page, const CartPage& cart, const Visit& visit, std::span<const Refused> broken = {});
// What every page of an order shows: the order, its lines and seats, and the addresses of its pages.
void set_order(Page& page, const Site& site, const OrderPage& order, const Visit& visit);

// A cart's or an order's page again after something was refused, from a fresh read.
Task<CartPage> read_cart(Site& site, web::Request& request);
Task<std::optional<OrderPage>> read_order(Site& site, web::Request& request);
// The same inside a transaction. By secret link when the path has a token, else of the signed-in user.
std::optional<registration::Order> find_order(db::Tx& tx, const web::Request& request, const Visit& visit);

// The digits of a whole number from 0 to 999,999,999; nothing for anything else.
std::optional<std::int64_t> whole_number(std::string_view text);

// The first word of a recorded result is its outcome; the rest belongs to whoever recorded it.
std::pair<std::string, std::string> split_result(const std::string& result);

}  // namespace plenary::site
