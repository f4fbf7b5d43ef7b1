// One e-mail as text for SMTP or a file: RFC 5322 and MIME, built by ourselves so that every byte is known.
// Text and HTML go as alternatives in UTF-8, attachments beside them; headers are encoded (RFC 2047, 2231)
// and folded. No value can begin a header of its own: control characters in texts become blanks, a wrong
// address is an std::invalid_argument. Pure functions; any thread. source: ground rules 15, 6.1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace plenary::net {

struct Address {
  std::string email;
  std::string name;  // display name; may be empty
  // "Name <ada@example.org>" or "ada@example.org"; nothing when the address is none.
  static std::optional<Address> parse(std::string_view text);
};

struct Attachment {
  std::string filename;
  std::string content_type;  // "text/calendar; charset=utf-8; method=PUBLISH"
  std::string bytes;
};

struct MailMessage {
  Address from, to;
  std::optional<Address> reply_to;
  std::string subject;
  std::string message_id;  // without the angle brackets: "0f3a…@tickets.example.org"
  Instant date;
  std::string language;    // "en"
  std::string text, html;  // UTF-8, any line ends; html may be empty
  std::vector<Attachment> attachments;
  std::string envelope_sender = {};  // where it comes back to; empty: from
  std::string unsubscribe_url = {};  // https; a POST to it ends these mails (RFC 8058); empty: none
};

// Lines end in CRLF, none is longer than 998 bytes; deterministic.
std::string to_text(const MailMessage& message);

}  // namespace plenary::net
