#include "cli/commands.hpp"

namespace plenary::cli {

// source: configuration 10, 6.3; ground rules 15, 2.2.
std::vector<std::string> reserved_slugs() {
  return {"accessibility", "accounts", "admin",   "api",    "healthz", "import",
          "manage",        "media",    "metrics", "readyz", "static"};
}

}  // namespace plenary::cli
