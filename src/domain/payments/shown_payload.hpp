// An event's payload as staff may look at it: set out in lines, without what opens anything. Pure; any
// thread. source: payments 21, 4 ("never log keys, client secrets") and P24.
#pragma once

#include <string>
#include <string_view>

namespace plenary::payments {

// Values of fields that are secrets ("client_secret", …) are left out. Text that is no JSON gives "".
std::string shown_payload(std::string_view json);

}  // namespace plenary::payments
