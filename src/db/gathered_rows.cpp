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

std::string_view table_of_insert(std::string_view sql) {
  constexpr std::string_view head = "INSERT INTO ";
  if (!sql.starts_with(head)) return {};
  std::size_t end = head.size();
  while (end < sql.size() && is_word(sql[end])) ++end;
  return sql.substr(head.size(), end - head.size());
}

std::string for_many_rows(std::string_view sql, std::span<const std::string_view> types) {
  constexpr std::string_view values = " VALUES ";
  const std::size_t at = sql.find(values);
  if (table_of_insert(sql).empty() || at == sql.npos || types.empty()) return {};
  std::size_t end = at + values.size();
  for (;;) {
    if (end >= sql.size() || sql[end] != '(') return {};
    const auto closed = behind_closing(sql, end);
    if (!closed) return {};
    end = *closed;
    if (!sql.substr(end).starts_with(", (")) break;
    end += 2;
  }
  std::string_view tail = sql.substr(end);
  tail = tail.substr(0, tail.find(" RETURNING "));
  if (tail.find('$') != tail.npos) return {};
  const std::string_view rows = sql.substr(at + 1, end - at - 1);

  std::string arrays, names, out;
  for (std::size_t i = 1; i <= types.size(); ++i) {
    fmt::format_to(std::back_inserter(arrays), "{}CAST(${} AS {}[])", i > 1 ? ", " : "", i, types[i - 1]);
    fmt::format_to(std::back_inserter(names), "{}v{}", i > 1 ? ", " : "", i);
  }
  out = fmt::format("{} SELECT r.* FROM unnest({}) AS g ({}), LATERAL (", sql.substr(0, at), arrays, names);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] == '\'') {
      const std::size_t close = rows.find('\'', i + 1);
      out += rows.substr(i, close + 1 - i);
      i = close;
    } else if (rows[i] == '$') {
      out += "g.v";
    } else {
      out += rows[i];
    }
  }
  out += ") AS r";
  out += tail;
  return out;
}

struct GatheredRows::Form {
  std::string sql;  // the literal's text when it was met: guards against a reused address
  std::string_view table;
  const char* many = nullptr;  // null: not of the form
  std::vector<std::string_view> types;
  std::vector<std::string> arrays;  // of the rows that wait, by parameter; without the closing brace
};

GatheredRows::GatheredRows() = default;
GatheredRows::~GatheredRows() = default;

void GatheredRows::clear() {
  for (Form* form : waiting_)
    for (std::string& array : form->arrays) array.clear();
  waiting_.clear();
  own_.clear();
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
  made->table = table_of_insert(made->sql);
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

bool GatheredRows::names_own(std::string_view sql) const {
  if (own_.empty()) return false;
  for (std::size_t i = 0; i < sql.size();) {
    if (sql[i] == '\'') {
      const std::size_t end = sql.find('\'', i + 1);
      if (end == sql.npos) return false;
      i = end + 1;
    } else if (is_word(sql[i])) {
      std::size_t end = i + 1;
      while (end < sql.size() && is_word(sql[end])) ++end;
      const std::string_view word = sql.substr(i, end - i);
      if (std::any_of(own_.begin(), own_.end(), [&](const Form* form) { return form->table == word; }))
        return true;
      i = end;
    } else {
      ++i;
    }
  }
  return false;
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
    for (std::string& array : form->arrays) array.clear();
  }
}

}  // namespace plenary::db
