#include "templating/node.hpp"

#include "templating/error.hpp"
#include "templating/formats.hpp"
#include "templating/html.hpp"
#include "templating/python.hpp"
#include "templating/render_state.hpp"

namespace plenary::templating {
namespace {

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
