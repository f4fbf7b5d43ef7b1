#include "templating/render_state.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>

#include "templating/tags_loader.hpp"
#include "templating/translation.hpp"

namespace plenary::templating {

WrittenName::WrittenName(std::string_view text) {
  static std::mutex mutex;
  static auto* const numbers = new std::map<std::string, std::size_t, std::less<>>();
  const std::lock_guard<std::mutex> lock(mutex);
  auto found = numbers->find(text);
  if (found == numbers->end()) found = numbers->emplace(std::string(text), numbers->size() + 1).first;
  number_ = found->second;
  text_ = &found->first;
}

void BlockContext::add(const Template& parent_side) {
  if (entries_.empty()) entries_.reserve(16);
  for (const BlockNode* block : parent_side.blocks) entries_.push_back({block->name(), block});
}

const BlockNode* BlockContext::take(const Name& name) {
  for (Entry& entry : entries_) {
    if (entry.taken || entry.name.hash != name.hash || entry.name.text != name.text) continue;
    entry.taken = true;
    return entry.block;
  }
  return nullptr;
}

void BlockContext::put_back(const BlockNode* block) {
  for (Entry& entry : entries_) {
    if (entry.block == block) entry.taken = false;
  }
}

bool BlockContext::has(const Name& name) const {
  for (const Entry& entry : entries_) {
    if (!entry.taken && entry.name.hash == name.hash && entry.name.text == name.text) return true;
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
  own.first = &tpl;
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

bool RenderState::ask_source(const Context& context) {
  const Translator* const translator = translator_of(context);
  speaks_source_ = !translator || translator->is_source(context.locale);
  asked_ = true;
  asked_locale_ = context.locale;
  asked_translator_ = context.translator;
  return speaks_source_;
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
