#include "templating/expression.hpp"

#include <fmt/format.h>

#include <string>

#include "base/decimal.hpp"
#include "templating/parser.hpp"
#include "templating/python.hpp"
#include "templating/render_state.hpp"
#include "templating/translation.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool is_digit(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    std::size_t after = at;
    if (!unicode::is_space(unicode::next(text, after))) break;
    at = after;
  }
  return at;
}

std::size_t skip_word(std::string_view text, std::size_t at, bool dots) {
  while (at < text.size()) {
    std::size_t after = at;
    const char32_t c = unicode::next(text, after);
    if (!unicode::is_word(c) && !(dots && c == '.')) break;
    at = after;
  }
  return at;
}

std::size_t end_of_string(std::string_view text, std::size_t at) {
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return npos;
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return npos;
}

// "…", '…', _("…"), _('…')
std::size_t end_of_constant(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) == "_(") {
    const std::size_t end = end_of_string(text, at + 2);
    return end != npos && end < text.size() && text[end] == ')' ? end + 1 : npos;
  }
  return end_of_string(text, at);
}

// A name with dots, or a number.
std::size_t end_of_variable(std::string_view text, std::size_t at) {
  const std::size_t end = skip_word(text, at, true);
  if (end > at) return end;
  std::size_t i = at;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  if (!is_digit(text, i)) return npos;
  while (is_digit(text, i) || (i < text.size() && (text[i] == '.' || text[i] == 'e'))) ++i;
  return i;
}

bool is_quoted(std::string_view text) {
  return text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
}

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t found = text.find(what, at);
    out += text.substr(at, found == npos ? npos : found - at);
    if (found == npos) return out;
    out += with;
    at = found + what.size();
  }
}

Value string_literal(std::string_view quoted) {
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  if (inner.find('\\') == npos) return Value::borrowed_safe(inner);
  const std::string quote(1, quoted[0]);
  return Value::safe(replaced(replaced(inner, "\\" + quote, quote), "\\\\", "\\"));
}

// Undefined when it is no number.
Value number_literal(std::string_view text) {
  if (text.find('.') != npos || text.find_first_of("eE") != npos) {
    const python::Real real = python::parse_float(text);
    if (!real.ok() || text.back() == '.') return Value::undefined();
    return real.value;
  }
  const python::Integer whole = python::parse_int(text);
  if (whole.ok()) return whole.value;
  if (whole.failure == python::Failure::overflow) {
    if (const auto wide = Decimal::parse(text)) return *wide;
  }
  return Value::undefined();
}

}  // namespace

Variable::Variable(std::string_view text) : text_(text) {
  literal_ = number_literal(text);
  if (!literal_.is_undefined()) return;
  if (text.size() >= 3 && text.substr(0, 2) == "_(" && text.back() == ')') {
    translated = true;
    text = text.substr(2, text.size() - 3);
  }
  if (is_quoted(text)) {
    literal_ = string_literal(text);
    return;
  }
  if (text.empty() || text[0] == '_' || text.find("._") != npos) {
    throw TemplateError(
        fmt::format("names and attributes must not begin with an underscore; found '{}'", text));
  }
  std::size_t begin = 0;
  while (true) {
    const std::size_t dot = text.find('.', begin);
    Part part;
    part.name = Name(text.substr(begin, dot == npos ? npos : dot - begin));
    const python::Integer index = python::parse_int(part.name.text);
    if (index.ok()) part.index = index.value;
    parts_.push_back(part);
    if (dot == npos) break;
    begin = dot + 1;
  }
}

const Value* Variable::lookup(Context& context, Value& scratch) const {
  const Value* current = context.find(parts_[0].name);
  if (!current) {
    static const Value yes(true), no(false), none;
    const std::string_view name = parts_[0].name.text;
    current = name == "True" ? &yes : name == "False" ? &no : name == "None" ? &none : nullptr;
    if (!current) return nullptr;
  }
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    // Into containers without copying; everything else makes a value.
    if (current->kind() == Value::Kind::dict) {
      if (const Value* found = current->dict().find(part.name.text)) {
        current = found;
        continue;
      }
    } else if (current->kind() == Value::Kind::list && current->list().form() == List::Form::list) {
      const auto index = static_cast<std::size_t>(part.index);
      if (part.index < 0 || index >= current->list().size()) return nullptr;
      current = &current->list()[index];
      continue;
    }
    Value made = python::attribute(*current, part.name.text, part.index);
    if (made.is_undefined()) return nullptr;
    // `current` may live inside of what `scratch` owns; it is not needed any more.
    scratch = std::move(made);
    current = &scratch;
  }
  return current;
}

const Value* Variable::resolve(Context& context, Value& scratch) const {
  const Value* found = parts_.empty() ? &literal_ : lookup(context, scratch);
  if (!found || !translated) return found;
  Value value = *found;
  translate_in(context, {}, value);
  scratch = std::move(value);
  return &scratch;
}

