#include "mail/text_language.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "mail/text_html.hpp"
#include "mail/text_links.hpp"
#include "mail/text_names.hpp"
#include "mail/variables.hpp"
#include "mail/wording.hpp"
#include "templating/engine.hpp"
#include "templating/sources.hpp"
#include "templating/value.hpp"

namespace plenary::mail {
namespace {

using templating::Arguments;
using templating::Context;
using templating::TemplateError;
using templating::Value;

// A name that no template can say.
constexpr std::string_view place =
    "\x01"
    "blocks";

enum class Form { text, html, made_of_text };

// What the tags need while a part is rendered. Templates see nothing of it.
class Blocks final : public templating::Object {
 public:
  Blocks(const TextBlocks& blocks, Form form) : blocks_(blocks), form_(form) {}
  Value get(std::string_view) const override { return Value::undefined(); }

  Value button(const std::string& url, const std::string& label) const {
    if (form_ == Form::text) return Value(label + ":\n" + url);
    return put(blocks_.button(url, label));
  }
  Value part(std::string_view name) const {
    if (form_ == Form::text) return Value(blocks_.part(name, false));
    return put(blocks_.part(name, true));
  }
  const std::vector<std::string>& kept() const { return kept_; }

 private:
  Value put(std::string markup) const {
    if (form_ == Form::html) return Value::safe(markup);
    kept_.push_back(std::move(markup));
    if (kept_.size() > 200) throw templating::TemplateLimit("too many buttons and lists in one mail");
    return Value(block_mark(blocks_.mark, kept_.size() - 1));
  }

