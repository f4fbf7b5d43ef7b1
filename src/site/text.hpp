// Texts for people, in the language of their request. Messages are written in English in the code; they carry
// {name} placeholders, filled after the translation. Templates use {% translate %} and {% blocktranslate %}.
// Every message that reaches a page goes through here. One thread, one request. source: ground rules 15, 3.2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/errors.hpp"
#include "base/money.hpp"
#include "web/request.hpp"

namespace plenary::site {

// "en", "de": chosen by the person, else of the account, else asked for by the browser.
std::string_view language_of(const web::Request& request);

std::string tr(const web::Request& request, std::string_view message,
               const Refused::Arguments& arguments = {});
std::string tr(const web::Request& request, const Refused& refused);
// Plural rules of the language; {n} is filled with the count.
std::string tr_n(const web::Request& request, std::string_view singular, std::string_view plural,
                 std::int64_t n, Refused::Arguments arguments = {});

// An amount in minor units; `symbol` as configured, or empty.
std::string price_text(const web::Request& request, std::int64_t minor, Currency currency,
                       std::string_view symbol);

using plenary::message;

}  // namespace plenary::site
