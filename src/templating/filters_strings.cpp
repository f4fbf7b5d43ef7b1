// Filters on text: case, cutting, padding, wrapping, slugs. stringformat is in filter_stringformat.cpp.
#include <algorithm>

#include "templating/builtins.hpp"
#include "templating/filter_options.hpp"
#include "templating/html.hpp"
#include "templating/render_state.hpp"
#include "templating/translation.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

Value addslashes(const Value& v, const Value*, Context&) {
  std::string out;
  for (const char c : v.str()) {
    if (c == '\\' || c == '"' || c == '\'') out += '\\';
    out += c;
  }
  return Value(out);
}

Value cut(const Value& v, const Value* argument, Context& context) {
  if (!argument->is_string()) wrong_type(*argument, "cut", "a text to take out");
  const std::string_view what = argument->str();
  std::string out;
  if (what.empty()) {
    out = v.str();
  } else {
    std::string_view rest = v.str();
    for (std::size_t at; (at = rest.find(what)) != std::string_view::npos;
         rest = rest.substr(at + what.size())) {
      out += rest.substr(0, at);
    }
    out += rest;
  }
  check_value_size(context, out.size());
  Value result{std::string_view(out)};
  // Without their semicolons entities would turn into something else.
  return v.is_safe() && what != ";" ? std::move(result).marked_safe() : result;
}

enum class Side { left, center, right };

Value padded(const Value& v, const Value& argument, Side side, std::string_view filter, Context& context) {
  const std::int64_t width = whole_number(argument, filter);
  const auto length = static_cast<std::int64_t>(unicode::count(v.str()));
  if (width <= length) return v;
  check_value_size(context, static_cast<std::size_t>(width));
  const std::int64_t space = width - length;
  std::int64_t before = side == Side::left ? 0 : space;
  // Python puts the odd blank before when the width is odd.
  if (side == Side::center) before = space / 2 + (space & width & 1);
  std::string out(static_cast<std::size_t>(before), ' ');
  out += v.str();
  out.append(static_cast<std::size_t>(space - before), ' ');
  return Value(out);
}

Value slugify(const Value& v, const Value*, Context&) {
  std::string ascii;
  for (const char c : unicode::nfkd(v.str())) {
    if (static_cast<unsigned char>(c) < 128) ascii += c;
  }
  std::string out;
  bool gap = false;
  for (const char c : unicode::lower(ascii)) {
    if (c == '-' || unicode::is_space(static_cast<unsigned char>(c))) {
      gap = true;
    } else if (unicode::is_word(static_cast<unsigned char>(c))) {
      if (gap) out += '-';
      gap = false;
      out += c;
    }
  }
  const std::size_t begin = out.find_first_not_of("-_");
  if (begin == std::string::npos) return Value::borrowed("");
  return Value(std::string_view(out).substr(begin, out.find_last_not_of("-_") + 1 - begin));
}

// Title case, but letters after an apostrophe or a digit stay small.
Value title(const Value& v, const Value*, Context&) {
  const std::string text = unicode::title(v.str());
  std::string out;
  char before = 0, before_that = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool capital = c >= 'A' && c <= 'Z';
    const bool after_apostrophe = before == '\'' && before_that >= 'a' && before_that <= 'z';
    const bool after_digit = before >= '0' && before <= '9';
    out += capital && (after_apostrophe || after_digit) ? static_cast<char>(c + 32) : c;
    before_that = before;
    before = c;
  }
  return Value(out);
}

std::string with_ellipsis(const Context& context, std::string text) {
  const std::string mark = gettext(context, "String to return when truncating text", "%(truncated_text)s…");
  const std::string_view place = "%(truncated_text)s";
  const std::size_t at = mark.find(place);
  if (at == std::string::npos) return text + mark;
  return mark.substr(0, at) + text + mark.substr(at + place.size());
}

Value truncatechars(const Value& v, const Value* argument, Context& context) {
  const auto length = cut_length(*argument, "truncatechars");
  if (!length) return v;
  if (*length <= 0) return Value::borrowed("");
  const std::string text = unicode::nfc(v.str());
  const long long room = html::room_before_ellipsis(*length, with_ellipsis(context, {}));
  long long count = 0;
  std::size_t end = std::string::npos;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (unicode::is_combining(unicode::next(text, at))) continue;
    ++count;
    if (end == std::string::npos && count > room) end = begin;
    if (count > *length) {
      return Value(with_ellipsis(context, text.substr(0, end == std::string::npos ? 0 : end)));
    }
  }
  return Value(text);
}

Value truncatewords(const Value& v, const Value* argument, Context&) {
  const auto length = cut_length(*argument, "truncatewords");
  if (!length) return v;
  if (*length <= 0) return Value::borrowed("");
  const auto words = unicode::split_words(v.str());
  const bool longer = static_cast<std::int64_t>(words.size()) > *length;
  const std::size_t n = longer ? static_cast<std::size_t>(*length) : words.size();
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    if (i != 0) out += ' ';
    out += words[i];
  }
  constexpr std::string_view mark = " …";
  if (longer &&
      !(out.size() >= mark.size() && std::string_view(out).substr(out.size() - mark.size()) == mark)) {
    out += mark;
  }
  return Value(out);
}

Value urlencode(const Value& v, const Value* safe, Context&) {
  if (!safe || safe->is_null()) return Value(html::percent_encode(v.str(), "/"));
  if (!safe->is_string()) wrong_type(*safe, "urlencode", "the characters to leave as they are");
  return Value(html::percent_encode(v.str(), safe->str()));
}

