#include "base/embedded.hpp"

#include <algorithm>
#include <utility>

namespace plenary {

EmbeddedTree::EmbeddedTree(std::vector<EmbeddedFile> files) : files_(std::move(files)) {
  // The build sorts by path already, but by its own idea of order where names hold more than ASCII.
  std::sort(files_.begin(), files_.end(),
            [](const EmbeddedFile& a, const EmbeddedFile& b) { return a.path < b.path; });
}

std::optional<std::string_view> EmbeddedTree::find(std::string_view path) const {
  const auto at =
      std::lower_bound(files_.begin(), files_.end(), path,
                       [](const EmbeddedFile& file, std::string_view p) { return file.path < p; });
  if (at == files_.end() || at->path != path) return std::nullopt;
  return at->bytes;
}

}  // namespace plenary
