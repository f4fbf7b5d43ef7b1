// Files that a restore brings back: first written beside their place under names of no meaning, then moved
// there, never over anything. Until keep() everything that was placed is taken away again at the end. A file
// that is there already with the same bytes is left as it is, so that a restore that was cut off can be done
// again. One thread. Errors: BackupError.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "backup/manifest.hpp"

namespace plenary::backup {

class PlacedFiles {
 public:
  PlacedFiles() = default;
  ~PlacedFiles();
  PlacedFiles(const PlacedFiles&) = delete;
  PlacedFiles& operator=(const PlacedFiles&) = delete;

  // Throws when something else lies there. False: the same file does.
  static bool is_wanted(const std::filesystem::path& place, const StoredFile& stored);

  void begin(const std::filesystem::path& place);
  void piece(std::string_view bytes);
  void end();
  // Moves everything to its place.
  void place();
  void keep() { kept_ = true; }

 private:
  struct One {
    std::filesystem::path temporary, place;
    bool placed = false;
  };
  void make_folder(const std::filesystem::path& folder);
  [[noreturn]] void fail(const std::filesystem::path& file) const;

  std::vector<One> files_;
  std::vector<std::filesystem::path> folders_;  // made by us, outermost first
  int descriptor_ = -1;
  bool kept_ = false;
};

}  // namespace plenary::backup
