// Reads HTTP/1.x requests strictly. Whatever a proxy in front could frame or route differently than we do is
// refused with a 4xx, never repaired: bare line feeds, folded headers, blanks before the colon, doubled Host
// or lengths, any Transfer-Encoding but "chunked". Our own parser rather than Beast's, which unfolds
// folded headers and cannot be fuzzed without Asio. Nothing here owns memory but the vectors; no locks, no
// sockets. source: RFC 9112; ground rules 15, 2; fuzz/http_fuzz.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/method.hpp"
#include "web/request.hpp"

namespace plenary::web {

struct ParseFailure {
  int status = 400;
  std::string_view reason;  // a literal
};

struct HeadLimits {
  std::size_t max_head = 16 * 1024;
  std::size_t max_target = 8 * 1024;
  std::size_t max_headers = 100;
};

// Finds the end of a head while it arrives, and what cannot become one as early as possible.
class HeadScanner {
 public:
  enum class State { more, complete, failed };
  // `buffer` is everything received since the request began; only what is new is looked at.
  State scan(std::string_view buffer, const HeadLimits& limits);
  std::size_t begin() const { return begin_; }         // 2 after one empty line before the request, else 0
  std::size_t head_size() const { return head_end_; }  // from the buffer's start, with the empty line
  const ParseFailure& failure() const { return failure_; }
  void reset() { *this = HeadScanner(); }

 private:
  State fail(int status, std::string_view reason);
  std::size_t begin_ = 0, scanned_ = 0, line_start_ = 0, head_end_ = 0;
  bool begun_ = false;  // the first byte of the request itself was seen
  bool first_line_seen_ = false;
  ParseFailure failure_;
};

enum class Framing : std::uint8_t { none, length, chunked };

struct ParsedHead {
  Method method = Method::get;
  std::string_view target;    // as sent
  std::string_view raw_path;  // without query; of an absolute-form target the part after the host
  std::string_view query;
  std::string_view authority;  // of the target where it is absolute, else Host
  bool http_1_0 = false;
  bool asterisk = false;  // OPTIONS *
  bool keep_alive = true;
  bool expects_continue = false;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  std::vector<HeaderField> headers;

  void clear();
};

// `head` ends with the empty line. Views in `out` point into it.
std::optional<ParseFailure> parse_head(std::string_view head, const HeadLimits& limits, ParsedHead& out);

// Takes a chunked body apart while it arrives.
class ChunkDecoder {
 public:
  enum class State { more, complete, failed };
  // Appends data to `body`; `consumed` says how much of `input` was used (all of it unless complete).
  State feed(std::string_view input, std::size_t& consumed, std::string& body, std::size_t max_body);
  const ParseFailure& failure() const { return failure_; }
  void reset() { *this = ChunkDecoder(); }

 private:
  enum class At : std::uint8_t {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_line,
    trailer_lf,
    last_lf,
    done
  };
  State fail(int status, std::string_view reason);
  At at_ = At::size;
  std::uint64_t left_ = 0;
  unsigned digits_ = 0;
  std::size_t overhead_ = 0;  // bytes of extension or trailer since the last reset of this count
  bool trailer_colon_ = false;
  ParseFailure failure_;
};

}  // namespace plenary::web
