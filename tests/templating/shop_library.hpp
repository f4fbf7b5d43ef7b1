// The tag library that the cases load as `shop`: the same tags and filters as generate.py registers in
// Django.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "templating/error.hpp"
#include "templating/library.hpp"

namespace plenary::templating::test {

inline Library shop_library() {
  Library shop;
  shop.filter("shout", [](const Value& in, const Value* mark, Context&) {
    std::string text = in.to_text();
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    if (mark && !mark->is_string()) throw TemplateError("shout needs a text");
    return Value(text + (mark ? mark->to_text() : "!"));
  });
  FilterOptions safe;
  safe.argument = FilterOptions::Argument::none;
  safe.is_safe = true;
  shop.filter(
      "bracket", [](const Value& in, const Value*, Context&) { return Value("[" + in.to_text() + "]"); },
      safe);
  shop.simple_tag("sum_of", {{"first", "second"}, 1}, [](const Arguments& a, Context&) {
    return Value(a[0].integer() + (a.has(1) ? a[1].integer() : 10));
  });
  shop.simple_tag("greet", {{"greeting"}, 0}, [](const Arguments& a, Context& context) {
    const Value* name = context.find("name");
    return Value(
        fmt::format("{}, <{}>", a.has(0) ? a[0].to_text() : "Hello", name ? name->to_text() : "nobody"));
  });
  shop.simple_tag("markup", {{"text"}, 1},
                  [](const Arguments& a, Context&) { return Value::safe("<i>" + a[0].to_text() + "</i>"); });
  Signature any;
  any.more_positional = any.any_keyword = true;
  shop.simple_tag("count_all", any, [](const Arguments& a, Context&) {
    return Value(fmt::format("{}+{}", a.more.size(), a.keywords.size()));
  });
  shop.block_tag("box", {{"title"}, 0}, [](std::string_view content, const Arguments& a, Context&) {
    return Value::safe(fmt::format("[{}|{}]", a.has(0) ? a[0].to_text() : "box", content));
  });
  shop.inclusion_tag("order_line", "shop/line.html", {{"name", "price"}, 2},
                     [](const Arguments& a, Context&) {
                       return make<Dict>(Dict{{"name", a[0]}, {"price", a[1]}});
                     });
  return shop;
}

}  // namespace plenary::templating::test
