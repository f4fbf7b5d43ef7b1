// A list as shown, as a file: the same columns, filters, search and order; all pages.
#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "admin/desk.hpp"
#include "admin/export_formats.hpp"
#include "admin/list_query.hpp"
#include "admin/list_state.hpp"
#include "admin/list_texts.hpp"
#include "admin/pages.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::admin {
namespace {

using Kind = ExportCell::Kind;

constexpr std::size_t rows_a_read = 2'000;

struct Export {
  Site& site;
  const web::Request& request;
  const Model& model;
  const Person person;
  std::vector<ShownColumn> columns;
  bool with_terms_currency = false, with_zone = false;

  Export(Site& s, const web::Request& r, const Model& m)
      : site(s), request(r), model(m), person(person_of(r)), columns(exported_columns(m)) {
    for (const ShownColumn& column : columns) {
      with_terms_currency |= column.as == Shown::money;
      with_zone |= column.as == Shown::instant;
    }
  }

  bool has_key() const {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const ShownColumn& column) { return column.column && column.column->is_key; });
  }

  std::vector<ExportColumn> heads() const {
    std::vector<ExportColumn> heads;
    if (!has_key()) heads.push_back({std::string(model.key().name), site::tr(request, model.key().label)});
    for (const ShownColumn& column : columns) heads.push_back({column.name, site::tr(request, column.label)});
    if (with_terms_currency) heads.push_back({"currency", site::tr(request, message("Currency"))});
    if (with_zone) heads.push_back({"timezone", site::tr(request, message("Time zone"))});
    return heads;
  }

  ExportCell cell(const ListTexts& texts, const ListRow& row, std::size_t i, const Terms& terms) const {
    const ShownColumn& column = columns[i];
    const Cell& given = row.cells[i];
    ExportCell cell;
    if (given.is_null) return cell;
    cell.integer = given.integer;
    cell.value = given.text;
    if (column.refers) {
      cell.kind = Kind::reference;
      cell.text = texts.label(i, given);
    } else if (column.as == Shown::money) {
      cell.kind = Kind::decimal;
      cell.decimals = terms.currency.exponent();
    } else if (column.as == Shown::flag) {
      cell.kind = Kind::flag;
      cell.text = flag_word(request, column, given);
    } else if (column.as == Shown::instant) {
      cell.kind = Kind::moment;
      cell.zone = terms.zone;
    } else if (column.as == Shown::address) {
      return word(texts.shown(request, i, row));
    } else if (column.kind == db::ColumnKind::integer) {
      cell.kind = Kind::integer;
    } else if (column.column && column.column->type == db::ColumnType::date) {
      cell.kind = Kind::date;
    } else {
      const auto decimal = column.column && column.column->type == db::ColumnType::decimal
                               ? Decimal::parse(given.text)
                               : std::nullopt;
      cell.kind = Kind::text;
      cell.text = decimal ? given.text : texts.shown(request, i, row);
    }
    return cell;
  }

  static ExportCell word(std::string text) {
    ExportCell cell;
    cell.kind = Kind::text;
    cell.value = text;
    cell.text = std::move(text);
    return cell;
  }

  std::vector<ExportCell> cells(const ListTexts& texts, const ListRow& row) const {
    const Terms terms = texts.terms(row);
    std::vector<ExportCell> cells;
    cells.reserve(columns.size() + 3);
    if (!has_key()) {
      ExportCell key = word(row.key);
      const auto value = key_param(model, row.key);
      if (value && value->kind == db::Param::Kind::integer) {
        key.kind = Kind::integer;
        key.integer = value->integer;
      }
      cells.push_back(std::move(key));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) cells.push_back(cell(texts, row, i, terms));
    if (with_terms_currency) cells.push_back(word(std::string(terms.currency.code())));
    if (with_zone) cells.push_back(word(terms.zone_name));
    return cells;
  }

  // Nothing: there is more than one file may hold. Keys first, then the rows by them, so that no statement
  // runs long; rows that go meanwhile are left out.
  std::optional<std::string> make(ExportFormat format, const ListState& asked) const {
    const std::vector<std::string> keys = site.db.read_now([&](db::Tx& tx) {
      ListState state = asked;
      ListQuery query = make_query(tx, person, model, state);
      // Where rows may be seen, but not taken along, they stay behind.
      add_reach(query.conditions, model, Access(person, model).reach(Right::take_out));
      return matching_keys(tx, query, exported_rows_at_most + 1);
    });
    if (static_cast<std::int64_t>(keys.size()) > exported_rows_at_most) return std::nullopt;
    const std::unique_ptr<ExportFile> file = make_export(format, heads(), model.name);
    for (std::size_t at = 0; at < keys.size(); at += rows_a_read) {
      const auto piece = std::span(keys).subspan(at, std::min(rows_a_read, keys.size() - at));
      ListTexts texts(site, columns);
      const std::vector<ListRow> rows = site.db.read_now([&](db::Tx& tx) {
        std::vector<ListRow> read = rows_of(tx, model, columns, piece);
        texts.read(tx, read);
        return read;
      });
      for (const ListRow& row : rows) file->add(cells(texts, row));
      if (file->bytes() > exported_bytes_at_most) return std::nullopt;
    }
    return file->finish();
  }
};

std::optional<ExportFormat> format_of(const web::Request& request) {
  const std::string_view name = request.query("format").value_or("csv");
  if (name == "csv") return request.query("bom") == "1" ? ExportFormat::csv_with_bom : ExportFormat::csv;
  if (name == "xlsx") return ExportFormat::xlsx;
  if (name == "json") return ExportFormat::json;
  return std::nullopt;
}

}  // namespace

Task<web::Response> export_list(Site& site, web::Request& request) {
  const Model& model = model_for(request, Right::take_out);
  const std::optional<ExportFormat> format = format_of(request);
  if (!format) throw NotFound("no such format of an export");
  const ListState state = read_state(model, request.query_string());
  const Export job(site, request, model);
  auto work = [&] { return job.make(*format, state); };
  std::optional<std::string> bytes;
  if (Pool* pool = request.services().pool) {
    bytes = co_await pool->run(work);
  } else {
    bytes = work();
  }
  if (!bytes) {
    web::flash(
        request, "error",
        site::tr(request, message("This is more than one file can hold: at most 1,000,000 rows and 256 "
                                  "MB. Narrow the list, for instance by date.")));
    co_return web::Response::redirect(list_url(model) + state.query());
  }
  const std::string today = TimeZone::utc().local(request.context<site::Visit>().now).date.to_string();
  web::Response response =
      web::Response::attachment(std::move(*bytes), std::string(content_type_of(*format)),
                                fmt::format("{}-{}.{}", model.name, today, ending_of(*format)));
  response.personal();
  co_return response;
}

}  // namespace plenary::admin
