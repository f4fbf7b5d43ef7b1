#include "templating/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>

#include "templating/python.hpp"

namespace plenary::templating {
namespace {

// The bytes of an owned string follow the count in one allocation.
class Text final : public Counted {
 public:
  static const Text* of(std::string_view bytes) {
    void* place = ::operator new(sizeof(Text) + bytes.size());
    Text* text = new (place) Text;
    std::memcpy(text->bytes(), bytes.data(), bytes.size());
    return text;
  }
  char* bytes() { return reinterpret_cast<char*>(this) + sizeof(Text); }
  const char* bytes() const { return reinterpret_cast<const char*>(this) + sizeof(Text); }
  static void operator delete(void* place) { ::operator delete(place); }
};

class Keeper final : public Counted {
 public:
  explicit Keeper(std::shared_ptr<const void> owner) : owner_(std::move(owner)) {}

 private:
  std::shared_ptr<const void> owner_;
};

class WideDecimal final : public Counted {
 public:
  explicit WideDecimal(const Decimal& d) : decimal(d) {}
  Decimal decimal;
};

std::uint32_t checked_size(std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw std::length_error("a string of more than 4 GiB does not fit into a template value");
  }
  return static_cast<std::uint32_t>(text.size());
}

}  // namespace

void Value::own(const Counted* owner) noexcept {
  owner->retain();
  owner_ = owner;
  flags_ |= owned_flag;
}

Value::Value(const Decimal& d) : kind_(Kind::decimal) {
  const __int128 c = d.coefficient();
  if (c >= std::numeric_limits<std::int64_t>::min() && c <= std::numeric_limits<std::int64_t>::max()) {
    integer_ = static_cast<std::int64_t>(c);
    size_ = static_cast<std::uint32_t>(d.scale());
    return;
  }
  const auto* wide = new WideDecimal(d);
  counted_ = wide;
  flags_ |= wide_flag;
  own(wide);
}

Value::Value(std::string_view text) : kind_(Kind::string) {
  size_ = checked_size(text);
  if (text.empty()) {
    text_ = "";
    return;
  }
  const Text* copy = Text::of(text);
  text_ = copy->bytes();
  own(copy);
}

Value::Value(TimeOfDay time) noexcept : kind_(Kind::time) {
  integer_ = (time.hour * 60 + time.minute) * 60 + time.second;
  size_ = static_cast<std::uint32_t>(time.microsecond);
}

Value::Value(Instant moment, TimeZone zone) noexcept : kind_(Kind::datetime) {
  integer_ = moment.micros;
  zone_ = zone;
}

Value Value::datetime_with_offset(Instant moment, int offset_seconds) noexcept {
  Value v(moment, TimeZone::utc());
  if (offset_seconds != 0) {
    v.flags_ |= offset_flag;
    v.size_ = static_cast<std::uint32_t>(offset_seconds);
  }
  return v;
}

Value::Value(Ref<const List> list) noexcept : kind_(Kind::list) {
  counted_ = list.get();
  own(list.get());
}
Value::Value(Ref<List> list) noexcept : Value(Ref<const List>(std::move(list))) {}
Value::Value(Ref<const Dict> dict) noexcept : kind_(Kind::dict) {
  counted_ = dict.get();
  own(dict.get());
}
Value::Value(Ref<Dict> dict) noexcept : Value(Ref<const Dict>(std::move(dict))) {}
Value::Value(ObjectTag, const Object* object) noexcept : kind_(Kind::object) {
  counted_ = object;
  own(object);
}

Value Value::reference(const Object& object) noexcept {
  Value v;
  v.kind_ = Kind::object;
  v.counted_ = &object;
  return v;
}

Value Value::borrowed(std::string_view text) noexcept {
  Value v;
  v.kind_ = Kind::string;
  v.text_ = text.empty() ? "" : text.data();
  v.size_ = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), 0xffffffffu));
  return v;
}

Value Value::shared(std::string_view text, std::shared_ptr<const void> owner) {
  Value v = borrowed(text);
  v.size_ = checked_size(text);
  v.own(new Keeper(std::move(owner)));
  return v;
}

Value Value::list(std::vector<Value> items) {
  return Value(make<List>(std::move(items)));
}

Value Value::dict(const std::vector<std::pair<std::string, Value>>& entries) {
  auto dict = make<Dict>();
  dict->reserve(entries.size());
  for (const auto& [key, value] : entries) dict->set(key, value);
  return Value(std::move(dict));
}

Value Value::dict(std::initializer_list<std::pair<std::string_view, Value>> entries) {
  return Value(make<Dict>(entries));
}

