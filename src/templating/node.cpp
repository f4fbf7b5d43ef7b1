#include "templating/node.hpp"

#include <atomic>
#include <utility>

#include "templating/error.hpp"
#include "templating/formats.hpp"
#include "templating/html.hpp"
#include "templating/python.hpp"
#include "templating/render_state.hpp"
#include "templating/translation.hpp"

namespace plenary::templating {
namespace {

// Fixed nodes as one piece of text: of the source language from the start, of every other one from the first
// page that shows it.
class RunNode final : public Node {
 public:
  RunNode(NodeList parts, std::string text, bool translated)
      : parts_(std::move(parts)), text_(std::move(text)), translated_(translated) {}
  ~RunNode() override {
    for (const Rendition* one = renditions_; one;) delete std::exchange(one, one->next);
  }

  void render(Context& context, std::string& out) const override {
    if (!translated_ || context.state->speaks_source(context)) {
      out += text_;
      return;
    }
    const Translator* const translator = translator_of(context);
    const void* const edition = translator->edition();
    const Rendition* const first = renditions_.load(std::memory_order_acquire);
    std::size_t kept = 0;
    for (const Rendition* one = first; one; one = one->next, ++kept) {
      if (one->edition != edition || one->translator != translator || one->locale != context.locale) continue;
      out += one->text;
      return;
    }
    const std::size_t begin = out.size();
    parts_.render(context, out);
    if (!edition || kept >= most) return;
    auto made =
        std::make_unique<Rendition>(Rendition{context.locale, translator, edition, out.substr(begin), first});
    // Where another thread was first, one of both is shown and the other is found by nobody.
    while (!renditions_.compare_exchange_weak(made->next, made.get(), std::memory_order_acq_rel)) {
    }
    made.release();
  }

 private:
  struct Rendition {
    std::string locale;
    const Translator* translator;
    const void* edition;
    std::string text;
    const Rendition* next;
  };
  static constexpr std::size_t most = 32;  // languages times editions of their words

  NodeList parts_;
  std::string text_;
  bool translated_;
  mutable std::atomic<const Rendition*> renditions_ = nullptr;
};

class Level {
 public:
  explicit Level(RenderState& state) : state_(state) {
    if (++state_.level > RenderState::max_level) {
      --state_.level;
      state_.too_deep();
    }
  }
  ~Level() { --state_.level; }

 private:
  RenderState& state_;
};

}  // namespace

void NodeList::render(Context& context, std::string& out) const {
  RenderState& state = *context.state;
  const Level level(state);
  std::size_t i = 0;
  const auto place = [&](TemplateError& error) {
    if (error.has_place() || i >= nodes_.size() || !origin_) return;
    const Node& node = *nodes_[i];
    error.set_place(origin_->name, node.line, node.column, node.source_text);
  };
  try {
    for (; i < nodes_.size(); ++i) {
      nodes_[i]->render(context, out);
      state.check_size(out.size());
    }
  } catch (TemplateError& error) {
    place(error);
    throw;
  } catch (const std::logic_error& error) {
    // A tag or filter written in C++ was given something it cannot use.
    TemplateError told(error.what());
    place(told);
    throw told;
  }
}

void NodeList::fold() {
  std::vector<std::unique_ptr<Node>> folded;
  for (std::size_t at = 0; at < nodes_.size();) {
    NodeList parts(origin_);
    std::string text;
    bool translated = false;
    std::size_t end = at;
    for (; end < nodes_.size(); ++end) {
      const Node::Fixed fixed = nodes_[end]->fixed(text);
      if (fixed == Node::Fixed::none) break;
      translated = translated || fixed == Node::Fixed::translated;
    }
    const std::size_t count = end - at;
    if (count < 2) {
      // A tag that shows nothing, like {% load %}, is not asked again.
      if (count == 0 || !text.empty()) folded.push_back(std::move(nodes_[at]));
      ++at;
      continue;
    }
    for (; at < end; ++at) parts.add(std::move(nodes_[at]));
    if (!text.empty())
      folded.push_back(std::make_unique<RunNode>(std::move(parts), std::move(text), translated));
  }
  nodes_ = std::move(folded);
}

std::string NodeList::render(Context& context) const {
  std::string out;
  render(context, out);
  return out;
}

void append_escaped(std::string_view text, std::string& out) {
  html::escape(text, out);
}

void render_value(const Value& value, Context& context, std::string& out) {
  if (value.is_string()) {
    if (context.autoescape && !value.is_safe()) {
      html::escape(value.str(), out);
    } else {
      out += value.str();
    }
    return;
  }
  switch (value.kind()) {
    case Value::Kind::integer:
    case Value::Kind::boolean:
      value.append_text(out);
      return;
    case Value::Kind::real:
    case Value::Kind::decimal:
    case Value::Kind::date:
    case Value::Kind::datetime:
    case Value::Kind::time: {
      const std::string text = formats::localized(value, context, context.localization);
      if (context.autoescape) {
        html::escape(text, out);
      } else {
        out += text;
      }
      return;
    }
    case Value::Kind::object: {
      if (value.object().append_markup(out)) return;
      const Value text = value.object().text();
      if (text.kind() != Value::Kind::object) render_value(text, context, out);
      return;
    }
    default: {
      const std::string text = value.to_text();
      if (context.autoescape) {
        html::escape(text, out);
      } else {
        out += text;
      }
    }
  }
}

Value rendered_value(const Value& value, Context& context) {
  if (value.is_safe()) return value;
  std::string out;
  render_value(value, context, out);
  Value text{std::string_view(out)};
  return context.autoescape ? std::move(text).marked_safe() : text;
}

Value conditional_escape(const Value& value) {
  if (value.is_safe()) return value;
  if (value.kind() == Value::Kind::object) {
    const Value text = value.object().text();
    if (text.kind() != Value::Kind::object) return conditional_escape(text);
  }
  std::string out;
  if (value.is_string()) {
    html::escape(value.str(), out);
  } else {
    html::escape(value.to_text(), out);
  }
  return Value::safe(out);
}

}  // namespace plenary::templating
