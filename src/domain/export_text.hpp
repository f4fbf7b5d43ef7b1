// The text of a conference file as it is written: keys and values of its tables, amounts in its currency,
// moments in its zone, as short as they can be read again. Private to the export (export.cpp). One thread.
// source: configuration 10, 6.2 and 6.6.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/money.hpp"
#include "base/time.hpp"
#include "db/entity_table.hpp"
#include "domain/export.hpp"

namespace plenary::domain {

class ConferenceText {
 protected:
  ConferenceText(TimeZone zone, Currency currency) : zone_(zone), currency_(currency) {}

  void line(const char* key, const std::string& value);
  void text(const char* key, const std::string& value);
  void paragraphs(const char* key, const std::string& value);
  void flag(const char* key, bool value) { line(key, value ? "true" : "false"); }
  void number(const char* key, std::int64_t value) { line(key, std::to_string(value)); }
  void amount(const char* key, std::int64_t minor) { line(key, Money(minor, currency_).to_string()); }
  void table(const char* name) { result_.toml += fmt::format("\n[[conference.{}]]\n", name); }
  void moment(const std::string& key, const std::optional<Instant>& t);
  // The word that a column has for an enumeration.
  void word(const db::Table& table, const char* column, const void* row);

  template <class Product>
  void window(const Product& product) {
    window(product.available_from, product.available_until);
  }
  void window(const std::optional<Instant>& from, const std::optional<Instant>& until);
  // "closes" with a day that ends then, "closes_at" with a moment.
  std::string end_key(const std::string& key, Instant t) const { return is_day_end(t) ? key : key + "_at"; }
  std::string end_value(Instant t) const;

  static std::string listed(std::vector<std::string> slugs);
  static std::string listed(const std::vector<std::int64_t>& ids,
                            const std::map<std::int64_t, std::string>& slugs);

  template <class... Args>
  void left_out(fmt::format_string<Args...> format, Args&&... args) {
    result_.left_out.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  TimeZone zone_;
  Currency currency_;
  ConferenceExport result_;

 private:
  bool is_day_end(Instant t) const { return zone_.day_end(zone_.local(t).date) == t; }
};

}  // namespace plenary::domain
