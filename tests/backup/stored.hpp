// What is in a database, as a value to compare; rows put into it as they stand; a schema of the test's own
// with everything that makes a restore hard. For databases of either engine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "backup/backup.hpp"
#include "backup/restore.hpp"
#include "db/migrations.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::backup::testing {

struct Bytes {
  std::string bytes;
  auto operator<=>(const Bytes&) const = default;
};
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;
using Row = std::vector<Value>;
using Rows = std::vector<Row>;
using Stored = std::map<std::string, std::multiset<std::string>>;  // by table, rows as a backup writes them

Stored stored(const db::DatabaseOptions& options);
// In place of what the tables hold.
void fill(const db::DatabaseOptions& options, const std::map<std::string, Rows>& tables);

// A tree that refers to itself, two tables that refer to each other, a table of every type, a journal that
// only grows and begins with a row of its step, a table without a number.
const std::vector<db::Migration>& hard_steps();

// A folder of the test's own, removed at its end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, const std::string& bytes) const;

 private:
  std::filesystem::path path_;
};
std::string bytes_of(const std::filesystem::path& file);

BackupRequest backup_of(const db::DatabaseOptions& options,
                        std::span<const db::Migration> steps = db::migrations());
RestoreRequest restore_into(const db::DatabaseOptions& options,
                            std::span<const db::Migration> steps = db::migrations());

// What `act` throws; "" when nothing.
template <class F>
std::string refusal(F&& act) {
  try {
    act();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

// Every pair of engines: from where, to where.
class AcrossEngines : public ::testing::TestWithParam<std::tuple<db::Engine, db::Engine>> {
 protected:
  db::Engine from() const { return std::get<0>(GetParam()); }
  db::Engine to() const { return std::get<1>(GetParam()); }
};
std::string engines_name(const ::testing::TestParamInfo<std::tuple<db::Engine, db::Engine>>& info);

#define ACROSS_ENGINES(Suite)                                                            \
  INSTANTIATE_TEST_SUITE_P(                                                              \
      Engines, Suite,                                                                    \
      ::testing::Combine(::testing::Values(db::Engine::sqlite, db::Engine::postgresql),  \
                         ::testing::Values(db::Engine::sqlite, db::Engine::postgresql)), \
      engines_name)

}  // namespace plenary::backup::testing
