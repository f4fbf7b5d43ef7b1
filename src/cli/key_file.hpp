// The server's secret: what signs cookies and derives secret links. Development makes the file at the first
// start; production refuses without one, since a new key would void every link that was handed out. source:
// design 6; ground rules 15, 2.4 and 8.1.
#pragma once

#include <iosfwd>

#include "base/codes.hpp"
#include "base/secret.hpp"
#include "config/settings.hpp"

namespace plenary::cli {

// CommandFailed with how to mend it. Says on `err` when it made the file.
Secret load_key(const config::Settings& settings, Random& random, std::ostream& err);

}  // namespace plenary::cli
