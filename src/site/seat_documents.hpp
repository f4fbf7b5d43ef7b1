// What a ticket says, for whoever hands it out: its holder's page, the desk. Made of a valid seat, in the
// language of the request; drawing it is documents' (slow pool). One request, its thread. source: ground
// rules 15, 4.7.
#pragma once

#include "documents/ticket.hpp"
#include "domain/registration/seats.hpp"
#include "web/request.hpp"

namespace plenary::site {

documents::TicketDocument ticket_document(const web::Request& request, const registration::HeldSeat& held);

}  // namespace plenary::site
