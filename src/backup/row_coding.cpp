#include "backup/row_coding.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace plenary::backup {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class Number>
void append(std::string& out, Number value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

template <class Number>
Number at(std::string_view bytes, std::size_t place) {
  Number value{};
  std::memcpy(&value, bytes.data() + place, sizeof value);
  return value;
}

}  // namespace

void append_row(std::string& out, std::span<const db::RawValue> row) {
  const std::size_t begin = out.size();
  for (const db::RawValue& value : row) {
    out += static_cast<char>(value.kind);
    switch (value.kind) {
      case db::RawKind::null:
        break;
      case db::RawKind::integer:
        append(out, value.integer);
        break;
      case db::RawKind::real:
        append(out, value.real);
        break;
      case db::RawKind::text:
      case db::RawKind::bytes:
        if (value.bytes.size() > most_row_bytes - std::min(most_row_bytes, out.size() - begin))
          throw BackupError(
              fmt::format("a row has more than {} bytes, which no backup can hold", most_row_bytes));
        append(out, static_cast<std::uint32_t>(value.bytes.size()));
        out += value.bytes;
        break;
    }
  }
}

RowReader::RowReader(std::size_t columns, std::uint64_t bytes, EachRow each)
    : values_(columns), left_(bytes), each_(std::move(each)) {}

void RowReader::take(std::string_view piece) {
  left_ -= std::min<std::uint64_t>(left_, piece.size());
  if (rest_.empty()) {
    const std::size_t used = rows_of(piece);
    rest_.assign(piece.substr(used));
    return;
  }
  rest_ += piece;
  if (rest_.size() < wanted_) return;
  rest_.erase(0, rows_of(rest_));
}

std::size_t RowReader::rows_of(std::string_view bytes) {
  std::size_t row_begins = 0, here = 0;
  const auto has = [&](std::size_t more) {
    if (bytes.size() - here >= more) return true;
    if (here - row_begins + more > most_row_bytes)
      throw DamagedRow(fmt::format("row {} has more than {} bytes", rows_ + 1, most_row_bytes));
    if (bytes.size() - here + left_ < more) throw DamagedRow("its last row is cut off");
    wanted_ = here - row_begins + more;
    return false;
  };
  while (here < bytes.size()) {
    for (db::RawValue& value : values_) {
      if (!has(1)) return row_begins;
      value = db::RawValue{};
      const auto kind = static_cast<unsigned char>(bytes[here]);
      if (kind > static_cast<unsigned char>(db::RawKind::bytes))
        throw DamagedRow(fmt::format("row {} holds a value of no known kind", rows_ + 1));
      value.kind = static_cast<db::RawKind>(kind);
      ++here;
      if (value.kind == db::RawKind::null) continue;
      if (value.kind == db::RawKind::integer || value.kind == db::RawKind::real) {
        if (!has(8)) return row_begins;
        if (value.kind == db::RawKind::integer) {
          value.integer = at<std::int64_t>(bytes, here);
        } else {
          value.real = at<double>(bytes, here);
        }
        here += 8;
        continue;
      }
      if (!has(4)) return row_begins;
      const std::size_t size = at<std::uint32_t>(bytes, here);
      here += 4;
      if (!has(size)) return row_begins;
      value.bytes = bytes.substr(here, size);
      here += size;
    }
    ++rows_;
    each_(values_);
    row_begins = here;
  }
  wanted_ = 0;
  return row_begins;
}

std::int64_t RowReader::finish() const {
  if (!rest_.empty()) throw DamagedRow("its last row is cut off");
  return rows_;
}

}  // namespace plenary::backup
