#include "admin/desk.hpp"
#include "admin/pages.hpp"

namespace plenary::admin {

Task<web::Response> show_index(Site&, web::Request&) {
  throw NotFound("not there");
}
Task<web::Response> show_area(Site&, web::Request&) {
  throw NotFound("not there");
}
Task<web::Response> show_list(Site&, web::Request&) {
  throw NotFound("not there");
}
Task<web::Response> act_on_list(Site&, web::Request&) {
  throw NotFound("not there");
}
Task<web::Response> export_list(Site&, web::Request&) {
  throw NotFound("not there");
}
Task<web::Response> add(Site&, web::Request&) {
  throw NotFound("not there");
}
Task<web::Response> change(Site&, web::Request&) {
  throw NotFound("not there");
}
Task<web::Response> remove(Site&, web::Request&) {
  throw NotFound("not there");
}
Task<web::Response> show_history(Site&, web::Request&) {
  throw NotFound("not there");
}
Task<web::Response> choices(Site&, web::Request&) {
  throw NotFound("not there");
}

}  // namespace plenary::admin
