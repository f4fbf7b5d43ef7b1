// The keys of a conference file about how a conference presents itself and what buyers agree to: legal texts,
// colours, the logo, consents. Each reader reports what is wrong and answers nothing then. Private to
// config/. source: ground rules 15, 3.3; registration 20, D36; configuration 10, 6.10.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/conference_file.hpp"
#include "config/table_reader.hpp"

namespace plenary::config {

// A text of several lines, or an http or https URL; "" is a value.
std::optional<std::string> read_legal_text(TableReader& table, std::string_view key);
// "#0b5cad", in lower case; "" is a value.
std::optional<std::string> read_color(TableReader& table, std::string_view key);
// An http or https URL, or a path on this server beginning with "/"; "" is a value.
std::optional<std::string> read_picture(TableReader& table, std::string_view key);

// A text of several lines about something that is sold or offered; "" is a value.
std::optional<std::string> read_description(TableReader& table, std::string_view key);
// ISO 4217, in capitals.
std::optional<Currency> read_currency(TableReader& table);

// An absolute http or https URL; "" is a value.
std::optional<std::string> read_website(TableReader& conference);

void read_presentation(TableReader& conference, ConferenceFile& file);
// One of [[conference.consents]], without its slug.
ConsentEntry read_consent(TableReader& item);

}  // namespace plenary::config
