#include "mail/text_html.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"

namespace plenary::mail {
namespace {

// Those of the shipped mails.
constexpr std::string_view paragraph_start = "<p style=\"margin:0 0 16px\">";
constexpr std::string_view list_start = "<ul style=\"margin:0 0 16px;padding:0 0 0 24px\">";

std::string_view take_line(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  at = end + 1;
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
    line.remove_suffix(1);
  return line;
}

// Where the address that begins at `at` ends.
std::size_t end_of_address(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ' &&
         std::string_view("<>\"'\x01\x02\x03").find(text[end]) == std::string_view::npos)
    ++end;
  while (end > at && std::string_view(".,;:!?)").find(text[end - 1]) != std::string_view::npos) --end;
  return end;
}

class Writer {
 public:
  Writer(std::string_view mark, const std::vector<std::string>& blocks)
      : begin_(fmt::format("\x02{}:", mark)), blocks_(blocks) {}

  // The block that is all of a line.
  const std::string* whole_block(std::string_view line) const {
    std::size_t end = 0;
    const std::string* block = block_at(line, 0, end);
    return block && end == line.size() ? block : nullptr;
  }

  void inline_text(std::string_view line, std::string& out) const {
    std::size_t plain = 0;
    const auto flush = [&](std::size_t to) { out += html_escape(line.substr(plain, to - plain)); };
    for (std::size_t at = 0; at < line.size();) {
      std::size_t end = 0;
      if (const std::string* block = block_at(line, at, end)) {
        flush(at);
        out += *block;
        plain = at = end;
      } else if (line.substr(at).starts_with("https://") || line.substr(at).starts_with("http://")) {
        flush(at);
        end = end_of_address(line, at);
        const std::string address = html_escape(line.substr(at, end - at));
        out += fmt::format("<a href=\"{0}\">{0}</a>", address);
        plain = at = std::max(end, at + 1);
      } else {
        ++at;
      }
    }
    flush(line.size());
  }

 private:
  const std::string* block_at(std::string_view line, std::size_t at, std::size_t& end) const {
    if (!line.substr(at).starts_with(begin_)) return nullptr;
    const std::size_t close = line.find('\x03', at);
    if (close == std::string_view::npos) return nullptr;
    const std::string_view digits = line.substr(at + begin_.size(), close - at - begin_.size());
    std::size_t index = blocks_.size();
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || index >= blocks_.size())
      return nullptr;
    end = close + 1;
    return &blocks_[index];
  }

  std::string begin_;
  const std::vector<std::string>& blocks_;
};

}  // namespace

std::string block_mark(std::string_view mark, std::size_t index) {
  return fmt::format("\x02{}:{}\x03", mark, index);
}

std::string html_of_text(std::string_view text, std::string_view mark,
                         const std::vector<std::string>& blocks) {
  const Writer writer(mark, blocks);
  std::string out;
  std::vector<std::string_view> lines;
  const auto end_paragraph = [&] {
    if (lines.empty()) return;
    const bool is_list =
        std::all_of(lines.begin(), lines.end(), [](std::string_view line) { return line.starts_with("- "); });
    out += is_list ? list_start : paragraph_start;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (is_list) out += "<li>";
      if (!is_list && i > 0) out += "<br>";
      writer.inline_text(is_list ? lines[i].substr(2) : lines[i], out);
      if (is_list) out += "</li>";
    }
    out += is_list ? "</ul>\n" : "</p>\n";
    lines.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = take_line(text, at);
    if (const std::string* block = writer.whole_block(line)) {
      end_paragraph();
      out += *block;
      if (!out.ends_with('\n')) out += '\n';
    } else if (line.empty()) {
      end_paragraph();
    } else {
      lines.push_back(line);
    }
  }
  end_paragraph();
  return out;
}

namespace {

struct Place {
  int line = 1, column = 1;
};
Place place_of(std::string_view text, std::size_t at) {
  Place place;
  for (std::size_t i = 0; i < at; ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

bool is_name_end(std::string_view text, std::size_t at) {
  return at >= text.size() || std::string_view(" \t\r\n/>").find(text[at]) != std::string_view::npos;
}

// "onclick=" inside of a tag.
std::optional<std::size_t> handler_in(std::string_view tag) {
  for (std::size_t at = tag.find("on"); at != std::string_view::npos; at = tag.find("on", at + 1)) {
    if (at == 0 || std::string_view(" \t\r\n/\"'").find(tag[at - 1]) == std::string_view::npos) continue;
    std::size_t end = at + 2;
    while (end < tag.size() && tag[end] >= 'a' && tag[end] <= 'z') ++end;
    while (end < tag.size() && (tag[end] == ' ' || tag[end] == '\t' || tag[end] == '\n')) ++end;
    if (end > at + 2 && end < tag.size() && tag[end] == '=') return at;
  }
  return std::nullopt;
}

}  // namespace

void find_unwanted_html(std::string_view html, std::vector<TextProblem>& problems) {
  static constexpr std::array<std::string_view, 14> unwanted{"script", "iframe", "frame",  "object", "embed",
                                                             "form",   "input",  "button", "link",   "meta",
                                                             "base",   "style",  "audio",  "video"};
  const std::string lower = ascii_lower(html);
  const auto add = [&](std::size_t at, std::string what) {
    const Place where = place_of(html, at);
    problems.push_back({"html", where.line, where.column, std::move(what)});
  };
  for (std::size_t at = lower.find('<'); at != std::string::npos; at = lower.find('<', at + 1)) {
    const std::string_view rest = std::string_view(lower).substr(at + 1);
    for (const std::string_view name : unwanted)
      if (rest.starts_with(name) && is_name_end(rest, name.size()))
        add(at, fmt::format("<{}> is not for mails: mail programs remove it, or the whole mail", name));
    const std::string_view tag = rest.substr(0, std::min(rest.find('>'), rest.size()));
    if (const auto handler = handler_in(tag))
      add(at + 1 + *handler, "mails run no scripts: attributes that begin with \"on\" are not allowed");
    for (const std::string_view scheme : {"javascript:", "vbscript:", "data:"})
      if (const std::size_t found = tag.find(scheme); found != std::string_view::npos)
        add(at + 1 + found, fmt::format("addresses begin with https:// or mailto:; found \"{}\"", scheme));
  }
}

}  // namespace plenary::mail
