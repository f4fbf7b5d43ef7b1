// The library i18n: translate (trans), blocktranslate (blocktrans), language, get_current_language, …
#include <fmt/format.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "templating/builtins.hpp"
#include "templating/guards.hpp"
#include "templating/messages.hpp"
#include "templating/parser.hpp"
#include "templating/python.hpp"
#include "templating/render_state.hpp"
#include "templating/translation.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at, what.size()) == what) {
      out += with;
      at += what.size();
    } else {
      out += text[at++];
    }
  }
  return out;
}

class TranslateNode final : public Node {
 public:
  TranslateNode(Expression message, std::optional<Expression> message_context, bool noop,
                std::string_view variable)
      : message_(std::move(message)),
        message_context_(std::move(message_context)),
        noop_(noop),
        variable_(variable) {
    if (variable_.text.empty() && !message_.literal_string().empty()) {
      in_source_ = replaced(message_.literal_string(), "%%", "%");
    }
  }

  Fixed fixed(std::string& text) const override {
    // A context or a filter may be whatever the page says.
    if (in_source_.empty() || (message_context_ && message_context_->literal_string().empty()))
      return Fixed::none;
    text += in_source_;
    return Fixed::translated;
  }

  void render(Context& context, std::string& out) const override {
    if (!in_source_.empty() && context.state->speaks_source(context)) {
      out += in_source_;
      return;
    }
    Value scratch;
    const Value* found = message_.variable().resolve(context, scratch);
    Value value;
    if (found) {
      value = *found;
      if (!noop_) {
        const std::string where =
            message_context_ ? message_context_->value(context).to_text() : std::string();
        message_.variable().translate_in(context, where, value);
      }
      value = *message_.apply_filters(&value, context, scratch);
    } else {
      value = message_.value(context);
    }
    const Value rendered = rendered_value(value, context);
    // Percent signs are doubled in catalogues.
    const std::string text = replaced(rendered.to_text(), "%%", "%");
    if (variable_.text.empty()) {
      out += text;
    } else {
      context.set(variable_, rendered.is_safe() ? Value::safe(text) : Value(text));
    }
  }

 private:
  Expression message_;
  std::optional<Expression> message_context_;
  bool noop_;
  Name variable_;
  std::string in_source_;  // what a literal is without a translation
};

std::unique_ptr<Node> compile_translate(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() < 2) parser.fail(fmt::format("{} needs a text: {{% {} \"Hello\" %}}", bits[0], bits[0]));
  Expression message = parser.expression(bits[1]);
  std::optional<Expression> message_context;
  bool noop = false;
  std::string_view variable;
  std::vector<std::string_view> seen;
  for (std::size_t at = 2; at < bits.size();) {
    const std::string_view option = bits[at++];
    if (std::find(seen.begin(), seen.end(), option) != seen.end()) {
      parser.fail(fmt::format("{} has '{}' twice", bits[0], option));
    }
    seen.push_back(option);
    if (option == "noop") {
      noop = true;
    } else if (option == "context" || option == "as") {
      if (at >= bits.size()) parser.fail(fmt::format("{}: something must follow '{}'", bits[0], option));
      const std::string_view value = bits[at++];
      if (option == "as") {
        variable = value;
      } else if (value == "as" || value == "noop") {
        parser.fail(fmt::format("{}: a text must follow 'context', not '{}'", bits[0], value));
      } else {
        message_context = parser.expression(value);
      }
    } else {
      parser.fail(fmt::format("{} does not know '{}'; noop, context \"…\" and as name are possible", bits[0],
                              option));
    }
  }
  return std::make_unique<TranslateNode>(std::move(message), std::move(message_context), noop, variable);
}

// A message with %(name)s places, made from the block's text when the template is compiled.
struct Message {
  std::string text;
  std::vector<std::string_view> names;
  // The same in pieces, each a text and the variable behind it, if any: what is shown where nothing is
  // translated. None: a name is a riddle, the text is read each time.
  struct Piece {
    std::string text;
    Name name;
  };
  std::vector<Piece> pieces;

  void divide() {
    pieces.assign(1, {});
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] != '%') {
        pieces.back().text += text[at];
      } else if (text.compare(at, 2, "%%") == 0) {
        pieces.back().text += '%';
        ++at;
      } else {
        const std::size_t close = text.find(")s", at);
        const auto name =
            std::find(names.begin(), names.end(), std::string_view(text).substr(at + 2, close - at - 2));
        if (name == names.end() || name->empty()) return pieces.clear();
        pieces.back().name = Name(*name);
        pieces.emplace_back();
        at = close + 1;
      }
    }
  }
};

class BlockTranslateNode final : public Node {
 public:
  std::string_view tag;
  std::vector<std::pair<Name, Expression>> values;
  Message singular, plural;
  std::string_view counter_name;
  std::optional<Expression> counter, message_context;
  Name variable;

