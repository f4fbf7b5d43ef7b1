// Text to HTML and back: escaping, entities, links, tags stripped or cut. No state; any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace plenary::templating::html {

void escape(std::string_view text, std::string& out);  // & < > " '
std::string escaped(std::string_view text);
std::string unescape(std::string_view text);  // &amp; &#39; &#x27; and the named entities of HTML 4
std::string escape_js(std::string_view text);

// quote() of Python's urllib: bytes outside of letters, digits, _.-~ and `safe` become %XX.
std::string percent_encode(std::string_view text, std::string_view safe);
std::string percent_decode(std::string_view text);

std::string strip_tags(std::string_view text);
// Cuts after `length` characters or words of text; tags stay balanced.
std::string truncate_chars(std::string_view text, long long length);
std::string truncate_words(std::string_view text, long long length);
// Text becomes links; limit < 0: not shortened.
std::string urlize(std::string_view text, bool safe_input, bool autoescape, long long limit);

// Events of a forgiving HTML reader.
struct Handler {
  virtual ~Handler() = default;
  virtual bool data(std::string_view text) = 0;  // false: stop reading
  virtual void start_tag(std::string_view name, std::string_view whole, bool self_closing) = 0;
  virtual void end_tag(std::string_view name) = 0;
  virtual void reference(std::string_view whole) = 0;  // &name; or &#…; when references are kept
};
// `convert` turns references into characters; otherwise they are told as they stand.
void read(std::string_view text, bool convert, Handler& handler);
bool is_void_element(std::string_view name);

// Characters of a text that is cut to `length`, with the mark of omission counted.
long long room_before_ellipsis(long long length, std::string_view mark);

}  // namespace plenary::templating::html
