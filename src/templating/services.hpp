// What the template language needs from the rest of the program, as interfaces: addresses of routes, static
// files and translations. All implementations are called from several threads at once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "templating/value.hpp"

namespace plenary::templating {

class Context;

// {% url 'area:name' arguments %}. `embed/program` wires the route tables in.
class UrlResolver {
 public:
  virtual ~UrlResolver() = default;
  struct Request {
    std::string_view name;
    std::span<const Value> positional;
    std::span<const std::pair<std::string_view, Value>> named;
    const Context& context;  // a route without its conference argument takes the one found here
  };
  // The path, or empty: no such route or wrong arguments. `why` may be filled with what to mend.
  virtual std::optional<std::string> path_of(const Request& request, std::string& why) const = 0;
};

// {% static "css/site.css" %}
class StaticFiles {
 public:
  virtual ~StaticFiles() = default;
  virtual std::string url_of(std::string_view path) const = 0;
};

// gettext in one language. `locale` is the context's ("en", "pt-br"). An unknown message answers itself.
class Translator {
 public:
  virtual ~Translator() = default;
  // `context` is empty for gettext and the message context for pgettext.
  virtual std::string translate(std::string_view locale, std::string_view context,
                                std::string_view message) const = 0;
  virtual std::string translate_plural(std::string_view locale, std::string_view context,
                                       std::string_view singular, std::string_view plural,
                                       std::int64_t count) const = 0;
  // Whether every message of this locale is the one of the source: then nothing is looked up.
  virtual bool is_source(std::string_view locale) const {
    (void)locale;
    return false;
  }
  // Its present words: another address from the moment on that any of them change, and never one of before.
  // Null: what it says is asked for each time.
  virtual const void* edition() const { return nullptr; }
};

}  // namespace plenary::templating
