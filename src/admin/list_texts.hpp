// The cells of a list as people read them: references by name, money and times in the terms of each row's
// conference. What is needed is read once for all rows of a page. One thread, one request. source:
// configuration 10, 5; ground rules 15, 3.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "admin/desk.hpp"
#include "admin/list_query.hpp"

namespace plenary::admin {

class ListTexts {
 public:
  ListTexts(const Site& site, std::span<const ShownColumn> columns);

  // Reads what these rows need beyond what is known already.
  void read(db::Tx& tx, std::span<const ListRow> rows);

  Terms terms(const ListRow& row) const;
  // Of a reference; the key where there is no such row or no administered table.
  const std::string& label(std::size_t column, const Cell& cell) const;
  // Empty for null.
  std::string shown(const web::Request& request, std::size_t column, const ListRow& row) const;

 private:
  const Site& site_;
  std::span<const ShownColumn> columns_;
  bool needs_terms_ = false;
  std::map<std::int64_t, Terms> by_conference_;
  Terms usual_;
  std::vector<std::unordered_map<std::string, std::string>> labels_;  // as the columns
};

// The words of a flag: yes and no; where null means the usual value, On, Off and Default.
std::string flag_word(const web::Request& request, const ShownColumn& column, const Cell& cell);

}  // namespace plenary::admin
