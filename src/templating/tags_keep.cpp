// The library keep: {% keep key… %}…{% endkeep %}. What stands inside is rendered once for each value of its
// keys (and language, zone and way of escaping) and shown from then on as it was. The keys have to hold
// everything that goes into it: a page's frame has them ready. Where one of them is missing or None, nothing
// is kept. What is kept belongs to the compiled template, so that one that was changed begins anew. What
// differs between visitors and what other templates may change cannot stand inside: csrf_token, user,
// messages, request, block, include.
#include <fmt/format.h>

#include <memory>
#include <mutex>

#include "templating/builtins.hpp"
#include "templating/parser.hpp"
#include "templating/render_state.hpp"
#include "templating/translation.hpp"

namespace plenary::templating {
namespace {

class KeepNode final : public Node {
 public:
  KeepNode(std::vector<Expression> keys, NodeList content)
      : keys_(std::move(keys)), content_(std::move(content)) {}

  void render(Context& context, std::string& out) const override {
    // One buffer for all the pages of a thread; content_ may keep something itself, and is not asked before
    // the key is copied.
    thread_local std::string key;
    const bool keeps = make_key(context, key);
    // What is set inside ends there, kept or not.
    const Context::Scope scope(context);
    if (!keeps) return content_.render(context, out);
    if (const auto kept = find(key)) {
      out += *kept;
      return;
    }
    std::string made_for = key;
    const std::size_t begin = out.size();
    content_.render(context, out);
    remember(std::move(made_for), out.substr(begin));
  }

 private:
  using Text = std::shared_ptr<const std::string>;
  static constexpr std::size_t most = 64;  // then all are made anew: keys of the past do not come back

  bool make_key(Context& context, std::string& key) const {
    key.clear();
    for (const Expression& each : keys_) {
      Value scratch;
      const Value& value = *each.resolve_or_null(context, scratch);
      if (value.is_null() || value.is_undefined()) return false;
      value.append_text(key);
      key += value.is_safe() ? '\1' : '\0';  // what is shown of it differs
    }
    const Translator* const translator = translator_of(context);
    const void* const edition = translator ? translator->edition() : this;
    if (!edition || context.string_if_invalid) return false;
    key += context.locale;
    key += '\0';
    key += context.time_zone.name();
    key += static_cast<char>((context.autoescape ? 1 : 0) | (context.convert_time_zone ? 2 : 0) |
                             (static_cast<int>(context.localization) << 2));
    key.append(reinterpret_cast<const char*>(&edition), sizeof edition);
    key.append(reinterpret_cast<const char*>(&translator), sizeof translator);
    return true;
  }

  Text find(const std::string& key) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [known, text] : kept_) {
      if (known == key) return text;
    }
    return nullptr;
  }

  void remember(std::string key, std::string text) const {
    auto shared = std::make_shared<const std::string>(std::move(text));
    const std::lock_guard<std::mutex> lock(mutex_);
    if (kept_.size() >= most) kept_.clear();
    kept_.emplace_back(std::move(key), std::move(shared));
  }

  std::vector<Expression> keys_;
  NodeList content_;
  mutable std::mutex mutex_;
  mutable std::vector<std::pair<std::string, Text>> kept_;
};

std::unique_ptr<Node> compile_keep(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() < 2) parser.fail("keep needs what its content depends on: {% keep site.frame %}");
  std::vector<Expression> keys = parser.expressions(bits, 1, bits.size());
  const Parser::Kept kept(parser);
  NodeList content = parser.parse_to("endkeep");
  return std::make_unique<KeepNode>(std::move(keys), std::move(content));
}

}  // namespace

void add_keep_tag(Library& library) {
  library.tag("keep", compile_keep);
}

}  // namespace plenary::templating
