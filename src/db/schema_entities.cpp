// The schema of a database held against the entity tables.
#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>

#include "db/schema.hpp"

namespace plenary::db {
namespace {

bool fits(ColumnType type, std::string_view sql) {
  switch (type) {
    case ColumnType::integer:
      return sql == "INTEGER" || sql == "BIGINT";
    case ColumnType::flag:
      return sql == "SMALLINT";
    case ColumnType::instant:
      return sql == "BIGINT";
    case ColumnType::real:
      return sql == "REAL" || sql == "DOUBLE PRECISION";
    default:
      return sql == "TEXT";
  }
}

// The struct's own default as the schema would say it.
std::string default_of(const Table& table, const Column& column) {
  std::string scratch;
  const Param value = column.get(table.defaults(), scratch);
  switch (value.kind) {
    case Param::Kind::integer:
      return fmt::format("{}", value.integer);
    case Param::Kind::text:
      return fmt::format("'{}'", value.text);
    default:
      return "";
  }
}

// "lower slug" and "lower(slug)" -> "slug": whatever the case, it is a rule about that column.
std::string column_of(std::string expression) {
  expression = normal_expression(expression);
  return expression.starts_with("lower ") ? expression.substr(6) : expression;
}
std::set<std::string> columns_of(const std::vector<std::string>& expressions) {
  std::set<std::string> columns;
  for (const std::string& expression : expressions) columns.insert(column_of(expression));
  return columns;
}

// A unique index on rows that have a value at all says the same as a rule that ignores empty values.
bool is_about_empty_values(const std::string& where) {
  return where.empty() || (where.ends_with(" is not null") && where.find(" and ") == std::string::npos) ||
         where.ends_with(" <> ''");
}

class Comparison {
 public:
  Comparison(const Table& entity, const TableShape& table) : entity_(entity), table_(table) {}

  std::vector<std::string> run() {
    for (const Column& column : entity_.columns()) compare(column);
    for (const auto& [name, shape] : table_.columns) {
      if (entity_.find_column(name)) continue;
      const auto& left_out = entity_.rules().left_out;
      if (std::find(left_out.begin(), left_out.end(), name) == left_out.end()) {
        add(name, "is in the schema but not in the entity table (leaves_out() if on purpose)");
      } else if (!shape.nullable && shape.default_value.empty()) {
        add(name, "is left out by the entity table, so it must be nullable or have a default");
      }
    }
    for (const std::string& name : entity_.rules().left_out) {
      if (!table_.columns.contains(name))
        add(name, "is left out by the entity table but is not in the schema");
    }
    compare_keys();
    compare_uniques();
    return std::move(found_);
  }

 private:
  void add(std::string_view column, std::string_view what) {
    found_.push_back(fmt::format("{}.{} {}", entity_.name(), column, what));
  }

  void compare(const Column& column) {
    const auto found = table_.columns.find(std::string(column.name));
    if (found == table_.columns.end())
      return add(column.name, "is in the entity table but not in the schema");
    const ColumnShape& shape = found->second;
    if (!fits(column.type, shape.type))
      add(column.name, fmt::format("is {} in the schema, which its member is not", shape.type));
    if (column.nullable != shape.nullable) {
      add(column.name, shape.nullable ? "may be null in the schema; its member must be an optional"
                                      : "is an optional member but not null in the schema");
    }
    const std::string own_default = default_of(entity_, column);
    if (!shape.default_value.empty() && own_default != shape.default_value) {
      add(column.name, fmt::format("has the default {} in the schema and {} in the struct",
                                   shape.default_value, own_default.empty() ? "none" : own_default));
    }
    compare_reference(column);
    compare_checks(column);
  }

  void compare_reference(const Column& column) {
    const ForeignKeyShape* in_schema = nullptr;
    for (const ForeignKeyShape& key : table_.foreign_keys) {
      if (key.columns.size() == 1 && key.columns[0] == column.name) in_schema = &key;
    }
    if (!in_schema && !column.references.empty() && !column.is_loose)
      add(column.name, "is a reference, but no foreign key in the schema");
    if (in_schema &&
        (in_schema->table != column.references || in_schema->referenced[0] != column.referenced_column ||
         in_schema->on_delete != column.on_delete)) {
      add(column.name,
          fmt::format("refers to {} ({}) in the schema: another table, column or rule of deletion than in "
                      "the entity table",
                      in_schema->table, in_schema->referenced[0]));
    }
  }

