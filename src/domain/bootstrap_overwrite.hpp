// The small parts of planning a bootstrap: finding rows by slug, overwriting a field and noting the
// difference, and how values look to a person. Header of bootstrap_plan.cpp alone. Pure; any thread. source:
// configuration 10, 6.6 and 6.7.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/slug.hpp"
#include "domain/bootstrap.hpp"
#include "domain/conference/legal.hpp"

namespace plenary::domain {

inline std::string yes_no(bool value) {
  return value ? "yes" : "no";
}
inline std::string number(std::int64_t n) {
  return std::to_string(n);
}
inline std::string count_or_unlimited(std::int64_t n) {
  return n == 0 ? "unlimited" : std::to_string(n);
}
inline std::string or_empty(const std::string& text) {
  return text.empty() ? "(empty)" : text;
}

// The beginning of a text of any length, on one line.
inline std::string beginning(const std::string& text) {
  if (text.empty()) return "(empty)";
  return conference::beginning(text, 60);
}

inline std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += fmt::format("{}{}", text.empty() ? "" : ", ", word);
  return text.empty() ? "any ticket" : text;
}

// A day where it is the first or the last moment of one, else the time on the clocks of the zone.
inline std::string shown_moment(const std::optional<Instant>& t, TimeZone zone) {
  if (!t) return "(none)";
  const LocalTime local = zone.local(*t);
  if (*t == zone.day_start(local.date) || *t == zone.day_end(local.date)) return local.date.to_string();
  const std::string fraction = local.microsecond ? fmt::format(".{:06}", local.microsecond) : "";
  return fmt::format("{} {:02}:{:02}:{:02}{} {}", local.date.to_string(), local.hour, local.minute,
                     local.second, fraction, local.abbreviation);
}

// The text of db::Column for a member's value; nothing for null.
inline std::optional<std::string> column_text(const std::string& text) {
  return text;
}
inline std::optional<std::string> column_text(bool value) {
  return value ? "true" : "false";
}
inline std::optional<std::string> column_text(std::int64_t n) {
  return number(n);
}
inline std::optional<std::string> column_text(const Decimal& number) {
  return number.to_string();
}
inline std::optional<std::string> column_text(Date date) {
  return date.to_string();
}
inline std::optional<std::string> column_text(Instant at) {
  return at.to_string();
}
template <class T>
std::optional<std::string> column_text(const std::optional<T>& value) {
  return value ? column_text(*value) : std::nullopt;
}

// Overwrites one field of a row and notes the difference. What a new row starts with is no difference.
class Overwrite {
 public:
  explicit Overwrite(AppliedItem& item) : item_(item) {}

  template <class T, class Show>
  void set(T& field, const T& value, const char* name, Show show) {
    if (field == value) return;
    if (!item_.created) {
      FieldChange change{name, show(field), show(value), {}, {}};
      if constexpr (!std::is_same_v<T, std::vector<std::string>>) {
        change.value_before = conference::audit_value(column_text(field));
        change.value_after = conference::audit_value(column_text(value));
      }
      if constexpr (std::is_same_v<T, std::string>) {
        change.whole_before = field;
        change.whole_after = value;
      }
      item_.changes.push_back(std::move(change));
    }
    field = value;
  }

 private:
  AppliedItem& item_;
};

// A limit whose 0 in the file is none in the table.
inline void set_limit(Overwrite& overwrite, std::optional<std::int64_t>& field,
                      const std::optional<std::int64_t>& value, const char* name) {
  if (!value) return;
  const auto shown = [](const std::optional<std::int64_t>& n) { return n ? std::to_string(*n) : "no limit"; };
  overwrite.set(field, *value == 0 ? std::nullopt : value, name, shown);
}

// The rows of a list by slug, whatever its case. The list must outlive it.
template <class Row>
class BySlug {
 public:
  explicit BySlug(const std::vector<Row>& rows) {
    for (const Row& row : rows) rows_.emplace(slug_key(row.slug), &row);
  }
  const Row* find(std::string_view slug) const {
    const auto found = rows_.find(slug_key(slug));
    return found == rows_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string, const Row*> rows_;
};

}  // namespace plenary::domain
