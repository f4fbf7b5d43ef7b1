#include "config/document.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/text.hpp"

namespace plenary::config {
namespace {

[[noreturn]] void refuse(ProblemKind kind, std::string file, Place place, std::string found,
                         std::string allowed, std::string advice) {
  Problem problem;
  problem.kind = kind;
  problem.file = std::move(file);
  problem.place = place;
  problem.found = std::move(found);
  problem.allowed = std::move(allowed);
  problem.advice = std::move(advice);
  throw_problems({std::move(problem)});
}

std::string contents(const std::filesystem::path& file) {
  const std::string name = file.string();
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    refuse(ProblemKind::file, name, {}, "there is no such file", "", "check the path");
  }
  if (status.type() == std::filesystem::file_type::directory) {
    refuse(ProblemKind::file, name, {}, "this is a directory", "", "name the file inside it");
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    refuse(ProblemKind::file, name, {}, std::string("the file cannot be read: ") + std::strerror(errno), "",
           "check its permissions");
  }
  // Read to one byte over the limit: the size of a pipe is not known beforehand.
  std::string text(max_file_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) refuse(ProblemKind::file, name, {}, "reading the file failed", "", "check the disk");
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

// Finds what is nested over the limit before the parser, which goes down recursively, sees it. Follows
// strings and comments as TOML does; where the text is malformed the parser stops at the same place, so this
// may stop too.
class NestingScan {
 public:
  explicit NestingScan(std::string_view text) : text_(text) {}

  // Where it goes too deep, if anywhere.
  std::optional<Place> run() {
    while (at_ < text_.size()) {
      if (!step()) return std::nullopt;
      if (depth() > max_nesting) return place();
    }
    return std::nullopt;
  }

 private:
  struct Frame {
    std::size_t dots = 0;   // of the dotted key being read
    bool in_value = false;  // after "="; dots of numbers do not nest
    bool is_array = false;
  };

  std::size_t depth() const { return header_ + below_ + frames_.back().dots + (frames_.size() - 1); }

  Place place() const {
    Place result{1, 1};
    for (std::size_t i = 0; i + 1 < at_; ++i) {  // what went too deep is the last character seen
      if (text_[i] == '\n') {
        ++result.line;
        result.column = 1;
      } else if ((static_cast<unsigned char>(text_[i]) & 0xc0) != 0x80) {
        ++result.column;
      }
    }
    return result;
  }

  bool next_is(std::string_view part) const { return text_.substr(at_, part.size()) == part; }

  // Goes past a string; false when it does not end.
  bool skip_string() {
    const char quote = text_[at_];
    const std::string three(3, quote);
    const bool multiline = next_is(three);
    at_ += multiline ? 3 : 1;
    while (at_ < text_.size()) {
      if (quote == '"' && text_[at_] == '\\') {
        at_ += 2;
      } else if (multiline && next_is(three)) {
        at_ += 3;
        // Up to two more quotes belong to the string.
        while (at_ < text_.size() && text_[at_] == quote) ++at_;
        return true;
      } else if (!multiline && text_[at_] == quote) {
        ++at_;
        return true;
      } else if (!multiline && text_[at_] == '\n') {
        return false;
      } else {
        ++at_;
      }
    }
    return false;
  }

  bool step() {
    const char c = text_[at_];
    Frame& frame = frames_.back();
    const bool at_top = frames_.size() == 1;
    switch (c) {
      case '#':
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
        return true;
      case '"':
      case '\'':
        line_is_empty_ = false;
        return skip_string();
      case '\n':
        if (at_top) frame = {};
        if (at_top) line_is_empty_ = true;
        break;
      case '=':
        frame.in_value = true;
        break;
      case '.':
        if (!frame.in_value && !frame.is_array) ++frame.dots;
        break;
      case ',':
        if (!at_top) {
          frame.dots = 0;
          frame.in_value = frame.is_array;
        }
        break;
      case '[':
        if (at_top && line_is_empty_) return header();
        push(true);
        break;
      case '{':
        push(false);
        break;
      case ']':
      case '}':
        if (!at_top) {
          frames_.pop_back();
          below_ -= frames_.back().dots;
        }
        break;
      default:
        break;
    }
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') line_is_empty_ = false;
    ++at_;
    return true;
  }

  void push(bool is_array) {
    below_ += frames_.back().dots;
    Frame frame;
    frame.is_array = is_array;
    frame.in_value = is_array;
    frames_.push_back(frame);
  }

