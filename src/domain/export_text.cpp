#include "domain/export_text.hpp"

#include <algorithm>

#include "config/toml_text.hpp"

namespace plenary::domain {

using config::toml_line;
using config::toml_paragraphs;

void ConferenceText::line(const char* key, const std::string& value) {
  result_.toml += key;
  result_.toml += " = ";
  result_.toml += value;
  result_.toml += '\n';
}
void ConferenceText::text(const char* key, const std::string& value) {
  line(key, toml_line(value));
}
void ConferenceText::paragraphs(const char* key, const std::string& value) {
  line(key, toml_paragraphs(value));
}

void ConferenceText::moment(const std::string& key, const std::optional<Instant>& t) {
  if (t) line(end_key(key, *t).c_str(), end_value(*t));
}

void ConferenceText::word(const db::Table& table, const char* column, const void* row) {
  text(column, table.find_column(column)->text(row).value_or(""));
}

void ConferenceText::window(const std::optional<Instant>& from, const std::optional<Instant>& until) {
  std::string window;
  if (from) {
    const Date day = zone_.local(*from).date;
    window = zone_.day_start(day) == *from ? "opens = " + day.to_string() : "opens_at = " + from->to_string();
  }
  if (until) {
    window +=
        fmt::format("{}{} = {}", window.empty() ? "" : ", ", end_key("closes", *until), end_value(*until));
  }
  if (!window.empty()) line("available", "{ " + window + " }");
}

// The smallest number of digits that keeps it, so that the same instant has one form.
std::string ConferenceText::end_value(Instant t) const {
  return is_day_end(t) ? zone_.local(t).date.to_string() : t.to_string();
}

std::string ConferenceText::listed(std::vector<std::string> slugs) {
  std::sort(slugs.begin(), slugs.end());
  std::string list;
  for (const std::string& slug : slugs) list += (list.empty() ? "" : ", ") + toml_line(slug);
  return "[" + list + "]";
}

std::string ConferenceText::listed(const std::vector<std::int64_t>& ids,
                                   const std::map<std::int64_t, std::string>& slugs) {
  std::vector<std::string> named;
  for (const std::int64_t id : ids) named.push_back(slugs.at(id));
  return listed(std::move(named));
}

}  // namespace plenary::domain
