#include "domain/registration/money_letters.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/team.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/credits.hpp"
#include "jobs/outbox.hpp"

namespace plenary::registration {
namespace {

using accounts::mail_kind;

// Long enough for another try at the card form.
constexpr Duration refusal_seen = Duration::minutes(5);

std::string_view to_text(LatePayment why) {
  static constexpr std::array<std::string_view, 3> texts{"no_room", "not_needed", "change_gone"};
  return texts[static_cast<std::size_t>(why)];
}

}  // namespace

void mail_order_placed(db::Tx& tx, const Order& order) {
  if (!order.tells_buyer) return;
  jobs::enqueue(tx, mail_kind, order.conference_id,
                jobs::payload({{"message", "order_placed"}, {"order", order.id}}),
                order.paid_at ? fmt::format("order_placed-{}-{}", order.id, tx.now().micros)
                              : fmt::format("order_placed-{}", order.id));
}

void mail_payment_reminder(db::Tx& tx, const Order& order, std::int64_t days_left) {
  if (!order.tells_buyer) return;
  jobs::enqueue(tx, mail_kind, order.conference_id,
                jobs::payload({{"message", "payment_reminder"}, {"order", order.id}}),
                fmt::format("payment_reminder-{}-{}", order.id, days_left));
}

void mail_order_expired(db::Tx& tx, const Order& order) {
  if (!order.tells_buyer || order.billing.email.empty()) return;
  // Many lapse in one write when a sale ends: nobody waits for these rows.
  jobs::enqueue_later(tx, mail_kind, order.conference_id,
                      fmt::format(R"({{"message":"order_expired","order":{}}})", order.id),
                      fmt::format("order_expired-{}-{}", order.id, order.version));
}

void mail_payment_failed(db::Tx& tx, const Order& order, Id payment_id, bool was_processing) {
  if (!order.tells_buyer) return;
  std::optional<Instant> at;
  if (!was_processing) at = tx.now() + refusal_seen;
  jobs::enqueue(tx, mail_kind, order.conference_id,
                jobs::payload({{"message", "payment_failed"}, {"order", order.id}, {"payment", payment_id}}),
                fmt::format("payment_failed-{}", payment_id), at);
}

void mail_payment_received(db::Tx& tx, const Order& order, Id payment_id) {
  if (!order.tells_buyer) return;
  jobs::enqueue(
      tx, mail_kind, order.conference_id,
      jobs::payload({{"message", "payment_received"}, {"order", order.id}, {"payment", payment_id}}),
      fmt::format("payment_received-{}", payment_id));
}

void mail_late_payment_refunded(db::Tx& tx, const Order& order, Id payment_id, LatePayment why) {
  if (!order.tells_buyer) return;
  jobs::enqueue(tx, mail_kind, order.conference_id,
                jobs::payload({{"message", "late_payment_refunded"},
                               {"order", order.id},
                               {"payment", payment_id},
                               {"detail", to_text(why)}}),
                fmt::format("late_payment_refunded-{}", payment_id));
}

void mail_credit_issued(db::Tx& tx, const Credit& credit) {
  jobs::enqueue(tx, mail_kind, credit.conference_id,
                jobs::payload({{"message", "credit_issued"}, {"credit", credit.id}}),
                fmt::format("credit_issued-{}", credit.id));
}

void mail_conference_cancelled(db::Tx& tx, const Order& order) {
  if (!order.tells_buyer) return;
  jobs::enqueue(tx, mail_kind, order.conference_id,
                jobs::payload({{"message", "conference_cancelled"}, {"order", order.id}}),
                fmt::format("conference_cancelled-{}", order.id));
}

int mail_dispute_opened(db::Tx& tx, const Order& order, const DisputeNews& news) {
  std::vector<accounts::Colleague> people =
      accounts::colleagues_with(tx, order.conference_id, "program_conference.change_finance");
  if (people.empty())
    people = accounts::colleagues_with(tx, order.conference_id, "program_conference.change_conference");
  if (people.empty()) {
    const auto conference = conference::load(tx, order.conference_id);
    if (conference && is_email(conference->contact)) people.push_back({{}, conference->contact, {}});
  }
  for (const accounts::Colleague& one : people) {
    jobs::enqueue(tx, mail_kind, order.conference_id,
                  jobs::payload({{"message", "dispute_opened"},
                                 {"order", order.id},
                                 {"email", one.email},
                                 {"name", one.name},
                                 {"language", one.language},
                                 {"amount", news.amount},
                                 {"currency", news.currency},
                                 {"detail", news.reason},
                                 {"respond_by", news.respond_by ? news.respond_by->micros : 0}}),
                  fmt::format("dispute_opened-{}-{}", news.dispute_id, one.email));
  }
  return static_cast<int>(people.size());
}

void mail_seat_cancelled(db::Tx& tx, Id conference_id, Id seat_id, std::string_view email,
                         std::string_view name, std::string_view language) {
  if (email.empty()) return;
  jobs::enqueue(tx, mail_kind, conference_id,
                jobs::payload({{"message", "seat_cancelled"},
                               {"seat", seat_id},
                               {"email", email},
                               {"name", name},
                               {"language", language}}),
                fmt::format("seat_cancelled-{}", seat_id));
}

}  // namespace plenary::registration
