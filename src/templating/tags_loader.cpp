// block, extends, include. source: the Django template language, template inheritance.
#include "templating/tags_loader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "templating/builtins.hpp"
#include "templating/guards.hpp"
#include "templating/parser.hpp"
#include "templating/python.hpp"
#include "templating/render_state.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

// {{ block.super }} and {{ block.name }}. Lives in the block's own scope only.
class BlockObject final : public Object {
 public:
  BlockObject(const BlockNode& block, Context& context, bool inherits)
      : block_(block), context_(context), inherits_(inherits) {}

  Value get(std::string_view name) const override {
    if (name == "name") return Value::borrowed(block_.name().text);
    if (name != "super") return Value::undefined();
    if (!inherits_) {
      throw TemplateError(
          "{{ block.super }} stands in a template that is not extended; there is no parent block");
    }
    if (!context_.state->frame->blocks->has(block_.name())) return Value::borrowed_safe("");
    std::string out;
    block_.render(context_, out);
    return Value::safe(out);
  }

 private:
  const BlockNode& block_;
  Context& context_;
  bool inherits_;
};

// "./x" and "../x" are relative to the template the tag stands in.
std::string absolute_name(const std::string& current, std::string_view name, bool may_be_itself) {
  if (name.substr(0, 2) != "./" && name.substr(0, 3) != "../") return std::string(name);
  std::vector<std::string_view> parts;
  const auto add = [&](std::string_view path) {
    std::size_t begin = 0;
    while (begin <= path.size()) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      const std::string_view part = path.substr(begin, end - begin);
      begin = end + 1;
      if (part.empty() || part == ".") continue;
      if (part == ".." && !parts.empty() && parts.back() != "..") {
        parts.pop_back();
      } else {
        parts.push_back(part);
      }
    }
  };
  const std::string_view own = current;
  const std::size_t slash = own.rfind('/');
  if (slash != std::string_view::npos) add(own.substr(0, slash));
  add(name);
  std::string out;
  for (std::string_view part : parts) out += (out.empty() ? "" : "/") + std::string(part);
  if (!parts.empty() && parts[0] == "..") {
    throw TemplateError(fmt::format("the path '{}' leaves the template folder", name));
  }
  if (!may_be_itself && out == current) {
    throw TemplateError(fmt::format("the path '{}' means this template itself", name));
  }
  return out;
}

// An expression for a template's name; relative paths in quotes are resolved while compiling.
Expression name_expression(Parser& parser, std::string_view bit, bool may_be_itself) {
  const bool quoted = bit.size() >= 2 && (bit[0] == '"' || bit[0] == '\'') && bit.back() == bit[0];
  if (!quoted) return parser.expression(bit);
  const std::string_view inner = bit.substr(1, bit.size() - 2);
  const std::string absolute = absolute_name(parser.result().name, inner, may_be_itself);
  if (absolute == inner) return parser.expression(bit);
  return parser.expression(parser.keep("\"" + absolute + "\""));
}

void note_reference(Parser& parser, const Token& token, const Expression& name, bool is_parent) {
  const std::string_view literal = name.literal_string();
  if (literal.empty()) return;
  parser.result().references.push_back(
      {std::string(literal), token.line, token.column, token.whole, is_parent});
}

class ExtendsNode final : public Node {
 public:
  ExtendsNode(const Template& own, Expression parent, NodeList content)
      : own_(own), parent_(std::move(parent)), content_(std::move(content)) {}
  bool must_be_first() const override { return true; }

  void render(Context& context, std::string& out) const override {
    const Value name = parent_.value(context);
    if (!name.truth()) {
      throw TemplateError(fmt::format("'{}' names no template to extend; its value is {}", parent_.text(),
                                      python::repr(name)));
    }
    RenderState& state = *context.state;
    std::vector<const Template*>& history = state.frame->history;
    if (history.empty()) history.push_back(state.frame->first);
    const std::string wanted = name.to_text();
    const Template* parent = state.source.find(wanted, history);
    if (!parent) {
      const bool circle = state.source.find(wanted, {}) != nullptr;
      throw TemplateNotFound(
          circle ? fmt::format("the templates extend each other in a circle: '{}' comes again", wanted)
                 : fmt::format("there is no template '{}' to extend", wanted));
    }
    history.push_back(parent);
    if (!state.frame->blocks) state.frame->blocks = std::make_unique<BlockContext>();
    state.frame->blocks->add(own_);
    if (!parent->extends) state.frame->blocks->add(*parent);
    state.render_parent(*parent, context, out);
  }

 private:
  const Template& own_;
  Expression parent_;
  NodeList content_;  // owns the blocks
};

class IncludeNode final : public Node {
 public:
  IncludeNode(const Template& own, Expression name, std::vector<Parser::Assignment> values, bool only)
      : own_(own), name_(std::move(name)), only_(only) {
    if (const std::string_view text = name_.literal_string(); !text.empty() && text[0] != '.')
      written_ = WrittenName(text);
    for (Parser::Assignment& each : values) values_.emplace_back(Name(each.name), std::move(each.value));
  }

