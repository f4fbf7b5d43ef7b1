// What a program that embeds Plenary adds: its own pages, variables of every page, templates, tag libraries,
// and who hears of paid orders. Filled by one thread before the server starts, then shared by all and never
// changed. source: configuration 10, 3.5 and 10.3; payments 21, 6; docs/embedding.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "site/page_table.hpp"
#include "site/visit.hpp"
#include "templating/library.hpp"

namespace plenary::site {

// An order that became paid, for whoever goes on with it elsewhere.
struct PaidOrder {
  std::int64_t id = 0, conference_id = 0;
  std::string conference;               // its slug
  std::string reference;                // "ORD-…"
  std::optional<std::int64_t> user_id;  // the buyer's account
  std::string name, email;              // as billed
  std::int64_t total = 0;               // minor units
  std::string currency;
  bool is_test = false;
};
using OnOrderPaid = std::function<void(const PaidOrder&)>;

struct Extensions {
  std::vector<AddPages> pages = {};
  std::vector<ContextProcessor> context = {};
  std::vector<std::filesystem::path> templates_folders = {};
  std::map<std::string, templating::Library> libraries = {};
  std::map<std::string, OnOrderPaid> paid_subscribers = {};

  // Called once for each server, and by the commands that need the names of all pages (then without a site).
  Extensions& add_pages(AddPages add);
  Extensions& add_context(ContextProcessor processor);
  // Its files replace ours of the same name, and may extend them; [server] templates_dir goes before it, and
  // an earlier folder before a later one. The server does not start without the folder.
  Extensions& add_templates_folder(std::filesystem::path folder);
  // For {% load name %}. std::invalid_argument when there is a library of that name already.
  Extensions& add_library(std::string name, templating::Library library);
  // Told of every order that becomes paid, after the commit, by a thread of the background. Once; again only
  // where the program died meanwhile, or when it throws: then later and later, and at last as a dead letter
  // of the kind "order_paid.NAME". The payment stands whatever it does. std::invalid_argument for a name
  // that is taken or is not of a-z, 0-9, - and _.
  Extensions& on_order_paid(std::string name, OnOrderPaid told);
};

}  // namespace plenary::site
