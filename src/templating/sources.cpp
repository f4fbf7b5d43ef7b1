#include "templating/sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "base/text.hpp"
#include "templating/parser.hpp"

namespace plenary::templating {
namespace fs = std::filesystem;

namespace {

// Anything else in a template folder (images, editors' backups) is left alone.
bool is_template_file(const fs::path& path) {
  static const std::set<std::string, std::less<>> endings = {
      ".html", ".htm", ".txt", ".xml", ".json", ".csv", ".ics", ".md", ".eml", ".svg", ".js", ".css"};
  const std::string file = path.filename().string();
  return !file.empty() && file[0] != '.' && endings.count(ascii_lower(path.extension().string())) != 0;
}

// No way out of the folder.
bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > 1000 || name[0] == '/' || name.find('\0') != std::string_view::npos)
    return false;
  std::size_t begin = 0;
  while (begin <= name.size()) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    if (name.substr(begin, end - begin) == "..") return false;
    begin = end + 1;
  }
  return true;
}

const Template* first_not_in(const std::vector<TemplatePtr>& found,
                             const std::vector<const Template*>& skip) {
  for (const TemplatePtr& tpl : found) {
    if (std::find(skip.begin(), skip.end(), tpl.get()) == skip.end()) return tpl.get();
  }
  return nullptr;
}

}  // namespace

TemplatePtr compile_template(std::string name, std::string origin, std::string source,
                             const EngineOptions& options, std::vector<TemplateError>* errors) {
  auto tpl = std::make_shared<Template>(std::move(name), std::move(origin), std::move(source));
  std::vector<TemplateError> found;
  try {
    if (!is_valid_utf8(tpl->source)) {
      TemplateError error("the file is not UTF-8; save it in that encoding");
      error.set_place(tpl->name, 1, 1, "");
      throw error;
    }
    Parser parser(*tpl, options);
    tpl->nodes = parser.parse_all(errors ? &found : nullptr);
  } catch (const TemplateError& error) {
    if (!errors) throw;
    found.push_back(error);
  }
  if (found.empty()) return tpl;
  errors->insert(errors->end(), found.begin(), found.end());
  return nullptr;
}

std::vector<TemplateFiles::File> TemplateFiles::candidates(std::string_view name) const {
  std::vector<File> found;
  if (!is_plain_name(name)) return found;
  for (const fs::path& folder : options_.override_folders) {
    const fs::path path = folder / fs::path(name);
    std::error_code error;
    if (fs::is_regular_file(path, error)) found.push_back({std::string(name), path.string(), path, {}});
  }
  if (options_.embedded) {
    if (const auto bytes = options_.embedded->find(name))
      found.push_back({std::string(name), "embedded", {}, *bytes});
  }
  return found;
}

std::vector<TemplateFiles::File> TemplateFiles::all() const {
  std::vector<File> found;
  for (const fs::path& folder : options_.override_folders) {
    std::error_code error;
    fs::recursive_directory_iterator at(folder, error), end;
    if (error) {
      throw TemplateError(
          fmt::format("cannot read the template folder {}: {}", folder.string(), error.message()));
    }
    for (; at != end; at.increment(error)) {
      if (error) break;
      if (at->is_directory(error) && at->path().filename().string().front() == '.') {
        at.disable_recursion_pending();
        continue;
      }
      if (!at->is_regular_file(error) || !is_template_file(at->path())) continue;
      const std::string name = at->path().lexically_relative(folder).generic_string();
      found.push_back({name, at->path().string(), at->path(), {}});
    }
  }
  if (options_.embedded) {
    for (const EmbeddedFile& file : options_.embedded->files()) {
      found.push_back({std::string(file.path), "embedded", {}, file.bytes});
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const File& a, const File& b) { return a.name < b.name; });
  return found;
}

