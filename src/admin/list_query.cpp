#include "admin/list_query.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace plenary::admin {
namespace {

using db::ColumnKind;

std::string key_sql(const Model& model) {
  return fmt::format("t.{}", model.key().name);
}

Shown shown_as(const db::Column& column) {
  if (column.is_money) return Shown::money;
  switch (column.type) {
    case db::ColumnType::flag:
      return Shown::flag;
    case db::ColumnType::instant:
      return Shown::instant;
    case db::ColumnType::integer:
      return Shown::integer;
    default:
      return Shown::text;
  }
}

// Both engines put nulls where SQLite does: before everything else. Only where there can be nulls, because
// PostgreSQL's indexes have them at the other end.
std::string order_sql(const Model& model, const std::string& sql, bool descends) {
  const std::string_view name = sql.starts_with("t.") ? std::string_view(sql).substr(2) : sql;
  const db::Column* column = model.table->find_column(name);
  const bool is_never_null = column && !column->nullable;
  return sql + (descends ? " DESC" : "") + (is_never_null ? "" : descends ? " NULLS LAST" : " NULLS FIRST");
}

std::string order_by(const ListQuery& query, bool reversed) {
  std::string text;
  for (const auto& [sql, descends] : query.order) {
    text += text.empty() ? " ORDER BY " : ", ";
    text += order_sql(*query.model, sql, descends != reversed);
  }
  return text;
}

// One call for each row.
template <class F>
void each_row(db::Tx& tx, const std::string& sql, std::span<const db::Param> values,
              std::span<const ColumnKind> kinds, F&& use_row) {
  tx.run(
      db::intern_sql(sql), values, kinds,
      [](void* use, const db::Field* fields) { (*static_cast<std::remove_reference_t<F>*>(use))(fields); },
      &use_row);
}

Cell cell_of(const db::Field& field, ColumnKind kind) {
  Cell cell;
  cell.is_null = field.is_null;
  if (field.is_null) return cell;
  cell.integer = field.integer;
  cell.real = field.real;
  if (kind == ColumnKind::text) cell.text = field.text;
  if (kind == ColumnKind::integer) cell.text = std::to_string(field.integer);
  return cell;
}

std::string key_text(const db::Field& field, ColumnKind kind) {
  return kind == ColumnKind::integer ? std::to_string(field.integer) : std::string(field.text);
}

DateSpan span_of(const Model& model, const db::Field& first, const db::Field& last, TimeZone zone) {
  if (first.is_null || last.is_null) return {};
  const db::Column& column = *model.table->find_column(model.date_column);
  if (column.type == db::ColumnType::date) return {Date::parse(first.text), Date::parse(last.text)};
  return {zone.local(Instant{first.integer}).date, zone.local(Instant{last.integer}).date};
}

}  // namespace

std::vector<std::pair<std::string, bool>> order_terms(std::string_view sql) {
  std::vector<std::pair<std::string, bool>> terms;
  int depth = 0;
  std::size_t start = 0;
  const auto take = [&](std::size_t end) {
    std::string_view term = sql.substr(start, end - start);
    const auto trim = [&] {
      while (!term.empty() && term.front() == ' ') term.remove_prefix(1);
      while (!term.empty() && term.back() == ' ') term.remove_suffix(1);
    };
    trim();
    const bool descends = term.ends_with(" DESC");
    if (descends) term.remove_suffix(5);
    if (term.ends_with(" ASC")) term.remove_suffix(4);
    trim();
    if (!term.empty()) terms.emplace_back(term, descends);
    start = end + 1;
  };
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '(') ++depth;
    if (sql[i] == ')') --depth;
    if (sql[i] == ',' && depth == 0) take(i);
  }
  take(sql.size());
  return terms;
}

