#include "domain/accounts/letters.hpp"

#include <fmt/format.h>

#include "jobs/outbox.hpp"

namespace plenary::accounts {

void mail_link(db::Tx& tx, std::string_view message, std::int64_t link_id, std::string_view language,
               std::int64_t conference_id) {
  // A link is mailed once. Its id may come again after its row was swept away: the time tells the two apart.
  jobs::enqueue(tx, mail_kind, conference_id,
                jobs::payload({{"message", message}, {"link", link_id}, {"language", language}}),
                fmt::format("{}-{}-{}", message, link_id, tx.now().micros));
}

void mail_account(db::Tx& tx, std::string_view message, std::int64_t user_id, std::string_view language,
                  std::int64_t in_name_of) {
  jobs::enqueue(tx, mail_kind, 0,
                jobs::payload({{"message", message},
                               {"user", user_id},
                               {"language", language},
                               {"in_name_of", in_name_of}}),
                fmt::format("{}-{}-{}", message, user_id, tx.now().micros));
}

void mail_new_device(db::Tx& tx, std::int64_t user_id, std::string_view device, std::string_view language) {
  jobs::enqueue(
      tx, mail_kind, 0,
      jobs::payload(
          {{"message", "new_device"}, {"user", user_id}, {"detail", device}, {"language", language}}),
      fmt::format("new_device-{}-{}", user_id, tx.now().micros));
}

void mail_second_factor_changed(db::Tx& tx, std::int64_t user_id, std::string_view change,
                                std::string_view language) {
  jobs::enqueue(tx, mail_kind, 0,
                jobs::payload({{"message", "second_factor_changed"},
                               {"user", user_id},
                               {"detail", change},
                               {"language", language}}),
                fmt::format("second_factor_changed-{}-{}-{}", change, user_id, tx.now().micros));
}

void mail_email_changed(db::Tx& tx, std::int64_t user_id, std::string_view old_email,
                        std::string_view language) {
  jobs::enqueue(
      tx, mail_kind, 0,
      jobs::payload(
          {{"message", "email_changed"}, {"user", user_id}, {"email", old_email}, {"language", language}}),
      fmt::format("email_changed-{}-{}", user_id, tx.now().micros));
}

void mail_invitation(db::Tx& tx, std::int64_t invitation_id, std::int64_t version,
                     std::int64_t conference_id) {
  jobs::enqueue(
      tx, mail_kind, conference_id,
      jobs::payload({{"message", "invitation"}, {"invitation", invitation_id}, {"link_version", version}}),
      fmt::format("invitation-{}-{}-{}", invitation_id, version, tx.now().micros));
}

}  // namespace plenary::accounts
