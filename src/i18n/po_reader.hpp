// Reads the messages of a .po file. No state; any thread. Errors: std::invalid_argument with file and line.
// source: the GNU gettext manual, "The format of PO files".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::i18n {

struct PoMessage {
  std::optional<std::string> context, plural;
  std::string id;                  // empty: the header
  std::vector<std::string> forms;  // translations; empty where there is none
  bool is_fuzzy = false;
};

// Obsolete messages are comments and left out.
std::vector<PoMessage> read_po(std::string_view text, std::string_view name);

}  // namespace plenary::i18n
