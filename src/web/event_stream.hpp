// Server-sent events: progress of anything that takes over a second, in the browser. A handler returns
// event_stream(writer); the writer sends events until it is done or send says that nobody listens any more.
// source: WHATWG HTML 9.2.
#pragma once

#include <string>
#include <string_view>

#include "web/response.hpp"

namespace plenary::web {

class EventWriter {
 public:
  explicit EventWriter(BodyWriter& body) : body_(body) {}
  // `name` may be empty ("message"); line breaks in `data` are kept. False: stop.
  Task<bool> send(std::string name, std::string data);
  // Pauses, with a comment line every 15 s so that proxies keep the connection open. False: stop.
  Task<bool> wait(int milliseconds);

 private:
  BodyWriter& body_;
};

// The wire form of one event.
std::string format_event(std::string_view name, std::string_view data);

Response event_stream(std::function<Task<void>(EventWriter&)> writer);

}  // namespace plenary::web