void Variable::translate_in(Context& context, std::string_view message_context, Value& value) const {
  const bool safe = value.is_safe();
  const std::string message = replaced(value.to_text(), "%", "%%");
  value = Value(gettext(context, message_context, message));
  if (safe) value = std::move(value).marked_safe();
}

Expression::Expression(std::string_view text, const Parser& parser) : text_(text) {
  std::size_t at = end_of_constant(text, 0);
  if (at == npos) at = end_of_variable(text, 0);
  if (at == npos || at == 0) {
    throw TemplateError(fmt::format("expected a variable or a quoted string at the start of '{}'", text));
  }
  variable_ = Variable(text.substr(0, at));
  while (at < text.size()) {
    std::size_t next = skip_spaces(text, at);
    const auto junk = [&](std::size_t from) {
      throw TemplateError(
          fmt::format("cannot understand '{}' in '{}'; a filter is written |name or |name:argument without "
                      "blanks around the "
                      "colon",
                      text.substr(from), text));
    };
    if (next >= text.size() || text[next] != '|') junk(at);
    next = skip_spaces(text, next + 1);
    const std::size_t name_end = skip_word(text, next, false);
    if (name_end == next) junk(at);
    Call call;
    call.name = text.substr(next, name_end - next);
    call.filter = parser.find_filter(call.name);
    at = name_end;
    if (at < text.size() && text[at] == ':') {
      std::size_t end = end_of_constant(text, at + 1);
      if (end == npos) end = end_of_variable(text, at + 1);
      if (end == npos || end == at + 1) junk(at);
      call.argument = Variable(text.substr(at + 1, end - at - 1));
      call.has_argument = true;
      at = end;
    }
    const auto wants = call.filter->options.argument;
    if (call.has_argument && wants == FilterOptions::Argument::none) {
      throw TemplateError(
          fmt::format("the filter '{}' takes no argument; found '{}'", call.name, call.argument.text()));
    }
    if (!call.has_argument && wants == FilterOptions::Argument::required) {
      throw TemplateError(fmt::format("the filter '{0}' needs an argument: |{0}:…", call.name));
    }
    calls_.push_back(std::move(call));
  }
}

const Value* Expression::apply_filters(const Value* current, Context& context, Value& scratch) const {
  for (const Call& call : calls_) {
    const FilterOptions& options = call.filter->options;
    Value argument_scratch;
    const Value* argument = nullptr;
    if (call.has_argument) {
      argument = call.argument.resolve(context, argument_scratch);
      if (!argument) {
        throw VariableMissing(fmt::format("the argument '{}' of the filter '{}' names nothing that is there",
                                          call.argument.text(), call.name));
      }
    }
    const bool safe = current->is_safe();
    Value result;
    if (options.text_only && !current->is_string()) {
      const Value text(current->to_text());
      result = call.filter->function(text, argument, context);
    } else if (options.expects_local_time && current->kind() == Value::Kind::datetime &&
               context.convert_time_zone && !current->is_pinned()) {
      result = call.filter->function(current->in_zone(context.time_zone), argument, context);
    } else {
      result = call.filter->function(*current, argument, context);
    }
    if (options.is_safe && safe && !result.is_safe()) result = std::move(result).marked_safe();
    scratch = std::move(result);
    current = &scratch;
  }
  return current;
}

const Value* Expression::run(Context& context, Value& scratch, bool null_if_missing) const {
  const Value* found = variable_.resolve(context, scratch);
  if (!found) {
    static const Value none;
    static const Value empty = Value::borrowed("");
    if (null_if_missing) {
      found = &none;
    } else {
      const std::string& invalid =
          context.string_if_invalid ? *context.string_if_invalid : context.state->options.string_if_invalid;
      if (!invalid.empty()) {
        scratch = Value(replaced(invalid, "%s", variable_.text()));
        return &scratch;
      }
      found = &empty;
    }
  }
  return calls_.empty() ? found : apply_filters(found, context, scratch);
}

Value Expression::value(Context& context) const {
  Value scratch;
  const Value* found = resolve(context, scratch);
  return found == &scratch ? std::move(scratch) : *found;
}

Value Expression::value_or_null(Context& context) const {
  Value scratch;
  const Value* found = resolve_or_null(context, scratch);
  return found == &scratch ? std::move(scratch) : *found;
}

std::string_view Expression::literal_string() const {
  if (!calls_.empty() || !variable_.is_literal() || variable_.translated) return {};
  return variable_.literal().is_string() ? variable_.literal().str() : std::string_view();
}

bool Expression::uses_filter(std::string_view name) const {
  for (const Call& call : calls_) {
    if (call.name == name) return true;
  }
  return false;
}

}  // namespace plenary::templating
