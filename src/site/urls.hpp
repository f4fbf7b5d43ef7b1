// Where {% url %} and {% static %} get their addresses: the server's route table and its static files. Any
// thread. A route without its conference argument takes the conference of the page. source: configuration
// 10, 10.3.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "templating/services.hpp"
#include "web/routes.hpp"
#include "web/static_files.hpp"

namespace plenary::site {

class RouteUrls : public templating::UrlResolver {
 public:
  // The router is made after the engine: set it before the first page is rendered.
  void use(const web::Router* router) {
    router_ = router;
    identity_ = ++made_;
  }
  std::optional<std::string> path_of(const Request& request, std::string& why) const override;

 private:
  std::optional<std::string> made_path_of(const Request& request, std::string& why) const;

  const web::Router* router_ = nullptr;
  static inline std::atomic<std::uint64_t> made_ = 0;
  std::uint64_t identity_ = ++made_;  // what the threads keep belongs to one router
};

class StaticUrls : public templating::StaticFiles {
 public:
  explicit StaticUrls(const web::StaticFiles& files) : files_(files) {}
  std::string url_of(std::string_view path) const override { return files_.url(path); }

 private:
  const web::StaticFiles& files_;
};

}  // namespace plenary::site
