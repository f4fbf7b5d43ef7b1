// The halves behind Snapshot::open and BulkLoad::open. Internal to db/.
#pragma once

#include <memory>

#include "db/bulk_load.hpp"
#include "db/database_url.hpp"
#include "db/snapshot.hpp"

namespace plenary::db {

std::unique_ptr<Snapshot> open_sqlite_snapshot(const DatabaseOptions& options);
std::unique_ptr<Snapshot> open_postgresql_snapshot(const DatabaseOptions& options);
std::unique_ptr<BulkLoad> open_sqlite_load(const DatabaseOptions& options);
std::unique_ptr<BulkLoad> open_postgresql_load(const DatabaseOptions& options);

}  // namespace plenary::db