// Tabs to the next multiple of eight.
std::string expand_tabs(std::string_view line) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = at;
    const char32_t c = unicode::next(line, at);
    if (c == '\t') {
      const std::size_t n = 8 - column % 8;
      out.append(n, ' ');
      column += n;
    } else {
      out += line.substr(begin, at - begin);
      column = c == '\n' || c == '\r' ? 0 : column + 1;
    }
  }
  return out;
}

// Breaks one line at blanks as Python's textwrap does; a word longer than the width stays whole.
void wrap_line(std::string_view line, std::int64_t width, std::vector<std::string>& lines) {
  const std::string text = expand_tabs(line);
  const auto is_blank = [](char c) { return c == ' ' || (c >= 9 && c <= 13); };
  const auto is_gap = [](std::string_view chunk) { return unicode::strip(chunk).empty(); };
  std::vector<std::string_view> chunks;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const bool blank = is_blank(text[at]);
    while (at < text.size() && is_blank(text[at]) == blank) ++at;
    chunks.push_back(std::string_view(text).substr(begin, at - begin));
  }
  const auto length = [](std::string_view s) { return static_cast<std::int64_t>(unicode::count(s)); };
  const std::size_t lines_before = lines.size();
  std::size_t i = 0;
  while (i < chunks.size()) {
    // A line does not begin with the blanks it was broken at, except the first.
    if (lines.size() > lines_before && is_gap(chunks[i])) ++i;
    std::vector<std::string_view> current;
    std::int64_t size = 0;
    while (i < chunks.size() && size + length(chunks[i]) <= width) {
      size += length(chunks[i]);
      current.push_back(chunks[i++]);
    }
    if (current.empty() && i < chunks.size() && length(chunks[i]) > width) current.push_back(chunks[i++]);
    if (!current.empty() && is_gap(current.back())) current.pop_back();
    if (current.empty()) continue;
    std::string joined;
    for (std::string_view chunk : current) joined += chunk;
    lines.push_back(std::move(joined));
  }
}

Value wordwrap(const Value& v, const Value* argument, Context&) {
  const std::int64_t width = whole_number(*argument, "wordwrap");
  std::vector<std::string> lines;
  for (std::string_view line : unicode::split_lines(v.str())) {
    const std::size_t before = lines.size();
    if (width <= 0) throw TemplateError("the filter 'wordwrap' needs a width above zero");
    wrap_line(line, width, lines);
    if (lines.size() == before) lines.emplace_back(line);
  }
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? "" : "\n") + lines[i];
  if (!v.str().empty() && v.str().back() == '\n') out += '\n';
  return Value(out);
}

Value make_list(const Value& v, const Value*, Context&) {
  return Value::list(*python::items(v));
}

Value phone2numeric(const Value& v, const Value*, Context&) {
  if (!v.is_string()) wrong_type(v, "phone2numeric", "a text");
  constexpr std::string_view keys = "22233344455566677778889999";
  std::string out = unicode::lower(v.str());
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = keys[static_cast<std::size_t>(c - 'a')];
  }
  return Value(out);
}

}  // namespace

void add_string_filters(Library& library) {
  const FilterOptions safe_text = options(Argument::none, true, true);
  const FilterOptions safe_text_argument = options(Argument::required, true, true);
  const FilterOptions text = options(Argument::none, false, true);
  library.filter("addslashes", addslashes, safe_text);
  library.filter(
      "capfirst", [](const Value& v, const Value*, Context&) { return Value(unicode::upper_first(v.str())); },
      safe_text);
  library.filter(
      "lower", [](const Value& v, const Value*, Context&) { return Value(unicode::lower(v.str())); },
      safe_text);
  // Entities are case-sensitive: the result is not safe.
  library.filter(
      "upper", [](const Value& v, const Value*, Context&) { return Value(unicode::upper(v.str())); }, text);
  library.filter("title", title, safe_text);
  library.filter("slugify", slugify, safe_text);
  library.filter("cut", cut, options(Argument::required, false, true));
  library.filter(
      "ljust",
      [](const Value& v, const Value* a, Context& c) { return padded(v, *a, Side::left, "ljust", c); },
      safe_text_argument);
  library.filter(
      "rjust",
      [](const Value& v, const Value* a, Context& c) { return padded(v, *a, Side::right, "rjust", c); },
      safe_text_argument);
  library.filter(
      "center",
      [](const Value& v, const Value* a, Context& c) { return padded(v, *a, Side::center, "center", c); },
      safe_text_argument);
  library.filter("truncatechars", truncatechars, safe_text_argument);
  library.filter("truncatewords", truncatewords, safe_text_argument);
  library.filter(
      "wordcount",
      [](const Value& v, const Value*, Context&) { return Value(unicode::split_words(v.str()).size()); },
      text);
  library.filter("wordwrap", wordwrap, safe_text_argument);
  library.filter("make_list", make_list, text);
  library.filter("urlencode", urlencode, options(Argument::optional, false, true));
  library.filter(
      "iriencode",
      [](const Value& v, const Value*, Context&) {
        return Value(html::percent_encode(v.str(), "/#%[]=:;$&()+,!?*@'~"));
      },
      safe_text);
  library.filter("phone2numeric", phone2numeric, options(Argument::none, true));
  add_stringformat_filter(library);
}

}  // namespace plenary::templating
