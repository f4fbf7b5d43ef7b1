#include "domain/invoicing/files.hpp"

#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "domain/invoicing/entities.hpp"

namespace plenary::invoicing {
namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += at + i <= bytes.size() ? letters[group >> (18 - 6 * i) & 63U] : '=';
  }
  return text;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  static const std::array<int, 256> values = [] {
    std::array<int, 256> made{};
    made.fill(-1);
    for (std::size_t i = 0; i < letters.size(); ++i)
      made.at(static_cast<unsigned char>(letters[i])) = static_cast<int>(i);
    return made;
  }();
  if (text.size() % 4 != 0) return std::nullopt;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    const int value = values.at(static_cast<unsigned char>(c));
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    have += 6;
    if (have >= 8) {
      have -= 8;
      bytes += static_cast<char>(bits >> have & 255U);
    }
  }
  return bytes;
}

StoredFile file_of(Id document_id, std::string_view bytes) {
  StoredFile file;
  file.document_id = document_id;
  file.sha256 = sha256_hex(bytes);
  file.size = static_cast<std::int64_t>(bytes.size());
  file.content = base64(bytes);
  return file;
}

bool store_file(db::Tx& tx, const StoredFile& file) {
  return tx.exec(
             "INSERT INTO invoice_file (document_id, sha256, size, content, stored_at) VALUES ($1, $2, $3, "
             "$4, "
             "$5) ON CONFLICT (document_id) DO NOTHING",
             file.document_id, file.sha256, file.size, file.content, tx.now()) == 1;
}

std::optional<StoredFile> find_file(db::Tx& tx, Id document_id) {
  return file_table().find(tx, document_id);
}

std::string bytes_of(const StoredFile& file) {
  std::optional<std::string> bytes = base64_decoded(file.content);
  if (!bytes || sha256_hex(*bytes) != file.sha256)
    throw std::runtime_error(fmt::format(
        "the stored file of document {} is not what was stored: restore it from a backup", file.document_id));
  return std::move(*bytes);
}

std::string keep_file(db::Database& database, const Document& document, const Render& render) {
  auto read = [&](db::Tx& tx) { return find_file(tx, document.id); };
  if (const std::optional<StoredFile> stored = database.read_now(read)) return bytes_of(*stored);
  const StoredFile made = file_of(document.id, render(document));
  auto write = [&](db::Tx& tx) {
    store_file(tx, made);
    return find_file(tx, document.id);
  };
  const std::optional<StoredFile> stored =
      database.write_now(document.conference_id, "store invoice file", write);
  return bytes_of(stored.value());
}

}  // namespace plenary::invoicing
