#include "db/gathered_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <optional>

#include "db/entity_table.hpp"

namespace plenary::db {

namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// Whether `is_it` is true of a word outside of quotes.
template <class F>
bool any_word(std::string_view sql, F&& is_it) {
  for (std::size_t i = 0; i < sql.size();) {
    if (sql[i] == '\'') {
      const std::size_t end = sql.find('\'', i + 1);
      if (end == sql.npos) return false;
      i = end + 1;
    } else if (is_word(sql[i])) {
      std::size_t end = i + 1;
      while (end < sql.size() && is_word(sql[end])) ++end;
      if (is_it(sql.substr(i, end - i))) return true;
      i = end;
    } else {
      ++i;
    }
  }
  return false;
}

// The place behind the parenthesis that closes the one at `open`; none: it is not closed.
std::optional<std::size_t> behind_closing(std::string_view sql, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < sql.size(); ++i) {
    if (sql[i] == '\'') {
      i = sql.find('\'', i + 1);
      if (i == sql.npos) return std::nullopt;
    } else if (sql[i] == '(') {
      ++depth;
    } else if (sql[i] == ')' && --depth == 0) {
      return i + 1;
    }
  }
  return std::nullopt;
}

std::string_view type_of(const Param& p) {
  switch (p.kind) {
    case Param::Kind::null_integer:
    case Param::Kind::integer:
      return "BIGINT";
    case Param::Kind::real:
      return "DOUBLE PRECISION";
    case Param::Kind::null_text:
    case Param::Kind::text:
      break;
  }
  return "TEXT";
}

void add_element(std::string& array, const Param& p) {
  array += array.empty() ? '{' : ',';
  switch (p.kind) {
    case Param::Kind::null_integer:
    case Param::Kind::null_text:
      array += "NULL";
      break;
    case Param::Kind::integer:
      fmt::format_to(std::back_inserter(array), "{}", p.integer);
      break;
    case Param::Kind::real:
      fmt::format_to(std::back_inserter(array), "{}", p.real);
      break;
    case Param::Kind::text:
      array += '"';
      for (const char c : p.text) {
        if (c == '"' || c == '\\') array += '\\';
        array += c;
      }
      array += '"';
      break;
  }
}

}  // namespace

std::string_view table_written(std::string_view sql) {
  for (const std::string_view head : {"INSERT INTO ", "UPDATE ", "DELETE FROM "}) {
    if (!sql.starts_with(head)) continue;
    std::size_t end = head.size();
    while (end < sql.size() && is_word(sql[end])) ++end;
    return sql.substr(head.size(), end - head.size());
  }
  return {};
}

bool names_table(std::string_view sql, std::string_view table) {
  for (std::size_t at = sql.find(table); at != sql.npos; at = sql.find(table, at + 1)) {
    const bool begins = at == 0 || !is_word(sql[at - 1]);
    const std::size_t end = at + table.size();
    if (begins && (end == sql.size() || !is_word(sql[end]))) return true;
  }
  return false;
}

namespace {

// Where the statement ends that begins the text: before the tail of an INSERT, which takes no values.
std::optional<std::size_t> end_of_source(std::string_view sql, std::size_t at) {
  if (sql.substr(at).starts_with("SELECT ")) return std::min(sql.find(" ON CONFLICT ", at), sql.size());
  constexpr std::string_view values = "VALUES ";
  if (!sql.substr(at).starts_with(values)) return std::nullopt;
  std::size_t end = at + values.size();
  for (;;) {
    if (end >= sql.size() || sql[end] != '(') return std::nullopt;
    const auto closed = behind_closing(sql, end);
    if (!closed) return std::nullopt;
    end = *closed;
    if (!sql.substr(end).starts_with(", (")) return end;
    end += 2;
  }
}

// Each $n outside of quotes as what `value` makes of n.
template <class F>
std::string with_values(std::string_view sql, F&& value) {
  std::string out;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') {
      const std::size_t close = std::min(sql.find('\'', i + 1), sql.size() - 1);
      out += sql.substr(i, close + 1 - i);
      i = close;
    } else if (sql[i] == '$') {
      std::size_t n = 0;
      while (i + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[i + 1])))
        n = 10 * n + static_cast<std::size_t>(sql[++i] - '0');
      out += value(n);
    } else {
      out += sql[i];
    }
  }
  return out;
}

