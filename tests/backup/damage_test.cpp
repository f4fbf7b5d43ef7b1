// Archives that are damaged, and archives made to harm: always refused, naming the member, and nothing of
// them is in the database or on the disk afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "backup/archive.hpp"
#include "backup/row_coding.hpp"
#include "backup/sha256.hpp"
#include "backup/stored.hpp"

namespace plenary::backup::testing {
namespace {

namespace fs = std::filesystem;
using test::TestDatabase;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

void migrated_hard(db::Database& database) {
  db::migrate(database, hard_steps());
}

std::map<std::string, Rows> some_rows() {
  std::map<std::string, Rows> tables;
  std::mt19937_64 random(7);
  for (std::int64_t id = 1; id <= 60; ++id) {
    std::string noise;
    for (int i = 0; i < 40; ++i) noise += static_cast<char>('a' + random() % 26);
    tables["everything"].push_back({id, 1, 2, static_cast<std::int64_t>(random()), 0.5, noise, Bytes{noise}});
    tables["tree"].push_back({id, Value(std::monostate{}), noise});
    tables["journal"].push_back({id, noise});
  }
  return tables;
}

class Damage : public ::testing::TestWithParam<db::Engine> {
 protected:
  void SetUp() override {
    TestDatabase source(db::Engine::sqlite, migrated_hard);
    fill(source.options(), some_rows());
    before_ = stored(source.options());
    folder_.write("media/a.txt", "an upload of some length, to be flipped too");
    BackupRequest request = backup_of(source.options(), hard_steps());
    request.uploads = folder_ / "media";
    backup_to_file(request, folder_ / "good", Existing::refuse);
    good_ = bytes_of(folder_ / "good");
  }
  // The message, "" when it was restored. Either way the database holds all or nothing.
  std::string attempt(const std::string& bytes, TestDatabase& target) {
    folder_.write("bad", bytes);
    RestoreRequest request = restore_into(target.options(), hard_steps());
    request.uploads = folder_ / "restored";
    const std::string message = refusal([&] { restore(request, folder_ / "bad"); });
    if (message.empty()) {
      EXPECT_TRUE(stored(target.options()) == before_);
      EXPECT_EQ(bytes_of(folder_ / "restored" / "a.txt"), bytes_of(folder_ / "media" / "a.txt"));
    } else {
      EXPECT_FALSE(fs::exists(folder_ / "restored")) << message;
    }
    return message;
  }

  Folder folder_;
  std::string good_;
  Stored before_;
};
ON_BOTH_ENGINES(Damage);

TEST_P(Damage, AnyByteFlippedIsFoundAndNothingIsKept) {
  std::mt19937_64 random(4711);
  auto target = std::make_unique<TestDatabase>(GetParam(), test::nothing);
  target->close();
  int refused = 0;
  // On PostgreSQL fewer, since what is read is the same.
  const int rounds = GetParam() == db::Engine::sqlite ? 300 : 40;
  for (int i = 0; i < rounds; ++i) {
    std::string bad = good_;
    // Each region of the file in turn, one byte or a few.
    const std::size_t width = bad.size() / static_cast<std::size_t>(rounds) + 1;
    const std::size_t begin = std::min(bad.size() - 1, static_cast<std::size_t>(i) * width);
    for (std::size_t n = random() % 3 + 1; n > 0; --n) {
      const std::size_t place = std::min(bad.size() - 1, begin + random() % width);
      bad[place] = static_cast<char>(bad[place] ^ static_cast<char>(random() % 255 + 1));
    }
    EXPECT_NE(bad, "");
    const std::string message = attempt(bad, *target);
    if (message.empty()) {
      // A byte that says nothing, such as a checksum of the container's own; everything was right then.
      target = std::make_unique<TestDatabase>(GetParam(), test::nothing);
      target->close();
      fs::remove_all(folder_ / "restored");
      continue;
    }
    ++refused;
    EXPECT_THAT(message, AnyOf(HasSubstr("is damaged, in its member"), HasSubstr("is no backup"),
                               HasSubstr("manifest.json")));
    for (const auto& [table, rows] : stored(target->options()))
      EXPECT_EQ(rows.size(), table == "journal" || table == "tree" ? 1U : 0U) << table << ": " << message;
  }
  EXPECT_GT(refused, rounds * 9 / 10);
  // The database is as good as before for the backup that is whole.
  EXPECT_EQ(attempt(good_, *target), "");
}

TEST_P(Damage, AFileCutOffAnywhereIsRefused) {
  TestDatabase target(GetParam(), test::nothing);
  target.close();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{50}, good_.size() / 2,
                                 good_.size() * 9 / 10, good_.size() - 100}) {
    EXPECT_NE(attempt(good_.substr(0, size), target), "") << size;
  }
  EXPECT_EQ(attempt(good_, target), "");
}

