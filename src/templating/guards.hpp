// Small scopes that put a context back as it was, also when rendering fails.
#pragma once

#include <utility>

#include "templating/context.hpp"

namespace plenary::templating {

// Only what is set inside is visible.
class Isolation {
 public:
  explicit Isolation(Context& context) : context_(context) {
    context_.push();
    mark_ = context_.hide();
  }
  ~Isolation() {
    context_.show(mark_);
    context_.pop();
  }
  Isolation(const Isolation&) = delete;
  Isolation& operator=(const Isolation&) = delete;

 private:
  Context& context_;
  std::uint32_t mark_;
};

// Another value for a setting of the context.
template <class T>
class Setting {
 public:
  Setting(T& setting, T value) : setting_(setting), before_(std::exchange(setting, std::move(value))) {}
  ~Setting() { setting_ = std::move(before_); }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  T& setting_;
  T before_;
};

}  // namespace plenary::templating
