// The log of an SQLite database is moved into it by its own thread, and begun again when it is long.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "db/database.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::db {
namespace {

// How often the log was begun again, from its header (bytes 12 to 15).
std::uint32_t log_sequence(const std::string& path) {
  std::ifstream file(path + "-wal", std::ios::binary);
  std::array<unsigned char, 16> head{};
  file.read(reinterpret_cast<char*>(head.data()), head.size());
  return static_cast<std::uint32_t>(head[12]) << 24 | static_cast<std::uint32_t>(head[13]) << 16 |
         static_cast<std::uint32_t>(head[14]) << 8 | head[15];
}

TEST(Checkpoint, ALongLogIsBegunAgainWhileWritersAndReadersGoOn) {
  test::TestDatabase database(Engine::sqlite, test::nothing, [](DatabaseOptions& options) {
    options.checkpoint_pages = 20;
    options.checkpoint_restart_pages = 60;
  });
  const std::string path = database.options().url.substr(std::string("sqlite://").size());
  database->write_now(global_lane, "table",
                      [](Tx& tx) { tx.exec("CREATE TABLE t (id BIGINT PRIMARY KEY, text TEXT)"); });
  const std::uint32_t before = log_sequence(path);
  std::int64_t n = 0;
  for (; log_sequence(path) < before + 5; ++n) {
    ASSERT_LT(n, 1'000'000) << "the log is never begun again";
    database->write_now(global_lane, "row", [&](Tx& tx) {
      tx.exec("INSERT INTO t (id, text) VALUES ($1, $2)", n, std::string(1000, 'x'));
    });
    EXPECT_EQ(database->read_now([](Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM t"); }),
              n + 1);
  }
  database.reopen();
  EXPECT_EQ(database->read_now([](Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM t"); }), n);
}

TEST(Checkpoint, ClosingLeavesNoLogBehind) {
  test::TestDatabase database(Engine::sqlite, test::nothing);
  const std::string path = database.options().url.substr(std::string("sqlite://").size());
  database->write_now(global_lane, "table",
                      [](Tx& tx) { tx.exec("CREATE TABLE t (id BIGINT PRIMARY KEY)"); });
  database->read_now([](Tx& tx) { EXPECT_EQ(tx.one<int>("SELECT COUNT(*) FROM t"), 0); });
  EXPECT_TRUE(std::filesystem::exists(path + "-wal"));
  database.close();
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
}

}  // namespace
}  // namespace plenary::db
