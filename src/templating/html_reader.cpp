// A forgiving HTML reader, and what is built on it: strip_tags and the truncate filters. It reads as Python's
// html.parser does, because what is cut and stripped depends on every detail of it.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "templating/html.hpp"
#include "templating/html_entities.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating::html {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_html_space(char c) {
  return c == ' ' || (c >= 9 && c <= 13);
}
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// One reference at `at`, which stands on '&'. Moves `at` behind it; false: none there.
bool read_reference(std::string_view text, std::size_t& at, std::string& out) {
  std::size_t i = at + 1;
  if (i < text.size() && text[i] == '#') {
    ++i;
    const bool hex = i < text.size() && (text[i] == 'x' || text[i] == 'X');
    if (hex) ++i;
    const std::size_t digits = i;
    std::uint32_t code = 0;
    while (i < text.size() && (hex ? hex_value(text[i]) >= 0 : is_digit(text[i]))) {
      code = std::min<std::uint32_t>(code * (hex ? 16 : 10) + static_cast<std::uint32_t>(hex_value(text[i])),
                                     0x110000);
      ++i;
    }
    if (i == digits) return false;
    if (i < text.size() && text[i] == ';') ++i;
    // Windows-1252 for 0x80 to 0x9F, as browsers read it.
    static constexpr char32_t windows[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                             0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                             0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                             0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    if (code >= 0x80 && code < 0xA0) {
      unicode::append(out, windows[code - 0x80]);
    } else if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
      unicode::append(out, 0xFFFD);
    } else if (!(code < 0x20 && code != 9 && code != 10 && code != 12 && code != 13) && code != 0x7F) {
      unicode::append(out, code);
    }
    at = i;
    return true;
  }
  std::size_t end = i;
  while (end < text.size() && end - i < 32 && (is_letter(text[end]) || is_digit(text[end]))) ++end;
  const std::string_view name = text.substr(i, end - i);
  if (end < text.size() && text[end] == ';') {
    if (const Entity* entity = find_entity(name)) {
      unicode::append(out, entity->code_point);
      at = end + 1;
      return true;
    }
  }
  // The longest beginning that is known without semicolon.
  for (std::size_t n = name.size(); n > 1; --n) {
    const Entity* entity = find_entity(name.substr(0, n));
    if (!entity || !entity->without_semicolon) continue;
    unicode::append(out, entity->code_point);
    at = i + n;
    return true;
  }
  return false;
}

class Reader {
 public:
  Reader(std::string_view text, bool convert, Handler& handler)
      : text_(text), convert_(convert), handler_(handler) {}

  void run() {
    while (at_ < text_.size() && !stopped_) {
      if (!raw_element_.empty()) {
        read_raw();
        continue;
      }
      const std::size_t next = convert_ ? text_.find('<', at_) : text_.find_first_of("<&", at_);
      const std::size_t end = std::min(next, text_.size());
      if (convert_ && next == npos && reference_may_go_on()) return;
      if (end > at_) told(text_.substr(at_, end - at_));
      at_ = end;
      if (stopped_ || at_ >= text_.size()) return;
      if (text_[at_] == '&') {
        read_ampersand();
      } else {
        read_markup();
      }
    }
  }

 private:
  void told(std::string_view text) {
    if (!handler_.data(convert_ && raw_element_.empty() ? unescape(text) : std::string(text)))
      stopped_ = true;
  }

  // Python's reader waits for more text when the last one might break a reference, and Django's truncate
  // filters never give it more: such a tail is dropped.
  bool reference_may_go_on() const {
    const std::size_t from = std::max(at_, unicode::position_from_end(text_, 34));
    const std::size_t amp = text_.rfind('&');
    if (amp == npos || amp < from) return false;
    for (std::size_t i = amp; i < text_.size();) {
      const char32_t c = unicode::next(text_, i);
      if (c == ';' || unicode::is_space(c)) return false;
    }
    return true;
  }

  // Inside <script> and <style> only their own end tag counts.
  void read_raw() {
    for (std::size_t i = at_; (i = text_.find("</", i)) != npos; i += 2) {
      std::size_t k = i + 2;
      while (k < text_.size() && is_html_space(text_[k])) ++k;
      if (unicode::lower(text_.substr(k, raw_element_.size())) != raw_element_) continue;
      std::size_t end = k + raw_element_.size();
      while (end < text_.size() && is_html_space(text_[end])) ++end;
      if (end >= text_.size() || text_[end] != '>') continue;
      if (i > at_) told(text_.substr(at_, i - at_));
      if (stopped_) return;
      handler_.end_tag(raw_element_);
      raw_element_.clear();
      at_ = end + 1;
      return;
    }
    // Never closed: what follows is dropped.
    at_ = text_.size();
  }

