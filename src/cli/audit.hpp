// Who gives a command, for the record of changes. Any thread, no errors. source: docs/audit.md.
#pragma once

#include <string>

#include "domain/conference/audit.hpp"

namespace plenary::cli {

// The login name of the operating system, with the one behind sudo: "ada (as root)".
std::string operator_name();
// `source`: "command", "bootstrap", "demo".
conference::Actor command_actor(std::string source = "command");

}  // namespace plenary::cli
