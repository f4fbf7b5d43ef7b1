// urlize: addresses and e-mail addresses in plain text become links.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "templating/html.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating::html {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t max_url_length = 2048;

std::string_view without_trailing(std::string_view text, std::string_view characters) {
  while (!text.empty() && characters.find(text.back()) != npos) text.remove_suffix(1);
  return text;
}

struct Trimmed {
  std::string_view lead, middle;
  std::string trail;
};

// Brackets around and punctuation behind a word do not belong to its address.
Trimmed trim_punctuation(std::string_view word) {
  std::string_view middle = word;
  while (!middle.empty() && (middle[0] == '(' || middle[0] == '[')) middle.remove_prefix(1);
  Trimmed out{word.substr(0, word.size() - middle.size()), middle, {}};
  const auto count = [&](char c) { return std::count(middle.begin(), middle.end(), c); };
  long counts[2][2] = {{count('('), count(')')}, {count('['), count(']')}};
  bool again = true;
  while (again && !middle.empty()) {
    again = false;
    for (int k = 0; k < 2; ++k) {
      const char close = k == 0 ? ')' : ']';
      if (counts[k][0] >= counts[k][1] || middle.empty() || middle.back() != close) continue;
      const auto strip = static_cast<std::size_t>(counts[k][1] - counts[k][0]);
      // As Django does: the last `strip` characters go, and replace what was trimmed before.
      const std::size_t cut = std::min(strip, middle.size());
      out.trail = std::string(middle.substr(middle.size() - cut));
      middle.remove_suffix(cut);
      again = true;
      counts[k][1] -= static_cast<long>(strip);
    }
    const std::size_t amp = middle.rfind('&');
    std::string_view stripped = without_trailing(middle, amp == npos ? ".,:;!" : ".,:!");
    if (stripped.size() != middle.size()) {
      out.trail = std::string(middle.substr(stripped.size())) + out.trail;
      middle = stripped;
      again = true;
    }
    if (!middle.empty() && middle.back() == ';') {
      const std::string_view possible = middle.substr(amp == npos ? middle.size() - 1 : amp);
      const std::string plain = unescape(possible);
      if (plain == possible || (!plain.empty() && plain.back() == ';')) {
        stripped = without_trailing(middle, ".,:;!");
        const std::size_t semicolons = middle.size() - without_trailing(middle, ";").size();
        if (amp != npos && semicolons > 1) {
          const std::size_t recent = middle.find(';', stripped.size());
          out.trail = std::string(middle.substr(recent + 1)) + out.trail;
          middle = middle.substr(0, recent + 1);
        } else {
          out.trail = std::string(middle.substr(stripped.size())) + out.trail;
          middle = stripped;
        }
        again = true;
      }
    }
  }
  out.middle = middle;
  return out;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return unicode::lower(text.substr(0, prefix.size())) == prefix;
}

bool word_at(std::string_view text, std::size_t at) {
  return at < text.size() && unicode::is_word(unicode::next(text, at));
}

bool has_scheme(std::string_view text) {
  std::size_t at = starts_with_ignoring_case(text, "http://")    ? 7
                   : starts_with_ignoring_case(text, "https://") ? 8
                                                                 : npos;
  if (at == npos) return false;
  if (at < text.size() && text[at] == '[') ++at;
  return word_at(text, at);
}

// www.…, or a host that ends in one of the first top-level domains.
bool is_bare_host(std::string_view text) {
  if (starts_with_ignoring_case(text, "www.")) return true;
  if (starts_with_ignoring_case(text, "http") || !word_at(text, 0)) return false;
  const std::size_t first = unicode::width(text, 0);
  const std::string low = unicode::lower(text);
  if (low.size() != text.size()) return false;
  for (std::string_view domain : {".com", ".edu", ".gov", ".int", ".mil", ".net", ".org"}) {
    for (std::size_t at = low.find(domain, first + 1); at != npos; at = low.find(domain, at + 1)) {
      if (text.substr(first, at - first).find('@') != npos) break;
      const std::size_t end = at + domain.size();
      if (end == text.size() || text[end] == '/') return true;
    }
  }
  return false;
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  for (std::size_t at = 0; at < label.size();) {
    const char32_t c = unicode::next(label, at);
    const bool letter = c < 128 && (std::isalnum(static_cast<int>(c)) || c == '-');
    if (!letter && (c < 0xA1 || c > 0xFFFF)) return false;
  }
  return true;
}

bool is_email_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == npos || at == 0 || text.size() > 320) return false;
  const std::string_view user = text.substr(0, at), host = text.substr(at + 1);
  bool after_dot = true;
  for (const char c : user) {
    const bool atom = std::isalnum(static_cast<unsigned char>(c)) ||
                      std::string_view("-!#$%&'*+/=?^_`{}|~").find(c) != npos;
    if (!atom && (c != '.' || after_dot)) return false;
    after_dot = c == '.';
  }
  if (after_dot) return false;
  std::size_t labels = 0, begin = 0;
  std::string_view label;
  while (begin <= host.size()) {
    const std::size_t end = std::min(host.find('.', begin), host.size());
    label = host.substr(begin, end - begin);
    if (!is_label(label)) return false;
    ++labels;
    begin = end + 1;
  }
  // The top-level domain: at least two characters, not only digits.
  const bool has_letter = std::any_of(label.begin(), label.end(), [](char c) { return c < '0' || c > '9'; });
  return labels >= 2 && unicode::count(label) >= 2 && has_letter;
}

