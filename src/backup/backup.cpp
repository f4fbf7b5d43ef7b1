#include "backup/backup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "backup/reading.hpp"
#include "backup/row_coding.hpp"
#include "backup/sha256.hpp"
#include "db/snapshot.hpp"

namespace plenary::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::uint64_t rows_between_progress = 1'000;
constexpr std::uint64_t megabyte = 1'000'000;

// The rows of all tables, out of the database and into the spool, with what the manifest says of them.
class Spooling {
 public:
  Spooling(const BackupRequest& request, Manifest& manifest, Spool& spool)
      : request_(request), manifest_(manifest), spool_(spool) {}

  void run() {
    const auto snapshot = db::Snapshot::open(request_.database);
    manifest_.taken_at = request_.database.clock ? request_.database.clock->now() : Instant::system_now();
    manifest_.engine = snapshot->engine();
    const auto version = snapshot->schema_version();
    if (!version) throw BackupError("The database has no tables yet: there is nothing to back up.");
    std::tie(manifest_.schema_version, manifest_.schema_name) = *version;
    if (static_cast<std::size_t>(version->first) > request_.steps.size()) {
      throw BackupError(
          fmt::format("The database is at step {}, this release knows steps up to {}: a later release was "
                      "here. Back it up "
                      "with that release.",
                      version->first, request_.steps.size()));
    }
    const std::vector<db::RawTable> tables = snapshot->tables();
    for (const db::RawTable& table : tables) total_ += static_cast<std::uint64_t>(snapshot->count(table));
    for (const db::RawTable& table : tables) spool_table(*snapshot, table);
  }

 private:
  void spool_table(db::Snapshot& snapshot, const db::RawTable& table) {
    StoredTable stored;
    stored.table = table;
    Sha256 checksum;
    std::string buffer;
    const auto flush = [&] {
      checksum.add(buffer);
      stored.bytes += buffer.size();
      spool_.write(buffer);
      buffer.clear();
    };
    const Conferences conferences(table);
    snapshot.each(table, [&](std::span<const db::RawValue> row) {
      try {
        append_row(buffer, row);
      } catch (const BackupError& error) {
        throw BackupError(fmt::format("{}: {}.", table.name, error.what()));
      }
      ++stored.rows;
      conferences.note(row, manifest_.conferences);
      if (buffer.size() >= piece_bytes) flush();
      if (++done_ % rows_between_progress == 0) request_.progress("rows", done_, total_);
    });
    flush();
    stored.sha256 = checksum.hex();
    manifest_.tables.push_back(std::move(stored));
  }

  // Whose rows these are, for whoever looks at the file later.
  struct Conferences {
    explicit Conferences(const db::RawTable& table) {
      if (table.name != "conference") return;
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].name == "slug") slug = i;
        if (table.columns[i].name == "name") name = i;
      }
    }
    void note(std::span<const db::RawValue> row, std::vector<StoredConference>& list) const {
      if (!slug || !name) return;
      list.push_back({std::string(row[*slug].bytes), std::string(row[*name].bytes)});
    }
    std::optional<std::size_t> slug, name;
  };

  const BackupRequest& request_;
  Manifest& manifest_;
  Spool& spool_;
  std::uint64_t done_ = 0, total_ = 0;
};

// Reads a file to its end, in pieces.
template <class F>
std::uint64_t each_piece(const fs::path& file, F&& use) {
  std::ifstream in(file, std::ios::binary);
  std::string piece(piece_bytes, '\0');
  std::uint64_t size = 0;
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    size += got;
    if (got > 0) use(std::string_view(piece).substr(0, got));
  }
  if (!in.eof()) {
    throw BackupError(fmt::format("{} cannot be read: {}. It belongs into the backup.", file.string(),
                                  std::strerror(errno)));
  }
  return size;
}

StoredFile described(const fs::path& file, std::string stored_as) {
  StoredFile stored;
  stored.path = std::move(stored_as);
  Sha256 checksum;
  stored.bytes = each_piece(file, [&](std::string_view piece) { checksum.add(piece); });
  stored.sha256 = checksum.hex();
  return stored;
}

