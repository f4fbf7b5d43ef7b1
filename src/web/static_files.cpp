#include "web/static_files.hpp"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/codes.hpp"
#include "web/access_log.hpp"

namespace plenary::web {
namespace {

constexpr std::size_t hash_length = 12;
constexpr std::string_view a_year = "public, max-age=31536000, immutable";

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

bool is_compressible(std::string_view type) {
  return type.starts_with("text/") || type.starts_with("application/json") || type.starts_with("image/svg") ||
         type.starts_with("application/manifest");
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return result == Z_STREAM_END ? out : std::string();
}

// "css/site.css" and its hash: "css/site.3f9a1c07be12.css"
std::string hashed_name(std::string_view path, std::string_view hash) {
  std::size_t slash = path.find_last_of('/');
  std::size_t dot = path.find_last_of('.');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) {
    return fmt::format("{}.{}", path, hash);
  }
  return fmt::format("{}.{}{}", path.substr(0, dot), hash, path.substr(dot));
}

}  // namespace

struct StaticFiles::Table {
  struct File {
    std::string_view bytes, gzip, brotli;
    std::string type, hash, url;
    std::shared_ptr<const std::string> owned, owned_gzip;  // of overriding files
  };
  std::unordered_map<std::string, File, TextHash, std::equal_to<>> files;          // by path
  std::unordered_map<std::string, const File*, TextHash, std::equal_to<>> hashed;  // by hashed path
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> stamps;  // of overriding files: time, size

  const File* find(std::string_view path) const {
    auto at = files.find(path);
    return at == files.end() ? nullptr : &at->second;
  }
};

