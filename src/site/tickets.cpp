// The ticket page. source: registration 20, 12.1.
#include "site/pages.hpp"

namespace plenary::site {

Task<web::Response> show_tickets(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  std::vector<TicketCard> cards =
      ticket_cards(*visit.catalogue, request.context<registration::StockLevels>(), visit.now);
  std::size_t forms = 0;
  if (visit.conference->sells()) {
    for (const TicketCard& card : cards) forms += card.is_available();
    std::vector<std::string> tokens = new_submissions(request, forms);
    for (TicketCard& card : cards) {
      if (!card.is_available()) continue;
      card.submission = std::move(tokens.back());
      tokens.pop_back();
    }
  }
  Page page(site, request, "django_program/registration/ticket_select.html");
  page.set("ticket_types", tickets_value(cards));
  page.set("now", visit.now);
  const auto opening = visit.conference->sells() ? next_opening(cards) : std::nullopt;
  if (opening) page.set("next_opening", *opening);
  web::Response response = page.html();
  response.no_store();  // its forms are this browser's
  co_return response;
}

}  // namespace plenary::site
