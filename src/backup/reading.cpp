#include "backup/reading.hpp"

#include <fmt/format.h>

#include <exception>

#include "backup/row_coding.hpp"
#include "backup/sha256.hpp"

namespace plenary::backup {
namespace {

constexpr std::uint64_t rows_between_progress = 1'000;
constexpr std::uint64_t megabyte = 1'000'000;

}  // namespace

BackupFile::BackupFile(const std::filesystem::path& file) : name_(file.string()), archive_(file) {
  archive_.begin("manifest.json", most_manifest_bytes);
  const std::string head = archive_.read_all();
  const std::string checksum = Sha256::of(head) + "\n";
  archive_.begin("manifest.sha256", checksum.size());
  if (archive_.read_all() != checksum) damaged("manifest.json", "its checksum is another");
  try {
    manifest_ = manifest_from_json(head);
  } catch (const BackupError& error) {
    throw BackupError(fmt::format("{}: {}", name_, error.what()));
  }
}

void BackupFile::damaged(const std::string& member, const std::string& why) const {
  throw BackupError(fmt::format(
      "{} is damaged, in its member {}: {}. Nothing of it was kept; use another copy or an earlier backup.",
      name_, member, why));
}

void BackupFile::read(Contents& contents, const Progress& progress) {
  for (const StoredTable& stored : manifest_.tables) read_table(stored, contents, progress);
  for (std::size_t i = 0; i < manifest_.uploads.size(); ++i) {
    read_file(manifest_.uploads[i], member_of_file("uploads", i + 1), Contents::Part::upload, contents,
              progress);
  }
  const Progress silent = [](const char*, std::uint64_t, std::uint64_t) {};
  for (std::size_t i = 0; i < manifest_.keys.size(); ++i)
    read_file(manifest_.keys[i], member_of_file("keys", i + 1), Contents::Part::key, contents, silent);
  archive_.end();
}

void BackupFile::read_table(const StoredTable& stored, Contents& contents, const Progress& progress) {
  const std::string member = member_of_table(stored.table.name);
  if (archive_.begin(member, stored.bytes) != stored.bytes) damaged(member, "its size is another");
  contents.table(stored);
  RowReader rows(stored.table.columns.size(), stored.bytes, [&](std::span<const db::RawValue> row) {
    contents.row(row);
    if (++rows_ % rows_between_progress == 0) progress("rows", rows_, manifest_.rows());
  });
  Sha256 checksum;
  std::int64_t found = 0;
  std::exception_ptr refused;  // by the database; damage explains it better
  for (std::string_view piece = archive_.read(); !piece.empty(); piece = archive_.read()) {
    checksum.add(piece);
    if (refused) continue;
    try {
      rows.take(piece);
    } catch (const DamagedRow& error) {
      damaged(member, error.what());
    } catch (const db::DatabaseError&) {
      refused = std::current_exception();
    }
  }
  if (checksum.hex() != stored.sha256) damaged(member, "its checksum is another");
  if (refused) std::rethrow_exception(refused);
  try {
    found = rows.finish();
  } catch (const DamagedRow& error) {
    damaged(member, error.what());
  }
  if (found != stored.rows) damaged(member, fmt::format("{} rows instead of {}", found, stored.rows));
  contents.end_table();
}

void BackupFile::read_file(const StoredFile& stored, const std::string& member, Contents::Part part,
                           Contents& contents, const Progress& progress) {
  if (archive_.begin(member, stored.bytes) != stored.bytes) damaged(member, "its size is another");
  const bool wanted = contents.wants_file(stored, part);
  Sha256 checksum;
  for (std::string_view piece = archive_.read(); !piece.empty(); piece = archive_.read()) {
    checksum.add(piece);
    if (wanted) contents.piece(piece);
    bytes_ += piece.size();
    progress("MB", bytes_ / megabyte, manifest_.upload_bytes() / megabyte);
  }
  if (checksum.hex() != stored.sha256) damaged(member, "its checksum is another");
  if (wanted) contents.end_file();
}

}  // namespace plenary::backup