  const TextBlocks& blocks_;
  Form form_;
  mutable std::vector<std::string> kept_;
};

const Blocks& blocks_of(const Context& context) {
  const Value* value = context.find(place);
  if (!value) throw TemplateError("this tag works in mails alone");
  return static_cast<const Blocks&>(value->object());
}

Value button(const Arguments& given, Context& context) {
  const std::string url = given[0].to_text(), label = one_line(given[1].to_text());
  if (url.empty()) return Value("");  // there is nothing to open at the moment
  const bool is_web = url.starts_with("https://") || url.starts_with("http://") || url.starts_with("mailto:");
  if (!is_web || url.find_first_of(" \t\r\n\"<>") != std::string::npos)
    throw TemplateError(fmt::format(
        "a button leads to an address that begins with https://, or to a variable that is one; found '{}'",
        url.substr(0, 100)));
  return blocks_of(context).button(url, label.empty() ? url : label);
}

templating::Library own_tags() {
  templating::Library library;
  library.simple_tag("button", {{"url", "label"}, 2}, button);
  library.simple_tag("order_lines", {{}, 0}, [](const Arguments&, Context& context) {
    return blocks_of(context).part("order_lines");
  });
  library.simple_tag("transfer", {{}, 0},
                     [](const Arguments&, Context& context) { return blocks_of(context).part("transfer"); });
  return library;
}

const templating::Engine& engine() {
  static const templating::Engine made([] {
    templating::EngineOptions options;
    options.libraries["mail"] = own_tags();
    options.builtins = {"mail"};
    // Not among them: whatever reads files, ends escaping, repeats without an end, or asks the server
    // anything.
    options.only_tags = {"if", "for", "with", "firstof", "comment", "button", "order_lines", "transfer"};
    options.only_filters = {"capfirst",      "default",   "escape",     "first",      "join",
                            "last",          "length",    "linebreaks", "lower",      "linebreaksbr",
                            "pluralize",     "striptags", "title",      "upper",      "truncatechars",
                            "truncatewords", "urlencode", "yesno",      "floatformat"};
    options.limits.nesting = 20;
    options.limits.depth = 4;
    options.limits.output_bytes = 256 * 1024;
    options.limits.iterations = 10'000;
    options.limits.source_bytes = longest_text_html;
    return options;
  }());
  return made;
}

// A copy of the values that are listed, and of nothing beside them.
void set_listed(const Message& message, const Context& filled, Context& into) {
  std::vector<std::pair<std::string, templating::Ref<templating::Dict>>> dicts;
  for (const Variable& variable : variables_of(message)) {
    const std::size_t dot = variable.name.find('.');
    const std::string_view root = variable.name.substr(0, dot);
    const Value* value = filled.find(root);
    if (!value) continue;
    if (dot == std::string_view::npos) {
      into.set(root, *value);
      continue;
    }
    if (value->kind() != Value::Kind::dict) continue;
    const std::string_view leaf = variable.name.substr(dot + 1);
    auto dict = std::find_if(dicts.begin(), dicts.end(), [&](const auto& one) { return one.first == root; });
    if (dict == dicts.end()) {
      dicts.emplace_back(root, templating::make<templating::Dict>());
      dict = dicts.end() - 1;
    }
    if (const Value* found = value->dict().find(leaf)) dict->second->set(leaf, *found);
  }
  for (auto& [name, dict] : dicts) into.set(name, Value(std::move(dict)));
}

std::string render_part(std::string_view part, const std::string& source, const Message& message,
                        const Context& filled, const TextBlocks& blocks, Form form) {
  Context context;
  context.autoescape = form == Form::html;
  context.locale = filled.locale;
  context.now = filled.now;
  context.time_zone = context.default_time_zone = filled.time_zone;
  set_listed(message, filled, context);
  const auto own = templating::make<Blocks>(blocks, form);
  context.set(place, Value(own));
  try {
    const auto compiled = engine().compile(source, std::string(part));
    std::string out = engine().render(compiled, context);
    return form == Form::made_of_text ? html_of_text(out, blocks.mark, own->kept()) : out;
  } catch (const TemplateError& error) {
    throw TextError(std::string(part), error);
  }
}

void compile(std::string_view part, const std::string& source, std::vector<TextProblem>& problems) {
  std::vector<TemplateError> errors;
  templating::compile_template(std::string(part), "text", source, engine().options(), &errors);
  for (const TemplateError& error : errors) problems.push_back(problem_of(part, error));
}

}  // namespace

TextProblem problem_of(std::string_view part, const TemplateError& error) {
  std::string what = error.message();
  if (!error.text().empty()) what += fmt::format(" (in {})", error.text().substr(0, 120));
  return {std::string(part), error.line(), error.column(), std::move(what)};
}

std::vector<TextProblem> check_text(const Message& message, const TextSource& source) {
  std::vector<TextProblem> problems;
  const auto too_long = [&](std::string_view part, const std::string& text, std::size_t limit) {
    if (text.size() > limit)
      problems.push_back({std::string(part), 0, 0,
                          fmt::format("it has {} bytes; at most {} are allowed", text.size(), limit)});
    return text.size() > limit;
  };
  if (too_long("subject", source.subject, longest_text_subject) ||
      too_long("body", source.body, longest_text_body) || too_long("html", source.html, longest_text_html))
    return problems;
  if (trimmed(source.subject).empty())
    problems.push_back({"subject", 0, 0, "a mail without a subject is not sent; write one"});
  if (source.subject.find_first_of("\r\n") != std::string::npos)
    problems.push_back({"subject", 1, 1, "a subject is one line"});
  if (trimmed(source.body).empty())
    problems.push_back({"body", 0, 0, "the text is empty; write it, or go back to the shipped one"});
  const std::pair<std::string_view, const std::string&> parts[] = {
      {"subject", source.subject}, {"body", source.body}, {"html", source.html}};
  for (const auto& [part, text] : parts) {
    const std::size_t before = problems.size();
    compile(part, text, problems);
    if (problems.size() > before) continue;
    find_unknown_names(message, part, text, problems);
    if (!trimmed(text).empty()) find_link_faults(message, part, text, problems);
  }
  find_unwanted_html(source.html, problems);
  return problems;
}

RenderedText render_text(const Message& message, const TextSource& source, const Context& filled,
                         const TextBlocks& blocks) {
  RenderedText rendered;
  rendered.subject = one_line(render_part("subject", source.subject, message, filled, blocks, Form::text));
  if (rendered.subject.empty())
    throw TextError("subject",
                    TemplateError("nothing is left of the subject when its variables are filled in"));
  if (rendered.subject.size() > 4 * longest_text_subject)
    throw TextError("subject",
                    templating::TemplateLimit("the subject becomes too long when it is filled in"));
  rendered.text = tidy(render_part("body", source.body, message, filled, blocks, Form::text));
  if (trimmed(rendered.text).empty())
    throw TextError("body", TemplateError("nothing is left of the text when its variables are filled in"));
  rendered.html = source.html.empty()
                      ? render_part("body", source.body, message, filled, blocks, Form::made_of_text)
                      : render_part("html", source.html, message, filled, blocks, Form::html);
  require_links(message, filled, rendered);
  return rendered;
}

std::vector<std::string> text_tags() {
  const auto& names = engine().options().only_tags;
  return {names.begin(), names.end()};
}

std::vector<std::string> text_filters() {
  const auto& names = engine().options().only_filters;
  return {names.begin(), names.end()};
}

}  // namespace plenary::mail
