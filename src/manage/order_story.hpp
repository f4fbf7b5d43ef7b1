// Everything that happened to an order, in one list: its own events, what staff changed, tickets that changed
// hands, money in and back, documents, mails. A function of a transaction: one thread at a time; it reads.
// source: staff pages 70, 11.4 and 14.11.
#pragma once

#include <string>
#include <vector>

#include "domain/invoicing/types.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/records.hpp"
#include "domain/registration/refunds.hpp"
#include "mail/sent.hpp"
#include "templating/value.hpp"
#include "web/request.hpp"

namespace plenary::manage {

// What the page of an order has read of it.
struct OrderFile {
  registration::Order order;
  registration::OrderMoney money;
  std::vector<registration::OrderLineRow> lines;
  std::vector<registration::PaymentRow> payments;
  std::vector<std::string> takers;  // who recorded each payment; empty: the system
  std::vector<registration::Refund> refunds;
  std::vector<registration::SeatRow> seats;
  std::vector<invoicing::Document> documents;
  std::vector<mail::SentMail> mails;
};

// Newest first, as the page shows it: at, kind, who, text, details.
templating::Value order_story(db::Tx& tx, const web::Request& request, const OrderFile& file);
// "Confirmation", of a mail's name; the name itself for one that is not known.
std::string mail_word(const web::Request& request, std::string_view message);
const char* mail_status_word(std::string_view status);

}  // namespace plenary::manage
