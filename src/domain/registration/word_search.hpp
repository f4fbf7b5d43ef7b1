// What searches of staff are made of: SQL put together from few texts with their values, and the words that
// somebody typed, looked for anywhere in some columns. Private to the room. Pure, but for Bound::run, which
// belongs to its transaction.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

inline constexpr std::size_t longest_search = 200;  // characters that are looked at

inline constexpr std::size_t most_listed = 200;  // ids in one query
// Texts of SQL with their values. The texts are few, whatever is looked for, so each is prepared once.
class Bound {
 public:
  std::string number(std::int64_t value) { return place(db::Param(value)); }
  // `value` must live until the statement was run.
  std::string text(const std::string& value) { return place(db::Param(value)); }
  // "($3, $4, …)": as many places for any number of ids up to `most_listed`, so that there is one statement.
  std::string numbers(std::span<const Id> ids);
  const std::vector<db::Param>& values() const { return values_; }

 private:
  std::string place(db::Param value);
  std::vector<db::Param> values_;
};

// A word as the engine looks for it, and whether it may be a part of a number.
struct SearchWord {
  std::string pattern;
  bool has_digit = false;
};
// Those with digits first, then the longest: they are found the most seldom, and the others are looked for
// only where they are.
std::vector<SearchWord> search_words(std::string_view text, db::Engine engine);

// " AND …" for every word: it stands in one of these columns, whatever its ASCII letters' case. Columns of
// `numbers` are looked at only for words with a digit: every text that is looked into costs its time.
std::string has_words(Bound& bound, db::Engine engine, const std::vector<SearchWord>& words,
                      std::initializer_list<std::string_view> columns,
                      std::initializer_list<std::string_view> numbers = {});

}  // namespace plenary::registration
