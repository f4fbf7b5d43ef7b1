// Filters on lists: first, last, join, slice, length, random, dictsort, unordered_list.
#include <algorithm>

#include "base/codes.hpp"
#include "templating/builtins.hpp"
#include "templating/filter_options.hpp"
#include "templating/html.hpp"
#include "templating/node.hpp"
#include "templating/render_state.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

// What can be indexed by position: texts, lists, sequences. A mapping and its views cannot.
std::vector<Value> sequence(const Value& v, std::string_view filter) {
  const bool view = v.kind() == Value::Kind::list && v.list().form() != List::Form::list &&
                    v.list().form() != List::Form::tuple && v.list().form() != List::Form::group;
  if (v.kind() != Value::Kind::dict && !view) {
    if (auto items = python::items(v)) return std::move(*items);
  }
  wrong_type(v, filter, "a list or text");
}

Value first(const Value& v, const Value*, Context&) {
  if (v.kind() == Value::Kind::list && v.list().form() == List::Form::list) {
    return v.list().size() == 0 ? Value::borrowed("") : v.list()[0];
  }
  const auto items = sequence(v, "first");
  return items.empty() ? Value::borrowed("") : items.front();
}

Value last(const Value& v, const Value*, Context&) {
  const auto items = sequence(v, "last");
  return items.empty() ? Value::borrowed("") : items.back();
}

Value random_item(const Value& v, const Value*, Context& context) {
  const auto items = sequence(v, "random");
  if (items.empty()) return Value::borrowed("");
  Random& random = context.random ? *context.random : Random::system();
  return items[random.below(items.size())];
}

Value join(const Value& v, const Value* separator, Context& context) {
  if (!context.autoescape && !separator->is_string()) wrong_type(*separator, "join", "a text to put between");
  const auto items = python::items(v);
  if (!items) return v;
  std::string out;
  const auto put = [&](const Value& value) {
    if (context.autoescape) {
      out += conditional_escape(value).str();
    } else {
      out += value.str();
    }
    check_value_size(context, out.size());
  };
  if (!context.autoescape) {
    // Python joins texts only, and then the list stays as it is.
    for (const Value& item : *items) {
      if (!item.is_string()) return v;
    }
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    if (i != 0) put(*separator);
    put((*items)[i]);
  }
  return Value::safe(out);
}

Value length(const Value& v, const Value*, Context&) {
  return Value(python::length(v).value_or(0));
}

// Python's slice: "start:stop:step", each may be missing.
struct Slice {
  std::optional<std::int64_t> start, stop, step;
};

std::optional<Slice> slice_of(std::string_view text) {
  std::vector<std::optional<std::int64_t>> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find(':', begin);
    const std::string_view part = text.substr(begin, end == std::string_view::npos ? end : end - begin);
    if (part.empty()) {
      parts.emplace_back();
    } else {
      const python::Integer n = python::parse_int(part);
      if (!n.ok()) return std::nullopt;
      parts.emplace_back(n.value);
    }
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  if (parts.size() > 3) return std::nullopt;
  if (parts.size() == 1) return Slice{{}, parts[0], {}};
  return Slice{parts[0], parts[1], parts.size() == 3 ? parts[2] : std::nullopt};
}

std::vector<std::size_t> positions(const Slice& slice, std::size_t size) {
  const auto n = static_cast<std::int64_t>(size);
  const std::int64_t step = slice.step.value_or(1);
  const auto clamp = [&](std::optional<std::int64_t> at, std::int64_t otherwise) {
    if (!at) return otherwise;
    const std::int64_t low = step < 0 ? -1 : 0, high = step < 0 ? n - 1 : n;
    return std::clamp(*at < 0 ? std::max(*at, -n - 1) + n : *at, low, high);
  };
  const std::int64_t start = clamp(slice.start, step < 0 ? n - 1 : 0);
  const std::int64_t stop = clamp(slice.stop, step < 0 ? -1 : n);
  std::vector<std::size_t> out;
  // The step may be larger than any list; stop before the sum overflows.
  for (std::int64_t at = start; step < 0 ? at > stop : at < stop;) {
    out.push_back(static_cast<std::size_t>(at));
    if (step > 0 ? step >= stop - at : step <= stop - at) break;
    at += step;
  }
  return out;
}

Value slice(const Value& v, const Value* argument, Context&) {
  const auto wanted = slice_of(argument->to_text());
  if (!wanted || wanted->step == 0) return v;
  const bool sliceable = v.is_string() ||
                         (v.kind() == Value::Kind::list && v.list().form() <= List::Form::tuple) ||
                         (v.kind() == Value::Kind::object && v.object().is_sequence());
  if (!sliceable) return v;
  const auto items = *python::items(v);
  if (v.is_string()) {
    std::string out;
    for (std::size_t at : positions(*wanted, items.size())) out += items[at].str();
    return Value(out);
  }
  std::vector<Value> out;
  for (std::size_t at : positions(*wanted, items.size())) out.push_back(items[at]);
  const auto form = v.kind() == Value::Kind::list ? v.list().form() : List::Form::list;
  return Value(make<List>(std::move(out), form));
}

