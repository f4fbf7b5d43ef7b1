#include "mail/content.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "domain/accounts/groups.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/orders.hpp"
#include "i18n/languages.hpp"

namespace plenary::mail {
namespace {

using registration::OrderStatus;

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

// The link of the row was replaced since: a newer mail carries the new one.
bool is_replaced(const jobs::Delivery& delivery, std::int64_t link_version) {
  try {
    return delivery.integer("link_version") != link_version;
  } catch (const std::invalid_argument&) {
    return false;
  }
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
    content.to = {order.billing.email, order.billing.name};
    content.language = first_known({given_text(delivery, "language").value_or(""), order.language});
    const std::string_view name = content.message->name;
    const bool has_seats =
        order.status == OrderStatus::paid || order.status == OrderStatus::partially_refunded;
    if (name == "order_confirmation" && !has_seats) return false;
    if (name == "order_link" && is_replaced(delivery, order.link_version)) return false;
    if (name == "order_cancelled" && order.status != OrderStatus::cancelled &&
        order.status != OrderStatus::refunded)
      return false;
    if (name == "order_refunded") {
      content.refund = registration::find_refund(tx, delivery.integer("refund"));
      if (!content.refund || content.refund->order_id != order.id ||
          content.refund->status == registration::RefundStatus::failed)
        return false;
    }
    if (name == "order_changed" && order.status == OrderStatus::cancelled) return false;
    if (name == "order_expiry_warning") {
      const auto payments = registration::payments_of(tx, order.id);
      const bool is_processing = std::any_of(
          payments.begin(), payments.end(),
          [](const registration::Payment& p) { return p.status == registration::PaymentStatus::processing; });
      if (!order.hold_is_live(tx.now()) || is_processing) return false;
    }
    if (has_seats) content.seats = registration::seats_of(tx, order.id);
    if (order.user_id) {
      const auto user = accounts::find_user(tx, *order.user_id);
      content.buyer_has_account = user && user->password_hash && user->is_active;
      content.user_id = order.user_id;
    }
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
      return held.is_valid() && !is_replaced(delivery, held.seat.link_version);
    }
    return true;
  }

  bool waiting() {
    content.waiting = registration::find_place(tx, delivery.integer("waiting"));
    if (!content.waiting || !of_conference(content.waiting->entry.conference_id)) return false;
    const registration::WaitingEntry& entry = content.waiting->entry;
    if (is_replaced(delivery, entry.link_version)) return false;
    content.to = {entry.email, entry.name};
    content.language = first_known({given_text(delivery, "language").value_or(""), entry.language});
    if (content.message->name == "waiting_joined")
      return entry.status == registration::WaitingStatus::waiting;
    if (content.message->name == "waiting_offer")
      return entry.has_offer(tx.now()) && content.waiting->offered() != nullptr;
    return entry.status == registration::WaitingStatus::lapsed;
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
    case Subject::address:
      loading.content.to.email = delivery.text("email");
      loading.content.language = first_known({given_text(delivery, "language").value_or("")});
      is_wanted = true;
      break;
  }
  if (!is_wanted || loading.content.to.email.empty()) return std::nullopt;
  return std::move(loading.content);
}

}  // namespace plenary::mail
