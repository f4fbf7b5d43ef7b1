// One transaction, seen by domain functions. They take a Tx& first, run statements, return values, and know
// nothing of threads, engines or coroutines. The SQL is one dialect for SQLite and PostgreSQL; placeholders
// are $1…$n and may repeat. Statements are prepared once per connection and cached by the address of the
// literal, so `sql` must be a string literal (or live as long as the process).
//
// Inside a write: no network, no hashing, no rendering, no sleeping; no effect outside the Tx (the lambda may
// run more than once); refusals are thrown before the first writing statement. docs/transactions.md,
// section 3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/time.hpp"
#include "db/errors.hpp"

namespace plenary::db {

enum class Engine { sqlite, postgresql };

// A bound value. Texts are referenced, not copied: they must outlive the call.
struct Param {
  enum class Kind : unsigned char { null_integer, null_text, integer, real, text };
  Kind kind = Kind::null_integer;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text{};

  Param(std::int64_t v) : kind(Kind::integer), integer(v) {}
  Param(int v) : kind(Kind::integer), integer(v) {}
  Param(bool v) : kind(Kind::integer), integer(v ? 1 : 0) {}
  Param(double v) : kind(Kind::real), real(v) {}
  Param(std::string_view v) : kind(Kind::text), text(v) {}
  Param(const std::string& v) : kind(Kind::text), text(v) {}
  Param(const char* v) : kind(Kind::text), text(v) {}
  Param(Instant v) : kind(Kind::integer), integer(v.micros) {}
  // A null of the type's kind (PostgreSQL wants to know the type of a null).
  template <class T>
  Param(const std::optional<T>& v) : Param(v ? Param(*v) : null_of<T>()) {}

 private:
  Param() = default;
  template <class T>
  static Param null_of() {
    Param p;
    p.kind = std::is_convertible_v<T, std::string_view> ? Kind::null_text : Kind::null_integer;
    return p;
  }
};

// What a column is read as: integer (bool, ints, Instant) or text or real.
enum class ColumnKind : unsigned char { integer, real, text };

// One value of a row on its way into a C++ type.
struct Field {
  bool is_null = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text{};  // valid until the next row
};

namespace detail {
template <class T>
struct Column;
template <>
struct Column<std::int64_t> {
  static constexpr ColumnKind kind = ColumnKind::integer;
  static std::int64_t read(const Field& f) { return f.integer; }
};
template <>
struct Column<int> {
  static constexpr ColumnKind kind = ColumnKind::integer;
  static int read(const Field& f) { return static_cast<int>(f.integer); }
};
template <>
struct Column<bool> {
  static constexpr ColumnKind kind = ColumnKind::integer;
  static bool read(const Field& f) { return f.integer != 0; }
};
template <>
struct Column<double> {
  static constexpr ColumnKind kind = ColumnKind::real;
  static double read(const Field& f) { return f.real; }
};
template <>
struct Column<std::string> {
  static constexpr ColumnKind kind = ColumnKind::text;
  static std::string read(const Field& f) { return std::string(f.text); }
};
template <>
struct Column<Instant> {
  static constexpr ColumnKind kind = ColumnKind::integer;
  static Instant read(const Field& f) { return Instant{f.integer}; }
};
template <class T>
struct Column<std::optional<T>> {
  static constexpr ColumnKind kind = Column<T>::kind;
  static std::optional<T> read(const Field& f) {
    if (f.is_null) return std::nullopt;
    return Column<T>::read(f);
  }
};

template <class... Out>
struct RowOf {
  using type = std::tuple<Out...>;
  template <std::size_t... I>
  static type read(const Field* fields, std::index_sequence<I...>) {
    return type{Column<Out>::read(fields[I])...};
  }
  static type read(const Field* fields) { return read(fields, std::index_sequence_for<Out...>{}); }
};
template <class Only>
struct RowOf<Only> {
  using type = Only;
  static type read(const Field* fields) { return Column<Only>::read(fields[0]); }
};
}  // namespace detail

class Tx {
 public:
  virtual ~Tx() = default;
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  // The transaction's time: fixed, and never before the lane's previous commit. docs/transactions.md,
  // section 7.
  Instant now() const { return now_; }
  Engine engine() const { return engine_; }
  // True for a read: what it sees is committed. What a write sees may still be undone, its own changes and
  // those of other callers of the same group commit, so nothing read there may be kept beyond it.
  virtual bool sees_only_committed() const { return false; }

  // All rows. One output type gives a vector of it, several a vector of tuples. A null read into a type that
  // is not optional reads as 0 or "".
  //   auto rows = tx.query<std::int64_t, std::string>("SELECT id, name FROM t WHERE c = $1", c);
  template <class... Out, class... In>
  auto query(const char* sql, const In&... in) {
    std::vector<typename detail::RowOf<Out...>::type> rows;
    each<Out...>(
        sql, [&](auto&& row) { rows.push_back(std::move(row)); }, in...);
    return rows;
  }

