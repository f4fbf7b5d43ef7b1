// if, for, ifchanged, with, regroup. cycle and firstof are in tags_cycle.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "templating/builtins.hpp"
#include "templating/condition.hpp"
#include "templating/guards.hpp"
#include "templating/loop.hpp"
#include "templating/parser.hpp"
#include "templating/python.hpp"
#include "templating/render_state.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

const Name forloop_name("forloop");

class IfNode final : public Node {
 public:
  struct Branch {
    std::unique_ptr<Condition> condition;  // null: else
    NodeList content;
  };
  explicit IfNode(std::vector<Branch> branches) : branches_(std::move(branches)) {}

  void render(Context& context, std::string& out) const override {
    for (const Branch& branch : branches_) {
      if (!branch.condition || holds(*branch.condition, context)) return branch.content.render(context, out);
    }
  }

 private:
  static bool holds(const Condition& condition, Context& context) {
    try {
      return condition.holds(context);
    } catch (const VariableMissing&) {
      return false;
    }
  }
  std::vector<Branch> branches_;
};

std::vector<std::string_view> without_first(std::vector<std::string_view> bits) {
  bits.erase(bits.begin());
  return bits;
}

std::unique_ptr<Node> compile_if(Parser& parser, const Token& token) {
  std::vector<IfNode::Branch> branches;
  Token at = token;
  const auto add_condition = [&] {
    std::unique_ptr<Condition> condition;
    try {
      condition = compile_condition(parser, without_first(split_contents(at.contents)));
    } catch (TemplateError& error) {
      if (!error.has_place()) error.set_place(parser.result().name, at.line, at.column, at.whole);
      throw;
    }
    NodeList content = parser.parse({"elif", "else", "endif"});
    branches.push_back({std::move(condition), std::move(content)});
    at = parser.take();
  };
  add_condition();
  while (at.contents.substr(0, 4) == "elif") add_condition();
  if (at.contents == "else") {
    NodeList content = parser.parse({"endif"});
    branches.push_back({nullptr, std::move(content)});
    at = parser.take();
  }
  if (at.contents != "endif") {
    TemplateError error(fmt::format("'{}' is not expected here; after the if of line {} comes endif",
                                    at.contents, token.line));
    error.set_place(parser.result().name, at.line, at.column, at.whole);
    throw error;
  }
  return std::make_unique<IfNode>(std::move(branches));
}

class ForNode final : public Node {
 public:
  ForNode(std::vector<std::string_view> names, Expression sequence, bool reversed, NodeList content,
          NodeList empty)
      : sequence_(std::move(sequence)),
        reversed_(reversed),
        content_(std::move(content)),
        empty_(std::move(empty)) {
    for (std::string_view name : names) names_.emplace_back(name);
  }

  void render(Context& context, std::string& out) const override {
    Value parent;
    if (const Value* outer = context.find(forloop_name)) {
      parent = *outer;
    } else {
      static const Value none{make<Dict>()};
      parent = none;
    }
    const Context::Scope scope(context);
    const Value values = sequence_.value_or_null(context);
    if (values.kind() == Value::Kind::list) {
      const std::vector<Value>& items = values.list().items();
      return run(
          items.size(), [&](std::size_t i) -> Value { return items[i]; }, std::move(parent), context, out);
    }
    if (values.kind() == Value::Kind::object && values.object().is_sequence()) {
      const Object& object = values.object();
      return run(
          object.size(), [&](std::size_t i) { return object.at(i); }, std::move(parent), context, out);
    }
    if (values.is_null()) return empty_.render(context, out);
    const auto items = python::items(values);
    if (!items) {
      throw TemplateError(
          fmt::format("'{}' is not a list but {}", sequence_.text(), python::type_name(values)));
    }
    run(
        items->size(), [&](std::size_t i) { return (*items)[i]; }, std::move(parent), context, out);
  }

