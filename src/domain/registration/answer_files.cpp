#include "domain/registration/answer_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "base/text.hpp"
#include "domain/registration/store_questions.hpp"

namespace plenary::registration {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t handle_length = 26, longest_name = 200;
constexpr int swept_at_once = 100;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void failed(const fs::path& path, int error) {
  throw std::system_error(error, std::generic_category(), "writing " + path.string());
}

std::string safe_name(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != '/' && c != '\\' && c != '"') out += c;
  while (character_count(out) > longest_name || (!out.empty() && !is_valid_utf8(out))) out.pop_back();
  out = trimmed(out);
  return is_blank(out) || has_control_characters(out) ? "file" : out;
}

}  // namespace

std::optional<std::string> answer_file_type(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("%PDF-"sv)) return "application/pdf";
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff"sv)) return "image/jpeg";
  if (bytes.size() >= 12 && bytes.starts_with("RIFF"sv) && bytes.substr(8, 4) == "WEBP"sv)
    return "image/webp";
  return std::nullopt;
}

AnswerFile new_answer_file(Random& random, std::string_view name, std::string_view bytes) {
  if (bytes.empty()) throw Refused("file_empty", message("This file is empty."));
  if (bytes.size() > largest_answer_file)
    throw Refused("file_too_large", message("This file is too large: at most {size} MB."),
                  {{"size", std::to_string(largest_answer_file / (1024 * 1024))}});
  const auto type = answer_file_type(bytes);
  if (!type) throw Refused("file_type", message("Choose a PDF file or a picture (PNG, JPEG, WebP)."));
  AnswerFile file;
  file.handle = random_code(random, handle_length);
  file.stored_name = random_code(random, handle_length);
  file.name = safe_name(name);
  file.content_type = *type;
  file.size = static_cast<std::int64_t>(bytes.size());
  return file;
}

fs::path answer_file_path(const fs::path& media, std::string_view stored_name) {
  return media / "private" / "answers" / stored_name.substr(0, 2) / stored_name;
}

void write_answer_file(const fs::path& media, std::string_view stored_name, std::string_view bytes) {
  const fs::path path = answer_file_path(media, stored_name);
  fs::create_directories(path.parent_path());
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.get() < 0) failed(path, errno);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) failed(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) failed(path, errno);
  const Descriptor folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
}

std::string read_answer_file(const fs::path& media, std::string_view stored_name) {
  std::ifstream in(answer_file_path(media, stored_name), std::ios::binary);
  if (!in) throw NotFound("the stored file is not there");
  return {std::istreambuf_iterator<char>(in), {}};
}

void delete_answer_files(const fs::path& media, std::span<const std::string> stored_names) {
  std::error_code ignored;  // what stays takes room and nothing else
  for (const std::string& name : stored_names) fs::remove(answer_file_path(media, name), ignored);
}

StoredAnswerFile store_answer_file(db::Tx& tx, const AnswerFile& file) {
  if (store::waiting_files(tx, file.uploaded_by, tx.now()) >= waiting_answer_files)
    throw Refused(
        "too_many_files",
        message("You have sent many files within a day. Please finish your order, or try tomorrow."));
  StoredAnswerFile stored;
  AnswerFile row = file;
  row.keep_until = tx.now() + Duration::days(1);
  stored.gone = store::unwanted_files(tx, file.conference_id, swept_at_once);
  stored.id = answer_file_table().insert(tx, row).id;
  return stored;
}

std::optional<AnswerFile> find_answer_file(db::Tx& tx, Id order_id, std::int64_t position, Id file_id) {
  auto file = find_answer_file(tx, file_id);
  if (!file || file->order_id != order_id || file->position != position) return std::nullopt;
  return file;
}

std::optional<AnswerFile> find_answer_file(db::Tx& tx, Id file_id) {
  auto file = answer_file_table().find(tx, file_id);
  if (!file || !file->order_id || file->keep_until) return std::nullopt;
  return file;
}

}  // namespace plenary::registration
