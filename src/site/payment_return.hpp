// Where a payment page sends its buyers back to. No feature closes it: whoever paid while the shop was
// switched off hears that the money arrived, and everybody else goes on to the confirmation. It settles
// nothing itself: what a gateway says is settled by its answer or webhook. source: registration 20, D35;
// configuration 10, 3.4.
#pragma once

#include "base/task.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

Task<web::Response> show_payment_return(Site& site, web::Request& request);

}  // namespace plenary::site
