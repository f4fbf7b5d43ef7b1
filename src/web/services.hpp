// What the handlers of one server share. Owned by whoever starts the server (embed/program, a test) and alive
// until it has stopped; pointers may be null where a test does not need the part.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/codes.hpp"
#include "base/pool.hpp"
#include "base/signing.hpp"
#include "base/time.hpp"
#include "web/error_pages.hpp"
#include "web/guard.hpp"
#include "web/metrics.hpp"
#include "web/routes.hpp"
#include "web/sessions.hpp"
#include "web/static_files.hpp"

namespace plenary::web {

struct Services {
  const Router* router = nullptr;
  GuardContext* guard_context = nullptr;
  ErrorPages* error_pages = nullptr;  // null: the built-in ones
  Pool* pool = nullptr;               // reports, PDF, hashing
  const Clock* clock = nullptr;
  Random* random = nullptr;
  const StaticFiles* static_files = nullptr;
  Metrics* metrics = nullptr;
  const SigningKey* csrf_key = nullptr;
  const SigningKey* flash_key = nullptr;
  // https towards the browser: cookies are Secure with the __Host- prefix, HSTS is sent.
  bool secure = false;
  std::string public_url =
      {};  // "https://tickets.example.org", no slash at the end; absolute links come from here only
  bool show_errors = false;  // development: the reason of a 500 on the page
  // Set by the server once it stops: /readyz says no from then on.
  std::shared_ptr<std::atomic<bool>> draining = std::make_shared<std::atomic<bool>>(false);
};

// A page's absolute address, from public_url only.
std::string absolute_url(const Services& services, std::string_view path);

}  // namespace plenary::web