  void render(Context& context, std::string& out) const override {
    std::string result;
    std::string& shown = variable.text.empty() ? out : result;
    {
      std::vector<Value> given;
      if (!values.empty()) given.reserve(values.size());
      for (const auto& each : values) given.push_back(each.second.value(context));
      const Value where = message_context ? message_context->value(context) : Value::borrowed("");
      const std::string place = where.truth() ? where.to_text() : std::string();
      const Context::Scope scope(context);
      for (std::size_t i = 0; i < values.size(); ++i) context.set(values[i].first, std::move(given[i]));
      std::int64_t count = 0;
      if (counter) {
        Value value = counter->value(context);
        if (!python::is_number(value)) {
          throw TemplateError(fmt::format("{} needs a number to count; '{}' is {}", tag, counter->text(),
                                          python::repr(value)));
        }
        // A fraction is never "one"; the plural rules of whole numbers are close enough.
        const python::Integer whole = python::to_int(value);
        count =
            python::equal(value, Value(whole.value)) ? whole.value : std::max<std::int64_t>(whole.value, 2);
        context.set(Name(counter_name), std::move(value));
      }
      const Message& message = counter && count != 1 ? plural : singular;
      if (!message.pieces.empty() && context.state->speaks_source(context)) {
        put(message, context, shown);
      } else {
        show_translated(place, count, context, shown);
      }
    }
    if (!variable.text.empty()) context.set(variable, Value::safe(result));
  }

 private:
  void show_translated(const std::string& place, std::int64_t count, Context& context,
                       std::string& out) const {
    const std::string translated = counter ? ngettext(context, place, singular.text, plural.text, count)
                                           : gettext(context, place, singular.text);
    // A catalogue entry with a mistake in its places is as good as none.
    std::string result;
    if (!fill(translated, context, result))
      fill(counter && count != 1 ? plural.text : singular.text, context, result);
    out += result;
  }

  static void put(const Message& message, Context& context, std::string& out) {
    for (const Message::Piece& piece : message.pieces) {
      out += piece.text;
      if (!piece.name.text.empty()) put(piece.name, context, out);
    }
  }

  bool fill(std::string_view message, Context& context, std::string& out) const {
    out.clear();
    for (std::size_t at = 0; at < message.size(); ++at) {
      if (message[at] != '%') {
        out += message[at];
        continue;
      }
      const std::size_t close = message.find(")s", at);
      if (message.substr(at, 2) == "%%") {
        out += '%';
        ++at;
      } else if (message.substr(at, 2) == "%(" && close != std::string_view::npos) {
        const std::string_view name = message.substr(at + 2, close - at - 2);
        const auto known = [&](const Message& m) {
          return std::find(m.names.begin(), m.names.end(), name) != m.names.end();
        };
        if (!known(singular) && !known(plural)) return false;
        put(Name(name), context, out);
        at = close + 1;
      } else {
        return false;
      }
    }
    return true;
  }

  static void put(const Name& name, Context& context, std::string& out) {
    if (const Value* value = context.find(name)) {
      const Value kept = *value;
      return render_value(kept, context, out);
    }
    const std::string& invalid =
        context.string_if_invalid ? *context.string_if_invalid : context.state->options.string_if_invalid;
    render_value(Value(replaced(invalid, "%s", name.text)), context, out);
  }
};

// Takes text and variables up to the next block tag, which is returned.
Token take_message(Parser& parser, bool trimmed, Message& message, const Token& opening) {
  while (parser.has_tokens()) {
    const Token token = parser.take();
    if (token.type != Token::Type::text && token.type != Token::Type::variable) {
      if (trimmed) message.text = trimmed_message(message.text);
      message.divide();
      return token;
    }
    message.text += message_part(token);
    if (token.contents == "csrf_token") parser.refuse_in_keep(token.contents);
    if (token.type == Token::Type::variable) message.names.push_back(token.contents);
  }
  parser.fail(fmt::format("'{}' is not closed", opening.contents));
}

void read_options(Parser& parser, const std::vector<std::string_view>& bits, BlockTranslateNode& node,
                  bool& trimmed) {
  std::vector<std::string_view> seen;
  for (std::size_t at = 1; at < bits.size();) {
    const std::string_view option = bits[at++];
    if (std::find(seen.begin(), seen.end(), option) != seen.end()) {
      parser.fail(fmt::format("{} has '{}' twice", bits[0], option));
    }
    seen.push_back(option);
    if (option == "with") {
      auto values = parser.assignments(bits, at, true);
      if (values.empty()) parser.fail(fmt::format("{}: 'with' needs at least one name=value", bits[0]));
      for (auto& each : values) node.values.emplace_back(Name(each.name), std::move(each.value));
    } else if (option == "count") {
      auto values = parser.assignments(bits, at, true);
      if (values.size() != 1) parser.fail(fmt::format("{}: 'count' needs exactly one name=value", bits[0]));
      node.counter_name = values[0].name;
      node.counter = std::move(values[0].value);
    } else if (option == "context") {
      if (at >= bits.size()) parser.fail(fmt::format("{}: a text must follow 'context'", bits[0]));
      node.message_context = parser.expression(bits[at++]);
    } else if (option == "trimmed") {
      trimmed = true;
    } else if (option == "asvar") {
      if (at >= bits.size()) parser.fail(fmt::format("{}: a name must follow 'asvar'", bits[0]));
      node.variable = Name(bits[at++]);
    } else {
      parser.fail(fmt::format("{} does not know '{}'; with, count, context, trimmed and asvar are possible",
                              bits[0], option));
    }
  }
}

