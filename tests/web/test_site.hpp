// A server with everything it needs, for tests: routes from the test, keys and randomness made for it, limits
// short enough that slow senders are found out within milliseconds.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codes.hpp"
#include "web/routes.hpp"
#include "web/server.hpp"

namespace plenary::web::test {

// Guards answered from the request itself: X-User: anna, X-Permissions: code,code. The conferences are
// "pyconf" and "hidden"; every feature is on but "visa_letters".
class PlainGuards : public GuardContext {
 public:
  Task<void> load(Request& request, std::string_view slug) override;
  bool signed_in(const Request& request) const override;
  bool conference_found(const Request& request) const override;
  bool feature_enabled(const Request& request, std::string_view feature) const override;
  Permitted permitted(const Request& request, const std::vector<std::string>& codes) const override;
  bool any_role(const Request& request) const override;  // X-Permissions is there
  std::string sign_in_url(const Request& request, std::string_view return_to) const override;
};

// The slug that PlainGuards::load saw.
struct LoadedConference {
  std::string slug;
};

struct CollectedLog {
  std::mutex mutex;
  std::string lines;
  std::string text() {
    std::lock_guard lock(mutex);
    return lines;
  }
};

class TestSite {
 public:
  // Tables besides "/", "/echo/", "/big/", "/upload/" and "/form/", which every site has.
  explicit TestSite(RouteTable more = {}, ServerOptions options = quick_options(), bool secure = false);
  ~TestSite();
  static ServerOptions quick_options();

  std::uint16_t port() const { return server->port(); }

  std::shared_ptr<CollectedLog> log = std::make_shared<CollectedLog>();
  SeededRandom unused{1};
  PlainGuards guards;
  Metrics metrics;
  std::unique_ptr<SigningKey> csrf_key, flash_key;
  std::unique_ptr<Router> router;
  std::unique_ptr<Pool> pool;
  Services services;
  std::unique_ptr<Server> server;
};

Route page(std::string pattern, std::string name, Handler handler, Methods methods = Method::get);

// A route table of tests without a socket.
struct Bench {
  explicit Bench(RouteTable table, bool secure = false);
  // Parses `wire`, dispatches it and gives the response; the handler must not wait for anybody.
  Response answer(const std::string& wire);
  // The same with the Set-Cookie lines the request wants sent.
  Response answer(const std::string& wire, std::vector<std::string>& cookies);

  PlainGuards guards;
  std::unique_ptr<SigningKey> csrf_key, flash_key;
  Router router;
  Services services;
  std::string log;
};

// Runs a task that never has to wait for another thread.
template <class T>
T run_now(Task<T> task) {
  std::optional<T> result;
  std::exception_ptr thrown;
  start(std::move(task), [&](std::exception_ptr error, std::optional<T> value) {
    thrown = error;
    result = std::move(value);
  });
  if (thrown) std::rethrow_exception(thrown);
  return std::move(result.value());
}

}  // namespace plenary::web::test
