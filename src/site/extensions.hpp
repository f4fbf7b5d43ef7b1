// What a program that embeds Plenary adds to the pages: its own pages, variables of every page, templates and
// tag libraries. Filled by one thread before the server starts, then shared by all and never changed.
// source: configuration 10, 3.5 and 10.3; docs/embedding.md.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "site/page_table.hpp"
#include "site/visit.hpp"
#include "templating/library.hpp"

namespace plenary::site {

struct Extensions {
  std::vector<AddPages> pages = {};
  std::vector<ContextProcessor> context = {};
  std::vector<std::filesystem::path> templates_folders = {};
  std::map<std::string, templating::Library> libraries = {};

  // Called once for each server, and by the commands that need the names of all pages (then without a site).
  Extensions& add_pages(AddPages add);
  Extensions& add_context(ContextProcessor processor);
  // Its files replace ours of the same name, and may extend them; [server] templates_dir goes before it, and
  // an earlier folder before a later one. The server does not start without the folder.
  Extensions& add_templates_folder(std::filesystem::path folder);
  // For {% load name %}. std::invalid_argument when there is a library of that name already.
  Extensions& add_library(std::string name, templating::Library library);
};

}  // namespace plenary::site