std::string TemplateFiles::read(const File& file) const {
  if (!file.path) return std::string(file.embedded);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(*file.path, error);
  std::ifstream in(*file.path, std::ios::binary);
  if (error || !in) throw TemplateError(fmt::format("cannot read the template {}", file.origin));
  if (size > options_.limits.source_bytes) {
    TemplateLimit too_large(
        fmt::format("the file has {} bytes; at most {} are allowed", size, options_.limits.source_bytes));
    too_large.set_place(file.name, 1, 1, "");
    throw too_large;
  }
  return std::string(std::istreambuf_iterator<char>(in), {});
}

const Template* TemplateSet::find(std::string_view name, const std::vector<const Template*>& skip) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : first_not_in(*found->second, skip);
}

void TemplateSet::add(TemplatePtr tpl) {
  auto& list = templates_[tpl->name];
  list.push_back(std::move(tpl));
  index_[list.front()->name] = &list;
  const std::size_t number = WrittenName(list.front()->name).number();
  if (number >= numbered_.size()) numbered_.resize(number + 1);
  numbered_[number] = list.front().get();
}

namespace {

// A parent or include that is written out must exist; the chain of written-out parents must end.
// What did not compile is missing from the set but told already.
void check_references(const TemplateSet& set, const std::set<std::string>& broken,
                      std::vector<TemplateError>& errors) {
  for (const auto& [name, list] : set.templates()) {
    for (const TemplatePtr& tpl : list) {
      for (const Template::Reference& reference : tpl->references) {
        std::vector<const Template*> skip;
        if (reference.is_parent) skip.push_back(tpl.get());
        const Template* found = set.find(reference.name, skip);
        std::string problem;
        if (!found && broken.count(reference.name)) continue;
        if (!found) {
          problem = fmt::format("there is no template '{}'", reference.name);
          if (reference.is_parent && reference.name == name) problem += " besides this one to extend";
        } else if (reference.is_parent) {
          while (found && problem.empty()) {
            skip.push_back(found);
            const auto parent = std::find_if(found->references.begin(), found->references.end(),
                                             [](const Template::Reference& r) { return r.is_parent; });
            if (parent == found->references.end()) break;
            found = set.find(parent->name, skip);
            if (!found && set.find(parent->name, {}) != nullptr) {
              problem =
                  fmt::format("the templates extend each other in a circle: '{}' comes again", parent->name);
            }
          }
        }
        if (problem.empty()) continue;
        TemplateError error(problem);
        error.set_place(tpl->name, reference.line, reference.column, reference.text);
        errors.push_back(std::move(error));
      }
    }
  }
}

}  // namespace

std::shared_ptr<const TemplateSet> compile_all(const TemplateFiles& files, const EngineOptions& options,
                                               std::vector<TemplateError>& errors) {
  auto set = std::make_shared<TemplateSet>();
  std::set<std::string> broken;
  try {
    for (const TemplateFiles::File& file : files.all()) {
      try {
        if (TemplatePtr tpl = compile_template(file.name, file.origin, files.read(file), options, &errors)) {
          set->add(std::move(tpl));
          continue;
        }
      } catch (const TemplateError& error) {
        errors.push_back(error);
      }
      broken.insert(file.name);
    }
  } catch (const TemplateError& error) {
    errors.push_back(error);
  }
  check_references(*set, broken, errors);
  return set;
}

void DevelopmentCache::forget() {
  const std::lock_guard<std::mutex> lock(mutex_);
  entries_.clear();
  ++forgotten_;
}

