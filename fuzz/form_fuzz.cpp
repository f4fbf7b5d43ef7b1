// Reading posted forms. The first line of the input is the Content-Type, the rest the body.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "web/errors.hpp"
#include "web/form_data.hpp"

using namespace plenary;
using namespace plenary::web;

namespace {

void require(bool fact) {
  if (!fact) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  std::size_t end = input.find('\n');
  if (end == std::string::npos) return 0;
  std::string type = input.substr(0, end);
  std::string body = input.substr(end + 1);
  FormLimits limits;
  limits.fields = 20;
  limits.files = 5;
  limits.value_bytes = 200;
  limits.file_bytes = 200;
  try {
    FormData form = FormData::parse(type, body, limits);
    require(form.fields().size() <= limits.fields && form.files().size() <= limits.files);
    for (const auto& field : form.fields()) {
      require(is_valid_utf8(field.name) && is_valid_utf8(field.value));
      require(field.value.size() <= limits.value_bytes && field.value.find('\0') == std::string_view::npos);
    }
    for (const UploadedFile& file : form.files()) {
      require(file.filename.find_first_of("/\\\r\n") == std::string::npos && file.filename.size() <= 255);
      require(is_valid_utf8(file.filename) && file.bytes.size() <= limits.file_bytes);
    }
  } catch (const HttpError& error) {
    require(error.status() == 400 || error.status() == 413 || error.status() == 415);
  }
  return 0;
}
