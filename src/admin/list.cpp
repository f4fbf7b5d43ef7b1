// The list of an entity's rows.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "admin/actions.hpp"
#include "admin/desk.hpp"
#include "admin/filters.hpp"
#include "admin/list_query.hpp"
#include "admin/list_state.hpp"
#include "admin/list_texts.hpp"
#include "admin/pages.hpp"
#include "admin/tools.hpp"
#include "base/text.hpp"
#include "i18n/formats.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"

namespace plenary::admin {
namespace {

using templating::Value;

constexpr std::size_t longest_text = 160;  // characters of a cell

struct ListPage {
  ListState state;
  ListQuery query;
  Matching matching;
  std::vector<ListRow> rows;
  ListTexts texts;
  std::vector<ReferenceOptions> options;
  std::int64_t offset = 0;  // of the first row that is shown
};

ListPage read_list(db::Tx& tx, const Site& site, const Person& person, const Model& model,
                   std::span<const ShownColumn> columns, ListState state) {
  ListPage page{.state = {},
                .query = {},
                .matching = {},
                .rows = {},
                .texts = ListTexts(site, columns),
                .options = {},
                .offset = 0};
  page.query = make_query(tx, person, model, state);
  const std::int64_t limit = state.all ? rows_shown_at_most : rows_a_page;
  if (state.all) state.page = 1;
  page.matching = matching(tx, page.query, (state.page - 1) * rows_a_page, limit);
  if (state.all && page.matching.total > rows_shown_at_most) {
    // Too many for one page: pages again.
    state.all = false;
    page.matching.keys.resize(rows_a_page);
  }
  const std::int64_t last = std::max<std::int64_t>((page.matching.total + rows_a_page - 1) / rows_a_page, 1);
  if (state.page > last) {
    state.ignored.push_back("p=" + std::to_string(state.page));
    state.page = last;
  }
  page.offset = (state.page - 1) * rows_a_page;
  page.rows = rows_of(tx, model, columns, page.matching.keys);
  page.texts.read(tx, page.rows);
  page.options = read_options(tx, person, model, state);
  page.state = std::move(state);
  return page;
}

std::string cut(std::string text) {
  if (character_count(text) <= longest_text) return text;
  std::size_t at = 0;
  for (std::size_t n = 0; n < longest_text; ++n) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return text.substr(0, at) + "…";
}

// Which column the rows are in the order of, also where nobody chose one.
const ShownColumn* ordering_column(const ListQuery& query, std::span<const ShownColumn> columns,
                                   const ListState& state) {
  for (const ShownColumn& column : columns) {
    if (!column.sorts) continue;
    const std::string& first = query.order.front().first;
    const bool is_it =
        state.sort.empty() ? column.sql == first || column.sql == "t." + first : column.name == state.sort;
    if (is_it) return &column;
  }
  return nullptr;
}

Value headers_value(const web::Request& request, const ListPage& page, std::span<const ShownColumn> columns) {
  const ShownColumn* ordering = ordering_column(page.query, columns, page.state);
  const bool descends = page.query.order.front().second;
  std::vector<Value> list;
  for (const ShownColumn& column : columns) {
    const bool is_current = &column == ordering;
    const bool is_number = column.as == Shown::money || (column.as == Shown::integer && !column.refers);
    list.push_back(Value::dict(
        {{"label", Value(site::tr(request, column.label))},
         {"url", column.sorts ? Value(page.state.with_sort(column.name, is_current && !descends)) : Value()},
         {"sorted", is_current ? Value(descends ? "descending" : "ascending") : Value()},
         {"is_number", is_number}}));
  }
  return Value::list(std::move(list));
}

std::string history_of_cells(std::span<const ShownColumn> columns, const ListRow& row,
                             const ListColumn& given) {
  const Model* model = nullptr;
  std::string key;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == given.entity_column) model = model_of_table(row.cells[i].text);
    if (columns[i].name == given.key_column) key = row.cells[i].text;
  }
  return model && !key.empty() ? history_url(*model, key) : std::string();
}

