// The link that a mail is for: a text of organisers must hold it, or its reader can do nothing. The links of
// accounts open them to whoever has them: they stand there as they are, alone or as a button, and never as a
// part of another address that would tell somebody else. Pure; any thread. source: payments 21, 11; ground
// rules 15, 5.
#pragma once

#include <string_view>
#include <vector>

#include "mail/text_language.hpp"

namespace plenary::mail {

// "link_url"; "orders.url": of each of a list. Empty: the mail is for no link alone.
std::string_view link_of(const Message& message);

// Of a text that compiles; of every part that readers may see alone: the text, and HTML where there is any.
void find_link_faults(const Message& message, std::string_view part, std::string_view source,
                      std::vector<TextProblem>& problems);
// Whether a condition or a filter took it away. TextError of the part.
void require_links(const Message& message, const templating::Context& filled, const RenderedText& rendered);

}  // namespace plenary::mail
