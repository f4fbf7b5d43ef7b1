// Texts of statements, made fit to be kept: blanks once, no control characters, at most so long. Pure; any
// thread. Private to the readers of statements.
#pragma once

#include <string>
#include <string_view>

namespace plenary::payments {

// Of a column's head: lower case letters and figures alone, umlauts spelt out, what stands in brackets left
// out.
std::string folded_head(std::string_view head);
// Valid UTF-8 in, valid UTF-8 out; white space and control characters become one blank each run.
std::string clean_text(std::string_view text, std::size_t most_characters);
// The same of a bank's number; empty where it says that there is none (NOTPROVIDED, NONREF).
std::string clean_id(std::string_view text);
// IBAN or number without blanks, in capitals.
std::string account_of(std::string_view text);
// Two letters, two figures, and 11 to 30 letters and figures.
bool looks_like_iban(std::string_view text);

}  // namespace plenary::payments
