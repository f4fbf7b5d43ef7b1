// Reading HTTP requests: whatever arrives, the parser ends, stays inside its buffer, and gives the same
// result whether the bytes come at once or one by one. What it accepts fulfils what handlers rely on.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "web/head_parser.hpp"
#include "web/request.hpp"
#include "web/request_access.hpp"
#include "web/target.hpp"

using namespace plenary;
using namespace plenary::web;

namespace {

void require(bool fact) {
  if (!fact) std::abort();
}

void check_request(const Request& request) {
  require(request.path() == "*" || request.path().starts_with('/'));
  require(is_valid_utf8(request.path()));
  require(request.path().find('\0') == std::string_view::npos);
  require(request.path().find("/../") == std::string_view::npos && !request.path().ends_with("/.."));
  require(is_authority(request.host()));
  for (const HeaderField& field : request.headers()) {
    require(!field.name.empty());
    require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
  require(request.query("a").value_or("").find('\0') == std::string_view::npos);
  (void)request.cookie("plenary_session");
  (void)request.wants_json();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  HeadLimits limits{2048, 1024, 20};
  HeadScanner whole;
  auto state = whole.scan(input, limits);
  HeadScanner stepwise;
  auto step_state = HeadScanner::State::more;
  for (std::size_t n = 1; n <= input.size() && step_state == HeadScanner::State::more; ++n) {
    step_state = stepwise.scan(input.substr(0, n), limits);
  }
  require((state == HeadScanner::State::complete) == (step_state == HeadScanner::State::complete));
  if (state != HeadScanner::State::complete) return 0;
  require(whole.head_size() == stepwise.head_size() && whole.begin() == stepwise.begin());

  ParsedHead head;
  // A copy of exactly the head, so that the sanitizer sees any step over its end.
  std::string text(input.substr(whole.begin(), whole.head_size() - whole.begin()));
  if (parse_head(text, limits, head)) return 0;
  Framing framing = head.framing;
  Request request;
  if (Request::Access::fill(request, head)) return 0;
  check_request(request);

  if (framing != Framing::chunked) return 0;
  std::string_view rest = input.substr(whole.head_size());
  ChunkDecoder at_once, bytewise;
  std::string body, step_body;
  std::size_t consumed = 0;
  auto end = at_once.feed(rest, consumed, body, 512);
  auto step_end = ChunkDecoder::State::more;
  std::size_t step_consumed = 0;
  while (step_end == ChunkDecoder::State::more && step_consumed < rest.size()) {
    std::size_t used = 0;
    step_end = bytewise.feed(rest.substr(step_consumed, 1), used, step_body, 512);
    step_consumed += used;
    if (step_end == ChunkDecoder::State::failed) break;
  }
  require(end == step_end);
  require(body.size() <= 512);
  if (end == ChunkDecoder::State::complete) require(body == step_body && consumed == step_consumed);
  return 0;
}
