// Where mail lands in development: one .eml file a message in a folder, written whole or not at all, named by
// its Message-ID so that a repeat replaces it. Keeps the newest 2,000. Several processes may use one folder.
// Errors: std::runtime_error naming the file, what is wrong and what to do. source: ground rules 15, 6.1.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace plenary::net {

class MailFolder {
 public:
  explicit MailFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // The file it became.
  std::filesystem::path store(std::string_view message_id, std::string_view message) const;

  struct Entry {
    std::string id;  // for read(): letters, digits, - and _
    Instant written_at;
    std::uintmax_t bytes = 0;
  };
  // Newest first. No folder: nothing.
  std::vector<Entry> list(std::size_t limit = 100) const;
  // Nothing for an unknown id, and for what could be no id.
  std::optional<std::string> read(std::string_view id) const;

  const std::filesystem::path& path() const { return folder_; }

 private:
  void drop_oldest() const;
  std::filesystem::path folder_;
};

}  // namespace plenary::net
