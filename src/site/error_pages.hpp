// The error pages in the site's own frame: "404.html" of the templates where it exists, else "error.html".
// They read nothing from the database, so that they work when it does not. Any thread. source: ground rules
// 15, 4; web/error_pages.hpp.
#pragma once

#include "site/visit.hpp"
#include "web/error_pages.hpp"

namespace plenary::site {

class SiteErrorPages : public web::ErrorPages {
 public:
  explicit SiteErrorPages(const Site& site) : site_(site) {}
  Task<std::optional<web::Response>> render(web::Request& request, const web::ErrorInfo& error) override;

 private:
  const Site& site_;
};

}  // namespace plenary::site