TEST(DamageVerify, VerifyNamesTheMemberThatIsDamaged) {
  const Folder folder;
  TestDatabase source(db::Engine::sqlite, migrated_hard);
  fill(source.options(), some_rows());
  const Manifest manifest =
      backup_to_file(backup_of(source.options(), hard_steps()), folder / "good", Existing::refuse);
  const Progress silent = [](const char*, std::uint64_t, std::uint64_t) {};
  EXPECT_EQ(verify_backup(folder / "good", silent).rows(), manifest.rows());
  // The same archive with one row of one table another.
  ArchiveReader reader(folder / "good");
  std::string made;
  ArchiveWriter writer([&](std::string_view bytes) { made += bytes; }, Instant{});
  std::vector<std::string> names{"manifest.json", "manifest.sha256"};
  for (const StoredTable& table : manifest.tables) names.push_back(member_of_table(table.table.name));
  for (const std::string& name : names) {
    reader.begin(name, most_manifest_bytes);
    std::string bytes = reader.read_all();
    if (name == "tables/everything") bytes[bytes.size() / 2] ^= 1;
    writer.begin(name, bytes.size());
    writer.write(bytes);
  }
  writer.close();
  folder.write("bad", made);
  EXPECT_THAT(refusal([&] { verify_backup(folder / "bad", silent); }),
              AllOf(HasSubstr("is damaged, in its member tables/everything"), HasSubstr("earlier backup")));
}

// Archives whose checksums are all right, and which nobody's program has written.
class Hostile : public ::testing::Test {
 protected:
  Hostile() : target_(db::Engine::sqlite, test::nothing) {
    manifest_.program = "0.1.0";
    manifest_.schema_version = 2;
    manifest_.schema_name = "seed";
    manifest_.with_uploads = true;
    TestDatabase model(db::Engine::sqlite, migrated_hard);
    BackupRequest request = backup_of(model.options(), hard_steps());
    manifest_.tables = backup_to_file(request, folder_ / "model", Existing::refuse).tables;
    for (StoredTable& table : manifest_.tables) {
      table.rows = 0;
      table.bytes = 0;
      table.sha256 = Sha256::of("");
    }
  }
  void rows_of(const std::string& table, const std::string& bytes, std::int64_t rows) {
    for (StoredTable& stored : manifest_.tables) {
      if (stored.table.name != table) continue;
      stored.rows = rows;
      stored.bytes = bytes.size();
      stored.sha256 = Sha256::of(bytes);
    }
    rows_[table] = bytes;
  }
  void upload(const std::string& path, const std::string& bytes) {
    manifest_.uploads.push_back({path, bytes.size(), Sha256::of(bytes)});
    uploads_.push_back(bytes);
  }
  std::string attempt(const std::function<void(ArchiveWriter&)>& more = {},
                      const std::function<void(std::string&)>& change = {}) {
    std::string made;
    ArchiveWriter writer([&](std::string_view bytes) { made += bytes; }, Instant{});
    const auto member = [&](const std::string& name, const std::string& bytes) {
      writer.begin(name, bytes.size());
      writer.write(bytes);
    };
    std::string head = to_json(manifest_);
    if (change) change(head);
    member("manifest.json", head);
    member("manifest.sha256", Sha256::of(head) + "\n");
    for (const StoredTable& stored : manifest_.tables)
      member(member_of_table(stored.table.name), rows_[stored.table.name]);
    for (std::size_t i = 0; i < uploads_.size(); ++i) member(member_of_file("uploads", i + 1), uploads_[i]);
    if (more) more(writer);
    writer.close();
    folder_.write("hostile", made);
    RestoreRequest request = restore_into(target_.options(), hard_steps());
    request.uploads = folder_ / "media/inner";
    return refusal([&] { restore(request, folder_ / "hostile"); });
  }
  static std::string row(const std::vector<db::RawValue>& values) {
    std::string bytes;
    append_row(bytes, values);
    return bytes;
  }
  static db::RawValue whole(std::int64_t number) { return {db::RawKind::integer, number, 0, {}}; }
  static db::RawValue text(std::string_view bytes) { return {db::RawKind::text, 0, 0, bytes}; }