using Types = std::span<const std::string_view>;

std::string array_of(std::size_t n, Types types) {
  return fmt::format("CAST(${} AS {}[])", n, types[n - 1]);
}

std::string insert_of_many(std::string_view sql, Types types) {
  if (sql.find('(') == sql.npos) return {};
  const auto columns = behind_closing(sql, sql.find('('));
  if (!columns || *columns + 1 >= sql.size() || sql[*columns] != ' ') return {};
  const std::size_t at = *columns + 1;
  const auto end = end_of_source(sql, at);
  if (!end) return {};
  std::string_view tail = sql.substr(*end);
  tail = tail.substr(0, tail.find(" RETURNING "));
  if (tail.find('$') != tail.npos) return {};
  std::string arrays, names;
  for (std::size_t i = 1; i <= types.size(); ++i) {
    fmt::format_to(std::back_inserter(arrays), "{}{}", i > 1 ? ", " : "", array_of(i, types));
    fmt::format_to(std::back_inserter(names), "{}v{}", i > 1 ? ", " : "", i);
  }
  return fmt::format(
      "{}SELECT r.* FROM unnest({}) AS g ({}), LATERAL ({}) AS r{}", sql.substr(0, at), arrays, names,
      with_values(sql.substr(at, *end - at), [](std::size_t n) { return fmt::format("g.v{}", n); }), tail);
}

// The key of a change: the first column that its condition compares with a value.
struct Key {
  std::string_view column;
  std::size_t value = 0;           // $value
  std::size_t begin = 0, end = 0;  // of "column = $value" in the statement
};

// No key: it is of another form.
std::optional<Key> key_of_change(std::string_view sql) {
  constexpr std::string_view where = " WHERE ", equal = " = $";
  const std::size_t at = sql.find(where);
  if (sql.starts_with("INSERT ") || at == sql.npos || sql.find(where, at + 1) != sql.npos)
    return std::nullopt;
  for (const std::string_view more : {" FROM ", " USING ", " RETURNING ", " OR "})
    if (sql.find(more, std::string_view("UPDATE ").size()) != sql.npos) return std::nullopt;
  const std::size_t sign = sql.find(equal, at);
  if (sign == sql.npos) return std::nullopt;
  Key key;
  key.begin = sign;
  while (is_word(sql[key.begin - 1])) --key.begin;
  key.column = sql.substr(key.begin, sign - key.begin);
  key.end = sign + equal.size();
  while (key.end < sql.size() && std::isdigit(static_cast<unsigned char>(sql[key.end])))
    key.value = 10 * key.value + static_cast<std::size_t>(sql[key.end++] - '0');
  return key;
}

// No join: for that PostgreSQL might keep a plan from when the table was empty, which reads all of it.
std::string change_of_many(std::string_view sql, Types types) {
  const auto key = key_of_change(sql);
  if (!key) return {};
  const std::string keys = array_of(key->value, types);
  const auto of_row = [&](std::size_t n) {
    return fmt::format("(SELECT {})[array_position((SELECT {}), {})]", array_of(n, types), keys, key->column);
  };
  return fmt::format("{}{} = ANY({}){}", with_values(sql.substr(0, key->begin), of_row), key->column, keys,
                     with_values(sql.substr(key->end), of_row));
}

}  // namespace

std::string for_many_rows(std::string_view sql, std::span<const std::string_view> types) {
  if (types.empty() || table_written(sql).empty()) return {};
  return sql.starts_with("INSERT ") ? insert_of_many(sql, types) : change_of_many(sql, types);
}

struct GatheredRows::Form {
  std::string sql;  // the literal's text when it was met: guards against a reused address
  std::string_view table;
  const char* many = nullptr;  // null: not of the form
  std::size_t key = 0;         // of a change: its value $key; two rows that wait have another each
  std::unordered_set<std::string> waiting_keys;
  std::vector<std::string_view> types;
  std::vector<std::string> arrays;  // of the rows that wait, by parameter; without the closing brace
  void clear() {
    for (std::string& array : arrays) array.clear();
    waiting_keys.clear();
  }
};

GatheredRows::GatheredRows() = default;
GatheredRows::~GatheredRows() = default;