// The property that dictsort sorts by. Undefined: there is none.
Value property(const Value& item, const Value& by) {
  const python::Real number = python::to_float(by);
  if (number.ok()) {
    // A number is an index or key of exactly that type.
    if (by.kind() != Value::Kind::integer && by.kind() != Value::Kind::boolean) {
      if (item.kind() != Value::Kind::dict) return Value::undefined();
      if (by.is_string() && item.dict().find(by.str())) return *item.dict().find(by.str());
      throw TemplateError(fmt::format("dictsort: an item has no key {}", python::repr(by)));
    }
    if (item.kind() == Value::Kind::dict) {
      throw TemplateError(fmt::format("dictsort: an item has no key {}", python::repr(by)));
    }
    const auto items =
        item.kind() == Value::Kind::list || item.is_string() ? python::items(item) : std::nullopt;
    if (!items) return Value::undefined();
    const auto size = static_cast<std::int64_t>(items->size());
    const std::int64_t at = by.integer() < 0 ? by.integer() + size : by.integer();
    if (at < 0 || at >= size) {
      throw TemplateError(fmt::format("dictsort: an item has no part number {}", by.integer()));
    }
    return (*items)[static_cast<std::size_t>(at)];
  }
  Value current = item;
  std::string_view rest = by.str();
  while (true) {
    const std::size_t dot = rest.find('.');
    // A text has methods but nothing to sort by.
    if (current.is_string()) return Value::undefined();
    current = python::attribute(current, rest.substr(0, dot), -1);
    if (current.is_undefined() || dot == std::string_view::npos) return current;
    rest = rest.substr(dot + 1);
  }
}

Value sorted(const Value& v, const Value& by, bool reversed) {
  const bool named = !python::to_float(by).ok();
  if (named && by.is_string() && by.str().empty())
    throw TemplateError("dictsort needs the name of a property");
  const auto items = python::items(v);
  if (!items) return Value::borrowed("");
  if (named) {
    if (!by.is_string()) return Value::borrowed("");
    const std::string_view name = by.str();
    if (name[0] == '_' || name.find("._") != std::string_view::npos) return Value::borrowed("");
  }
  std::vector<std::pair<Value, Value>> keyed;
  for (const Value& item : *items) {
    keyed.emplace_back(property(item, by), item);
    if (keyed.back().first.is_undefined()) return Value::borrowed("");
  }
  for (std::size_t i = 1; i < keyed.size(); ++i) {
    // All keys must go with each other; neighbours decide it for values of the template's types.
    const auto order = python::order(keyed[i - 1].first, keyed[i].first);
    const bool same = python::equal(keyed[i - 1].first, keyed[i].first) && !keyed[i].first.is_null();
    if (order == python::Order::not_comparable && !same) return Value::borrowed("");
  }
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    const auto order = python::order(a.first, b.first);
    return order == (reversed ? python::Order::greater : python::Order::less);
  });
  auto list = make<List>();
  for (auto& pair : keyed) list->add(std::move(pair.second));
  return Value(std::move(list));
}

bool is_sublist(const Value& v) {
  return v.kind() == Value::Kind::list && v.list().form() <= List::Form::tuple;
}

void list_items(const std::vector<Value>& items, std::size_t tabs, Context& context, std::string& out) {
  const std::string indent(tabs, '\t');
  for (std::size_t i = 0; i < items.size();) {
    if (i != 0) out += '\n';
    const Value& item = items[i++];
    out += indent + "<li>";
    if (context.autoescape) {
      out += conditional_escape(item).str();
    } else {
      item.append_text(out);
    }
    // A list belongs to the item before it.
    if (i < items.size() && is_sublist(items[i])) {
      const std::vector<Value>& children = items[i++].list().items();
      if (!children.empty()) {
        out += "\n" + indent + "<ul>\n";
        list_items(children, tabs + 1, context, out);
        out += "\n" + indent + "</ul>\n" + indent;
      }
    }
    out += "</li>";
    check_value_size(context, out.size());
  }
}

Value unordered_list(const Value& v, const Value*, Context& context) {
  const auto items = python::items(v);
  if (!items) wrong_type(v, "unordered_list", "a list");
  std::string out;
  list_items(*items, 1, context, out);
  return Value::safe(out);
}

}  // namespace

void add_list_filters(Library& library) {
  library.filter("first", first, options(Argument::none));
  library.filter("last", last, options(Argument::none, true));
  library.filter("random", random_item, options(Argument::none, true));
  library.filter("join", join, options(Argument::required, true));
  library.filter("length", length, options(Argument::none));
  library.filter("slice", slice, options(Argument::required, true));
  library.filter(
      "dictsort", [](const Value& v, const Value* by, Context&) { return sorted(v, *by, false); },
      options(Argument::required));
  library.filter(
      "dictsortreversed", [](const Value& v, const Value* by, Context&) { return sorted(v, *by, true); },
      options(Argument::required));
  library.filter("unordered_list", unordered_list, options(Argument::none, true));
}

}  // namespace plenary::templating
