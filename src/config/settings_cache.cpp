// The settings in force: built once under a lock, dropped whenever an override begins or ends.
#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

#include "config/settings.hpp"

namespace plenary::config {
namespace {

struct Layer {
  std::uint64_t id = 0;
  std::optional<std::string> toml;
  std::function<void(Settings&)> change;
};

struct State {
  std::mutex mutex;
  std::optional<std::filesystem::path> given;
  std::shared_ptr<const Settings> cached;
  std::deque<Layer> layers;  // the innermost last
  std::uint64_t last_id = 0;
};

std::atomic<std::uint64_t> generation = 0;

State& state() {
  static State instance;
  return instance;
}

Settings built(const State& state) {
  // Start at the innermost override that replaces the whole, then apply the changes made above it.
  const auto replaced = std::find_if(state.layers.rbegin(), state.layers.rend(),
                                     [](const Layer& layer) { return layer.toml.has_value(); });
  Settings settings = [&] {
    if (replaced != state.layers.rend()) return parse_settings(*replaced->toml, "<override>", ".");
    if (const auto file = find_settings_file(state.given)) return load_settings(*file);
    return parse_settings("", "<defaults>", ".");
  }();
  for (auto layer = replaced.base(); layer != state.layers.end(); ++layer) layer->change(settings);
  return settings;
}

std::uint64_t add_layer(Layer layer) {
  State& s = state();
  std::lock_guard lock(s.mutex);
  layer.id = ++s.last_id;
  s.layers.push_back(std::move(layer));
  s.cached.reset();
  ++generation;
  return s.last_id;
}

}  // namespace

std::optional<std::filesystem::path> find_settings_file(const std::optional<std::filesystem::path>& given) {
  if (given) return given;
  for (const char* candidate : {"plenary.toml", "/etc/plenary/plenary.toml"}) {
    std::error_code error;
    // Anything that stands there is meant; what is wrong with it shows when it is read.
    if (std::filesystem::exists(std::filesystem::symlink_status(candidate, error))) return candidate;
  }
  return std::nullopt;
}

void use_settings_file(const std::optional<std::filesystem::path>& given) {
  State& s = state();
  std::lock_guard lock(s.mutex);
  s.given = given;
  s.cached.reset();
}

std::uint64_t settings_generation() {
  return generation.load(std::memory_order_acquire);
}

std::shared_ptr<const Settings> get_settings() {
  State& s = state();
  std::lock_guard lock(s.mutex);
  if (!s.cached) s.cached = std::make_shared<const Settings>(built(s));
  return s.cached;
}

std::shared_ptr<const ProgramSettings> get_config() {
  auto settings = get_settings();
  const ProgramSettings* program = &settings->program;
  return std::shared_ptr<const ProgramSettings>(std::move(settings), program);
}

ScopedOverride::ScopedOverride(std::string toml) : id_(add_layer({0, std::move(toml), nullptr})) {}

ScopedOverride::ScopedOverride(std::function<void(Settings&)> change)
    : id_(add_layer({0, std::nullopt, std::move(change)})) {}

ScopedOverride::~ScopedOverride() {
  State& s = state();
  std::lock_guard lock(s.mutex);
  s.layers.erase(
      std::remove_if(s.layers.begin(), s.layers.end(), [this](const Layer& l) { return l.id == id_; }),
      s.layers.end());
  s.cached.reset();
  ++generation;
}

}  // namespace plenary::config