  void render(Context& context, std::string& out) const override {
    const Template& tpl = choose(context);
    std::vector<Value> values;
    if (!values_.empty()) values.reserve(values_.size());
    for (const auto& each : values_) values.push_back(each.second.value(context));
    const auto put = [&] {
      for (std::size_t i = 0; i < values_.size(); ++i) context.set(values_[i].first, std::move(values[i]));
      context.state->render_isolated(tpl, context, out);
    };
    if (only_) {
      const Isolation alone(context);
      put();
    } else {
      const Context::Scope scope(context);
      put();
    }
  }

 private:
  const Template& choose(Context& context) const {
    const TemplateSource& source = context.state->source;
    if (written_) {
      if (const Template* found = source.find(written_)) return *found;
    }
    Value scratch;
    const Value& name = *name_.resolve(context, scratch);
    if (name.is_string() && !name.str().empty()) {
      const std::string_view text = name.str();
      const Template* found =
          text[0] == '.' ? source.find(absolute_name(own_.name, text, true), {}) : source.find(text, {});
      if (found) return *found;
      throw TemplateNotFound(fmt::format("there is no template '{}' to include", text));
    }
    // A list of names: the first that exists.
    std::string tried;
    if (const auto items = name.truth() ? python::items(name) : std::vector<Value>{}) {
      for (const Value& each : *items) {
        if (const Template* found = source.find(each.to_text(), {})) return *found;
        tried += (tried.empty() ? "" : ", ") + each.to_text();
      }
      throw TemplateNotFound(tried.empty() ? fmt::format("'{}' names no template to include", name_.text())
                                           : fmt::format("none of these templates exists: {}", tried));
    }
    throw TemplateError(fmt::format("'{}' is no template name but {}", name_.text(), python::repr(name)));
  }

  const Template& own_;
  Expression name_;
  WrittenName written_;
  std::vector<std::pair<Name, Expression>> values_;
  bool only_;
};

std::unique_ptr<Node> compile_block(Parser& parser, const Token& token) {
  parser.refuse_in_keep("block");
  const auto bits = unicode::split_words(token.contents);
  if (bits.size() != 2) parser.fail("block takes one name: {% block content %}");
  const std::string_view name = bits[1];
  Template& result = parser.result();
  if (!parser.block_names.insert(name).second) {
    parser.fail(fmt::format("the block '{}' appears twice in this template", name));
  }
  NodeList content = parser.parse({"endblock"});
  const Token end = parser.take();
  if (end.contents != "endblock" && end.contents != "endblock " + std::string(name)) {
    TemplateError error(fmt::format("this ends another block; {{% endblock {} %}} is expected", name));
    error.set_place(result.name, end.line, end.column, end.whole);
    throw error;
  }
  auto node = std::make_unique<BlockNode>(name, std::move(content));
  result.blocks.push_back(node.get());
  return node;
}

std::unique_ptr<Node> compile_extends(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() != 2) parser.fail("extends takes one template name: {% extends \"base.html\" %}");
  if (parser.result().extends) parser.fail("extends appears twice in this template");
  Expression name = name_expression(parser, bits[1], false);
  parser.result().extends = true;
  note_reference(parser, token, name, true);
  NodeList content = parser.parse({});
  return std::make_unique<ExtendsNode>(parser.result(), std::move(name), std::move(content));
}

std::unique_ptr<Node> compile_include(Parser& parser, const Token& token) {
  parser.refuse_in_keep("include");
  const auto bits = split_contents(token.contents);
  if (bits.size() < 2) parser.fail("include needs a template name: {% include \"part.html\" %}");
  std::vector<Parser::Assignment> values;
  bool only = false, with = false;
  for (std::size_t at = 2; at < bits.size();) {
    const std::string_view option = bits[at++];
    if ((option == "with" && with) || (option == "only" && only)) {
      parser.fail(fmt::format("include has '{}' twice", option));
    }
    if (option == "with") {
      with = true;
      values = parser.assignments(bits, at, false);
      if (values.empty()) parser.fail("include … with needs at least one name=value");
    } else if (option == "only") {
      only = true;
    } else {
      parser.fail(fmt::format("include does not know '{}'; with name=value and only are possible", option));
    }
  }
  Expression name = name_expression(parser, bits[1], true);
  note_reference(parser, token, name, false);
  return std::make_unique<IncludeNode>(parser.result(), std::move(name), std::move(values), only);
}

}  // namespace

void BlockNode::render(Context& context, std::string& out) const {
  RenderState::Frame& frame = *context.state->frame;
  const Context::Scope scope(context);
  static const Name name("block");
  if (!frame.blocks) {
    context.set(name, Value(make<BlockObject>(*this, context, false)));
    content_.render(context, out);
    return;
  }
  const BlockNode* taken = frame.blocks->take(name_);
  const BlockNode* block = taken ? taken : this;
  // Put back also when rendering fails: {{ block.super }} may be asked for again.
  struct PutBack {
    BlockContext& blocks;
    const BlockNode* block;
    ~PutBack() {
      if (block) blocks.put_back(block);
    }
  } put_back{*frame.blocks, taken};
  context.set(name, Value(make<BlockObject>(*block, context, true)));
  block->content_.render(context, out);
}

void add_loader_tags(Library& library) {
  library.tag("block", compile_block);
  library.tag("extends", compile_extends);
  library.tag("include", compile_include);
}

}  // namespace plenary::templating
