// autoescape, comment, filter, spaceless, verbatim, templatetag, now, widthratio, load. lorem is in
// lorem.cpp.
#include <fmt/format.h>

#include <cmath>

#include "templating/builtins.hpp"
#include "templating/formats.hpp"
#include "templating/guards.hpp"
#include "templating/parser.hpp"
#include "templating/python.hpp"
#include "templating/render_state.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

class EmptyNode final : public Node {
 public:
  void render(Context&, std::string&) const override {}
  Fixed fixed(std::string&) const override { return Fixed::always; }
};

class AutoescapeNode final : public Node {
 public:
  AutoescapeNode(bool on, NodeList content) : on_(on), content_(std::move(content)) {}
  void render(Context& context, std::string& out) const override {
    const Setting<bool> setting(context.autoescape, on_);
    content_.render(context, out);
  }

 private:
  bool on_;
  NodeList content_;
};

std::unique_ptr<Node> compile_autoescape(Parser& parser, const Token& token) {
  const auto bits = unicode::split_words(token.contents);
  if (bits.size() != 2 || (bits[1] != "on" && bits[1] != "off")) parser.fail("autoescape takes on or off");
  return std::make_unique<AutoescapeNode>(bits[1] == "on", parser.parse_to("endautoescape"));
}

std::unique_ptr<Node> compile_comment(Parser& parser, const Token&) {
  parser.skip_past("endcomment");
  return std::make_unique<EmptyNode>();
}

class FilterNode final : public Node {
 public:
  FilterNode(Expression filters, NodeList content)
      : filters_(std::move(filters)), content_(std::move(content)) {}
  void render(Context& context, std::string& out) const override {
    static const Name input("var");
    const Value content = Value::safe(content_.render(context));
    const Context::Scope scope(context);
    context.set(input, content);
    Value scratch;
    filters_.resolve(context, scratch)->append_text(out);
  }

 private:
  Expression filters_;
  NodeList content_;
};

std::unique_ptr<Node> compile_filter(Parser& parser, const Token& token) {
  const std::string_view filters = unicode::strip(token.contents.substr(6));
  if (filters.empty()) parser.fail("filter needs at least one filter: {% filter lower|force_escape %}");
  Expression expression = parser.expression(parser.keep(fmt::format("var|{}", filters)));
  for (std::string_view name : {"escape", "safe"}) {
    if (expression.uses_filter(name)) {
      parser.fail(fmt::format("filter cannot use '{}'; use autoescape instead", name));
    }
  }
  return std::make_unique<FilterNode>(std::move(expression), parser.parse_to("endfilter"));
}

class SpacelessNode final : public Node {
 public:
  explicit SpacelessNode(NodeList content) : content_(std::move(content)) {}
  void render(Context& context, std::string& out) const override {
    const std::string content = content_.render(context);
    const std::string_view text = unicode::strip(content);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t close = text.find('>', at);
      if (close == std::string_view::npos) {
        out += text.substr(at);
        return;
      }
      out += text.substr(at, close + 1 - at);
      std::size_t end = close + 1;
      while (end < text.size()) {
        std::size_t after = end;
        if (!unicode::is_space(unicode::next(text, after))) break;
        end = after;
      }
      at = end < text.size() && text[end] == '<' ? end : close + 1;
    }
  }

 private:
  NodeList content_;
};

std::unique_ptr<Node> compile_spaceless(Parser& parser, const Token&) {
  return std::make_unique<SpacelessNode>(parser.parse_to("endspaceless"));
}

class ContentNode final : public Node {
 public:
  explicit ContentNode(NodeList content) : content_(std::move(content)) {}
  void render(Context& context, std::string& out) const override { content_.render(context, out); }

 private:
  NodeList content_;
};

// The lexer has made text of everything inside.
std::unique_ptr<Node> compile_verbatim(Parser& parser, const Token&) {
  return std::make_unique<ContentNode>(parser.parse_to("endverbatim"));
}

class FixedNode final : public Node {
 public:
  explicit FixedNode(std::string_view text) : text_(text) {}
  void render(Context&, std::string& out) const override { out += text_; }
  Fixed fixed(std::string& text) const override {
    text += text_;
    return Fixed::always;
  }

 private:
  std::string_view text_;
};

