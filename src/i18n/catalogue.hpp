// The messages of one language, read from a compiled gettext catalogue (.mo, embedded in the binary) or from
// a text one (.po, an organiser's own words on disk). Nothing of libintl is used: its language belongs to the
// process, ours to each request. Immutable once built; any thread. Errors: std::invalid_argument with the
// place. source: the GNU gettext manual, "The format of GNU MO files" and "The format of PO files".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "i18n/plural_rule.hpp"

namespace plenary::i18n {

class Catalogue {
 public:
  Catalogue() = default;
  // `bytes` must outlive the catalogue and all copies.
  static Catalogue from_mo(std::string_view bytes);
  // Messages without a translation, fuzzy ones and obsolete ones are left out. `name` is told in errors.
  static Catalogue from_po(std::string_view text, std::string_view name);

  // `context` is empty for gettext, the message context for pgettext. Nothing: there is no such message.
  std::optional<std::string_view> find(std::string_view context, std::string_view message) const;
  // The form for `n` of a message with plurals.
  std::optional<std::string_view> find_plural(std::string_view context, std::string_view singular,
                                              std::int64_t n) const;
  // Those of `other` come first from now on; the plural rule stays.
  void put_before(const Catalogue& other);

  std::size_t size() const { return entries_.size(); }
  const PluralRule& plural_rule() const { return rule_; }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::string_view key;    // "context\4message", or the message
    std::string_view forms;  // translations, with \0 between them
  };
  void add(std::string_view key, std::string_view forms);
  void index();
  void read_header();
  const Entry* entry(std::string_view context, std::string_view message) const;

  PluralRule rule_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;  // entry + 1; 0: free. Never more than half full.
  std::vector<std::shared_ptr<const std::string>> owned_;
};

}  // namespace plenary::i18n
