// Rows of a list as a file: CSV (RFC 4180), XLSX, JSON. A text that a spreadsheet would take for a formula is
// none in any of them. Built in memory up to a limit, XLSX by way of a file in the system's temporary folder.
// One thread. Errors: std::runtime_error when that file cannot be written. source: docs/design.md, section 6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace plenary::admin {

inline constexpr std::int64_t exported_rows_at_most = 1'000'000;
inline constexpr std::size_t exported_bytes_at_most = 256 * 1024 * 1024;

struct ExportCell {
  enum class Kind { nothing, text, integer, decimal, flag, moment, date, reference };
  Kind kind = Kind::nothing;
  std::int64_t integer = 0;  // integer, flag, moment; decimal: units of 10^-decimals
  int decimals = 0;
  std::string text;   // as people read it: label of a reference or choice, word of a flag
  std::string value;  // as stored: key of a reference, value of a choice, "2027-05-14"
  TimeZone zone = TimeZone::utc();
};

struct ExportColumn {
  std::string name;   // of the JSON member
  std::string label;  // at the head of a table
};

enum class ExportFormat { csv, csv_with_bom, xlsx, json };

class ExportFile {
 public:
  virtual ~ExportFile() = default;
  virtual void add(std::span<const ExportCell> cells) = 0;  // as the columns
  virtual std::size_t bytes() const = 0;                    // so far, about
  // What is complete so far, for sending it on; of XLSX nothing before the end.
  virtual std::string take() { return {}; }
  virtual std::string finish() = 0;
};

std::unique_ptr<ExportFile> make_export(ExportFormat format, std::vector<ExportColumn> columns,
                                        const std::string& title);
std::string_view content_type_of(ExportFormat format);
std::string_view ending_of(ExportFormat format);  // "csv"

}  // namespace plenary::admin
