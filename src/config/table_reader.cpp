#include "config/table_reader.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace plenary::config {
namespace {

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

// A bare key as it is, any other in quotes, on one line.
std::string key_text(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare && key.size() <= 60 ? std::string(key) : in_quotes(key);
}

std::string_view leaf_of(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

}  // namespace

void Report::add(ProblemKind kind, Place place, std::string path, std::string item, std::string found,
                 std::string allowed, std::string advice) {
  if (problems_.size() >= max_problems) return;
  Problem problem;
  problem.kind = kind;
  problem.file = document_.name();
  problem.place = place;
  problem.path = std::move(path);
  problem.item = std::move(item);
  problem.found = std::move(found);
  problem.allowed = std::move(allowed);
  problem.advice = std::move(advice);
  problems_.push_back(std::move(problem));
}

void Report::add_unknown(UnknownKey unknown) {
  if (unknown_.size() < max_problems) unknown_.push_back(std::move(unknown));
}

bool Report::has_problem(std::string_view path) const {
  return std::any_of(problems_.begin(), problems_.end(), [&](const Problem& p) { return p.path == path; });
}

void Report::know(std::string path) {
  // Keys of list items are no place to move another key to.
  if (path.find('[') == std::string::npos) known_.push_back(std::move(path));
}

void Report::finish() {
  for (UnknownKey& unknown : unknown_) {
    Problem& problem = unknown.problem;
    // The right name in the wrong table comes before a similar name in this one.
    if (problem.path.find('[') == std::string::npos) {
      for (const std::string& path : known_) {
        if (leaf_of(path) == unknown.leaf && problem.nearest.empty()) problem.nearest = path;
      }
    }
    if (problem.nearest.empty()) problem.nearest = nearest(unknown.leaf, *unknown.siblings);
    if (problem.nearest.empty()) problem.advice = "known here: " + list_of(*unknown.siblings);
    problems_.push_back(std::move(problem));
  }
  unknown_.clear();
  if (!problems_.empty()) throw_problems(std::move(problems_));
}

TableReader::TableReader(Report& report, const toml::table* table, std::string path, Place place,
                         std::string item)
    : report_(report), table_(table), path_(std::move(path)), item_(std::move(item)), place_(place) {}

std::string TableReader::path_of(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const toml::node* TableReader::find(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
    asked_.emplace_back(key);
    report_.know(path_of(key));
  }
  return table_ ? table_->get(key) : nullptr;
}

bool TableReader::has(std::string_view key) {
  return find(key) != nullptr;
}

Place TableReader::place_of_key(std::string_view key) const {
  if (!table_) return place_;
  const auto found = table_->find(key);
  if (found == table_->end()) return place_;
  // A table made by dotted keys or by a deeper header may have no place of its own.
  const Place own = config::place_of(found->second);
  return own.line != 0 ? own : config::place_of(found->first.source());
}

bool TableReader::is_table_or_absent(std::string_view key) {
  const toml::node* node = find(key);
  return !node || node->is_table();
}

TableReader TableReader::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node && !node->is_table()) {
    wrong_type(key, *node, "a table: [" + path_of(key) + "]");
    node = nullptr;
  }
  return TableReader(report_, node ? node->as_table() : nullptr, path_of(key), place_of_key(key), item_);
}

void TableReader::wrong_value(std::string_view key, std::string found, std::string allowed,
                              std::string advice) {
  report_.add(ProblemKind::value, place_of_key(key), path_of(key), item_, std::move(found),
              std::move(allowed), std::move(advice));
}

void TableReader::wrong_type(std::string_view key, const toml::node& node, std::string allowed,
                             std::string advice) {
  std::string found = type_name(node);
  if (!node.is_table() && !node.is_array()) found += ", " + shown(document(), node);
  report_.add(ProblemKind::type, place_of_key(key), path_of(key), item_, std::move(found), std::move(allowed),
              std::move(advice));
}

void TableReader::wrong_element_type(std::string_view key, const std::string& suffix, const toml::node& node,
                                     std::string allowed) {
  std::string found = type_name(node);
  if (!node.is_table() && !node.is_array()) found += ", " + shown(document(), node);
  report_.add(ProblemKind::type, config::place_of(node), path_of(key) + suffix, {}, std::move(found),
              std::move(allowed));
}

