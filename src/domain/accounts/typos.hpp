// Mail addresses that look mistyped: asked about, never refused. Any thread. source: ground rules 15, 6.3.
#pragma once

#include <string>
#include <string_view>

namespace plenary::accounts {

// "ada@gmail.com" for "ada@gmial.com" or "ada@gmail.con"; empty when nothing better comes to mind.
std::string likely_address(std::string_view email);

}  // namespace plenary::accounts
