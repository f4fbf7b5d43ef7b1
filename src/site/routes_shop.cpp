#include "site/page_table.hpp"
#include "site/pages.hpp"
#include "site/questions.hpp"

namespace plenary::site {

void add_shop_pages(PageTable& table) {
  const std::string shop = "/{conference}/register/";
  const web::Methods form = web::Method::get | web::Method::post;
  table.add("registration:ticket-select", shop, web::Method::get, shop_guard(), show_tickets, load_tickets)
      .aliases = {"registration:ticket-list"};
  table.add("registration:cart", shop + "cart/", form, shop_guard(), cart, load_cart_and_stock);
  table.add("registration:checkout", shop + "checkout/", form, shop_guard(), checkout, load_cart_for_form);
  table.add("registration:checkout-review", shop + "checkout/review/", form, shop_guard(), review, load_cart)
      .max_body = largest_form_with_files;
}

}  // namespace plenary::site
