// A folder with settings, a key file and one conference, on either engine, and the command line over it: what
// the tests of keys and credentials stand on.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/key_ring.hpp"
#include "base/sealing_keys.hpp"
#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "db/entity_table.hpp"
#include "domain/conference/conferences.hpp"
#include "embed/key_file.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::cli::testing {

namespace fs = std::filesystem;

class KeysFolder : public plenary::test::DatabaseTest {
 protected:
  const std::string old_line = "a key of the tests that is long enough to sign with, and longer";

  plenary::test::TestDatabase::Change change() override { return as_tests_do; }
  void SetUp() override {
    DatabaseTest::SetUp();
    std::string pattern = (fs::temp_directory_path() / "plenary-keys-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    settings();
    write("plenary.key", old_line + "\n");
    private_key_file();
    conference::Conference c;
    c.name = "Fair";
    c.slug = "fair";
    c.start_date = *Date::parse("2027-05-20");
    c.end_date = *Date::parse("2027-05-22");
    c.timezone = "Europe/Berlin";
    id_ = db().write_now(db::global_lane, "make", [&](db::Tx& tx) { return conference::create(tx, c); })
              .value();
  }
  void TearDown() override {
    fs::remove_all(folder_);
    DatabaseTest::TearDown();
  }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  void settings(const std::string& more = {}) {
    write("plenary.toml", fmt::format("[database]\nurl = \"{}\"\n{}", database().options().url, more));
  }
  void private_key_file() { fs::permissions(key_file(), fs::perms::owner_read | fs::perms::owner_write); }
  fs::path key_file() const { return folder_ / "plenary.key"; }
  KeyRing ring() const { return embed::read_key_file(key_file()); }
  // As if the last change of the file were an hour ago: nothing under way can know the file before.
  void let_time_pass() {
    fs::last_write_time(key_file(), fs::file_time_type::clock::now() - std::chrono::hours(1));
  }

  // The databases of tests survive no power cut, and their server says so.
  static void as_tests_do(db::DatabaseOptions& options) {
    options.relaxed_durability = true;
    options.slow_write = Duration::hours(1);
  }

  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder_ / "plenary.toml").string()});
    std::ostringstream out, err;
    const int code = run(std::move(arguments), out, err, {}, as_tests_do);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  std::string place(const std::string& column) const { return fmt::format("conference.{}.{}", column, id_); }
  void put(const std::string& column, const std::string& stored) {
    const char* sql = db::intern_sql("UPDATE conference SET " + column + " = $1 WHERE id = $2");
    db().write_now(id_, "put", [&](db::Tx& tx) { tx.exec(sql, stored, id_); });
  }
  void seal(const std::string& column, const std::string& value) {
    put(column, SealingKeys(ring().sealing_secrets()).seal(Secret(value), place(column), Random::system()));
  }
  std::string stored(const std::string& column) {
    const char* sql = db::intern_sql("SELECT " + column + " FROM conference WHERE id = $1");
    return db().read_now([&](db::Tx& tx) { return tx.one<std::string>(sql, id_); });
  }
  std::string opened(const std::string& column) {
    return SealingKeys(ring().sealing_secrets()).open(stored(column), place(column)).reveal();
  }

  fs::path folder_;
  std::int64_t id_ = 0;
  std::string out_, err_;
};

}  // namespace plenary::cli::testing
