// url, csrf_token, querystring; and the library `static`: static, get_static_prefix, get_media_prefix.
#include <fmt/format.h>

#include <algorithm>

#include "templating/builtins.hpp"
#include "templating/html.hpp"
#include "templating/parser.hpp"
#include "templating/python.hpp"
#include "templating/render_state.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

void put_url(std::string_view url, const Name& variable, Context& context, std::string& out) {
  if (!variable.text.empty()) {
    context.set(variable, Value(url));
  } else if (context.autoescape) {
    html::escape(url, out);
  } else {
    out += url;
  }
}

class UrlNode final : public Node {
 public:
  UrlNode(Expression name, std::vector<Expression> positional,
          std::vector<std::pair<std::string_view, Expression>> named, std::string_view variable)
      : name_(std::move(name)),
        positional_(std::move(positional)),
        named_(std::move(named)),
        variable_(variable) {}

  void render(Context& context, std::string& out) const override {
    std::vector<Value> positional;
    for (const Expression& each : positional_) positional.push_back(each.value(context));
    std::vector<std::pair<std::string_view, Value>> named;
    for (const auto& [name, value] : named_) named.emplace_back(name, value.value(context));
    std::string_view name = name_.literal_string();
    const std::string made = name.empty() ? name_.value(context).to_text() : std::string();
    if (name.empty()) name = made;
    const UrlResolver* urls = context.urls ? context.urls : context.state->options.urls.get();
    std::string why;
    std::optional<std::string> path;
    if (urls) {
      path = urls->path_of({name, positional, named, context}, why);
    } else {
      why = "this program has no routes";
    }
    if (!path) {
      if (!variable_.text.empty()) return context.set(variable_, Value::borrowed(""));
      throw TemplateError(describe(name, positional, named, why));
    }
    put_url(*path, variable_, context, out);
  }

 private:
  static std::string describe(std::string_view name, const std::vector<Value>& positional,
                              const std::vector<std::pair<std::string_view, Value>>& named,
                              const std::string& why) {
    std::string text = fmt::format("no route is named '{}'", name);
    std::string given;
    for (const Value& value : positional) given += (given.empty() ? "" : ", ") + python::repr(value);
    for (const auto& [key, value] : named) {
      given += (given.empty() ? "" : ", ") + fmt::format("{}={}", key, python::repr(value));
    }
    text += given.empty() ? " or it needs arguments" : fmt::format(" or it does not take ({})", given);
    return why.empty() ? text : text + "; " + why;
  }

  Expression name_;
  std::vector<Expression> positional_;
  std::vector<std::pair<std::string_view, Expression>> named_;
  Name variable_;
};

std::unique_ptr<Node> compile_url(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() < 2) parser.fail("url needs the name of a route: {% url 'area:name' %}");
  std::size_t end = bits.size();
  std::string_view variable;
  if (end >= 4 && bits[end - 2] == "as") {
    variable = bits[end - 1];
    end -= 2;
  }
  Expression name = parser.expression(bits[1]);
  std::vector<Expression> positional;
  std::vector<std::pair<std::string_view, Expression>> named;
  for (std::size_t i = 2; i < end; ++i) {
    std::string_view value;
    const std::string_view keyword = Parser::keyword_of(bits[i], value);
    if (keyword.empty()) {
      positional.push_back(parser.expression(value));
    } else {
      named.emplace_back(keyword, parser.expression(value));
    }
  }
  return std::make_unique<UrlNode>(std::move(name), std::move(positional), std::move(named), variable);
}

class CsrfTokenNode final : public Node {
 public:
  void render(Context& context, std::string& out) const override {
    static const Name name("csrf_token");
    const Value* token = context.find(name);
    if (!token || !token->truth()) return;
    const Value shown = token->kind() == Value::Kind::object ? token->object().text() : *token;
    const std::string made = shown.is_string() ? std::string() : token->to_text();
    const std::string_view text = shown.is_string() ? shown.str() : std::string_view(made);
    if (text.empty() || text == "NOTPROVIDED") return;
    out += "<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"";
    if (token->is_safe()) {
      out += text;
    } else {
      html::escape(text, out);
    }
    out += "\">";
  }
};

// The present query string with some parameters changed: {% querystring page=2 filter=None %}.
class QueryStringNode final : public Node {
 public:
  QueryStringNode(std::vector<Expression> source,
                  std::vector<std::pair<std::string_view, Expression>> changes, std::string_view variable)
      : source_(std::move(source)), changes_(std::move(changes)), variable_(variable) {}

  void render(Context& context, std::string& out) const override {
    using Parameters = std::vector<std::pair<std::string, std::vector<Value>>>;
    Parameters parameters;
    const Value query = source_.empty() ? request_query(context) : source_[0].value(context);
    if (query.kind() == Value::Kind::dict) {
      for (const Dict::Entry& entry : query.dict().entries()) {
        parameters.emplace_back(entry.key, values_of(entry.value));
      }
    } else if (query.truth()) {
      throw TemplateError(
          fmt::format("querystring needs a mapping of parameters; found {}", python::repr(query)));
    }
    const bool was_empty = parameters.empty();
    for (const auto& [key, expression] : changes_) {
      const Value value = expression.value(context);
      const auto at = std::find_if(parameters.begin(), parameters.end(),
                                   [name = key](const auto& p) { return p.first == name; });
      if (value.is_null()) {
        if (at != parameters.end()) parameters.erase(at);
      } else if (at != parameters.end()) {
        at->second = values_of(value);
      } else {
        parameters.emplace_back(std::string(key), values_of(value));
      }
    }
    if (parameters.empty() && was_empty) return put_url("", variable_, context, out);
    std::string text = "?";
    for (const auto& [key, values] : parameters) {
      for (const Value& value : values) {
        if (text.size() > 1) text += '&';
        text += encoded(key) + "=" + encoded(value.to_text());
      }
    }
    put_url(text, variable_, context, out);
  }

