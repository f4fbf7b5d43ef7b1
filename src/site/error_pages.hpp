// The error pages in the site's own frame: "404.html" of the templates where it exists, else "error.html".
// They read nothing from the database, so that they work when it does not. Any thread. source: ground rules
// 15, 4; web/error_pages.hpp.
#pragma once

#include <string_view>

#include "site/visit.hpp"
#include "web/error_pages.hpp"

namespace plenary::site {

// The code of the error when nobody knows whether a write was done: a page of its own says where to look.
inline constexpr std::string_view outcome_unknown = "outcome_unknown";

class SiteErrorPages : public web::ErrorPages {
 public:
  explicit SiteErrorPages(const Site& site) : site_(site) {}
  Task<std::optional<web::Response>> render(web::Request& request, const web::ErrorInfo& error) override;

 private:
  const Site& site_;
};

}  // namespace plenary::site
