// The outbox handler of kind "mail": renders a row, sends it, and records what came of it (mail_message)
// together with the delivery's end in one write. A refused recipient marks the order or the seat, and the row
// becomes a dead letter; what may work later is tried again by the outbox, under the same Message-ID; what is
// moot is dropped. Never inside a transaction. One thread at a time. source: ground rules 15, 6.
#pragma once

#include <memory>

#include "jobs/outbox.hpp"
#include "mail/renderer.hpp"
#include "mail/transport.hpp"

namespace plenary::mail {

class Post {
 public:
  // `attempts`: after as many the recipient counts as unreachable; the worker's own limit.
  Post(const RendererParts& parts, std::unique_ptr<Transport> transport, int attempts = 15);

  // For jobs::Worker::on(accounts::mail_kind, …). Throws std::runtime_error (later) and jobs::Undeliverable.
  void deliver(const jobs::Delivery& delivery);
  const Renderer& renderer() const { return renderer_; }

 private:
  db::Database& database_;
  Renderer renderer_;
  std::unique_ptr<Transport> transport_;
  int attempts_;
};

// Begins the error text of dead letters that a recipient's server refused: nothing of ours is broken.
inline constexpr std::string_view refused_mark = "refused for good";

// What happened to one mail, by its Message-ID; written again at each outcome.
struct MailRecord {
  std::int64_t id = 0;
  std::string message_id, kind, recipient, status, detail;
  std::optional<std::int64_t> conference_id, order_id, seat_id, user_id;
};
void record(db::Tx& tx, const Letter& letter, std::string_view status, std::string_view detail);
std::optional<MailRecord> find_record(db::Tx& tx, std::string_view message_id);
void set_record_status(db::Tx& tx, std::int64_t id, std::string_view status, std::string_view detail);

}  // namespace plenary::mail
