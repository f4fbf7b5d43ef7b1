// The list of messages: the name in an outbox row of kind "mail", and what its payload carries. They are
// enqueued through the functions of domain/accounts/letters.hpp and domain/registration/letters.hpp; each has
// the templates templates/django_program/mail/NAME_subject.txt, NAME.txt and NAME.html. Constant; any thread.
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
};

struct Message {
  std::string_view name;
  Subject about;
};

// Optional in every payload: "language". "link_version" (order_link, seat_link, invitation, waiting_*):
// dropped when it is another by now.
inline constexpr Message messages[] = {
    {"order_confirmation", Subject::order},    // paid
    {"order_expiry_warning", Subject::order},  // five minutes before the hold of an unpaid order lapses
    {"order_link", Subject::order},            // the secret link again
    {"order_cancelled", Subject::order},       // with what goes back and what is kept
    {"order_refunded", Subject::order},        // also "refund": money goes back
    {"order_changed", Subject::order},         // by the organisers, with what is due
    {"found_orders", Subject::link},           // all orders of an address
    {"verify_address", Subject::link},        {"already_registered", Subject::account},
    {"reset_password", Subject::link},        {"password_changed", Subject::account},
    {"change_email", Subject::link},          {"email_changed", Subject::account},  // to the former address
    {"new_device", Subject::account},         {"second_factor_changed", Subject::account},
    {"claim_order", Subject::link},           {"seat_link", Subject::seat},
    {"seat_transferred", Subject::seat},                                            // to the former holder
    {"mail_test", Subject::address},          {"invitation", Subject::invitation},  // to take a role
    {"waiting_joined", Subject::waiting},     {"waiting_offer", Subject::waiting},
    {"waiting_lapsed", Subject::waiting},  // an offer that was not taken
};

constexpr const Message* find_message(std::string_view name) {
  for (const Message& message : messages) {
    if (message.name == name) return &message;
  }
  return nullptr;
}

}  // namespace plenary::mail
