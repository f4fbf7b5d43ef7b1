#include "net/message_reader.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace plenary::net {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string decode_base64(std::string_view text) {
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    if (c >= '0' && c <= '9') value = c - '0' + 52;
    if (c == '+') value = 62;
    if (c == '/') value = 63;
    if (c == '=') break;
    if (value < 0) continue;
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(group >> bits & 0xFF);
    }
  }
  return out;
}

// `underscores`: of an encoded word, where "_" is a blank.
std::string decode_quoted_printable(std::string_view text, bool underscores) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '_' && underscores) {
      out += ' ';
      continue;
    }
    if (c != '=') {
      out += c;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '\n') {
      i += 1;
    } else if (i + 2 < text.size() && text[i + 1] == '\r' && text[i + 2] == '\n') {
      i += 2;
    } else if (i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += c;
    }
  }
  return out;
}

// An encoded word ends within its line (RFC 2047 allows 75 characters, RFC 5322 a line of 998). Searching on
// for its end would take minutes for a header that is full of beginnings.
constexpr std::size_t longest_word = 998;

// RFC 2047; blanks between two encoded words vanish. Other character sets than UTF-8 and ASCII stay encoded.
std::string decode_words(std::string_view text) {
  std::string out;
  bool after_word = false;
  std::size_t word_end = 0;  // in `out`; only blanks follow while after_word
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i, 2) == "=?") {
      const std::string_view word = text.substr(i, longest_word);
      const std::size_t first = word.find('?', 2);
      const std::size_t second = first == std::string_view::npos ? first : word.find('?', first + 1);
      const std::size_t end = second == std::string_view::npos ? second : word.find("?=", second + 1);
      if (end != std::string_view::npos && second == first + 2) {
        const std::string set = ascii_lower(word.substr(2, first - 2));
        const char how = word[first + 1];
        const std::string_view body = word.substr(second + 1, end - second - 1);
        if ((set == "utf-8" || set == "us-ascii") &&
            std::string_view("bBqQ").find(how) != std::string_view::npos) {
          if (after_word) out.resize(word_end);
          out += how == 'b' || how == 'B' ? decode_base64(body) : decode_quoted_printable(body, true);
          after_word = true;
          word_end = out.size();
          i += end + 2;
          continue;
        }
      }
    }
    if (text[i] != ' ' && text[i] != '\t') after_word = false;
    out += text[i++];
  }
  return out;
}

// The value of a parameter: boundary="…", filename=…, filename*=UTF-8''…
std::string parameter(std::string_view header, std::string_view name) {
  const std::string lower = ascii_lower(header);
  for (std::size_t at = lower.find(';'); at != std::string::npos; at = lower.find(';', at + 1)) {
    std::size_t i = lower.find_first_not_of(" \t", at + 1);
    if (i == std::string::npos || lower.compare(i, name.size(), name) != 0) continue;
    i += name.size();
    const bool extended = i < lower.size() && lower[i] == '*';
    if (extended) ++i;
    if (i >= lower.size() || lower[i] != '=') continue;
    ++i;
    std::string value;
    if (i < header.size() && header[i] == '"') {
      for (++i; i < header.size() && header[i] != '"'; ++i) {
        if (header[i] == '\\' && i + 1 < header.size()) ++i;
        value += header[i];
      }
    } else {
      value = trimmed(header.substr(i, header.find(';', i) - i));
    }
    if (!extended) return value;
    const std::size_t quote = value.rfind('\'');
    std::string_view encoded = value;
    if (quote != std::string::npos) encoded.remove_prefix(quote + 1);
    std::string plain;
    for (std::size_t k = 0; k < encoded.size(); ++k) {
      if (encoded[k] == '%' && k + 2 < encoded.size() && hex_value(encoded[k + 1]) >= 0 &&
          hex_value(encoded[k + 2]) >= 0) {
        plain += static_cast<char>(hex_value(encoded[k + 1]) * 16 + hex_value(encoded[k + 2]));
        k += 2;
      } else {
        plain += encoded[k];
      }
    }
    return plain;
  }
  return {};
}

std::string media_type(const MailHeaders& headers) {
  const std::string_view value = find_header(headers, "Content-Type");
  if (value.empty()) return "text/plain";
  return ascii_lower(trimmed(value.substr(0, value.find(';'))));
}

struct Reader {
  const MailLimits& limits;
  ReadMail mail;

  void take(const MailHeaders& headers, std::string_view body, std::size_t depth) {
    if (mail.parts.size() >= limits.parts) return;
    const std::string type = media_type(headers);
    const std::string boundary = parameter(find_header(headers, "Content-Type"), "boundary");
    if (type.starts_with("multipart/") && !boundary.empty() && depth < limits.depth) {
      return split(body, "--" + boundary, depth);
    }
    MailPart part;
    part.headers = headers;
    part.content_type = type;
    part.filename = parameter(find_header(headers, "Content-Disposition"), "filename");
    const std::string encoding = ascii_lower(trimmed(find_header(headers, "Content-Transfer-Encoding")));
    part.bytes = encoding == "base64"             ? decode_base64(body)
                 : encoding == "quoted-printable" ? decode_quoted_printable(body, false)
                                                  : std::string(body);
    mail.parts.push_back(std::move(part));
  }

  void split(std::string_view body, std::string_view marker, std::size_t depth) {
    std::size_t from = std::string_view::npos;  // of the part being read
    for (std::size_t at = 0; at < body.size();) {
      std::size_t end = body.find('\n', at);
      if (end == std::string_view::npos) end = body.size();
      const std::string_view line = body.substr(at, end - at);
      if (line.starts_with(marker)) {
        if (from != std::string_view::npos) part(body.substr(from, at - from), depth);
        if (line.substr(marker.size()).starts_with("--") || mail.parts.size() >= limits.parts) return;
        from = std::min(end + 1, body.size());
      }
      at = end + 1;
    }
    if (from != std::string_view::npos) part(body.substr(from), depth);
  }

  void part(std::string_view text, std::size_t depth) {
    // The line end before a boundary belongs to the boundary.
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    std::size_t body_at = 0;
    const MailHeaders headers = read_headers(text, &body_at, limits);
    take(headers, text.substr(body_at), depth + 1);
  }
};

}  // namespace

std::string_view find_header(const MailHeaders& headers, std::string_view name) {
  const std::string wanted = ascii_lower(name);
  for (const auto& [have, value] : headers) {
    if (ascii_lower(have) == wanted) return value;
  }
  return {};
}

std::string_view ReadMail::header(std::string_view name) const {
  return find_header(headers, name);
}

const MailPart* ReadMail::part(std::string_view content_type) const {
  for (const MailPart& one : parts) {
    if (one.content_type == content_type) return &one;
  }
  return nullptr;
}

MailHeaders read_headers(std::string_view text, std::size_t* body_at, const MailLimits& limits) {
  MailHeaders headers;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) end = text.size();
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    at = std::min(end + 1, text.size());
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      if (!headers.empty()) headers.back().second += line;
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || headers.size() >= limits.headers) continue;
    headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  for (auto& [name, value] : headers) value = decode_words(value);
  if (body_at) *body_at = at;
  return headers;
}

ReadMail read_mail(std::string_view text, const MailLimits& limits) {
  Reader reader{limits, {}};
  std::size_t body_at = 0;
  reader.mail.headers = read_headers(text, &body_at, limits);
  reader.take(reader.mail.headers, text.substr(body_at), 0);
  return std::move(reader.mail);
}

}  // namespace plenary::net