  void read_ampersand() {
    std::size_t i = at_ + 1;
    if (i < text_.size() && text_[i] == '#') {
      ++i;
      if (i < text_.size() && (text_[i] == 'x' || text_[i] == 'X')) ++i;
      const std::size_t digits = i;
      while (i < text_.size() && hex_value(text_[i]) >= 0) ++i;
      if (i > digits && i < text_.size()) return reference(i);
    } else if (i < text_.size() && is_letter(text_[i])) {
      while (i < text_.size() &&
             (is_letter(text_[i]) || is_digit(text_[i]) || text_[i] == '-' || text_[i] == '.'))
        ++i;
      if (i < text_.size()) return reference(i);
      // At the end of the text nothing tells whether the name is complete.
      told(text_.substr(at_));
      at_ = text_.size();
      return;
    }
    told("&");
    ++at_;
  }

  void reference(std::size_t end) {
    const std::string_view body = text_.substr(at_, end - at_);
    handler_.reference(std::string(body) + ";");
    at_ = end + (text_[end] == ';' ? 1 : 0);
  }

  void read_markup() {
    const std::string_view rest = text_.substr(at_);
    std::size_t end = npos;
    if (rest.size() > 1 && is_letter(rest[1])) {
      end = read_start_tag();
    } else if (rest.substr(0, 2) == "</") {
      end = read_end_tag();
    } else if (rest.substr(0, 4) == "<!--") {
      const std::size_t close = text_.find("-->", at_ + 4);
      end = close == npos ? npos : close + 3;
    } else if (rest.substr(0, 2) == "<?" || rest.substr(0, 2) == "<!") {
      const std::size_t close = text_.find('>', at_ + 2);
      end = close == npos ? npos : close + 1;
    } else {
      if (convert_ && rest.size() == 1) {
        stopped_ = true;
        return;
      }
      told("<");
      ++at_;
      return;
    }
    if (end == npos && convert_) {
      stopped_ = true;
      return;
    }
    if (end == npos) {
      // Unfinished markup at the end of the text is text.
      end = text_.find('>', at_ + 1);
      if (end != npos) {
        ++end;
      } else {
        end = text_.find('<', at_ + 1);
        if (end == npos) end = at_ + 1;
      }
      told(text_.substr(at_, end - at_));
    }
    at_ = end;
  }

  // The name begins with a letter and ends before white space, / or >.
  std::size_t name_end(std::size_t i) const {
    while (i < text_.size() && !is_html_space(text_[i]) && text_[i] != '/' && text_[i] != '>' &&
           text_[i] != '\0')
      ++i;
    return i;
  }

  std::size_t read_start_tag() {
    const std::size_t name_begin = at_ + 1;
    const std::size_t after_name = name_end(name_begin);
    std::size_t i = after_name;
    bool slash = false;
    while (i < text_.size() && text_[i] != '>') {
      const char c = text_[i++];
      if (!is_html_space(c)) slash = c == '/';
      if (c != '=' || i - 1 == after_name) continue;
      // A value, in quotes or up to white space; a slash in it closes nothing.
      while (i < text_.size() && (text_[i] == '=' || is_html_space(text_[i]))) ++i;
      if (i >= text_.size()) break;
      slash = false;
      if (text_[i] == '"' || text_[i] == '\'') {
        const std::size_t close = text_.find(text_[i], i + 1);
        if (close != npos) i = close + 1;
        if (close == npos) ++i;
      } else {
        while (i < text_.size() && text_[i] != '>' && !is_html_space(text_[i])) ++i;
      }
    }
    if (i >= text_.size()) return npos;
    const std::string name = unicode::lower(text_.substr(name_begin, after_name - name_begin));
    const std::string_view whole = text_.substr(at_, i + 1 - at_);
    handler_.start_tag(name, whole, slash);
    if (!slash && (name == "script" || name == "style")) raw_element_ = name;
    return i + 1;
  }

  std::size_t read_end_tag() {
    const std::size_t close = text_.find('>', at_ + 1);
    if (close == npos) return npos;
    std::size_t i = at_ + 2;
    while (i < close && is_html_space(text_[i])) ++i;
    if (!is_letter(text_[i])) return close + 1;  // </> and bogus comments
    handler_.end_tag(unicode::lower(text_.substr(i, std::min(name_end(i), close) - i)));
    return close + 1;
  }

  std::string_view text_;
  bool convert_;
  Handler& handler_;
  std::size_t at_ = 0;
  std::string raw_element_;
  bool stopped_ = false;
};

class Stripper final : public Handler {
 public:
  bool data(std::string_view text) override {
    out += text;
    return true;
  }
  void start_tag(std::string_view, std::string_view, bool) override {}
  void end_tag(std::string_view) override {}
  void reference(std::string_view whole) override { out += whole; }
  std::string out;
};

class Cutter : public Handler {
 public:
  Cutter(long long room, std::string_view mark) : remaining_(room), mark_(mark) {}

