#include "site/page_table.hpp"
#include "site/waiting.hpp"

namespace plenary::site {

void add_waiting_pages(PageTable& table) {
  const std::string list = "/{conference}/register/waiting-list/";
  const web::Methods form = web::Method::get | web::Method::post;
  table.add("registration:waiting-list", list, form, shop_guard(), join_waiting_list, load_waiting_list);
  const std::string place = list + "{entry:int}/{token}/";
  table.add("registration:waiting-place", place, form, shop_guard(), waiting_place, load_waiting_place);
  // Mail programs post here without a page of ours: the secret in the address is what counts.
  table
      .add("registration:waiting-leave", place + "leave/", form, shop_guard(), leave_waiting_list,
           load_waiting_place)
      .csrf = web::Csrf::none;
}

}  // namespace plenary::site
