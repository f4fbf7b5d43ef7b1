// From the command line to an exit code: 0 done, 1 refused, 2 wrong usage. main() is this and nothing else.
// Command and option names may be written with dashes or underscores. source: ground rules 15, 1.2.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "db/database.hpp"
#include "site/extensions.hpp"

namespace plenary::cli {

// Changes how a command opens its database, for tests: limits, durability.
using DatabaseChange = std::function<void(db::DatabaseOptions& options)>;

// `arguments` without the program's name. `extensions`: what the program adds to Plenary's own pages.
int run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err,
        const site::Extensions& extensions = {}, const DatabaseChange& database = {});

// All of `main` of a program that embeds Plenary: every command of `plenary`, with the extensions in each.
int main_program(int argc, char** argv, const site::Extensions& extensions = {});

// The command name with underscores, option names ("--dry_run") with dashes; values, and all after "--",
// untouched.
std::vector<std::string> normalized(std::vector<std::string> arguments);

}  // namespace plenary::cli
