// Reading .po files. source: the GNU gettext manual, "The format of PO files".
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "i18n/catalogue.hpp"
#include "i18n/po_reader.hpp"

namespace plenary::i18n {
namespace {

class Reader {
 public:
  Reader(std::string_view text, std::string_view name) : rest_(text), name_(name) {}

  std::vector<PoMessage> read() {
    std::vector<PoMessage> messages;
    std::optional<std::string> id;
    PoMessage message;
    std::string* target = nullptr;
    const auto finish = [&] {
      if (id) {
        message.id = std::move(*id);
        messages.push_back(std::move(message));
      }
      message = {};
      id.reset();
      target = nullptr;
    };
    while (!rest_.empty()) {
      std::string_view line = next_line();
      if (line.empty()) continue;
      if (line.front() == '#') {
        // A comment after a translation belongs to the message that follows.
        if (!message.forms.empty()) finish();
        if (line.starts_with("#,") && line.find("fuzzy") != std::string_view::npos) message.is_fuzzy = true;
        continue;
      }
      if (line.front() == '"') {
        if (!target) fail("a keyword such as msgid before the first text");
        *target += quoted(line);
        continue;
      }
      const std::size_t blank = line.find_first_of(" \t");
      const std::string_view keyword = line.substr(0, blank);
      if (blank == std::string_view::npos) fail("a text in double quotes after the keyword");
      line.remove_prefix(std::min(line.find_first_not_of(" \t", blank), line.size()));
      if (id && (keyword == "msgctxt" || keyword == "msgid")) finish();
      if (keyword == "msgctxt") {
        target = &message.context.emplace();
      } else if (keyword == "msgid") {
        target = &id.emplace();
      } else if (keyword == "msgid_plural") {
        target = &message.plural.emplace();
      } else if (keyword == "msgstr" || keyword.starts_with("msgstr[")) {
        if (!id) fail("msgid before msgstr");
        if (message.forms.size() > 8) fail("at most eight forms of a message");
        target = &message.forms.emplace_back();
      } else {
        fail("msgctxt, msgid, msgid_plural, msgstr or msgstr[0]");
      }
      *target += quoted(line);
    }
    finish();
    return messages;
  }

 private:
  [[noreturn]] void fail(std::string_view expected) const {
    throw std::invalid_argument(fmt::format("{}:{}: expected {}", name_, line_, expected));
  }

  std::string_view next_line() {
    ++line_;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    return line;
  }

  std::string quoted(std::string_view text) const {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') fail("a text in double quotes");
    text = text.substr(1, text.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"') fail("\\\" for a quote inside of a text");
      if (text[i] != '\\') {
        out += text[i];
        continue;
      }
      if (++i == text.size()) fail("a character after the backslash");
      switch (text[i]) {
        case 'n':
          out += '\n';
          break;
        case 't':
          out += '\t';
          break;
        case '"':
        case '\\':
          out += text[i];
          break;
        default:
          fail("\\n, \\t, \\\" or \\\\ after the backslash");
      }
    }
    return out;
  }

  std::string_view rest_;
  std::string_view name_;
  int line_ = 0;
};

}  // namespace

std::vector<PoMessage> read_po(std::string_view text, std::string_view name) {
  return Reader(text, name).read();
}

Catalogue Catalogue::from_po(std::string_view text, std::string_view name) {
  Catalogue catalogue;
  for (const PoMessage& message : read_po(text, name)) {
    if (message.is_fuzzy && !message.id.empty()) continue;
    const auto is_empty = [](const std::string& form) { return form.empty(); };
    if (message.forms.empty() || std::any_of(message.forms.begin(), message.forms.end(), is_empty)) continue;
    const std::string key = message.context ? *message.context + '\4' + message.id : message.id;
    std::string both = key;
    for (const std::string& form : message.forms) both.append(1, '\0').append(form);
    auto owned = std::make_shared<const std::string>(std::move(both));
    const std::string_view all = *owned;
    catalogue.add(all.substr(0, key.size()), all.substr(key.size() + 1));
    catalogue.owned_.push_back(std::move(owned));
  }
  catalogue.index();
  catalogue.read_header();
  return catalogue;
}

}  // namespace plenary::i18n
