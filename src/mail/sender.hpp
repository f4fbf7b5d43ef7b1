// As whom a conference writes: a name, an address of its own where the settings allow its domain, and where
// answers go. Mail that names a domain which the server may not send for lands in the spam folder, so any
// other address becomes the one of Reply-To. What comes back undelivered always goes to the server's own
// address. Functions of a transaction: one thread at a time; the rest is pure. source: ground rules 15, 6.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/time.hpp"
#include "config/settings.hpp"
#include "db/entity.hpp"
#include "db/tx.hpp"
#include "domain/conference/audit.hpp"
#include "net/message.hpp"

namespace plenary::mail {

struct MailSender {
  std::int64_t id = 0, conference_id = 0;
  std::string name;      // empty: the conference's
  std::string email;     // empty: the server's
  std::string reply_to;  // empty: as the settings say
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

const db::Entity<MailSender>& mail_sender_table();
std::optional<MailSender> find_sender(db::Tx& tx, std::int64_t conference_id);

// Whether the settings let a conference write as this address: its domain, exactly, is among sender_domains.
bool is_allowed_sender(std::string_view email, const config::MailSettings& settings);
// Everything that is wrong with it, each with its field; empty: nothing.
std::vector<Refused> check_sender(const MailSender& sender, const config::MailSettings& settings);

// The row as stored; one without any value is removed. `version` as the form showed it, 0: there was none.
// Refused: what check_sender says first; "changed_meanwhile".
std::optional<MailSender> save_sender(db::Tx& tx, const conference::Actor& actor, const MailSender& sender,
                                      std::int64_t version, const config::MailSettings& settings);

// From, Reply-To and the envelope of a mail; without a sender as the settings say.
void set_sender(net::MailMessage& mail, const config::MailSettings& settings,
                const std::optional<MailSender>& sender, std::string_view conference_name);

}  // namespace plenary::mail
