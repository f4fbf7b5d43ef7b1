// Turns settings into the options of a web server. Pure; apart from serve.cpp for its tests.
#pragma once

#include "config/settings.hpp"
#include "domain/registration/cart.hpp"
#include "web/server.hpp"

namespace plenary::cli {

web::ServerOptions server_options(const config::Settings& settings);
registration::HoldLimits hold_limits(const config::Settings& settings);

}  // namespace plenary::cli