  void compare_checks(const Column& column) {
    std::set<std::string> wanted;
    if (column.type == ColumnType::flag) wanted = {"0", "1"};
    if (column.type == ColumnType::choice) {
      for (const Choice& choice : column.choices) wanted.insert(fmt::format("'{}'", choice.value));
    }
    std::optional<std::set<std::string>> listed;
    const std::string in = fmt::format("{} in ", column.name), least = fmt::format("{} >= ", column.name),
                      more = fmt::format("{} > ", column.name);
    for (const std::string& check : table_.checks) {
      if (check.starts_with(in)) listed = items(check.substr(in.size()));
      // A bound the description does not know would meet people as a database error.
      if (const auto bound = number(check, least)) compare_minimum(column, *bound);
      if (const auto bound = number(check, more)) compare_minimum(column, *bound + 1);
    }
    if (!wanted.empty() && listed != wanted) {
      add(column.name,
          fmt::format("needs CHECK ({} IN ({})) in the schema", column.name, fmt::join(wanted, ", ")));
    }
  }

  void compare_minimum(const Column& column, std::int64_t bound) {
    if (column.is_managed || (column.minimum && *column.minimum >= bound)) return;
    add(column.name,
        fmt::format("is at least {} in the schema; the entity table needs minimum({})", bound, bound));
  }

  static std::set<std::string> items(const std::string& list) {
    std::set<std::string> all;
    std::istringstream in(list);
    for (std::string item; in >> item;) {
      if (item != ",") all.insert(item);
    }
    return all;
  }
  static std::optional<std::int64_t> number(std::string_view check, std::string_view prefix) {
    if (!check.starts_with(prefix)) return std::nullopt;
    check.remove_prefix(prefix.size());
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(check.data(), check.data() + check.size(), value);
    if (error != std::errc() || end != check.data() + check.size()) return std::nullopt;
    return value;
  }

  void compare_keys() {
    std::set<std::string> keys;
    for (const Column& column : entity_.columns()) {
      if (column.is_key) keys.emplace(column.name);
    }
    if (keys != std::set(table_.primary_key.begin(), table_.primary_key.end())) {
      found_.push_back(fmt::format("{} has the primary key ({}) in the schema and ({}) in the entity table",
                                   entity_.name(), fmt::join(table_.primary_key, ", "),
                                   fmt::join(keys, ", ")));
    }
  }

  void compare_uniques() {
    std::set<std::set<std::string>> ours;
    for (const Unique& unique : entity_.rules().uniques) {
      ours.insert(columns_of(unique.columns));
      const bool is_there =
          std::any_of(table_.indexes.begin(), table_.indexes.end(), [&](const IndexShape& index) {
            return index.unique && is_about_empty_values(index.where) &&
                   columns_of(index.columns) == columns_of(unique.columns);
          });
      const bool is_key = columns_of(unique.columns) == columns_of(table_.primary_key);
      if (!is_there && !is_key) {
        found_.push_back(fmt::format("{} has no unique index on ({}) in the schema", entity_.name(),
                                     fmt::join(unique.columns, ", ")));
      }
    }
    for (const IndexShape& index : table_.indexes) {
      if (!index.unique || !index.where.empty() || ours.contains(columns_of(index.columns))) continue;
      found_.push_back(fmt::format("{} is unique by ({}) in the schema; the entity table needs unique()",
                                   entity_.name(), fmt::join(index.columns, ", ")));
    }
  }

  const Table& entity_;
  const TableShape& table_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> differences(const SchemaShape& schema, std::span<const Table* const> tables) {
  std::vector<std::string> all;
  for (const Table* entity : tables) {
    const auto found = schema.find(std::string(entity->name()));
    if (found == schema.end()) {
      all.push_back(fmt::format("there is no table {} in the schema", entity->name()));
      continue;
    }
    for (std::string& line : Comparison(*entity, found->second).run()) all.push_back(std::move(line));
  }
  return all;
}

}  // namespace plenary::db
