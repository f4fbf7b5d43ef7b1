// The messages of the whole program are collected in locale/plenary.pot, with those that stand in the
// descriptions of entities. When this fails after a text was changed: `./dev messages`, then translate what
// is missing in locale/*/LC_MESSAGES/plenary.po.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <unistd.h>

#include "admin/model_messages.hpp"
#include "i18n/po_reader.hpp"
#include "templating/messages.hpp"

namespace plenary::admin {
namespace {

const std::filesystem::path source = PLENARY_SOURCE_DIR;

std::string file_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

std::set<std::string> keys_of(const std::string& text, const char* name) {
  std::set<std::string> keys;
  for (const i18n::PoMessage& message : i18n::read_po(text, name))
    keys.insert(message.context.value_or("") + "|" + message.id + "|" + message.plural.value_or(""));
  return keys;
}

TEST(Messages, TheCollectionInTheTreeIsUpToDate) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("plenary-messages-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "templates.po") << templating::messages_of_folder(source / "templates");
  std::ofstream(folder / "entities.po") << model_messages();
  const std::string command = (source / "locale/extract.sh").string() + " " +
                              (folder / "templates.po").string() + " " + (folder / "entities.po").string() +
                              " " + (folder / "fresh.pot").string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  const std::string fresh = file_text(folder / "fresh.pot"), kept = file_text(source / "locale/plenary.pot");
  const std::set<std::string> fresh_keys = keys_of(fresh, "fresh"), kept_keys = keys_of(kept, "kept");
  for (const std::string& key : fresh_keys) EXPECT_TRUE(kept_keys.contains(key)) << "new: " << key;
  for (const std::string& key : kept_keys) EXPECT_TRUE(fresh_keys.contains(key)) << "gone: " << key;
  EXPECT_TRUE(fresh == kept) << "./dev messages brings it up to date";
  EXPECT_GT(fresh_keys.size(), 300u);
  std::filesystem::remove_all(folder);
}

TEST(Messages, OfTheDataAdminAreTitlesLabelsHelpAndRules) {
  const std::set<std::string> keys = keys_of(model_messages(), "entities");
  for (const char* text : {"Ticket type", "Ticket types", "Registration", "Total quantity",
                           "Another ticket type has this slug."})
    EXPECT_TRUE(keys.contains("|" + std::string(text) + "|")) << text;
}

}  // namespace
}  // namespace plenary::admin
