// RenderState: what one render carries besides its variables: the set of templates it began with, the blocks
// of the inheritance chain, positions of cycles, counts against the limits. Lives on the stack of
// Engine::render.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "templating/context.hpp"
#include "templating/engine.hpp"
#include "templating/template.hpp"

namespace plenary::templating {

// Finds templates for one render: always the same set, also while another thread reloads. What it answers
// lives as long as the source.
class TemplateSource {
 public:
  virtual ~TemplateSource() = default;
  // The first template of that name that is not in `skip`; null when there is none.
  virtual const Template* find(std::string_view name, const std::vector<const Template*>& skip) const = 0;
};

// The most derived block of each name is last.
class BlockContext {
 public:
  void add(const Template& parent_side);
  const BlockNode* pop(std::string_view name);
  void push(std::string_view name, const BlockNode* block);
  bool has(std::string_view name) const;

 private:
  struct Chain {
    std::string_view name;
    std::vector<const BlockNode*> blocks;
  };
  Chain* chain(std::string_view name);
  std::vector<Chain> chains_;
};

class RenderState {
 public:
  RenderState(const EngineOptions& options, const TemplateSource& source, Context& context)
      : options(options), source(source), context_(context), outer_(context.state) {
    context.state = this;
  }
  ~RenderState() { context_.state = outer_; }
  RenderState(const RenderState&) = delete;
  RenderState& operator=(const RenderState&) = delete;

  // State of one template and the ones it extends; an included template has its own.
  struct Frame {
    std::unique_ptr<BlockContext> blocks;
    std::vector<const Template*> history;  // extends chain so far
    std::vector<std::pair<const Node*, std::size_t>> cycles;
    std::vector<std::pair<const Node*, Value>> changed;
  };

  // Renders as an included template does: with a frame of its own. Throws TemplateLimit.
  void render_isolated(const Template& tpl, Context& context, std::string& out);
  // As a parent does: in the same frame.
  void render_parent(const Template& tpl, Context& context, std::string& out);
  void count_iteration() {
    if (++iterations_ > options.limits.iterations) too_many_iterations();
  }
  void check_size(std::size_t bytes) const {
    if (bytes > options.limits.output_bytes) too_large();
  }
  [[noreturn]] void too_large() const;
  [[noreturn]] void too_deep() const;

  const EngineOptions& options;
  const TemplateSource& source;
  Frame* frame = nullptr;
  std::size_t level = 0;  // node lists inside each other, over all templates
  static constexpr std::size_t max_level = 800;

 private:
  [[noreturn]] void too_many_iterations() const;

  Context& context_;
  RenderState* outer_;
  std::size_t depth_ = 0;
  std::size_t iterations_ = 0;
};

// The limit on one value, for filters that could make a huge one.
void check_value_size(const Context& context, std::size_t bytes);

}  // namespace plenary::templating
