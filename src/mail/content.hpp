// What one message is about, read from its row's ids in one read transaction: to whom, in which language, and
// the things that its templates show. Nothing is rendered here. A message that is moot by now has no content:
// the order was cancelled or paid meanwhile, a link was used, has expired or was replaced, there is no
// address any more. source: ground rules 15, 6; payments 21, 11.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/accounts/invitations.hpp"
#include "domain/accounts/types.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/seats.hpp"
#include "domain/registration/waiting_list.hpp"
#include "jobs/outbox.hpp"
#include "mail/messages.hpp"
#include "mail/sender.hpp"
#include "mail/texts.hpp"
#include "net/message.hpp"

namespace plenary::mail {

// An order among those of an address.
struct FoundOrder {
  registration::Order order;
  std::shared_ptr<const registration::Catalogue> catalogue;
};

// How a bank transfer is made.
struct Transfer {
  std::string holder, iban, bic, bank, reference, note;
};

// A payment that the buyer's bank takes back.
struct Dispute {
  std::int64_t amount = 0;
  std::string currency, reason;
  std::optional<Instant> respond_by;
};

struct Content {
  const Message* message = nullptr;
  net::Address to;
  std::string language;  // a code of i18n::languages()
  Instant now;
  std::optional<std::int64_t> conference_id, user_id;
  std::shared_ptr<const registration::Catalogue> catalogue;  // null: of no conference
  std::optional<registration::Order> order;
  std::int64_t paid = 0;                         // of the order, and here still
  std::int64_t gone_back = 0;                    // of the order, or on its way
  std::optional<registration::Refund> refund;    // that the message is about
  std::vector<registration::Refund> refunds;     // of the order that did not fail
  std::optional<registration::Payment> payment;  // that the message is about
  std::optional<registration::Credit> credit;    // likewise
  std::string credit_order;                      // reference of the order that it stems from
  std::optional<Dispute> dispute;                // likewise
  std::optional<Transfer> transfer;              // where the order can be paid by one
  // Of an order that was sold: what is transferred now, with a change that waits, and until when.
  std::int64_t balance = 0;
  std::optional<Instant> balance_until;
  std::vector<registration::Seat> seats;          // of the order
  std::vector<registration::KeptAnswer> answers;  // that this recipient may read; no files
  bool buyer_has_account = false;                 // one that can sign in
  std::optional<registration::HeldSeat> seat;
  std::optional<accounts::Link> link;
  std::optional<accounts::User> user;
  std::string detail;  // new_device: which; second_factor_changed: "on", "off", "codes", "reset"
  std::vector<FoundOrder> found_orders;
  std::optional<accounts::Invitation> invitation;
  std::string invited_to, invited_by;  // names of its role and of whoever invites
  std::optional<registration::WaitingPlace> waiting;
  std::optional<MailText> text;      // what the organisers wrote instead of the shipped one
  std::optional<MailSender> sender;  // of the conference
  bool is_test = false;              // sent to whoever edits its text, about things made up
};

// Nothing: moot. std::invalid_argument for a payload that is none of messages.hpp.
std::optional<Content> load_content(db::Tx& tx, const jobs::Delivery& delivery,
                                    registration::Catalogues& catalogues);

}  // namespace plenary::mail