Value Value::marked_safe() const& {
  Value v = *this;
  return std::move(v).marked_safe();
}
Value Value::marked_safe() && {
  Value v = is_string() ? std::move(*this) : Value(to_text());
  v.flags_ |= safe_flag;
  return v;
}
Value Value::marked_unsafe() const {
  Value v = *this;
  v.flags_ &= static_cast<std::uint8_t>(~safe_flag);
  return v;
}

Decimal Value::decimal() const {
  if (flags_ & wide_flag) return static_cast<const WideDecimal*>(owner_)->decimal;
  return Decimal::scaled(integer_, static_cast<int>(size_));
}

TimeOfDay Value::time() const noexcept {
  const int s = static_cast<int>(integer_);
  return {s / 3600, s / 60 % 60, s % 60, static_cast<int>(size_)};
}

LocalTime Value::local() const {
  if (!has_fixed_offset()) return zone_.local(instant());
  const int offset = static_cast<std::int32_t>(size_);
  LocalTime local = TimeZone::utc().local(instant() + Duration::seconds(offset));
  local.offset_seconds = offset;
  const int minutes = std::abs(offset) / 60;
  local.abbreviation = fmt::format("UTC{}{:02}:{:02}", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return local;
}

Value Value::in_zone(TimeZone zone, bool pinned) const {
  Value v(instant(), zone);
  if (pinned) v.flags_ |= pinned_flag;
  return v;
}

Value Value::pinned() const {
  Value v = *this;
  v.flags_ |= pinned_flag;
  return v;
}

bool Value::truth() const {
  switch (kind_) {
    case Kind::undefined:
    case Kind::null:
      return false;
    case Kind::boolean:
    case Kind::integer:
      return integer_ != 0;
    case Kind::real:
      return real_ != 0.0;
    case Kind::decimal:
      return flags_ & wide_flag ? true : integer_ != 0;
    case Kind::string:
      return size_ != 0;
    case Kind::date:
    case Kind::datetime:
    case Kind::time:
      return true;
    case Kind::list:
      return list().size() != 0;
    case Kind::dict:
      return dict().size() != 0;
    case Kind::object:
      return object().truth();
  }
  return false;
}

std::string Value::to_text() const {
  std::string out;
  append_text(out);
  return out;
}

void Value::append_text(std::string& out) const {
  python::append_str(*this, out);
}

bool Value::is_same(const Value& other) const noexcept {
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::undefined:
    case Kind::null:
      return true;
    case Kind::boolean:
      return integer_ == other.integer_;
    // CPython keeps one object for each of these; larger ones are the same only by accident.
    case Kind::integer:
      return integer_ == other.integer_ && integer_ >= -5 && integer_ <= 256;
    case Kind::string:
      return text_ == other.text_ && size_ == other.size_ && is_safe() == other.is_safe();
    case Kind::list:
    case Kind::dict:
    case Kind::object:
      return counted_ == other.counted_;
    default:
      return this == &other;
  }
}

Dict::Dict(std::initializer_list<std::pair<std::string_view, Value>> entries) {
  entries_.reserve(entries.size());
  for (const auto& [key, value] : entries) set(key, value);
}

namespace {
// From this size on a sorted index is kept; below, comparing one after the other is faster.
constexpr std::size_t indexed_from = 12;
}  // namespace

void Dict::set(std::string_view key, Value value) {
  if (const Value* old = find(key)) {
    *const_cast<Value*>(old) = std::move(value);
    return;
  }
  entries_.push_back({std::string(key), std::move(value)});
  const auto before = [this](std::uint32_t a, std::uint32_t b) { return entries_[a].key < entries_[b].key; };
  if (entries_.size() == indexed_from) {
    sorted_.resize(entries_.size());
    for (std::uint32_t i = 0; i < sorted_.size(); ++i) sorted_[i] = i;
    std::sort(sorted_.begin(), sorted_.end(), before);
  } else if (entries_.size() > indexed_from) {
    const auto last = static_cast<std::uint32_t>(entries_.size() - 1);
    sorted_.insert(std::lower_bound(sorted_.begin(), sorted_.end(), last, before), last);
  }
}

const Value* Dict::find(std::string_view key) const {
  if (sorted_.empty()) {
    for (const Entry& entry : entries_) {
      if (entry.key == key) return &entry.value;
    }
    return nullptr;
  }
  const auto at =
      std::lower_bound(sorted_.begin(), sorted_.end(), key,
                       [this](std::uint32_t i, std::string_view k) { return entries_[i].key < k; });
  return at != sorted_.end() && entries_[*at].key == key ? &entries_[*at].value : nullptr;
}

Value Object::text() const {
  Value name = get("name");
  if (name.is_undefined()) name = get("title");
  return name.is_undefined() ? Value::borrowed("") : name;
}

Value Object::at(std::size_t) const {
  return Value::undefined();
}

}  // namespace plenary::templating
