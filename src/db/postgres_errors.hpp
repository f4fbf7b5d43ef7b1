// PostgreSQL's errors as ours, without bound values. Internal to db/.
#pragma once

#include <string>
#include <string_view>

#include "db/errors.hpp"
#include "db/faults.hpp"

typedef struct pg_result PGresult;

namespace plenary::db {

// The error of a failed result; `sql` is the literal it belongs to. The server's text is left out where it
// may quote a value (class 22: data exceptions).
DatabaseError postgres_error(const PGresult* result, const char* sql);
ErrorKind kind_of_sqlstate(std::string_view state);
const char* sqlstate_of(Fault fault);
// A message of libpq with the URL's password replaced.
std::string without_password(std::string message, const std::string& url);
// With a full stop, unless it ends like a sentence already: libpq asks whether the server runs.
std::string as_sentence(std::string message);

}  // namespace plenary::db
