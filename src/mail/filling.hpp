// Fills the variables of a message's templates from what it is about. Everything shown is text in the
// recipient's language; links begin with public_url; names that strangers typed are shown only where they
// read like names. Lives for one mail on one thread; in filling_order.cpp: what orders and money say. source:
// ground rules 15, 6; payments 21, 11.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "mail/content.hpp"
#include "mail/renderer.hpp"
#include "templating/context.hpp"
#include "templating/value.hpp"

namespace plenary::registration {
struct TaxWords;
}

namespace plenary::mail {

class Filling {
 public:
  // All must outlive it.
  Filling(const RendererParts& parts, const Content& content, templating::Context& context)
      : parts_(parts), content_(content), context_(context), base_(parts.settings.server.base_url()) {}

  void fill();
  // Where one click ends these mails; empty: nowhere.
  std::string unsubscribe_url() const;
  // The address of a page; empty where there is none.
  std::string page(std::string_view route, std::initializer_list<std::string_view> arguments) const;

 private:
  using Catalogue = registration::Catalogue;

  std::string in_language(std::string_view message) const;
  std::string money(std::int64_t minor, const Catalogue& catalogue, std::string_view code) const;
  std::string moment(Instant at, const Catalogue& catalogue) const;

  void set_conference(const Catalogue& catalogue);
  void set_seat(const registration::HeldSeat& held);
  void set_link(const accounts::Link& link);
  void set_waiting(const registration::WaitingPlace& place, const Catalogue& catalogue);
  void set_invitation(const accounts::Invitation& invitation);
  void set_found_orders();

  void set_order(const registration::Order& order, const Catalogue& catalogue);
  void set_transfer(const Transfer& transfer);
  void set_payment(const registration::Payment& payment, const Catalogue& catalogue);
  void set_credit(const registration::Credit& credit, const Catalogue& catalogue);
  void set_dispute(const Dispute& dispute, const Catalogue& catalogue);
  std::string order_page(std::string_view route, const registration::Order& order,
                         const Catalogue& catalogue) const;
  // "Early bird: -$20.00": what was taken off a line, and by what.
  std::vector<templating::Value> discounts(const registration::OrderLine& line,
                                           const registration::Order& order,
                                           const Catalogue& catalogue) const;
  // Those that are added to the prices, or those that the total contains.
  std::vector<templating::Value> tax_rows(const std::vector<registration::TaxWords>& taxes, bool added,
                                          const registration::Order& order, const Catalogue& catalogue) const;
  // In one line, what was typed being shown as names are.
  std::string address(const registration::Billing& billing) const;
  templating::Value order(const registration::Order& order, const Catalogue& catalogue) const;
  std::string ticket_name(registration::Id ticket_type_id) const;
  templating::Value seats() const;
  // Groups of the order and its tickets, each with its answers.
  templating::Value answers() const;

  const RendererParts& parts_;
  const Content& content_;
  templating::Context& context_;
  std::string base_;
};

}  // namespace plenary::mail
