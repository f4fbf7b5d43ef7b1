// The organiser's routes: every name that customers' templates use, below /manage/<conference>/, with its
// guard from the start; the pages follow. Called once, before the server starts. source: configuration
// 10, 8.3 and 10.3.
#pragma once

#include "web/routes.hpp"

namespace plenary::manage {

web::RouteTable routes();

}  // namespace plenary::manage
