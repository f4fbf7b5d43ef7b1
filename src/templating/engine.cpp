#include "templating/engine.hpp"

#include <fmt/format.h>

#include "templating/render_state.hpp"
#include "templating/sources.hpp"

namespace plenary::templating {

TemplateErrors::TemplateErrors(std::vector<TemplateError> errors)
    : TemplateError([&] {
        std::string text = fmt::format("{} errors in templates", errors.size());
        if (errors.size() == 1) text = "an error in a template";
        for (const TemplateError& error : errors) text += fmt::format("\n  {}", error.what());
        return text;
      }()),
      errors_(std::move(errors)) {}

struct Engine::Impl {
  explicit Impl(EngineOptions given) : options(std::move(given)), files(options) {
    static const SystemClock system_clock;
    if (options.mode == EngineOptions::Mode::development) {
      development =
          std::make_unique<DevelopmentCache>(options, files, options.clock ? *options.clock : system_clock);
    }
  }

  std::shared_ptr<const TemplateSource> source() const {
    if (development) return development->source();
    const std::lock_guard<std::mutex> lock(mutex);
    return set;
  }

  EngineOptions options;
  TemplateFiles files;
  std::unique_ptr<DevelopmentCache> development;
  mutable std::mutex mutex;
  std::shared_ptr<const TemplateSet> set;  // production
};

namespace {

[[noreturn]] void not_found(std::string_view name, const EngineOptions& options) {
  std::string places;
  for (const auto& folder : options.override_folders) places += fmt::format("{}, ", folder.string());
  throw TemplateNotFound(
      fmt::format("there is no template '{}' (looked in {}the embedded files)", name, places));
}

void check_libraries(const EngineOptions& options) {
  for (const std::string& name : options.builtins) {
    if (options.libraries.count(name) == 0) {
      throw TemplateError(
          fmt::format("the library '{}' is to be loaded everywhere but is not registered", name));
    }
  }
}

}  // namespace

Engine::Engine(EngineOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {
  check_libraries(impl_->options);
  if (impl_->development) return;
  std::vector<TemplateError> errors = reload();
  if (!errors.empty()) throw TemplateErrors(std::move(errors));
}

Engine::~Engine() = default;

const EngineOptions& Engine::options() const {
  return impl_->options;
}

void Engine::render(std::string_view name, Context& context, std::string& out) const {
  std::shared_ptr<const TemplateSource> source = impl_->source();
  const Template* tpl = source->find(name, {});
  if (!tpl) not_found(name, impl_->options);
  const std::size_t before = out.size(), usual = tpl->usual_size.load(std::memory_order_relaxed);
  out.reserve(before + usual);
  RenderState state(impl_->options, *source, context);
  // Values set by the page may point into its templates.
  context.keep(std::move(source));
  try {
    state.render_isolated(*tpl, context, out);
  } catch (...) {
    out.resize(before);
    throw;
  }
  // One long page does not make all of them long, and shorter ones do not make room anew each time.
  const std::size_t size = out.size() - before;
  if (size > usual || size < usual / 2) tpl->usual_size.store(size + size / 8, std::memory_order_relaxed);
}

std::string Engine::render(std::string_view name, Context& context) const {
  std::string out;
  render(name, context, out);
  return out;
}

std::string Engine::render(const TemplatePtr& compiled, Context& context) const {
  std::shared_ptr<const TemplateSource> source = impl_->source();
  RenderState state(impl_->options, *source, context);
  context.keep(std::move(source));
  context.keep(compiled);
  std::string out;
  state.render_isolated(*compiled, context, out);
  return out;
}

TemplatePtr Engine::get(std::string_view name) const {
  std::shared_ptr<const TemplateSource> source = impl_->source();
  const Template* tpl = source->find(name, {});
  if (!tpl) not_found(name, impl_->options);
  return TemplatePtr(std::move(source), tpl);
}

bool Engine::exists(std::string_view name) const {
  return impl_->source()->find(name, {}) != nullptr;
}

TemplatePtr Engine::compile(std::string source, std::string name) const {
  return compile_template(std::move(name), "text", std::move(source), impl_->options);
}

std::vector<TemplateError> Engine::reload() {
  if (impl_->development) {
    impl_->development->forget();
    return {};
  }
  std::vector<TemplateError> errors;
  std::shared_ptr<const TemplateSet> fresh = compile_all(impl_->files, impl_->options, errors);
  if (errors.empty()) {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->set.swap(fresh);
  }
  return errors;
}

std::vector<TemplateError> Engine::check() const {
  std::vector<TemplateError> errors;
  compile_all(impl_->files, impl_->options, errors);
  return errors;
}

}  // namespace plenary::templating
