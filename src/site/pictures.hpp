// Pictures of other servers on our pages: the content security policy admits exactly the hosts that a page
// shows pictures of. One thread, one request. source: configuration 10, 4.1; sponsors 50, 7.
#pragma once

#include <string>
#include <string_view>

#include "site/visit.hpp"

namespace plenary::site {

// "https://img.example.org" of an address there; empty for everything that browsers would not load here:
// another scheme, or characters that mean something else in a policy.
std::string picture_origin(std::string_view url);

// The page may show the picture at `url`. False: it may not, and will not be shown.
bool allow_picture(const Visit& visit, std::string_view url);

}  // namespace plenary::site
