// Makes an e-mail of an outbox row: loads what it is about, renders subject, text and HTML in the recipient's
// language with the conference's name, zone and colour, and adds what belongs to it (a calendar file). All
// links start with public_url. One for the program; any thread. Errors: TemplateError, std::invalid_argument
// for a row that is none of messages.hpp. source: ground rules 15, 2.1 and 6; payments 21, 11.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/signing.hpp"
#include "config/settings.hpp"
#include "db/database.hpp"
#include "domain/registration/catalogue.hpp"
#include "jobs/outbox.hpp"
#include "mail/content.hpp"
#include "net/message.hpp"
#include "templating/engine.hpp"

namespace plenary::mail {

// All must outlive the renderer.
struct RendererParts {
  db::Database& db;
  const templating::Engine& engine;  // its UrlResolver knows the pages
  registration::Catalogues& catalogues;
  const config::Settings& settings;
  SigningKey link_key;  // the one of all links
};

// What was rendered, and what it was about.
struct Letter {
  net::MailMessage mail;  // complete
  std::string message;    // its name
  std::optional<std::int64_t> conference_id, order_id, seat_id, user_id;
};

class Renderer {
 public:
  explicit Renderer(const RendererParts& parts) : parts_(parts) {}

  // One read, then rendering. Nothing: the message is moot.
  std::optional<Letter> render(const jobs::Delivery& delivery) const;
  // The rendering alone. `key` fixes the Message-ID.
  Letter render(const Content& content, std::string_view key) const;

  // "<32 hex digits>@<public host>": the same for the same key, and not to be guessed.
  std::string message_id(std::string_view key) const;

 private:
  RendererParts parts_;
};

// The host of an address: "tickets.example.org" of "https://tickets.example.org:8443/x".
std::string host_of(std::string_view url);

}  // namespace plenary::mail
