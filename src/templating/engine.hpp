// Engine: finds, compiles and renders templates. One per program, used by all threads; a compiled template is
// immutable and shared. A file in an override folder comes before the embedded file of the same name, and may
// {% extends %} it under its own name.
// production: everything is compiled at start and on reload(); an error keeps the old set.
// development: a template and those it is made of are looked at again at most once a second.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded.hpp"
#include "base/time.hpp"
#include "templating/context.hpp"
#include "templating/error.hpp"
#include "templating/library.hpp"
#include "templating/services.hpp"
#include "templating/value.hpp"

namespace plenary::templating {

class Template;
using TemplatePtr = std::shared_ptr<const Template>;

struct Limits {
  std::size_t nesting = 100;             // block tags inside each other
  std::size_t depth = 60;                // extends and include below each other
  std::size_t output_bytes = 32u << 20;  // of one page, and of any one value
  std::size_t iterations = 5'000'000;    // of all loops of one page
  std::size_t source_bytes = 4u << 20;   // of one file
};

struct EngineOptions {
  enum class Mode : unsigned char { production, development } mode = Mode::production;
  std::vector<std::filesystem::path> override_folders;  // the first that has the file wins
  const EmbeddedTree* embedded = nullptr;               // below the override folders
  std::map<std::string, Library> libraries;             // for {% load name %}
  std::vector<std::string> builtins;                    // of those, the ones that need no {% load %}
  std::shared_ptr<const UrlResolver> urls;
  std::shared_ptr<const StaticFiles> static_files;  // empty: static_prefix + path
  std::shared_ptr<const Translator> translator;     // empty: no translation
  std::shared_ptr<const Clock> clock;               // when to look at files again; empty: the system's
  std::string static_prefix = "/static/";
  std::string media_prefix = "/media/";
  std::string string_if_invalid;  // "%s" in it becomes the variable's name
  // Not empty: templates know these tags and filters and no others, of whatever library. For templates of
  // people who write texts, not programs.
  std::set<std::string, std::less<>> only_tags, only_filters;
  Limits limits;
};

class Engine {
 public:
  // production: throws TemplateErrors when any template does not compile.
  explicit Engine(EngineOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // All any thread. Throw TemplateError; what was rendered so far is dropped.
  std::string render(std::string_view name, Context& context) const;
  void render(std::string_view name, Context& context, std::string& out) const;
  std::string render(const TemplatePtr& compiled, Context& context) const;
  TemplatePtr get(std::string_view name) const;  // throws TemplateNotFound
  bool exists(std::string_view name) const;
  // A template from text, not from a file; it may extend and include the engine's.
  TemplatePtr compile(std::string source, std::string name = "<text>") const;

  // Compiles everything again. Empty: the new set is in use. Otherwise the old one stays.
  std::vector<TemplateError> reload();
  // Compiles everything, changes nothing, tells all errors, also missing parents and includes with literal
  // names.
  std::vector<TemplateError> check() const;

  const EngineOptions& options() const;

 private:
  friend class RenderState;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Several templates that do not compile, told together.
class TemplateErrors : public TemplateError {
 public:
  explicit TemplateErrors(std::vector<TemplateError> errors);
  const std::vector<TemplateError>& errors() const { return errors_; }

 private:
  std::vector<TemplateError> errors_;
};

}  // namespace plenary::templating
