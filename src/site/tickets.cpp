// The ticket page. source: registration 20, 12.1.
#include "base/beginning.hpp"
#include "base/text.hpp"
#include "site/pages.hpp"

namespace plenary::site {

Task<web::Response> show_tickets(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  CartPage* cart = request.find_context<CartPage>();
  Showing showing{*visit.catalogue, request.context<registration::StockLevels>(), nullptr, visit.language,
                  visit.now};
  if (cart && cart->view.voucher && cart->view.voucher->valid_at(visit.now))
    showing.voucher = &*cart->view.voucher;
  std::vector<TicketCard> cards = ticket_cards(showing);
  Page page(site, request, "django_program/registration/ticket_select.html");
  if (visit.conference->sells()) {
    std::size_t forms = 1;
    for (const TicketCard& card : cards) forms += card.is_available();
    std::vector<std::string> tokens = new_submissions(request, forms);
    for (TicketCard& card : cards) {
      if (!card.is_available()) continue;
      card.submission = std::move(tokens.back());
      tokens.pop_back();
    }
    page.set("voucher_submission", templating::Value(std::move(tokens.front())));
  }
  if (cart && cart->view.voucher) {
    page.set("voucher", voucher_value(cart->view));
  } else if (visit.conference->sells()) {
    // The link of a voucher. Whether there is such a code is told where tries are counted.
    if (const auto code = request.query("voucher"))
      page.set("linked_code", std::string(beginning(trimmed(*code), 100)));
    else if (const auto tried = request.query("tried"))  // the field's text, after it was refused
      page.set("tried_code", std::string(beginning(trimmed(*tried), 100)));
  }
  page.set("ticket_types", tickets_value(cards));
  page.set("now", visit.now);
  page.set("cookies_missing", request.query("added").has_value() && !visit.session);
  const auto opening = visit.conference->sells() ? next_opening(cards) : std::nullopt;
  if (opening) page.set("next_opening", *opening);
  web::Response response = page.html();
  if (showing.voucher) {
    response.personal();  // it shows what a code unlocks
  } else {
    response.no_store();  // its forms are this browser's
  }
  co_return response;
}

}  // namespace plenary::site
