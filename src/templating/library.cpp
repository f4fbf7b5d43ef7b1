#include "templating/library.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "templating/builtins.hpp"
#include "templating/guards.hpp"
#include "templating/parser.hpp"
#include "templating/render_state.hpp"

namespace plenary::templating {
namespace {

// What a tag's template text gave for its parameters.
class BoundArguments {
 public:
  BoundArguments(const Signature& signature, const std::vector<std::string_view>& bits, std::size_t end,
                 const Parser& parser)
      : parameters_(signature.parameters.size()) {
    const std::string_view tag = bits[0];
    std::vector<bool> given(signature.parameters.size());
    std::size_t next = 0;
    bool any_keyword = false;
    for (std::size_t i = 1; i < end; ++i) {
      std::string_view value;
      const std::string_view keyword = Parser::keyword_of(bits[i], value);
      if (keyword.empty()) {
        if (any_keyword)
          parser.fail(fmt::format("the tag '{}' has the value '{}' behind name=value", tag, bits[i]));
        if (next < parameters_.size()) {
          given[next] = true;
          parameters_[next++] = parser.expression(bits[i]);
        } else if (signature.more_positional) {
          more_.push_back(parser.expression(bits[i]));
        } else {
          parser.fail(fmt::format("the tag '{}' takes at most {} values; '{}' is too much", tag,
                                  parameters_.size(), bits[i]));
        }
        continue;
      }
      any_keyword = true;
      const auto known = std::find(signature.parameters.begin(), signature.parameters.end(), keyword);
      if (known != signature.parameters.end()) {
        const auto index = static_cast<std::size_t>(known - signature.parameters.begin());
        if (given[index]) parser.fail(fmt::format("the tag '{}' got '{}' twice", tag, keyword));
        given[index] = true;
        parameters_[index] = parser.expression(value);
      } else if (signature.any_keyword) {
        keywords_.emplace_back(keyword, parser.expression(value));
      } else {
        parser.fail(fmt::format("the tag '{}' has no parameter '{}'{}", tag, keyword,
                                suggestion(keyword, signature.parameters)));
      }
    }
    std::string missing;
    for (std::size_t i = 0; i < signature.required && i < given.size(); ++i) {
      if (!given[i]) missing += (missing.empty() ? "" : ", ") + signature.parameters[i];
    }
    if (!missing.empty()) parser.fail(fmt::format("the tag '{}' lacks a value for {}", tag, missing));
    given_ = std::move(given);
  }

  Arguments evaluate(Context& context) const {
    Arguments out;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      out.values.push_back(given_[i] ? parameters_[i].value(context) : Value::undefined());
    }
    for (const Expression& each : more_) out.more.push_back(each.value(context));
    for (const auto& [name, value] : keywords_) out.keywords.emplace_back(name, value.value(context));
    return out;
  }

 private:
  std::vector<Expression> parameters_;
  std::vector<bool> given_;
  std::vector<Expression> more_;
  std::vector<std::pair<std::string_view, Expression>> keywords_;
};

void put_out(const Value& value, Context& context, std::string& out) {
  if (context.autoescape) {
    const Value escaped = conditional_escape(value);
    out += escaped.str();
  } else {
    value.append_text(out);
  }
}

class SimpleTagNode final : public Node {
 public:
  SimpleTagNode(const SimpleTag& function, BoundArguments arguments, std::string_view variable)
      : function_(function), arguments_(std::move(arguments)), variable_(variable) {}
  void render(Context& context, std::string& out) const override {
    Value value = function_(arguments_.evaluate(context), context);
    if (!variable_.text.empty()) return context.set(variable_, std::move(value));
    put_out(value, context, out);
  }

 private:
  const SimpleTag& function_;
  BoundArguments arguments_;
  Name variable_;
};

class BlockTagNode final : public Node {
 public:
  BlockTagNode(const BlockTag& function, BoundArguments arguments, std::string_view variable,
               NodeList content)
      : function_(function),
        arguments_(std::move(arguments)),
        variable_(variable),
        content_(std::move(content)) {}
  void render(Context& context, std::string& out) const override {
    const std::string content = content_.render(context);
    Value value = function_(content, arguments_.evaluate(context), context);
    if (!variable_.text.empty()) return context.set(variable_, std::move(value));
    put_out(value, context, out);
  }

