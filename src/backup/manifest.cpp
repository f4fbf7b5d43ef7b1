#include "backup/manifest.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace plenary::backup {
namespace {

using nlohmann::json;

constexpr std::pair<db::RawKind, const char*> kinds[] = {{db::RawKind::integer, "integer"},
                                                         {db::RawKind::real, "real"},
                                                         {db::RawKind::text, "text"},
                                                         {db::RawKind::bytes, "bytes"}};

const char* engine_word(db::Engine engine) {
  return engine == db::Engine::sqlite ? "sqlite" : "postgresql";
}

std::uint64_t added(std::uint64_t a, std::uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

[[noreturn]] void wrong(const std::string& what) {
  throw BackupError(fmt::format("manifest.json: {}", what));
}

json file_json(const StoredFile& file) {
  return {{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}};
}

// The member, of the type that `T` is; its absence is an error.
template <class T>
T get(const json& object, const char* key) {
  if (!object.is_object()) wrong("an object is expected");
  const auto found = object.find(key);
  if (found == object.end()) wrong(fmt::format("\"{}\" is missing", key));
  if constexpr (std::is_same_v<T, std::string>) {
    if (!found->is_string()) wrong(fmt::format("\"{}\" is no text", key));
    return found->template get<std::string>();
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!found->is_boolean()) wrong(fmt::format("\"{}\" is neither true nor false", key));
    return found->template get<bool>();
  } else {
    // No sizes beyond what a file can have; negative ones neither.
    constexpr std::int64_t most = sizeof(T) < 8 ? 1'000'000'000 : std::int64_t{1} << 50;
    if (!found->is_number_integer() ||
        (found->is_number_unsigned() && found->template get<std::uint64_t>() > std::uint64_t{1} << 50))
      wrong(fmt::format("\"{}\" is no whole number within bounds", key));
    const auto value = found->template get<std::int64_t>();
    if (value < 0 || value > most) wrong(fmt::format("\"{}\" is out of bounds", key));
    return static_cast<T>(value);
  }
}

const json& list(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) wrong(fmt::format("\"{}\" is no list", key));
  return *found;
}

std::string checksum(const json& object) {
  std::string text = get<std::string>(object, "sha256");
  const bool hex = std::all_of(text.begin(), text.end(),
                               [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (text.size() != 64 || !hex) wrong("a \"sha256\" is none");
  return text;
}

std::vector<StoredFile> files(const json& object, const char* key) {
  std::vector<StoredFile> all;
  std::set<std::string> seen;
  for (const json& one : list(object, key)) {
    StoredFile& file = all.emplace_back();
    file.path = get<std::string>(one, "path");
    file.bytes = get<std::uint64_t>(one, "bytes");
    file.sha256 = checksum(one);
    refuse_path(file.path);
    if (!seen.insert(file.path).second) wrong(fmt::format("\"{}\" is named twice", file.path));
  }
  return all;
}

StoredTable table_of(const json& one) {
  StoredTable stored;
  stored.table.name = get<std::string>(one, "name");
  stored.rows = get<std::int64_t>(one, "rows");
  stored.bytes = get<std::uint64_t>(one, "bytes");
  stored.sha256 = checksum(one);
  std::set<std::string> seen;
  for (const json& column : list(one, "columns")) {
    db::RawColumn& made = stored.table.columns.emplace_back();
    made.name = get<std::string>(column, "name");
    const std::string word = get<std::string>(column, "kind");
    const auto kind =
        std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& k) { return word == k.second; });
    if (kind == std::end(kinds)) wrong(fmt::format("the kind of column \"{}\" is unknown", shown(made.name)));
    made.kind = kind->first;
    if (!seen.insert(made.name).second)
      wrong(fmt::format("a column is named twice in {}", stored.table.name));
  }
  // A row without columns would have no end.
  if (stored.table.columns.empty()) wrong(fmt::format("the table {} has no columns", stored.table.name));
  return stored;
}

}  // namespace

std::string shown(std::string_view text) {
  std::string out(text.substr(0, 80));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  }
  return out;
}

// Below a folder, wherever that is: no way up, no absolute name, nothing that another system reads so.
void refuse_path(const std::string& path) {
  const auto refuse = [&] {
    wrong(fmt::format("the path \"{}\" does not lead below a folder", shown(path)));
  };
  if (path.empty() || path.size() > 1000 || path.front() == '/' || path.back() == '/' || !is_valid_utf8(path))
    refuse();
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') refuse();
  }
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = std::string_view(path).substr(at, end - at);
    if (part.empty() || part == "." || part == ".." || part.size() > 255) refuse();
    at = end + 1;
  }
}

