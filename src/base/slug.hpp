// The one slug function. source: configuration 10, 6.4 and 6.10.6.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace plenary {

// Transliterated to ASCII (ICU Any-Latin; Latin-ASCII; Lower), everything but word characters, blanks and
// hyphens dropped, runs of blanks and hyphens made one hyphen, hyphens and underscores stripped at both ends,
// cut to `max_length` at a hyphen where there is one. May be empty: the caller asks for an explicit slug
// then.
std::string slug_from(std::string_view text, std::size_t max_length = 200);

// Not empty and only [A-Za-z0-9_-].
bool is_slug(std::string_view text);

// `base`, or `base` with -2, -3, … behind it (cut so that it fits): the first that is not taken.
std::string free_slug(std::string_view base, const std::function<bool(const std::string& slug)>& is_taken,
                      std::size_t max_length = 200);

// Lower-cased ASCII: slugs are unique regardless of case.
std::string slug_key(std::string_view slug);

}  // namespace plenary
