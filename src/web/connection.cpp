// One connection: wait, borrow a buffer, read a request, answer it, again. The usual request costs one wait,
// one receive and one gathered send; everything unusual is a coroutine of its own, so that the usual path
// allocates little.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "web/access_log.hpp"
#include "web/io_thread.hpp"
#include "web/request_access.hpp"
#include "web/wire.hpp"

namespace plenary::web {
namespace {

constexpr int served_in_a_row = 32;  // then the other connections of the thread get a turn
constexpr std::size_t body_step = 64 * 1024;

std::uint64_t nanoseconds_since(SteadyTime begin) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin).count());
}

std::int64_t unix_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string joined_header(const Request& request, std::string_view lower) {
  std::string joined;
  for (const HeaderField& field : request.headers()) {
    if (field.name.size() != lower.size() ||
        !std::equal(lower.begin(), lower.end(), field.name.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); })) {
      continue;
    }
    if (!joined.empty()) joined += ", ";
    joined += field.value;
  }
  return joined;
}

}  // namespace

void Exchange::next() {
  std::size_t left = filled - request_end;
  if (left > 0 && request_end > 0) std::memmove(buffer.get(), buffer.get() + request_end, left);
  filled = left;
  request_end = 0;
  scanner.reset();
  Request::Access::reset(request);
  if (body.capacity() > body_step) std::string().swap(body);
  body.clear();
}

