// Node: a compiled piece of a template that can render itself. Immutable after compilation; render() is
// called from several threads at once and keeps what changes in Context and RenderState.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "templating/context.hpp"
#include "templating/value.hpp"

namespace plenary::templating {

class Template;

class Node {
 public:
  virtual ~Node() = default;
  virtual void render(Context& context, std::string& out) const = 0;
  virtual bool is_text() const { return false; }
  virtual bool must_be_first() const { return false; }
  // What it always puts out in the language that templates are written in, appended to `text`; none: that
  // depends on the page. Nodes of that kind beside each other become one when the template is compiled.
  enum class Fixed : unsigned char {
    none,
    translated,  // other languages have other words, the same on every page
    always
  };
  virtual Fixed fixed(std::string& text) const {
    (void)text;
    return Fixed::none;
  }

  // Where it stands, for errors. Set by the parser.
  std::string_view source_text;
  int line = 0, column = 0;
};

class NodeList {
 public:
  NodeList() = default;
  explicit NodeList(const Template* origin) : origin_(origin) {}
  void add(std::unique_ptr<Node> node) { nodes_.push_back(std::move(node)); }
  // Errors leave with the place of the innermost node.
  void render(Context& context, std::string& out) const;
  std::string render(Context& context) const;
  bool empty() const { return nodes_.empty(); }
  // Makes one node of fixed ones that stand beside each other; once, when all are there.
  void fold();

 private:
  std::vector<std::unique_ptr<Node>> nodes_;
  const Template* origin_ = nullptr;
};

// The text of a value as {{ }} puts it out: in local time, localized, escaped.
void render_value(const Value& value, Context& context, std::string& out);
// The same as a value: safe when autoescape is on.
Value rendered_value(const Value& value, Context& context);
// Escaped unless it is safe; the result is safe.
Value conditional_escape(const Value& value);
void append_escaped(std::string_view text, std::string& out);

}  // namespace plenary::templating
