#include "db/many_rows.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "db/entity_table.hpp"
#include "db/gather.hpp"

namespace plenary::db {

ManyRows::ManyRows(std::string_view head, std::string_view row, std::size_t shared, std::string_view tail)
    : shared_(shared), own_(static_cast<std::size_t>(std::count(row.begin(), row.end(), '?'))) {
  std::string text(head);
  std::size_t next = shared + 1;
  for (std::size_t rows = 1; rows <= at_once; ++rows) {
    if (rows > 1) text += ", ";
    for (const char c : row) {
      if (c == '?')
        text += '$' + std::to_string(next++);
      else
        text += c;
    }
    texts_[rows] = intern_sql(text + std::string(tail));
  }
}

void ManyRows::run_later(Tx& tx, std::span<const Param> values) const {
  if (values.size() < shared_ || (values.size() - shared_) % own_ != 0)
    throw std::logic_error("rows of different length");
  const std::size_t rows = (values.size() - shared_) / own_;
  const std::size_t most = tx.engine() == Engine::sqlite ? 1 : at_once;
  if (rows == 0) return;
  if (rows <= most) return detail::write_later(tx, texts_[rows], values);
  std::vector<Param> some(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(shared_));
  some.reserve(shared_ + most * own_);
  for (std::size_t at = 0; at < rows; at += most) {
    const std::size_t now = std::min(most, rows - at);
    const auto own = values.subspan(shared_ + at * own_, now * own_);
    some.erase(some.begin() + static_cast<std::ptrdiff_t>(shared_), some.end());
    some.insert(some.end(), own.begin(), own.end());
    detail::write_later(tx, texts_[now], some);
  }
}

}  // namespace plenary::db
