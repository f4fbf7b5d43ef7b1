// Small facts about UTF-8 text that several rooms need.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

bool is_valid_utf8(std::string_view text);
// Length in characters (code points). source: configuration 10, 6.10.5.
std::size_t character_count(std::string_view text);
// Any C0 or C1 control character, DEL, or a Unicode line/paragraph separator.
bool has_control_characters(std::string_view text);
// Nothing but white space (Unicode), or empty.
bool is_blank(std::string_view text);
std::string_view trimmed(std::string_view text);  // ASCII white space
std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);
// The e-mail a limit counts by: trimmed and case-folded. source: registration 20, D29.
std::string normalized_email(std::string_view address);
// Unicode NFC: the same text however it was composed. Empty when it is not UTF-8.
std::string normalized_nfc(std::string_view text);
// One @, a host with a dot or "localhost", no blanks or control characters, at most 254 characters.
bool is_email(std::string_view address);
// How many single-letter edits lie between two words, a swap of neighbours counting one: for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);
// The candidate nearest to `word`, or empty when none is near enough to be a typing mistake.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
std::string html_escape(std::string_view text);  // & < > " '  the last as &#x27;

}  // namespace plenary