  // The only row, or nothing. More than one row is a programming error (std::logic_error).
  template <class... Out, class... In>
  auto maybe(const char* sql, const In&... in) {
    std::optional<typename detail::RowOf<Out...>::type> only;
    each<Out...>(
        sql,
        [&](auto&& row) {
          if (only) throw std::logic_error("more than one row where one was expected");
          only.emplace(std::move(row));
        },
        in...);
    return only;
  }

  // The only row; std::logic_error when there is none.
  template <class... Out, class... In>
  auto one(const char* sql, const In&... in) {
    auto row = maybe<Out...>(sql, in...);
    if (!row) throw std::logic_error("no row where one was expected");
    return std::move(*row);
  }

  // Runs a statement without result rows; the number of rows it changed.
  template <class... In>
  std::int64_t exec(const char* sql, const In&... in) {
    const Param params[] = {Param(in)..., Param(0)};
    return run(sql, std::span(params, sizeof...(In)), {}, nullptr, nullptr);
  }

  // As exec, where nothing of the result is needed. On PostgreSQL the statement travels with the next one (or
  // with the end of the write) and so saves a round trip; its error surfaces there, and undoes the caller all
  // the same.
  template <class... In>
  void exec_later(const char* sql, const In&... in) {
    const Param params[] = {Param(in)..., Param(0)};
    run_later(sql, std::span(params, sizeof...(In)));
  }

  // Makes the queries of `asks` and throws their answers, which are empty, away; when the same functions make
  // the same queries with the same values later, the answers are there already. On PostgreSQL everything
  // asked shares one round trip; on SQLite nothing happens. `asks` must bear empty answers (query and maybe,
  // not one). What is written in between is not seen by them: ask before the first write.
  template <class F>
  void ask_ahead(F&& asks) {
    if (asking_) return static_cast<void>(asks());
    if (!can_ask_ahead()) return;
    struct Asking {
      bool& flag;
      explicit Asking(bool& f) : flag(f) { flag = true; }
      ~Asking() { flag = false; }
    };
    const Asking asking(asking_);
    asks();
  }

  // In a read, behind ask_ahead: nothing more will be asked. On PostgreSQL the transaction then ends in the
  // trip that brings the answers, one wake-up less on each side; a read that asks for more all the same is
  // run again from its beginning, without this. On SQLite, and in a write, nothing happens.
  virtual void all_asked() {}

  // Runs `fn` in a nested savepoint. False when it met a unique rule: what it wrote is undone, the Tx goes
  // on. Every other error passes through (and poisons the Tx as usual).
  template <class F>
  bool attempt(F&& fn) {
    return attempt_erased([](void* f) { (*static_cast<std::remove_reference_t<F>*>(f))(); }, &fn);
  }

  // Puts `item` off to the end of the outer transaction, behind every caller of the same group commit and
  // just before COMMIT: there `run` is called once for each place with everything that was put off for it, in
  // the order of the places. A lock that is taken there alone is the transaction's last, so whoever waits for
  // one holds none of a higher place, and no two transactions wait for each other. What a caller put off is
  // dropped when the caller, or the attempt it was in, is undone; an error undoes the whole batch. In a read
  // it is refused.
  struct AtEnd {
    using Run = void (*)(Tx& tx, std::int64_t place, std::span<const std::shared_ptr<const void>> items);
    Run run;
    std::int64_t place;
    std::shared_ptr<const void> item;
  };
  virtual void at_end(AtEnd work);

  // For db/ (entities): columns and values known only at run time. `each_row` may be null.
  using RowCallback = void (*)(void* context, const Field* fields);
  virtual std::int64_t run(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out,
                           RowCallback each_row, void* context) = 0;
  virtual void run_later(const char* sql, std::span<const Param> in) { run(sql, in, {}, nullptr, nullptr); }

 protected:
  Tx(Engine engine, Instant now) : engine_(engine), now_(now) {}
  virtual bool attempt_erased(void (*call)(void*), void* fn) = 0;
  virtual bool can_ask_ahead() const { return false; }

  template <class... Out, class F, class... In>
  void each(const char* sql, F&& use_row, const In&... in) {
    static constexpr ColumnKind kinds[] = {detail::Column<Out>::kind...};
    const Param params[] = {Param(in)..., Param(0)};
    auto callback = [](void* context, const Field* fields) {
      (*static_cast<std::remove_reference_t<F>*>(context))(detail::RowOf<Out...>::read(fields));
    };
    run(sql, std::span(params, sizeof...(In)), kinds, callback, &use_row);
  }

  Engine engine_;
  Instant now_;
  bool asking_ = false;  // inside ask_ahead
};

}  // namespace plenary::db