  bool data(std::string_view text) override {
    long long size = 0;
    bool exact = false;
    const std::string piece = take(text, size, exact);
    if (exact) {
      out += text;
      finished = true;
      return false;
    }
    if (remaining_ < size) {
      remaining_ = 0;
      out += piece;
      if (!(piece.size() >= mark_.size() &&
            std::string_view(piece).substr(piece.size() - mark_.size()) == mark_ && mark_ != "…")) {
        out += mark_;
      }
      finished = true;
      return false;
    }
    remaining_ -= size;
    out += piece;
    return true;
  }
  void start_tag(std::string_view name, std::string_view whole, bool self_closing) override {
    out += whole;
    if (is_void_element(name)) return;
    open_.emplace_back(name);
    if (self_closing) end_tag(name);
  }
  void end_tag(std::string_view name) override {
    if (is_void_element(name)) return;
    out += fmt::format("</{}>", name);
    if (!open_.empty() && open_.back() == name) open_.pop_back();
  }
  void reference(std::string_view) override {}

  std::string finish() {
    if (finished) {
      for (auto name = open_.rbegin(); name != open_.rend(); ++name) out += fmt::format("</{}>", *name);
    }
    return std::move(out);
  }

  std::string out;
  bool finished = false;

 protected:
  // What of the text still fits, escaped; `size` is what the whole text counts; `exact` when it just fits.
  virtual std::string take(std::string_view text, long long& size, bool& exact) = 0;
  long long remaining_;
  std::string_view mark_;

 private:
  std::vector<std::string> open_;
};

class CharacterCutter final : public Cutter {
 public:
  CharacterCutter(long long length, std::string_view whole)
      : Cutter(room_before_ellipsis(length, "…"), "…"),
        length_(length),
        whole_(static_cast<long long>(unicode::count(whole))) {}

 protected:
  std::string take(std::string_view text, long long& size, bool& exact) override {
    size = static_cast<long long>(unicode::count(text));
    seen_ += size;
    if (seen_ == length_ && static_cast<long long>(unicode::count(out)) + size == whole_) {
      exact = true;
      return {};
    }
    return escaped(
        text.substr(0, unicode::position(text, static_cast<std::size_t>(std::max(remaining_, 0LL)))));
  }

 private:
  long long length_, whole_, seen_ = 0;
};

class WordCutter final : public Cutter {
 public:
  explicit WordCutter(long long length) : Cutter(length, " …") {}

 protected:
  std::string take(std::string_view text, long long& size, bool&) override {
    // White space at the ends belongs to the first and last word.
    const std::vector<std::string_view> words = unicode::split_words(text);
    std::vector<std::string_view> parts;
    if (words.empty()) {
      parts.push_back(text);
    } else {
      for (std::string_view word : words) parts.push_back(word);
      parts.front() =
          text.substr(0, static_cast<std::size_t>(words[0].data() + words[0].size() - text.data()));
      const char* last = words.size() == 1 ? text.data() : words.back().data();
      parts.back() = std::string_view(last, static_cast<std::size_t>(text.data() + text.size() - last));
    }
    size = static_cast<long long>(parts.size());
    std::string joined;
    for (long long i = 0; i < std::min(size, remaining_); ++i) {
      if (i != 0) joined += ' ';
      joined += parts[static_cast<std::size_t>(i)];
    }
    return escaped(joined);
  }
};

}  // namespace

void read(std::string_view text, bool convert, Handler& handler) {
  Reader(text, convert, handler).run();
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t amp = text.find('&', at);
    out += text.substr(at, amp == npos ? npos : amp - at);
    if (amp == npos) break;
    at = amp;
    if (!read_reference(text, at, out)) {
      out += '&';
      ++at;
    }
  }
  return out;
}

bool is_void_element(std::string_view name) {
  for (std::string_view v : {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta",
                             "param", "source", "track", "wbr", "frame", "spacer"}) {
    if (v == name) return true;
  }
  return false;
}

long long room_before_ellipsis(long long length, std::string_view mark) {
  long long room = length;
  for (std::size_t at = 0; at < mark.size();) {
    if (unicode::is_combining(unicode::next(mark, at))) continue;
    if (--room == 0) break;
  }
  return room;
}

std::string strip_tags(std::string_view text) {
  std::string value(text);
  // What is left may itself look like tags: "<<b>script>".
  for (int round = 0; round < 50; ++round) {
    if (value.find('<') == npos || value.find('>') == npos) break;
    Stripper stripper;
    read(value, false, stripper);
    if (std::count(value.begin(), value.end(), '<') ==
        std::count(stripper.out.begin(), stripper.out.end(), '<'))
      break;
    value = std::move(stripper.out);
  }
  return value;
}

std::string truncate_chars(std::string_view text, long long length) {
  if (length <= 0) return {};
  const std::string normal = unicode::nfc(text);
  CharacterCutter cutter(length, normal);
  read(normal, true, cutter);
  return cutter.finish();
}

std::string truncate_words(std::string_view text, long long length) {
  if (length <= 0) return {};
  WordCutter cutter(length);
  read(text, true, cutter);
  return cutter.finish();
}

}  // namespace plenary::templating::html
