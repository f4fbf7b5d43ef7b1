#include "mail/post.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "db/database.hpp"
#include "domain/registration/letters.hpp"
#include "jobs/worker.hpp"

namespace plenary::mail {
namespace {

// The order or the seat whose page tells about this mail: the one that it went out for.
void mark(db::Tx& tx, const Letter& letter, std::string_view why) {
  const Message* message = find_message(letter.message);
  const std::string& email = letter.mail.to.email;
  if (message->about == Subject::order && letter.order_id) {
    registration::mark_mail_problem(tx, *letter.order_id, email, why);
  } else if (message->about == Subject::seat && letter.seat_id) {
    registration::mark_seat_mail_problem(tx, *letter.seat_id, email, why);
  }
}

void clear(db::Tx& tx, const Letter& letter) {
  const Message* message = find_message(letter.message);
  const std::string& email = letter.mail.to.email;
  if (message->about == Subject::order && letter.order_id) {
    registration::clear_mail_problem(tx, *letter.order_id, email);
  } else if (message->about == Subject::seat && letter.seat_id) {
    registration::clear_seat_mail_problem(tx, *letter.seat_id, email);
  }
}

}  // namespace

Post::Post(const RendererParts& parts, std::unique_ptr<Transport> transport, int attempts)
    : database_(parts.db), renderer_(parts), transport_(std::move(transport)), attempts_(attempts) {}

void Post::deliver(const jobs::Delivery& delivery) {
  const std::optional<Letter> letter = renderer_.render(delivery);
  if (!letter) return;  // moot; the worker completes it
  const net::SmtpResult result = transport_->send(letter->mail);
  const std::int64_t lane = letter->conference_id.value_or(db::global_lane);

  if (result.kind == net::SmtpResult::Kind::delivered) {
    auto sent = [&](db::Tx& tx) {
      if (!jobs::complete(tx, delivery)) throw std::runtime_error("the lease was lost to another worker");
      record(tx, *letter, "sent", "");
      clear(tx, *letter);
      if (letter->broken_text_id) note_text_problem(tx, *letter->broken_text_id, letter->text_problem);
    };
    return database_.write_now(lane, "mail sent", sent);
  }

  const std::string what = fmt::format("{} ({}{})", result.detail, net::to_text(result.stage),
                                       result.code != 0 ? fmt::format(", {}", result.code) : "");
  const bool is_refused = result.kind == net::SmtpResult::Kind::refused;
  const bool is_last = delivery.attempt >= attempts_ && !result.is_our_fault;
  if (is_refused || is_last) {
    auto refused = [&](db::Tx& tx) {
      record(tx, *letter, "refused", what);
      mark(tx, *letter, what);
    };
    database_.write_now(lane, "mail refused", refused);
  }
  if (is_refused) throw jobs::Undeliverable(fmt::format("{}: {}", refused_mark, what));
  throw std::runtime_error(result.advice.empty() ? what : fmt::format("{}. {}", what, result.advice));
}

void record(db::Tx& tx, const Letter& letter, std::string_view status, std::string_view detail) {
  tx.exec_later(
      "INSERT INTO mail_message (message_id, kind, conference_id, order_id, seat_id, user_id, recipient, "
      "status, detail, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) "
      "ON CONFLICT (message_id) DO UPDATE SET recipient = $7, status = $8, detail = $9, updated_at = $10",
      letter.mail.message_id, letter.message, letter.conference_id, letter.order_id, letter.seat_id,
      letter.user_id, letter.mail.to.email, status, detail, tx.now());
}

std::optional<MailRecord> find_record(db::Tx& tx, std::string_view message_id) {
  using OptionalId = std::optional<std::int64_t>;
  auto row = tx.maybe<std::int64_t, std::string, std::string, std::string, std::string, std::string,
                      OptionalId, OptionalId, OptionalId, OptionalId>(
      "SELECT id, message_id, kind, recipient, status, detail, conference_id, order_id, seat_id, user_id "
      "FROM "
      "mail_message WHERE message_id = $1",
      message_id);
  if (!row) return std::nullopt;
  MailRecord found;
  std::tie(found.id, found.message_id, found.kind, found.recipient, found.status, found.detail,
           found.conference_id, found.order_id, found.seat_id, found.user_id) = std::move(*row);
  return found;
}

void set_record_status(db::Tx& tx, std::int64_t id, std::string_view status, std::string_view detail) {
  tx.exec("UPDATE mail_message SET status = $2, detail = $3, updated_at = $4 WHERE id = $1", id, status,
          detail, tx.now());
}

}  // namespace plenary::mail
