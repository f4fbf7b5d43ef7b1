// A Tx whose statements have lost the condition sold + held <= capacity: the planted bug that the property
// tests must find. It rewrites the SQL on its way to the real Tx, so the product holds no code for it.
#pragma once

#include <map>
#include <string>

#include "db/tx.hpp"

namespace plenary::registration::testing {

class PlantedTx final : public db::Tx {
 public:
  explicit PlantedTx(db::Tx& real) : db::Tx(real.engine(), real.now()), real_(real) {}

  std::int64_t run(const char* sql, std::span<const db::Param> in, std::span<const db::ColumnKind> out,
                   RowCallback each_row, void* context) override {
    return real_.run(without_condition(sql), in, out, each_row, context);
  }
  void run_later(const char* sql, std::span<const db::Param> in) override {
    real_.run_later(without_condition(sql), in);
  }

 private:
  bool attempt_erased(void (*call)(void*), void* fn) override {
    return real_.attempt([&] { call(fn); });
  }

  static const char* without_condition(const char* sql) {
    thread_local std::map<const char*, std::string> rewritten;
    auto& text = rewritten[sql];
    if (text.empty()) {
      text = sql;
      for (const std::string condition : {" AND (capacity IS NULL OR sold + held + $1 <= capacity)",
                                          " AND (capacity IS NULL OR sold + held + $2 <= capacity)"})
        if (const auto at = text.find(condition); at != std::string::npos) {
          text.erase(at, condition.size());
          // $2 may not be left without a use.
          if (condition.find("$2") != std::string::npos) text += " AND $2 = $2";
        }
      // Nor does what the page reads know of a capacity.
      if (const auto at = text.find("capacity, sold, held FROM stock"); at != std::string::npos)
        text.replace(at, 8, "CAST(NULL AS BIGINT)");
    }
    return text.c_str();
  }

  db::Tx& real_;
};

}  // namespace plenary::registration::testing
