#include "templating/render_state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "templating/tags_loader.hpp"

namespace plenary::templating {

BlockContext::Chain* BlockContext::chain(std::string_view name) {
  for (Chain& c : chains_) {
    if (c.name == name) return &c;
  }
  return nullptr;
}

void BlockContext::add(const Template& parent_side) {
  for (const BlockNode* block : parent_side.blocks) {
    Chain* c = chain(block->name());
    if (!c) {
      chains_.push_back({block->name(), {}});
      c = &chains_.back();
    }
    c->blocks.insert(c->blocks.begin(), block);
  }
}

const BlockNode* BlockContext::pop(std::string_view name) {
  Chain* c = chain(name);
  if (!c || c->blocks.empty()) return nullptr;
  const BlockNode* block = c->blocks.back();
  c->blocks.pop_back();
  return block;
}

void BlockContext::push(std::string_view name, const BlockNode* block) {
  chain(name)->blocks.push_back(block);
}

bool BlockContext::has(std::string_view name) const {
  for (const Chain& c : chains_) {
    if (c.name == name) return !c.blocks.empty();
  }
  return false;
}

namespace {

class Depth {
 public:
  Depth(std::size_t& depth, const RenderState& state) : depth_(depth) {
    if (depth_ >= state.options.limits.depth) state.too_deep();
    ++depth_;
  }
  ~Depth() { --depth_; }

 private:
  std::size_t& depth_;
};

}  // namespace

void RenderState::render_isolated(const Template& tpl, Context& context, std::string& out) {
  const Depth depth(depth_, *this);
  Frame own;
  own.history.push_back(&tpl);
  Frame* const outer = frame;
  frame = &own;
  struct Restore {
    RenderState& state;
    Frame* outer;
    ~Restore() { state.frame = outer; }
  } restore{*this, outer};
  tpl.nodes.render(context, out);
}

void RenderState::render_parent(const Template& tpl, Context& context, std::string& out) {
  const Depth depth(depth_, *this);
  tpl.nodes.render(context, out);
}

void RenderState::too_large() const {
  throw TemplateLimit(
      fmt::format("the result is larger than {} bytes; render less at once or raise the limit",
                  options.limits.output_bytes));
}

void RenderState::too_deep() const {
  throw TemplateLimit(fmt::format(
      "templates extend or include each other more than {} levels deep; probably a template includes itself",
      options.limits.depth));
}

void RenderState::too_many_iterations() const {
  throw TemplateLimit(fmt::format("loops of this page run more than {} times", options.limits.iterations));
}

void check_value_size(const Context& context, std::size_t bytes) {
  if (context.state) context.state->check_size(bytes);
}

}  // namespace plenary::templating