std::string quote_part(std::string_view part) {
  return percent_encode(percent_decode(part), "!$&'()*+,;=:/?#[]@~");
}

std::string plus_encode(std::string_view text) {
  std::string out = percent_encode(text, " ");
  std::replace(out.begin(), out.end(), ' ', '+');
  return out;
}

std::string quote_query(std::string_view query) {
  std::string out;
  std::size_t begin = 0;
  while (begin <= query.size()) {
    const std::size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view pair = query.substr(begin, end - begin);
    begin = end + 1;
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const auto decoded = [](std::string_view text) {
      std::string spaces(text);
      std::replace(spaces.begin(), spaces.end(), '+', ' ');
      // Twice, as Django does: once for the pair, once for each part.
      return percent_decode(percent_decode(spaces));
    };
    if (!out.empty()) out += '&';
    out += plus_encode(decoded(pair.substr(0, equals))) + "=";
    if (equals != npos) out += plus_encode(decoded(pair.substr(equals + 1)));
  }
  return out;
}

// An address with everything in it percent-encoded once.
std::string quoted_url(std::string_view url) {
  const std::string_view whole = url;
  std::string scheme;
  const std::size_t colon = url.find(':');
  if (colon != npos && colon > 0) {
    scheme = unicode::lower(url.substr(0, colon));
    url.remove_prefix(colon + 1);
  }
  std::string_view host, query, fragment;
  bool has_host = false;
  if (url.substr(0, 2) == "//") {
    has_host = true;
    const std::size_t end = std::min(url.find_first_of("/?#", 2), url.size());
    host = url.substr(2, end - 2);
    // Half a bracket: no address that could be taken apart.
    if ((host.find('[') == npos) != (host.find(']') == npos)) return quote_part(whole);
    url.remove_prefix(end);
  }
  const std::size_t hash = url.find('#');
  if (hash != npos) {
    fragment = url.substr(hash + 1);
    url = url.substr(0, hash);
  }
  const std::size_t mark = url.find('?');
  if (mark != npos) {
    query = url.substr(mark + 1);
    url = url.substr(0, mark);
  }
  std::string out = scheme.empty() ? "" : scheme + ":";
  if (has_host) out += "//" + quote_part(host);
  out += quote_part(url);
  const std::string quoted_query = query.empty() ? "" : quote_query(query);
  if (!quoted_query.empty()) out += "?" + quoted_query;
  if (!fragment.empty()) out += "#" + quote_part(fragment);
  return out;
}

std::string shortened(std::string_view text, long long limit) {
  if (limit < 0 || static_cast<long long>(unicode::count(text)) <= limit) return std::string(text);
  return std::string(
             text.substr(0, unicode::position(text, static_cast<std::size_t>(std::max(0LL, limit - 1))))) +
         "…";
}

std::string link_word(std::string_view word, bool safe_input, bool autoescape, long long limit) {
  const auto plain = [&] { return !safe_input && autoescape ? escaped(word) : std::string(word); };
  if (word.find_first_of(".@:") == npos) return plain();
  const Trimmed parts = trim_punctuation(word);
  std::string url;
  std::string_view attributes = " rel=\"nofollow\"";
  const bool short_enough = unicode::count(parts.middle) <= max_url_length;
  if (short_enough && has_scheme(parts.middle)) {
    url = quoted_url(unescape(parts.middle));
  } else if (short_enough && is_bare_host(parts.middle)) {
    url = quoted_url("http://" + unescape(parts.middle));
  } else if (parts.middle.find(':') == npos && is_email_address(parts.middle)) {
    const std::size_t at = parts.middle.rfind('@');
    url = "mailto:" + percent_encode(parts.middle.substr(0, at), "") + "@" +
          percent_encode(parts.middle.substr(at + 1), "");
    attributes = "";
  }
  if (url.empty()) return plain();
  std::string text = shortened(parts.middle, limit);
  std::string lead(parts.lead), trail(parts.trail);
  if (autoescape && !safe_input) {
    text = escaped(text);
    lead = escaped(lead);
    trail = escaped(trail);
  }
  return fmt::format("{}<a href=\"{}\"{}>{}</a>{}", lead, escaped(url), attributes, text, trail);
}

}  // namespace

std::string urlize(std::string_view text, bool safe_input, bool autoescape, long long limit) {
  std::string out;
  const auto separates = [](char32_t c) {
    return unicode::is_space(c) || c == '<' || c == '>' || c == '"' || c == '\'';
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    std::size_t after = at;
    const bool gap = separates(unicode::next(text, after));
    while (at < text.size()) {
      after = at;
      if (separates(unicode::next(text, after)) != gap) break;
      at = after;
    }
    out += link_word(text.substr(begin, at - begin), safe_input, autoescape, limit);
  }
  return out;
}

}  // namespace plenary::templating::html
