#include "mail/variables.hpp"

#include <map>
#include <stdexcept>

#include "base/errors.hpp"

namespace plenary::mail {
namespace {

using Variables = std::vector<Variable>;

void add(Variables& to, const Variables& from) {
  to.insert(to.end(), from.begin(), from.end());
}

const Variables& everywhere() {
  static const Variables list{
      {"recipient_name", message("Name of whoever gets the mail; empty where it does not read like a name")},
      {"recipient_email", message("Their address")},
      {"conference.name", message("Name of the conference")},
      {"conference.days", message("Its days, in words")},
      {"conference.venue", message("Where it takes place")},
      {"conference.address", message("Address of the venue")},
      {"conference.url", message("Its page")},
      {"conference.contact", message("How to reach you, where it is a short text")},
      {"conference.contact_url", message("Page or address for contact, where it is none")},
      {"conference.terms_url", message("Terms and conditions; may be empty")},
      {"conference.refund_policy_url", message("Refund policy; may be empty")},
      {"conference.privacy_url", message("Privacy; may be empty")},
      {"conference.imprint_url", message("Imprint; may be empty")},
      {"conference.withdrawal_note", message("Note about the right of withdrawal; may be empty")},
      {"site_url", message("Front page of this server")},
      {"is_sandbox", message("Set when the order is play")},
  };
  return list;
}

const Variables& of_orders() {
  static const Variables list{
      {"order.reference", message("Number of the order")},
      {"order.url", message("The buyer's own link to the order: whoever has it can open it")},
      {"order.pay_url", message("The page to pay; empty when nothing can be paid now")},
      {"order.total", message("What the order costs")},
      {"order.subtotal", message("Before discounts and added taxes")},
      {"order.discount", message("What was taken off; empty: nothing")},
      {"order.due", message("What is still to pay")},
      {"order.still_due", message("The same, empty when nothing is")},
      {"order.is_due", message("Set when a paid order became dearer")},
      {"order.is_free", message("Set when nothing has to be paid")},
      {"order.lapses_at", message("Until when it is held, with the time; empty when it is not waiting")},
      {"order.lapses_on", message("The same day without the time")},
      {"order.lapses_at_clock", message("The time alone")},
      {"order.days_left", message("How many days are left, a begun one counts; a number")},
      {"order.created_at", message("When it was placed")},
      {"order.gone_back", message("What goes back to the buyer; empty: nothing")},
      {"order.to_card", message("Of it, to the card")},
      {"order.to_credit", message("Of it, as credit")},
      {"order.to_transfer", message("Of it, by bank transfer")},
      {"order.kept", message("What is kept of a cancelled order; empty: nothing")},
      {"order.name", message("Billing name")},
      {"order.email", message("Billing address for mail")},
      {"order.company", message("Billing company")},
      {"order.address", message("Billing address, in one line")},
      {"order.vat_id", message("VAT number")},
      {"order.own_reference", message("The buyer's own reference")},
      {"order.lines", message("What was ordered; each has description, quantity, total, discounts"), true},
      {"order.added_taxes", message("Taxes on top; each has label, amount, legal_text"), true},
      {"order.contained_taxes", message("Taxes in the prices; each has label, amount, legal_text"), true},
      {"seats", message("The tickets; each has position, ticket, name, access_code, is_open"), true},
      {"has_account", message("Set when the buyer has an account")},
  };
  return list;
}

const Variables& of_transfers() {
  static const Variables list{
      {"transfer.holder", message("Account holder")},
      {"transfer.iban", message("Account number (IBAN)")},
      {"transfer.bic", message("BIC; may be empty")},
      {"transfer.bank", message("Bank; may be empty")},
      {"transfer.reference", message("What the buyer writes on the transfer")},
      {"transfer.note", message("Your own note about transfers; may be empty")},
  };
  return list;
}

const Variables& of_payments() {
  static const Variables list{
      {"payment.amount", message("The payment's amount")},
      {"payment.method", message("How it was paid: stripe, manual, credit, sandbox")},
      {"payment.reference", message("Reference of the payment; may be empty")},
  };
  return list;
}

Variables list_for(const Message& about) {
  Variables list;
  if (!is_written(about)) return list;
  add(list, everywhere());
  const std::string_view name = about.name;
  if (about.about == Subject::order) add(list, of_orders());
  if (name == "order_confirmation" || name == "seat_link")
    list.push_back({"answers",
                    message("What was answered to your questions; each has title and answers, each of those "
                            "text, shown"),
                    true});
  if (name == "names_missing")
    list.push_back({"open_seats", message("How many tickets have neither name nor address; a number")});
  if (name == "order_placed" || name == "payment_reminder") add(list, of_transfers());
  if (name == "payment_failed" || name == "payment_received" || name == "late_payment_refunded")
    add(list, of_payments());
  if (name == "late_payment_refunded")
    list.push_back({"detail", message("Why: no_room, not_needed or change_gone")});
  if (name == "order_refunded") {
    list.push_back({"refund_amount", message("What goes back")});
    list.push_back({"refund_to", message("Where to: card, credit or manual")});
  }
  if (about.about == Subject::seat) {
    list.push_back({"seat.ticket", message("Kind of the ticket")});
    list.push_back({"seat.name", message("Name on it")});
    list.push_back({"seat.buyer_name", message("Who bought it; may be empty")});
    if (name == "seat_link") {
      list.push_back({"seat.url", message("The holder's own link: whoever has it can open the ticket")});
      list.push_back({"seat.access_code", message("Its access code")});
    }
  }
  if (about.about == Subject::waiting) {
    list.push_back({"waiting.quantity", message("How many they wait for; a number")});
    list.push_back({"waiting.all_or_nothing", message("Set when fewer are of no use")});
    list.push_back({"waiting.choices", message("What they wait for; each has name, position"), true});
    list.push_back({"waiting.offered", message("What is offered; each has quantity, name"), true});
    list.push_back({"waiting.lacks_some", message("Set when it is less than they asked for")});
    list.push_back({"waiting.until", message("Until when the offer holds")});
    list.push_back({"waiting.url", message("Their place in the list, where the offer is taken")});
    list.push_back({"waiting.leave_url", message("Leaves the list")});
    list.push_back({"waiting.join_url", message("Joins it again")});
  }
  if (about.about == Subject::staff) {
    list.push_back({"dispute.amount", message("What the bank takes back")});
    list.push_back({"dispute.reason", message("Why, as the bank named it; may be empty")});
    list.push_back({"dispute.respond_by", message("Until when evidence must be there; may be empty")});
    list.push_back({"order.reference", message("Number of the order")});
    list.push_back({"order.total", message("What the order costs")});
    list.push_back({"order.name", message("Billing name")});
    list.push_back({"order.email", message("Billing address for mail")});
    list.push_back({"order.manage_url", message("The organisers' page of the order")});
  }
  if (about.about == Subject::invitation || about.about == Subject::link) {
    if (name != "found_orders") {
      list.push_back({"link_url", message("The link of this mail: whoever has it can use it, once")});
      list.push_back({"link_expires_at", message("Until when it works")});
    }
    list.push_back({"site_host", message("Name of this server")});
  }
  if (about.about == Subject::account) {
    list.push_back({"sign_in_url", message("The page to sign in")});
    list.push_back({"reset_url", message("The page to choose a new password")});
    list.push_back({"site_host", message("Name of this server")});
  }
  if (about.about == Subject::invitation) {
    list.push_back({"inviter_name", message("Who invites; may be empty")});
    list.push_back({"role", message("The role that is offered")});
    list.push_back({"role_ends_on", message("The role's last day; empty: it has no end")});
    list.push_back({"personal_message", message("What they wrote, line by line; may be empty"), true});
  }
  if (name == "claim_order") list.push_back({"order.reference", message("Number of the order")});
  if (name == "found_orders")
    list.push_back(
        {"orders", message("The orders; each has reference, url, conference_name, created_at, total"), true});
  if (about.about == Subject::credit) {
    list.push_back({"credit.amount", message("The credit's amount")});
    list.push_back({"credit.left", message("What is left of it")});
    list.push_back({"credit.expires_at", message("Until when it is valid; empty: always")});
    list.push_back({"credit.order_reference", message("The order that it stems from; may be empty")});
    list.push_back({"credits_url", message("The page with a person's credits; may be empty")});
  }
  return list;
}

}  // namespace

const Variables& variables_of(const Message& about) {
  static const std::map<std::string_view, Variables> lists = [] {
    std::map<std::string_view, Variables> made;
    for (const Message& one : messages) made.emplace(one.name, list_for(one));
    return made;
  }();
  return lists.at(about.name);
}

MessageTitle title_of(const Message& about) {
  static const std::map<std::string_view, MessageTitle> titles{
      {"order_confirmation", {message("Order confirmation"), message("An order is paid.")}},
      {"order_placed",
       {message("Order placed, not paid yet"), message("A buyer chose to pay by bank transfer.")}},
      {"payment_reminder",
       {message("Reminder to pay"),
        message("An order waits for a bank transfer, and its time is nearly over.")}},
      {"order_expiry_warning",
       {message("Last minutes to pay"), message("Five minutes before an unpaid order lapses.")}},
      {"order_expired",
       {message("Order expired"), message("An order was cancelled because it was not paid.")}},
      {"payment_failed", {message("Payment failed"), message("A payment was refused.")}},
      {"payment_received",
       {message("Payment received"),
        message("A part of the money came in, or the rest for a changed order.")}},
      {"late_payment_refunded",
       {message("Late payment goes back"), message("Money came when it could not be used any more.")}},
      {"order_link",
       {message("Link to the order"), message("A buyer asked for it, or their address was "
                                              "corrected.")}},
      {"order_changed", {message("Order changed"), message("You changed an order and tell its buyer.")}},
      {"order_cancelled",
       {message("Order cancelled"), message("An order was cancelled, by its buyer or by you.")}},
      {"order_refunded", {message("Refund"), message("Money goes back to a buyer.")}},
      {"conference_cancelled",
       {message("Conference cancelled"), message("You cancelled the conference as a whole.")}},
      {"names_missing",
       {message("Tickets without a name"), message("You remind buyers whose tickets nobody is named for.")}},
      {"credit_issued", {message("Credit given"), message("You gave somebody a credit.")}},
      {"seat_link", {message("Ticket for its holder"), message("A buyer sends somebody their ticket.")}},
      {"seat_transferred",
       {message("Ticket went to somebody else"), message("To whoever held it until then.")}},
      {"seat_cancelled",
       {message("Ticket cancelled"), message("To whoever held a ticket that is void now.")}},
      {"waiting_joined", {message("On the waiting list"), message("Somebody joined the waiting list.")}},
      {"waiting_offer", {message("Offer from the waiting list"), message("It is somebody's turn.")}},
      {"waiting_lapsed", {message("Offer lapsed"), message("An offer was not taken in time.")}},
      {"waiting_cancelled",
       {message("Waiting list closed"), message("You cancelled the conference; to whoever waited for it.")}},
      {"verify_address",
       {message("Confirm an address"), message("Somebody signed up on the pages of this conference.")}},
      {"already_registered",
       {message("Account exists already"),
        message("Somebody signed up on the pages of this conference with an address that has an account.")}},
      {"reset_password",
       {message("New password"),
        message("Somebody forgot their password on the way to the pages of this conference.")}},
      {"order_note", {message("Mail to buyers"), message("You write to the buyers of orders.")}},
      {"found_orders",
       {message("Orders of an address"), message("Somebody asked for the links of their orders.")}},
      {"claim_order",
       {message("Order into an account"), message("Somebody wants to add an order to their account.")}},
      {"invitation", {message("Invitation to the team"), message("You asked somebody to take a role.")}},
      {"dispute_opened", {message("Dispute"), message("To the team: a buyer's bank takes a payment back.")}},
  };
  const auto found = titles.find(about.name);
  if (found == titles.end()) throw std::invalid_argument("this message has no title");
  return found->second;
}

bool is_editable(const Message& message) {
  return (message.about == Subject::order && message.name != note_message) ||
         message.about == Subject::seat || message.about == Subject::waiting ||
         message.about == Subject::credit || message.about == Subject::staff ||
         message.about == Subject::invitation ||
         // Of an account, but sent because of a conference: in its name.
         message.name == "verify_address" || message.name == "reset_password" ||
         message.name == "already_registered" || message.name == "found_orders" ||
         message.name == "claim_order";
}

bool is_written(const Message& message) {
  return is_editable(message) || message.name == note_message;
}

std::vector<const Message*> editable_messages() {
  // In the order in which a buyer may meet them.
  std::vector<const Message*> list;
  for (const std::string_view name :
       {"order_confirmation",   "order_placed",      "payment_reminder", "order_expiry_warning",
        "order_expired",        "payment_failed",    "payment_received", "late_payment_refunded",
        "order_link",           "order_changed",     "order_cancelled",  "order_refunded",
        "conference_cancelled", "credit_issued",     "names_missing",    "seat_link",
        "seat_transferred",     "seat_cancelled",    "waiting_joined",   "waiting_offer",
        "waiting_lapsed",       "waiting_cancelled", "verify_address",   "already_registered",
        "reset_password",       "found_orders",      "claim_order",      "invitation",
        "dispute_opened"})
    list.push_back(find_message(name));
  return list;
}

}  // namespace plenary::mail
