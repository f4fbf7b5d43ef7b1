// Reads an e-mail that may come from anybody: headers decoded, parts flattened. Never throws for what is
// malformed: what cannot be read is empty. Bounded in size, depth and number of parts by MailLimits. Used for
// the development mailbox and for delivery status reports. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plenary::net {

struct MailLimits {
  std::size_t depth = 8;   // multiparts inside each other
  std::size_t parts = 50;  // of one message
  std::size_t headers = 200;
};

using MailHeaders = std::vector<std::pair<std::string, std::string>>;  // unfolded, encoded words decoded

struct MailPart {
  MailHeaders headers;
  std::string content_type;  // lower case, without parameters: "text/plain"
  std::string filename;      // of an attachment; empty otherwise
  std::string bytes;         // transfer encoding undone; as they are in any character set
};

struct ReadMail {
  MailHeaders headers;
  std::vector<MailPart> parts;  // the leaves, in order; a message without parts is one

  std::string_view header(std::string_view name) const;  // the first; any case; empty when absent
  const MailPart* part(std::string_view content_type) const;
};

ReadMail read_mail(std::string_view text, const MailLimits& limits = {});
// The headers at the start of a text alone, and where the body begins.
MailHeaders read_headers(std::string_view text, std::size_t* body_at = nullptr,
                         const MailLimits& limits = {});
std::string_view find_header(const MailHeaders& headers, std::string_view name);

}  // namespace plenary::net
