// The first account that may do everything: by a command, or by the one-time link that `serve` prints.
// source: ground rules 15, 1.3 and 1.4.
#pragma once

#include <iosfwd>
#include <string>

#include "base/codes.hpp"
#include "base/signing.hpp"
#include "cli/commands.hpp"

namespace plenary::cli {

// What `serve` prints last while nobody may manage the server: in production a link that works once, for one
// hour; in development how to make the account. Empty when there is a superuser. `base`: scheme and host.
std::string how_to_begin(db::Database& database, const SigningKey& link_key, Random& random,
                         const std::string& base, bool is_development);

}  // namespace plenary::cli