// What a hostile manifest announces may not fit; then it is as much as a number can say.
std::uint64_t Manifest::rows() const {
  std::uint64_t sum = 0;
  for (const StoredTable& table : tables) sum = added(sum, static_cast<std::uint64_t>(table.rows));
  return sum;
}

std::uint64_t Manifest::table_bytes() const {
  std::uint64_t sum = 0;
  for (const StoredTable& table : tables) sum = added(sum, table.bytes);
  return sum;
}

std::uint64_t Manifest::upload_bytes() const {
  std::uint64_t sum = 0;
  for (const StoredFile& file : uploads) sum = added(sum, file.bytes);
  return sum;
}

std::string member_of_table(std::string_view table) {
  return fmt::format("tables/{}", table);
}

std::string member_of_file(std::string_view folder, std::size_t number) {
  return fmt::format("{}/{:06}", folder, number);
}

std::string to_json(const Manifest& manifest) {
  json conferences = json::array(), tables = json::array(), uploads = json::array(), keys = json::array();
  for (const StoredConference& one : manifest.conferences)
    conferences.push_back({{"slug", one.slug}, {"name", one.name}});
  for (const StoredTable& stored : manifest.tables) {
    json columns = json::array();
    for (const db::RawColumn& column : stored.table.columns) {
      const auto kind = std::find_if(std::begin(kinds), std::end(kinds),
                                     [&](const auto& k) { return column.kind == k.first; });
      columns.push_back({{"name", column.name}, {"kind", kind->second}});
    }
    tables.push_back({{"name", stored.table.name},
                      {"columns", std::move(columns)},
                      {"rows", stored.rows},
                      {"bytes", stored.bytes},
                      {"sha256", stored.sha256}});
  }
  for (const StoredFile& file : manifest.uploads) uploads.push_back(file_json(file));
  for (const StoredFile& file : manifest.keys) keys.push_back(file_json(file));
  const json all = {{"format", manifest.format},
                    {"program", manifest.program},
                    {"engine", engine_word(manifest.engine)},
                    {"schema", {{"version", manifest.schema_version}, {"name", manifest.schema_name}}},
                    {"taken_at", manifest.taken_at.to_string()},
                    {"conferences", std::move(conferences)},
                    {"with_uploads", manifest.with_uploads},
                    {"with_keys", manifest.has_keys()},
                    {"tables", std::move(tables)},
                    {"uploads", std::move(uploads)},
                    {"keys", std::move(keys)}};
  // A name that is no UTF-8 may stand in an SQLite database; it is only shown here.
  return all.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Manifest manifest_from_json(std::string_view text) {
  const json all = json::parse(text, nullptr, false);
  if (all.is_discarded() || !all.is_object()) wrong("is no JSON object");
  Manifest manifest;
  manifest.format = get<int>(all, "format");
  if (manifest.format > format_number) {
    throw BackupError(fmt::format(
        "it has format {}, this program reads formats up to {}: a later release wrote it. Use that release.",
        manifest.format, format_number));
  }
  manifest.program = get<std::string>(all, "program");
  const std::string engine = get<std::string>(all, "engine");
  if (engine != "sqlite" && engine != "postgresql") wrong("\"engine\" is unknown");
  manifest.engine = engine == "sqlite" ? db::Engine::sqlite : db::Engine::postgresql;
  const auto schema = all.find("schema");
  if (schema == all.end()) wrong("\"schema\" is missing");
  manifest.schema_version = get<int>(*schema, "version");
  manifest.schema_name = get<std::string>(*schema, "name");
  const auto moment = Instant::parse(get<std::string>(all, "taken_at"));
  if (!moment) wrong("\"taken_at\" is no moment");
  manifest.taken_at = *moment;
  for (const json& one : list(all, "conferences"))
    manifest.conferences.push_back({get<std::string>(one, "slug"), get<std::string>(one, "name")});
  manifest.with_uploads = get<bool>(all, "with_uploads");
  std::set<std::string> seen;
  for (const json& one : list(all, "tables")) {
    manifest.tables.push_back(table_of(one));
    if (!seen.insert(manifest.tables.back().table.name).second) wrong("a table is named twice");
  }
  manifest.uploads = files(all, "uploads");
  manifest.keys = files(all, "keys");
  return manifest;
}

}  // namespace plenary::backup
