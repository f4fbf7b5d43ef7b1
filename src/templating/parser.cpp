#include "templating/parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "templating/builtins.hpp"
#include "templating/tags_loader.hpp"
#include "templating/template.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

// A tag or filter that nobody has registered or loaded.
class UnknownName : public TemplateError {
 public:
  using TemplateError::TemplateError;
};

class TextNode final : public Node {
 public:
  explicit TextNode(std::string_view text) : text_(text) {}
  void render(Context&, std::string& out) const override { out += text_; }
  bool is_text() const override { return true; }
  Fixed fixed(std::string& text) const override {
    text += text_;
    return Fixed::always;
  }

 private:
  std::string_view text_;
};

class VariableNode final : public Node {
 public:
  explicit VariableNode(Expression expression) : expression_(std::move(expression)) {}
  void render(Context& context, std::string& out) const override {
    Value scratch;
    render_value(*expression_.resolve(context, scratch), context, out);
  }

 private:
  Expression expression_;
};

std::string_view first_word(std::string_view contents) {
  for (std::size_t at = 0; at < contents.size();) {
    const std::size_t here = at;
    if (unicode::is_space(unicode::next(contents, at))) return contents.substr(0, here);
  }
  return contents;
}

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
  std::vector<std::string> keys;
  for (const auto& entry : map) keys.emplace_back(entry.first);
  return keys;
}

}  // namespace

std::string choices(std::initializer_list<std::string_view> names) {
  std::string out;
  std::size_t i = 0;
  for (std::string_view name : names) {
    if (i != 0) out += i + 1 == names.size() ? " or " : ", ";
    out += fmt::format("'{}'", name);
    ++i;
  }
  return out;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  // The distance is quadratic; nobody's typing mistake is a kilobyte long.
  const std::string near = word.size() > 64 ? std::string() : nearest(word, known);
  return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
}

namespace {
// "; there are 'a', 'b'": where they are few.
std::string all_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "; there are '" : ", '") + name + "'";
  return out;
}
}  // namespace

Parser::Parser(Template& result, const EngineOptions& options) : result_(result), options_(options) {
  add_library(builtin_library());
  for (const std::string& name : options.builtins) {
    const auto found = options.libraries.find(name);
    if (found != options.libraries.end()) add_library(found->second);
  }
}

void Parser::add_library(const Library& library) {
  const auto is_known = [](const auto& only, const std::string& name) {
    return only.empty() || only.find(name) != only.end();
  };
  for (const auto& [name, tag] : library.tags())
    if (is_known(options_.only_tags, name)) tags_[name] = &tag;
  for (const auto& [name, filter] : library.filters())
    if (is_known(options_.only_filters, name)) filters_[name] = filter.get();
}

namespace {
const Library* library_named(const EngineOptions& options, std::string_view name) {
  const auto own = options.libraries.find(std::string(name));
  if (own != options.libraries.end()) return &own->second;
  const auto& standard = standard_libraries();
  const auto found = standard.find(std::string(name));
  return found == standard.end() ? nullptr : &found->second;
}

const Library& known_library(const EngineOptions& options, std::string_view name) {
  if (const Library* library = library_named(options, name)) return *library;
  std::vector<std::string> known = keys_of(standard_libraries());
  for (const auto& entry : options.libraries) known.push_back(entry.first);
  std::string list;
  for (const std::string& each : known) list += (list.empty() ? "" : ", ") + each;
  throw TemplateError(
      fmt::format("there is no tag library '{}'{}; there are {}", name, suggestion(name, known), list));
}
}  // namespace

void Parser::load(std::string_view library) {
  add_library(known_library(options_, library));
}

void Parser::load(std::string_view library, const std::vector<std::string_view>& names) {
  const Library& found = known_library(options_, library);
  for (std::string_view name : names) {
    const auto tag = found.tags().find(name);
    const auto filter = found.filters().find(name);
    if (tag != found.tags().end()) tags_[tag->first] = &tag->second;
    if (filter != found.filters().end()) filters_[filter->first] = filter->second.get();
    if (tag == found.tags().end() && filter == found.filters().end()) {
      std::vector<std::string> known = keys_of(found.tags());
      for (std::string& key : keys_of(found.filters())) known.push_back(std::move(key));
      fail(fmt::format("the tag library '{}' has no tag or filter '{}'{}", library, name,
                       suggestion(name, known)));
    }
  }
}

