// The server's secret: what signs cookies and derives secret links. Development makes the file at the first
// start; production refuses without one, since a new key would void every link that was handed out. source:
// design 6; ground rules 15, 2.4 and 8.1.
#pragma once

#include <functional>
#include <string_view>

#include "base/codes.hpp"
#include "base/secret.hpp"
#include "config/settings.hpp"

namespace plenary::embed {

// std::runtime_error with how to mend it. `notice` is told when it made the file.
Secret load_key(const config::Settings& settings, Random& random,
                const std::function<void(std::string_view)>& notice);

}  // namespace plenary::embed
