// The layers are enforced twice: rooms link only their declared closure, and these tests read the includes.
#include "house/layers.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace plenary::house {
namespace {
namespace fs = std::filesystem;

const fs::path root = PLENARY_SOURCE_DIR;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

class Planted : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-house-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const std::string& file, const std::string& text) {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file) << text;
  }
  fs::path folder_;
};

TEST(Layers, EveryIncludeFollowsTheTable) {
  const auto found = violations(read_rooms(root / "src/rooms.txt"), root / "src");
  EXPECT_TRUE(found.empty()) << joined(found);
}

TEST(Layers, HeavyLibrariesStayOutOfSharedHeaders) {
  const auto found = heavy_headers(root / "src");
  EXPECT_TRUE(found.empty()) << joined(found);
}

TEST(Layers, TheTableHasNoCyclesAndNamesOnlyRooms) {
  const auto rooms = read_rooms(root / "src/rooms.txt");
  ASSERT_GT(rooms.size(), 20u);
  std::set<std::string> settled;
  for (std::size_t before = rooms.size() + 1; settled.size() < rooms.size() && before != settled.size();) {
    before = settled.size();
    for (const auto& [room, deps] : rooms) {
      bool ready = true;
      for (const auto& dep : deps) {
        ASSERT_TRUE(rooms.contains(dep)) << room << " depends on " << dep << ", which is no room";
        ready = ready && settled.contains(dep);
      }
      if (ready) settled.insert(room);
    }
  }
  EXPECT_EQ(settled.size(), rooms.size()) << "rooms depend on each other in a circle";
}

TEST(Layers, DomainRoomsKnowNothingOfTheWeb) {
  const auto rooms = read_rooms(root / "src/rooms.txt");
  for (const auto& [room, deps] : rooms) {
    if (!room.starts_with("domain")) continue;
    for (const auto& forbidden : {"web", "templating", "site", "manage", "admin", "api", "cli", "documents"})
      EXPECT_FALSE(deps.contains(forbidden)) << room << " may include " << forbidden;
  }
}

TEST_F(Planted, AnUpwardIncludeIsFound) {
  write("db/tx.hpp", "#pragma once\n");
  write("base/money.hpp", "#pragma once\n\n#include \"db/tx.hpp\"\n");
  const auto found = violations({{"base", {}}, {"db", {"base"}}}, folder_);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0], "base/money.hpp:3: room base may not include room db (db/tx.hpp)");
}

TEST_F(Planted, AStoreOfAnotherDomainRoomIsFound) {
  write("domain/onsite/checkin.cpp", "#include \"domain/sponsors/store.hpp\"\n");
  write("domain/sponsors/store.hpp", "#pragma once\n");
  const auto found = violations({{"domain/onsite", {"domain/sponsors"}}, {"domain/sponsors", {}}}, folder_);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].find("domain/onsite/checkin.cpp:1"), std::string::npos);
}

TEST_F(Planted, AFileOutsideOfEveryRoomIsFound) {
  write("attic/old.cpp", "#include <string>\n");
  EXPECT_EQ(violations({{"base", {}}}, folder_).size(), 1u);
}

TEST_F(Planted, ABeastHeaderInASharedHeaderIsFound) {
  write("web/server.hpp", "#include <boost/beast/http.hpp>\n");
  write("web/server.cpp", "#include <boost/beast/http.hpp>\n");
  const auto found = heavy_headers(folder_);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].rfind("web/server.hpp:1", 0), 0u);
}

}  // namespace
}  // namespace plenary::house
