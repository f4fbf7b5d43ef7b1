// Whether a database holds nobody's data: no rows, or exactly those that its steps themselves put into new
// tables, as a scratch database made by the same steps shows. One thread, which may block. Errors:
// db::DatabaseError, db::MigrationError, BackupError when no scratch database can be made.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "db/database.hpp"
#include "db/migrations.hpp"

namespace plenary::backup {

using RowCounts = std::map<std::string, std::int64_t>;  // of the tables that hold rows

RowCounts rows_held(const db::DatabaseOptions& options);
bool is_as_migrated(const db::DatabaseOptions& options, const RowCounts& held,
                    std::span<const db::Migration> steps);

}  // namespace plenary::backup
