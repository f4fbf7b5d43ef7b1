// The list of messages: the name in an outbox row of kind "mail", and what its payload carries. They are
// enqueued through the functions of domain/accounts/letters.hpp, domain/registration/letters.hpp and
// domain/registration/money_letters.hpp; each has the templates
// templates/django_program/mail/NAME_subject.txt, NAME.txt and NAME.html. Those that a conference's people
// get may be written anew by its organisers (texts.hpp). Constant; any thread.
// source: ground rules 15, 6; payments 21, 11.
#pragma once

#include <span>
#include <string_view>

namespace plenary::mail {

// What a message is about, and so which ids its payload carries, and who gets it.
enum class Subject {
  order,       // {"order": id}: the buyer
  link,        // {"link": account_link.id}: the link's address
  account,     // {"user": id}: the account's address, or {"email": …} where given
  seat,        // {"seat": id}: the seat's address, or {"email": …, "name": …} where given
  address,     // {"email": …}: a test
  invitation,  // {"invitation": id}: the invited address
  waiting,     // {"waiting": waiting_entry.id}: whoever waits
  credit,      // {"credit": id}: the person whose it is
  staff,       // {"order": id, "email": …, "name": …}: somebody of the team
};

struct Message {
  std::string_view name;
  Subject about;
};

// Optional in every payload: "language". "link_version" (order_link, seat_link, invitation, waiting_*):
// dropped when it is another by now.
inline constexpr Message messages[] = {
    {"order_confirmation", Subject::order},     // paid
    {"order_expiry_warning", Subject::order},   // five minutes before the hold of an unpaid order lapses
    {"order_link", Subject::order},             // the secret link again
    {"order_cancelled", Subject::order},        // with what goes back and what is kept
    {"order_refunded", Subject::order},         // also "refund": money goes back
    {"order_changed", Subject::order},          // by the organisers, with what is due
    {"order_placed", Subject::order},           // waits for a transfer: how to pay, until when
    {"payment_reminder", Subject::order},       // likewise, some days before the end
    {"order_expired", Subject::order},          // cancelled because it was not paid in time
    {"payment_failed", Subject::order},         // also "payment": with a link to try again
    {"payment_received", Subject::order},       // also "payment": a part, or the rest of a paid order
    {"late_payment_refunded", Subject::order},  // also "payment", "detail": no_room, not_needed, change_gone
    {"conference_cancelled", Subject::order},   // what goes back, and how
    {"order_note", Subject::order},             // also "text": mail_text.id; what staff write (notes.hpp)
    {"names_missing", Subject::order},          // asked for by staff: tickets without a name
    {"credit_issued", Subject::credit},
    {"dispute_opened", Subject::staff},  // also "amount", "currency", "detail", "respond_by"
    {"found_orders", Subject::link},     // all orders of an address
    {"verify_address", Subject::link},
    {"already_registered", Subject::account},  // also "in_name_of": the conference of its text
    {"reset_password", Subject::link},
    {"password_changed", Subject::account},
    {"change_email", Subject::link},
    {"email_changed", Subject::account},  // to the former address
    {"new_device", Subject::account},
    {"second_factor_changed", Subject::account},
    {"claim_order", Subject::link},
    {"seat_link", Subject::seat},
    {"seat_transferred", Subject::seat},  // to the former holder
    {"seat_cancelled", Subject::seat},    // likewise: it is void
    {"mail_test", Subject::address},
    {"invitation", Subject::invitation},  // to take a role
    {"waiting_joined", Subject::waiting},
    {"waiting_offer", Subject::waiting},
    {"waiting_lapsed", Subject::waiting},     // an offer that was not taken
    {"waiting_cancelled", Subject::waiting},  // the conference does not take place
};

// What organisers write to buyers: its text is theirs each time.
inline constexpr std::string_view note_message = "order_note";

constexpr const Message* find_message(std::string_view name) {
  for (const Message& message : messages) {
    if (message.name == name) return &message;
  }
  return nullptr;
}

}  // namespace plenary::mail
