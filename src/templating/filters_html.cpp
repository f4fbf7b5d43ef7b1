// Filters that make or unmake HTML: escape, safe, linebreaks, urlize, striptags, truncate*_html, json_script.
#include "templating/builtins.hpp"
#include "templating/filter_options.hpp"
#include "templating/html.hpp"
#include "templating/json_text.hpp"
#include "templating/node.hpp"
#include "templating/render_state.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

std::string with_newlines(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
      out += '\n';
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string with_breaks(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "<br>";
    } else {
      out += c;
    }
  }
  return out;
}

Value linebreaks(const Value& v, const Value*, Context& context) {
  const bool escape = context.autoescape && !v.is_safe();
  const std::string text = with_newlines(v.str());
  std::string out;
  std::size_t begin = 0;
  while (true) {
    const std::size_t gap = text.find("\n\n", begin);
    const std::string_view paragraph =
        std::string_view(text).substr(begin, gap == std::string::npos ? gap : gap - begin);
    out += "<p>" + with_breaks(escape ? html::escaped(paragraph) : std::string(paragraph)) + "</p>";
    if (gap == std::string::npos) break;
    begin = text.find_first_not_of('\n', gap);
    if (begin == std::string::npos) begin = text.size();
    out += "\n\n";
  }
  return Value::safe(out);
}

Value linebreaksbr(const Value& v, const Value*, Context& context) {
  const std::string text = with_newlines(v.str());
  return Value::safe(with_breaks(context.autoescape && !v.is_safe() ? html::escaped(text) : text));
}

Value linenumbers(const Value& v, const Value*, Context& context) {
  const bool escape = context.autoescape && !v.is_safe();
  std::vector<std::string_view> lines;
  std::string_view rest = v.str();
  for (std::size_t end; (end = rest.find('\n')) != std::string_view::npos; rest = rest.substr(end + 1)) {
    lines.push_back(rest.substr(0, end));
  }
  lines.push_back(rest);
  const std::size_t width = fmt::format("{}", lines.size()).size();
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i != 0) out += '\n';
    out += fmt::format("{:0{}}. {}", i + 1, width, escape ? html::escaped(lines[i]) : std::string(lines[i]));
  }
  return Value::safe(out);
}

Value json_script(const Value& v, const Value* id, Context&) {
  std::string text;
  for (const char c : json_text(v)) {
    if (c == '<') {
      text += "\\u003C";
    } else if (c == '>') {
      text += "\\u003E";
    } else if (c == '&') {
      text += "\\u0026";
    } else {
      text += c;
    }
  }
  std::string attribute;
  if (id && id->truth()) attribute = fmt::format("id=\"{}\" ", conditional_escape(*id).str());
  return Value::safe(fmt::format("<script {}type=\"application/json\">{}</script>", attribute, text));
}

Value each_item(const Value& v, std::string_view filter, Value (*change)(const Value&)) {
  const auto items = python::items(v);
  if (!items) wrong_type(v, filter, "a list");
  auto list = make<List>();
  for (const Value& item : *items) list->add(change(item));
  return Value(std::move(list));
}

template <std::string (*truncate)(std::string_view, long long)>
Value truncate_html(const Value& v, const Value* argument, Context&) {
  const auto length = cut_length(*argument, "truncate…_html");
  return length ? Value(truncate(v.str(), *length)) : v;
}

}  // namespace

void add_html_filters(Library& library) {
  const FilterOptions safe_text = options(Argument::none, true, true);
  library.filter(
      "escape", [](const Value& v, const Value*, Context&) { return conditional_escape(v); }, safe_text);
  library.filter(
      "force_escape",
      [](const Value& v, const Value*, Context&) { return Value::safe(html::escaped(v.str())); }, safe_text);
  library.filter(
      "safe", [](const Value& v, const Value*, Context&) { return v.marked_safe(); }, safe_text);
  library.filter(
      "escapejs",
      [](const Value& v, const Value*, Context&) { return Value::safe(html::escape_js(v.str())); },
      options(Argument::none, false, true));
  library.filter(
      "escapeseq",
      [](const Value& v, const Value*, Context&) { return each_item(v, "escapeseq", conditional_escape); },
      options(Argument::none, true));
  library.filter(
      "safeseq",
      [](const Value& v, const Value*, Context&) {
        return each_item(v, "safeseq", [](const Value& item) { return item.marked_safe(); });
      },
      options(Argument::none, true));
  library.filter("linebreaks", linebreaks, safe_text);
  library.filter("linebreaksbr", linebreaksbr, safe_text);
  library.filter("linenumbers", linenumbers, safe_text);
  library.filter(
      "striptags", [](const Value& v, const Value*, Context&) { return Value(html::strip_tags(v.str())); },
      safe_text);
  library.filter("truncatechars_html", truncate_html<html::truncate_chars>,
                 options(Argument::required, true, true));
  library.filter("truncatewords_html", truncate_html<html::truncate_words>,
                 options(Argument::required, true, true));
  library.filter(
      "urlize",
      [](const Value& v, const Value*, Context& c) {
        return Value::safe(html::urlize(v.str(), v.is_safe(), c.autoescape, -1));
      },
      safe_text);
  library.filter(
      "urlizetrunc",
      [](const Value& v, const Value* limit, Context& c) {
        const std::int64_t n = whole_number(*limit, "urlizetrunc");
        return Value::safe(html::urlize(v.str(), v.is_safe(), c.autoescape, std::max<std::int64_t>(n, 0)));
      },
      options(Argument::required, true, true));
  library.filter("json_script", json_script, options(Argument::optional, true));
}

}  // namespace plenary::templating
