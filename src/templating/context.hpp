// Context: the variables of one page and the settings it is rendered with. One thread, one page; cheap to
// build. Scopes are pushed and popped by tags; the program fills the outermost.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "base/time.hpp"
#include "templating/services.hpp"
#include "templating/value.hpp"

namespace plenary::templating {

class RenderState;

// A variable name with its hash, made once when the template is compiled.
struct Name {
  std::string_view text;
  std::uint32_t hash = 0;
  Name() = default;
  explicit Name(std::string_view t) : text(t), hash(hash_of(t)) {}
  static constexpr std::uint32_t hash_of(std::string_view t) {
    std::uint32_t h = 2166136261u;
    for (char c : t) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
    return h;
  }
};

class Context {
 public:
  Context();
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // In the current scope; the name is copied.
  void set(std::string_view name, Value value);
  // From the innermost scope outwards; null when nothing has that name. Valid until the next change.
  const Value* find(std::string_view name) const { return find(Name(name)); }
  const Value* find(const Name& name) const;

  bool autoescape = true;
  std::string locale = "en";             // "de", "pt-br"
  TimeZone time_zone = TimeZone::utc();  // what moments are shown in
  TimeZone default_time_zone = TimeZone::utc();
  std::optional<Instant> now;     // empty: the system clock, read once
  Random* random = nullptr;       // null: the system's
  bool convert_time_zone = true;  // {% localtime off %}
  enum class Localization : std::uint8_t { standard, on, off } localization = Localization::standard;
  std::optional<std::string> string_if_invalid;  // empty: the engine's
  // Empty: the engine's.
  const UrlResolver* urls = nullptr;
  const Translator* translator = nullptr;

  Instant current_time();

  // For tags. Names must outlive the scope (names in templates do).
  void push() { marks_.push_back(static_cast<std::uint32_t>(entries_.size())); }
  void pop();
  void set(const Name& name, Value value);
  // Where the name exists already, else in the current scope.
  void set_upward(const Name& name, Value value);
  // Hides all outer variables until show() gets the returned mark back.
  std::uint32_t hide();
  void show(std::uint32_t mark);
  class Scope {
   public:
    explicit Scope(Context& context) : context_(context) { context_.push(); }
    ~Scope() { context_.pop(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Context& context_;
  };

  // Owned by the engine while it renders.
  RenderState* state = nullptr;
  // Keeps what borrowed values point into alive as long as the context.
  void keep(std::shared_ptr<const void> owner) { kept_.push_back(std::move(owner)); }

 private:
  struct Entry {
    std::string_view name;
    Value value;
  };
  std::string_view stored(std::string_view name);
  Value* in_scope(const Name& name);
  void add(std::string_view name, std::uint32_t hash, Value value);

  std::vector<Entry> entries_;         // all scopes, innermost last
  std::vector<std::uint32_t> hashes_;  // of their names, close together: most are only passed by
  std::vector<std::uint32_t> marks_;   // where each scope begins
  std::uint32_t floor_ = 0;            // nothing below is visible
  std::vector<std::unique_ptr<char[]>> name_blocks_;
  std::size_t name_used_ = 0, name_size_ = 0;
  std::vector<std::shared_ptr<const void>> kept_;
};

}  // namespace plenary::templating