 private:
  static Value request_query(Context& context) {
    const Value* request = context.find("request");
    if (!request)
      throw TemplateError("querystring needs the variable request, or a mapping as its first value");
    return python::attribute(*request, "GET", -1);
  }
  static std::vector<Value> values_of(const Value& value) {
    if (value.is_string()) return {value};
    const auto items = python::items(value);
    return items ? *items : std::vector<Value>{value};
  }
  static std::string encoded(std::string_view text) {
    std::string out = html::percent_encode(text, " ");
    std::replace(out.begin(), out.end(), ' ', '+');
    return out;
  }

  std::vector<Expression> source_;
  std::vector<std::pair<std::string_view, Expression>> changes_;
  Name variable_;
};

std::unique_ptr<Node> compile_querystring(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  std::vector<Expression> source;
  std::vector<std::pair<std::string_view, Expression>> changes;
  std::size_t end = bits.size();
  std::string_view variable;
  if (end >= 3 && bits[end - 2] == "as") {
    variable = bits[end - 1];
    end -= 2;
  }
  for (std::size_t i = 1; i < end; ++i) {
    std::string_view value;
    const std::string_view keyword = Parser::keyword_of(bits[i], value);
    if (!keyword.empty()) {
      for (const auto& change : changes) {
        if (change.first == keyword) parser.fail(fmt::format("querystring got '{}' twice", keyword));
      }
      changes.emplace_back(keyword, parser.expression(value));
    } else if (source.empty() && changes.empty()) {
      source.push_back(parser.expression(bits[i]));
    } else {
      parser.fail(fmt::format("querystring takes one mapping and then name=value; found '{}'", bits[i]));
    }
  }
  return std::make_unique<QueryStringNode>(std::move(source), std::move(changes), variable);
}

class StaticNode final : public Node {
 public:
  StaticNode(Expression path, std::string_view variable) : path_(std::move(path)), variable_(variable) {}
  void render(Context& context, std::string& out) const override {
    const std::string path = path_.value(context).to_text();
    const EngineOptions& options = context.state->options;
    const std::string url =
        options.static_files ? options.static_files->url_of(path) : joined(options.static_prefix, path);
    if (variable_.text.empty()) return put_url(url, variable_, context, out);
    context.set(variable_, context.autoescape ? conditional_escape(Value(url)) : Value(url));
  }

 private:
  // As a browser follows a link: an absolute path or address replaces the prefix.
  static std::string joined(const std::string& prefix, std::string_view path) {
    const std::string quoted = html::percent_encode(path, "/");
    return !quoted.empty() && quoted[0] == '/' ? quoted : prefix + quoted;
  }

  Expression path_;
  Name variable_;
};

std::unique_ptr<Node> compile_static(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  const bool named = bits.size() == 4 && bits[2] == "as";
  if (bits.size() != 2 && !named) parser.fail("static is written {% static \"path\" %}, and perhaps as name");
  return std::make_unique<StaticNode>(parser.expression(bits[1]), named ? bits[3] : std::string_view());
}

class PrefixNode final : public Node {
 public:
  PrefixNode(std::string EngineOptions::*prefix, std::string_view variable)
      : prefix_(prefix), variable_(variable) {}
  void render(Context& context, std::string& out) const override {
    const std::string& prefix = context.state->options.*prefix_;
    if (variable_.text.empty()) {
      out += prefix;
    } else {
      context.set(variable_, Value(prefix));
    }
  }

 private:
  std::string EngineOptions::*prefix_;
  Name variable_;
};

TagCompiler prefix_compiler(std::string EngineOptions::*prefix) {
  return [prefix](Parser& parser, const Token& token) -> std::unique_ptr<Node> {
    const auto bits = unicode::split_words(token.contents);
    if (bits.size() != 1 && !(bits.size() == 3 && bits[1] == "as")) {
      parser.fail(fmt::format("{0} is written {{% {0} %}} or {{% {0} as name %}}", bits[0]));
    }
    return std::make_unique<PrefixNode>(prefix, bits.size() == 3 ? bits[2] : std::string_view());
  };
}

}  // namespace

void add_url_tags(Library& library) {
  library.tag("url", compile_url);
  library.tag("csrf_token", [](Parser& parser, const Token&) -> std::unique_ptr<Node> {
    parser.refuse_in_keep("csrf_token");
    return std::make_unique<CsrfTokenNode>();
  });
  library.tag("querystring", compile_querystring);
}

void add_static_tags(Library& library) {
  library.tag("static", compile_static);
  library.tag("get_static_prefix", prefix_compiler(&EngineOptions::static_prefix));
  library.tag("get_media_prefix", prefix_compiler(&EngineOptions::media_prefix));
}

}  // namespace plenary::templating
