// The database's address as the settings give it. Internal to db/, but for whoever wants to show or check it.
#pragma once

#include <string>

#include "db/database.hpp"

namespace plenary::db {

struct DatabaseUrl {
  Engine engine = Engine::sqlite;
  std::string path;  // SQLite: absolute
  std::string url;   // PostgreSQL: as given
};

// Throws DatabaseError (kind connection) saying what is allowed.
DatabaseUrl parse_database_url(const DatabaseOptions& options);

}  // namespace plenary::db