Expression Parser::expression(std::string_view text) const {
  Expression compiled(text, *this);
  const std::string_view name = compiled.variable().text(), first = name.substr(0, name.find('.'));
  if (kept_ != 0 && (first == "csrf_token" || first == "user" || first == "messages" || first == "request"))
    refuse_in_keep(name);
  return compiled;
}

void Parser::refuse_in_keep(std::string_view what) const {
  if (kept_ == 0) return;
  fail(fmt::format("{} cannot stand inside of {{% keep %}}: what is kept is shown on other pages too", what));
}

const Filter* Parser::find_filter(std::string_view name) const {
  const auto found = filters_.find(name);
  if (found == filters_.end()) {
    throw UnknownName(fmt::format("unknown filter '{}'{}{}", name, suggestion(name, keys_of(filters_)),
                                  options_.only_filters.empty() ? "" : all_of(keys_of(filters_))));
  }
  return found->second;
}

std::string_view Parser::keep(std::string text) {
  return result_.kept.emplace_back(std::move(text));
}

NodeList Parser::parse_all(std::vector<TemplateError>* others) {
  others_ = others;
  if (result_.source.size() > options_.limits.source_bytes) {
    TemplateLimit error(fmt::format("the file has {} bytes; at most {} are allowed", result_.source.size(),
                                    options_.limits.source_bytes));
    error.set_place(result_.name, 1, 1, "");
    throw error;
  }
  tokens_ = tokenize(result_.source);
  return parse({});
}

Token Parser::take() {
  return tokens_[next_++];
}

bool Parser::note(TemplateError& error, const Token& token, std::size_t next_before) {
  if (!error.has_place()) error.set_place(result_.name, token.line, token.column, token.whole);
  constexpr std::size_t enough = 50;
  if (!others_ || others_->size() >= enough || next_ != next_before) return false;
  // What a library that could not be loaded would have brought is no mistake of its own.
  if (load_failed_ && dynamic_cast<const UnknownName*>(&error)) return true;
  if (token.type == Token::Type::block) {
    // A wrong end means that the nesting is not what the author thinks; anything told after it would be a
    // guess.
    const std::string_view command = first_word(token.contents);
    for (std::string_view inner : {"else", "elif", "empty", "plural"}) {
      if (command == inner) return false;
    }
    if (command.substr(0, 3) == "end") return false;
    load_failed_ = load_failed_ || command == "load";
  }
  others_->push_back(error);
  return true;
}

// Reads what stands inside of a block tag that did not compile, for the mistakes in it.
void Parser::skip_body(std::string_view command) {
  const std::string_view end = keep(fmt::format("end{}", command));
  const auto is_end = [&](const Token& token) {
    return token.type == Token::Type::block && first_word(token.contents) == end;
  };
  if (std::none_of(tokens_.begin() + static_cast<std::ptrdiff_t>(next_), tokens_.end(), is_end)) return;
  do {
    parse({end, "else", "elif", "empty", "plural"});
  } while (!is_end(take()));
}

void Parser::add(NodeList& list, bool& nontext, std::unique_ptr<Node> node, const Token& token) {
  if (node->must_be_first() && nontext) {
    TemplateError error(fmt::format("{{% {} %}} must be the first tag of the template", token.contents));
    error.set_place(result_.name, token.line, token.column, token.whole);
    throw error;
  }
  if (!node->is_text()) nontext = true;
  node->source_text = token.whole;
  node->line = token.line;
  node->column = token.column;
  list.add(std::move(node));
}

NodeList Parser::parse(std::initializer_list<std::string_view> until) {
  if (++nesting_ > options_.limits.nesting) {
    throw TemplateLimit(fmt::format("tags are nested more than {} deep", options_.limits.nesting));
  }
  NodeList list(&result_);
  bool nontext = false;
  while (has_tokens()) {
    const Token token = take();
    switch (token.type) {
      case Token::Type::comment:
        break;
      case Token::Type::text:
        add(list, nontext, std::make_unique<TextNode>(token.contents), token);
        break;
      case Token::Type::variable:
        try {
          if (token.contents.empty()) fail("the variable is empty; write {{ name }}");
          add(list, nontext, std::make_unique<VariableNode>(expression(token.contents)), token);
        } catch (TemplateError& error) {
          if (!note(error, token, next_)) throw;
        }
        break;
      case Token::Type::block: {
        const std::string_view command = first_word(token.contents);
        if (std::find(until.begin(), until.end(), command) != until.end() && !command.empty()) {
          --next_;
          --nesting_;
          list.fold();
          return list;
        }
        const std::size_t next_before = next_, nesting_before = nesting_, open_before = open_.size();
        open_.emplace_back(command, token);
        std::unique_ptr<Node> node;
        try {
          node = compile_block(token, until);
        } catch (TemplateError& error) {
          if (!note(error, token, next_before)) throw;
          nesting_ = nesting_before;
          skip_body(command);
        }
        if (node) add(list, nontext, std::move(node), token);
        open_.resize(open_before);
      }
    }
  }
  if (until.size() != 0) unclosed(until);
  --nesting_;
  list.fold();
  return list;
}

