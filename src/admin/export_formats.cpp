#include "admin/export_formats.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <xlsxwriter.h>
#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/decimal.hpp"

namespace plenary::admin {
namespace {

using Kind = ExportCell::Kind;

std::string decimal_text(const ExportCell& cell) {
  return Decimal::scaled(cell.integer, cell.decimals).to_string(cell.decimals);
}

// "2027-05-14 11:00:00+02:00": in the conference's time, and unambiguous.
std::string local_text(const ExportCell& cell) {
  const LocalTime t = cell.zone.local(Instant{cell.integer});
  const int minutes = std::abs(t.offset_seconds) / 60;
  return fmt::format("{} {:02}:{:02}:{:02}{}{:02}:{:02}", t.date.to_string(), t.hour, t.minute, t.second,
                     t.offset_seconds < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

class CsvFile : public ExportFile {
 public:
  CsvFile(const std::vector<ExportColumn>& columns, bool with_bom) {
    if (with_bom) text_ = "\xEF\xBB\xBF";
    std::string line;
    for (const ExportColumn& column : columns)
      line += (line.empty() ? "" : ",") + csv_field(without_formula(column.label));
    text_ += line + "\r\n";
  }
  void add(std::span<const ExportCell> cells) override {
    bool is_first = true;
    for (const ExportCell& cell : cells) {
      if (!is_first) text_ += ',';
      is_first = false;
      switch (cell.kind) {
        case Kind::nothing:
          break;
        case Kind::integer:
          text_ += std::to_string(cell.integer);
          break;
        case Kind::decimal:
          text_ += decimal_text(cell);
          break;
        case Kind::moment:
          text_ += local_text(cell);
          break;
        case Kind::date:
          text_ += csv_field(without_formula(cell.value));
          break;
        default:
          text_ += csv_field(without_formula(cell.text));
      }
    }
    text_ += "\r\n";
  }
  std::size_t bytes() const override { return text_.size(); }
  std::string take() override { return std::exchange(text_, {}); }
  std::string finish() override { return std::move(text_); }

 private:
  std::string text_;
};

class JsonFile : public ExportFile {
 public:
  explicit JsonFile(std::vector<ExportColumn> columns) : columns_(std::move(columns)) {}
  void add(std::span<const ExportCell> cells) override {
    nlohmann::ordered_json row;
    for (std::size_t i = 0; i < cells.size(); ++i) row[columns_[i].name] = value_of(cells[i]);
    text_ += std::exchange(is_first_, false) ? "[\n" : ",\n";
    text_ += row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  std::size_t bytes() const override { return text_.size(); }
  std::string take() override { return std::exchange(text_, {}); }
  std::string finish() override { return is_first_ ? "[]\n" : std::move(text_) + "\n]\n"; }

 private:
  static nlohmann::ordered_json value_of(const ExportCell& cell) {
    switch (cell.kind) {
      case Kind::nothing:
        return nullptr;
      case Kind::integer:
        return cell.integer;
      case Kind::flag:
        return cell.integer != 0;
      case Kind::decimal:
        return decimal_text(cell);
      case Kind::moment:
        return Instant{cell.integer}.to_string();
      case Kind::reference:
        return {{"id", cell.value}, {"name", cell.text}};
      default:
        return cell.value;
    }
  }
  std::vector<ExportColumn> columns_;
  std::string text_;
  bool is_first_ = true;
};

// A file name of our own in the temporary folder; removed whatever happens.
class TemporaryFile {
 public:
  TemporaryFile() : path_((std::filesystem::temp_directory_path() / "plenary-export-XXXXXX").string()) {
    const int file = ::mkstemp(path_.data());
    if (file < 0) throw std::runtime_error("no file can be made in the temporary folder");
    ::close(file);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }
  std::string read() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

 private:
  std::string path_;
};

class XlsxFile : public ExportFile {
 public:
  XlsxFile(const std::vector<ExportColumn>& columns, const std::string& title) {
    lxw_workbook_options options{};
    options.constant_memory = LXW_TRUE;
    options.use_zip64 = LXW_TRUE;
    folder_ = std::filesystem::temp_directory_path().string();
    options.tmpdir = folder_.data();
    book_ = workbook_new_opt(file_.path().c_str(), &options);
    if (!book_) throw std::runtime_error("the XLSX file cannot be begun");
    std::string name = title.substr(0, 31);
    if (workbook_validate_sheet_name(book_, name.c_str()) != LXW_NO_ERROR) name = "Sheet1";
    sheet_ = workbook_add_worksheet(book_, name.c_str());
    bold_ = workbook_add_format(book_);
    format_set_bold(bold_);
    date_ = with_pattern("yyyy-mm-dd");
    moment_ = with_pattern("yyyy-mm-dd hh:mm:ss");
    for (int decimals = 0; decimals <= 4; ++decimals) {
      amounts_[decimals] = with_pattern(
          decimals == 0 ? "#,##0" : "#,##0." + std::string(static_cast<std::size_t>(decimals), '0'));
    }
    worksheet_freeze_panes(sheet_, 1, 1);
    worksheet_set_column(sheet_, 0, static_cast<lxw_col_t>(columns.empty() ? 0 : columns.size() - 1), 20,
                         nullptr);
    lxw_col_t at = 0;
    for (const ExportColumn& column : columns) write_text(0, at++, column.label, bold_);
  }
  ~XlsxFile() override {
    if (book_) workbook_close(book_);
  }
  XlsxFile(const XlsxFile&) = delete;
  XlsxFile& operator=(const XlsxFile&) = delete;

  void add(std::span<const ExportCell> cells) override {
    ++row_;
    lxw_col_t at = 0;
    for (const ExportCell& cell : cells) {
      write(at++, cell);
      bytes_ += 24 + cell.text.size();
    }
  }
  std::size_t bytes() const override { return bytes_ / 4; }  // it is packed in the end
  std::string finish() override {
    const lxw_error error = workbook_close(std::exchange(book_, nullptr));
    if (error != LXW_NO_ERROR) throw std::runtime_error(std::string("XLSX: ") + lxw_strerror(error));
    return file_.read();
  }

 private:
  lxw_format* with_pattern(const std::string& pattern) {
    lxw_format* format = workbook_add_format(book_);
    format_set_num_format(format, pattern.c_str());
    return format;
  }
  void write(lxw_col_t at, const ExportCell& cell) {
    // A double holds whole numbers of up to 53 bits exactly.
    constexpr std::int64_t exact = 9'007'199'254'740'992;
    switch (cell.kind) {
      case Kind::nothing:
        return;
      case Kind::flag:
        worksheet_write_boolean(sheet_, row_, at, cell.integer != 0 ? 1 : 0, nullptr);
        return;
      case Kind::integer:
        if (cell.integer > exact || cell.integer < -exact)
          return write_text(row_, at, std::to_string(cell.integer), nullptr);
        worksheet_write_number(sheet_, row_, at, static_cast<double>(cell.integer), nullptr);
        return;
      case Kind::decimal:
        if (cell.decimals > 4 || cell.integer > exact || cell.integer < -exact)
          return write_text(row_, at, decimal_text(cell), nullptr);
        worksheet_write_number(sheet_, row_, at,
                               static_cast<double>(cell.integer) / std::pow(10, cell.decimals),
                               amounts_[cell.decimals]);
        return;
      case Kind::moment: {
        const LocalTime t = cell.zone.local(Instant{cell.integer});
        lxw_datetime when{t.date.year(), t.date.month(), t.date.day(),
                          t.hour,        t.minute,       static_cast<double>(t.second)};
        worksheet_write_datetime(sheet_, row_, at, &when, moment_);
        return;
      }
      case Kind::date: {
        const std::optional<Date> date = Date::parse(cell.value);
        if (!date || date->year() < 1900) return write_text(row_, at, cell.value, nullptr);
        lxw_datetime when{date->year(), date->month(), date->day(), 0, 0, 0};
        worksheet_write_datetime(sheet_, row_, at, &when, date_);
        return;
      }
      default:
        write_text(row_, at, cell.text, nullptr);
    }
  }
  // As a text, whatever it looks like; no longer than a cell may be.
  void write_text(lxw_row_t row, lxw_col_t at, const std::string& text, lxw_format* format) {
    constexpr std::size_t longest = 32'000;
    std::size_t end = std::min(text.size(), longest);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    worksheet_write_string(sheet_, row, at, text.substr(0, end).c_str(), format);
  }

  TemporaryFile file_;
  std::string folder_;
  lxw_workbook* book_ = nullptr;
  lxw_worksheet* sheet_ = nullptr;
  lxw_format *bold_ = nullptr, *date_ = nullptr, *moment_ = nullptr;
  lxw_format* amounts_[5] = {};
  lxw_row_t row_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<ExportFile> make_export(ExportFormat format, std::vector<ExportColumn> columns,
                                        const std::string& title) {
  switch (format) {
    case ExportFormat::xlsx:
      return std::make_unique<XlsxFile>(columns, title);
    case ExportFormat::json:
      return std::make_unique<JsonFile>(std::move(columns));
    default:
      return std::make_unique<CsvFile>(columns, format == ExportFormat::csv_with_bom);
  }
}

std::string_view content_type_of(ExportFormat format) {
  switch (format) {
    case ExportFormat::xlsx:
      return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    case ExportFormat::json:
      return "application/json";
    default:
      return "text/csv; charset=utf-8";
  }
}

std::string_view ending_of(ExportFormat format) {
  return format == ExportFormat::xlsx ? "xlsx" : format == ExportFormat::json ? "json" : "csv";
}

}  // namespace plenary::admin
