#include "web/wire.hpp"

#include <ctime>
#include <iterator>

#include <fmt/compile.h>
#include <fmt/format.h>

namespace plenary::web {

bool forbids_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

std::string http_date(std::int64_t unix_seconds) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::time_t time = unix_seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[parts.tm_wday], parts.tm_mday,
                     months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void write_head(const Response& response, const Request* request, const HeadFacts& facts,
                const SecurityHeaders& security, std::string& out) {
  auto number = [&](std::uint64_t value) {
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}"), value);
  };
  auto line = [&](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  out.append("HTTP/1.1 ");
  number(static_cast<std::uint64_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  line("Date", facts.date);
  if (!facts.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (facts.http_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
  if (!forbids_body(response.status)) {
    if (!response.content_type.empty()) line("Content-Type", response.content_type);
    if (response.stream_writer) {
      if (facts.chunked) out.append("Transfer-Encoding: chunked\r\n");
    } else {
      out.append("Content-Length: ");
      number(response.body().size());
      out.append("\r\n");
    }
  }
  bool own_caching = false;
  for (const auto& [name, value] : response.headers) {
    line(name, value);
    own_caching |= name == "Cache-Control";
  }
  // A page is somebody's unless it says otherwise; no proxy keeps it.
  if (!own_caching) out.append("Cache-Control: private, no-cache\r\n");
  security.append(response, out);
  if (request) {
    for (const SetCookie& cookie : request->cookies_to_send()) line("Set-Cookie", cookie.to_header());
  }
  if (!facts.request_id.empty() && response.status >= 400) line("X-Request-Id", facts.request_id);
  out.append("\r\n");
}

}  // namespace plenary::web
