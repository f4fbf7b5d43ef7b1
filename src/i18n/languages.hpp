// The languages of the program: gettext catalogues compiled into the binary, and what is written by ICU's rules.
// English is the language of the source. Any thread. source: ground rules 15, 3.2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/errors.hpp"

namespace plenary::i18n {

std::string translated(std::string_view language, std::string_view message,
                       const Refused::Arguments& arguments = {});
// {n} is filled with the count.
std::string translated(std::string_view language, std::string_view singular, std::string_view plural,
                       std::int64_t n, Refused::Arguments arguments = {});

}  // namespace plenary::i18n
