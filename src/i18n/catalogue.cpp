#include "i18n/catalogue.hpp"

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

namespace plenary::i18n {
namespace {

constexpr char context_mark = '\4';
constexpr std::uint64_t hash_start = 14695981039346656037u;

std::uint64_t hashed(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, bool swapped) {
  if (at + 4 > bytes.size()) throw std::invalid_argument("the catalogue ends too early");
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, 4);
  return swapped ? __builtin_bswap32(value) : value;
}

std::string_view text_at(std::string_view bytes, std::size_t table, bool swapped) {
  const std::size_t size = number_at(bytes, table, swapped), at = number_at(bytes, table + 4, swapped);
  if (at > bytes.size() || size > bytes.size() - at) {
    throw std::invalid_argument("the catalogue names a text outside of itself");
  }
  return bytes.substr(at, size);
}

std::string_view form_at(std::string_view forms, int index) {
  for (; index > 0; --index) {
    const std::size_t end = forms.find('\0');
    if (end == std::string_view::npos) return {};
    forms.remove_prefix(end + 1);
  }
  return forms.substr(0, forms.find('\0'));
}

}  // namespace

Catalogue Catalogue::from_mo(std::string_view bytes) {
  constexpr std::uint32_t magic = 0x950412de;
  const std::uint32_t first = number_at(bytes, 0, false);
  const bool swapped = first == __builtin_bswap32(magic);
  if (first != magic && !swapped) throw std::invalid_argument("this is no compiled gettext catalogue");
  if (number_at(bytes, 4, swapped) >> 16 > 1)
    throw std::invalid_argument("the catalogue's format is too new");
  const std::uint32_t count = number_at(bytes, 8, swapped);
  if (count > bytes.size() / 16) throw std::invalid_argument("the catalogue ends too early");
  const std::size_t originals = number_at(bytes, 12, swapped), texts = number_at(bytes, 16, swapped);
  Catalogue catalogue;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string_view original = text_at(bytes, originals + i * 8, swapped);
    // With plurals both texts are there; the first is what it is found by.
    catalogue.add(original.substr(0, original.find('\0')), text_at(bytes, texts + i * 8, swapped));
  }
  catalogue.index();
  catalogue.read_header();
  return catalogue;
}

void Catalogue::add(std::string_view key, std::string_view forms) {
  entries_.push_back({hashed(hash_start, key), key, forms});
}

void Catalogue::index() {
  std::size_t size = 16;
  while (size < entries_.size() * 2 + 1) size *= 2;
  slots_.assign(size, 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t at = entries_[i].hash & (size - 1);
    while (slots_[at] != 0 && entries_[slots_[at] - 1].key != entries_[i].key) at = (at + 1) & (size - 1);
    if (slots_[at] == 0) slots_[at] = static_cast<std::uint32_t>(i + 1);
  }
}

void Catalogue::read_header() {
  const auto header = find({}, {});
  if (!header) return;
  constexpr std::string_view name = "Plural-Forms:";
  const std::size_t at = header->find(name);
  if (at == std::string_view::npos) return;
  const std::string_view line = header->substr(at + name.size());
  rule_ = PluralRule::parse(line.substr(0, line.find('\n')));
}

const Catalogue::Entry* Catalogue::entry(std::string_view context, std::string_view message) const {
  if (entries_.empty()) return nullptr;
  std::uint64_t hash = hash_start;
  if (!context.empty()) hash = hashed(hashed(hash, context), std::string_view(&context_mark, 1));
  hash = hashed(hash, message);
  const auto is_same = [&](std::string_view key) {
    if (context.empty()) return key == message;
    return key.size() == context.size() + 1 + message.size() && key.starts_with(context) &&
           key[context.size()] == context_mark && key.ends_with(message);
  };
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
    const Entry& candidate = entries_[slots_[at] - 1];
    if (candidate.hash == hash && is_same(candidate.key)) return &candidate;
  }
  return nullptr;
}

std::optional<std::string_view> Catalogue::find(std::string_view context, std::string_view message) const {
  const Entry* found = entry(context, message);
  if (!found) return std::nullopt;
  return form_at(found->forms, 0);
}

std::optional<std::string_view> Catalogue::find_plural(std::string_view context, std::string_view singular,
                                                       std::int64_t n) const {
  const Entry* found = entry(context, singular);
  if (!found) return std::nullopt;
  const std::string_view form = form_at(found->forms, rule_.form_of(n));
  if (form.empty()) return std::nullopt;
  return form;
}

void Catalogue::put_before(const Catalogue& other) {
  std::vector<Entry> entries;
  entries.reserve(other.entries_.size() + entries_.size());
  for (const Entry& each : other.entries_) {
    if (!each.key.empty()) entries.push_back(each);
  }
  entries.insert(entries.end(), entries_.begin(), entries_.end());
  entries_ = std::move(entries);
  owned_.insert(owned_.end(), other.owned_.begin(), other.owned_.end());
  index();
}

}  // namespace plenary::i18n
