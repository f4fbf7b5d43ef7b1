#include "documents/qr_code.hpp"

#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <qrencode.h>

namespace plenary::documents {

QrCode qr_code(std::string_view text) {
  struct Deleter {
    void operator()(QRcode* code) const { QRcode_free(code); }
  };
  // The structures of libqrencode 4 belong to the call; its tables are initialised under a lock of its own.
  const std::unique_ptr<QRcode, Deleter> made(QRcode_encodeData(
      static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
  if (!made) throw std::invalid_argument(fmt::format("no QR code for a text of {} bytes", text.size()));
  QrCode code;
  code.size = made->width;
  code.module.reserve(static_cast<std::size_t>(code.size) * static_cast<std::size_t>(code.size));
  for (int i = 0; i < code.size * code.size; ++i) code.module.push_back((made->data[i] & 1) != 0);
  return code;
}

std::string qr_svg(std::string_view text) {
  const QrCode code = qr_code(text);
  const int side = code.size + 2 * qr_quiet_zone;
  std::string path;
  for (int row = 0; row < code.size; ++row) {
    for (int column = 0; column < code.size;) {
      int run = 0;
      while (column + run < code.size && code.at(column + run, row)) ++run;
      if (run > 0)
        path += fmt::format("M{} {}h{}v1h-{}z", column + qr_quiet_zone, row + qr_quiet_zone, run, run);
      column += run > 0 ? run : 1;
    }
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {0}\" shape-rendering=\"crispEdges\">"
      "<path fill=\"#fff\" d=\"M0 0h{0}v{0}H0z\"/><path d=\"{1}\"/></svg>",
      side, path);
}

}  // namespace plenary::documents
