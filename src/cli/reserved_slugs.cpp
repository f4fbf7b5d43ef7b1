#include "cli/commands.hpp"
#include "site/page_table.hpp"
#include "web/routes.hpp"

namespace plenary::cli {

// source: configuration 10, 6.3; ground rules 15, 2.2.
std::vector<std::string> reserved_slugs(const site::Extensions& extensions) {
  std::vector<std::string> reserved{".well-known", "accessibility", "accounts", "admin",   "api",
                                    "development", "favicon.ico",   "healthz",  "import",  "language",
                                    "mail",        "manage",        "media",    "metrics", "readyz",
                                    "robots.txt",  "static"};
  site::PageTable added(nullptr);
  for (const site::AddPages& add : extensions.pages) add(added);
  const web::Router router({std::move(added.routes())});
  reserved.insert(reserved.end(), router.reserved_segments().begin(), router.reserved_segments().end());
  return reserved;
}

}  // namespace plenary::cli
