// Reads the keys of one TOML table with their types and checks, and remembers which were asked for: what is
// left over is an unknown key. Collects problems instead of throwing, so that one fault never hides another.
// Private to config/. source: configuration 10, 2.3, 6.3, 6.10.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "config/document.hpp"

namespace plenary::config {

// A key nobody asked for; which known key was meant shows only when all are known.
struct UnknownKey {
  Problem problem;
  std::string leaf;
  std::shared_ptr<const std::vector<std::string>> siblings;
};

// A file of nonsense keeps this many problems, no more.
inline constexpr std::size_t max_problems = 10'000;

// The problems of one file so far.
class Report {
 public:
  explicit Report(const Document& document) : document_(document) {}
  const Document& document() const { return document_; }

  void add(ProblemKind kind, Place place, std::string path, std::string item, std::string found,
           std::string allowed, std::string advice = {});
  void add_unknown(UnknownKey unknown);
  void know(std::string path);
  const std::vector<std::string>& known() const { return known_; }
  bool has_problem(std::string_view path) const;
  bool empty() const { return problems_.empty() && unknown_.empty(); }
  // Throws when anything was added.
  void finish();

 private:
  const Document& document_;
  std::vector<Problem> problems_;
  std::vector<UnknownKey> unknown_;
  std::vector<std::string> known_;
};

struct TextRule {
  std::size_t max = 200;        // characters
  bool may_be_empty = false;    // "" is a value of its own
  std::string what = "a text";  // for messages
  bool several_lines = false;   // line breaks and tabs belong to it
};

inline constexpr std::int64_t max_integer = 2'147'483'647;

class TableReader {
 public:
  // `table` may be null: every key is absent then. `place`: where a missing key is reported.
  TableReader(Report& report, const toml::table* table, std::string path, Place place, std::string item = {});

  // nullptr when absent.
  const toml::node* find(std::string_view key);
  bool has(std::string_view key);
  // The table below `key`; a problem when it is something else.
  TableReader table(std::string_view key);
  // True when the key stands there and is a table or is absent.
  bool is_table_or_absent(std::string_view key);

  // Each is empty when the key is absent or wrong; what is wrong is in the report then.
  std::optional<std::string> text(std::string_view key, const TextRule& rule);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max = max_integer);
  std::optional<bool> boolean(std::string_view key);
  std::optional<Date> date(std::string_view key);
  // An exact number, integer or with a fraction; `allowed` for messages.
  std::optional<Decimal> number(std::string_view key, const std::string& allowed);

  // One problem that names all of `keys` that are absent, sorted. `has_what`: "a section has name, start and
  // end".
  void require(std::vector<std::string> keys, const std::string& has_what);
  // Reports the keys that nobody asked for.
  void finish();

  void wrong_value(std::string_view key, std::string found, std::string allowed, std::string advice = {});
  void wrong_type(std::string_view key, const toml::node& node, std::string allowed, std::string advice = {});
  // For a list element: `suffix` is "[2]".
  void wrong_element_type(std::string_view key, const std::string& suffix, const toml::node& node,
                          std::string allowed);

  std::string path_of(std::string_view key) const;
  Place place_of_key(std::string_view key) const;  // the value's; the table's when absent
  const std::string& path() const { return path_; }
  const std::string& item() const { return item_; }
  Place place() const { return place_; }
  const toml::table* raw() const { return table_; }
  Report& report() { return report_; }
  const Document& document() const { return report_.document(); }

 private:
  Report& report_;
  const toml::table* table_;
  std::string path_;
  std::string item_;
  Place place_;
  std::vector<std::string> asked_;
};

// Checks a text against a rule: what is wrong as {found, allowed}, or nothing.
struct TextFault {
  std::string found, allowed, advice;
};
std::optional<TextFault> text_fault(const std::string& text, const TextRule& rule);

}  // namespace plenary::config
