// The objects that show domain structs to templates, under the names of their entity tables and with the
// derived members that customers' templates use. They point at what they show, which must live until the page
// is rendered. One thread, one page. source: configuration 10, 10.3.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/registration/cart.hpp"
#include "domain/registration/consents.hpp"
#include "domain/registration/orders.hpp"
#include "site/products.hpp"
#include "site/visit.hpp"
#include "templating/context.hpp"
#include "templating/value.hpp"
#include "web/forms.hpp"

namespace plenary::site {

// A cart as its page, checkout and review show it.
struct CartPage {
  registration::CartView view;
  std::optional<registration::StockLevels> levels;        // only where the page offers more to add
  std::optional<registration::LatestOrder> latest_order;  // of this browser, where the cart is empty
};

// An order as whoever holds its secret link sees it.
struct OrderPage {
  registration::Order order;
  std::vector<registration::Payment> payments;
  std::vector<registration::Seat> seats;
  std::vector<registration::KeptConsent> consents;  // given with it; on the order's own page only
  std::int64_t paid = 0;
  std::string token;  // the secret half of its address; empty for its signed-in owner
  bool is_processing() const;
  std::int64_t due() const { return order.total - paid; }
};

// Objects for templates. Each refers to its argument.
templating::Value conference_value(const Visit& visit);
templating::Value features_value(const Site& site, const Visit* visit);
templating::Value tickets_value(const std::vector<TicketCard>& cards);
templating::Value addons_value(const std::vector<AddOnCard>& cards);
templating::Value cart_value(const CartPage& page, const registration::Catalogue& catalogue);
templating::Value cart_items_value(const CartPage& page, const registration::Catalogue& catalogue);
// `language`: what statuses and methods are named in; it must live as long as the page.
templating::Value order_value(const OrderPage& page, const registration::Catalogue& catalogue,
                              std::string_view language);
templating::Value line_items_value(const OrderPage& page, const registration::Catalogue& catalogue);
templating::Value payments_value(const OrderPage& page, const registration::Catalogue& catalogue,
                                 std::string_view language);
templating::Value seats_value(const OrderPage& page, const registration::Catalogue& catalogue);
// Fields by name, each with its error and what was typed.
templating::Value form_value(std::vector<web::FieldView> fields);
templating::Value amount_value(std::int64_t minor, Currency currency);
templating::Value gone_value(std::span<const registration::Gone> gone);

// What library functions read back from a page's variables; null for anything else.
const registration::Catalogue* catalogue_of(const templating::Context& context);
const Visit* visit_of(const templating::Value& conference);
const Visit* visit_of(const templating::Context& context);
const TicketCard* ticket_card(const templating::Value& value);
const CartPage* cart_page(const templating::Value& value);

}  // namespace plenary::site
