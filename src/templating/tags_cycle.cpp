// cycle, resetcycle, firstof.
#include <fmt/format.h>

#include <algorithm>

#include "templating/builtins.hpp"
#include "templating/parser.hpp"
#include "templating/render_state.hpp"

namespace plenary::templating {

class CycleNode final : public Node {
 public:
  CycleNode(std::vector<Expression> values, std::string_view variable, bool silent)
      : values_(std::move(values)), variable_(variable), silent_(silent) {}

  void render(Context& context, std::string& out) const override {
    std::size_t& at = position(context);
    const std::size_t index = at % values_.size();
    at = index + 1;
    Value scratch;
    const Value* value = values_[index].resolve(context, scratch);
    if (!variable_.text.empty()) {
      const Value kept = *value;
      context.set_upward(variable_, kept);
      if (!silent_) render_value(kept, context, out);
      return;
    }
    render_value(*value, context, out);
  }

  void reset(Context& context) const { position(context) = 0; }

 private:
  std::size_t& position(Context& context) const {
    auto& all = context.state->frame->cycles;
    for (auto& [node, at] : all) {
      if (node == this) return at;
    }
    return all.emplace_back(this, 0).second;
  }

  std::vector<Expression> values_;
  Name variable_;
  bool silent_;
};

namespace {

// {% cycle name %}: the cycle of that name goes on.
class CycleAgainNode final : public Node {
 public:
  explicit CycleAgainNode(const CycleNode& cycle) : cycle_(cycle) {}
  void render(Context& context, std::string& out) const override { cycle_.render(context, out); }

 private:
  const CycleNode& cycle_;
};

class ResetCycleNode final : public Node {
 public:
  explicit ResetCycleNode(const CycleNode& cycle) : cycle_(cycle) {}
  void render(Context& context, std::string&) const override { cycle_.reset(context); }

 private:
  const CycleNode& cycle_;
};

std::unique_ptr<Node> compile_cycle(Parser& parser, const Token& token) {
  auto bits = split_contents(token.contents);
  if (bits.size() < 2) parser.fail("cycle needs values: {% cycle 'odd' 'even' %}");
  if (bits.size() == 2) {
    const auto named = parser.named_cycles.find(bits[1]);
    if (named == parser.named_cycles.end()) {
      parser.fail(fmt::format("there is no cycle named '{}' before this place", bits[1]));
    }
    return std::make_unique<CycleAgainNode>(*named->second);
  }
  std::string_view name;
  bool silent = false;
  std::size_t end = bits.size();
  if (bits.size() > 4 && bits[end - 3] == "as") {
    if (bits.back() != "silent") {
      parser.fail(fmt::format("only 'silent' may follow the name of a cycle; found '{}'", bits.back()));
    }
    silent = true;
    name = bits[end - 2];
    end -= 3;
  } else if (bits.size() > 4 && bits[end - 2] == "as") {
    name = bits[end - 1];
    end -= 2;
  }
  auto node = std::make_unique<CycleNode>(parser.expressions(bits, 1, end), name, silent);
  if (!name.empty()) parser.named_cycles[name] = node.get();
  parser.last_cycle = node.get();
  return node;
}

std::unique_ptr<Node> compile_resetcycle(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() > 2) parser.fail("resetcycle takes at most one name");
  const CycleNode* cycle = parser.last_cycle;
  if (bits.size() == 2) {
    const auto named = parser.named_cycles.find(bits[1]);
    if (named == parser.named_cycles.end()) {
      parser.fail(fmt::format("there is no cycle named '{}' before this place", bits[1]));
    }
    cycle = named->second;
  }
  if (!cycle) parser.fail("there is no cycle before this place");
  return std::make_unique<ResetCycleNode>(*cycle);
}

class FirstOfNode final : public Node {
 public:
  FirstOfNode(std::vector<Expression> values, std::string_view variable)
      : values_(std::move(values)), variable_(variable) {}

  void render(Context& context, std::string& out) const override {
    Value first = Value::borrowed("");
    for (const Expression& each : values_) {
      Value scratch;
      const Value* value = each.resolve_or_null(context, scratch);
      if (!value->truth()) continue;
      if (variable_.text.empty()) return render_value(*value, context, out);
      first = rendered_value(*value, context);
      break;
    }
    if (!variable_.text.empty()) context.set(variable_, std::move(first));
  }

 private:
  std::vector<Expression> values_;
  Name variable_;
};

std::unique_ptr<Node> compile_firstof(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() < 2) parser.fail("firstof needs at least one value");
  std::size_t end = bits.size();
  std::string_view variable;
  if (end >= 3 && bits[end - 2] == "as") {
    variable = bits[end - 1];
    end -= 2;
  }
  return std::make_unique<FirstOfNode>(parser.expressions(bits, 1, end), variable);
}

}  // namespace

void add_cycle_tags(Library& library) {
  library.tag("cycle", compile_cycle);
  library.tag("resetcycle", compile_resetcycle);
  library.tag("firstof", compile_firstof);
}

}  // namespace plenary::templating
