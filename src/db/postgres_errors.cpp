#include "db/postgres_errors.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <utility>

namespace plenary::db {

ErrorKind kind_of_sqlstate(std::string_view state) {
  // 25P02: the transaction had failed before, by no fault of this statement: it is run again.
  static constexpr std::pair<std::string_view, ErrorKind> kinds[] = {
      {"23505", ErrorKind::unique},        {"23503", ErrorKind::foreign_key},
      {"23514", ErrorKind::check},         {"23502", ErrorKind::not_null},
      {"40001", ErrorKind::serialization}, {"40P01", ErrorKind::deadlock},
      {"55P03", ErrorKind::busy},          {"53100", ErrorKind::full},
      {"53200", ErrorKind::memory},        {"57014", ErrorKind::interrupted},
      {"25006", ErrorKind::read_only},     {"25P02", ErrorKind::serialization},
      {"57P01", ErrorKind::connection},    {"57P02", ErrorKind::connection},
      {"57P03", ErrorKind::connection},    {"57P05", ErrorKind::connection},
      {"25P03", ErrorKind::connection},
  };
  for (const auto& [known, kind] : kinds) {
    if (state == known) return kind;
  }
  const std::string_view group = state.substr(0, 2);
  if (group == "08" || state.empty()) return ErrorKind::connection;
  if (group == "58") return ErrorKind::io;
  if (group == "42") return ErrorKind::schema;
  return ErrorKind::other;
}

DatabaseError postgres_error(const PGresult* result, const char* sql) {
  const auto field = [&](int code) {
    const char* text = result ? PQresultErrorField(result, code) : nullptr;
    return std::string(text ? text : "");
  };
  const std::string state = field(PG_DIAG_SQLSTATE);
  std::string message = field(PG_DIAG_MESSAGE_PRIMARY);
  ErrorKind kind = kind_of_sqlstate(state);
  // After a migration a cached plan may not fit any more: a new connection has none.
  if (state == "0A000" && message.find("cached plan") != std::string::npos) kind = ErrorKind::connection;
  if (state.starts_with("22")) message = "a value that the type or the function does not take";
  if (message.empty()) message = "the connection was lost";
  std::string constraint = field(PG_DIAG_CONSTRAINT_NAME);
  if (kind == ErrorKind::not_null) constraint = field(PG_DIAG_TABLE_NAME) + "." + field(PG_DIAG_COLUMN_NAME);
  return DatabaseError(kind,
                       fmt::format("{} (SQLSTATE {}; in: {})", message, state.empty() ? "none" : state, sql),
                       constraint);
}

const char* sqlstate_of(Fault fault) {
  switch (fault) {
    case Fault::busy:
      return "55P03";
    case Fault::serialization:
      return "40001";
    case Fault::deadlock:
      return "40P01";
    case Fault::full:
    case Fault::full_rolled_back:
      return "53100";
    case Fault::io:
    case Fault::io_rolled_back:
      return "58030";
    case Fault::memory:
      return "53200";
    case Fault::interrupted:
      return "57014";
    case Fault::none:
    case Fault::connection_lost:
    case Fault::connection_lost_after:
      break;
  }
  return "XX000";
}

std::string without_password(std::string message, const std::string& url) {
  while (!message.empty() && (message.back() == '\n' || message.back() == '.')) message.pop_back();
  // postgresql://user:password@host/…
  const std::size_t authority = url.find("://");
  const std::size_t at = url.find('@', authority == std::string::npos ? 0 : authority);
  if (authority == std::string::npos || at == std::string::npos) return message;
  const std::size_t colon = url.find(':', authority + 3);
  if (colon == std::string::npos || colon > at) return message;
  const std::string password = url.substr(colon + 1, at - colon - 1);
  for (std::size_t i = message.find(password); !password.empty() && i != std::string::npos;
       i = message.find(password, i)) {
    message.replace(i, password.size(), "****");
    i += 4;
  }
  return message;
}

std::string as_sentence(std::string message) {
  if (!message.ends_with('?') && !message.ends_with('!') && !message.ends_with('.')) message += '.';
  return message;
}

}  // namespace plenary::db
