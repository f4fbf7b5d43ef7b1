// One description for each entity, next to its struct: from it come the row mapping below, validation, forms,
// the data admin, exports, the API schema and the test that holds the schemas of both engines against it. A
// new field is one member, one line here, one line in a migration.
//
//   struct TicketType {
//     std::int64_t id = 0, conference_id = 0;
//     std::string name, slug;
//     std::int64_t price = 0;                 // the column's default is the member's
//     std::optional<Instant> available_from;  // optional: the column may be null
//     Status status = Status::open;           // enumerations are stored as text: choices()
//     std::int64_t version = 1;
//     Instant created_at, updated_at;
//   };
//
//   const db::Entity<TicketType>& ticket_types() {
//     using T = TicketType;
//     static const db::Entity<T> table("ticket_type", {
//         db::column("id", &T::id).generated_key(),
//         db::column("conference_id", &T::conference_id).references("conference",
//         db::OnDelete::cascade).fixed(), db::column("name", &T::name).required().max_length(200),
//         db::column("slug", &T::slug).required().max_length(200).format(db::TextFormat::slug),
//         db::column("price", &T::price).money().minimum(0).help("Before discounts."),
//         db::column("available_from", &T::available_from),
//         db::column("status", &T::status).choices({"open", "closed"}),
//         db::column("version", &T::version).version(),
//         db::column("created_at", &T::created_at).created(),
//         db::column("updated_at", &T::updated_at).updated(),
//       }, db::Rules<T>()
//              .titled("Ticket type", "Ticket types").ordered_by("sort_order, name")
//              .unique({"conference_id", "lower(slug)"}, "Another ticket type has this slug.")
//              .in_catalogue("conference_id")   // every write raises conference.catalogue_version in its
//              transaction .must("available_until", "The sale ends before it begins.",
//                    [](const T& t) { return !t.available_from || !t.available_until ||
//                                            *t.available_from <= *t.available_until; }));
//     return table;
//   }
//
//   auto types = ticket_types().select(tx, "WHERE conference_id = $1 ORDER BY sort_order, name",
//   conference_id); auto stored = ticket_types().insert(tx, type);     // with its id, version and times if
//   (!ticket_types().update(tx, type)) …            // somebody else changed it meanwhile
//
// Rows go in and come out by value: a write's lambda may run again, so it changes nothing it captured.
#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "db/entity_table.hpp"

namespace plenary::db {

// What holds for the whole table; see the example above.
template <class T>
class Rules {
 public:
  Rules& titled(std::string one, std::string many) {
    rules_.title = std::move(one);
    rules_.titles = std::move(many);
    return *this;
  }
  Rules& ordered_by(std::string sql) { return rules_.order_by = std::move(sql), *this; }
  Rules& unique(std::vector<std::string> columns, std::string message = {}) {
    return rules_.uniques.push_back({std::move(columns), std::move(message)}), *this;
  }
  // `column` holds the conference's id, or the id of a row of table `through`, which has a conference_id.
  Rules& in_catalogue(std::string column, std::string through = {}) {
    return rules_.catalogue = CatalogueLink{std::move(column), std::move(through)}, *this;
  }
  template <class F>
  Rules& must(std::string field, std::string message, F holds) {
    rules_.rules.push_back({std::move(field), std::move(message),
                            [holds](const void* row) { return holds(*static_cast<const T*>(row)); }});
    return *this;
  }
  // Columns that are no members (encrypted ones, for instance); they keep the table's default.
  Rules& leaves_out(std::vector<std::string> columns) {
    rules_.left_out.insert(rules_.left_out.end(), columns.begin(), columns.end());
    return *this;
  }
  // Left out as well: secrets that are stored encrypted. domain/sealed_columns.cpp lists them all.
  Rules& seals(const std::vector<std::string>& columns) {
    rules_.sealed.insert(rules_.sealed.end(), columns.begin(), columns.end());
    return leaves_out(columns);
  }

  TableRules take() { return std::move(rules_); }

 private:
  TableRules rules_;
};

template <class T>
class Entity : public Table {
 public:
  Entity(std::string_view name, std::initializer_list<ColumnDraft> columns, Rules<T> rules = {})
      : Table(
            name, {columns.begin(), columns.size()}, rules.take(), &column_detail::owner_tag<T>,
            [](const void* row) -> std::shared_ptr<void> {
              return std::make_shared<T>(*static_cast<const T*>(row));
            },
            std::make_shared<const T>()) {}

  template <class... In>
  std::vector<T> select(Tx& tx, std::string_view tail, const In&... in) const {
    const Param params[] = {Param(in)..., Param(0)};
    std::vector<T> rows;
    select_rows(
        tx, tail, {params, sizeof...(In)},
        [](void* context, const void* row) {
          static_cast<std::vector<T>*>(context)->push_back(*static_cast<const T*>(row));
        },
        &rows);
    return rows;
  }
  // The only row; std::logic_error when there are more.
  template <class... In>
  std::optional<T> maybe(Tx& tx, std::string_view tail, const In&... in) const {
    auto rows = select(tx, tail, in...);
    if (rows.size() > 1) throw std::logic_error("more than one row where one was expected");
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }
  std::optional<T> find(Tx& tx, const Param& key) const {
    auto row = find_row(tx, key);
    if (!row) return std::nullopt;
    return std::move(*static_cast<T*>(row.get()));
  }
  template <class... In>
  std::int64_t count(Tx& tx, std::string_view tail, const In&... in) const {
    const Param params[] = {Param(in)..., Param(0)};
    return count_rows(tx, tail, {params, sizeof...(In)});
  }

  // The row as stored: with its id, version and times.
  T insert(Tx& tx, T row) const {
    insert_row(tx, &row);
    return row;
  }
  // Nothing: no such row, or, where there is a version column, somebody else changed it since it was read.
  std::optional<T> update(Tx& tx, T row) const {
    if (!update_row(tx, &row)) return std::nullopt;
    return row;
  }
  // Writes these columns (and updated_at, version) only.
  std::optional<T> update_only(Tx& tx, T row, std::initializer_list<std::string_view> columns) const {
    if (!update_row(tx, &row, {columns.begin(), columns.size()})) return std::nullopt;
    return row;
  }
  bool remove(Tx& tx, const T& row) const { return delete_row(tx, &row); }

  // Problems with the values by themselves, in the order of the columns; all of them.
  std::vector<FieldError> validate(const T& row) const { return validate_row(&row); }
  // Also against the database: unique values and references.
  std::vector<FieldError> validate(Tx& tx, const T& row) const { return validate_row(tx, &row); }
};

}  // namespace plenary::db
