// Makes an e-mail of an outbox row: loads what it is about, renders subject, text and HTML in the recipient's
// language with the conference's name, zone and colour, and adds what belongs to it (a calendar file). What
// the conference's organisers wrote comes before the shipped text; where it cannot be rendered, the shipped
// one goes out and the letter says so. All links start with public_url. One for the program; any thread.
// Errors: TemplateError, std::invalid_argument for a row that is none of messages.hpp. source: ground rules
// 15, 2.1 and 6; payments 21, 11.
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
#include "mail/texts.hpp"
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
  std::optional<std::int64_t> broken_text_id;  // of the organisers' text that could not be rendered
  std::string text_problem;                    // why, English
};

class Renderer {
 public:
  explicit Renderer(const RendererParts& parts) : parts_(parts) {}

  // One read, then rendering. Nothing: the message is moot.
  std::optional<Letter> render(const jobs::Delivery& delivery) const;
  // The rendering alone. `key` fixes the Message-ID.
  Letter render(const Content& content, std::string_view key) const;

  // With this text, for a preview or a test; throws TextError where it cannot be rendered.
  Letter render_with(const Content& content, const TextSource& text, std::string_view key) const;

  // "<32 hex digits>@<public host>": the same for the same key, and not to be guessed.
  std::string message_id(std::string_view key) const;

 private:
  Letter begin(const Content& content, std::string_view key) const;
  void render_shipped(const Content& content, net::MailMessage& mail) const;
  void render_text_of(const Content& content, const TextSource& text, std::string_view key,
                      net::MailMessage& mail) const;

  RendererParts parts_;
};

}  // namespace plenary::mail
