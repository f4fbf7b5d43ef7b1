// Issuing invoices and credit notes. What an order's documents say together is what the order is: `settle`
// compares the two and issues what is missing, an invoice for lines that no document says yet, a credit note
// for lines that were taken back; a correction is a credit note and a new invoice. The number is drawn in the
// transaction that issues the document, so no number is left out or used twice. Rendering is elsewhere,
// later, once (files.hpp). Functions of a transaction in the lane of the order's conference: one thread at a
// time. Errors: Refused, before anything is written. source: taxes and invoices 25, 3 and 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "db/tx.hpp"
#include "domain/invoicing/types.hpp"

namespace plenary::invoicing {

// The outbox row of a document whose file is to be made: {"document": id}.
inline constexpr std::string_view file_kind = "invoice_file";

// For subscribers of events: the order is looked at soon (settle_due), where its conference invoices at that
// moment or it has documents already. One statement whose answer nobody waits for.
void note_placed(db::Tx& tx, const registration::Order& order);
void note_paid(db::Tx& tx, const registration::Order& order);
void note_changed(db::Tx& tx, const registration::Order& order);  // also cancelled, refunded

// Makes the order's documents say what the order is now; the new ones. The first invoice is issued when its
// moment has come. Where ways to pay cost a fee, those for a sold order that became dearer wait for the
// money, as the fee is a line of the same invoice. Nothing for free orders and for conferences without a
// seller. Refused: "no_exchange_rate".
std::vector<Document> settle(db::Tx& tx, Id order_id);

// The first invoice now, whatever the conference's moment: asked for by the buyer or by staff. The documents
// that were there already where there are some. Refused: "no_invoices" (there is no seller, or the conference
// makes none), "free_order", "order_cancelled", "no_exchange_rate".
std::vector<Document> issue_invoice(db::Tx& tx, Id order_id);
// Whether the buyer's page offers it.
bool may_ask_for_invoice(db::Tx& tx, const registration::Order& order);

// A credit note for everything invoiced, and a new invoice with the order's billing data and lines as they
// are now. `reason` is printed. Refused: "not_invoiced" where there is nothing to correct, "nothing_left"
// where all of it was taken back.
std::vector<Document> correct(db::Tx& tx, Id order_id, std::string_view reason);
// Which of a conference's documents with ids from `first` to `last` are invoices that still count: a line of
// theirs was neither taken back nor said anew.
std::vector<Id> standing_invoices(db::Tx& tx, Id conference_id, Id first, Id last);

// True: its billing data change by a correction only.
bool is_invoiced(db::Tx& tx, Id order_id);
std::vector<Document> documents_of(db::Tx& tx, Id order_id);  // oldest first
// Sellers that a conference's documents have, and the one that it has now, by name.
std::vector<conference::Seller> issuers(db::Tx& tx, Id conference_id);
std::optional<Document> find_document(db::Tx& tx, Id id);

// Carries out what is due, in pieces, each order for itself; how many orders were looked at. What cannot be
// issued stays due with its problem, and is tried again after a while. Blocking: for jobs and commands.
int settle_due(db::Database& database);
// The same for one order, when it is due: for who needs its documents at this moment.
void settle_due(db::Database& database, Id order_id);
// What cannot be issued, for doctors: the orders and why.
std::vector<Due> problems(db::Tx& tx, Id conference_id = 0);

// Numbers that are missing, doubled or out of order, and documents whose sums are wrong; empty: all is well.
std::vector<std::string> faults(db::Tx& tx);

}  // namespace plenary::invoicing
