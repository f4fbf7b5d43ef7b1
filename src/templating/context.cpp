#include "templating/context.hpp"

#include <cstring>

namespace plenary::templating {

Context::Context() {
  entries_.reserve(32);
  marks_.reserve(16);
}
Context::~Context() = default;

Instant Context::current_time() {
  if (!now) now = Instant::system_now();
  return *now;
}

const Value* Context::find(const Name& name) const {
  for (std::size_t i = entries_.size(); i > floor_; --i) {
    const Entry& entry = entries_[i - 1];
    if (entry.name.hash == name.hash && entry.name.text == name.text) return &entry.value;
  }
  return nullptr;
}

std::string_view Context::stored(std::string_view name) {
  if (name.size() > name_size_ - name_used_) {
    name_size_ = name.size() > 256 ? name.size() : 512;
    name_used_ = 0;
    name_blocks_.push_back(std::make_unique<char[]>(name_size_));
  }
  char* place = name_blocks_.back().get() + name_used_;
  if (!name.empty()) std::memcpy(place, name.data(), name.size());
  name_used_ += name.size();
  return {place, name.size()};
}

void Context::set(std::string_view name, Value value) {
  const std::size_t begin = marks_.empty() ? floor_ : marks_.back();
  const Name key(name);
  for (std::size_t i = begin; i < entries_.size(); ++i) {
    if (entries_[i].name.hash == key.hash && entries_[i].name.text == name) {
      entries_[i].value = std::move(value);
      return;
    }
  }
  Entry entry;
  entry.name.text = stored(name);
  entry.name.hash = key.hash;
  entry.value = std::move(value);
  entries_.push_back(std::move(entry));
}

void Context::set(const Name& name, Value value) {
  const std::size_t begin = marks_.empty() ? floor_ : marks_.back();
  for (std::size_t i = begin; i < entries_.size(); ++i) {
    if (entries_[i].name.hash == name.hash && entries_[i].name.text == name.text) {
      entries_[i].value = std::move(value);
      return;
    }
  }
  entries_.push_back({name, std::move(value)});
}

void Context::set_upward(const Name& name, Value value) {
  if (const Value* found = find(name)) {
    *const_cast<Value*>(found) = std::move(value);
    return;
  }
  set(name, std::move(value));
}

void Context::pop() {
  const std::uint32_t begin = marks_.back();
  marks_.pop_back();
  while (entries_.size() > begin) entries_.pop_back();
}

std::uint32_t Context::hide() {
  const std::uint32_t before = floor_;
  floor_ = static_cast<std::uint32_t>(entries_.size());
  return before;
}

void Context::show(std::uint32_t mark) {
  floor_ = mark;
}

}  // namespace plenary::templating