 private:
  template <class At>
  void run(std::size_t size, At at, Value parent, Context& context, std::string& out) const {
    if (size == 0) return empty_.render(context, out);
    const auto loop = make<ForLoop>(size, std::move(parent));
    context.set(forloop_name, Value(loop));
    RenderState& state = *context.state;
    for (std::size_t i = 0; i < size; ++i) {
      state.count_iteration();
      loop->index = i;
      Value item = at(reversed_ ? size - 1 - i : i);
      if (names_.size() == 1) {
        context.set(names_[0], std::move(item));
        content_.render(context, out);
      } else {
        const Context::Scope inner(context);
        unpack(item, context);
        content_.render(context, out);
      }
    }
  }

  void unpack(const Value& item, Context& context) const {
    const auto parts = python::items(item);
    const std::size_t found = parts ? parts->size() : 1;
    if (!parts || found != names_.size()) {
      throw TemplateError(fmt::format("the loop has {} names but an item has {} part{}: {}", names_.size(),
                                      found, found == 1 ? "" : "s", python::repr(item)));
    }
    for (std::size_t k = 0; k < names_.size(); ++k) context.set(names_[k], (*parts)[k]);
  }

  std::vector<Name> names_;
  Expression sequence_;
  bool reversed_;
  NodeList content_, empty_;
};

// "a, b ,c": the names between commas, however the blanks fall.
std::vector<std::string_view> loop_names(Parser& parser, const std::vector<std::string_view>& bits,
                                         std::size_t end, const Token& token) {
  std::string joined;
  for (std::size_t i = 1; i < end; ++i) joined += (i > 1 ? " " : "") + std::string(bits[i]);
  const std::string_view text = parser.keep(std::move(joined));
  std::vector<std::string_view> names;
  std::size_t begin = 0;
  while (true) {
    const std::size_t comma = text.find(',', begin);
    std::string_view name = text.substr(begin, comma == std::string_view::npos ? comma : comma - begin);
    while (!name.empty() && name.front() == ' ' && begin != 0) name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ' && comma != std::string_view::npos) name.remove_suffix(1);
    if (name.empty() || name.find_first_of(" \"'|") != std::string_view::npos) {
      parser.fail(fmt::format("'{}' is no name for a loop variable in '{}'", name, token.contents));
    }
    names.push_back(name);
    if (comma == std::string_view::npos) return names;
    begin = comma + 1;
  }
}

std::unique_ptr<Node> compile_for(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() < 4) parser.fail("for is written {% for item in list %}");
  const bool reversed = bits.back() == "reversed";
  const std::size_t in = bits.size() - (reversed ? 3 : 2);
  if (bits[in] != "in")
    parser.fail("for is written {% for item in list %}; the word 'in' is not where it belongs");
  auto names = loop_names(parser, bits, in, token);
  Expression sequence = parser.expression(bits[in + 1]);
  NodeList content = parser.parse({"empty", "endfor"});
  NodeList empty(&parser.result());
  if (parser.take().contents == "empty") empty = parser.parse_to("endfor");
  return std::make_unique<ForNode>(std::move(names), std::move(sequence), reversed, std::move(content),
                                   std::move(empty));
}

class IfChangedNode final : public Node {
 public:
  IfChangedNode(std::vector<Expression> watched, NodeList changed, NodeList same)
      : watched_(std::move(watched)), changed_(std::move(changed)), same_(std::move(same)) {}

  void render(Context& context, std::string& out) const override {
    std::string rendered;
    Value now;
    // Found before the content renders: the inner loop's own object would be another one.
    auto& memory = memory_of(context);
    if (watched_.empty()) {
      rendered = changed_.render(context);
      now = Value(rendered);
    } else {
      auto list = make<List>();
      for (const Expression& each : watched_) list->add(each.value_or_null(context));
      now = Value(std::move(list));
    }
    const auto before =
        std::find_if(memory.begin(), memory.end(), [&](const auto& m) { return m.first == this; });
    if (before != memory.end() && python::equal(before->second, now)) return same_.render(context, out);
    if (before != memory.end()) {
      before->second = std::move(now);
    } else {
      memory.emplace_back(this, std::move(now));
    }
    if (rendered.empty()) {
      changed_.render(context, out);
    } else {
      out += rendered;
    }
  }