void GatheredRows::clear() {
  for (Form* form : waiting_) form->clear();
  waiting_.clear();
  own_.clear();
  counted_.clear();
  keys_.clear();
}

bool GatheredRows::meets(std::span<const std::string_view> keys) {
  bool met = false;
  for (const std::string_view key : keys)
    if (!key.empty()) met |= !keys_.insert(std::hash<std::string_view>()(key)).second;
  return met;
}

GatheredRows::Form& GatheredRows::form_of(const char* sql, std::span<const Param> in) {
  std::unique_ptr<Form>& form = forms_[sql];
  if (form && form->sql == sql) return *form;
  auto made = std::make_unique<Form>();
  made->sql = sql;
  made->table = table_written(made->sql);
  if (const auto key = key_of_change(made->sql)) made->key = key->value;
  for (const Param& p : in) made->types.push_back(type_of(p));
  made->arrays.resize(in.size());
  if (std::string many = for_many_rows(made->sql, made->types); !many.empty())
    made->many = intern_sql(std::move(many));
  if (form) retired_.push_back(std::move(form));  // its rows may be waiting
  form = std::move(made);
  return *form;
}

bool GatheredRows::take(const char* sql, std::span<const Param> in) {
  Form& form = form_of(sql, in);
  if (!form.many || form.types.size() != in.size()) return false;
  for (std::size_t i = 0; i < in.size(); ++i)
    if (type_of(in[i]) != form.types[i]) return false;
  if (form.key > 0) {
    std::string key;
    add_element(key, in[form.key - 1]);
    if (!form.waiting_keys.insert(std::move(key)).second) return false;
  }
  const auto place = [&](Form* one) { return std::find(waiting_.begin(), waiting_.end(), one); };
  if (place(&form) == waiting_.end()) waiting_.push_back(&form);
  // What this caller inserted before may be what the row refers to.
  for (Form* before : own_)
    if (auto from = place(before), to = place(&form); before != &form && to < from)
      std::rotate(to, from, from + 1);
  for (std::size_t i = 0; i < in.size(); ++i) add_element(form.arrays[i], in[i]);
  if (std::find(own_.begin(), own_.end(), &form) == own_.end()) own_.push_back(&form);
  return true;
}

void GatheredRows::add(const Tally& tally, std::int64_t row, Counted more) {
  Counted& sum = counted_[&tally][row];
  sum.first += more.first;
  sum.second += more.second;
}

Counted GatheredRows::added(const Tally& tally, std::int64_t row) const {
  const auto rows = counted_.find(&tally);
  if (rows == counted_.end()) return {};
  const auto found = rows->second.find(row);
  return found == rows->second.end() ? Counted{} : found->second;
}

bool GatheredRows::names_own(std::string_view sql) const {
  if (own_.empty()) return false;
  return any_word(sql, [&](std::string_view word) {
    return std::any_of(own_.begin(), own_.end(), [&](const Form* form) { return form->table == word; });
  });
}

bool GatheredRows::names_counted(std::string_view sql) const {
  return std::any_of(counted_.begin(), counted_.end(),
                     [&](const auto& one) { return names_table(sql, table_written(one.first->sql)); });
}

void GatheredRows::send(Connection& connection) {
  std::vector<Form*> now = std::move(waiting_);
  waiting_.clear();
  own_.clear();
  std::vector<Param> in;
  for (Form* form : now) {
    in.clear();
    for (std::string& array : form->arrays) {
      array += '}';
      in.emplace_back(array);
    }
    connection.run_later(form->many, in);
    form->clear();
  }
  const auto counted = std::move(counted_);
  counted_.clear();
  for (const auto& [tally, rows] : counted) {
    std::array<std::string, 3> arrays;
    for (const auto& [row, sum] : rows) {
      add_element(arrays[0], Param(row));
      add_element(arrays[1], Param(sum.first));
      add_element(arrays[2], Param(sum.second));
    }
    for (std::string& array : arrays) array += '}';
    const Param all[] = {Param(arrays[0]), Param(arrays[1]), Param(arrays[2])};
    connection.run_later_for(static_cast<std::int64_t>(rows.size()), tally->sql, all);
  }
}

}  // namespace plenary::db
