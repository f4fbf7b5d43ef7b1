#include "mail/content.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/iban.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/seat_reminders.hpp"
#include "i18n/languages.hpp"
#include "mail/sample.hpp"
#include "mail/variables.hpp"

namespace plenary::mail {
namespace {

using registration::OrderStatus;
using registration::PaymentStatus;

constexpr int most_found_orders = 50;

std::optional<std::string> given_text(const jobs::Delivery& delivery, std::string_view field) {
  try {
    std::string text = delivery.text(field);
    if (!text.empty()) return text;
  } catch (const std::invalid_argument&) {
    // It is optional.
  }
  return std::nullopt;
}

std::optional<std::int64_t> given_integer(const jobs::Delivery& delivery, std::string_view field) {
  try {
    return delivery.integer(field);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

// The link of the row was replaced since: a newer mail carries the new one.
bool is_replaced(const jobs::Delivery& delivery, std::int64_t link_version) {
  return given_integer(delivery, "link_version").value_or(link_version) != link_version;
}

std::string first_known(std::initializer_list<std::string_view> codes) {
  for (const std::string_view code : codes) {
    if (code.empty()) continue;
    if (const i18n::Language* language = i18n::languages().find(code)) return language->code;
  }
  return "en";
}

std::shared_ptr<const registration::Catalogue> catalogue_of(db::Tx& tx, std::int64_t conference_id,
                                                            registration::Catalogues& catalogues) {
  const auto state = conference::find_state(tx, conference_id);
  return state ? catalogues.at(tx, conference_id, state->catalogue_version) : nullptr;
}

struct Loading {
  db::Tx& tx;
  const jobs::Delivery& delivery;
  registration::Catalogues& catalogues;
  Content content;

  bool of_conference(std::int64_t id) {
    content.conference_id = id;
    content.catalogue = catalogue_of(tx, id, catalogues);
    return content.catalogue != nullptr;
  }

  bool take_order(std::int64_t id) {
    content.order = registration::find_order(tx, id);
    return content.order && of_conference(content.order->conference_id);
  }

  bool order() {
    if (!take_order(delivery.integer("order"))) return false;
    registration::Order& order = *content.order;
    const registration::OrderMoney money = registration::money_of(tx, order);
    content.paid = money.kept;
    content.gone_back = money.refunded + money.requested;
    for (registration::Refund& refund : registration::refunds_of(tx, order.id))
      if (refund.status != registration::RefundStatus::failed) content.refunds.push_back(std::move(refund));
    content.to = {registration::buyer_address(tx, order), order.billing.name};  // source: payments 21, 11
    content.language = first_known({given_text(delivery, "language").value_or(""), order.language});
    content.detail = given_text(delivery, "detail").value_or("");
    const std::string_view name = content.message->name;
    if (has_seats() && (name == "order_placed" || name == "payment_reminder")) {
      if (const auto term = registration::payment_term_of(tx, order)) {
        content.balance = registration::balance_of(tx, *content.catalogue, order);
        content.balance_until = term->ends_at;
      }
    }
    if (!is_wanted_of_order(money)) return false;
    const bool asks = name == "order_placed" || name == "payment_reminder";
    if (const auto term = asks ? registration::payment_term_of(tx, order) : std::nullopt)
      take_transfer(registration::transfer_details(*content.catalogue, order,
                                                   registration::balance_of(tx, *content.catalogue, order)));
    if (has_seats()) content.seats = registration::seats_of(tx, order.id);
    if (name == "order_confirmation") take_answers(order.id);
    if (order.user_id) {
      const auto user = accounts::find_user(tx, *order.user_id);
      content.buyer_has_account = user && user->password_hash && user->is_active;
      content.user_id = order.user_id;
    }
    return true;
  }

  void take_transfer(const registration::TransferDetails& details) {
    content.transfer = Transfer{details.account_holder, shown_iban(details.iban), details.bic,
                                details.bank_name,      details.reference,        details.instructions};
  }

  // What the page of the order or the ticket shows to the same person: of a ticket that somebody else holds,
  // nothing to the buyer. Files stay on the page.
  void take_answers(registration::Id order_id) {
    content.answers = registration::answers_of(tx, order_id);
    std::erase_if(content.answers, [&](const registration::KeptAnswer& answer) {
      if (answer.kind == registration::QuestionKind::file) return true;
      if (content.seat) return answer.position != content.seat->seat.position;
      return std::any_of(content.seats.begin(), content.seats.end(), [&](const registration::Seat& seat) {
        return seat.position == answer.position && is_held(seat);
      });
    });
  }
  static bool is_held(const registration::Seat& seat) {
    const registration::SeatState state = registration::state_of(seat);
    return state == registration::SeatState::invited || state == registration::SeatState::confirmed;
  }

  bool has_seats() const {
    return content.order->status == OrderStatus::paid ||
           content.order->status == OrderStatus::partially_refunded;
  }

  // Whether the message still says what is the case.
  bool is_wanted_of_order(const registration::OrderMoney& money) {
    const registration::Order& order = *content.order;
    const std::string_view name = content.message->name;
    const bool waits_for_money =
        (order.hold_is_live(tx.now()) && money.due() > 0) || (content.balance_until && content.balance > 0);
    if (name == "order_confirmation") return has_seats();
    if (name == "order_link") return !is_replaced(delivery, order.link_version);
    if (name == "order_cancelled")
      return order.status == OrderStatus::cancelled || order.status == OrderStatus::refunded;
    if (name == "order_refunded") {
      content.refund = registration::find_refund(tx, delivery.integer("refund"));
      return content.refund && content.refund->order_id == order.id &&
             content.refund->status != registration::RefundStatus::failed;
    }
    if (name == "order_changed") return order.status != OrderStatus::cancelled;
    if (name == "names_missing") return has_seats() && has_open_seats();
    if (name == note_message) {
      content.text = mail_text_table().find(tx, delivery.integer("text"));
      return content.text && content.text->conference_id == order.conference_id;
    }
    if (name == "order_placed") return waits_for_money;
    if (name == "order_expiry_warning" || name == "payment_reminder")
      return waits_for_money && !money.is_processing;
    if (name == "order_expired") return order.status == OrderStatus::cancelled;
    if (name == "payment_failed") return find_payment() && may_try_again(money, waits_for_money);
    if (name == "payment_received")
      return find_payment() && content.payment->status == PaymentStatus::succeeded &&
             (has_seats() || order.status == OrderStatus::pending);
    if (name == "late_payment_refunded")
      return find_payment() && (content.payment->status == PaymentStatus::succeeded ||
                                content.payment->status == PaymentStatus::refunded);
    return true;
  }

  bool has_open_seats() {
    const std::vector<registration::Seat> seats = registration::seats_of(tx, content.order->id);
    return tx.now() < registration::names_end(*content.catalogue) &&
           std::any_of(seats.begin(), seats.end(), registration::waits_for_name);
  }

  bool find_payment() {
    const std::int64_t id = delivery.integer("payment");
    for (registration::Payment& payment : registration::payments_of(tx, content.order->id))
      if (payment.id == id) content.payment = std::move(payment);
    return content.payment.has_value();
  }

  // The payment is refused still, something is due, and nothing else is on its way.
  bool may_try_again(const registration::OrderMoney& money, bool waits_for_money) const {
    const bool is_due = waits_for_money || (has_seats() && money.due() > 0);
    return content.payment->status == PaymentStatus::failed && is_due && !money.is_processing;
  }

  bool credit() {
    content.credit = registration::credit_table().find(tx, delivery.integer("credit"));
    if (!content.credit || content.credit->remaining <= 0 ||
        content.credit->status == registration::CreditStatus::expired)
      return false;
    content.user = accounts::find_user(tx, content.credit->user_id);
    if (!content.user || !content.user->is_active || !of_conference(content.credit->conference_id))
      return false;
    if (content.credit->source_order_id)
      if (const auto order = registration::find_order(tx, *content.credit->source_order_id))
        content.credit_order = order->reference;
    content.user_id = content.user->id;
    content.to = {content.user->email, content.user->name};
    content.language = first_known({given_text(delivery, "language").value_or(""), content.user->language});
    return true;
  }

  bool staff() {
    if (!take_order(delivery.integer("order"))) return false;
    content.to = {delivery.text("email"), given_text(delivery, "name").value_or("")};
    content.language = first_known({given_text(delivery, "language").value_or("")});
    Dispute dispute;
    dispute.amount = delivery.integer("amount");
    dispute.currency = delivery.text("currency");
    dispute.reason = given_text(delivery, "detail").value_or("");
    const std::int64_t respond_by = delivery.integer("respond_by");
    if (respond_by != 0) dispute.respond_by = Instant{respond_by};
    content.dispute = std::move(dispute);
    return true;
  }

  bool link() {
    content.link = accounts::find_link(tx, delivery.integer("link"));
    if (!content.link) return false;
    const accounts::Link& link = *content.link;
    if (link.used_at || link.expires_at <= tx.now() || link.email.empty()) return false;
    content.to = {link.email, link.name};
    content.user_id = link.user_id;
    if (link.user_id) {
      content.user = accounts::find_user(tx, *link.user_id);
      if (!content.user || !content.user->is_active) return false;
      if (content.to.name.empty()) content.to.name = content.user->name;
    }
    if (link.order_id) {
      if (!take_order(*link.order_id)) return false;
    } else if (link.conference_id) {
      of_conference(*link.conference_id);
    }
    content.language = first_known({given_text(delivery, "language").value_or(""), link.language,
                                    content.user ? content.user->language : std::string(),
                                    content.order ? content.order->language : std::string()});
    return content.message->name != "found_orders" || find_orders(link);
  }

  bool find_orders(const accounts::Link& link) {
    const std::string normalized = link.email_normalized;
    for (const registration::Id id :
         registration::orders_of_email(tx, normalized, link.conference_id, most_found_orders)) {
      FoundOrder found;
      found.order = *registration::find_order(tx, id);
      found.catalogue = catalogue_of(tx, found.order.conference_id, catalogues);
      content.found_orders.push_back(std::move(found));
    }
    return !content.found_orders.empty();
  }

  bool account() {
    content.user = accounts::find_user(tx, delivery.integer("user"));
    if (!content.user || !content.user->is_active) return false;
    content.user_id = content.user->id;
    content.detail = given_text(delivery, "detail").value_or("");
    const std::int64_t in_name_of = given_integer(delivery, "in_name_of").value_or(0);
    if (in_name_of != 0 && is_editable(*content.message)) of_conference(in_name_of);
    content.to = {given_text(delivery, "email").value_or(content.user->email), content.user->name};
    content.language = first_known({given_text(delivery, "language").value_or(""), content.user->language});
    return true;
  }

  bool seat() {
    content.seat = registration::find_seat(tx, delivery.integer("seat"));
    if (!content.seat || !of_conference(content.seat->conference_id)) return false;
    const registration::HeldSeat& held = *content.seat;
    const auto former = given_text(delivery, "email");
    content.to = {held.seat.email, held.seat.name};
    if (former) content.to = {*former, given_text(delivery, "name").value_or("")};
    content.language =
        first_known({given_text(delivery, "language").value_or(""), held.seat.language, held.order_language});
    if (content.message->name == "seat_link") {
      take_answers(held.seat.order_id);
      return held.is_valid() && !is_replaced(delivery, held.seat.link_version);
    }
    // Void, or of an order that opens no door any more.
    if (content.message->name == "seat_cancelled") return !held.is_valid();
    return true;
  }

  bool waiting() {
    content.waiting = registration::find_place(tx, delivery.integer("waiting"));
    if (!content.waiting || !of_conference(content.waiting->entry.conference_id)) return false;
    const registration::WaitingEntry& entry = content.waiting->entry;
    if (is_replaced(delivery, entry.link_version)) return false;
    content.to = {entry.email, entry.name};
    content.language = first_known({given_text(delivery, "language").value_or(""), entry.language});
    if (content.message->name == "waiting_cancelled")
      return entry.status == registration::WaitingStatus::removed;
    if (content.message->name == "waiting_joined")
      return entry.status == registration::WaitingStatus::waiting;
    if (content.message->name == "waiting_offer")
      return entry.has_offer(tx.now()) && content.waiting->offered() != nullptr;
    return entry.status == registration::WaitingStatus::lapsed;
  }

  // As whom the conference writes, and what, of messages that are its own.
  void conference_texts() {
    if (!content.conference_id || !content.catalogue || !is_written(*content.message)) return;
    content.sender = find_sender(tx, *content.conference_id);
    if (content.text) return;
    content.text = find_text(tx, *content.conference_id, content.message->name, content.language);
  }

  // To whoever edits the text: what was typed, about things made up or about one order.
  bool test() {
    const std::string language = first_known({given_text(delivery, "language").value_or("")});
    if (!is_written(*content.message) || !of_conference(delivery.conference_id)) return false;
    const Message& message = *content.message;
    content = sample_content(message, language, content.catalogue, tx.now());
    if (const auto id = given_integer(delivery, "order"); id && *id != 0) {
      const auto order = registration::find_order(tx, *id);
      if (!order || order->conference_id != delivery.conference_id) return false;
      use_order(tx, content, *order);
    }
    content.is_test = true;
    content.to = {delivery.text("email"), given_text(delivery, "name").value_or("")};
    MailText text;
    text.subject = delivery.text("subject");
    text.body = delivery.text("body");
    text.html = given_text(delivery, "html").value_or("");
    content.sender = find_sender(tx, delivery.conference_id);
    content.text = std::move(text);
    return true;
  }

  bool invitation() {
    content.invitation = accounts::find_invitation(tx, delivery.integer("invitation"));
    if (!content.invitation || is_replaced(delivery, content.invitation->version)) return false;
    const accounts::Invitation& invitation = *content.invitation;
    if (accounts::state_of(tx, invitation) != accounts::InvitationState::open) return false;
    if (invitation.conference_id && !of_conference(*invitation.conference_id)) return false;
    const auto inviter = accounts::find_user(tx, *invitation.invited_by);
    const auto group = accounts::user_group_table().find(tx, invitation.group_id);
    content.invited_by = inviter->name.empty() ? inviter->username.value_or("") : inviter->name;
    content.invited_to = group->name;
    content.to = {invitation.email, {}};
    content.language = first_known({given_text(delivery, "language").value_or(""), invitation.language});
    return true;
  }
};

}  // namespace

std::optional<Content> load_content(db::Tx& tx, const jobs::Delivery& delivery,
                                    registration::Catalogues& catalogues) {
  const std::string name = delivery.text("message");
  Loading loading{tx, delivery, catalogues, {}};
  loading.content.message = find_message(name);
  loading.content.now = tx.now();
  if (!loading.content.message) {
    throw std::invalid_argument(
        fmt::format("outbox row {}: there is no message \"{}\" in src/mail/messages.hpp", delivery.id, name));
  }
  if (given_text(delivery, "body")) {
    if (!loading.test()) return std::nullopt;
    return std::move(loading.content);
  }
  bool is_wanted = false;
  switch (loading.content.message->about) {
    case Subject::order:
      is_wanted = loading.order();
      break;
    case Subject::link:
      is_wanted = loading.link();
      break;
    case Subject::account:
      is_wanted = loading.account();
      break;
    case Subject::seat:
      is_wanted = loading.seat();
      break;
    case Subject::invitation:
      is_wanted = loading.invitation();
      break;
    case Subject::waiting:
      is_wanted = loading.waiting();
      break;
    case Subject::credit:
      is_wanted = loading.credit();
      break;
    case Subject::staff:
      is_wanted = loading.staff();
      break;
    case Subject::address:
      loading.content.to.email = delivery.text("email");
      loading.content.language = first_known({given_text(delivery, "language").value_or("")});
      is_wanted = true;
      break;
  }
  if (!is_wanted || loading.content.to.email.empty()) return std::nullopt;
  loading.conference_texts();
  return std::move(loading.content);
}

}  // namespace plenary::mail