std::unique_ptr<Node> Parser::compile_block(const Token& token,
                                            std::initializer_list<std::string_view> until) {
  const std::string_view command = first_word(token.contents);
  if (command.empty()) fail("the tag is empty; write {% name %}");
  const auto found = tags_.find(command);
  if (found == tags_.end()) unknown_tag(token, command, until);
  return (*found->second)(*this, token);
}

NodeList Parser::parse_to(std::string_view end) {
  NodeList list = parse({end});
  ++next_;
  return list;
}

void Parser::skip_past(std::string_view end) {
  while (has_tokens()) {
    const Token token = take();
    if (token.type == Token::Type::block && token.contents == end) return;
  }
  unclosed({end});
}

void Parser::unknown_tag(const Token& token, std::string_view command,
                         std::initializer_list<std::string_view> until) const {
  std::string message = fmt::format("unknown tag '{}'", command);
  std::vector<std::string> known = keys_of(tags_);
  for (std::string_view end : until) known.emplace_back(end);
  message += suggestion(command, known);
  const bool may_load = tags_.count("load") != 0;
  if (!options_.only_tags.empty()) message += all_of(keys_of(tags_));
  for (const auto& [library_name, library] : standard_libraries()) {
    if (may_load && library.tags().count(command))
      message += fmt::format("; it needs {{% load {} %}}", library_name);
  }
  for (const auto& [library_name, library] : options_.libraries) {
    if (may_load && library.tags().count(command))
      message += fmt::format("; it needs {{% load {} %}}", library_name);
  }
  if (until.size() != 0) {
    // open_'s last entry is the unknown tag itself.
    const auto& outer = open_[open_.size() - 2];
    message += fmt::format("; {} is expected for the tag '{}' of line {}", choices(until), outer.first,
                           outer.second.line);
  }
  UnknownName error(message);
  error.set_place(result_.name, token.line, token.column, token.whole);
  throw error;
}

void Parser::unclosed(std::initializer_list<std::string_view> until) {
  const auto& [command, token] = open_.back();
  TemplateError error(fmt::format("the tag '{}' is not closed; {} is missing", command, choices(until)));
  error.set_place(result_.name, token.line, token.column, token.whole);
  throw error;
}

std::vector<Expression> Parser::expressions(const std::vector<std::string_view>& bits, std::size_t begin,
                                            std::size_t end) const {
  std::vector<Expression> out;
  for (std::size_t i = begin; i < end; ++i) out.push_back(expression(bits[i]));
  return out;
}

std::string_view Parser::keyword_of(std::string_view bit, std::string_view& value) {
  std::size_t at = 0;
  while (at < bit.size()) {
    std::size_t after = at;
    if (!unicode::is_word(unicode::next(bit, after))) break;
    at = after;
  }
  if (at > 0 && at + 1 < bit.size() && bit[at] == '=') {
    value = bit.substr(at + 1);
    return bit.substr(0, at);
  }
  value = bit;
  return {};
}

std::vector<Parser::Assignment> Parser::assignments(const std::vector<std::string_view>& bits,
                                                    std::size_t& at, bool legacy) const {
  std::vector<Assignment> out;
  if (at >= bits.size()) return out;
  const auto put = [&](std::string_view name, std::string_view value) {
    Expression compiled = expression(value);
    for (Assignment& each : out) {
      if (each.name == name) {
        each.value = std::move(compiled);
        return;
      }
    }
    out.push_back({name, std::move(compiled)});
  };
  std::string_view value;
  const bool keywords = !keyword_of(bits[at], value).empty();
  if (!keywords && !legacy) return out;
  while (at < bits.size()) {
    if (keywords) {
      const std::string_view name = keyword_of(bits[at], value);
      if (name.empty()) return out;
      put(name, value);
      ++at;
    } else {
      if (bits.size() - at < 3 || bits[at + 1] != "as") return out;
      put(bits[at + 2], bits[at]);
      at += 3;
      if (at >= bits.size() || bits[at] != "and") return out;
      ++at;
    }
  }
  return out;
}

}  // namespace plenary::templating
