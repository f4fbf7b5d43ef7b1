// What SOCI adds to a prepared SQLite statement, beside the same through the native handle: the figure behind
// "SOCI on SQLite, libpq's pipeline on PostgreSQL" in docs/transactions.md.
//
//   bench_soci
#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <chrono>
#include <string>

namespace {

namespace api = sqlite_api;
constexpr int kTimes = 200'000;

template <class F>
double micros_each(F&& fn) {
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < kTimes; ++i) fn(i);
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count() / kTimes;
}

struct Slot {
  long long integer = 0;
  std::string text;
  soci::indicator indicator = soci::i_ok;
};

}  // namespace

int main() {
  soci::session session(soci::sqlite3, "dbname=:memory:");
  session << "CREATE TABLE t (id INTEGER PRIMARY KEY, a BIGINT, b TEXT, c BIGINT, d TEXT)";
  session << "BEGIN";
  for (int i = 1; i <= 1000; ++i) {
    session << "INSERT INTO t VALUES (" << i
            << ", 1, 'some text of a row', 2, 'another text which is longer than the first')";
  }
  api::sqlite3* const native = static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;

  Slot id, text, row[5];
  soci::statement select(session);
  select.exchange(soci::use(id.integer, id.indicator));
  for (int i = 0; i < 5; ++i) {
    if (i == 2 || i == 4) {
      select.exchange(soci::into(row[i].text, row[i].indicator));
    } else {
      select.exchange(soci::into(row[i].integer, row[i].indicator));
    }
  }
  select.alloc();
  select.prepare("SELECT id, a, b, c, d FROM t WHERE id = ?1");
  select.define_and_bind();
  const double soci_select = micros_each([&](int i) {
    id.integer = i % 1000 + 1;
    select.execute(false);
    while (select.fetch()) {
    }
  });
  soci::statement update(session);
  update.exchange(soci::use(text.text, text.indicator));
  update.exchange(soci::use(id.integer, id.indicator));
  update.alloc();
  update.prepare("UPDATE t SET b = ?1 WHERE id = ?2");
  update.define_and_bind();
  const double soci_update = micros_each([&](int i) {
    id.integer = i % 1000 + 1;
    text.text = "a new text of a row";
    update.execute(true);
  });

  api::sqlite3_stmt* statement = nullptr;
  api::sqlite3_prepare_v2(native, "SELECT id, a, b, c, d FROM t WHERE id = ?1", -1, &statement, nullptr);
  const double native_select = micros_each([&](int i) {
    api::sqlite3_bind_int64(statement, 1, i % 1000 + 1);
    while (api::sqlite3_step(statement) == SQLITE_ROW) {
      for (int column = 0; column < 5; ++column) {
        if (column == 2 || column == 4) {
          row[column].text.assign(reinterpret_cast<const char*>(api::sqlite3_column_text(statement, column)),
                                  static_cast<std::size_t>(api::sqlite3_column_bytes(statement, column)));
        } else {
          row[column].integer = api::sqlite3_column_int64(statement, column);
        }
      }
    }
    api::sqlite3_reset(statement);
  });
  api::sqlite3_finalize(statement);
  api::sqlite3_prepare_v2(native, "UPDATE t SET b = ?1 WHERE id = ?2", -1, &statement, nullptr);
  const double native_update = micros_each([&](int i) {
    api::sqlite3_bind_text(statement, 1, "a new text of a row", 19, SQLITE_STATIC);
    api::sqlite3_bind_int64(statement, 2, i % 1000 + 1);
    api::sqlite3_step(statement);
    api::sqlite3_reset(statement);
  });
  api::sqlite3_finalize(statement);
  fmt::print("SELECT, one row of 5: SOCI {:.2f} µs, native {:.2f} µs\n", soci_select, native_select);
  fmt::print("UPDATE, one row:      SOCI {:.2f} µs, native {:.2f} µs\n", soci_update, native_update);
}
