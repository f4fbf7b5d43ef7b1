// Small rules of how a mail is worded and shown: names that strangers typed, lines of templates, colours.
// Pure; any thread. source: ground rules 15, 6; WCAG 2.2.
#pragma once

#include <string>
#include <string_view>

namespace plenary::mail {

// Black or white, whichever is read more easily on the colour ("#0b5cad").
std::string_view text_on(std::string_view color);
bool is_color(std::string_view text);

// A name that somebody typed. What reads like an address or an advertisement is left out: anybody may type a
// name beside somebody else's e-mail address.
std::string shown_name(std::string_view name);

// A template's output for a header: in one line.
std::string one_line(std::string_view text);
// Templates leave empty lines where their tags stand: never more than one, none with blanks at its end.
std::string tidy(std::string_view text);

// The host of an address: "tickets.example.org" of "https://tickets.example.org:8443/x".
std::string host_of(std::string_view url);

}  // namespace plenary::mail
