// The development mailbox: what landed in [mail] folder, as its pages show it. Everything in it may have been
// typed by strangers. Any thread; reads files. source: ground rules 15, 6.1.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace plenary::mail {

struct ListedMail {
  std::string id, to, subject;
  Instant written_at;
};

struct ShownMail {
  std::string id, subject, text, html;
  std::vector<std::pair<std::string, std::string>> headers;
  struct Attachment {
    std::string filename, content_type, bytes;
  };
  std::vector<Attachment> attachments;
};

// Newest first.
std::vector<ListedMail> list_mails(const std::filesystem::path& folder, std::size_t limit = 100);
std::optional<ShownMail> read_mail(const std::filesystem::path& folder, std::string_view id);

}  // namespace plenary::mail
