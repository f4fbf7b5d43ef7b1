// What a posted form holds, before any rule looks at it: fields and uploaded files, from an urlencoded or a
// multipart body. Values are valid UTF-8 without NUL. Everything is a view into the body where nothing had to
// be decoded, so a FormData lives no longer than its body. Errors are HttpError: 400 malformed, 413 too much,
// 415 another kind of body. Free of sockets: fuzzed on its own (fuzz/form_fuzz.cpp).
// source: RFC 7578, RFC 2046 5.1, WHATWG URL 5.1.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::web {

struct FormLimits {
  std::size_t fields = 1000;
  std::size_t name_bytes = 200;
  std::size_t value_bytes = 256 * 1024;
  std::size_t files = 20;
  std::size_t file_bytes = 10 * 1024 * 1024;
  std::size_t part_header_bytes = 2048;
};

// One uploaded file. Both texts are what the sender claims: the type is to be found out from the content.
struct UploadedFile {
  std::string_view field;
  std::string filename;  // the last path component, control characters removed, at most 255 bytes
  std::string_view claimed_type;
  std::string_view bytes;
};

class FormData {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  FormData() = default;
  // A copy would keep views into the other's texts.
  FormData(const FormData&) = delete;
  FormData& operator=(const FormData&) = delete;
  FormData(FormData&&) = default;
  FormData& operator=(FormData&&) = default;

  // `content_type` as sent. An empty body with no type is an empty form.
  static FormData parse(std::string_view content_type, std::string_view body, const FormLimits& limits = {});
  static FormData parse_urlencoded(std::string_view body, const FormLimits& limits = {});
  static FormData parse_multipart(std::string_view boundary, std::string_view body,
                                  const FormLimits& limits = {});

  // The first value of that name, or nothing.
  std::optional<std::string_view> get(std::string_view name) const;
  // The same, with an empty text for nothing.
  std::string_view operator[](std::string_view name) const { return get(name).value_or(std::string_view()); }
  std::vector<std::string_view> all(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  const std::vector<Field>& fields() const { return fields_; }
  const UploadedFile* file(std::string_view field) const;
  const std::vector<UploadedFile>& files() const { return files_; }

  // For tests and for callers that build a form by hand: keeps its own copies.
  void add(std::string_view name, std::string_view value);

 private:
  std::vector<Field> fields_;
  std::vector<UploadedFile> files_;
  std::deque<std::string> decoded_;  // addresses stay put
};

}  // namespace plenary::web
