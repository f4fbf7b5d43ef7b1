// From the command line to an exit code: 0 done, 1 refused, 2 wrong usage. main() is this and nothing else.
// Command and option names may be written with dashes or underscores. source: ground rules 15, 1.2.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace plenary::cli {

// `arguments` without the program's name.
int run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err);

// The command name with underscores, option names ("--dry_run") with dashes; values, and all after "--",
// untouched.
std::vector<std::string> normalized(std::vector<std::string> arguments);

}  // namespace plenary::cli
