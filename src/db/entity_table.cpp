#include "db/entity_table.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <unordered_set>

#include <fmt/format.h>

namespace plenary::db {
namespace {

// The bound values of some columns of a row, and what keeps their texts alive.
class Bound {
 public:
  explicit Bound(std::size_t count) : scratch_(count) { params_.reserve(count + 1); }
  void add(const Column& column, const void* row) {
    params_.push_back(column.get(row, scratch_[params_.size()]));
  }
  void add(const Param& value) { params_.push_back(value); }
  std::span<const Param> params() const { return params_; }

 private:
  std::vector<Param> params_;
  std::vector<std::string> scratch_;  // as many as columns: never grows, so texts stay where they are
};

[[noreturn]] void wrong(std::string_view table, std::string_view what) {
  throw std::logic_error(fmt::format("the description of table {}: {}", table, what));
}

void set_integer(const Column& column, void* row, std::int64_t value) {
  Field field;
  field.integer = value;
  column.set(row, field);
}

}  // namespace

const char* intern_sql(std::string sql) {
  // Never destroyed: statement caches keep the addresses to the end of the process.
  static auto* texts = new std::unordered_set<std::string>();
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  return texts->insert(std::move(sql)).first->c_str();
}

void bump_catalogue(Tx& tx, std::int64_t conference_id) {
  tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1 WHERE id = $1", conference_id);
}

Table::Table(std::string_view name, std::span<const ColumnDraft> columns, TableRules rules, const void* owner,
             Copy copy, std::shared_ptr<const void> prototype)
    : name_(name), rules_(std::move(rules)), copy_(copy), prototype_(std::move(prototype)) {
  std::string names;
  for (const ColumnDraft& draft : columns) {
    const Column& column = draft.column();
    if (draft.owner() != owner)
      wrong(name_, fmt::format("column {} is a member of another struct", column.name));
    if (find_column(column.name)) wrong(name_, fmt::format("column {} is there twice", column.name));
    if (column.type == ColumnType::choice && column.choices.empty()) {
      wrong(name_, fmt::format("column {} is an enumeration and needs choices()", column.name));
    }
    names += (names.empty() ? "" : ", ");
    names += column.name;
    columns_.push_back(column);
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    kinds_.push_back(column.codec->kind);
    if (column.is_key) keys_.push_back(i);
    if (column.is_generated) generated_ = &column;
    if (column.is_version) version_ = &column;
    if (column.is_created) created_at_ = &column;
    if (column.is_updated) updated_at_ = &column;
    if (!column.is_generated && !column.is_managed) inserted_.push_back(i);
    if (!column.is_fixed && !column.is_managed && !column.is_version) updated_.push_back(i);
  }
  if (keys_.empty()) wrong(name_, "no column is a key");
  select_prefix_ = fmt::format("SELECT {} FROM {} ", names, name_);

  std::string inserted, placeholders;
  for (std::size_t i = 0; i < inserted_.size(); ++i) {
    inserted += fmt::format("{}{}", i ? ", " : "", columns_[inserted_[i]].name);
    placeholders += fmt::format("{}${}", i ? ", " : "", i + 1);
  }
  insert_sql_ = intern_sql(fmt::format("INSERT INTO {} ({}) VALUES ({}){}", name_, inserted, placeholders,
                                       generated_ ? fmt::format(" RETURNING {}", generated_->name) : ""));
  delete_sql_ = intern_sql(fmt::format("DELETE FROM {} WHERE {}", name_, key_condition(1)));
  if (!updated_.empty()) update_all_sql_ = intern_sql(update_sql(updated_));

  if (rules_.catalogue) {
    const Column* link = find_column(rules_.catalogue->column);
    if (!link)
      wrong(name_, fmt::format("there is no column {} to find the conference by", rules_.catalogue->column));
    const std::string& through = rules_.catalogue->through;
    catalogue_sql_ = intern_sql(fmt::format(
        "UPDATE conference SET catalogue_version = catalogue_version + 1 WHERE id = {}",
        through.empty() ? "$1" : fmt::format("(SELECT conference_id FROM {} WHERE id = $1)", through)));
  }
}

const Column* Table::find_column(std::string_view name) const {
  const auto found =
      std::find_if(columns_.begin(), columns_.end(), [&](const Column& c) { return c.name == name; });
  return found == columns_.end() ? nullptr : &*found;
}

std::string Table::key_condition(std::size_t first_placeholder) const {
  std::string condition;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    condition += fmt::format("{}{} = ${}", i ? " AND " : "", columns_[keys_[i]].name, first_placeholder + i);
  }
  return condition;
}

std::string Table::update_sql(std::span<const std::size_t> columns) const {
  std::string assignments;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    assignments += fmt::format("{}{} = ${}", i ? ", " : "", columns_[columns[i]].name, i + 1);
  }
  std::string condition = key_condition(columns.size() + 1);
  if (version_) {
    assignments += fmt::format(", {0} = {0} + 1", version_->name);
    condition += fmt::format(" AND {} = ${}", version_->name, columns.size() + keys_.size() + 1);
  }
  return fmt::format("UPDATE {} SET {} WHERE {}", name_, assignments, condition);
}