// Each thread remembers what it found for as long as a file is not looked at again: pages do not wait for
// each other.
std::pair<DevelopmentCache::Candidates, Instant> DevelopmentCache::candidates(std::string_view name) {
  struct Known {
    Candidates candidates;
    Instant looked_at;
  };
  thread_local std::uint64_t known_of = 0, known_since = 0;
  thread_local std::map<std::string, Known, std::less<>> known;
  if (known_of != identity_ || known_since != forgotten_) {
    known.clear();
    known_of = identity_;
    known_since = forgotten_;
  }
  const Instant now = clock_.now();
  const auto one = known.find(name);
  if (one != known.end() && now >= one->second.looked_at &&
      now - one->second.looked_at < Duration::seconds(1)) {
    return {one->second.candidates, one->second.looked_at};
  }
  const auto found = shared_candidates(name, now);
  if (known.size() > 1000) known.clear();
  known.insert_or_assign(std::string(name), Known{found.first, found.second});
  return found;
}

std::shared_ptr<const TemplateSource> DevelopmentCache::source() {
  thread_local std::uint64_t kept_of = 0, kept_since = 0;
  thread_local std::shared_ptr<const DevelopmentSource> kept;
  const Instant now = clock_.now();
  if (kept_of != identity_ || kept_since != forgotten_ || !kept->is_fresh(now)) {
    kept = std::make_shared<const DevelopmentSource>(*this, now);
    kept_of = identity_;
    kept_since = forgotten_;
  }
  return kept;
}

std::pair<DevelopmentCache::Candidates, Instant> DevelopmentCache::shared_candidates(std::string_view name,
                                                                                     Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto found = entries_.find(name);
  if (found == entries_.end()) {
    // Names come from templates and the program, not from requests; still, nothing unbounded.
    if (entries_.size() > 10000) entries_.clear();
    found = entries_.emplace(std::string(name), Entry{}).first;
    look(name, found->second);
    found->second.looked_at = now;
  } else if (now - found->second.looked_at >= Duration::seconds(1) || now < found->second.looked_at) {
    look(name, found->second);
    found->second.looked_at = now;
  }
  std::vector<TemplatePtr> out;
  for (const Compiled& each : found->second.files) {
    if (!each.tpl) {
      if (each.error->has_place()) throw TemplateError(*each.error);
      throw TemplateError(each.error->message());
    }
    out.push_back(each.tpl);
  }
  const Instant looked_at = found->second.looked_at;
  if (found->second.files.empty()) entries_.erase(found);
  return {std::make_shared<const std::vector<TemplatePtr>>(std::move(out)), looked_at};
}

void DevelopmentCache::look(std::string_view name, Entry& entry) {
  std::vector<Compiled> fresh;
  for (const TemplateFiles::File& file : files_.candidates(name)) {
    Compiled now;
    now.origin = file.origin;
    if (file.path) {
      std::error_code error;
      now.changed = fs::last_write_time(*file.path, error);
      now.size = fs::file_size(*file.path, error);
    }
    const auto old = std::find_if(entry.files.begin(), entry.files.end(), [&](const Compiled& c) {
      return c.origin == now.origin && c.changed == now.changed && c.size == now.size;
    });
    if (old != entry.files.end()) {
      fresh.push_back(std::move(*old));
      continue;
    }
    try {
      now.tpl = compile_template(file.name, file.origin, files_.read(file), options_);
    } catch (const TemplateError& error) {
      now.error = error;
    }
    fresh.push_back(std::move(now));
  }
  entry.files = std::move(fresh);
}

const Template* DevelopmentSource::find(std::string_view name,
                                        const std::vector<const Template*>& skip) const {
  auto at = seen_.find(name);
  if (at == seen_.end()) {
    auto [candidates, looked_at] = cache_.candidates(name);
    oldest_ = std::min(oldest_, looked_at);
    at = seen_.emplace(std::string(name), std::move(candidates)).first;
  }
  return first_not_in(*at->second, skip);
}

const Template* DevelopmentSource::find(const WrittenName& name) const {
  if (name.number() < numbered_.size() && numbered_[name.number()]) return numbered_[name.number()];
  const Template* found = find(name.text(), {});
  if (name.number() >= numbered_.size()) numbered_.resize(name.number() + 1);
  return numbered_[name.number()] = found;
}

}  // namespace plenary::templating
