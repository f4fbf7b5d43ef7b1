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

// A template's name as it is written out in another one. Each name of the process has a number, by which
// sources find its template without comparing texts.
class WrittenName {
 public:
  WrittenName() = default;
  explicit WrittenName(std::string_view text);  // any thread
  explicit operator bool() const { return number_ != 0; }
  std::size_t number() const { return number_; }
  const std::string& text() const { return *text_; }

 private:
  std::size_t number_ = 0;
  const std::string* text_ = nullptr;  // for as long as the process lives
};

// Finds templates for one render: always the same set, also while another thread reloads. What it answers
// lives as long as the source.
class TemplateSource {
 public:
  virtual ~TemplateSource() = default;
  // The first template of that name that is not in `skip`; null when there is none.
  virtual const Template* find(std::string_view name, const std::vector<const Template*>& skip) const = 0;
  virtual const Template* find(const WrittenName& name) const = 0;
};

// The blocks of a chain of templates, the most derived first. Those that are being rendered are taken.
class BlockContext {
 public:
  void add(const Template& parent_side);
  // The most derived block that is not taken; null: there is none left.
  const BlockNode* take(const Name& name);
  void put_back(const BlockNode* block);
  bool has(const Name& name) const;

 private:
  struct Entry {
    Name name;
    const BlockNode* block;
    bool taken = false;
  };
  std::vector<Entry> entries_;
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
    const Template* first = nullptr;
    std::unique_ptr<BlockContext> blocks;
    std::vector<const Template*> history;  // extends chain so far, from the first parent on the first too
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
  // Whether messages are shown as the template has them, in the context's language of this moment.
  bool speaks_source(const Context& context) {
    const bool same = asked_ && context.translator == asked_translator_ && context.locale == asked_locale_;
    return same ? speaks_source_ : ask_source(context);
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
  bool ask_source(const Context& context);

  std::size_t depth_ = 0;
  std::size_t iterations_ = 0;
  // What speaks_source() was answered last.
  std::string asked_locale_;
  const Translator* asked_translator_ = nullptr;
  bool asked_ = false, speaks_source_ = true;
};

// The limit on one value, for filters that could make a huge one.
void check_value_size(const Context& context, std::size_t bytes);

}  // namespace plenary::templating
