// Latencies in buckets that are at most 1.6 % wide, from 1 µs to over an hour; recording is two shifts and an
// add. One thread writes.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace plenary::onsale {

class Histogram {
 public:
  void record(std::int64_t micros) {
    const auto v = static_cast<std::uint64_t>(micros < 0 ? 0 : micros);
    ++buckets_[index(v)];
    ++count_;
    if (v > max_) max_ = v;
  }
  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }
  // The upper end of the bucket that holds the q-th part of all values; 0 when there is none.
  std::uint64_t quantile(double q) const {
    if (count_ == 0) return 0;
    auto rank = static_cast<std::uint64_t>(q * static_cast<double>(count_));
    if (rank >= count_) rank = count_ - 1;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > rank) return upper(i) < max_ ? upper(i) : max_;
    }
    return max_;
  }
  void clear() { *this = Histogram{}; }

 private:
  static constexpr int bits = 6;  // 64 buckets for each power of two
  static std::size_t index(std::uint64_t v) {
    if (v < (1U << (bits + 1))) return v;
    int shift = std::bit_width(v) - (bits + 1);
    if (shift > 30) return 31 * 64 + 127;
    return static_cast<std::size_t>(shift) * 64 + (v >> shift);
  }
  static std::uint64_t upper(std::size_t i) {
    if (i < 128) return i;
    const auto shift = i / 64 - 1;
    return ((i - shift * 64 + 1) << shift) - 1;
  }
  std::array<std::uint32_t, 32 * 64 + 64> buckets_{};
  std::uint64_t count_ = 0, max_ = 0;
};

}  // namespace plenary::onsale
