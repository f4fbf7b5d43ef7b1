#include "admin/filters.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "admin/choices.hpp"
#include "admin/desk.hpp"
#include "i18n/formats.hpp"
#include "site/text.hpp"

namespace plenary::admin {
namespace {

using templating::Value;

constexpr std::array months{message("January"), message("February"), message("March"),
                            message("April"),   message("May"),      message("June"),
                            message("July"),    message("August"),   message("September"),
                            message("October"), message("November"), message("December")};

const Model* referred(const db::Column& column) {
  return model_of_table(column.references);
}

// The conference that the list is narrowed to, where one of its filters names it.
std::optional<std::int64_t> chosen_conference(const Model& model, const ListState& state) {
  for (const auto& [name, value] : state.filters) {
    const db::Column& column = *model.table->find_column(name);
    if (column.references != "conference" || value == "none") continue;
    return std::stoll(value);
  }
  return std::nullopt;
}

Date month_end(int year, int month) {
  return month < 12 ? Date::of(year, month + 1, 1)->plus_days(-1) : *Date::of(year, 12, 31);
}

// A moment on one of the days from `from` to `last`.
void add_days(ListQuery& query, const db::Column& column, Date from, Date last) {
  const std::string sql = "t." + std::string(column.name);
  Conditions& conditions = query.conditions;
  if (column.type == db::ColumnType::date) {
    const std::string low = conditions.bind(std::string_view(from.to_string()));
    const std::string high = conditions.bind(std::string_view(last.to_string()));
    conditions.add(fmt::format("{0} >= {1} AND {0} <= {2}", sql, low, high));
    return;
  }
  const std::string low = conditions.bind(query.zone.day_start(from).micros);
  const std::string high = conditions.bind(query.zone.day_start(last.plus_days(1)).micros);
  conditions.add(fmt::format("{0} >= {1} AND {0} < {2}", sql, low, high));
}

void add_moment(ListQuery& query, const db::Column& column, std::string_view value, Instant now) {
  const Date today = query.zone.local(now).date;
  if (value == "today") add_days(query, column, today, today);
  if (value == "week") add_days(query, column, today.plus_days(-6), today);
  if (value == "month") {
    add_days(query, column, *Date::of(today.year(), today.month(), 1),
             month_end(today.year(), today.month()));
  }
  if (value == "year") add_days(query, column, *Date::of(today.year(), 1, 1), month_end(today.year(), 12));
}

void add_filter(ListQuery& query, const db::Column& column, const std::string& value, Instant now) {
  const std::string sql = "t." + std::string(column.name);
  Conditions& conditions = query.conditions;
  if (value == "none") return conditions.add(sql + " IS NULL");
  switch (filter_kind(*query.model, column).value()) {
    case FilterKind::flag:
      return conditions.add(sql + (value == "yes" ? " = 1" : " = 0"));
    case FilterKind::choice:
    case FilterKind::text:
      return conditions.add(sql + " = " + conditions.bind(std::string_view(value)));
    case FilterKind::reference:
      return conditions.add(sql + " = " +
                            (column.codec->kind == db::ColumnKind::integer
                                 ? conditions.bind(static_cast<std::int64_t>(std::stoll(value)))
                                 : conditions.bind(std::string_view(value))));
    case FilterKind::moment:
      return add_moment(query, column, value, now);
  }
}

// What a filter may offer: conferences with rows in this list, and rows that the person sees anyway.
Reach offered(const Person& person, const Model& model, const Model& other) {
  return choosable(person, model, Right::view, other);
}

// For rows that are not there, or not for this person.
void drop_filters_for_nothing(db::Tx& tx, const Person& person, const Model& model, ListState& state) {
  std::erase_if(state.filters, [&](const auto& filter) {
    const db::Column& column = *model.table->find_column(filter.first);
    const Model* other = referred(column);
    if (filter_kind(model, column) != FilterKind::reference || filter.second == "none" || !other)
      return false;
    const auto key = key_param(*other, filter.second);
    const Reach reach = offered(person, model, *other);
    if (key && !reach.is_empty() && label_of(tx, *other, *key) &&
        (reach.is_all() || reach.has(conference_of_row(tx, *other, *key))))
      return false;
    state.ignored.push_back(filter.first + "=" + filter.second);
    return true;
  });
}

void add_order(ListQuery& query, const ListState& state) {
  const Model& model = *query.model;
  const std::string key = "t." + std::string(model.key().name);
  for (const ShownColumn& column : shown_columns(model)) {
    if (state.sort.empty() || column.name != state.sort) continue;
    if (column.refers) {
      // By what people read, not by numbers.
      query.from += fmt::format(
          " LEFT JOIN (SELECT t.{0} AS sort_key, {1} AS sort_label FROM {2} t) s ON "
          "s.sort_key = {3}",
          column.refers->key().name, column.refers->label_sql, column.refers->table->name(), column.sql);
      query.order.emplace_back("s.sort_label", state.descending);
    } else {
      query.order.emplace_back(column.sql, state.descending);
    }
    if (column.sql != key) query.order.emplace_back(key, state.descending);
    return;
  }
  query.order = order_terms(model.order.empty() ? model.table->rules().order_by : model.order);
  for (auto& [sql, descends] : query.order) {
    if (model.table->find_column(sql)) sql = "t." + sql;  // a joined table may have a column of the same name
  }
  const bool ends_with_key = !query.order.empty() && (query.order.back().first == key ||
                                                      query.order.back().first == model.key().name);
  if (!ends_with_key) query.order.emplace_back(key, false);
}

}  // namespace

ListQuery make_query(db::Tx& tx, const Person& person, const Model& model, ListState& state) {
  ListQuery query;
  query.model = &model;
  query.from = std::string(model.table->name()) + " t";
  add_reach(query.conditions, model, Access(person, model).reach(Right::view));
  query.reach_conditions = query.conditions.count();
  drop_filters_for_nothing(tx, person, model, state);
  if (const auto conference = chosen_conference(model, state)) {
    const auto name = tx.maybe<std::string>("SELECT timezone FROM conference WHERE id = $1", *conference);
    if (name && TimeZone::find(*name)) {
      query.zone_name = *name;
      query.zone = *TimeZone::find(*name);
    }
  }
  for (const auto& [name, value] : state.filters)
    add_filter(query, *model.table->find_column(name), value, tx.now());
  if (!model.date_column.empty()) {
    const db::Column& column = *model.table->find_column(model.date_column);
    query.date_sql = "t." + model.date_column;
    if (state.year != 0) {
      const Date from = *Date::of(state.year, state.month ? state.month : 1, state.day ? state.day : 1);
      const Date last = state.day ? from : month_end(state.year, state.month ? state.month : 12);
      add_days(query, column, from, last);
    }
  }
  if (!state.words.empty()) add_search(query.conditions, tx.engine(), model.search, state.words);
  add_order(query, state);
  return query;
}

namespace {

ReferenceOptions texts_of(db::Tx& tx, const Model& model, const std::string& name) {
  ReferenceOptions options;
  options.column = name;
  for (const auto& [column, texts] : model.filter_texts) {
    if (column != name) continue;
    for (const std::string& text : texts) options.rows.emplace_back(text, text);
    return options;
  }
  const char* sql = db::intern_sql(fmt::format(
      "SELECT DISTINCT {0} FROM {1} WHERE {0} <> '' ORDER BY 1 LIMIT $1", name, model.table->name()));
  for (std::string& text : tx.query<std::string>(sql, options_at_most)) options.rows.emplace_back(text, text);
  return options;
}

// How a list tells the texts of this column.
std::string told_text(const web::Request& request, const Model& model, const std::string& name,
                      const std::string& text) {
  for (const ListColumn& column : model.columns) {
    if (column.name == name && column.told) return column.told(request, text);
  }
  return text;
}

}  // namespace

std::vector<ReferenceOptions> read_options(db::Tx& tx, const Person& person, const Model& model,
                                           const ListState& state) {
  std::vector<ReferenceOptions> all;
  const auto conference = chosen_conference(model, state);
  for (const std::string& name : model.filters) {
    const db::Column* column = model.table->find_column(name);
    if (!column) continue;
    if (filter_kind(model, *column) == FilterKind::text) all.push_back(texts_of(tx, model, name));
    if (filter_kind(model, *column) != FilterKind::reference) continue;
    const Model* other = referred(*column);
    if (!other) continue;
    ReferenceOptions options;
    options.column = name;
    LookingFor wanted;
    wanted.reach = offered(person, model, *other);
    if (wanted.reach.is_empty()) continue;
    if (state.pick == name) wanted.words = words_of(state.pick_search);
    if (conference && column->references != "conference") wanted.conference_id = conference;
    options.rows = choices_of(tx, *other, wanted, 0, options_at_most + 1);
    if (static_cast<std::int64_t>(options.rows.size()) > options_at_most) {
      options.has_more = true;
      options.rows.resize(options_at_most);
    }
    if (const std::string* chosen = state.filter(name); chosen && *chosen != "none") {
      if (const auto key = key_param(*other, *chosen))
        options.chosen_label = label_of(tx, *other, *key).value_or(*chosen);
    }
    all.push_back(std::move(options));
  }
  return all;
}

namespace {

// "?" alone leads back to the plain list.
Value address(const std::string& query) {
  return Value(query.empty() ? "?" : query);
}

struct Options {
  const ListState& state;
  std::string column;
  std::string chosen;  // label
  std::vector<Value> list;

