// What a browser calls itself, short enough for its owner to recognise it in a list of sessions. A guess from
// a header that anybody can write: never a fact to decide by. Any thread.
#pragma once

#include <string_view>

namespace plenary::site {

struct BrowserName {
  std::string_view browser, system;  // "Firefox", "Android"; empty: not recognised
};

BrowserName browser_name(std::string_view user_agent);

}  // namespace plenary::site