  // "[a.b]" or "[[a.b]]": the depth of what follows.
  bool header() {
    header_ = 0;
    line_is_empty_ = false;
    while (at_ < text_.size() && text_[at_] == '[') {
      ++header_;
      ++at_;
      if (header_ > max_nesting) return true;
    }
    while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != ']') {
      if (text_[at_] == '"' || text_[at_] == '\'') {
        if (!skip_string()) return false;
        continue;
      }
      if (text_[at_] == '.') ++header_;
      if (header_ > max_nesting) return true;
      ++at_;
    }
    while (at_ < text_.size() && text_[at_] == ']') ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t header_ = 0;
  std::size_t below_ = 0;  // dots of the frames under the top one
  bool line_is_empty_ = true;
  std::vector<Frame> frames_{Frame{}};
};

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// The first place whose bytes are no UTF-8.
Place invalid_utf8_place(std::string_view text) {
  Place place{1, 1};
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', start)) {
    if (!is_valid_utf8(text.substr(start, end - start))) break;
    start = end + 1;
    ++place.line;
  }
  const std::string_view line = text.substr(start, text.find('\n', start) - start);
  std::size_t good = 0;
  for (std::size_t length = 1; length <= line.size(); ++length) {
    if (is_valid_utf8(line.substr(0, length))) {
      good = length;
    } else if (length - good >= 4) {
      break;
    }
  }
  place.column = static_cast<std::uint32_t>(character_count(line.substr(0, good))) + 1;
  return place;
}

// What to do about a text that is no TOML, from the parser's words.
std::string syntax_advice(std::string_view words, std::string_view text) {
  if (text.find("DJANGO_PROGRAM") != std::string_view::npos) {
    return "this looks like Python; here settings are TOML: see \"How DJANGO_PROGRAM maps\" in "
           "docs/configuration.md";
  }
  const auto says = [&](std::string_view part) { return words.find(part) != std::string_view::npos; };
  if (says("could not determine value type")) return "a text stands in double quotes";
  if (says("boolean")) return "write true or false, in small letters";
  if (says("cannot redefine")) return "a key or table may stand only once; join the two";
  if (says("parsing string")) return "close the quotes on the same line; write \\\\ for a backslash";
  if (says("leading zeroes")) return "write the number without leading zeros, or a text in quotes";
  if (says("inline table")) return "a table in braces stands on one line: { opens = 2027-01-01 }";
  if (says("date")) return "dates are written 2027-05-14";
  if (says("array")) return "close the list with ]";
  return "correct the line; toml.io describes the format";
}

}  // namespace

Place place_of(const toml::source_region& region) {
  return {static_cast<std::uint32_t>(region.begin.line), static_cast<std::uint32_t>(region.begin.column)};
}

Document Document::read(const std::filesystem::path& file) {
  return Document(contents(file), file.string());
}

std::string_view Document::without_mark() const {
  std::string_view text = text_;
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
  return text;
}

Document::Document(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {
  if (text_.size() > max_file_bytes) {
    refuse(ProblemKind::value, name_, {}, "a file of more than 8 MB", "at most 8 MB",
           "a settings or conference file is a few kilobytes: is this the right file?");
  }
  const std::string_view body = without_mark();
  if (!is_valid_utf8(body)) {
    refuse(ProblemKind::value, name_, invalid_utf8_place(body), "bytes that are not UTF-8", "text in UTF-8",
           "save the file as UTF-8");
  }
  if (const auto place = NestingScan(body).run()) {
    refuse(ProblemKind::value, name_, *place, "tables or lists nested over 64 levels", "at most 64 levels",
           "no key of this file needs more than four");
  }
  try {
    root_ = toml::parse(body);
  } catch (const toml::parse_error& error) {
    const std::string words(error.description());
    refuse(ProblemKind::value, name_, place_of(error.source()), "no valid TOML: " + one_line(words, 200),
           "TOML 1.0", syntax_advice(words, body));
  }
  lines_.push_back(0);
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\n') lines_.push_back(i + 1);
  }
}

std::string_view Document::literal(const toml::node& number) const {
  const std::string_view text = without_mark();
  const Place place = place_of(number);
  if (place.line == 0 || place.line > lines_.size()) return {};
  std::size_t start = lines_[place.line - 1];
  for (std::uint32_t column = 1; column < place.column && start < text.size(); ++column) {
    ++start;
    while (start < text.size() && (static_cast<unsigned char>(text[start]) & 0xc0) == 0x80) ++start;
  }
  constexpr std::string_view part = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_+-.";
  const std::size_t end = text.find_first_not_of(part, start);
  return text.substr(start, end == std::string_view::npos ? end : end - start);
}

std::string type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return node.as_array()->is_array_of_tables() ? "a list of tables" : "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time";
    case toml::node_type::date_time:
      return "a date with a time";
    default:
      return "nothing";
  }
}

std::string one_line(std::string_view text, std::size_t max_characters) {
  std::string result;
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xc0) == 0x80)
      ++length;
    if (count++ == max_characters) return result + "…";
    const std::string_view character = text.substr(i, length);
    if (character == "\n") {
      result.append("\\n");
    } else if (character == "\t") {
      result.append("\\t");
    } else if (has_control_characters(character)) {
      result.append("\\?");
    } else {
      result.append(character);
    }
    i += length;
  }
  return result;
}

std::string in_quotes(std::string_view text) {
  return "\"" + one_line(text) + "\"";
}

std::string shown(const Document& document, const toml::node& node) {
  if (const auto* text = node.as_string()) return in_quotes(text->get());
  if (const auto* value = node.as_boolean()) return value->get() ? "true" : "false";
  if (node.is_number()) return one_line(document.literal(node));
  if (node.is_date() || node.is_time() || node.is_date_time()) {
    std::ostringstream out;
    if (const auto* date = node.as_date()) out << date->get();
    if (const auto* time = node.as_time()) out << time->get();
    if (const auto* date_time = node.as_date_time()) out << date_time->get();
    return out.str();
  }
  return type_name(node);
}

}  // namespace plenary::config