// Plain files below the folder, by name. Links are none of the server's doing and are left out, and so is
// what begins with a dot: half an upload, or half a restore.
std::vector<StoredFile> uploads_below(const fs::path& folder) {
  std::vector<StoredFile> all;
  std::error_code error;
  if (!fs::exists(folder, error)) return all;
  for (auto at = fs::recursive_directory_iterator(folder); at != fs::recursive_directory_iterator(); ++at) {
    if (at->path().filename().string().starts_with(".")) {
      if (at->is_directory()) at.disable_recursion_pending();
      continue;
    }
    if (at->is_symlink() || !at->is_regular_file()) continue;
    std::string name = at->path().lexically_relative(folder).generic_string();
    try {
      refuse_path(name);
    } catch (const BackupError&) {
      throw BackupError(
          fmt::format("The upload {} has a name that no backup can hold: rename it.", shown(name)));
    }
    all.push_back(described(at->path(), std::move(name)));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return all;
}

class Archiving {
 public:
  Archiving(const BackupRequest& request, const Manifest& manifest, const Sink& sink)
      : request_(request),
        manifest_(manifest),
        archive_([this, &sink](std::string_view bytes) { sink(bytes); }, manifest.taken_at),
        total_(manifest.table_bytes() + manifest.upload_bytes()) {}

  void run(Spool& spool) {
    const std::string head = to_json(manifest_);
    if (head.size() > most_manifest_bytes)
      throw BackupError("There are too many uploads for one backup: its list of them would be too long.");
    member("manifest.json", head);
    member("manifest.sha256", Sha256::of(head) + "\n");
    spool.rewind();
    for (const StoredTable& stored : manifest_.tables) {
      archive_.begin(member_of_table(stored.table.name), stored.bytes);
      for (std::uint64_t left = stored.bytes; left > 0;) {
        const std::string_view piece = spool.read(left);
        if (piece.empty()) throw BackupError("the temporary file ended too early");
        archive_.write(piece);
        left -= piece.size();
        count(piece.size());
      }
    }
    for (std::size_t i = 0; i < manifest_.uploads.size(); ++i)
      file(member_of_file("uploads", i + 1), *request_.uploads / manifest_.uploads[i].path,
           manifest_.uploads[i]);
    for (std::size_t i = 0; i < manifest_.keys.size(); ++i)
      file(member_of_file("keys", i + 1), request_.keys[i].path, manifest_.keys[i]);
    archive_.close();
  }

 private:
  void member(const std::string& name, std::string_view bytes) {
    archive_.begin(name, bytes.size());
    archive_.write(bytes);
  }

  void file(const std::string& name, const fs::path& path, const StoredFile& stored) {
    archive_.begin(name, stored.bytes);
    Sha256 checksum;
    std::uint64_t left = stored.bytes;
    const std::uint64_t size = each_piece(path, [&](std::string_view piece) {
      checksum.add(piece);
      piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size())));
      left -= piece.size();
      archive_.write(piece);
      count(piece.size());
    });
    if (size != stored.bytes || checksum.hex() != stored.sha256)
      throw BackupError(fmt::format("{} was changed while it was read; try again.", path.string()));
  }

  void count(std::size_t bytes) {
    done_ += bytes;
    request_.progress("MB", done_ / megabyte, total_ / megabyte);
  }

  const BackupRequest& request_;
  const Manifest& manifest_;
  ArchiveWriter archive_;
  std::uint64_t done_ = 0, total_;
};

}  // namespace

Manifest write_backup(const BackupRequest& request, const Sink& sink) {
  Manifest manifest;
  manifest.program = PLENARY_VERSION;
  Spool spool(request.spool_folder);
  Spooling(request, manifest, spool).run();
  // After the rows: an upload that a row speaks of was there before it.
  manifest.with_uploads = request.uploads.has_value();
  if (request.uploads) manifest.uploads = uploads_below(*request.uploads);
  for (const NamedFile& key : request.keys) manifest.keys.push_back(described(key.path, key.name));
  Archiving(request, manifest, sink).run(spool);
  return manifest;
}

Manifest backup_to_file(BackupRequest request, const fs::path& file, Existing existing) {
  NewFile target(file, existing);
  request.spool_folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
  const Manifest manifest = write_backup(request, [&](std::string_view bytes) { target.write(bytes); });
  target.keep();
  return manifest;
}

Manifest verify_backup(const fs::path& file, const Progress& progress) {
  struct Nothing final : Contents {
    void table(const StoredTable&) override {}
    void row(std::span<const db::RawValue>) override {}
    void end_table() override {}
    bool wants_file(const StoredFile&, Part) override { return true; }
    void piece(std::string_view) override {}
    void end_file() override {}
  } nothing;
  BackupFile backup(file);
  backup.read(nothing, progress);
  return backup.manifest();
}

}  // namespace plenary::backup
