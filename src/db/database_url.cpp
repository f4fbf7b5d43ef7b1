#include "db/database_url.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

namespace plenary::db {

DatabaseUrl parse_database_url(const DatabaseOptions& options) {
  const std::string_view text = options.url;
  DatabaseUrl url;
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) {
    url.engine = Engine::postgresql;
    url.url = options.url;
    return url;
  }
  constexpr std::string_view scheme = "sqlite:";
  std::string_view path = text.starts_with(scheme) ? text.substr(scheme.size()) : std::string_view();
  // sqlite:///abs.db has an empty host.
  if (path.starts_with("///")) {
    path.remove_prefix(2);
  } else if (path.starts_with("//")) {
    path = {};
  }
  if (path.empty() || path.ends_with('/')) {
    // Nothing of a wrong address is shown but its scheme: it may hold a password.
    throw DatabaseError(
        ErrorKind::connection,
        fmt::format("[database] url: found {}, expected \"sqlite:///absolute/path.db\", "
                    "\"sqlite:relative.db\" or \"postgresql://user@host/database\"",
                    text.starts_with(scheme) ? "\"" + options.url + "\""
                    : text.empty()           ? std::string("nothing")
                                   : "\"" + std::string(text.substr(0, text.find(':'))) + ":…\""));
  }
  std::filesystem::path full(path);
  if (full.is_relative()) full = std::filesystem::absolute(options.base_directory) / full;
  url.path = full.lexically_normal().string();
  return url;
}

}  // namespace plenary::db