std::unique_ptr<Node> compile_blocktranslate(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  auto node = std::make_unique<BlockTranslateNode>();
  node->tag = bits[0];
  bool trimmed = false;
  read_options(parser, bits, *node, trimmed);
  Token end = take_message(parser, trimmed, node->singular, token);
  if (node->counter) {
    if (end.contents != "plural") {
      parser.fail(fmt::format("{} with 'count' needs {{% plural %}}; found '{}'", bits[0], end.contents));
    }
    end = take_message(parser, trimmed, node->plural, token);
  }
  if (end.contents != fmt::format("end{}", bits[0])) {
    parser.fail(fmt::format("{} may hold text and plain variables only; found '{}'", bits[0], end.whole));
  }
  return node;
}

class LanguageNode final : public Node {
 public:
  LanguageNode(Expression language, NodeList content)
      : language_(std::move(language)), content_(std::move(content)) {}
  void render(Context& context, std::string& out) const override {
    const Setting<std::string> setting(context.locale, language_.value(context).to_text());
    content_.render(context, out);
  }

 private:
  Expression language_;
  NodeList content_;
};

std::unique_ptr<Node> compile_language(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() != 2) parser.fail("language takes one language: {% language \"de\" %}");
  Expression language = parser.expression(bits[1]);
  return std::make_unique<LanguageNode>(std::move(language), parser.parse_to("endlanguage"));
}

class AsNode final : public Node {
 public:
  AsNode(std::string_view variable, Value (*read)(Context&)) : variable_(variable), read_(read) {}
  void render(Context& context, std::string&) const override { context.set(variable_, read_(context)); }

 private:
  Name variable_;
  Value (*read_)(Context&);
};

TagCompiler as_compiler(Value (*read)(Context&)) {
  return [read](Parser& parser, const Token& token) -> std::unique_ptr<Node> {
    const auto bits = unicode::split_words(token.contents);
    if (bits.size() != 3 || bits[1] != "as")
      parser.fail(fmt::format("{0} is written {{% {0} as name %}}", bits[0]));
    return std::make_unique<AsNode>(bits[2], read);
  };
}

std::string display_name(std::string_view code, std::string_view in) {
  const icu::Locale locale = icu::Locale::createFromName(std::string(code).c_str());
  icu::UnicodeString name;
  locale.getDisplayName(icu::Locale::createFromName(std::string(in).c_str()), name);
  std::string out;
  name.toUTF8String(out);
  return out;
}

Value language_info(const Context& context, std::string_view code) {
  const std::string english = display_name(code, "en");
  return Value(make<Dict>(Dict{{"code", Value(code)},
                               {"name", Value(english)},
                               {"name_local", Value(display_name(code, code))},
                               {"name_translated", Value(gettext(context, {}, english))},
                               {"bidi", Value(is_right_to_left(code))}}));
}

class LanguageInfoNode final : public Node {
 public:
  LanguageInfoNode(Expression code, std::string_view variable)
      : code_(std::move(code)), variable_(variable) {}
  void render(Context& context, std::string&) const override {
    context.set(variable_, language_info(context, code_.value(context).to_text()));
  }

 private:
  Expression code_;
  Name variable_;
};

std::unique_ptr<Node> compile_language_info(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() != 5 || bits[1] != "for" || bits[3] != "as") {
    parser.fail("get_language_info is written {% get_language_info for code as name %}");
  }
  return std::make_unique<LanguageInfoNode>(parser.expression(bits[2]), bits[4]);
}

}  // namespace

void add_translation_tags(Library& library) {
  library.tag("translate", compile_translate);
  library.tag("trans", compile_translate);
  library.tag("blocktranslate", compile_blocktranslate);
  library.tag("blocktrans", compile_blocktranslate);
  library.tag("language", compile_language);
  library.tag("get_current_language", as_compiler([](Context& c) { return Value(c.locale); }));
  library.tag("get_current_language_bidi",
              as_compiler([](Context& c) { return Value(is_right_to_left(c.locale)); }));
  library.tag("get_language_info", compile_language_info);
  FilterOptions plain;
  plain.argument = FilterOptions::Argument::none;
  const auto info = [](const char* key) {
    return [key](const Value& code, const Value*, Context& context) {
      return *language_info(context, code.to_text()).dict().find(key);
    };
  };
  library.filter("language_name", info("name"), plain);
  library.filter("language_name_local", info("name_local"), plain);
  library.filter("language_name_translated", info("name_translated"), plain);
  library.filter("language_bidi", info("bidi"), plain);
}

}  // namespace plenary::templating
