// One-time messages across a redirect ("Your cart was updated"). They ride in a signed cookie and are cleared
// when displayed; no storage. Texts are plain, escaped by the template. source: transactions 5.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::web {

struct FlashMessage {
  std::string level;  // "success", "info", "warning", "error"
  std::string text;
};

// With the response to this request, usually a redirect. Several calls add up; the oldest go when the cookie
// would exceed 3 KB.
void flash(Request& request, std::string_view level, std::string_view text);
// The messages to show on this page; the browser's copy is deleted with the response.
std::vector<FlashMessage> take_flashes(Request& request);

}  // namespace plenary::web
