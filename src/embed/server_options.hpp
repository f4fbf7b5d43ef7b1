// Turns settings into the options of a web server and into the limits of the shop. Pure; apart from
// program.cpp for its tests.
#pragma once

#include "config/settings.hpp"
#include "domain/registration/cart.hpp"
#include "web/server.hpp"

namespace plenary::embed {

web::ServerOptions server_options(const config::Settings& settings);
registration::HoldLimits hold_limits(const config::Settings& settings);

}  // namespace plenary::embed
