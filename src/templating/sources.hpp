// Where templates come from: files of the override folders before embedded files, compiled into an immutable
// set (production) or one by one with a look at the file's date (development).
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "templating/engine.hpp"
#include "templating/render_state.hpp"
#include "templating/template.hpp"

namespace plenary::templating {

// Throws TemplateError with the place. With `errors` all mistakes of the file go there instead, and the
// result is null.
TemplatePtr compile_template(std::string name, std::string origin, std::string source,
                             const EngineOptions& options, std::vector<TemplateError>* errors = nullptr);

// Reads folders and embedded files. No state of its own; any thread.
class TemplateFiles {
 public:
  explicit TemplateFiles(const EngineOptions& options) : options_(options) {}

  struct File {
    std::string name;
    std::string origin;
    std::optional<std::filesystem::path> path;  // empty: embedded
    std::string_view embedded;
  };
  // All files of that name, the one that counts first. Names that leave the folders have none.
  std::vector<File> candidates(std::string_view name) const;
  // All files, sorted by name, in the order of candidates() within a name.
  std::vector<File> all() const;
  // Throws TemplateError when the file cannot be read or is no UTF-8.
  std::string read(const File& file) const;

 private:
  const EngineOptions& options_;
};

class TemplateSet final : public TemplateSource {
 public:
  const Template* find(std::string_view name, const std::vector<const Template*>& skip) const override;
  const Template* find(const WrittenName& name) const override {
    return name.number() < numbered_.size() ? numbered_[name.number()] : nullptr;
  }
  void add(TemplatePtr tpl);
  const std::map<std::string, std::vector<TemplatePtr>, std::less<>>& templates() const { return templates_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::map<std::string, std::vector<TemplatePtr>, std::less<>> templates_;
  std::unordered_map<std::string_view, const std::vector<TemplatePtr>*> index_;
  std::vector<const Template*> numbered_;  // by their names' numbers
};

// Compiles every file; its mistakes are added to `errors`, also parents and includes that do not exist.
std::shared_ptr<const TemplateSet> compile_all(const TemplateFiles& files, const EngineOptions& options,
                                               std::vector<TemplateError>& errors);

// Development: compiled templates with the date of their file. Any thread.
class DevelopmentCache {
 public:
  DevelopmentCache(const EngineOptions& options, const TemplateFiles& files, const Clock& clock)
      : options_(options), files_(files), clock_(clock) {}
  // Throws TemplateError when a file that has changed does not compile.
  using Candidates = std::shared_ptr<const std::vector<TemplatePtr>>;
  // And when their files were looked at.
  std::pair<Candidates, Instant> candidates(std::string_view name);
  // What the pages of this thread see until one of the files it has found is to be looked at again.
  std::shared_ptr<const TemplateSource> source();
  void forget();

 private:
  struct Compiled {
    std::string origin;
    std::filesystem::file_time_type changed{};
    std::uintmax_t size = 0;
    TemplatePtr tpl;  // null: it did not compile
    std::optional<TemplateError> error;
  };
  struct Entry {
    Instant looked_at{};
    std::vector<Compiled> files;
  };
  std::pair<Candidates, Instant> shared_candidates(std::string_view name, Instant now);
  void look(std::string_view name, Entry& entry);
  static inline std::atomic<std::uint64_t> made_ = 0;

  const EngineOptions& options_;
  const TemplateFiles& files_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
  // What the threads remember belongs to one cache, and to the time since it last forgot.
  const std::uint64_t identity_ = ++made_;
  std::atomic<std::uint64_t> forgotten_ = 0;
};

// What pages of development see: every template as it was when first asked for. One thread.
class DevelopmentSource final : public TemplateSource {
 public:
  DevelopmentSource(DevelopmentCache& cache, Instant now) : cache_(cache), oldest_(now) {}
  const Template* find(std::string_view name, const std::vector<const Template*>& skip) const override;
  const Template* find(const WrittenName& name) const override;
  // Whether a page may begin with it.
  bool is_fresh(Instant now) const { return now >= oldest_ && now - oldest_ < Duration::seconds(1); }

 private:
  DevelopmentCache& cache_;
  mutable Instant oldest_;  // of the looks at files
  mutable std::map<std::string, DevelopmentCache::Candidates, std::less<>> seen_;
  mutable std::vector<const Template*> numbered_;  // of those, by their names' numbers
};

}  // namespace plenary::templating
