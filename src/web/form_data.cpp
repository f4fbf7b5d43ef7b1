#include "web/form_data.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/beginning.hpp"
#include "base/text.hpp"
#include "web/errors.hpp"
#include "web/target.hpp"

namespace plenary::web {
namespace {

constexpr std::size_t max_boundary = 70;  // RFC 2046 5.1.1

[[noreturn]] void malformed(std::string_view what) {
  throw HttpError(
      400, fmt::format("The form could not be read: {}. Load the page again and send it once more.", what),
      "malformed_form");
}
[[noreturn]] void too_much(std::string_view what) {
  throw HttpError(413, fmt::format("The form is too large: {}.", what), "form_too_large");
}

void check_text(std::string_view text, std::string_view what) {
  if (text.find('\0') != std::string_view::npos) malformed(fmt::format("{} has a NUL character", what));
  if (!is_valid_utf8(text)) malformed(fmt::format("{} is not valid UTF-8", what));
}

bool same_lower(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && ascii_lower(text) == lower;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The parameters of a header value after its first part: name=token or name="quoted". Quoted text is as
// browsers write it: %22, %0D and %0A for what would end it (WHATWG HTML 4.10.22.8), a backslash before a
// quote elsewhere.
bool each_parameter(std::string_view rest, auto&& take) {
  while (true) {
    rest = trim_blanks(rest);
    if (rest.empty()) return true;
    if (rest.front() != ';') return false;
    rest = trim_blanks(rest.substr(1));
    if (rest.empty()) return true;
    std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    std::string_view name = trim_blanks(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::string value;
    if (!rest.empty() && rest.front() == '"') {
      std::size_t at = 1;
      while (at < rest.size() && rest[at] != '"') {
        if (rest[at] == '\\' && at + 1 < rest.size() && (rest[at + 1] == '"' || rest[at + 1] == '\\')) ++at;
        value += rest[at++];
      }
      if (at >= rest.size()) return false;
      rest.remove_prefix(at + 1);
    } else {
      std::size_t end = std::min(rest.find(';'), rest.size());
      value = std::string(trim_blanks(rest.substr(0, end)));
      if (value.empty()) return false;
      rest.remove_prefix(end);
    }
    if (!take(name, std::move(value))) return false;
  }
}

std::string unescape_quotes(std::string text) {
  for (auto [escaped, plain] : {std::pair{"%22", '"'}, std::pair{"%0D", '\r'}, std::pair{"%0A", '\n'}}) {
    for (std::size_t at = text.find(escaped); at != std::string::npos; at = text.find(escaped, at + 1)) {
      text.replace(at, 3, 1, plain);
    }
  }
  return text;
}

// What a path of any system ends in; nothing that a log, a header or a file system would read as something
// else.
std::string safe_filename(std::string_view claimed) {
  std::string_view last = claimed.substr(claimed.find_last_of("/\\") + 1);
  std::string name;
  for (char c : last) {
    auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) name += c;
  }
  if (name == "." || name == "..") name.clear();
  name.resize(beginning(name, 255).size());
  return name;
}

struct PartHead {
  std::string name, filename;
  std::string_view type;
  bool has_name = false, has_filename = false;
};

PartHead parse_part_head(std::string_view head) {
  PartHead part;
  bool disposition_seen = false;
  while (!head.empty()) {
    std::size_t end = std::min(head.find("\r\n"), head.size());
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(head.size(), end + 2));
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
      malformed("a part's header has a control character");
    }
    std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) malformed("a part's header has no colon");
    if (line.front() == ' ' || line.front() == '\t') malformed("a part's header is folded");
    std::string_view name = line.substr(0, colon);
    std::string_view value = trim_blanks(line.substr(colon + 1));
    if (same_lower(name, "content-type")) part.type = value;
    if (same_lower(name, "content-transfer-encoding") && !same_lower(value, "binary") &&
        !same_lower(value, "8bit") && !same_lower(value, "7bit")) {
      malformed("a part has a Content-Transfer-Encoding");
    }
    if (!same_lower(name, "content-disposition")) continue;
    if (disposition_seen) malformed("a part has two Content-Disposition headers");
    disposition_seen = true;
    std::size_t semicolon = std::min(value.find(';'), value.size());
    if (!same_lower(trim_blanks(value.substr(0, semicolon)), "form-data"))
      malformed("a part is not form-data");
    bool good = each_parameter(value.substr(semicolon), [&](std::string_view key, std::string text) {
      if (same_lower(key, "name")) {
        if (part.has_name) return false;
        part.has_name = true;
        part.name = unescape_quotes(std::move(text));
      } else if (same_lower(key, "filename")) {
        if (part.has_filename) return false;
        part.has_filename = true;
        part.filename = unescape_quotes(std::move(text));
      }
      return true;
    });
    if (!good) malformed("a part's Content-Disposition is malformed");
  }
  if (!part.has_name) malformed("a part has no name");
  return part;
}

}  // namespace