Connection::Connection(IoThread& thread, int fd, const IpAddress& peer, bool metrics)
    : thread(thread), parts_(thread.parts), fd_(fd), peer_(peer.to_string()), metrics_(metrics) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!metrics) {
    std::lock_guard lock(parts_.tls_mutex);
    if (parts_.tls) tls_ = std::make_unique<TlsSession>(parts_.tls, fd);
  }
  epoll_event interest{};
  interest.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  interest.data.ptr = this;
  if (::epoll_ctl(thread.ready_set(), EPOLL_CTL_ADD, fd, &interest) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

std::size_t Connection::body_limit(const Exchange& exchange) const {
  const Route* route = exchange.match.route;
  return route && route->max_body > 0 ? route->max_body : parts_.options.max_body;
}

bool Connection::may_hold(std::size_t bytes, ParseFailure& failure) {
  if (bytes <= held_) return true;
  const std::size_t more = bytes - held_;
  const std::size_t most = std::max(parts_.options.max_bodies, parts_.options.max_body);
  if (parts_.body_bytes.fetch_add(more, std::memory_order_relaxed) + more > most) {
    parts_.body_bytes.fetch_sub(more, std::memory_order_relaxed);
    failure = {503, "too much is being sent to this server at once"};
    return false;
  }
  held_ = bytes;
  return true;
}

void Connection::let_go_of_body() {
  if (held_ > 0) parts_.body_bytes.fetch_sub(std::exchange(held_, 0), std::memory_order_relaxed);
}

Task<bool> Connection::read_body(Exchange& exchange, std::size_t limit, ParseFailure& failure) {
  const ParsedHead& head = exchange.head;
  const std::size_t begin = exchange.scanner.head_size();
  set_deadline(parts_.options.body_time, head.content_length);
  if (head.framing == Framing::length) {
    auto length = static_cast<std::size_t>(head.content_length);
    if (begin + length <= exchange.size) {
      while (exchange.filled < begin + length) {
        bool more = co_await read_more(exchange);
        if (!more) co_return false;
      }
      exchange.request_end = begin + length;
      Request::Access::body(exchange.request, exchange.received().substr(begin, length));
      co_return true;
    }
    // Memory follows what arrives, not what was announced.
    exchange.body.assign(exchange.received().substr(begin));
    exchange.filled = exchange.request_end = begin;
    std::size_t have = exchange.body.size();
    while (have < length) {
      if (exchange.body.size() == have) {
        const std::size_t next = std::min(length, have + std::max(body_step, have));
        if (!may_hold(next, failure)) co_return false;
        exchange.body.resize(next);
      }
      std::size_t got = 0;
      Read result = read_some(exchange.body.data() + have, exchange.body.size() - have, got);
      if (result == Read::closed) co_return false;
      if (result == Read::some) {
        have += got;
        continue;
      }
      bool ready = co_await readable();
      if (!ready) co_return false;
    }
    Request::Access::body(exchange.request, exchange.body);
    co_return true;
  }
  exchange.chunks.reset();
  const SteadyTime started = std::chrono::steady_clock::now();
  std::size_t at = begin;
  while (true) {
    std::size_t consumed = 0;
    auto state = exchange.chunks.feed(exchange.received().substr(at), consumed, exchange.body, limit);
    at += consumed;
    if (state == ChunkDecoder::State::failed) {
      failure = exchange.chunks.failure();
      co_return false;
    }
    if (!may_hold(exchange.body.size(), failure)) co_return false;
    if (state == ChunkDecoder::State::complete) {
      exchange.request_end = at;
      Request::Access::body(exchange.request, exchange.body);
      co_return true;
    }
    // The head stays where it is, views point into it; what was decoded makes room.
    exchange.filled = at = begin;
    // The length is not known beforehand: the time grows with what has come.
    deadline =
        started + parts_.options.body_time +
        std::chrono::seconds(exchange.body.size() / std::max<std::size_t>(parts_.options.slowest_rate, 1));
    bool more = co_await read_more(exchange);
    if (!more) co_return false;
  }
}

Connection::~Connection() {
  let_go_of_body();
  tls_.reset();
  // Closing alone is not enough: a process forked at this moment holds the socket until it calls exec, and
  // the set would go on telling about it.
  ::epoll_ctl(thread.ready_set(), EPOLL_CTL_DEL, fd_, nullptr);
  ::close(fd_);
}

// Head parsed; who asks, for which host, for which route.
std::optional<ParseFailure> Connection::accept_head(Exchange& exchange) {
  std::string_view head = exchange.received().substr(exchange.scanner.begin(),
                                                     exchange.scanner.head_size() - exchange.scanner.begin());
  if (auto failure = parse_head(head, parts_.head_limits, exchange.head)) return failure;
  Request& request = exchange.request;
  if (auto failure = Request::Access::fill(request, exchange.head)) return failure;
  exchange.request_end = exchange.scanner.head_size();

  const Services& services = metrics_ ? parts_.metrics_services : parts_.services;
  Request::Access::services(request, &services);
  Request::Access::limits(request, parts_.options.form);
  std::string_view scheme = tls_ ? "https" : "http";
  if (parts_.proxies.empty()) {
    Request::Access::client(request, peer_, scheme);
  } else {
    ForwardingHeaders headers{joined_header(request, "forwarded"), joined_header(request, "x-forwarded-for"),
                              joined_header(request, "x-forwarded-proto"),
                              joined_header(request, "x-forwarded-host")};
    Origin origin = resolve_origin(parts_.proxies, peer_, headers);
    if (origin.contradictory) return ParseFailure{400, "Forwarded and X-Forwarded-For contradict each other"};
    if (origin.scheme == "https") scheme = "https";
    if (origin.scheme == "http") scheme = "http";
    Request::Access::client(request, origin.client_address, scheme);
    Request::Access::host(request, origin.host);
  }
  if (!metrics_ && !parts_.hosts.allows(request.host())) {
    return ParseFailure{400, "this server does not answer for that host"};
  }
  if (exchange.head.asterisk) {
    exchange.match = Match();
    exchange.match.kind = Match::Kind::method_not_allowed;
    exchange.match.allowed = Method::get | Method::post | Method::head;
    return std::nullopt;
  }
  services.router->match(request.method(), request.path(), exchange.match);
  Request::Access::match(request, exchange.match);
  if (const Route* route = exchange.match.route; route && route->max_fields > 0) {
    FormLimits limits = parts_.options.form;
    limits.fields = std::max(limits.fields, route->max_fields);
    Request::Access::limits(request, limits);
  }
  if (exchange.head.framing == Framing::length && exchange.head.content_length > body_limit(exchange)) {
    return ParseFailure{413, "the body is larger than this address takes"};
  }
  return std::nullopt;
}

Task<void> Connection::refuse(Exchange& exchange, ParseFailure failure) {
  thread.metrics->malformed.add();
  std::string id;
  thread.next_request_id(id);
  Response response;
  if (failure.status == 413) {
    // Its head was read whole: the answer can be in the site's frame and the visitor's language.
    Request::Access::id(exchange.request, id);
    response = co_await parts_.dispatcher.too_large(exchange.request, body_limit(exchange));
  } else {
    response = parts_.dispatcher.refusal(failure, id, exchange.request.target());
  }
  std::string head;
  HeadFacts facts;
  facts.keep_alive = false;
  facts.request_id = id;
  facts.date = thread.date(unix_micros() / 1'000'000);
  write_head(response, nullptr, facts, parts_.security, head);
  // HEAD is only known to be HEAD when the request line was sound.
  std::string_view body = exchange.received().starts_with("HEAD ") ? std::string_view() : response.body();
  if (!metrics_) thread.metrics->count(0, failure.status, 0, body.size());
  log("-", exchange.match.route ? std::string_view(exchange.match.route->pattern) : "-", failure.status,
      body.size(), 0, id);
  std::size_t sent = 0;
  Sent result = send_some(head, body, sent);
  bool ok = result == Sent::all;
  if (result == Sent::part) ok = co_await send_rest(std::move(head), body, sent);
  unread_ = ok;
}

void Connection::log(std::string_view method, std::string_view pattern, int status, std::uint64_t bytes,
                     std::uint64_t nanoseconds, std::string_view id) {
  if (!parts_.options.access_log || metrics_) return;
  format_access_line({unix_micros(), method, pattern, status, bytes, nanoseconds, id}, thread.access_lines);
  if (thread.access_lines.size() > 32 * 1024) thread.flush_log();
}

Task<void> Connection::run() {
  if (tls_) {
    bool good = co_await handshake();
    if (!good) co_return;
  }
  std::unique_ptr<Exchange> exchange;
  struct GiveBack {
    IoThread& thread;
    std::unique_ptr<Exchange>& exchange;
    ~GiveBack() {
      if (exchange) thread.give_back(std::move(exchange));
    }
  } give_back{thread, exchange};
  int in_a_row = 0;
  bool woken_for_nothing =
      false;  // its deadline stays: half a TLS record a minute is no way to stay for ever

  while (!closing_) {
    // Idle: no buffer.
    if (!exchange || exchange->filled == 0) {
      if (exchange) thread.give_back(std::move(exchange));
      in_a_row = 0;
      if (!tls_ || !tls_->has_pending() || woken_for_nothing) {
        bool draining = parts_.draining.load(std::memory_order_relaxed);
        if (!woken_for_nothing)
          set_deadline(draining ? parts_.options.drain_idle_time : parts_.options.idle_time);
        waiting_for_request = true;
        bool ready = co_await readable();
        waiting_for_request = false;
        if (!ready) {
          if (!timed_out_ || closing_) co_return;
          // Out of time, or stopping: only what has been received by now still counts.
          exchange = thread.borrow();
          if (!more_is_coming(*exchange)) co_return;
        }
      }
      if (!exchange) exchange = thread.borrow();
    } else if (++in_a_row > served_in_a_row) {
      in_a_row = 0;
      co_await Yield{thread};
    }
    Exchange& x = *exchange;

    // The head. Its time begins with the first byte and is not renewed.
    auto state = HeadScanner::State::more;
    if (x.filled > 0) state = x.scanner.scan(x.received(), parts_.head_limits);
    bool timed = false;
    bool got_all = true;
    while (state == HeadScanner::State::more) {
      std::size_t got = 0;
      Read result = read_some(x.buffer.get() + x.filled, x.size - x.filled, got);
      if (result == Read::closed) co_return;
      if (result == Read::blocked) {
        if (x.filled == 0) break;  // woken for nothing, or half a TLS record
        if (!timed) set_deadline(parts_.options.header_time);
        timed = true;
        bool ready = co_await readable();
        if (!ready) {
          got_all = false;
          break;
        }
        continue;
      }
      x.filled += got;
      state = x.scanner.scan(x.received(), parts_.head_limits);
    }
    if (!got_all) {
      if (timed_out_ && !closing_) {
        thread.metrics->timed_out.add();
        co_await refuse(x, {408, "its head took too long"});
      }
      break;
    }
    woken_for_nothing = state == HeadScanner::State::more;
    if (woken_for_nothing) continue;
    if (state == HeadScanner::State::failed) {
      co_await refuse(x, x.scanner.failure());
      break;
    }
    if (auto failure = accept_head(x)) {
      co_await refuse(x, *failure);
      break;
    }
    std::string id;
    thread.next_request_id(id);
    Request::Access::id(x.request, id);

    // The body.
    bool expects = x.head.expects_continue && x.filled == x.scanner.head_size();
    if (expects && x.match.kind != Match::Kind::found) {
      // The answer is known without the body, which the client has not sent.
      x.head.keep_alive = false;
    } else if (x.head.framing != Framing::none) {
      if (expects) {
        bool ok = co_await send_all("HTTP/1.1 100 Continue\r\n\r\n");
        if (!ok) co_return;
      }
      ParseFailure failure{0, ""};
      bool complete = co_await read_body(x, body_limit(x), failure);
      if (!complete) {
        if (failure.status != 0) {
          co_await refuse(x, failure);
        } else if (timed_out_ && !closing_) {
          thread.metrics->timed_out.add();
          co_await refuse(x, {408, "its body took too long"});
        }
        break;
      }
    }

    // The answer.
    SteadyTime begin = std::chrono::steady_clock::now();
    deadline = SteadyTime::max();
    in_handler = true;
    const Dispatcher& dispatcher = metrics_ ? *parts_.metrics_dispatcher : parts_.dispatcher;
    Response response = co_await dispatcher.respond(x.request, x.match);
    in_handler = false;
    if (closing_) co_return;

    bool head_only = x.request.is(Method::head) || forbids_body(response.status);
    bool streamed = response.stream_writer && !head_only;
    HeadFacts facts;
    facts.http_1_0 = x.head.http_1_0;
    facts.keep_alive = x.head.keep_alive;
    facts.chunked = !x.head.http_1_0;
    if (streamed && x.head.http_1_0) facts.keep_alive = false;
    if (parts_.draining.load(std::memory_order_relaxed) && facts.keep_alive)
      facts.keep_alive = more_is_coming(x);
    std::int64_t now = unix_micros();
    facts.date = thread.date(now / 1'000'000);
    facts.request_id = x.request.id();
    thread.head.clear();
    write_head(response, &x.request, facts, parts_.security, thread.head);
    std::string_view body = head_only || streamed ? std::string_view() : response.body();
    std::size_t sent = 0;
    Sent result = send_some(thread.head, body, sent);
    bool ok = result == Sent::all;
    if (result == Sent::part) ok = co_await send_rest(thread.head, body, sent);
    std::uint64_t bytes = body.size();
    if (ok && streamed) ok = co_await stream(response, x, facts.chunked);

    std::uint64_t took = nanoseconds_since(begin);
    const Route* route = x.match.kind == Match::Kind::found ? x.match.route : nullptr;
    if (!metrics_) thread.metrics->count(route ? route->index : 0, response.status, took, bytes);
    log(to_string(x.request.method()), route ? std::string_view(route->pattern) : "-", response.status, bytes,
        took, x.request.id());
    if (!ok) co_return;
    if (!facts.keep_alive) {
      int waiting = 0;
      unread_ = x.filled > x.request_end || x.head.expects_continue ||
                (!paused_ && ::ioctl(fd_, FIONREAD, &waiting) == 0 && waiting > 0);
      if (tls_ && !unread_) tls_->say_goodbye();
      break;
    }
    x.next();
    let_go_of_body();
  }
  if (unread_ && !closing_) co_await linger();
}

}  // namespace plenary::web
