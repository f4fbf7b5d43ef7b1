// One PostgreSQL connection: opened by SOCI, driven through libpq's pipeline mode on SOCI's native handle,
// because round trips are the budget and SOCI makes one for each statement. Statements are prepared once and
// cached by the literal's address. Every wait has a time limit. Internal to db/. One thread at a time.
// Errors: DatabaseError, without bound values.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "db/connection.hpp"
#include "db/faults.hpp"

namespace plenary::db {

class PostgresConnection final : public Connection {
 public:
  enum class Use { writer, reader };
  struct Options {
    std::string url;
    Use use = Use::writer;
    bool relaxed_durability = false;
    std::chrono::microseconds read_limit{5'000'000};
    FaultInjector* faults = nullptr;
  };
  explicit PostgresConnection(const Options& options);
  ~PostgresConnection() override;

  std::int64_t run(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out,
                   Tx::RowCallback each_row, void* context) override;
  void run_later(const char* sql, std::span<const Param> in) override;
  void run_later_for(std::int64_t rows, const char* sql, std::span<const Param> in) override;
  // Waits for what run_later_for was given, so that a COMMIT behind it is one of what was meant.
  void settle_expected();
  void ask(const char* sql, std::span<const Param> in) override;
  void forget_asked() override;
  void begin_asking() override;
  void end_asking() override;
  Connection::Asked put_asked_aside() override;
  void take_up_asked(Connection::Asked asked) override;
  void end_with_answers() override;
  void settle() override;
  bool writes(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out) override;

  // Begins a transaction with the next statement that is sent; ends it, unless end_with_answers has, without
  // waiting.
  void begin_read();
  void end_read();
  // Sends what is queued without waiting for its answers; the next wait reads them first.
  void send();
  // False once the connection is lost; only its destruction is left then.
  bool usable() const;
  // Behind this address was a standby when the connection was made, or a write has been refused because the
  // server only reads (after a failover the old address may lead there for a while). Whoever writes makes
  // another connection.
  bool takes_no_writes() const;
  // The same, for reads: a standby is asked for some seconds, then the address is looked up again.
  bool is_worn() const;
  // Inside a transaction that has not failed.
  bool in_healthy_transaction() const;
  // Whether the last run() was answered with this command ("COMMIT" of a failed transaction answers
  // "ROLLBACK").
  bool answered(const char* command) const;
  std::uint64_t round_trips() const;
  // Waits longer than this are an interruption (a lost connection, if the server does not answer soon after).
  void set_deadline(std::chrono::steady_clock::time_point deadline);

 private:
  struct Statement;
  struct State;
  struct Question;
  Statement& prepared(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out);
  void queue(const char* sql, Statement& statement, std::span<const Param> in,
             std::shared_ptr<Question> asked = {}, std::int64_t at_least = 0);
  std::shared_ptr<Question> take_asked(const char* sql, std::span<const Param> in);
  void keep_open();
  void exchange();
  void wait_readable();
  [[noreturn]] void lost(const char* sql);
  std::unique_ptr<State> state_;
};

}  // namespace plenary::db