 private:
  // Bound to the innermost loop: it forgets when the outer loop goes on.
  static std::vector<std::pair<const Node*, Value>>& memory_of(Context& context) {
    if (const Value* loop = context.find(forloop_name)) {
      if (loop->kind() == Value::Kind::object) {
        if (const auto* forloop = dynamic_cast<const ForLoop*>(&loop->object())) return forloop->changed;
      }
    }
    return context.state->frame->changed;
  }

  std::vector<Expression> watched_;
  NodeList changed_, same_;
};

std::unique_ptr<Node> compile_ifchanged(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  NodeList changed = parser.parse({"else", "endifchanged"});
  NodeList same(&parser.result());
  if (parser.take().contents == "else") same = parser.parse_to("endifchanged");
  return std::make_unique<IfChangedNode>(parser.expressions(bits, 1, bits.size()), std::move(changed),
                                         std::move(same));
}

class WithNode final : public Node {
 public:
  WithNode(std::vector<Parser::Assignment> values, NodeList content) : content_(std::move(content)) {
    for (Parser::Assignment& each : values) values_.emplace_back(Name(each.name), std::move(each.value));
  }
  void render(Context& context, std::string& out) const override {
    std::vector<Value> values;
    values.reserve(values_.size());
    for (const auto& each : values_) values.push_back(each.second.value(context));
    const Context::Scope scope(context);
    for (std::size_t i = 0; i < values_.size(); ++i) context.set(values_[i].first, std::move(values[i]));
    content_.render(context, out);
  }

 private:
  std::vector<std::pair<Name, Expression>> values_;
  NodeList content_;
};

std::unique_ptr<Node> compile_with(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  std::size_t at = 1;
  auto values = parser.assignments(bits, at, true);
  if (values.empty()) parser.fail("with needs at least one name=value");
  if (at < bits.size()) parser.fail(fmt::format("with cannot use '{}'; it takes name=value pairs", bits[at]));
  return std::make_unique<WithNode>(std::move(values), parser.parse_to("endwith"));
}

class RegroupNode final : public Node {
 public:
  RegroupNode(Expression list, Expression key, std::string_view variable)
      : list_(std::move(list)), key_(std::move(key)), variable_(variable) {}

  void render(Context& context, std::string&) const override {
    const Value list = list_.value_or_null(context);
    auto groups = make<List>();
    if (list.is_null()) return context.set(variable_, Value(std::move(groups)));
    const auto items = python::items(list);
    if (!items) {
      throw TemplateError(
          fmt::format("regroup needs a list; '{}' is {}", list_.text(), python::type_name(list)));
    }
    Value key;
    Ref<List> group;
    const auto close = [&] {
      if (!group) return;
      groups->add(Value(make<List>(std::vector<Value>{key, Value(group)}, List::Form::group)));
    };
    for (const Value& item : *items) {
      context.state->count_iteration();
      // The key is looked up as variable.key, so the item takes the variable's name for a moment.
      context.set(variable_, item);
      Value next = key_.value_or_null(context);
      if (!group || !python::equal(next, key)) {
        close();
        group = make<List>();
        key = std::move(next);
      }
      group->add(item);
    }
    close();
    context.set(variable_, Value(std::move(groups)));
  }

 private:
  Expression list_, key_;
  Name variable_;
};

std::unique_ptr<Node> compile_regroup(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() != 6 || bits[2] != "by" || bits[4] != "as") {
    parser.fail("regroup is written {% regroup list by attribute as groups %}");
  }
  Expression list = parser.expression(bits[1]);
  Expression key = parser.expression(parser.keep(fmt::format("{}.{}", bits[5], bits[3])));
  return std::make_unique<RegroupNode>(std::move(list), std::move(key), bits[5]);
}

}  // namespace

void add_flow_tags(Library& library) {
  library.tag("if", compile_if);
  library.tag("for", compile_for);
  library.tag("ifchanged", compile_ifchanged);
  library.tag("with", compile_with);
  library.tag("regroup", compile_regroup);
  add_cycle_tags(library);
}

}  // namespace plenary::templating
