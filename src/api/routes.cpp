#include "api/routes.hpp"

#include "api/features.hpp"

namespace plenary::api {

void add_pages(site::PageTable& table) {
  // No feature guards it: it is what tells that the public pages are off.
  table.add("api:features", "/api/v1/conferences/{slug}/features", web::Method::get,
            web::public_() & web::json_answers(), show_features);
}

}  // namespace plenary::api