Value rows_value(const web::Request& request, const Model& model, const ListPage& page,
                 std::span<const ShownColumn> columns) {
  std::vector<Value> rows;
  const std::string nameless = site::tr(request, message("(no name)"));
  std::vector<std::string> labels;
  for (const ShownColumn& column : columns) labels.push_back(site::tr(request, column.label));
  for (const ListRow& row : page.rows) {
    std::vector<Value> cells;
    std::string name;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const ShownColumn& column = columns[i];
      const Cell& cell = row.cells[i];
      std::string text = cut(page.texts.shown(request, i, row));
      std::string kind;
      if (column.as == Shown::flag) kind = cell.is_null ? "usual" : cell.integer != 0 ? "yes" : "no";
      const bool is_choice = column.column && column.column->type == db::ColumnType::choice;
      const bool is_number = column.as == Shown::money || (column.as == Shown::integer && !column.refers);
      std::string url;
      if (column.given && !column.given->key_column.empty())
        url = history_of_cells(columns, row, *column.given);
      if (i == 0) {
        if (text.empty()) text = nameless;
        name = text;
      }
      cells.push_back(Value::dict({{"text", Value(text)},
                                   {"label", Value(labels[i])},
                                   {"url", url.empty() ? Value() : Value(url)},
                                   {"flag", Value(kind)},
                                   {"badge", is_choice ? Value(cell.text) : Value()},
                                   {"is_number", is_number},
                                   {"is_moment", column.as == Shown::instant}}));
    }
    rows.push_back(Value::dict({{"key", Value(row.key)},
                                {"name", Value(name)},
                                {"url", Value(change_url(model, row.key))},
                                {"cells", Value::list(std::move(cells))}}));
  }
  return Value::list(std::move(rows));
}

// 1 … 4 5 6 … 99: the first, the last and those around this one; 0 is a gap.
std::vector<std::int64_t> page_numbers(std::int64_t current, std::int64_t last) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t n = 1; n <= last; ++n) {
    if (n == 1 || n == last || (n >= current - 2 && n <= current + 2)) {
      numbers.push_back(n);
    } else if (numbers.back() != 0) {
      numbers.push_back(0);
      n = n < current ? current - 3 : last - 1;
    }
  }
  return numbers;
}

Value pages_value(const ListPage& page) {
  const std::int64_t total = page.matching.total;
  const std::int64_t last = (total + rows_a_page - 1) / rows_a_page;
  if (last < 2) return Value();
  std::vector<Value> numbers;
  const std::int64_t current = page.state.all ? 0 : page.state.page;
  for (const std::int64_t n : page_numbers(std::max<std::int64_t>(current, 1), last)) {
    numbers.push_back(Value::dict({{"number", n == 0 ? Value() : Value(n)},
                                   {"url", n == 0 ? Value() : Value(page.state.with_page(n))},
                                   {"is_current", n != 0 && n == current}}));
  }
  return Value::dict(
      {{"numbers", Value::list(std::move(numbers))},
       {"previous", current > 1 ? Value(page.state.with_page(current - 1)) : Value()},
       {"next", current > 0 && current < last ? Value(page.state.with_page(current + 1)) : Value()},
       {"all_url", !page.state.all && total <= rows_shown_at_most ? Value(page.state.with_all()) : Value()},
       {"is_all", page.state.all}});
}

std::string count_text(const web::Request& request, const ListPage& page) {
  const std::string_view language = site::language_of(request);
  const std::int64_t total = page.matching.total, shown = static_cast<std::int64_t>(page.rows.size());
  if (shown == total)
    return site::tr_n(request, "{count} row", "{count} rows", total,
                      {{"count", i18n::number(language, total)}});
  return site::tr(request, message("{from}–{to} of {count} rows"),
                  {{"from", i18n::number(language, page.offset + 1)},
                   {"to", i18n::number(language, page.offset + shown)},
                   {"count", i18n::number(language, total)}});
}

Value hidden_value(const ListState& state, std::initializer_list<std::string_view> without) {
  std::vector<Value> list;
  for (const auto& [name, value] : state.parts()) {
    if (std::find(without.begin(), without.end(), name) != without.end()) continue;
    list.push_back(Value::dict({{"name", Value(name)}, {"value", Value(value)}}));
  }
  return Value::list(std::move(list));
}

Value actions_value(const web::Request& request, const Access& access, const Model& model) {
  std::vector<Value> list;
  for (const OfferedAction& action : offered_actions(model)) {
    if (!access.somewhere(action.right())) continue;
    list.push_back(Value::dict({{"name", Value(action.name)}, {"label", Value(action.label(request))}}));
  }
  return Value::list(std::move(list));
}

