// Static files: the embedded tree with hashed names ("css/site.3f9a1c07be.css") that browsers keep for a
// year, in the compressed forms made at build time; a folder on disk overrides single files or adds some. The
// table is built at start and on reload(), then shared by all threads; a reload that fails keeps the old
// table.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/embedded.hpp"
#include "web/request.hpp"
#include "web/response.hpp"
#include "web/routes.hpp"

namespace plenary::web {

class StaticFiles {
 public:
  struct Options {
    std::string prefix = "/static/";
    std::filesystem::path override_folder = {};         // empty: none
    std::size_t max_override_bytes = 16 * 1024 * 1024;  // of one file
    bool read_again = false;  // development: an overriding file that changed is seen without a restart
    std::chrono::milliseconds look_every{1000};  // how often the folder is looked at for that
  };
  StaticFiles(const EmbeddedTree* tree, Options options);
  ~StaticFiles();

  // "/static/css/site.3f9a1c07be.css". A file that does not exist gives "/static/css/site.css" and a line in
  // the log, so that a page with a mistake still renders.
  std::string url(std::string_view path) const;
  std::optional<std::string> bytes(std::string_view path) const;  // a copy
  // `path` without the prefix, with or without hash.
  Response answer(const Request& request, std::string_view path) const;
  void reload();  // throws std::runtime_error that names every file it could not read

  RouteTable routes() const;

 private:
  struct Table;
  std::shared_ptr<const Table> table() const;
  std::shared_ptr<const Table> build() const;
  const EmbeddedTree* tree_;
  Options options_;
  mutable std::shared_ptr<const Table> table_;          // std::atomic_load / atomic_store
  mutable std::atomic<std::int64_t> look_again_at_{0};  // steady milliseconds
};

// "text/css; charset=utf-8" for "a/b.css"; application/octet-stream for what is not known.
std::string_view content_type_of(std::string_view path);

enum class Encoding { identity, gzip, brotli };
// What Accept-Encoding allows, best first: brotli, gzip, identity. source: RFC 9110 12.5.3.
Encoding negotiate(std::string_view accept_encoding, bool has_brotli, bool has_gzip);

}  // namespace plenary::web