  void add(std::string_view value, std::string label) {
    const std::string* current = state.filter(column);
    const bool is_current = current ? *current == value : value.empty();
    if (is_current && !value.empty()) chosen = label;
    list.push_back(Value::dict({{"label", Value(label)},
                                {"url", address(state.with_filter(column, value))},
                                {"is_current", is_current}}));
  }
};

}  // namespace

Value filters_value(const web::Request& request, const Model& model, const ListState& state,
                    const std::vector<ReferenceOptions>& read) {
  std::vector<Value> all;
  for (const std::string& name : model.filters) {
    const db::Column* column = model.table->find_column(name);
    const auto kind = column ? filter_kind(model, *column) : std::nullopt;
    if (!kind) continue;
    Options options{state, name, {}, {}};
    Value search;
    const bool is_override = *kind == FilterKind::flag && column->nullable;
    options.add("", site::tr(request, message("Any")));
    if (*kind == FilterKind::flag) {
      options.add("yes", site::tr(request, is_override ? message("On") : message("yes")));
      options.add("no", site::tr(request, is_override ? message("Off") : message("no")));
    } else if (*kind == FilterKind::choice) {
      for (const db::Choice& choice : column->choices)
        options.add(choice.value, choice_label(request, choice));
    } else if (*kind == FilterKind::moment) {
      options.add("today", site::tr(request, message("Today")));
      options.add("week", site::tr(request, message("Past 7 days")));
      options.add("month", site::tr(request, message("This month")));
      options.add("year", site::tr(request, message("This year")));
    } else {
      const auto found = std::find_if(read.begin(), read.end(),
                                      [&](const ReferenceOptions& one) { return one.column == name; });
      if (found == read.end()) continue;
      const bool is_text = *kind == FilterKind::text;
      for (const auto& [key, label] : found->rows)
        options.add(key, is_text ? told_text(request, model, name, label) : label);
      if (const std::string* chosen = state.filter(name); is_text && chosen)
        options.chosen = told_text(request, model, name, *chosen);
      if (!found->chosen_label.empty()) options.chosen = found->chosen_label;
      if (found->has_more || state.pick == name) {
        std::vector<Value> hidden;
        for (const auto& [part, value] : state.parts()) {
          if (part == "pick" || part == "pick_q" || part == "p") continue;
          hidden.push_back(Value::dict({{"name", Value(part)}, {"value", Value(value)}}));
        }
        search = Value::dict({{"hidden", Value::list(std::move(hidden))},
                              {"typed", Value(state.pick == name ? state.pick_search : "")},
                              {"is_open", state.pick == name},
                              {"has_more", found->has_more}});
      }
    }
    if (column->nullable)
      options.add("none", site::tr(request, is_override ? message("Default") : message("has none")));
    all.push_back(Value::dict({{"name", Value(name)},
                               {"title", Value(site::tr(request, column->label))},
                               {"is_chosen", state.filter(name) != nullptr},
                               {"chosen", Value(options.chosen)},
                               {"clear_url", address(state.with_filter(name, ""))},
                               {"options", Value::list(std::move(options.list))},
                               {"search", search}}));
  }
  return Value::list(std::move(all));
}

Value dates_value(const web::Request& request, const Model& model, const ListState& state,
                  const ListQuery& query, const DateSpan& span) {
  if (model.date_column.empty()) return Value();
  const std::string_view language = site::language_of(request);
  const db::Column& column = *model.table->find_column(model.date_column);
  std::vector<Value> way, steps;
  const auto link = [&](const std::string& label, const std::string& to) {
    return Value::dict({{"label", Value(label)}, {"url", address(to)}});
  };
  const auto day_name = [&](int y, int m, int d) { return i18n::day(language, *Date::of(y, m, d)); };
  const auto month_name = [&](int y, int m) {
    return site::tr(
        request, message("{month} {year}"),
        {{"month", site::tr(request, months[static_cast<std::size_t>(m - 1)])}, {"year", std::to_string(y)}});
  };
  if (state.year) way.push_back(link(site::tr(request, message("All dates")), state.with_dates(0, 0, 0)));
  if (state.month) way.push_back(link(std::to_string(state.year), state.with_dates(state.year, 0, 0)));
  if (state.day)
    way.push_back(link(month_name(state.year, state.month), state.with_dates(state.year, state.month, 0)));
  std::string here;
  if (state.year) here = std::to_string(state.year);
  if (state.month) here = month_name(state.year, state.month);
  if (state.day) here = day_name(state.year, state.month, state.day);

  constexpr std::size_t most_steps = 40;
  if (span.first && span.last && !state.day) {
    const Date first = *span.first, last = *span.last;
    const bool one_year = first.year() == last.year();
    const bool one_month = one_year && first.month() == last.month();
    if (state.month || (!state.year && one_month)) {
      for (Date day = first; day <= last && steps.size() < most_steps; day = day.plus_days(1)) {
        steps.push_back(link(day_name(day.year(), day.month(), day.day()),
                             state.with_dates(day.year(), day.month(), day.day())));
      }
    } else if (state.year || one_year) {
      for (int month = first.month(); month <= last.month(); ++month)
        steps.push_back(link(month_name(first.year(), month), state.with_dates(first.year(), month, 0)));
    } else {
      for (int year = last.year(); year >= first.year() && steps.size() < most_steps; --year)
        steps.push_back(link(std::to_string(year), state.with_dates(year, 0, 0)));
    }
  }
  if (way.empty() && steps.size() < 2) return Value();
  return Value::dict({{"title", Value(site::tr(request, column.label))},
                      {"way", Value::list(std::move(way))},
                      {"here", Value(here)},
                      {"steps", Value::list(std::move(steps))},
                      {"zone", column.type == db::ColumnType::instant ? Value(query.zone_name) : Value()}});
}

}  // namespace plenary::admin
