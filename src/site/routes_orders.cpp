#include "site/page_table.hpp"
#include "site/pages.hpp"
#include "site/payment_return.hpp"

namespace plenary::site {

void add_order_pages(PageTable& table) {
  const web::Methods get = web::Method::get, post = web::Method::post;
  // Of a signed-in owner.
  const std::string order = "/{conference}/register/orders/{reference}/";
  const web::Guard owner = web::signed_in() & shop_guard();
  table.add("registration:order-detail", order, get, owner, show_order, load_order);
  table.add("registration:order-confirmation", order + "confirmation/", get, owner, show_confirmation,
            load_order);
  table.add("registration:order-pay", order + "pay/", get | post, owner, pay, load_order);
  table.add("registration:order-cancel", order + "cancel/", post, owner, cancel_order);
  table.add("registration:order-return", order + "return/", get, web::signed_in() & web::conference_scoped(),
            show_payment_return, load_order);
  // Of whoever holds the secret link. source: 20, D29.
  const std::string secret = order + "{token}/";
  table.add("registration:order-secret", secret, get, shop_guard(), show_order, load_order);
  table.add("registration:order-secret-confirmation", secret + "confirmation/", get, shop_guard(),
            show_confirmation, load_order);
  table.add("registration:order-secret-pay", secret + "pay/", get | post, shop_guard(), pay, load_order);
  table.add("registration:order-secret-return", secret + "return/", get, web::conference_scoped(),
            show_payment_return, load_order);
  table.add("registration:order-secret-cancel", secret + "cancel/", post, shop_guard(), cancel_order);
}

}  // namespace plenary::site
