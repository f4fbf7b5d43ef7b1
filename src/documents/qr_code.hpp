// QR codes, level M, in the smallest version that fits, for paper and screen alike. Any thread. Errors:
// std::invalid_argument for a text too long for a code (over 2,331 bytes). source: onsite and documents
// 30, 3.4 with D34: the quiet zone is 4 modules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenary::documents {

struct QrCode {
  int size = 0;              // modules a side, without the quiet zone
  std::vector<bool> module;  // size * size, row by row; true is black
  bool at(int column, int row) const { return module[static_cast<std::size_t>(row * size + column)]; }
};
inline constexpr int qr_quiet_zone = 4;  // modules

QrCode qr_code(std::string_view text);
// Black on white with its quiet zone, scaling without blur.
std::string qr_svg(std::string_view text);

}  // namespace plenary::documents
