// Library: filters and tags written in C++, under a name that templates {% load %}. Filled once before the
// engine starts, then shared by all threads. The functions may be called from several threads at once.
//   Library tags;
//   tags.filter("shout", [](const Value& in, const Value*, Context&) { return Value(in.to_text() + "!"); });
//   tags.simple_tag("cart_total", {{"cart"}, 1}, [](const Arguments& a, Context&) { return total_of(a[0]);
//   }); options.libraries["registration_tags"] = std::move(tags);
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "templating/context.hpp"
#include "templating/value.hpp"

namespace plenary::templating {

class Node;
class Parser;
struct Token;

// `argument` is null when the template gave none. The result is escaped like any value unless it is safe.
using FilterFunction = std::function<Value(const Value& input, const Value* argument, Context& context)>;

struct FilterOptions {
  enum class Argument : unsigned char { none, optional, required } argument = Argument::optional;
  bool is_safe = false;             // safe in, safe out
  bool text_only = false;           // the input is turned into a string first
  bool expects_local_time = false;  // moments arrive in the context's zone
};

struct Filter {
  FilterFunction function;
  FilterOptions options;
};

// The parameters of a tag by name; the first `required` must be given, by place or by name.
struct Signature {
  std::vector<std::string> parameters;
  std::size_t required = 0;
  bool more_positional = false;  // any number of further values
  bool any_keyword = false;
};

class Arguments {
 public:
  // Undefined when an optional one was left out.
  const Value& operator[](std::size_t parameter) const { return values[parameter]; }
  bool has(std::size_t parameter) const { return !values[parameter].is_undefined(); }
  std::vector<Value> values;  // one a parameter
  std::vector<Value> more;
  std::vector<std::pair<std::string_view, Value>> keywords;
};

using SimpleTag = std::function<Value(const Arguments&, Context&)>;
using BlockTag =
    std::function<Value(std::string_view content, const Arguments&, Context&)>;  // content is markup
using InclusionTag = std::function<Ref<Dict>(const Arguments&, Context&)>;
// A tag with a syntax of its own: see templating/parser.hpp.
using TagCompiler = std::function<std::unique_ptr<Node>(Parser&, const Token&)>;

class Library {
 public:
  void filter(std::string name, FilterFunction function, FilterOptions options = FilterOptions());
  // {% name values… %} and {% name values… as variable %}
  void simple_tag(std::string name, Signature signature, SimpleTag function);
  // {% name values… [as variable] %}…{% endname %}
  void block_tag(std::string name, Signature signature, BlockTag function);
  // Renders `template_name` with nothing but the returned variables and csrf_token.
  void inclusion_tag(std::string name, std::string template_name, Signature signature, InclusionTag function);
  void tag(std::string name, TagCompiler compile);

  const std::map<std::string, std::shared_ptr<const Filter>, std::less<>>& filters() const {
    return filters_;
  }
  const std::map<std::string, TagCompiler, std::less<>>& tags() const { return tags_; }

 private:
  std::map<std::string, std::shared_ptr<const Filter>, std::less<>> filters_;
  std::map<std::string, TagCompiler, std::less<>> tags_;
};

}  // namespace plenary::templating