std::unique_ptr<Node> compile_templatetag(Parser& parser, const Token& token) {
  static constexpr std::pair<std::string_view, std::string_view> bits[] = {
      {"openblock", "{%"}, {"closeblock", "%}"}, {"openvariable", "{{"}, {"closevariable", "}}"},
      {"openbrace", "{"},  {"closebrace", "}"},  {"opencomment", "{#"},  {"closecomment", "#}"}};
  const auto words = unicode::split_words(token.contents);
  if (words.size() == 2) {
    for (const auto& [name, text] : bits) {
      if (name == words[1]) return std::make_unique<FixedNode>(text);
    }
  }
  parser.fail(
      "templatetag takes one of openblock, closeblock, openvariable, closevariable, openbrace, closebrace, "
      "opencomment, closecomment");
}

class NowNode final : public Node {
 public:
  NowNode(std::string_view format, std::string_view variable) : format_(format), variable_(variable) {}
  void render(Context& context, std::string& out) const override {
    const Value now(context.current_time(), context.time_zone);
    const auto& locale = formats::locale_of(context.locale);
    std::string text;
    char letter = 0;
    formats::date(now, formats::named_format(format_.empty() ? "DATE_FORMAT" : format_, locale), context,
                  text, letter);
    if (variable_.text.empty()) {
      out += text;
    } else {
      context.set(variable_, Value(text));
    }
  }

 private:
  std::string_view format_;
  Name variable_;
};

std::unique_ptr<Node> compile_now(Parser& parser, const Token& token) {
  auto bits = split_contents(token.contents);
  std::string_view variable;
  if (bits.size() == 4 && bits[2] == "as") {
    variable = bits[3];
    bits.resize(2);
  }
  if (bits.size() != 2) parser.fail("now takes one format in quotes: {% now \"Y-m-d\" %}");
  const std::string_view quoted = bits[1];
  return std::make_unique<NowNode>(
      quoted.size() < 2 ? std::string_view() : quoted.substr(1, quoted.size() - 2), variable);
}

class WidthRatioNode final : public Node {
 public:
  WidthRatioNode(Expression value, Expression maximum, Expression width, std::string_view variable)
      : value_(std::move(value)),
        maximum_(std::move(maximum)),
        width_(std::move(width)),
        variable_(variable) {}

  void render(Context& context, std::string& out) const override {
    const std::string result = calculate(context);
    if (variable_.text.empty()) {
      out += result;
    } else {
      context.set(variable_, Value(result));
    }
  }

 private:
  std::string calculate(Context& context) const {
    const Value value = value_.value(context), maximum = maximum_.value(context);
    const python::Integer width = python::to_int(width_.value(context));
    if (!width.ok())
      throw TemplateError(
          fmt::format("the last value of widthratio must be a number; '{}' is none", width_.text()));
    const python::Real v = python::to_float(value), m = python::to_float(maximum);
    if (!v.ok() || !m.ok()) return {};
    if (m.value == 0) return "0";
    const double result = v.value / m.value * static_cast<double>(width.value);
    if (!std::isfinite(result)) return {};
    // Halves go to the even neighbour.
    const std::string text = fmt::format("{:.0f}", std::nearbyint(result));
    return text == "-0" ? "0" : text;
  }

  Expression value_, maximum_, width_;
  Name variable_;
};

std::unique_ptr<Node> compile_widthratio(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() != 4 && !(bits.size() == 6 && bits[4] == "as")) {
    parser.fail("widthratio is written {% widthratio value maximum width %}, and perhaps as name");
  }
  return std::make_unique<WidthRatioNode>(parser.expression(bits[1]), parser.expression(bits[2]),
                                          parser.expression(bits[3]),
                                          bits.size() == 6 ? bits[5] : std::string_view());
}

std::unique_ptr<Node> compile_load(Parser& parser, const Token& token) {
  const auto bits = unicode::split_words(token.contents);
  if (bits.size() >= 4 && bits[bits.size() - 2] == "from") {
    parser.load(bits.back(), std::vector<std::string_view>(bits.begin() + 1, bits.end() - 2));
  } else {
    for (std::size_t i = 1; i < bits.size(); ++i) parser.load(bits[i]);
  }
  return std::make_unique<EmptyNode>();
}

}  // namespace

void add_text_tags(Library& library) {
  library.tag("autoescape", compile_autoescape);
  library.tag("comment", compile_comment);
  library.tag("filter", compile_filter);
  library.tag("spaceless", compile_spaceless);
  library.tag("verbatim", compile_verbatim);
  library.tag("templatetag", compile_templatetag);
  library.tag("now", compile_now);
  library.tag("widthratio", compile_widthratio);
  library.tag("load", compile_load);
  add_lorem_tag(library);
}

}  // namespace plenary::templating