std::optional<TextFault> text_fault(const std::string& text, const TextRule& rule) {
  if (rule.several_lines) {
    std::string line = text;
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    if (has_control_characters(line))
      return TextFault{in_quotes(text), rule.what + " without control characters other than line breaks", ""};
  } else if (has_control_characters(text)) {
    return TextFault{in_quotes(text), rule.what + " without control characters or line breaks",
                     "write it on one line"};
  }
  if (is_blank(text) && !(rule.may_be_empty && text.empty())) {
    return TextFault{text.empty() ? "an empty text" : "a text of blanks only",
                     rule.what + " that is not blank", ""};
  }
  const std::size_t length = character_count(text);
  if (length > rule.max) {
    return TextFault{"a text of " + std::to_string(length) + " characters, " + in_quotes(text),
                     rule.what + " of at most " + std::to_string(rule.max) + " characters", "shorten it"};
  }
  return std::nullopt;
}

std::optional<std::string> TableReader::text(std::string_view key, const TextRule& rule) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  const auto* value = node->as_string();
  if (!value) {
    const bool scalar = !node->is_table() && !node->is_array();
    std::string advice =
        scalar ? "put it in quotes: " + std::string(key) + " = \"" + shown(document(), *node) + "\"" : "";
    wrong_type(key, *node, rule.what, std::move(advice));
    return std::nullopt;
  }
  if (auto fault = text_fault(value->get(), rule)) {
    wrong_value(key, std::move(fault->found), std::move(fault->allowed), std::move(fault->advice));
    return std::nullopt;
  }
  return value->get();
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  const std::string allowed = max == max_integer && min <= 1
                                  ? (min == 1 ? "an integer above 0" : "an integer of at least 0")
                                  : "an integer from " + std::to_string(min) + " to " + std::to_string(max);
  const auto* value = node->as_integer();
  if (!value) {
    std::string advice;
    if (node->is_string()) advice = "remove the quotes";
    if (node->is_floating_point()) advice = "write a whole number";
    if (node->is_boolean()) advice = "write a number; true and false are none";
    wrong_type(key, *node, allowed, std::move(advice));
    return std::nullopt;
  }
  if (value->get() < min || value->get() > max) {
    wrong_value(key, shown(document(), *node),
                value->get() > max && max == max_integer ? allowed + ", at most 2147483647" : allowed);
    return std::nullopt;
  }
  return value->get();
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  if (const auto* value = node->as_boolean()) return value->get();
  wrong_type(key, *node, "true or false", node->is_string() ? "remove the quotes" : "");
  return std::nullopt;
}

std::optional<Date> TableReader::date(std::string_view key) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  const auto* value = node->as_date();
  if (!value) {
    std::string advice = "write " + std::string(key) + " = 2027-05-14, without quotes";
    if (node->is_date_time())
      advice = "leave out the time of day: the date is a day in the conference's time zone";
    wrong_type(key, *node, "a date", std::move(advice));
    return std::nullopt;
  }
  const auto date = Date::of(value->get().year, value->get().month, value->get().day);
  if (!date) wrong_value(key, shown(document(), *node), "a date from 0001-01-01 to 9999-12-31");
  return date;
}

std::optional<Decimal> TableReader::number(std::string_view key, const std::string& allowed) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_number()) {
    wrong_type(key, *node, allowed, node->is_string() ? "remove the quotes" : "");
    return std::nullopt;
  }
  if (const auto exact = Decimal::parse(document().literal(*node))) return exact;
  // Hexadecimal, octal and binary integers; what is left is inf, nan or too long.
  if (const auto* value = node->as_integer()) return Decimal(value->get());
  wrong_value(key, shown(document(), *node), allowed);
  return std::nullopt;
}

void TableReader::require(std::vector<std::string> keys, const std::string& has_what) {
  std::vector<std::string> missing;
  for (std::string& key : keys) {
    if (!has(key)) missing.push_back(std::move(key));
  }
  if (missing.empty()) return;
  std::sort(missing.begin(), missing.end());
  report_.add(ProblemKind::value, place_, path_, item_, "missing " + list_of(missing), "", has_what);
}

void TableReader::finish() {
  if (!table_) return;
  const auto siblings = std::make_shared<const std::vector<std::string>>(asked_);
  for (const auto& [key, node] : *table_) {
    const std::string_view name = key.str();
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    UnknownKey unknown;
    unknown.problem.kind = ProblemKind::value;
    unknown.problem.file = document().name();
    unknown.problem.place = config::place_of(key.source());
    unknown.problem.path = path_of(key_text(name));
    unknown.problem.item = item_;
    unknown.problem.found = node.is_table() || (node.is_array() && node.as_array()->is_array_of_tables())
                                ? "unknown table"
                                : "unknown key";
    unknown.leaf = std::string(name);
    unknown.siblings = siblings;
    report_.add_unknown(std::move(unknown));
  }
}

}  // namespace plenary::config
