// The objects that show domain structs to templates, under the names of their entity tables and with the
// derived members that customers' templates use. They point at what they show, which must live until the page
// is rendered. One thread, one page. source: configuration 10, 10.3.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/registration/billing_change.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/consents.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/tax_words.hpp"
#include "site/products.hpp"
#include "site/visit.hpp"
#include "templating/context.hpp"
#include "templating/value.hpp"
#include "web/forms.hpp"

namespace plenary::site {

// A cart as its page, checkout and review show it. The quote is for the buyer that the page knows of.
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
  std::vector<registration::KeptAnswer> answers;    // to its questions; likewise
  std::int64_t paid = 0;                            // and here still
  registration::BillingChange billing_change = registration::BillingChange::none;
  std::string token;  // the secret half of its address; empty for its signed-in owner
  // Of orders that were paid.
  std::optional<registration::OrderMoney> money;
  std::optional<registration::OrderChange> waiting;  // a change that waits for its payment
  // On the order's own page and those about cancelling and changing it.
  std::optional<registration::CancelPreview> cancellation;
  std::optional<registration::ChangeOffer> change;
  std::vector<registration::HistoryEntry> history;
  // On the page to pay and the order's own.
  std::optional<registration::PaymentTerm> term;  // bank transfer was chosen
  std::vector<registration::Credit> credits;      // to be spent, of whoever looks at it
  bool is_lapsed = false;                         // cancelled, since the time to pay it was over
  bool is_processing() const;
  bool is_sold() const {
    return order.status == registration::OrderStatus::paid ||
           order.status == registration::OrderStatus::partially_refunded;
  }
  // To be paid now, with the change that waits.
  std::int64_t due() const { return order.total + (waiting ? waiting->difference : 0) - paid; }
};

// Objects for templates. Each refers to its argument.
templating::Value conference_value(const Visit& visit);
templating::Value features_value(const Site& site, const Visit* visit);
templating::Value tickets_value(const std::vector<TicketCard>& cards);
templating::Value addons_value(const std::vector<AddOnCard>& cards);
templating::Value ticket_value(TicketCard card);
templating::Value addon_value(AddOnCard card);
templating::Value cart_value(const CartPage& page, const registration::Catalogue& catalogue);
// `problems`: what keeps it from being ordered, told beside the line it names.
templating::Value cart_items_value(const CartPage& page, const registration::Catalogue& catalogue,
                                   std::string_view language, std::span<const Refused> problems = {});
// The voucher of a cart: code, is_valid, covers_nothing; nothing without one.
templating::Value voucher_value(const registration::CartView& view);
// Rows of a summary: {label, amount}. `discount_rows`: below zero, one for each rule.
templating::Value taxes_value(std::span<const registration::TaxWords> taxes, Currency currency,
                              std::string_view language);
templating::Value discount_rows_value(const registration::Quote& quote, std::string_view voucher_code,
                                      Currency currency, std::string_view language);
templating::Value discount_rows_value(std::span<const registration::OrderLine> lines,
                                      std::string_view voucher_code, Currency currency,
                                      std::string_view language);
// What was taken off one line: {name, amount, is_voucher}, below zero.
templating::Value line_discounts_value(const std::string& condition_name, std::int64_t condition_discount,
                                       std::string_view voucher_code, std::int64_t voucher_discount,
                                       Currency currency);
// `language`: what statuses and methods are named in; it must live as long as the page.
templating::Value order_value(const OrderPage& page, const registration::Catalogue& catalogue,
                              std::string_view language);
// The lines as they are now: what was taken back is not among them.
templating::Value line_items_value(const OrderPage& page, const registration::Catalogue& catalogue);
templating::Value taken_back_value(const OrderPage& page, const registration::Catalogue& catalogue);
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
