#include "db/schema.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "base/text.hpp"
#include "db/schema_expression.hpp"

namespace plenary::db {
namespace {

constexpr std::string_view own_record = "schema_migration";

std::vector<std::string> split(const std::string& list, char separator = ',') {
  std::vector<std::string> parts;
  std::istringstream in(list);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

OnDelete on_delete_of(std::string_view word) {
  if (word == "CASCADE" || word == "c") return OnDelete::cascade;
  if (word == "SET NULL" || word == "n") return OnDelete::set_null;
  return OnDelete::refuse;
}

SchemaShape read_sqlite(Tx& tx) {
  SchemaShape schema;
  for (const auto& [table, sql, column, type, not_null, default_value, key] :
       tx.query<std::string, std::string, std::string, std::string, bool, std::string, int>(
           "SELECT m.name, m.sql, p.name, p.type, p.\"notnull\", COALESCE(p.dflt_value, ''), p.pk FROM "
           "sqlite_master m, "
           "pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY "
           "m.name, p.pk, "
           "p.cid")) {
    if (table == own_record) continue;
    TableShape& shape = schema[table];
    shape.columns[column] = {type, !not_null && key == 0, normal_expression(default_value)};
    if (key > 0) shape.primary_key.push_back(column);
    if (shape.checks.empty()) {
      for (const std::string& check : check_expressions(sql)) shape.checks.insert(normal_expression(check));
    }
  }
  for (auto& [name, shape] : schema) {
    // INTEGER PRIMARY KEY is SQLite's way to say a 64-bit key that numbers itself.
    if (shape.primary_key.size() == 1 && shape.columns[shape.primary_key[0]].type == "INTEGER") {
      shape.columns[shape.primary_key[0]].type = "BIGINT";
    }
  }
  std::map<std::pair<std::string, int>, ForeignKeyShape> keys;
  for (const auto& [table, id, referenced_table, from, to, on_delete] :
       tx.query<std::string, int, std::string, std::string, std::string, std::string>(
           "SELECT m.name, f.id, f.\"table\", f.\"from\", COALESCE(f.\"to\", ''), f.on_delete FROM "
           "sqlite_master m, "
           "pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq")) {
    ForeignKeyShape& key = keys[{table, id}];
    key.columns.push_back(from);
    key.referenced.push_back(to);
    key.table = referenced_table;
    key.on_delete = on_delete_of(on_delete);
  }
  for (auto& [place, key] : keys) schema[place.first].foreign_keys.insert(std::move(key));
  std::map<std::pair<std::string, std::string>, IndexShape> indexes;
  for (const auto& [table, name, unique, origin, sql, column] :
       tx.query<std::string, std::string, bool, std::string, std::string, std::string>(
           "SELECT m.name, i.name, i.\"unique\", i.origin, COALESCE(x.sql, ''), COALESCE(c.name, '') FROM "
           "sqlite_master "
           "m, pragma_index_list(m.name) i, pragma_index_info(i.name) c LEFT JOIN sqlite_master x ON x.type "
           "= 'index' "
           "AND x.name = i.name WHERE m.type = 'table' ORDER BY m.name, i.name, c.seqno")) {
    if (origin == "pk" || !schema.contains(table)) continue;
    IndexShape& index = indexes[{table, name}];
    index.unique = unique;
    if (origin == "u") {
      index.columns.push_back(column);
    } else if (index.columns.empty()) {
      const IndexText text = index_text(sql);
      for (const std::string& expression : text.columns)
        index.columns.push_back(normal_expression(expression));
      index.where = normal_expression(text.where);
    }
  }
  for (auto& [place, index] : indexes) schema[place.first].indexes.insert(std::move(index));
  return schema;
}

SchemaShape read_postgresql(Tx& tx) {
  SchemaShape schema;
  for (const auto& [table, column, type, nullable, default_value] :
       tx.query<std::string, std::string, std::string, bool, std::string>(
           "SELECT c.relname::text, a.attname::text, upper(format_type(a.atttypid, a.atttypmod)), "
           "CASE WHEN a.attnotnull THEN 0 ELSE 1 END, COALESCE(pg_get_expr(d.adbin, d.adrelid), '') FROM "
           "pg_class c "
           "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN "
           "pg_attrdef d ON "
           "d.adrelid = c.oid AND d.adnum = a.attnum WHERE c.relkind = 'r' AND c.relnamespace = "
           "current_schema()::regnamespace")) {
    if (table != own_record)
      schema[table].columns[column] = {type, nullable, normal_expression(default_value)};
  }
  for (const auto& [table, kind, columns, referenced_table, referenced, on_delete, definition] :
       tx.query<std::string, std::string, std::string, std::string, std::string, std::string, std::string>(
           "SELECT c.relname::text, k.contype::text, COALESCE((SELECT string_agg(a.attname, ',' ORDER BY "
           "n.place) FROM "
           "unnest(k.conkey) WITH ORDINALITY n (num, place) JOIN pg_attribute a ON a.attrelid = k.conrelid "
           "AND "
           "a.attnum = n.num), ''), COALESCE(r.relname::text, ''), COALESCE((SELECT string_agg(a.attname, "
           "',' ORDER BY "
           "n.place) FROM unnest(k.confkey) WITH ORDINALITY n (num, place) JOIN pg_attribute a ON a.attrelid "
           "= "
           "k.confrelid AND a.attnum = n.num), ''), k.confdeltype::text, pg_get_constraintdef(k.oid) FROM "
           "pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class r ON r.oid = "
           "k.confrelid WHERE "
           "c.relnamespace = current_schema()::regnamespace")) {
    const auto found = schema.find(table);
    if (found == schema.end()) continue;
    if (kind == "p") found->second.primary_key = split(columns);
    if (kind == "c") found->second.checks.insert(normal_expression(definition.substr(5)));  // behind CHECK
    if (kind == "f") {
      found->second.foreign_keys.insert(
          {split(columns), split(referenced), referenced_table, on_delete_of(on_delete)});
    }
  }
  for (const auto& [table, unique, columns, where] : tx.query<std::string, bool, std::string, std::string>(
           "SELECT c.relname::text, CASE WHEN i.indisunique THEN 1 ELSE 0 END, (SELECT "
           "string_agg(pg_get_indexdef("
           "i.indexrelid, n.n, true), ';' ORDER BY n.n) FROM generate_series(1, i.indnkeyatts::int) n (n)), "
           "COALESCE(pg_get_expr(i.indpred, i.indrelid), '') FROM pg_index i JOIN pg_class c ON c.oid = "
           "i.indrelid "
           "WHERE NOT i.indisprimary AND c.relnamespace = current_schema()::regnamespace")) {
    const auto found = schema.find(table);
    if (found == schema.end()) continue;
    IndexShape index;
    for (const std::string& expression : split(columns, ';'))
      index.columns.push_back(normal_expression(expression));
    index.unique = unique;
    index.where = normal_expression(where);
    found->second.indexes.insert(std::move(index));
  }
  return schema;
}

// Everything about a table as lines that two schemas must have alike.
std::set<std::string> lines(const std::string& name, const TableShape& table) {
  std::set<std::string> all;
  for (const auto& [column, shape] : table.columns) {
    all.insert(fmt::format("{}.{} {}{}{}", name, column, shape.type, shape.nullable ? "" : " not null",
                           shape.default_value.empty() ? "" : " default " + shape.default_value));
  }
  all.insert(fmt::format("{} primary key ({})", name, fmt::join(table.primary_key, ", ")));
  for (const ForeignKeyShape& key : table.foreign_keys) {
    static constexpr std::string_view words[] = {"refuse", "cascade", "set null"};
    all.insert(fmt::format("{} ({}) references {} ({}) on delete {}", name, fmt::join(key.columns, ", "),
                           key.table, fmt::join(key.referenced, ", "),
                           words[static_cast<int>(key.on_delete)]));
  }
  for (const IndexShape& index : table.indexes) {
    all.insert(fmt::format("{} {} ({}){}", name, index.unique ? "unique" : "index",
                           fmt::join(index.columns, ", "),
                           index.where.empty() ? "" : " where " + index.where));
  }
  for (const std::string& check : table.checks) all.insert(fmt::format("{} check {}", name, check));
  return all;
}

}  // namespace

SchemaShape read_schema(Database& database) {
  return database.read_now([](Tx& tx) { return read_schema(tx); });
}

SchemaShape read_schema(Tx& tx) {
  return tx.engine() == Engine::sqlite ? read_sqlite(tx) : read_postgresql(tx);
}

std::vector<std::string> differences(const SchemaShape& a, std::string_view a_name, const SchemaShape& b,
                                     std::string_view b_name) {
  std::set<std::string> a_lines, b_lines;
  for (const auto& [name, table] : a) a_lines.merge(lines(name, table));
  for (const auto& [name, table] : b) b_lines.merge(lines(name, table));
  std::vector<std::string> found;
  for (const std::string& line : a_lines) {
    if (!b_lines.contains(line)) found.push_back(fmt::format("only on {}: {}", a_name, line));
  }
  for (const std::string& line : b_lines) {
    if (!a_lines.contains(line)) found.push_back(fmt::format("only on {}: {}", b_name, line));
  }
  return found;
}

}  // namespace plenary::db
