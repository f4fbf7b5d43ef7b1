// A ticket as a page of PDF, from a plain struct: tagged, titled, with its language, with embedded fonts, and
// its QR code drawn as vectors. The same struct gives the same bytes. Slow (tens of milliseconds): run it on
// the slow pool; any thread, no shared state of ours. Errors: std::runtime_error when Cairo fails. source:
// ground rules 15, 4.7; onsite and documents 30, 3.3 and 3.4 with D1 and D34.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace plenary::documents {

// What stands beside each fact, in the document's language.
struct TicketLabels {
  std::string heading = "Ticket";
  std::string holder = "Name";
  std::string ticket_type = "Ticket";
  std::string access_code = "Access code";
  std::string dates = "When";
  std::string venue = "Where";
  std::string order_reference = "Order";
  std::string qr_code = "QR code of this ticket, for check-in";  // read aloud in place of the picture
};

struct TicketDocument {
  std::string language = "en";  // BCP 47, of the labels; names find their own direction
  std::string title;            // of the document: "Ticket for Fair 2027: Ada Lovelace"
  std::string conference_name, dates, venue, address;  // empty ones are left out
  std::string holder_name;  // empty: the seat is open, and `open_text` stands there
  std::string open_text = "Not named yet";
  std::string ticket_type, access_code, order_reference;
  std::string qr_text;             // what the scanner reads: "fair-2027:A3K9M2X1"
  std::vector<std::string> notes;  // one paragraph each
  std::string accent_color;        // "#0b5cad"; anything else: ours
  std::string sandbox_mark;        // "Sandbox: not valid"; empty for a real ticket
  TicketLabels labels;
  Instant created_at;  // the document's date; never now() of its own
};

// A whole PDF file: one A4 page, more when the notes are long.
std::string ticket_pdf(const TicketDocument& ticket);
// Several, each beginning a page of its own, as one file of that title; language, author and date are the
// first one's. At least one.
std::string tickets_pdf(std::span<const TicketDocument> tickets, std::string_view title);

}  // namespace plenary::documents
