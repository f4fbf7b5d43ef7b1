#include "admin/desk.hpp"
#include "admin/pages.hpp"

namespace plenary::admin {
Task<web::Response> export_list(Site&, web::Request&) {
  throw NotFound("not there");
}
}  // namespace plenary::admin
