#include "support/site/page_text.hpp"

#include <algorithm>

namespace plenary::site::testing {
namespace {

std::string unescaped(std::string text) {
  for (const auto& [from, to] : {std::pair{"&lt;", "<"},
                                 {"&gt;", ">"},
                                 {"&quot;", "\""},
                                 {"&#x27;", "'"},
                                 {"&#39;", "'"},
                                 {"&nbsp;", " "},
                                 {"&amp;", "&"}}) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at) {
      text.replace(at, std::string_view(from).size(), to);
    }
  }
  return text;
}

std::string trimmed_text(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string()
                                         : unescaped(std::string(text.substr(first, last + 1 - first)));
}

std::string attribute(std::string_view tag, std::string_view name) {
  const std::string start = " " + std::string(name) + "=\"";
  const std::size_t at = tag.find(start);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + start.size();
  return unescaped(std::string(tag.substr(from, tag.find('"', from) - from)));
}

// The end of the tag at `at`; a ">" inside of a quoted value is none.
std::size_t end_of_tag(std::string_view html, std::size_t at) {
  bool quoted = false;
  for (; at < html.size(); ++at) {
    if (html[at] == '"') quoted = !quoted;
    if (html[at] == '>' && !quoted) return at;
  }
  return html.size();
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::vector<std::string> texts_of(std::string_view html) {
  std::vector<std::string> texts;
  const auto add = [&](std::string text) {
    if (!text.empty()) texts.push_back(std::move(text));
  };
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t open = std::min(html.find('<', at), html.size());
    add(trimmed_text(html.substr(at, open - at)));
    if (open == html.size()) break;
    const std::size_t end = end_of_tag(html, open);
    const std::string_view tag = html.substr(open, end - open);
    at = end + 1;
    for (const char* name : {"alt", "title", "placeholder", "aria-label", "data-label"}) {
      add(trimmed_text(attribute(tag, name)));
    }
    if (tag.starts_with("<input") && attribute(tag, "type") == "submit") add(attribute(tag, "value"));
    for (const std::string_view silent : {"script", "style", "code", "pre"}) {
      if (!tag.substr(1).starts_with(silent)) continue;
      if (tag.size() > silent.size() + 1 && is_letter(tag[silent.size() + 1])) continue;
      at = std::min(html.find("</" + std::string(silent), at), html.size());
    }
  }
  return texts;
}

std::string plain_rest(std::string_view text, const std::vector<std::string>& data) {
  std::string rest;
  int depth = 0;
  for (const char c : text) {
    if (c == '[') ++depth;
    if (depth == 0) rest += c;
    if (c == ']' && depth > 0) --depth;
  }
  for (const std::string& known : data) {
    for (std::size_t at = 0; (at = rest.find(known)) != std::string::npos;) rest.erase(at, known.size());
  }
  return std::any_of(rest.begin(), rest.end(), is_letter) ? rest : std::string();
}

std::vector<std::string> links_of(std::string_view html) {
  std::vector<std::string> links;
  for (std::size_t at = 0; (at = html.find("<a ", at)) != std::string_view::npos; ++at) {
    std::string link = attribute(html.substr(at, end_of_tag(html, at) - at), "href");
    link = link.substr(0, link.find('#'));
    if (link.starts_with('/') && std::find(links.begin(), links.end(), link) == links.end()) {
      links.push_back(std::move(link));
    }
  }
  return links;
}

}  // namespace plenary::site::testing
