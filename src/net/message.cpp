#include "net/message.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "base/text.hpp"

namespace plenary::net {
namespace {

constexpr std::size_t line_length = 76;
constexpr std::string_view base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Bytes of the character that begins with this one, in valid UTF-8.
std::size_t character_bytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// One line of text for a header: whatever could end it becomes a blank, bytes that are no UTF-8 become "?".
std::string clean(std::string_view text) {
  std::string out;
  const bool is_utf8 = is_valid_utf8(text);
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x80 && !is_utf8) {
      out += '?';
      ++i;
      continue;
    }
    const std::size_t bytes = character_bytes(text[i]);
    const std::string_view character = text.substr(i, bytes);
    if (has_control_characters(character)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += character;
    }
    i += bytes;
  }
  return std::string(trimmed(out));
}

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t there = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < there ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= there ? base64_letters[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

std::string base64_lines(std::string_view bytes) {
  const std::string all = base64(bytes);
  std::string out;
  for (std::size_t i = 0; i < all.size(); i += line_length) {
    out += all.substr(i, line_length);
    out += "\r\n";
  }
  return out;
}

std::string quoted_printable(std::string_view text) {
  std::string out, line;
  const auto end_line = [&](bool soft) {
    if (soft) line += '=';
    out += line;
    out += "\r\n";
    line.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' || c == '\n') {
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      end_line(false);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\r' || text[i + 1] == '\n';
    const bool plain = (byte > 32 && byte < 127 && c != '=') || ((c == ' ' || c == '\t') && !ends_line);
    // A line of one dot ends a message, "From " begins another in a mailbox file.
    const bool special = line.empty() && (c == '.' || c == 'F');
    std::string piece(1, c);
    if (!plain || special) piece = {'=', hex_digits[byte >> 4], hex_digits[byte & 15]};
    if (line.size() + piece.size() > line_length - 1) end_line(true);
    line += piece;
  }
  if (!line.empty()) end_line(false);
  return out;
}

// RFC 2047, split between characters so that each word stands alone. `first`: what stands on the line
// already.
std::string encoded_words(std::string_view text, std::size_t first) {
  constexpr std::string_view start = "=?UTF-8?B?", end = "?=";
  std::string out, chunk;
  std::size_t column = first;
  const auto flush = [&] {
    if (chunk.empty()) return;
    if (!out.empty()) {
      out += "\r\n ";
      column = 1;
    }
    out += std::string(start) + base64(chunk) + std::string(end);
    chunk.clear();
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view character = text.substr(i, character_bytes(text[i]));
    const std::size_t size = start.size() + (chunk.size() + character.size() + 2) / 3 * 4 + end.size();
    const std::size_t at = out.empty() ? column : 1;
    if (!chunk.empty() && at + size > line_length - 1) flush();
    chunk += character;
    i += character.size();
  }
  flush();
  return out;
}

// A text of a header: as it is where it is short ASCII, folded at its blanks, encoded otherwise.
std::string unstructured(std::string_view name, std::string_view raw) {
  const std::string text = clean(raw);
  bool plain = is_ascii(text) && text.find("=?") == std::string::npos;
  for (std::size_t i = 0, word = 0; plain && i < text.size(); ++i) {
    word = text[i] == ' ' ? 0 : word + 1;
    plain = word < line_length - 20;
  }
  if (!plain) return encoded_words(text, name.size() + 2);
  std::string out;
  std::size_t column = name.size() + 2;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = text.find(' ', i + 1);
    if (end == std::string::npos) end = text.size();
    const std::string_view piece(text.data() + i, end - i);  // with the blank before it
    if (column + piece.size() > line_length && piece.front() == ' ') {
      out += "\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
    i = end;
  }
  return out;
}

std::string mailbox(const Address& address, std::size_t first) {
  if (!is_email(address.email)) throw std::invalid_argument("an e-mail has an address that is none");
  const std::string name = clean(address.name);
  if (name.empty()) return address.email;
  std::string shown;
  if (is_ascii(name) && name.size() <= 60 && name.find("=?") == std::string::npos) {
    shown = "\"";
    for (const char c : name) {
      if (c == '"' || c == '\\') shown += '\\';
      shown += c;
    }
    shown += '"';
  } else {
    shown = encoded_words(name, first);
  }
  return shown + "\r\n <" + address.email + ">";
}

std::string filename_parameter(std::string_view raw) {
  std::string name = clean(raw);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '\\' || c == '"'; }, '-');
  if (name.empty()) name = "attachment";
  if (is_ascii(name) && name.size() <= 60) return "filename=\"" + name + "\"";
  std::string encoded;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte < 0x80 && (std::isalnum(byte) || c == '.' || c == '-' || c == '_');
    if (plain) {
      encoded += c;
    } else {
      encoded += {'%', hex_digits[byte >> 4], hex_digits[byte & 15]};
    }
  }
  return "filename*=UTF-8''" + encoded.substr(0, 900);
}

