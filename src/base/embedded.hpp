// Files built into the binary (templates, static files, migrations), by their path below the folder.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace plenary {

struct EmbeddedFile {
  std::string_view path;   // "registration/cart.html"
  std::string_view bytes;  // alive for the whole process
};

class EmbeddedTree {
 public:
  // `files` sorted by path.
  explicit EmbeddedTree(std::vector<EmbeddedFile> files);
  std::optional<std::string_view> find(std::string_view path) const;
  const std::vector<EmbeddedFile>& files() const { return files_; }

 private:
  std::vector<EmbeddedFile> files_;
};

}  // namespace plenary
