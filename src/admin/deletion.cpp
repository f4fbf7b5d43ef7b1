#include "admin/deletion.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "admin/form.hpp"
#include "admin/told.hpp"
#include "base/errors.hpp"
#include "db/schema.hpp"
#include "site/text.hpp"

namespace plenary::admin {
namespace {

using templating::Value;

constexpr std::size_t named = 10;

struct Reference {
  std::string table, column, referenced;
  db::OnDelete on_delete;
};
// Who refers to a table.
using References = std::map<std::string, std::vector<Reference>, std::less<>>;

// The same on every database of this build's migrations, whatever its engine: read once.
const References& references(db::Tx& tx) {
  static std::mutex mutex;
  static std::unique_ptr<const References> known;
  const std::lock_guard lock(mutex);
  if (known) return *known;
  auto found = std::make_unique<References>();
  for (const auto& [table, shape] : db::read_schema(tx)) {
    for (const db::ForeignKeyShape& key : shape.foreign_keys) {
      if (key.columns.size() != 1) continue;
      const std::string& referenced = key.referenced[0].empty() ? "id" : key.referenced[0];
      (*found)[key.table].push_back({table, key.columns[0], referenced, key.on_delete});
    }
  }
  known = std::move(found);
  return *known;
}

// "cart_item" -> "Cart item", for tables without pages.
std::string words(std::string_view table) {
  std::string text(table);
  std::replace(text.begin(), text.end(), '_', ' ');
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

// Statements are kept by their text: keys come in few counts, the last one repeated.
std::vector<db::Param> padded(std::span<const db::Param> keys) {
  std::vector<db::Param> all(keys.begin(), keys.end());
  std::size_t size = 1;
  for (std::size_t step : {1u, 10u, 100u, 500u}) {
    size = step;
    if (all.size() <= step) break;
  }
  if (all.size() > size) throw std::logic_error("at most 500 rows are deleted at once");
  all.resize(size, all.back());
  return all;
}

std::string placeholders(std::size_t count) {
  std::string text = "$1";
  for (std::size_t i = 2; i <= count; ++i) text += fmt::format(", ${}", i);
  return text;
}

class Walk {
 public:
  Walk(db::Tx& tx, const Person& person, const Model& model, std::span<const db::Param> keys)
      : tx_(tx), person_(person), references_(references(tx)), root_(model), keys_(padded(keys)) {
    const std::string root(model.table->name());
    conditions_[root] = fmt::format("{} IN ({})", model.key().name, placeholders(keys_.size()));
    order_.push_back(root);
    spread(root);
  }

  Deletion look() {
    Deletion deletion;
    deletion.model = &root_;
    deletion.count = count(order_[0], conditions_[order_[0]]);
    deletion.first = first(root_, conditions_[order_[0]]);
    if (!root_.may_delete)
      deletion.locked =
          root_.locked_because.empty() ? message("These entries are never deleted.") : root_.locked_because;
    for (std::size_t i = 1; i < order_.size(); ++i) {
      const Model* model = model_of_table(order_[i]);
      if (model) {
        add(deletion.deleted, order_[i], conditions_[order_[i]], {});
      } else {
        deletion.internal += count(order_[i], conditions_[order_[i]]);
      }
    }
    std::set<std::string> kept_by;
    for (const std::string& table : order_) {
      if (const Model* model = model_of_table(table))
        kept_by.insert(model->kept_by.begin(), model->kept_by.end());
    }
    std::map<std::string, std::string> refusing;
    for (const std::string& table : order_) {
      const auto found = references_.find(table);
      if (found == references_.end()) continue;
      for (const Reference& reference : found->second) look(deletion, refusing, kept_by, table, reference);
    }
    for (const auto& [table, condition] : refusing) refuse(deletion.refusing, table, condition);
    if (!deletion.refusing.empty() || !deletion.locked.empty()) {
      const db::Column* flag = root_.table->find_column("is_active");
      if (flag && root_.may_change && !root_.is_read_only(*flag)) deletion.switch_off = flag->label;
    }
    return deletion;
  }

  // Rows that go along, but by themselves would keep others from going: PostgreSQL looks at each step of a
  // cascade, and the order of the steps is its own.
  void clear_the_way() {
    const auto refuses = [&](const std::string& table, const std::string& parent) {
      const auto found = references_.find(parent);
      return table != parent && found != references_.end() &&
             std::any_of(found->second.begin(), found->second.end(), [&](const Reference& reference) {
               return reference.table == table && reference.on_delete == db::OnDelete::refuse;
             });
    };
    std::vector<std::string> left;
    for (std::size_t i = order_.size(); i-- > 1;)
      if (std::any_of(order_.begin(), order_.end(),
                      [&](const std::string& parent) { return refuses(order_[i], parent); }))
        left.push_back(order_[i]);
    // Each after those that would refuse it.
    while (!left.empty()) {
      auto next = std::find_if(left.begin(), left.end(), [&](const std::string& table) {
        return std::none_of(left.begin(), left.end(),
                            [&](const std::string& other) { return refuses(other, table); });
      });
      if (next == left.end()) next = left.begin();
      tx_.run(db::intern_sql(fmt::format("DELETE FROM {} WHERE {}", *next, conditions_[*next])), keys_, {},
              nullptr, nullptr);
      left.erase(next);
    }
  }

 private:
  // All tables whose rows go with it, each after those it is reached from.
  void spread(const std::string& table) {
    std::vector<std::string> reached;
    collect(table, reached);
    std::reverse(reached.begin(), reached.end());
    for (const std::string& one : reached) {
      if (one == table) continue;
      std::string condition;
      for (const std::string& parent : order_) {
        const auto found = references_.find(parent);
        if (found == references_.end()) continue;
        for (const Reference& reference : found->second) {
          if (reference.table != one || reference.on_delete != db::OnDelete::cascade) continue;
          condition += (condition.empty() ? "" : " OR ") + within(reference, parent);
        }
      }
      conditions_[one] = std::move(condition);
      order_.push_back(one);
    }
  }

  // Depth first; a table is put down after all it leads to.
  void collect(const std::string& table, std::vector<std::string>& reached) {
    if (!seen_.insert(table).second) return;
    if (const auto found = references_.find(table); found != references_.end()) {
      for (const Reference& reference : found->second) {
        if (reference.on_delete == db::OnDelete::cascade) collect(reference.table, reached);
      }
    }
    reached.push_back(table);
  }

  // Rows that refer to a row of `parent` that would go.
  std::string within(const Reference& reference, const std::string& parent) {
    return fmt::format("{} IN (SELECT {} FROM {} WHERE {})", reference.column, reference.referenced, parent,
                       conditions_[parent]);
  }

  void look(Deletion& deletion, std::map<std::string, std::string>& refusing,
            const std::set<std::string>& kept_by, const std::string& table, const Reference& reference) {
    const std::string linked = within(reference, table);
    const auto going = conditions_.find(reference.table);
    const std::string staying =
        going == conditions_.end() ? linked : fmt::format("{} AND NOT ({})", linked, going->second);
    std::string& refusal = refusing[reference.table];
    const auto refuse_these = [&](const std::string& condition) {
      refusal += fmt::format("{}({})", refusal.empty() ? "" : " OR ", condition);
    };
    if (kept_by.contains(reference.table)) {
      refuse_these(linked);
    } else if (reference.on_delete == db::OnDelete::refuse) {
      refuse_these(staying);
    } else if (reference.on_delete == db::OnDelete::set_null && model_of_table(reference.table)) {
      const db::Column* column = model_of_table(reference.table)->table->find_column(reference.column);
      add(deletion.released, reference.table, staying, column ? column->label : words(reference.column));
    }
    if (refusal.empty()) refusing.erase(reference.table);
  }

  void refuse(std::vector<TouchedRows>& refusing, const std::string& table, const std::string& condition) {
    if (model_of_table(table)) return add(refusing, table, condition, {});
    // A row that links two others is spoken of by the one that it was chosen for.
    for (const Area& area : areas()) {
      for (const Model* owner : area.models) {
        for (const Link& link : owner->links) {
          if (link.table != table) continue;
          return add(refusing, std::string(owner->table->name()),
                     fmt::format("{} IN (SELECT {} FROM {} WHERE {})", owner->key().name, link.own_column,
                                 table, condition),
                     {});
        }
      }
    }
    add(refusing, table, condition, {});
  }

  void add(std::vector<TouchedRows>& list, const std::string& table, const std::string& condition,
           std::string column) {
    const std::int64_t rows = count(table, condition);
    if (rows == 0) return;
    const Model* model = model_of_table(table);
    list.push_back({table, model, model ? model->many() : words(table), std::move(column), rows,
                    model ? first(*model, condition) : std::vector<TouchedRows::Named>()});
  }

  std::int64_t count(const std::string& table, const std::string& condition) {
    std::int64_t rows = 0;
    static constexpr db::ColumnKind kinds[] = {db::ColumnKind::integer};
    tx_.run(
        db::intern_sql(fmt::format("SELECT COUNT(*) FROM {} WHERE {}", table, condition)), keys_, kinds,
        [](void* context, const db::Field* fields) {
          *static_cast<std::int64_t*>(context) = fields[0].integer;
        },
        &rows);
    return rows;
  }

  std::vector<TouchedRows::Named> first(const Model& model, const std::string& condition) {
    const std::string_view table = model.table->name(), key = model.key().name;
    std::vector<TouchedRows::Named> rows;
    static constexpr db::ColumnKind kinds[] = {db::ColumnKind::text, db::ColumnKind::text};
    tx_.run(
        db::intern_sql(fmt::format("SELECT {}, CAST(t.{} AS TEXT) FROM {} t WHERE t.{} IN (SELECT {} FROM {} "
                                   "WHERE {}) ORDER BY t.{} LIMIT {}",
                                   model.label_sql, key, table, key, key, table, condition, key, named)),
        keys_, kinds,
        [](void* context, const db::Field* fields) {
          static_cast<std::vector<TouchedRows::Named>*>(context)->push_back(
              {std::string(fields[0].text), std::string(fields[1].text)});
        },
        &rows);
    std::erase_if(rows, [&](const TouchedRows::Named& row) {
      return !may_see_row(tx_, person_, model, key_param(model, row.key));
    });
    return rows;
  }

  db::Tx& tx_;
  const Person& person_;
  const References& references_;
  const Model& root_;
  std::vector<db::Param> keys_;
  std::vector<std::string> order_;                 // the root first
  std::map<std::string, std::string> conditions_;  // which of a table's rows would go
  std::set<std::string> seen_;
};

Value rows_value(const web::Request& request, const std::vector<TouchedRows>& list) {
  std::vector<Value> all;
  for (const TouchedRows& rows : list) {
    std::vector<Value> first;
    for (const TouchedRows::Named& row : rows.first)
      first.push_back(Value::dict({{"label", Value(row.label.empty() ? row.key : row.label)},
                                   {"url", Value(change_url(*rows.model, row.key))}}));
    const std::int64_t more = rows.first.empty() ? 0 : rows.count - static_cast<std::int64_t>(first.size());
    all.push_back(Value::dict({{"titles", Value(site::tr(request, rows.titles))},
                               {"column", Value(rows.column.empty() ? "" : site::tr(request, rows.column))},
                               {"count", Value(rows.count)},
                               {"first", Value::list(std::move(first))},
                               {"more", Value(more)}}));
  }
  return Value::list(std::move(all));
}

std::string summary(const Deletion& deletion) {
  std::string text;
  for (const TouchedRows& rows : deletion.deleted)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", rows.titles, rows.count);
  return text;
}

}  // namespace

std::string Deletion::fingerprint() const {
  std::string text = fmt::format("{}", count);
  for (const auto* list : {&deleted, &released}) {
    for (const TouchedRows& rows : *list) text += fmt::format(" {} {}", rows.table, rows.count);
  }
  return text;
}

Deletion preview_deletion(db::Tx& tx, const Person& person, const Model& model,
                          std::span<const db::Param> keys) {
  if (keys.empty()) {
    Deletion none;
    none.model = &model;
    return none;
  }
  return Walk(tx, person, model, keys).look();
}

std::int64_t delete_rows(db::Tx& tx, const Site& site, const Person& person, const Model& model,
                         std::span<const db::Param> keys, const conference::Actor& actor,
                         std::string_view confirmed) {
  if (keys.empty()) return 0;
  for (const db::Param& key : keys) {
    const std::shared_ptr<void> row = model.table->find_row(tx, key);
    if (!row) continue;
    if (!Access(person, model).may(Right::remove, conference_of_row(tx, model, key)))
      throw Refused("forbidden", message("You do not have the right to delete this."));
    if (model.guard && !person.rights.is_superuser()) model.guard(tx, person, row.get(), nullptr);
  }
  Walk walk(tx, person, model, keys);
  const Deletion deletion = walk.look();
  if (!deletion.locked.empty()) throw Refused("locked", deletion.locked);
  if (!deletion.refusing.empty()) {
    std::string what;
    for (const TouchedRows& rows : deletion.refusing)
      what += fmt::format("{}{}: {}", what.empty() ? "" : ", ", rows.titles, rows.count);
    throw Refused("kept", message("Nothing was deleted: other entries depend on it ({what})."),
                  {{"what", what}});
  }
  if (!confirmed.empty() && confirmed != deletion.fingerprint())
    throw Refused(
        "changed",
        message("Nothing was deleted: something was added or removed meanwhile. Please look again."));
  std::int64_t deleted = 0;
  walk.clear_the_way();
  for (const db::Param& key : keys) {
    const std::shared_ptr<void> row = model.table->find_row(tx, key);
    if (!row) continue;
    const Terms terms = terms_of_row(tx, site, model, key);
    conference::AuditObject object;
    object.conference_id = conference_of_row(tx, model, key);
    object.entity = model.table->name();
    object.id = model.key().text(row.get()).value_or("");
    object.name = label_of(tx, model, key).value_or("");
    std::vector<conference::AuditChange> changes;
    for (const db::Column& column : model.table->columns()) {
      if (column.is_secret || column.is_version || column.is_managed) continue;
      std::string text = plain(column, row.get(), terms);
      if (!text.empty())
        changes.push_back({std::string(column.name), column.label, std::move(text), "",
                           conference::audit_value(column.text(row.get()))});
    }
    if (std::string also = summary(deletion); keys.size() == 1 && !also.empty())
      changes.push_back({"", deleted_with_it, std::move(also), ""});
    if (model.remove) {
      model.remove(tx, row.get());
    } else {
      model.table->delete_row(tx, row.get());
    }
    conference::record(tx, actor, conference::AuditAction::remove, object, changes);
    ++deleted;
  }
  return deleted;
}

Value deletion_value(const web::Request& request, const Deletion& deletion) {
  std::vector<Value> first;
  for (const TouchedRows::Named& row : deletion.first)
    first.push_back(Value::dict({{"label", Value(row.label.empty() ? row.key : row.label)},
                                 {"url", Value(change_url(*deletion.model, row.key))}}));
  const std::int64_t more = deletion.count - static_cast<std::int64_t>(first.size());
  return Value::dict(
      {{"count", Value(deletion.count)},
       {"first", Value::list(std::move(first))},
       {"more", Value(more)},
       {"deleted", rows_value(request, deletion.deleted)},
       {"internal", Value(deletion.internal)},
       {"released", rows_value(request, deletion.released)},
       {"refusing", rows_value(request, deletion.refusing)},
       {"locked", Value(deletion.locked.empty() ? "" : site::tr(request, deletion.locked))},
       {"switch_off", Value(deletion.switch_off.empty() ? "" : site::tr(request, deletion.switch_off))},
       {"is_allowed", Value(deletion.is_allowed())},
       {"fingerprint", Value(deletion.fingerprint())}});
}

}  // namespace plenary::admin
