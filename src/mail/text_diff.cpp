#include "mail/text_diff.hpp"

#include <algorithm>
#include <cstdint>

namespace plenary::mail {
namespace {

constexpr std::size_t most_lines = 2'000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

std::vector<DiffLine> text_diff(std::string_view before, std::string_view after) {
  using Kind = DiffLine::Kind;
  const auto a = lines_of(before), b = lines_of(after);
  std::vector<DiffLine> out;
  const auto add = [&](Kind kind, std::string_view line) { out.push_back({kind, std::string(line)}); };
  if (a.size() > most_lines || b.size() > most_lines) {
    for (const auto line : a) add(Kind::removed, line);
    for (const auto line : b) add(Kind::added, line);
    return out;
  }
  // The longest common subsequence of what remains of both from each pair of lines on.
  const std::size_t width = b.size() + 1;
  std::vector<std::uint16_t> common((a.size() + 1) * width);
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      common[i * width + j] = a[i] == b[j] ? static_cast<std::uint16_t>(common[(i + 1) * width + j + 1] + 1)
                                           : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      add(Kind::same, a[i++]);
      ++j;
    } else if (j == b.size() || (i < a.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      add(Kind::removed, a[i++]);
    } else {
      add(Kind::added, b[j++]);
    }
  }
  return out;
}

}  // namespace plenary::mail
