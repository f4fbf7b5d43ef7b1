// A conference with one ticket, its buyers, and a post office between them and a mail server that is played
// from a script: rows of the outbox become mail as in the running server, with templates from the tree and a
// clock set by hand.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "domain/events.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/catalogue.hpp"
#include "jobs/worker.hpp"
#include "mail/post.hpp"
#include "net/message_reader.hpp"
#include "support/db/test_databases.hpp"
#include "support/smtp_server.hpp"

namespace plenary::mail::testing {

inline constexpr const char* public_url = "https://tickets.example.org";

class PostOffice : public plenary::test::DatabaseTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  // From here on mail goes to a server with this script.
  void serve(plenary::test::SmtpServer::Script script);
  plenary::test::SmtpServer& server() { return *server_; }
  std::vector<net::ReadMail> mails() const;

  // An order of one ticket, or of `quantity`; unpaid unless told otherwise.
  registration::Id order(const std::string& email = "ada@example.org",
                         const std::string& name = "Ada Lovelace", std::int64_t quantity = 1,
                         const std::string& language = "en");
  void pay(registration::Id order_id);
  registration::Order get(registration::Id order_id);

  // Everything that is due now; how many deliveries.
  int deliver();
  std::int64_t count(const char* sql);
  template <class F>
  auto write(F&& fn) {
    return db().write_now(conference_id_, "test", std::forward<F>(fn));
  }
  const SigningKey& key() const { return key_; }
  std::int64_t conference_id() const { return conference_id_; }
  const registration::Shop& shop() const { return *shop_; }
  Renderer renderer() const { return Renderer(parts()); }
  RendererParts parts() const;
  // Before anything is sent.
  config::Settings& settings() { return settings_; }
  std::shared_ptr<const registration::Catalogue> catalogue();

 private:
  SigningKey key_{Secret("a key of the tests, long enough to sign"), "site-links"};
  config::Settings settings_;
  std::unique_ptr<registration::Catalogues> catalogues_;
  std::unique_ptr<registration::Shop> shop_;
  std::unique_ptr<templating::Engine> engine_;
  std::unique_ptr<plenary::test::SmtpServer> server_;
  std::unique_ptr<Post> post_;
  std::unique_ptr<jobs::Worker> worker_;
  std::int64_t conference_id_ = 0;
  int buyers_ = 0;
};

}  // namespace plenary::mail::testing
