#include "cli/commands.hpp"

namespace plenary::cli {

// source: configuration 10, 6.3; ground rules 15, 2.2.
std::vector<std::string> reserved_slugs() {
  return {"accessibility", "accounts", "admin",      "api",   "development", "favicon.ico",
          "healthz",       "import",   "language",   "mail",  "manage",      "media",
          "metrics",       "readyz",   "robots.txt", "static"};
}

}  // namespace plenary::cli
