#include "net/mail_folder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace plenary::net {
namespace {

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "plenary-mail-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    path = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

TEST_F(Folder, MailIsReadBackNewestFirst) {
  const MailFolder folder(path / "new" / "folder");
  EXPECT_TRUE(folder.list().empty());
  folder.store("b@x", "second was first");
  folder.store("a@x", "the other");
  const auto entries = folder.list();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].id, "a");
  EXPECT_EQ(folder.read("b"), "second was first");
  EXPECT_EQ(folder.list(1).size(), 1u);
}

TEST_F(Folder, ARepeatReplacesTheFile) {
  const MailFolder folder(path);
  folder.store("a@x", "first");
  folder.store("a@x", "again");
  EXPECT_EQ(folder.list().size(), 1u);
  EXPECT_EQ(folder.read("a"), "again");
}

TEST_F(Folder, NothingOutsideIsRead) {
  const MailFolder folder(path / "mail");
  folder.store("a@x", "x");
  std::ofstream(path / "secret.eml") << "secret";
  for (const char* id : {"../secret", "", ".", "a/../../secret", "a\0", "/etc/passwd"})
    EXPECT_FALSE(folder.read(id) && *folder.read(id) == "secret") << id;
  EXPECT_FALSE(folder.read("../secret"));
  const auto file = folder.store("../../x/y@z", "inside");
  EXPECT_EQ(file.parent_path(), path / "mail");
}

TEST_F(Folder, AFolderThatCannotBeWrittenSaysWhatToDo) {
  std::ofstream(path / "file") << "x";
  const MailFolder folder(path / "file");
  try {
    folder.store("a@x", "x");
    FAIL() << "stored into a file";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("[mail] folder"), std::string::npos);
  }
}

}  // namespace
}  // namespace plenary::net
