#include "web/head_parser.hpp"

#include <array>
#include <cstring>
#include <limits>

#include "web/target.hpp"

namespace plenary::web {
namespace {

constexpr std::size_t max_chunk_extension = 256;
constexpr std::size_t max_trailers = 4096;

// tchar, RFC 9110 5.6.2.
constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  return table;
}
constexpr auto token_table = make_token_table();
bool is_token_char(char c) {
  return token_table[static_cast<unsigned char>(c)];
}

bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    if (!is_token_char(c)) return false;
  }
  return true;
}

// VCHAR, obs-text, blank and tab.
bool is_field_char(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

bool same_letters(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    char c = a[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c != lower[i]) return false;
  }
  return true;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <class F>
void each_element(std::string_view list, F&& take) {
  while (true) {
    std::size_t comma = list.find(',');
    if (std::string_view element = trim_blanks(list.substr(0, comma)); !element.empty()) take(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

ParseFailure bad(std::string_view reason) {
  return {400, reason};
}

std::optional<ParseFailure> parse_request_line(std::string_view line, const HeadLimits& limits,
                                               ParsedHead& out) {
  std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return bad("the request line has no target");
  std::string_view method = line.substr(0, first);
  if (!is_token(method)) return bad("the method is not a token");
  std::size_t second = line.find(' ', first + 1);
  if (second == std::string_view::npos) return bad("the request line has no version");
  std::string_view target = line.substr(first + 1, second - first - 1);
  std::string_view version = line.substr(second + 1);
  if (target.empty()) return bad("the request line has two blanks in a row");

  if (version.size() != 8 || !version.starts_with("HTTP/") || version[5] < '0' || version[5] > '9' ||
      version[6] != '.' || version[7] < '0' || version[7] > '9') {
    return bad("the version is not HTTP/1.1");
  }
  if (version == "HTTP/1.1") {
    out.http_1_0 = false;
  } else if (version == "HTTP/1.0") {
    out.http_1_0 = true;
    out.keep_alive = false;
  } else {
    return ParseFailure{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  }

  if (target.size() > limits.max_target) return ParseFailure{414, "the address is too long"};
  if (method == "TRACE" || method == "CONNECT") return ParseFailure{405, "this method is not allowed"};
  std::optional<Method> known = method_from(method);
  if (!known) return ParseFailure{501, "this method is not known"};
  out.method = *known;

  out.target = target;
  std::string_view rest = target;
  if (target == "*") {
    if (out.method != Method::options) return bad("the target * is for OPTIONS only");
    out.asterisk = true;
    out.raw_path = target;
    return std::nullopt;
  }
  if (target.front() != '/') {
    std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) return bad("the target is neither a path nor an absolute address");
    if (!same_letters(target.substr(0, scheme), "http") && !same_letters(target.substr(0, scheme), "https")) {
      return bad("the target has a scheme other than http and https");
    }
    rest = target.substr(scheme + 3);
    std::size_t end = rest.find_first_of("/?#");
    out.authority = rest.substr(0, end);
    if (!is_authority(out.authority)) return bad("the target has no valid host");
    rest = end == std::string_view::npos ? std::string_view("/") : rest.substr(end);
    if (rest.front() != '/') return bad("the target has no path");
  }
  std::size_t question = rest.find('?');
  out.raw_path = rest.substr(0, question);
  out.query = question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
  if (!is_target_text(out.raw_path, out.query)) return bad("the target has a character that must be encoded");
  return std::nullopt;
}

// What has been seen of the headers that decide framing and routing.
struct Seen {
  bool host = false, length = false, encoding = false, content_type = false, authorization = false,
       origin = false, expect = false, connection_close = false, connection_keep_alive = false;
};

std::optional<ParseFailure> take_length(std::string_view value, ParsedHead& out) {
  if (value.empty()) return bad("Content-Length is empty");
  std::uint64_t length = 0;
  for (char c : value) {
    if (c < '0' || c > '9') return bad("Content-Length is not a number");
  }
  // Beyond 18 digits it is over every limit, whichever: said when that of the address is known.
  for (char c : value) length = length * 10 + static_cast<std::uint64_t>(c - '0');
  out.content_length = value.size() > 18 ? std::numeric_limits<std::uint64_t>::max() : length;
  return std::nullopt;
}

std::optional<ParseFailure> take_header(std::string_view name, std::string_view value, Seen& seen,
                                        ParsedHead& out) {
  auto once = [](bool& flag) {
    bool again = flag;
    flag = true;
    return again;
  };
  switch (name.size()) {
    case 4:
      if (same_letters(name, "host")) {
        if (once(seen.host)) return bad("Host came more than once");
        if (!is_authority(value)) return bad("Host is not a valid host");
        if (out.authority.empty()) {
          out.authority = value;
        } else if (out.authority.size() != value.size() ||
                   !std::equal(value.begin(), value.end(), out.authority.begin(),
                               [](char a, char b) { return (a | 32) == (b | 32); })) {
          return bad("Host differs from the host in the target");
        }
      }
      break;
    case 6:
      if (same_letters(name, "expect")) {
        if (once(seen.expect) || !same_letters(value, "100-continue")) {
          return ParseFailure{417, "only Expect: 100-continue is understood"};
        }
        out.expects_continue = !out.http_1_0;
      } else if (same_letters(name, "origin")) {
        if (once(seen.origin)) return bad("Origin came more than once");
      }
      break;
    case 10:
      if (same_letters(name, "connection")) {
        each_element(value, [&](std::string_view option) {
          if (same_letters(option, "close")) seen.connection_close = true;
          if (same_letters(option, "keep-alive")) seen.connection_keep_alive = true;
        });
      }
      break;
    case 12:
      if (same_letters(name, "content-type") && once(seen.content_type)) {
        return bad("Content-Type came more than once");
      }
      break;
    case 13:
      if (same_letters(name, "authorization") && once(seen.authorization)) {
        return bad("Authorization came more than once");
      }
      break;
    case 14:
      if (same_letters(name, "content-length")) {
        if (once(seen.length)) return bad("Content-Length came more than once");
        return take_length(value, out);
      }
      break;
    case 17:
      if (same_letters(name, "transfer-encoding")) {
        if (once(seen.encoding)) return bad("Transfer-Encoding came more than once");
        if (!same_letters(value, "chunked")) {
          bool ends_chunked = false;
          std::size_t count = 0;
          each_element(value, [&](std::string_view coding) {
            ends_chunked = same_letters(coding, "chunked");
            ++count;
          });
          // A coding we do not know before the final "chunked" is sound framing, just not supported.
          if (count == 2 && ends_chunked && !same_letters(value.substr(0, 7), "chunked")) {
            return ParseFailure{501, "only Transfer-Encoding: chunked is understood"};
          }
          return bad("Transfer-Encoding is not chunked");
        }
      }
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::optional<ParseFailure> finish(const Seen& seen, ParsedHead& out) {
  if (!seen.host) return bad("Host is missing");
  if (seen.encoding && seen.length) return bad("both Content-Length and Transfer-Encoding");
  if (seen.encoding && out.http_1_0) return bad("Transfer-Encoding in HTTP/1.0");
  if (seen.encoding) out.framing = Framing::chunked;
  if (seen.length && out.content_length > 0) out.framing = Framing::length;
  if (out.framing == Framing::none) out.expects_continue = false;
  if (seen.connection_close) {
    out.keep_alive = false;
  } else if (out.http_1_0) {
    out.keep_alive = seen.connection_keep_alive;
  }
  return std::nullopt;
}

}  // namespace

void ParsedHead::clear() {
  std::vector<HeaderField> kept = std::move(headers);
  *this = ParsedHead();
  headers = std::move(kept);
  headers.clear();
}

HeadScanner::State HeadScanner::fail(int status, std::string_view reason) {
  failure_ = {status, reason};
  return State::failed;
}

HeadScanner::State HeadScanner::scan(std::string_view buffer, const HeadLimits& limits) {
  if (!begun_ && !buffer.empty()) {
    // One empty line before a request is ignored (RFC 9112 2.2), no more.
    if (begin_ == 0 && buffer.front() == '\r') {
      if (buffer.size() == 1) return State::more;
      if (buffer[1] != '\n') return fail(400, "a carriage return without line feed");
      begin_ = scanned_ = line_start_ = 2;
    }
    if (buffer.size() > begin_) {
      if (!is_token_char(buffer[begin_])) return fail(400, "this is no HTTP request");
      begun_ = true;
    }
  }
  while (scanned_ < buffer.size()) {
    const void* found = std::memchr(buffer.data() + scanned_, '\n', buffer.size() - scanned_);
    if (!found) {
      scanned_ = buffer.size();
      break;
    }
    auto at = static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data());
    if (at == 0 || buffer[at - 1] != '\r' || at - 1 < line_start_)
      return fail(400, "a line feed without carriage return");
    scanned_ = at + 1;
    if (at - 1 == line_start_) {
      head_end_ = at + 1;
      if (head_end_ - begin_ > limits.max_head) return fail(431, "the headers are too large");
      return State::complete;
    }
    // Method, blank, target, blank, version.
    if (!first_line_seen_ && at - begin_ > limits.max_target + 32)
      return fail(414, "the address is too long");
    first_line_seen_ = true;
    line_start_ = at + 1;
  }
  if (buffer.size() - begin_ > limits.max_head) {
    if (first_line_seen_) return fail(431, "the headers are too large");
    return fail(414, "the address is too long");
  }
  if (!first_line_seen_ && buffer.size() - begin_ > limits.max_target + 32)
    return fail(414, "the address is too long");
  return State::more;
}

std::optional<ParseFailure> parse_head(std::string_view head, const HeadLimits& limits, ParsedHead& out) {
  out.clear();
  std::size_t end = head.find("\r\n");
  if (end == std::string_view::npos) return bad("the head does not end");
  if (auto failure = parse_request_line(head.substr(0, end), limits, out)) return failure;
  Seen seen;
  std::size_t at = end + 2;
  while (true) {
    end = head.find("\r\n", at);
    if (end == std::string_view::npos) return bad("the head does not end");
    if (end == at) break;
    std::string_view line = head.substr(at, end - at);
    at = end + 2;
    if (line.front() == ' ' || line.front() == '\t') return bad("a header is folded over two lines");
    std::size_t colon = 0;
    while (colon < line.size() && is_token_char(line[colon])) ++colon;
    if (colon == 0) return bad("a header has no name");
    if (colon == line.size()) return bad("a header has no colon");
    if (line[colon] != ':') return bad("a header name has a character that is not allowed");
    std::string_view name = line.substr(0, colon);
    std::string_view value = trim_blanks(line.substr(colon + 1));
    for (char c : value) {
      if (!is_field_char(c)) return bad("a header value has a control character");
    }
    if (out.headers.size() == limits.max_headers) return ParseFailure{431, "there are too many headers"};
    out.headers.push_back({name, value});
    if (auto failure = take_header(name, value, seen, out)) return failure;
  }
  return finish(seen, out);
}

ChunkDecoder::State ChunkDecoder::fail(int status, std::string_view reason) {
  failure_ = {status, reason};
  return State::failed;
}

ChunkDecoder::State ChunkDecoder::feed(std::string_view input, std::size_t& consumed, std::string& body,
                                       std::size_t max_body) {
  consumed = 0;
  while (consumed < input.size()) {
    char c = input[consumed];
    switch (at_) {
      case At::size: {
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit >= 0) {
          if (++digits_ > 15) return fail(413, "a chunk is too large");
          left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        } else if (digits_ == 0) {
          return fail(400, "a chunk has no size");
        } else if (c == ';') {
          overhead_ = 0;
          at_ = At::extension;
        } else if (c == '\r') {
          at_ = At::size_lf;
        } else {
          return fail(400, "a chunk size is not a hexadecimal number");
        }
        ++consumed;
        break;
      }
      case At::extension:
        if (c == '\r') {
          at_ = At::size_lf;
        } else if (!is_field_char(c)) {
          return fail(400, "a chunk extension has a control character");
        } else if (++overhead_ > max_chunk_extension) {
          return fail(400, "a chunk extension is too long");
        }
        ++consumed;
        break;
      case At::size_lf:
        if (c != '\n') return fail(400, "a chunk size line does not end with CR LF");
        ++consumed;
        digits_ = 0;
        overhead_ = 0;
        if (left_ == 0) {
          at_ = At::trailer_start;
        } else if (left_ > max_body || body.size() > max_body - left_) {
          return fail(413, "the body is too large");
        } else {
          at_ = At::data;
        }
        break;
      case At::data: {
        std::size_t take = input.size() - consumed;
        if (take > left_) take = static_cast<std::size_t>(left_);
        body.append(input.data() + consumed, take);
        consumed += take;
        left_ -= take;
        if (left_ == 0) at_ = At::data_cr;
        break;
      }
      case At::data_cr:
        if (c != '\r') return fail(400, "a chunk is longer than its size says");
        ++consumed;
        at_ = At::data_lf;
        break;
      case At::data_lf:
        if (c != '\n') return fail(400, "a chunk does not end with CR LF");
        ++consumed;
        at_ = At::size;
        break;
      case At::trailer_start:
        ++consumed;
        if (c == '\r') {
          at_ = At::last_lf;
          break;
        }
        if (!is_token_char(c)) return fail(400, "a trailer has no name");
        trailer_colon_ = false;
        ++overhead_;
        at_ = At::trailer_line;
        break;
      case At::trailer_line:
        ++consumed;
        if (c == '\r') {
          if (!trailer_colon_) return fail(400, "a trailer has no colon");
          at_ = At::trailer_lf;
        } else if (c == ':') {
          trailer_colon_ = true;
        } else if (trailer_colon_ ? !is_field_char(c) : !is_token_char(c)) {
          return fail(400, "a trailer has a character that is not allowed");
        }
        if (++overhead_ > max_trailers) return fail(431, "the trailers are too large");
        break;
      case At::trailer_lf:
        if (c != '\n') return fail(400, "a trailer does not end with CR LF");
        ++consumed;
        at_ = At::trailer_start;
        break;
      case At::last_lf:
        if (c != '\n') return fail(400, "the chunked body does not end with CR LF");
        ++consumed;
        at_ = At::done;
        return State::complete;
      case At::done:
        return State::complete;
    }
  }
  return at_ == At::done ? State::complete : State::more;
}

}  // namespace plenary::web