  Folder folder_;
  TestDatabase target_;
  Manifest manifest_;
  std::map<std::string, std::string> rows_;
  std::vector<std::string> uploads_;
};

TEST_F(Hostile, AnEmptyOneOfThisShapeIsTaken) {
  upload("a/b.txt", "hello");
  EXPECT_EQ(attempt(), "");
  EXPECT_EQ(bytes_of(folder_ / "media/inner/a/b.txt"), "hello");
}

TEST_F(Hostile, PathsThatLeadOutOfTheUploadsAreRefused) {
  for (const std::string path : {"../escaped", "a/../../escaped", "/tmp/plenary-escaped", "a//b", "./a",
                                 "a/.", "", "a\\..\\b", "a\nb", "a/"}) {
    manifest_.uploads.clear();
    uploads_.clear();
    upload(path, "x");
    const std::string message = attempt();
    EXPECT_THAT(message, HasSubstr("manifest.json")) << path;
    EXPECT_FALSE(fs::exists(folder_ / "media/escaped"));
    EXPECT_FALSE(fs::exists("/tmp/plenary-escaped"));
  }
  manifest_.uploads.clear();
  uploads_.clear();
  upload("twice", "x");
  upload("twice", "y");
  EXPECT_THAT(attempt(), HasSubstr("named twice"));
}

TEST_F(Hostile, ALinkThatStandsWhereAnUploadGoesIsNotFollowed) {
  upload("a.txt", "changed");
  fs::create_directories(folder_ / "media/inner");
  folder_.write("victim", "untouched");
  fs::create_symlink(folder_ / "victim", folder_ / "media/inner/a.txt");
  EXPECT_THAT(attempt(), HasSubstr("is there already"));
  EXPECT_EQ(bytes_of(folder_ / "victim"), "untouched");
}

TEST_F(Hostile, MoreMembersThanAnnouncedAreRefused) {
  const std::string message = attempt([](ArchiveWriter& writer) {
    writer.begin("../../etc/passwd", 4);
    writer.write("root");
  });
  EXPECT_THAT(message, AllOf(HasSubstr("\"../../etc/passwd\" is more than"), HasSubstr("is damaged")));
}

TEST_F(Hostile, UnknownAndMissingTablesAndColumnsAreRefused) {
  manifest_.tables[0].table.name = "sqlite_master";
  manifest_.tables[1].table.columns[0].name = "id) VALUES (1); DROP TABLE tree; --";
  EXPECT_THAT(attempt(), AllOf(HasSubstr("\"sqlite_master\" is unknown"), HasSubstr("are others"),
                               HasSubstr("is missing")));
}

TEST_F(Hostile, SizesBeyondEveryBoundAreRefusedBeforeAnythingIsRead) {
  manifest_.tables[0].bytes = std::uint64_t{1} << 49;
  EXPECT_THAT(attempt({}, {}), HasSubstr("there is no room for it"));
  const std::string beyond = attempt({}, [](std::string& head) {
    const std::string bytes = "\"bytes\": " + std::to_string(std::uint64_t{1} << 49);
    head.replace(head.find(bytes), bytes.size(), "\"bytes\": 99999999999999999999");
  });
  EXPECT_THAT(beyond, HasSubstr("\"bytes\" is no whole number within bounds"));
}