const char* Table::select_sql(std::string_view tail) const {
  // Looked up by the text, not by its address: the tail may be made at run time.
  return intern_sql(select_prefix_ + std::string(tail));
}

void Table::select_rows(Tx& tx, std::string_view tail, std::span<const Param> in, RowSink sink,
                        void* context) const {
  struct Reading {
    const Table& table;
    RowSink sink;
    void* context;
    std::shared_ptr<void> row;  // used again for each: every column is set each time
  } reading{*this, sink, context, create()};
  tx.run(
      select_sql(tail), in, kinds_,
      [](void* context, const Field* fields) {
        const auto& reading = *static_cast<const Reading*>(context);
        for (std::size_t i = 0; i < reading.table.columns_.size(); ++i) {
          reading.table.columns_[i].set(reading.row.get(), fields[i]);
        }
        reading.sink(reading.context, reading.row.get());
      },
      &reading);
}

std::shared_ptr<void> Table::find_row(Tx& tx, const Param& key) const {
  if (keys_.size() != 1) wrong(name_, "has more than one key column; select by all of them");
  struct Found {
    const Table& table;
    std::shared_ptr<void> row;
  } found{*this, nullptr};
  select_rows(
      tx, "WHERE " + key_condition(1), {&key, 1},
      [](void* context, const void* row) {
        auto& found = *static_cast<Found*>(context);
        found.row = found.table.copy_(row);
      },
      &found);
  return found.row;
}

std::int64_t Table::count_rows(Tx& tx, std::string_view tail, std::span<const Param> in) const {
  std::int64_t count = 0;
  static constexpr ColumnKind kinds[] = {ColumnKind::integer};
  tx.run(
      intern_sql(fmt::format("SELECT COUNT(*) FROM {} {}", name_, tail)), in, kinds,
      [](void* context, const Field* fields) { *static_cast<std::int64_t*>(context) = fields[0].integer; },
      &count);
  return count;
}

void Table::insert_row(Tx& tx, void* row) const {
  if (version_) set_integer(*version_, row, 1);
  if (created_at_) set_integer(*created_at_, row, tx.now().micros);
  if (updated_at_) set_integer(*updated_at_, row, tx.now().micros);
  Bound bound(inserted_.size());
  for (std::size_t i : inserted_) bound.add(columns_[i], row);
  if (!generated_) {
    tx.run(insert_sql_, bound.params(), {}, nullptr, nullptr);
  } else {
    std::int64_t id = 0;
    static constexpr ColumnKind kinds[] = {ColumnKind::integer};
    tx.run(
        insert_sql_, bound.params(), kinds,
        [](void* context, const Field* fields) { *static_cast<std::int64_t*>(context) = fields[0].integer; },
        &id);
    set_integer(*generated_, row, id);
  }
  raise_catalogue(tx, row);
}

bool Table::update_row(Tx& tx, void* row, std::span<const std::string_view> only) const {
  std::vector<std::size_t> columns = updated_;
  if (!only.empty()) {
    for (std::string_view name : only) {
      const Column* column = find_column(name);
      if (!column ||
          std::find(updated_.begin(), updated_.end(), column - columns_.data()) == updated_.end()) {
        throw std::logic_error(fmt::format("table {} has no column {} that may be updated", name_, name));
      }
    }
    std::erase_if(columns, [&](std::size_t i) {
      const Column& column = columns_[i];
      return !column.is_updated && std::find(only.begin(), only.end(), column.name) == only.end();
    });
  }
  if (columns.empty()) wrong(name_, "has no column that may be updated");
  if (updated_at_) set_integer(*updated_at_, row, tx.now().micros);
  Bound bound(columns.size() + keys_.size() + 1);
  for (std::size_t i : columns) bound.add(columns_[i], row);
  for (std::size_t i : keys_) bound.add(columns_[i], row);
  if (version_) bound.add(*version_, row);
  const char* sql = only.empty() ? update_all_sql_ : intern_sql(update_sql(columns));
  if (tx.run(sql, bound.params(), {}, nullptr, nullptr) == 0) return false;
  if (version_) {
    std::string scratch;
    set_integer(*version_, row, version_->get(row, scratch).integer + 1);
  }
  raise_catalogue(tx, row);
  return true;
}

bool Table::delete_row(Tx& tx, const void* row) const {
  Bound bound(keys_.size());
  for (std::size_t i : keys_) bound.add(columns_[i], row);
  if (tx.run(delete_sql_, bound.params(), {}, nullptr, nullptr) == 0) return false;
  raise_catalogue(tx, row);
  return true;
}

void Table::raise_catalogue(Tx& tx, const void* row) const {
  if (!rules_.catalogue) return;
  Bound bound(1);
  bound.add(*find_column(rules_.catalogue->column), row);
  tx.run_later(catalogue_sql_, bound.params());
}

}  // namespace plenary::db
