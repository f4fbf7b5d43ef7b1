#include "admin/links.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "admin/list_query.hpp"
#include "base/text.hpp"
#include "db/errors.hpp"

namespace plenary::admin {
namespace {

constexpr std::string_view conference_table = "conference";

bool is_of_one_conference(const Model& other) {
  return !other.conference_sql.empty() && other.table->name() != conference_table;
}

// A number for integer keys; every text for others.
bool can_be_key(const Model& other, std::string_view text) {
  if (text.empty()) return false;
  if (other.key().type != db::ColumnType::integer) return true;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// "Ada Lovelace (#17)" -> "17"
std::string_view key_behind_name(std::string_view text) {
  if (!text.ends_with(')')) return {};
  const auto at = text.rfind("(#");
  if (at == std::string_view::npos) return {};
  return text.substr(at + 2, text.size() - at - 3);
}

bool is_there(db::Tx& tx, const Model& other, const std::string& key) {
  const char* sql = db::intern_sql(
      fmt::format("SELECT 1 FROM {} t WHERE t.{} = $1", other.table->name(), other.key().name));
  return tx.maybe<std::int64_t>(sql, key_param(other, key)).has_value();
}

void add_conference(Conditions& conditions, const Model& other, std::optional<std::int64_t> conference) {
  if (conference && is_of_one_conference(other))
    conditions.add(fmt::format("({}) = {}", other.conference_sql, conditions.bind(*conference)));
}

bool may_choose(db::Tx& tx, const Choosing& choosing, const Model& other, const std::string& key) {
  const Reach reach = choosable(choosing.person, choosing.model, choosing.right, other);
  return reach.is_all() ||
         (!reach.is_empty() && reach.has(conference_of_row(tx, other, key_param(other, key))));
}

}  // namespace

std::optional<std::vector<Option>> options_of(db::Tx& tx, const Choosing& choosing, const Model& other) {
  const Reach reach = choosable(choosing.person, choosing.model, choosing.right, other);
  // They are typed by name.
  if (reach.is_empty() && other.chosen == Chosen::by_name) return std::nullopt;
  Conditions conditions;
  add_reach(conditions, other, reach);
  add_conference(conditions, other, choosing.conference);
  static constexpr db::ColumnKind number[] = {db::ColumnKind::integer};
  // Counted first: ordering a hundred thousand names to offer none would be for nothing.
  std::int64_t count = 0;
  tx.run(
      db::intern_sql(fmt::format("SELECT COUNT(*) FROM (SELECT 1 FROM {} t{} LIMIT {}) s",
                                 other.table->name(), conditions.where(), most_options + 1)),
      conditions.values(), number,
      [](void* into, const db::Field* fields) { *static_cast<std::int64_t*>(into) = fields[0].integer; },
      &count);
  if (count > static_cast<std::int64_t>(most_options)) return std::nullopt;
  const bool tells_conference = !choosing.conference && is_of_one_conference(other);
  const std::string behind =
      tells_conference
          ? fmt::format("(SELECT c.name FROM conference c WHERE c.id = ({}))", other.conference_sql)
          : std::string("''");
  static constexpr db::ColumnKind kinds[] = {db::ColumnKind::text, db::ColumnKind::text,
                                             db::ColumnKind::text};
  std::vector<Option> options;
  tx.run(
      db::intern_sql(fmt::format("SELECT CAST(t.{} AS TEXT), {}, {} FROM {} t{} ORDER BY 3, 2, 1 LIMIT {}",
                                 other.key().name, other.label_sql, behind, other.table->name(),
                                 conditions.where(), most_options)),
      conditions.values(), kinds,
      [](void* into, const db::Field* fields) {
        const std::string key(fields[0].text), name(fields[2].text);
        std::string label(fields[1].text);
        if (label.empty()) label = "#" + key;
        static_cast<std::vector<Option>*>(into)->push_back(
            {key, name.empty() ? label : label + " — " + name});
      },
      &options);
  return options;
}

std::string named_key(db::Tx& tx, const Choosing& choosing, const Model& other, const std::string& key,
                      bool is_told) {
  if (key.empty() || !can_be_key(other, key)) return key;
  const bool is_listed = may_choose(tx, choosing, other, key);
  if (!is_told && !is_listed) return key;
  const std::optional<std::string> label = label_of(tx, other, key_param(other, key));
  return label && !label->empty() ? fmt::format("{} (#{})", *label, key) : key;
}

Resolved resolve(db::Tx& tx, const Choosing& choosing, const FieldPlan& plan, const Model* other,
                 std::string_view typed) {
  const std::string text(typed);
  if (text.empty() || !other) return {text, std::nullopt};
  const std::optional<std::int64_t> conference = choosing.conference;
  std::string key;
  for (const std::string& candidate : {std::string(key_behind_name(text)), text}) {
    if (key.empty() && can_be_key(*other, candidate) && is_there(tx, *other, candidate) &&
        may_choose(tx, choosing, *other, candidate))
      key = candidate;
  }
  if (key.empty()) {
    Conditions conditions;
    conditions.add(fmt::format("{} = {}", other->label_sql, conditions.bind(std::string_view(text))));
    if (other->chosen != Chosen::by_name)
      add_reach(conditions, *other, choosable(choosing.person, choosing.model, choosing.right, *other));
    add_conference(conditions, *other, conference);
    static constexpr db::ColumnKind kinds[] = {db::ColumnKind::text};
    std::vector<std::string> found;
    tx.run(
        db::intern_sql(fmt::format("SELECT CAST(t.{} AS TEXT) FROM {} t{} ORDER BY 1 LIMIT 2",
                                   other->key().name, other->table->name(), conditions.where())),
        conditions.values(), kinds,
        [](void* into, const db::Field* fields) {
          static_cast<std::vector<std::string>*>(into)->emplace_back(fields[0].text);
        },
        &found);
    if (found.size() > 1)
      return {text,
              fault(plan, "several",
                    message("Several entries are called “{name}”. Write the number of the one you mean, "
                            "such as {example}."),
                    {{"name", text}, {"example", found[0]}})};
    if (found.empty())
      return {text,
              fault(plan, "no_such",
                    message("There is no such entry. Choose one, or write its number or its whole name."))};
    key = found[0];
  }
  if (conference && is_of_one_conference(*other)) {
    const auto theirs = conference_of_row(tx, *other, key_param(*other, key));
    if (theirs && *theirs != *conference)
      return {key, fault(plan, "other_conference", message("This entry belongs to another conference."))};
  }
  return {key, std::nullopt};
}

std::vector<std::string> keys_in(std::string_view list) {
  std::vector<std::string> keys;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (comma > 0) keys.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return keys;
}

std::string joined_keys(std::vector<std::string> keys) {
  // By number where they are numbers: shorter first.
  std::sort(keys.begin(), keys.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return fmt::format("{}", fmt::join(keys, ","));
}

std::string stored_links(db::Tx& tx, const Model& model, const Link& link, const std::string& key) {
  const char* sql = db::intern_sql(fmt::format("SELECT CAST({} AS TEXT) FROM {} WHERE {} = $1",
                                               link.other_column, link.table, link.own_column));
  return joined_keys(tx.query<std::string>(sql, key_param(model, key)));
}

void write_links(db::Tx& tx, const Model& model, const Link& link, const std::string& key,
                 std::string_view before, std::string_view after) {
  const Model* other = model_of_table(link.other_table);
  if (!other && !link.permissions)
    throw std::logic_error("link " + link.name + " leads to a table without a model");
  const auto param = [&](const std::string& one) {
    return other ? key_param(*other, one) : db::Param(std::string_view(one));
  };
  const std::vector<std::string> old_keys = keys_in(before), new_keys = keys_in(after);
  const char* out = db::intern_sql(fmt::format("DELETE FROM {} WHERE {} = $1 AND {} = $2", link.table,
                                               link.own_column, link.other_column));
  const char* in = db::intern_sql(
      fmt::format("INSERT INTO {} ({}, {}) VALUES ($1, $2)", link.table, link.own_column, link.other_column));
  const auto has = [](const std::vector<std::string>& keys, const std::string& one) {
    return std::find(keys.begin(), keys.end(), one) != keys.end();
  };
  for (const std::string& one : old_keys) {
    if (!has(new_keys, one)) tx.exec(out, key_param(model, key), param(one));
  }
  for (const std::string& one : new_keys) {
    if (!has(old_keys, one)) tx.exec(in, key_param(model, key), param(one));
  }
}

std::string names_of(db::Tx& tx, const Model& other, std::string_view list) {
  std::string names;
  for (const std::string& key : keys_in(list)) {
    const std::string label = label_of(tx, other, key_param(other, key)).value_or("#" + key);
    names += (names.empty() ? "" : ", ") + label;
  }
  return names;
}

std::string names_of(db::Tx& tx, const FieldState& field, std::string_view list) {
  if (field.other) return names_of(tx, *field.other, list);
  return fmt::format("{}", fmt::join(keys_in(list), ", "));
}

}  // namespace plenary::admin