FormData FormData::parse(std::string_view content_type, std::string_view body, const FormLimits& limits) {
  std::size_t semicolon = std::min(content_type.find(';'), content_type.size());
  std::string type = ascii_lower(trim_blanks(content_type.substr(0, semicolon)));
  if (type.empty() && body.empty()) return {};
  if (type == "application/x-www-form-urlencoded") {
    bool good =
        each_parameter(content_type.substr(semicolon), [](std::string_view key, const std::string& value) {
          return !same_lower(key, "charset") || same_lower(value, "utf-8");
        });
    if (!good) throw HttpError(415, "Forms are read in UTF-8 only.", "unsupported_charset");
    return parse_urlencoded(body, limits);
  }
  if (type == "multipart/form-data") {
    std::string boundary;
    int count = 0;
    bool good = each_parameter(content_type.substr(semicolon), [&](std::string_view key, std::string value) {
      if (same_lower(key, "boundary")) {
        ++count;
        boundary = std::move(value);
      }
      return true;
    });
    if (!good || count != 1) malformed("the Content-Type names no single boundary");
    return parse_multipart(boundary, body, limits);
  }
  throw HttpError(415,
                  "This address takes HTML forms (application/x-www-form-urlencoded or multipart/form-data).",
                  "unsupported_media_type");
}

FormData FormData::parse_urlencoded(std::string_view body, const FormLimits& limits) {
  FormData form;
  auto component = [&](std::string_view raw, std::string_view what) {
    std::string_view text = raw;
    if (std::any_of(raw.begin(), raw.end(), [](char c) { return c == '%' || c == '+'; })) {
      std::string& storage = form.decoded_.emplace_back();
      if (!percent_decode(raw, true, storage)) malformed(fmt::format("{} has a malformed escape", what));
      text = storage;
    }
    check_text(text, what);
    return text;
  };
  while (!body.empty()) {
    std::size_t end = std::min(body.find('&'), body.size());
    std::string_view pair = body.substr(0, end);
    body.remove_prefix(std::min(body.size(), end + 1));
    if (pair.empty()) continue;
    if (form.fields_.size() == limits.fields) too_much(fmt::format("more than {} fields", limits.fields));
    std::size_t equals = std::min(pair.find('='), pair.size());
    std::string_view name = component(pair.substr(0, equals), "a field's name");
    std::string_view value = component(pair.substr(std::min(pair.size(), equals + 1)), "a field");
    if (name.size() > limits.name_bytes)
      too_much(fmt::format("a field's name of over {} bytes", limits.name_bytes));
    if (value.size() > limits.value_bytes)
      too_much(fmt::format("a field of over {} bytes", limits.value_bytes));
    form.fields_.push_back({name, value});
  }
  return form;
}

FormData FormData::parse_multipart(std::string_view boundary, std::string_view body,
                                   const FormLimits& limits) {
  if (boundary.empty() || boundary.size() > max_boundary)
    malformed("the boundary is empty or over 70 characters");
  for (char c : boundary) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e || c == '"') malformed("the boundary has a character that is not allowed");
  }
  if (boundary.back() == ' ') malformed("the boundary ends in a blank");
  FormData form;
  std::string open = "--" + std::string(boundary);
  std::string delimiter = "\r\n" + open;
  // No preamble and no epilogue: browsers send none, and two readers could disagree about them.
  if (!body.starts_with(open)) malformed("the body does not begin with the boundary");
  body.remove_prefix(open.size());
  while (true) {
    if (body.starts_with("--")) {
      body.remove_prefix(2);
      if (!body.empty() && body != "\r\n") malformed("there is text after the last boundary");
      return form;
    }
    if (!body.starts_with("\r\n")) malformed("a boundary is not followed by CR LF");
    body.remove_prefix(2);
    std::size_t head_end = body.substr(0, limits.part_header_bytes + 4).find("\r\n\r\n");
    if (head_end == std::string_view::npos) {
      if (body.size() > limits.part_header_bytes)
        too_much(fmt::format("a part's headers of over {} bytes", limits.part_header_bytes));
      malformed("a part has no headers");
    }
    PartHead part = parse_part_head(body.substr(0, head_end));
    body.remove_prefix(head_end + 2);  // the CR LF before the content belongs to a delimiter at once
    std::size_t end = body.find(delimiter);
    if (end == std::string_view::npos) malformed("the last part does not end with the boundary");
    std::string_view content = end < 2 ? std::string_view() : body.substr(2, end - 2);
    body.remove_prefix(end + delimiter.size());

    check_text(part.name, "a field's name");
    if (part.name.size() > limits.name_bytes)
      too_much(fmt::format("a field's name of over {} bytes", limits.name_bytes));
    std::string_view name = form.decoded_.emplace_back(std::move(part.name));
    if (part.has_filename) {
      check_text(part.filename, "a file's name");
      // A file field left empty: no name, no bytes.
      if (part.filename.empty() && content.empty()) continue;
      if (form.files_.size() == limits.files) too_much(fmt::format("more than {} files", limits.files));
      if (content.size() > limits.file_bytes)
        too_much(fmt::format("a file of over {} bytes", limits.file_bytes));
      form.files_.push_back({name, safe_filename(part.filename), part.type, content});
    } else {
      if (form.fields_.size() == limits.fields) too_much(fmt::format("more than {} fields", limits.fields));
      if (content.size() > limits.value_bytes)
        too_much(fmt::format("a field of over {} bytes", limits.value_bytes));
      check_text(content, "a field");
      form.fields_.push_back({name, content});
    }
  }
}

std::optional<std::string_view> FormData::get(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> FormData::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Field& field : fields_) {
    if (field.name == name) values.push_back(field.value);
  }
  return values;
}

const UploadedFile* FormData::file(std::string_view field) const {
  auto found =
      std::find_if(files_.begin(), files_.end(), [&](const UploadedFile& f) { return f.field == field; });
  return found == files_.end() ? nullptr : &*found;
}

void FormData::add(std::string_view name, std::string_view value) {
  std::string_view kept_name = decoded_.emplace_back(name);
  std::string_view kept_value = decoded_.emplace_back(value);
  fields_.push_back({kept_name, kept_value});
}

}  // namespace plenary::web
