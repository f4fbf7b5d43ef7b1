#include "web/event_stream.hpp"

#include <algorithm>

namespace plenary::web {
namespace {
constexpr int heartbeat_ms = 15'000;
}

std::string format_event(std::string_view name, std::string_view data) {
  std::string text;
  if (!name.empty()) text.append("event: ").append(name).append("\n");
  while (true) {
    std::size_t end = data.find_first_of("\r\n");
    text.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == std::string_view::npos) break;
    bool crlf = data[end] == '\r' && end + 1 < data.size() && data[end + 1] == '\n';
    data.remove_prefix(end + (crlf ? 2 : 1));
  }
  text += '\n';
  return text;
}

Task<bool> EventWriter::send(std::string name, std::string data) {
  // A line break in the name would begin another field.
  std::erase_if(name, [](char c) { return c == '\n' || c == '\r'; });
  bool listening = co_await body_.write(format_event(name, data));
  co_return listening;
}

Task<bool> EventWriter::wait(int milliseconds) {
  while (milliseconds > 0) {
    int step = std::min(milliseconds, heartbeat_ms);
    bool listening = co_await body_.wait(step);
    if (!listening) co_return false;
    milliseconds -= step;
    if (step == heartbeat_ms) {
      listening = co_await body_.write(": \n\n");
      if (!listening) co_return false;
    }
  }
  co_return true;
}

Response event_stream(std::function<Task<void>(EventWriter&)> writer) {
  Response response =
      Response::stream("text/event-stream", [writer = std::move(writer)](BodyWriter& body) -> Task<void> {
        EventWriter events(body);
        co_await writer(events);
      });
  response.no_store();
  // nginx would collect the events otherwise.
  response.set("X-Accel-Buffering", "no");
  return response;
}

}  // namespace plenary::web
