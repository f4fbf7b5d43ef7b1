#include "mail/notes.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/order_search.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/provider_payments.hpp"
#include "mail/messages.hpp"

namespace plenary::mail {
namespace {

constexpr std::size_t orders_a_piece = 100;

std::vector<std::int64_t> ids_in(std::string_view text) {
  std::vector<std::int64_t> ids;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    std::int64_t id = 0;
    std::from_chars(one.data(), one.data() + one.size(), id);
    ids.push_back(id);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return ids;
}

// An order of the conference whose buyer can be written to.
struct Reached {
  std::int64_t id = 0;
  registration::OrderStatus status = registration::OrderStatus::pending;
};
std::vector<Reached> reached_of(db::Tx& tx, std::int64_t conference_id,
                                const std::vector<std::int64_t>& ids) {
  std::map<std::int64_t, registration::OrderStatus> status;
  for (const registration::FoundOrder& order : registration::orders_with(tx, conference_id, ids))
    status[order.id] = order.status;
  std::vector<Reached> reached;
  for (const auto& [id, email] : registration::buyer_addresses(tx, conference_id, ids))
    if (!email.empty()) reached.push_back({id, status.at(id)});
  return reached;
}

}  // namespace

NoteSent send_note(db::Tx& tx, const conference::Actor& actor, const Note& note) {
  if (const auto first = accounts::first_result(tx, note.token))
    return {static_cast<std::int64_t>(std::stoll(*first)), true};
  if (note.orders.empty()) throw Refused("none", "No order is chosen.");
  if (note.orders.size() > most_noted_orders)
    throw Refused("too_many", "These are more than {limit} orders. Please write to fewer at once.",
                  {{"limit", std::to_string(most_noted_orders)}});
  MailText text;
  text.conference_id = note.conference_id;
  text.message = "note-" + note.token.substr(0, 40);
  text.language = note.language;
  text.subject = note.text.subject;
  text.body = note.text.body;
  text.html = note.text.html;
  text.updated_by = actor.user_id;
  text = mail_text_table().insert(tx, text);
  for (std::size_t at = 0; at < note.orders.size(); at += orders_a_piece) {
    const std::size_t end = std::min(at + orders_a_piece, note.orders.size());
    std::string ids;
    for (std::size_t i = at; i < end; ++i) ids += fmt::format("{}{}", ids.empty() ? "" : ",", note.orders[i]);
    jobs::enqueue(tx, note_kind, note.conference_id,
                  jobs::payload({{"text", text.id}, {"orders", ids}, {"actor", actor.name}}),
                  fmt::format("note-{}-{}", text.id, at));
  }
  const std::string count = std::to_string(note.orders.size());
  conference::record(tx, actor, conference::AuditAction::add,
                     {note.conference_id, "mail_text", std::to_string(text.id), text.subject, text.version},
                     {{"orders", "Orders", "", count},
                      {"subject", "Subject", "", text.subject},
                      {"body", "Text", "", text.body}});
  accounts::record_result(tx, note.token, note.conference_id, "mail to buyers", count,
                          tx.now() + accounts::submission_life);
  return {static_cast<std::int64_t>(note.orders.size()), false};
}

void deliver_note(db::Database& database, const jobs::Delivery& delivery) {
  const std::int64_t conference_id = delivery.conference_id, text_id = delivery.integer("text");
  const std::string actor = delivery.text("actor");
  const std::vector<std::int64_t> ids = ids_in(delivery.text("orders"));
  std::optional<MailText> text;
  auto look = [&](db::Tx& tx) {
    text = mail_text_table().find(tx, text_id);
    return text ? reached_of(tx, conference_id, ids) : std::vector<Reached>();
  };
  const std::vector<Reached> reached = database.read_now(look);
  if (reached.empty() || text->conference_id != conference_id) return;
  auto write = [&](db::Tx& tx) {
    bool is_first = true;
    for (const auto& [id, status] : reached) {
      const std::string key = fmt::format("{}-{}-{}", note_message, text_id, id);
      const std::string payload =
          jobs::payload({{"message", note_message}, {"order", id}, {"text", text_id}});
      // All of a piece are written together: when its first is there, the others are.
      if (!is_first)
        jobs::enqueue_later(tx, accounts::mail_kind, conference_id, payload, key);
      else if (!jobs::enqueue(tx, accounts::mail_kind, conference_id, payload, key))
        return;
      is_first = false;
      registration::Order order;
      order.id = id;
      order.status = status;
      registration::note_in_history(tx, order, {"manage", actor, "mail: " + text->subject});
    }
  };
  database.write_now(conference_id, "mail to buyers", write);
}

}  // namespace plenary::mail
