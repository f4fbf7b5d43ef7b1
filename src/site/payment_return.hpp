// Where a payment page, or a bank's app in another browser, sends its buyers back to: the order's secret
// link, without a session. It says paid, processing or try again. No feature closes it: whoever paid while
// the shop was switched off hears that the money arrived, and everybody else goes on to the confirmation. It
// settles nothing itself: it wakes the job that asks the provider. source: payments 21, P32; registration 20,
// D35; configuration 10, 3.4.
#pragma once

#include "base/task.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

Task<web::Response> show_payment_return(Site& site, web::Request& request);

}  // namespace plenary::site
