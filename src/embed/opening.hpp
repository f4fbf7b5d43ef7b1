// How a process opens the database of its settings: the options, the clock, and the schema brought up to
// date. Shared by Program and the commands; no state of its own. Errors: std::runtime_error with what to do,
// db::DatabaseError. source: ground rules 15, 1.1.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/time.hpp"
#include "config/settings.hpp"
#include "db/database.hpp"

namespace plenary::embed {

db::DatabaseOptions database_options(const config::Settings& settings);

// The clock of [server] clock_file, which development alone knows. Null: the usual time.
std::shared_ptr<const Clock> clock_of(const config::Settings& settings);

// Development migrates a database that is empty or older, after a backup where there is data; `notice` is
// told each step. Elsewhere std::runtime_error names the command to run.
void bring_up_to_date(const config::Settings& settings, db::Database& database,
                      const std::function<void(std::string_view line)>& notice);

}  // namespace plenary::embed
