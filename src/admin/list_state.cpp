#include "admin/list_state.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "web/form_data.hpp"
#include "web/routes.hpp"

namespace plenary::admin {
namespace {

constexpr std::size_t most_words = 10, longest_word = 100, longest_value = 200, most_ignored = 5;
constexpr std::int64_t last_page = 1'000'000;

std::optional<std::int64_t> whole(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    return std::nullopt;
  return value;
}

// The beginning of a text, never in the middle of a character.
std::string_view beginning(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  for (std::size_t n = 0; at < text.size() && n < characters; ++n) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return text.substr(0, at);
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool is_value_of(const Model& model, const db::Column& column, std::string_view value) {
  if (value == "none") return column.nullable;
  switch (filter_kind(model, column).value()) {
    case FilterKind::flag:
      return is_one_of(value, {"yes", "no"});
    case FilterKind::choice:
      return std::any_of(column.choices.begin(), column.choices.end(),
                         [&](const db::Choice& choice) { return choice.value == value; });
    case FilterKind::moment:
      return is_one_of(value, {"today", "week", "month", "year"});
    case FilterKind::text:
      return !value.empty() && value.size() <= longest_value;
    case FilterKind::reference:
      // Whether there is such a row is seen when the filter is applied.
      return column.codec->kind == db::ColumnKind::integer ? whole(value, 0, INT64_MAX).has_value()
                                                           : !value.empty() && value.size() <= longest_value;
  }
  return false;
}

bool sorts_by(const Model& model, std::string_view name) {
  return std::any_of(model.columns.begin(), model.columns.end(),
                     [&](const ListColumn& column) { return column.name == name && column.sorts; });
}

void drop_invalid_dates(ListState& state) {
  const bool is_right = state.year != 0 && (state.day == 0 || state.month != 0) &&
                        Date::of(state.year, state.month ? state.month : 1, state.day ? state.day : 1);
  if (is_right || (state.year == 0 && state.month == 0 && state.day == 0)) return;
  state.ignored.push_back("y=" + std::to_string(state.year) + ", m=" + std::to_string(state.month) +
                          ", d=" + std::to_string(state.day));
  state.year = state.month = state.day = 0;
}

}  // namespace

std::optional<FilterKind> filter_kind(const Model& model, const db::Column& column) {
  if (std::find(model.filters.begin(), model.filters.end(), column.name) == model.filters.end())
    return std::nullopt;
  if (column.type == db::ColumnType::flag) return FilterKind::flag;
  if (column.type == db::ColumnType::choice) return FilterKind::choice;
  if (column.type == db::ColumnType::instant || column.type == db::ColumnType::date)
    return FilterKind::moment;
  if (!column.references.empty()) return FilterKind::reference;
  // Of a few different ones, which are looked up.
  if (column.type == db::ColumnType::text) return FilterKind::text;
  return std::nullopt;
}

std::vector<std::string> words_of(std::string_view search) {
  std::vector<std::string> words;
  constexpr std::string_view blanks = " \t\r\n";
  for (std::size_t at = search.find_first_not_of(blanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(search.find_first_of(blanks, at), search.size());
    if (words.size() == most_words) break;
    words.emplace_back(beginning(search.substr(at, end - at), longest_word));
    at = search.find_first_not_of(blanks, end);
  }
  return words;
}

ListState read_state(const Model& model, std::string_view query) {
  ListState state;
  const web::FormData data = web::FormData::parse_urlencoded(query);
  const auto ignore = [&](const web::FormData::Field& field) {
    if (state.ignored.size() < most_ignored) {
      state.ignored.push_back(std::string(beginning(field.name, 50)) + "=" +
                              std::string(beginning(field.value, 50)));
    }
  };
  for (const web::FormData::Field& field : data.fields()) {
    const auto& [name, value] = field;
    const bool is_first = data.get(name)->data() == value.data();
    const db::Column* column = model.table->find_column(name);
    if (!is_first) {
      ignore(field);
    } else if (value.empty()) {
      // A form sends its empty fields as well.
    } else if (name == "format" || name == "bom") {
      // The export's own.
    } else if (name == "q") {
      state.words = words_of(value);
      for (const std::string& word : state.words) state.search += (state.search.empty() ? "" : " ") + word;
    } else if (name == "o" && sorts_by(model, value.starts_with('-') ? value.substr(1) : value)) {
      state.descending = value.starts_with('-');
      state.sort = state.descending ? value.substr(1) : value;
    } else if (name == "p" && whole(value, 1, last_page)) {
      state.page = *whole(value, 1, last_page);
    } else if (name == "all" && value == "1") {
      state.all = true;
    } else if (name == "y" && !model.date_column.empty() && whole(value, 1, 9999)) {
      state.year = static_cast<int>(*whole(value, 1, 9999));
    } else if (name == "m" && !model.date_column.empty() && whole(value, 1, 12)) {
      state.month = static_cast<int>(*whole(value, 1, 12));
    } else if (name == "d" && !model.date_column.empty() && whole(value, 1, 31)) {
      state.day = static_cast<int>(*whole(value, 1, 31));
    } else if (name == "pick" && model.table->find_column(value) &&
               filter_kind(model, *model.table->find_column(value)) == FilterKind::reference) {
      state.pick = value;
    } else if (name == "pick_q") {
      for (const std::string& word : words_of(value))
        state.pick_search += (state.pick_search.empty() ? "" : " ") + word;
    } else if (!column || !filter_kind(model, *column) || !is_value_of(model, *column, value)) {
      ignore(field);
    }
  }
  for (const std::string& name : model.filters) {
    const db::Column* column = model.table->find_column(name);
    const auto value = data.get(name);
    if (column && value && !value->empty() && filter_kind(model, *column) &&
        is_value_of(model, *column, *value))
      state.filters.emplace_back(name, *value);
  }
  drop_invalid_dates(state);
  return state;
}

const std::string* ListState::filter(std::string_view column) const {
  const auto found = std::find_if(filters.begin(), filters.end(),
                                  [&](const auto& filter) { return filter.first == column; });
  return found == filters.end() ? nullptr : &found->second;
}

std::vector<std::pair<std::string, std::string>> ListState::parts() const {
  std::vector<std::pair<std::string, std::string>> list;
  if (!search.empty()) list.emplace_back("q", search);
  list.insert(list.end(), filters.begin(), filters.end());
  if (year != 0) list.emplace_back("y", std::to_string(year));
  if (month != 0) list.emplace_back("m", std::to_string(month));
  if (day != 0) list.emplace_back("d", std::to_string(day));
  if (!sort.empty()) list.emplace_back("o", (descending ? "-" : "") + sort);
  if (all) list.emplace_back("all", "1");
  if (page > 1 && !all) list.emplace_back("p", std::to_string(page));
  if (!pick.empty()) list.emplace_back("pick", pick);
  if (!pick.empty() && !pick_search.empty()) list.emplace_back("pick_q", pick_search);
  return list;
}

std::string ListState::query() const {
  std::string text;
  for (const auto& [name, value] : parts()) {
    text += text.empty() ? '?' : '&';
    text += web::percent_encode(name) + "=" + web::percent_encode(value);
  }
  return text;
}

namespace {

// A copy on its first page, with nothing being picked.
ListState fresh(const ListState& state) {
  ListState copy = state;
  copy.page = 1;
  copy.pick.clear();
  copy.pick_search.clear();
  return copy;
}

}  // namespace

std::string ListState::with_filter(std::string_view column, std::string_view value) const {
  ListState copy = fresh(*this);
  const auto found = std::find_if(copy.filters.begin(), copy.filters.end(),
                                  [&](const auto& filter) { return filter.first == column; });
  if (value.empty()) {
    if (found != copy.filters.end()) copy.filters.erase(found);
  } else if (found != copy.filters.end()) {
    found->second = value;
  } else {
    copy.filters.emplace_back(column, value);
  }
  return copy.query();
}

std::string ListState::with_sort(std::string_view column, bool downwards) const {
  ListState copy = fresh(*this);
  copy.sort = column;
  copy.descending = downwards;
  return copy.query();
}

std::string ListState::with_dates(int y, int m, int d) const {
  ListState copy = fresh(*this);
  copy.year = y;
  copy.month = m;
  copy.day = d;
  return copy.query();
}

std::string ListState::with_page(std::int64_t number) const {
  ListState copy = fresh(*this);
  copy.all = false;
  copy.page = number;
  return copy.query();
}

std::string ListState::with_all() const {
  ListState copy = fresh(*this);
  copy.all = true;
  return copy.query();
}

std::string ListState::with_pick(std::string_view column) const {
  ListState copy = fresh(*this);
  copy.pick = column;
  return copy.query();
}

std::string ListState::without_search() const {
  ListState copy = fresh(*this);
  copy.search.clear();
  copy.words.clear();
  return copy.query();
}

}  // namespace plenary::admin
