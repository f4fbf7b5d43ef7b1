// Files that are answers: what may be one, found out from its content; their rows. The bytes lie in the media
// folder, outside of what the web sees, and whoever calls writes and deletes them: outside of the
// transaction. A file that no answer keeps within a day goes. Functions of a transaction: one thread at a
// time; the others are pure. Refused codes: file_empty, file_too_large, file_type, too_many_files. source:
// registration 20, D37; docs/design.md, section 6.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "base/errors.hpp"
#include "db/entity.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

inline constexpr std::size_t largest_answer_file = 5 * 1024 * 1024;
inline constexpr std::int64_t waiting_answer_files = 20;  // of one browser, or one order

struct AnswerFile {
  Id id = 0, conference_id = 0, question_id = 0;
  std::optional<Id> order_id;  // none: no order keeps it yet
  std::int64_t position = 0;   // of the answer that keeps it
  std::string handle;          // names it in a form, as long as no order keeps it
  std::string stored_name;
  std::string name;  // as the sender called it
  std::string content_type;
  std::int64_t size = 0;
  std::string uploaded_by;            // a browser's session, or an order: who limits count it for
  std::optional<Instant> keep_until;  // none: an answer keeps it
  Instant created_at;
};
const db::Entity<AnswerFile>& answer_file_table();

// By its first bytes: PDF, PNG, JPEG, WebP. Nothing: no such file.
std::optional<std::string> answer_file_type(std::string_view bytes);
// A file ready to be stored, with fresh names. Refused where it may not be one.
AnswerFile new_answer_file(Random& random, std::string_view name, std::string_view bytes);

// Below the media folder.
std::filesystem::path answer_file_path(const std::filesystem::path& media, std::string_view stored_name);

// Written and synced under that name; std::runtime_error. On a thread that may block.
void write_answer_file(const std::filesystem::path& media, std::string_view stored_name,
                       std::string_view bytes);
std::string read_answer_file(const std::filesystem::path& media, std::string_view stored_name);
void delete_answer_files(const std::filesystem::path& media, std::span<const std::string> stored_names);

// Its row; the names under which files lie that nobody wants any more, whose rows are gone: at most 100.
struct StoredAnswerFile {
  Id id = 0;
  std::vector<std::string> gone;
};
StoredAnswerFile store_answer_file(db::Tx& tx, const AnswerFile& file);

// Kept by an answer of that order and position. Nothing for any other.
std::optional<AnswerFile> find_answer_file(db::Tx& tx, Id order_id, std::int64_t position, Id file_id);
std::optional<AnswerFile> find_answer_file(db::Tx& tx, Id file_id);  // for staff; kept by an order

}  // namespace plenary::registration
