// TLS for the server, on OpenSSL directly: TLS 1.2 and newer, HTTP/1.1 only. A TlsContext is constant once
// made and shared by the connections that began with it; reloading makes a new one.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "web/server.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace plenary::web {

class TlsContext {
 public:
  // Throws std::runtime_error that names the file and what is wrong with it.
  explicit TlsContext(const TlsFiles& files);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class TlsSession;
  ssl_ctx_st* context_;
};

// One connection's TLS over a non-blocking socket, used by its I/O thread alone.
class TlsSession {
 public:
  enum class Result { done, wants_read, wants_write, closed };
  TlsSession(std::shared_ptr<const TlsContext> context, int fd);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  Result handshake();
  Result read(char* data, std::size_t size, std::size_t& got);
  Result write(std::string_view data, std::size_t& put);
  bool has_pending() const;  // bytes were received that read() would still give
  void say_goodbye();        // close_notify, as far as it can be sent at once

 private:
  Result result_of(int returned);
  std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_;
};

// When the first certificate of this PEM file ends. std::runtime_error that names the file.
Instant certificate_end(const std::string& file);

}  // namespace plenary::web