std::string date_text(Instant at) {
  static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const LocalTime t = TimeZone::utc().local(at);
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", days[static_cast<std::size_t>(t.date.weekday())],
                     t.date.day(), months[static_cast<std::size_t>(t.date.month() - 1)], t.date.year(),
                     t.hour, t.minute, t.second);
}

std::string text_part(std::string_view type, std::string_view body) {
  return fmt::format(
      "Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}", type,
      quoted_printable(body));
}

std::string body_of(const MailMessage& message, std::string_view boundary) {
  if (message.html.empty()) return text_part("text/plain", message.text);
  return fmt::format(
      "Content-Type: multipart/alternative; "
      "boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}\r\n--{0}\r\n{2}\r\n--{0}--\r\n",
      boundary, text_part("text/plain", message.text), text_part("text/html", message.html));
}

void require_token(std::string_view text, const char* what) {
  const bool ok = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 32 && c < 127 && c != '<' && c != '>';
  });
  if (!ok) throw std::invalid_argument(fmt::format("an e-mail has a wrong {}", what));
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  text = trimmed(text);
  Address address;
  const std::size_t open = text.rfind('<');
  if (open != std::string_view::npos && text.ends_with('>')) {
    address.email = text.substr(open + 1, text.size() - open - 2);
    std::string_view name = trimmed(text.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    address.name = name;
  } else {
    address.email = text;
  }
  if (!is_email(address.email)) return std::nullopt;
  return address;
}

std::string to_text(const MailMessage& message) {
  require_token(message.message_id, "Message-ID");
  std::string out;
  const auto header = [&](std::string_view name, std::string_view value) {
    out += fmt::format("{}: {}\r\n", name, value);
  };
  header("From", mailbox(message.from, 6));
  if (message.reply_to) header("Reply-To", mailbox(*message.reply_to, 10));
  header("To", mailbox(message.to, 4));
  header("Subject", unstructured("Subject", message.subject));
  header("Date", date_text(message.date));
  header("Message-ID", "<" + message.message_id + ">");
  // source: RFC 3834; the second is what one large mail system listens to instead.
  header("Auto-Submitted", "auto-generated");
  header("X-Auto-Response-Suppress", "All");
  if (!message.unsubscribe_url.empty()) {
    require_token(message.unsubscribe_url, "address for leaving");
    header("List-Unsubscribe", "<" + message.unsubscribe_url + ">");
    header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  }
  if (!message.language.empty()) {
    require_token(message.language, "language");
    header("Content-Language", message.language);
  }
  header("MIME-Version", "1.0");

  // "=_" is in no encoded body, so no boundary can be in one.
  const std::string mark = token_hash(message.message_id).substr(0, 24);
  if (message.attachments.empty()) return out + body_of(message, "=_a" + mark);
  const std::string boundary = "=_m" + mark;
  out += fmt::format("Content-Type: multipart/mixed; boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}", boundary,
                     body_of(message, "=_a" + mark));
  for (const Attachment& attachment : message.attachments) {
    const std::string type = clean(attachment.content_type);
    if (type.empty() || !is_ascii(type))
      throw std::invalid_argument("an attachment has a wrong content type");
    out += fmt::format(
        "\r\n--{}\r\nContent-Type: {}\r\nContent-Disposition: attachment;\r\n {}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n{}",
        boundary, type, filename_parameter(attachment.filename), base64_lines(attachment.bytes));
  }
  return out + fmt::format("\r\n--{}--\r\n", boundary);
}

}  // namespace plenary::net