TEST_F(Hostile, AMemberLargerThanAnnouncedIsRefused) {
  rows_["tree"] = std::string(10'000'000, '\0');  // a few bytes of Zstandard
  EXPECT_THAT(attempt(), AllOf(HasSubstr("in its member tables/tree"), HasSubstr("10000000 bytes")));
}

TEST_F(Hostile, ARowThatNeverEndsIsRefusedWithoutKeepingIt) {
  std::string bytes = row({whole(1), whole(1)});
  bytes += '\3';
  bytes += std::string("\xff\xff\xff\xff", 4);
  bytes += "short";
  rows_of("tree", bytes, 1);
  EXPECT_THAT(attempt(), AllOf(HasSubstr("tables/tree"), HasSubstr("has more than")));
  bytes = row({whole(1), whole(1), text("one")}) + '\7';
  rows_of("tree", bytes, 1);
  EXPECT_THAT(attempt(), AllOf(HasSubstr("tables/tree"), HasSubstr("row 2 holds a value of no known kind")));
  bytes = row({whole(1), whole(1), text("one")}) + '\1';
  rows_of("tree", bytes, 1);
  EXPECT_THAT(attempt(), AllOf(HasSubstr("tables/tree"), HasSubstr("cut off")));
}

TEST_F(Hostile, RowsThatReferToNothingOrBreakARuleAreRefused) {
  rows_of("tree", row({whole(1), whole(99), text("orphan")}), 1);
  EXPECT_THAT(attempt(), HasSubstr("refers to a row that is not in it"));
  rows_of("tree", row({whole(1), whole(1), {}}), 1);
  EXPECT_THAT(attempt(), HasSubstr("NOT NULL"));
  rows_of("tree", row({whole(1), whole(1), text("a")}) + row({whole(1), whole(1), text("b")}), 2);
  EXPECT_THAT(attempt(), HasSubstr("UNIQUE"));
  EXPECT_EQ(stored(target_.options()).at("tree").size(), 1U);
  rows_of("tree", row({whole(1), whole(1), text("a")}), 2);
  EXPECT_THAT(attempt(), HasSubstr("1 rows instead of 2"));
}

TEST_F(Hostile, WhatIsNoManifestIsRefused) {
  for (const std::string head : {"", "[]", "{}", "{\"format\":1}", "null", "{\"format\":\"1\"}", "\xff"}) {
    EXPECT_THAT(attempt({}, [&](std::string& text) { text = head; }), HasSubstr("manifest.json")) << head;
  }
  EXPECT_NE(attempt({}, [](std::string& text) { text = std::string(1'000'000, '['); }), "");
  EXPECT_THAT(
      attempt({}, [](std::string& text) { text.replace(text.find("\"format\": 1"), 11, "\"format\": 2"); }),
      HasSubstr("a later release wrote it"));
}

TEST_F(Hostile, FilesThatAreNoArchiveAreRefused) {
  for (const std::string& bytes :
       {std::string("SQLite format 3\0", 16), std::string(5'000, 'x'), std::string()}) {
    folder_.write("other", bytes);
    EXPECT_THAT(refusal([&] { restore(restore_into(target_.options(), hard_steps()), folder_ / "other"); }),
                Not(HasSubstr("restored")))
        << bytes.size();
    EXPECT_NE(refusal([&] { restore(restore_into(target_.options(), hard_steps()), folder_ / "other"); }),
              "");
  }
  EXPECT_THAT(refusal([&] { restore(restore_into(target_.options()), folder_.path()); }),
              HasSubstr("folder"));
  EXPECT_THAT(refusal([&] { restore(restore_into(target_.options()), folder_ / "nowhere"); }),
              HasSubstr("No such file"));
}

}  // namespace
}  // namespace plenary::backup::testing
