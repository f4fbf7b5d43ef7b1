// Unicode facts by Python's definitions (white space, letters, printable, case), on UTF-8. Invalid bytes
// count as one character each and are kept. No state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::templating::unicode {

// The character at `at`, which moves behind it. An invalid byte gives U+FFFD.
char32_t next(std::string_view text, std::size_t& at);
// Bytes of the character that begins at `at`.
std::size_t width(std::string_view text, std::size_t at);
void append(std::string& out, char32_t c);
std::size_t count(std::string_view text);
// Byte position of the character number `index`; the size when there are fewer.
std::size_t position(std::string_view text, std::size_t index);
// Byte position of the character that is `index` characters before the end; zero when there are fewer.
std::size_t position_from_end(std::string_view text, std::size_t index);
bool is_ascii(std::string_view text);

bool is_space(char32_t c);      // str.isspace
bool is_word(char32_t c);       // \w
bool is_printable(char32_t c);  // str.isprintable
bool is_combining(char32_t c);

std::string upper(std::string_view text);
std::string lower(std::string_view text);
std::string title(std::string_view text);        // str.title
std::string upper_first(std::string_view text);  // the first character in upper case, the rest as it is
std::string nfc(std::string_view text);
std::string nfkd(std::string_view text);
bool is_cased(char32_t c);

std::string_view strip(std::string_view text);
std::vector<std::string_view> split_words(std::string_view text);  // str.split()
std::vector<std::string_view> split_lines(std::string_view text);  // str.splitlines()

}  // namespace plenary::templating::unicode