 private:
  const BlockTag& function_;
  BoundArguments arguments_;
  Name variable_;
  NodeList content_;
};

class InclusionTagNode final : public Node {
 public:
  InclusionTagNode(const InclusionTag& function, BoundArguments arguments, const std::string& template_name)
      : function_(function), arguments_(std::move(arguments)), template_name_(template_name) {}
  void render(Context& context, std::string& out) const override {
    const Ref<Dict> variables = function_(arguments_.evaluate(context), context);
    const Template* tpl = context.state->source.find(template_name_, {});
    if (!tpl) throw TemplateNotFound(fmt::format("there is no template '{}'", template_name_));
    const Value* found = context.find("csrf_token");
    const Value token = found ? *found : Value::undefined();
    const Isolation alone(context);
    if (!token.is_undefined()) context.set(Name("csrf_token"), token);
    for (const Dict::Entry& entry : variables->entries()) context.set(entry.key, entry.value);
    context.state->render_isolated(*tpl, context, out);
  }

 private:
  const InclusionTag& function_;
  BoundArguments arguments_;
  const std::string& template_name_;
};

// Takes "as name" off the end.
std::string_view take_variable(const std::vector<std::string_view>& bits, std::size_t& end) {
  end = bits.size();
  if (bits.size() < 3 || bits[bits.size() - 2] != "as") return {};
  end -= 2;
  return bits.back();
}

}  // namespace

void Library::filter(std::string name, FilterFunction function, FilterOptions options) {
  filters_[std::move(name)] = std::make_shared<const Filter>(Filter{std::move(function), options});
}

void Library::tag(std::string name, TagCompiler compile) {
  tags_[std::move(name)] = std::move(compile);
}

void Library::simple_tag(std::string name, Signature signature, SimpleTag function) {
  const auto shared =
      std::make_shared<const std::pair<Signature, SimpleTag>>(std::move(signature), std::move(function));
  tag(std::move(name), [shared](Parser& parser, const Token& token) -> std::unique_ptr<Node> {
    const auto bits = split_contents(token.contents);
    std::size_t end = 0;
    const std::string_view variable = take_variable(bits, end);
    return std::make_unique<SimpleTagNode>(shared->second, BoundArguments(shared->first, bits, end, parser),
                                           variable);
  });
}

void Library::block_tag(std::string name, Signature signature, BlockTag function) {
  const auto shared =
      std::make_shared<const std::pair<Signature, BlockTag>>(std::move(signature), std::move(function));
  const std::string end_name = "end" + name;
  tag(std::move(name), [shared, end_name](Parser& parser, const Token& token) -> std::unique_ptr<Node> {
    const auto bits = split_contents(token.contents);
    std::size_t end = 0;
    const std::string_view variable = take_variable(bits, end);
    BoundArguments arguments(shared->first, bits, end, parser);
    return std::make_unique<BlockTagNode>(shared->second, std::move(arguments), variable,
                                          parser.parse_to(end_name));
  });
}

void Library::inclusion_tag(std::string name, std::string template_name, Signature signature,
                            InclusionTag function) {
  struct Shared {
    Signature signature;
    InclusionTag function;
    std::string template_name;
  };
  const auto shared = std::make_shared<const Shared>(
      Shared{std::move(signature), std::move(function), std::move(template_name)});
  tag(std::move(name), [shared](Parser& parser, const Token& token) -> std::unique_ptr<Node> {
    const auto bits = split_contents(token.contents);
    parser.refuse_in_keep(bits[0]);
    return std::make_unique<InclusionTagNode>(shared->function,
                                              BoundArguments(shared->signature, bits, bits.size(), parser),
                                              shared->template_name);
  });
}

const Library& builtin_library() {
  static const Library library = [] {
    Library all;
    add_flow_tags(all);
    add_text_tags(all);
    add_loader_tags(all);
    add_url_tags(all);
    add_string_filters(all);
    add_html_filters(all);
    add_list_filters(all);
    add_number_filters(all);
    add_date_filters(all);
    add_logic_filters(all);
    return all;
  }();
  return library;
}

const std::map<std::string, Library>& standard_libraries() {
  static const std::map<std::string, Library> libraries = [] {
    std::map<std::string, Library> all;
    add_keep_tag(all["keep"]);
    add_static_tags(all["static"]);
    add_translation_tags(all["i18n"]);
    add_localization_tags(all["l10n"]);
    add_time_zone_tags(all["tz"]);
    return all;
  }();
  return libraries;
}

}  // namespace plenary::templating