namespace {

std::map<std::string, std::pair<std::int64_t, std::int64_t>> stamps_of(const std::filesystem::path& folder) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> stamps;
  if (folder.empty()) return stamps;
  std::error_code error;
  for (auto at = std::filesystem::recursive_directory_iterator(folder, error);
       at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    if (error) break;
    struct stat info {};
    if (::stat(at->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    std::string path = std::filesystem::relative(at->path(), folder, error).generic_string();
    if (path.starts_with('.') || path.find("/.") != std::string::npos) continue;
    stamps[path] = {info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec, info.st_size};
  }
  return stamps;
}

}  // namespace

StaticFiles::StaticFiles(const EmbeddedTree* tree, Options options)
    : tree_(tree), options_(std::move(options)) {
  table_ = build();
}

StaticFiles::~StaticFiles() = default;

std::shared_ptr<const StaticFiles::Table> StaticFiles::build() const {
  auto table = std::make_shared<Table>();
  if (tree_) {
    for (const EmbeddedFile& file : tree_->files()) {
      // "site.css.br" and "site.css.gz" are forms of "site.css", made when the program was built.
      bool form = false;
      for (std::string_view suffix : {".br", ".gz"}) {
        if (file.path.ends_with(suffix) && tree_->find(file.path.substr(0, file.path.size() - 3)))
          form = true;
      }
      if (form) continue;
      Table::File entry;
      entry.bytes = file.bytes;
      if (auto bytes = tree_->find(fmt::format("{}.br", file.path))) entry.brotli = *bytes;
      if (auto bytes = tree_->find(fmt::format("{}.gz", file.path))) entry.gzip = *bytes;
      table->files.emplace(file.path, std::move(entry));
    }
  }
  table->stamps = stamps_of(options_.override_folder);
  std::vector<std::string> problems;
  for (const auto& [path, stamp] : table->stamps) {
    if (stamp.second > static_cast<std::int64_t>(options_.max_override_bytes)) {
      problems.push_back(fmt::format("{}: {} bytes, at most {} are served from memory", path, stamp.second,
                                     options_.max_override_bytes));
      continue;
    }
    std::ifstream in(options_.override_folder / path, std::ios::binary);
    auto bytes =
        std::make_shared<std::string>(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    if (!in && !in.eof()) {
      problems.push_back(fmt::format("{}: cannot be read", path));
      continue;
    }
    Table::File entry;
    if (is_compressible(content_type_of(path)) && bytes->size() > 256) {
      auto packed = std::make_shared<std::string>(gzip(*bytes));
      if (!packed->empty() && packed->size() < bytes->size()) {
        entry.gzip = *packed;
        entry.owned_gzip = std::move(packed);
      }
    }
    entry.bytes = *bytes;
    entry.owned = std::move(bytes);
    table->files.insert_or_assign(path, std::move(entry));
  }
  if (!problems.empty()) {
    throw std::runtime_error(fmt::format("Static files in {}:\n  {}", options_.override_folder.string(),
                                         fmt::join(problems, "\n  ")));
  }
  for (auto& [path, file] : table->files) {
    file.type = content_type_of(path);
    file.hash = token_hash(file.bytes).substr(0, hash_length);
    std::string name = hashed_name(path, file.hash);
    file.url = options_.prefix + percent_encode(name, true);
    table->hashed.emplace(std::move(name), &file);
  }
  return table;
}

std::shared_ptr<const StaticFiles::Table> StaticFiles::table() const {
  auto table = std::atomic_load(&table_);
  if (!options_.read_again || options_.override_folder.empty()) return table;
  const std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::steady_clock::now().time_since_epoch())
                               .count();
  std::int64_t due = look_again_at_.load(std::memory_order_relaxed);
  // One thread looks; the others go on with what there is.
  if (now < due || !look_again_at_.compare_exchange_strong(due, now + options_.look_every.count()))
    return table;
  if (stamps_of(options_.override_folder) != table->stamps) {
    try {
      auto fresh = build();
      std::atomic_store(&table_, fresh);
      return fresh;
    } catch (const std::exception& error) {
      spdlog::warn("{}", log_escaped(error.what()));
    }
  }
  return table;
}

void StaticFiles::reload() {
  std::atomic_store(&table_, build());
}

std::string StaticFiles::url(std::string_view path) const {
  auto table = this->table();
  if (const Table::File* file = table->find(path)) return file->url;
  spdlog::warn("There is no static file {}.", log_escaped(path));
  return options_.prefix + percent_encode(path, true);
}

std::optional<std::string> StaticFiles::bytes(std::string_view path) const {
  auto table = this->table();
  const Table::File* file = table->find(path);
  if (!file) return std::nullopt;
  return std::string(file->bytes);
}

Response StaticFiles::answer(const Request& request, std::string_view path) const {
  auto table = this->table();
  const Table::File* file = nullptr;
  bool forever = false;
  if (auto at = table->hashed.find(path); at != table->hashed.end()) {
    file = at->second;
    forever = true;
  } else {
    file = table->find(path);
  }
  if (!file) return Response::not_found("There is no such file.");

  Encoding encoding =
      negotiate(request.header("Accept-Encoding"), !file->brotli.empty(), !file->gzip.empty());
  std::string_view bytes = file->bytes;
  std::string_view tag;
  if (encoding == Encoding::brotli) {
    bytes = file->brotli;
    tag = "-br";
  } else if (encoding == Encoding::gzip) {
    bytes = file->gzip;
    tag = "-gz";
  }
  std::string etag = fmt::format("\"{}{}\"", file->hash, tag);
  std::string_view wanted = request.header("If-None-Match");
  bool same = wanted == "*" || wanted.find(etag) != std::string_view::npos;
  Response response = same ? Response(304) : Response::shared(bytes, table, file->type);
  response.set("ETag", std::move(etag));
  response.set("Cache-Control", std::string(forever ? a_year : "public, no-cache"));
  if (!file->gzip.empty() || !file->brotli.empty()) response.set("Vary", "Accept-Encoding");
  if (!same && encoding != Encoding::identity) {
    response.set("Content-Encoding", encoding == Encoding::brotli ? "br" : "gzip");
  }
  return response;
}

RouteTable StaticFiles::routes() const {
  RouteTable table;
  Route route;
  route.pattern = options_.prefix + "{path:path}";
  route.name = "static";
  route.guard = public_();
  route.handler = [this](Request& request) -> Task<Response> {
    co_return answer(request, request.param("path"));
  };
  table.push_back(std::move(route));
  return table;
}

std::string_view content_type_of(std::string_view path) {
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".html", "text/html; charset=utf-8"},
      {".txt", "text/plain; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".gif", "image/gif"},
      {".webp", "image/webp"},
      {".avif", "image/avif"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".woff", "font/woff"},
      {".ttf", "font/ttf"},
      {".pdf", "application/pdf"},
      {".wasm", "application/wasm"},
  };
  for (const auto& [suffix, type] : types) {
    if (path.ends_with(suffix)) return type;
  }
  return "application/octet-stream";
}

Encoding negotiate(std::string_view accept, bool has_brotli, bool has_gzip) {
  double brotli = -1, gzip = -1, any = -1;
  while (!accept.empty()) {
    std::size_t end = std::min(accept.find(','), accept.size());
    std::string_view element = accept.substr(0, end);
    accept.remove_prefix(std::min(accept.size(), end + 1));
    double quality = 1;
    std::size_t semicolon = std::min(element.find(';'), element.size());
    if (std::size_t q = element.find("q=", semicolon); q != std::string_view::npos) {
      std::string_view number = element.substr(q + 2);
      if (std::from_chars(number.data(), number.data() + number.size(), quality).ec != std::errc())
        quality = 0;
    }
    std::string_view name = element.substr(0, semicolon);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (name == "br") brotli = quality;
    if (name == "gzip" || name == "x-gzip") gzip = quality;
    if (name == "*") any = quality;
  }
  if (brotli < 0) brotli = any;
  if (gzip < 0) gzip = any;
  if (has_brotli && brotli > 0 && (brotli >= gzip || !has_gzip)) return Encoding::brotli;
  if (has_gzip && gzip > 0) return Encoding::gzip;
  return Encoding::identity;
}

}  // namespace plenary::web