// Whoever looks at one conference adds to that one: the forms begin with it.
std::string same_conference(const web::Request& request) {
  const auto id = number_in(request.query("conference_id").value_or(""));
  return id ? "?conference_id=" + std::to_string(*id) : std::string();
}

Value tools_value(const web::Request& request, const Access& access, const Model& model) {
  std::vector<Value> list;
  if (!access.somewhere(Right::add)) return Value::list(std::move(list));
  for (const auto& [label, path] : model.tools)
    list.push_back(Value::dict({{"label", Value(site::tr(request, label))},
                                {"url", Value(list_url(model) + path + same_conference(request))}}));
  return Value::list(std::move(list));
}

std::string address(const std::string& query) {
  return query.empty() ? "?" : query;
}

}  // namespace

Task<web::Response> show_list(Site& site, web::Request& request) {
  const Model& model = model_for(request, Right::view);
  const Person person = person_of(request);
  const Access access(person, model);
  const std::vector<ShownColumn> columns = shown_columns(model);
  const ListState asked = read_state(model, request.query_string());
  auto fn = [&](db::Tx& tx) { return read_list(tx, site, person, model, columns, asked); };
  const ListPage list = co_await read(site, request, fn);

  site::Page page(site, request, "admin/list.html");
  const std::string title = site::tr(request, model.many());
  std::vector<Crumb> crumbs;
  for (const Area& area : areas()) {
    if (area.name == model.area)
      crumbs.push_back({site::tr(request, area.title), "/admin/" + area.name + "/"});
  }
  frame(page, title, crumbs);
  std::string ignored;
  for (const std::string& part : list.state.ignored) ignored += (ignored.empty() ? "" : ", ") + part;
  const std::string query = list.state.query();
  ListState plain;
  plain.sort = list.state.sort;
  plain.descending = list.state.descending;
  const std::string count = count_text(request, list);
  const std::string question = query.empty() ? "?" : query + "&";
  page.set("model",
           Value::dict(
               {{"one", Value(site::tr(request, model.one()))},
                {"many", Value(title)},
                {"list_url", Value(list_url(model))},
                {"add_url", model.may_add && access.somewhere(Right::add)
                                ? Value(add_url(model) + same_conference(request))
                                : Value()},
                {"tools", tools_value(request, access, model)},
                {"action_url", Value(list_url(model) + "action/")},
                {"export_url", access.somewhere(Right::take_out)
                                   ? Value(export_url(model) + question + "format=")
                                   : Value()},
                {"more_exports_url", access.somewhere(Right::take_out) && !model.more_exports.second.empty()
                                         ? Value(list_url(model) + model.more_exports.second)
                                         : Value()},
                {"more_exports", Value(site::tr(request, model.more_exports.first))},
                {"search_help",
                 Value(model.search_help.empty() ? std::string() : site::tr(request, model.search_help))},
                {"has_search", !model.search.empty()},
                {"locked_because",
                 Value(model.locked_because.empty() ? std::string()
                                                    : site::tr(request, model.locked_because))}}))
      .set("search", Value(list.state.search))
      .set("search_hidden", hidden_value(list.state, {"q", "p", "pick", "pick_q"}))
      .set("no_search_url", Value(address(list.state.without_search())))
      .set("filters", filters_value(request, model, list.state, list.options))
      .set("dates", dates_value(request, model, list.state, list.query, list.matching.dates))
      .set("clear_url", Value(address(plain.query())))
      .set("is_narrowed", list.state.is_narrowed())
      .set("ignored", Value(ignored))
      .set("query", Value(query))
      .set("headers", headers_value(request, list, columns))
      .set("rows", rows_value(request, model, list, columns))
      .set("total", Value(list.matching.total))
      .set("count", Value(count))
      .set("all_matching", list.matching.total > static_cast<std::int64_t>(list.rows.size())
                               ? Value(i18n::number(site::language_of(request), list.matching.total))
                               : Value())
      .set("pages", pages_value(list))
      .set("actions", actions_value(request, access, model));
  co_return std::move(page.html().personal());
}

}  // namespace plenary::admin
