#include "embed/route_tables.hpp"

#include "admin/routes.hpp"
#include "api/routes.hpp"
#include "manage/routes.hpp"

namespace plenary::embed {

std::vector<web::RouteTable> other_rooms() {
  // First segments that belong to rooms without a page of their own so far.
  web::RouteTable kept;
  kept.push_back(web::later("api:root", "/api/", web::public_() & web::json_answers()));
  kept.push_back(web::later("media", "/media/{path:path}", web::public_(), web::Method::get));
  std::vector<web::RouteTable> tables;
  tables.push_back(manage::routes());
  tables.push_back(std::move(kept));
  return tables;
}

std::vector<site::AddPages> room_pages(api::SeenTokens* seen) {
  return {manage::add_pages, admin::add_pages,
          [seen](site::PageTable& table) { api::add_pages(table, seen); }};
}

std::vector<site::AddPages> room_pages(const site::Extensions& extensions) {
  std::vector<site::AddPages> pages = room_pages();
  pages.insert(pages.end(), extensions.pages.begin(), extensions.pages.end());
  return pages;
}

}  // namespace plenary::embed
