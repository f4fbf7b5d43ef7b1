// How the rooms' pages come into the route table: each subject adds its own with one function, a route
// together with what its guard reads for it. Filled once, before the server starts.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "site/visit.hpp"
#include "web/routes.hpp"

namespace plenary::site {

class PageTable {
 public:
  // Lives as long as the routes, so what a lambda captures outlives its coroutines.
  using Handler = std::function<Task<web::Response>(Site&, web::Request&)>;

  // `site` may be null where only names and patterns are wanted.
  explicit PageTable(Site* site) : site_(site) {}

  // What is rarely needed (aliases, csrf, max_body) is set on the returned route, at once.
  web::Route& add(std::string name, std::string pattern, web::Methods methods, web::Guard guard,
                  Handler handler, Loader loader = nullptr);
  web::RouteTable& routes() { return routes_; }
  // By the names of the routes, in the order of `router`.
  std::vector<Loader> loaders(const web::Router& router) const;

 private:
  Site* site_;
  web::RouteTable routes_;
  std::unordered_map<std::string, Loader> loaders_;
};

// How another room (admin, api, or a program that embeds us) adds its pages to the table.
using AddPages = std::function<void(PageTable& table)>;

// The guard of everything that sells: features registration and public_ui.
web::Guard shop_guard();

// One function a subject, in routes_NAME.cpp.
void add_home_pages(PageTable& table);         // front page, a conference's home
void add_shop_pages(PageTable& table);         // tickets, cart, checkout, review
void add_order_pages(PageTable& table);        // pay, confirmation, order, own orders
void add_seat_pages(PageTable& table);         // a holder's seat, its ticket, transfers
void add_waiting_pages(PageTable& table);      // the waiting list: joining, a place in it, leaving
void add_answer_pages(PageTable& table);       // answers of orders and seats, their files
void add_account_pages(PageTable& table);      // sign-up, sign-in, own account, claims, find my order
void add_information_pages(PageTable& table);  // legal texts, accessibility, language, colours
void add_program_pages(PageTable& table);      // sponsors, activities
void add_mail_pages(PageTable& table);         // bounces, the development mailbox

}  // namespace plenary::site
