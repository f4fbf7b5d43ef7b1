#include "domain/sealed_columns.hpp"

#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "db/entity_table.hpp"

namespace plenary::domain {
namespace {

constexpr std::int64_t page_rows = 200;
constexpr int most_passes = 5;

struct Value {
  std::int64_t key = 0;
  std::string text_key;
  std::string place, token;
};

// One page of a column's values, in the order of the key.
class Pages {
 public:
  Pages(db::Database& database, const SealedColumn& column)
      : database_(database),
        column_(column),
        sql_(db::intern_sql(fmt::format("SELECT {1}, CAST({2} AS TEXT), {3} FROM {0} WHERE {1} > $1 AND {3} "
                                        "IS NOT NULL AND {3} <> '' ORDER "
                                        "BY 1 LIMIT {4}",
                                        column.table, column.key, column.place, column.column, page_rows))) {}

  std::vector<Value> next() {
    std::vector<Value> page;
    if (done_) return page;
    auto read = [&](db::Tx& tx) {
      std::vector<Value> values;
      if (column_.key_is_text) {
        for (auto& [key, place, token] :
             tx.query<std::string, std::string, std::string>(sql_, last_.text_key))
          values.push_back({0, std::move(key), std::move(place), std::move(token)});
      } else {
        for (auto& [key, place, token] : tx.query<std::int64_t, std::string, std::string>(sql_, last_.key))
          values.push_back({key, {}, std::move(place), std::move(token)});
      }
      return values;
    };
    page = database_.read_now(read);
    done_ = page.size() < static_cast<std::size_t>(page_rows);
    if (!page.empty()) last_ = page.back();
    for (Value& value : page)
      value.place = fmt::format("{}.{}.{}", column_.table, column_.column, value.place);
    return page;
  }

 private:
  db::Database& database_;
  const SealedColumn& column_;
  const char* sql_;
  Value last_{std::numeric_limits<std::int64_t>::min(), {}, {}, {}};
  bool done_ = false;
};

struct Change {
  Value value;
  std::string sealed;
  bool was_readable = false;
  bool written = false;
};

// Only where the old token still stands there.
void write(db::Database& database, const SealedColumn& column, std::vector<Change>& changes) {
  if (changes.empty()) return;
  const char* sql = db::intern_sql(fmt::format("UPDATE {0} SET {1} = $1 WHERE {2} = $3 AND {1} = $2",
                                               column.table, column.column, column.key));
  const auto one = [&](db::Tx& tx, const Change& change) {
    return column.key_is_text ? tx.exec(sql, change.sealed, change.value.token, change.value.text_key) == 1
                              : tx.exec(sql, change.sealed, change.value.token, change.value.key) == 1;
  };
  if (column.is_conference) {
    for (Change& change : changes) {
      auto fn = [&](db::Tx& tx) { return one(tx, change); };
      change.written = database.write_now(change.value.key, "seal anew", fn);
    }
    return;
  }
  auto fn = [&](db::Tx& tx) {
    std::vector<bool> written;
    for (const Change& change : changes) written.push_back(one(tx, change));
    return written;
  };
  const std::vector<bool> written = database.write_now(db::global_lane, "seal anew", fn);
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i].written = written[i];
}

// One walk over a column. What somebody changed meanwhile is in `missed`.
struct Pass {
  std::int64_t seen = 0;
  std::vector<std::string> broken, missed;
};

Pass pass_over(db::Database& database, const SealedColumn& column, const SealingKeys& keys, Random& random,
               Resealed& result, const ResealProgress& progress) {
  Pass pass;
  Pages pages(database, column);
  for (auto page = pages.next(); !page.empty(); page = pages.next()) {
    const std::string newest = keys.ids().front();
    std::vector<Change> changes;
    for (Value& value : page) {
      const auto id = key_id_of(value.token);
      if (id == newest) continue;
      try {
        const Secret plain = id ? keys.open(value.token, value.place) : Secret(value.token);
        Change change;
        change.sealed = keys.seal(plain, value.place, random);
        change.was_readable = !id;
        change.value = std::move(value);
        changes.push_back(std::move(change));
      } catch (const SealBroken& broken) {
        pass.broken.emplace_back(broken.what());
      }
    }
    write(database, column, changes);
    for (const Change& change : changes) {
      if (!change.written) {
        pass.missed.push_back(change.value.place);
      } else {
        ++(change.was_readable ? result.were_readable : result.sealed);
      }
    }
    pass.seen += static_cast<std::int64_t>(page.size());
    if (progress) progress(column, pass.seen);
  }
  return pass;
}

}  // namespace

const std::vector<SealedColumn>& sealed_columns() {
  static const std::vector<SealedColumn> all = [] {
    std::vector<SealedColumn> columns;
    for (const char* column : {"stripe_secret_key", "stripe_publishable_key", "stripe_webhook_secret",
                               "pretalx_token", "qbo_client_secret", "qbo_access_token", "qbo_refresh_token"})
      columns.push_back({.table = "conference", .column = column, .is_conference = true});
    columns.push_back({.table = "second_factor", .column = "secret", .key = "user_id"});
    columns.push_back({.table = "form_draft", .column = "body", .place = "user_id || '.' || path"});
    return columns;
  }();
  return all;
}

SealUse seal_use(db::Database& database) {
  SealUse use;
  for (const SealedColumn& column : sealed_columns()) {
    Pages pages(database, column);
    for (auto page = pages.next(); !page.empty(); page = pages.next()) {
      for (const Value& value : page) {
        if (const auto id = key_id_of(value.token)) {
          ++use.by_key[std::string(*id)];
        } else {
          use.readable.push_back(value.place);
        }
      }
    }
  }
  return use;
}

Resealed reseal(db::Database& database, const SealingKeys& keys, Random& random,
                const ResealProgress& progress) {
  Resealed result;
  for (const SealedColumn& column : sealed_columns()) {
    Pass pass;
    for (int i = 0; i < most_passes; ++i) {
      pass = pass_over(database, column, keys, random, result, progress);
      if (pass.missed.empty()) break;
    }
    result.broken.insert(result.broken.end(), pass.broken.begin(), pass.broken.end());
    result.restless.insert(result.restless.end(), pass.missed.begin(), pass.missed.end());
  }
  return result;
}

}  // namespace plenary::domain