namespace {

std::vector<ShownColumn> shown_of(const Model& model, const std::vector<ListColumn>& wanted) {
  std::vector<ShownColumn> columns;
  for (const ListColumn& given : wanted) {
    ShownColumn shown;
    shown.name = given.name;
    shown.label = given.label;
    shown.sorts = given.sorts;
    shown.as = given.shown;
    shown.given = &given;
    if (given.sql.empty()) {
      const db::Column* column = model.table->find_column(given.name);
      if (!column || column->is_secret) continue;
      shown.column = column;
      shown.sql = "t." + std::string(column->name);
      shown.kind = column->codec->kind;
      if (given.label.empty()) shown.label = column->label;
      if (given.shown == Shown::automatic) shown.as = shown_as(*column);
      if (!column->references.empty()) shown.refers = model_of_table(column->references);
      shown.is_flag = column->type == db::ColumnType::flag;
    } else {
      shown.sql = given.sql;
      if (given.shown == Shown::automatic) shown.as = Shown::text;
      const bool is_text = shown.as == Shown::text || shown.as == Shown::address;
      shown.kind = is_text ? ColumnKind::text : ColumnKind::integer;
      shown.is_flag = shown.as == Shown::flag;
    }
    columns.push_back(std::move(shown));
  }
  return columns;
}

}  // namespace

std::vector<ShownColumn> shown_columns(const Model& model) {
  return shown_of(model, model.columns);
}
std::vector<ShownColumn> shown_figures(const Model& model) {
  return shown_of(model, model.figures);
}
std::vector<ShownColumn> exported_columns(const Model& model) {
  std::vector<ShownColumn> columns = shown_columns(model), more = shown_of(model, model.exported);
  std::move(more.begin(), more.end(), std::back_inserter(columns));
  return columns;
}

std::string Conditions::bind(std::int64_t value) {
  values_.emplace_back(value);
  return fmt::format("${}", values_.size());
}
std::string Conditions::bind(std::string_view value) {
  values_.emplace_back(std::string_view(texts_.emplace_back(value)));
  return fmt::format("${}", values_.size());
}
std::string Conditions::where() const {
  return sql_.empty() ? std::string() : fmt::format(" WHERE {}", fmt::join(sql_, " AND "));
}

void add_reach(Conditions& conditions, const Model& model, const Reach& reach) {
  if (reach.is_all()) return;
  if (model.conference_sql.empty()) {
    if (!reach.none) conditions.add("1 = 0");
    return;
  }
  const std::string& sql = model.conference_sql;
  std::string any;
  if (reach.every_conference) {
    any = sql + " IS NOT NULL";
  } else if (reach.conferences.size() == 1) {
    any = fmt::format("{} = {}", sql, conditions.bind(reach.conferences[0]));
  } else if (!reach.conferences.empty()) {
    // In few sizes, the last one repeated: so few different texts.
    std::size_t size = 2;
    while (size < reach.conferences.size()) size *= 2;
    std::string places;
    for (std::size_t i = 0; i < size; ++i)
      places +=
          (i ? ", " : "") + conditions.bind(reach.conferences[std::min(i, reach.conferences.size() - 1)]);
    any = fmt::format("{} IN ({})", sql, places);
  }
  if (reach.none) any += fmt::format("{}{} IS NULL", any.empty() ? "" : " OR ", sql);
  conditions.add(any.empty() ? std::string("1 = 0") : "(" + any + ")");
}

