#include "mail/sample.hpp"

#include <algorithm>
#include <utility>

#include "base/errors.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/orders.hpp"
#include "i18n/languages.hpp"

namespace plenary::mail {
namespace {

using registration::Catalogue;
using registration::Order;
using registration::OrderLine;
using registration::OrderStatus;

constexpr const char* sample_reference = "SAMPLE00";
constexpr const char* sample_code = "SAMPLE00";
constexpr std::int64_t sample_price = 149;  // major units, of a conference that sells nothing yet

std::int64_t price_of(const Catalogue& catalogue) {
  for (const registration::TicketType& type : catalogue.ticket_types)
    if (type.is_active && type.price > 0) return type.price;
  std::int64_t price = sample_price;
  for (int i = 0; i < catalogue.currency.exponent(); ++i) price *= 10;
  return price;
}

registration::Id ticket_of(const Catalogue& catalogue) {
  for (const registration::TicketType& type : catalogue.ticket_types)
    if (type.is_active && type.price > 0) return type.id;
  return 0;
}

std::string ticket_name(const Catalogue& catalogue, std::string_view language) {
  const registration::TicketType* type = catalogue.ticket_type(ticket_of(catalogue));
  return type ? type->name : i18n::translated(language, message("Ticket"));
}

OrderStatus status_for(std::string_view name) {
  for (const std::string_view open :
       {"order_placed", "payment_reminder", "order_expiry_warning", "payment_failed", "payment_received"})
    if (name == open) return OrderStatus::pending;
  for (const std::string_view over :
       {"order_cancelled", "order_expired", "conference_cancelled", "late_payment_refunded"})
    if (name == over) return OrderStatus::cancelled;
  return OrderStatus::paid;
}

Order sample_order(const Message& about, std::string_view language, const Catalogue& catalogue, Instant now) {
  Order order;
  order.conference_id = catalogue.conference.id;
  order.reference = sample_reference;
  order.status = status_for(about.name);
  order.currency = std::string(catalogue.currency.code());
  order.language = std::string(language);
  order.billing.name = "Ada Lovelace";
  order.billing.email = "ada@example.org";
  order.billing.company = "Analytical Engines";
  order.created_at = now - Duration::days(3);
  order.link_version = 0;  // of no order
  order.is_sandbox = false;
  OrderLine line;
  line.kind = registration::LineKind::ticket;
  line.description = ticket_name(catalogue, language);
  line.quantity = 2;
  line.unit_price = price_of(catalogue);
  line.line_total = line.gross = line.net = 2 * line.unit_price;
  line.ticket_type_id = ticket_of(catalogue);
  order.lines.push_back(line);
  order.subtotal = order.total = line.line_total;
  if (order.status == OrderStatus::pending)
    order.hold_expires_at =
        now + (about.name == "order_expiry_warning" ? Duration::minutes(5) : Duration::days(3));
  if (order.status == OrderStatus::paid) order.paid_at = now;
  return order;
}

registration::Seat sample_seat(const Catalogue& catalogue, std::int64_t position, std::string name) {
  registration::Seat seat;
  seat.position = position;
  seat.ticket_type_id = ticket_of(catalogue);
  seat.access_code = sample_code;
  seat.name = std::move(name);
  seat.link_version = 0;
  return seat;
}

void fill_money(Content& content, const Order& order) {
  const std::string_view name = content.message->name;
  const bool is_paid = order.status == OrderStatus::paid;
  content.paid = is_paid ? order.total : name == "payment_received" ? order.total / 2 : 0;
  if (name == "payment_failed" || name == "payment_received" || name == "late_payment_refunded") {
    registration::Payment payment;
    payment.method = registration::PaymentMethod::stripe;
    payment.amount = name == "payment_received" ? order.total / 2 : order.total;
    content.payment = payment;
    content.detail = "no_room";
  }
  if (name == "order_refunded" || name == "order_cancelled" || name == "conference_cancelled") {
    registration::Refund refund;
    refund.amount = name == "order_refunded" ? order.total / 2 : order.total;
    refund.currency = order.currency;
    refund.destination = registration::RefundDestination::card;
    content.gone_back = refund.amount;
    content.refunds = {refund};
    if (name == "order_refunded") content.refund = refund;
  }
  if (name == "order_placed" || name == "payment_reminder")
    content.transfer = Transfer{content.catalogue->conference.name,
                                "DE02 1203 0000 0000 2020 51",
                                "BYLADEM1001",
                                "Example Bank",
                                order.reference,
                                {}};
}

registration::WaitingPlace sample_place(const Message& about, const Catalogue& catalogue, Instant now) {
  registration::WaitingPlace place;
  registration::WaitingEntry& entry = place.entry;
  entry.conference_id = catalogue.conference.id;
  entry.name = "Ada Lovelace";
  entry.email = "ada@example.org";
  entry.link_version = 0;
  entry.quantity = 2;
  const registration::ProductChoice product{registration::ProductKind::ticket_type, ticket_of(catalogue), {}};
  registration::WaitingPlace::Choice choice;
  choice.product = product;
  choice.position = 4;
  choice.rank = 1;
  place.choices.push_back(choice);
  if (about.name == "waiting_offer" || about.name == "waiting_lapsed") {
    entry.offered_rank = 1;
    entry.offered_quantity = 2;
    entry.offered_at = now;
    entry.offer_expires_at = now + Duration::hours(24);
  }
  return place;
}

}  // namespace

Content sample_content(const Message& about, std::string_view language,
                       std::shared_ptr<const Catalogue> catalogue, Instant now) {
  Content content;
  content.message = &about;
  content.to = {"ada@example.org", "Ada Lovelace"};
  content.language = std::string(language);
  content.now = now;
  content.conference_id = catalogue->conference.id;
  content.catalogue = std::move(catalogue);
  content.buyer_has_account = false;
  const Catalogue& sold = *content.catalogue;
  if (about.about == Subject::order) {
    content.order = sample_order(about, language, sold, now);
    fill_money(content, *content.order);
    if (content.order->status == OrderStatus::paid)
      content.seats = {sample_seat(sold, 1, "Ada Lovelace"), sample_seat(sold, 2, {})};
  } else if (about.about == Subject::seat) {
    registration::HeldSeat held;
    held.seat = sample_seat(sold, 1, "Grace Hopper");
    held.conference_id = sold.conference.id;
    held.order_status = OrderStatus::paid;
    held.buyer_name = "Ada Lovelace";
    content.to = {"grace@example.org", "Grace Hopper"};
    content.seat = std::move(held);
  } else if (about.about == Subject::waiting) {
    content.waiting = sample_place(about, sold, now);
  } else if (about.about == Subject::staff) {
    content.order = sample_order(about, language, sold, now);
    content.order->status = OrderStatus::paid;
    content.dispute =
        Dispute{content.order->total, content.order->currency, "fraudulent", now + Duration::days(7)};
    content.to = {"team@example.org", "Ada Lovelace"};
  } else if (about.about == Subject::invitation) {
    accounts::Invitation invitation;
    invitation.conference_id = sold.conference.id;
    invitation.email = "grace@example.org";
    invitation.message = "It would be great to have you with us.";
    invitation.expires_at = now + Duration::days(7);
    content.to = {"grace@example.org", {}};
    content.invitation = std::move(invitation);
    content.invited_by = "Ada Lovelace";
    content.invited_to = message("Check-in Staff");
  } else if (about.name == "found_orders") {
    Order found = sample_order(about, language, sold, now);
    found.status = OrderStatus::paid;
    content.found_orders.push_back({std::move(found), content.catalogue});
  } else if (about.about == Subject::link) {
    accounts::Link link;
    link.kind = about.name == "claim_order"      ? accounts::LinkKind::claim
                : about.name == "reset_password" ? accounts::LinkKind::reset
                                                 : accounts::LinkKind::verify;
    link.email = content.to.email;
    link.expires_at = now + Duration::hours(24);
    content.link = std::move(link);
    if (about.name == "claim_order") content.order = sample_order(about, language, sold, now);
  } else if (about.about == Subject::credit) {
    registration::Credit credit;
    credit.amount = credit.remaining = price_of(sold);
    credit.currency = std::string(sold.currency.code());
    content.credit = credit;
    content.credit_order = sample_reference;
  }
  return content;
}

void use_order(db::Tx& tx, Content& content, const Order& order) {
  const std::vector<registration::Seat> seats = registration::seats_of(tx, order.id);
  const auto without_keys = [](registration::Seat seat) {
    seat.id = 0;
    seat.link_version = 0;
    seat.access_code = sample_code;
    return seat;
  };
  if (content.seat) {
    if (seats.empty()) return;
    const registration::Seat& first = seats.front();
    content.seat->buyer_name = order.billing.name;
    content.seat->seat = without_keys(first);
    content.to = {first.email.empty() ? order.billing.email : first.email, first.name};
    return;
  }
  if (!content.order) return;
  const Order made_up = *content.order;
  content.order = order;
  content.order->link_version = 0;
  // As it would be when this message goes out.
  content.order->status = made_up.status;
  content.order->hold_expires_at = made_up.hold_expires_at;
  content.to = {registration::buyer_address(tx, order), order.billing.name};
  content.seats.clear();
  if (made_up.status == OrderStatus::paid)
    for (const registration::Seat& seat : seats) content.seats.push_back(without_keys(seat));
  fill_money(content, *content.order);
}

}  // namespace plenary::mail
