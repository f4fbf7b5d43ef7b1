#include "templating/context.hpp"

#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace plenary::templating {

namespace {

// Of so many hashes of names, looked at together, a bit for each that is `hash`: a page has some fifty names
// and looks up a hundred and sixty.
constexpr std::size_t together = 8;

unsigned same(const std::uint32_t* hashes, std::uint32_t hash) {
#ifdef __SSE2__
  const __m128i wanted = _mm_set1_epi32(static_cast<int>(hash));
  const auto four = [&](const std::uint32_t* from) {
    return _mm_cmpeq_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)), wanted);
  };
  const __m128i eight = _mm_packs_epi32(four(hashes), four(hashes + 4));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(eight, _mm_setzero_si128())));
#else
  unsigned bits = 0;
  for (unsigned i = 0; i < together; ++i) bits |= static_cast<unsigned>(hashes[i] == hash) << i;
  return bits;
#endif
}

}  // namespace

Context::Context() {
  entries_.reserve(48);
  hashes_.reserve(48);
  marks_.reserve(16);
}
Context::~Context() = default;

Instant Context::current_time() {
  if (!now) now = Instant::system_now();
  return *now;
}

const Value* Context::find(const Name& name) const {
  const std::uint32_t* const hashes = hashes_.data();
  std::size_t i = hashes_.size();
  for (; i >= floor_ + together; i -= together) {
    for (unsigned bits = same(hashes + i - together, name.hash); bits != 0;) {
      const auto last = static_cast<unsigned>(std::bit_width(bits)) - 1;
      const Entry& entry = entries_[i - together + last];
      if (entry.name == name.text) return &entry.value;
      bits ^= 1U << last;
    }
  }
  for (; i > floor_; --i) {
    if (hashes[i - 1] == name.hash && entries_[i - 1].name == name.text) return &entries_[i - 1].value;
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

Value* Context::in_scope(const Name& name) {
  std::size_t i = marks_.empty() ? floor_ : marks_.back();
  for (; i + together <= hashes_.size(); i += together) {
    for (unsigned bits = same(hashes_.data() + i, name.hash); bits != 0; bits &= bits - 1) {
      Entry& entry = entries_[i + static_cast<unsigned>(std::countr_zero(bits))];
      if (entry.name == name.text) return &entry.value;
    }
  }
  for (; i < hashes_.size(); ++i) {
    if (hashes_[i] == name.hash && entries_[i].name == name.text) return &entries_[i].value;
  }
  return nullptr;
}

void Context::add(std::string_view name, std::uint32_t hash, Value value) {
  hashes_.push_back(hash);
  entries_.push_back({name, std::move(value)});
}

void Context::set(std::string_view name, Value value) {
  const Name key(name);
  if (Value* old = in_scope(key)) {
    *old = std::move(value);
  } else {
    add(stored(name), key.hash, std::move(value));
  }
}

void Context::set(const Name& name, Value value) {
  if (Value* old = in_scope(name)) {
    *old = std::move(value);
  } else {
    add(name.text, name.hash, std::move(value));
  }
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
  hashes_.resize(begin);
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