std::optional<db::Param> key_param(const Model& model, std::string_view text) {
  if (model.key().codec->kind != ColumnKind::integer) return db::Param(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return db::Param(value);
}

Matching matching(db::Tx& tx, const ListQuery& query, std::int64_t offset, std::int64_t limit) {
  const Model& model = *query.model;
  const ColumnKind key_kind = model.key().codec->kind;
  const bool has_dates = !query.date_sql.empty();
  const ColumnKind date_kind =
      has_dates ? model.table->find_column(model.date_column)->codec->kind : ColumnKind::integer;
  Matching found;
  if (query.conditions.count() == query.reach_conditions) {
    // The whole table, or all that this person may see of it: it is counted, and the page is read along an
    // index where there is one.
    auto facts = [&](const db::Field* fields) {
      found.total = fields[0].integer;
      if (has_dates) found.dates = span_of(model, fields[1], fields[2], query.zone);
    };
    const std::string where = query.conditions.where();
    const std::string dates =
        has_dates ? fmt::format(", (SELECT min({0}) FROM {1} t{2}), (SELECT max({0}) FROM {1} t{2})",
                                query.date_sql, model.table->name(), where)
                  : std::string();
    const ColumnKind kinds[] = {ColumnKind::integer, date_kind, date_kind};
    std::vector<db::Param> page(query.conditions.values().begin(), query.conditions.values().end());
    each_row(tx, fmt::format("SELECT (SELECT count(*) FROM {} t{}){}", model.table->name(), where, dates),
             page, std::span(kinds, has_dates ? 3 : 1), facts);
    if (offset >= found.total) offset = found.total == 0 ? 0 : (found.total - 1) / limit * limit;
    // The second half is read from the end.
    const std::int64_t count = std::min(limit, found.total - offset);
    const bool from_end = offset > found.total / 2;
    const std::int64_t skipped = from_end ? found.total - offset - count : offset;
    page.emplace_back(count);
    page.emplace_back(skipped);
    auto add = [&](const db::Field* fields) { found.keys.push_back(key_text(fields[0], key_kind)); };
    each_row(tx,
             fmt::format("SELECT {} FROM {}{}{} LIMIT ${} OFFSET ${}", key_sql(model), query.from, where,
                         order_by(query, from_end), page.size() - 1, page.size()),
             page, std::span(&key_kind, 1), add);
    if (from_end) std::reverse(found.keys.begin(), found.keys.end());
    return found;
  }
  // What matches is looked for once, counted and put in order there: a search reads the table a single time.
  std::string columns = key_sql(model) + " AS k", order;
  std::size_t number = 0;
  for (const auto& [sql, descends] : query.order) {
    ++number;
    columns += fmt::format(", {} AS o{}", sql, number);
    order += fmt::format("{}o{}{}", order.empty() ? "" : ", ", number,
                         descends ? " DESC NULLS LAST" : " NULLS FIRST");
  }
  if (has_dates) columns += fmt::format(", {} AS w", query.date_sql);
  std::vector<db::Param> values(query.conditions.values().begin(), query.conditions.values().end());
  const std::size_t at = values.size();
  const std::string sql = fmt::format(
      "WITH m AS MATERIALIZED (SELECT {} FROM {}{}) SELECT k, (SELECT count(*) FROM m){} FROM m ORDER BY {} "
      "LIMIT ${} OFFSET ${}",
      columns, query.from, query.conditions.where(),
      has_dates ? ", (SELECT min(w) FROM m), (SELECT max(w) FROM m)" : "", order, at + 1, at + 2);
  const ColumnKind kinds[] = {key_kind, ColumnKind::integer, date_kind, date_kind};
  auto add = [&](const db::Field* fields) {
    found.total = fields[1].integer;
    if (has_dates && found.keys.empty()) found.dates = span_of(model, fields[2], fields[3], query.zone);
    found.keys.push_back(key_text(fields[0], key_kind));
  };
  const auto run = [&](std::int64_t from) {
    values.resize(at, db::Param(0));
    values.emplace_back(limit);
    values.emplace_back(from);
    each_row(tx, sql, values, std::span(kinds, has_dates ? 4 : 2), add);
  };
  run(offset);
  if (found.keys.empty() && offset > 0) {
    // Beyond the end: the last page, which only a count finds.
    run(0);
    if (found.total > limit) {
      found.keys.clear();
      run((found.total - 1) / limit * limit);
    }
  }
  return found;
}

std::vector<std::string> matching_keys(db::Tx& tx, const ListQuery& query, std::int64_t limit) {
  const ColumnKind kind = query.model->key().codec->kind;
  std::vector<db::Param> values(query.conditions.values().begin(), query.conditions.values().end());
  values.emplace_back(limit);
  std::vector<std::string> keys;
  auto add = [&](const db::Field* fields) { keys.push_back(key_text(fields[0], kind)); };
  each_row(tx,
           fmt::format("SELECT {} FROM {}{}{} LIMIT ${}", key_sql(*query.model), query.from,
                       query.conditions.where(), order_by(query, false), values.size()),
           values, std::span(&kind, 1), add);
  return keys;
}

namespace {

// Runs `before` followed by as many placeholders as there are keys, rounded up to one of a few sizes: so few
// different texts.
template <class F>
void by_keys(db::Tx& tx, const Model& model, const std::string& before, std::span<const std::string> keys,
             std::span<const ColumnKind> kinds, F&& use_row) {
  constexpr std::size_t sizes[] = {1, 10, 100, 500};
  for (std::size_t start = 0; start < keys.size(); start += 500) {
    const auto piece = keys.subspan(start, std::min<std::size_t>(500, keys.size() - start));
    std::vector<db::Param> values;
    for (const std::string& key : piece) {
      if (const auto value = key_param(model, key)) values.push_back(*value);
    }
    if (values.empty()) continue;
    std::size_t size = 500;
    for (const std::size_t candidate : sizes) {
      if (candidate >= values.size()) {
        size = candidate;
        break;
      }
    }
    const db::Param last = values.back();
    values.resize(size, last);
    std::string places = "$1";
    for (std::size_t i = 2; i <= size; ++i) places += fmt::format(", ${}", i);
    each_row(tx, before + places + ")", values, kinds, use_row);
  }
}

}  // namespace

std::vector<ListRow> rows_of(db::Tx& tx, const Model& model, std::span<const ShownColumn> columns,
                             std::span<const std::string> keys) {
  std::string selected = key_sql(model);
  std::vector<ColumnKind> kinds{model.key().codec->kind};
  const auto select = [&](const std::string& sql, ColumnKind kind) {
    selected += ", " + sql;
    kinds.push_back(kind);
  };
  for (const ShownColumn& column : columns) select(column.sql, column.kind);
  const std::size_t beyond = kinds.size();
  if (!model.conference_sql.empty()) select(model.conference_sql, ColumnKind::integer);
  if (!model.currency_sql.empty()) select(model.currency_sql, ColumnKind::text);
  if (!model.zone_sql.empty()) select(model.zone_sql, ColumnKind::text);

  std::unordered_map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < keys.size(); ++i) place.emplace(keys[i], i);
  std::vector<std::optional<ListRow>> found(keys.size());
  auto add = [&](const db::Field* fields) {
    ListRow row;
    row.key = key_text(fields[0], kinds[0]);
    const auto at = place.find(row.key);
    if (at == place.end()) return;
    row.cells.reserve(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i)
      row.cells.push_back(cell_of(fields[i + 1], columns[i].kind));
    std::size_t next = beyond;
    if (!model.conference_sql.empty() && !fields[next++].is_null)
      row.conference_id = fields[next - 1].integer;
    if (!model.currency_sql.empty()) row.currency = fields[next++].text;
    if (!model.zone_sql.empty()) row.zone = fields[next++].text;
    found[at->second] = std::move(row);
  };
  by_keys(tx, model,
          fmt::format("SELECT {} FROM {} t WHERE {} IN (", selected, model.table->name(), key_sql(model)),
          keys, kinds, add);
  std::vector<ListRow> rows;
  rows.reserve(keys.size());
  for (auto& row : found) {
    if (row) rows.push_back(std::move(*row));
  }
  return rows;
}

std::vector<std::pair<std::string, std::string>> labels_of(db::Tx& tx, const Model& model,
                                                           std::vector<std::string> keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const ColumnKind kinds[] = {model.key().codec->kind, ColumnKind::text};
  std::vector<std::pair<std::string, std::string>> labels;
  auto add = [&](const db::Field* fields) {
    labels.emplace_back(key_text(fields[0], kinds[0]), std::string(fields[1].text));
  };
  by_keys(tx, model,
          fmt::format("SELECT {}, {} FROM {} t WHERE {} IN (", key_sql(model), model.label_sql,
                      model.table->name(), key_sql(model)),
          keys, kinds, add);
  return labels;
}

}  // namespace plenary::admin
