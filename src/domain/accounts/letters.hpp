// Mail about accounts: each function writes one outbox row that names a message and ids, never text; the mail
// room (src/mail/messages.hpp) renders and sends it after the commit. Part of the caller's write. `language`
// is that of the page in front of the person; empty: the account's. source: ground rules 15, 5 and 6;
// registration 20, D29 and D34.
#pragma once

#include <cstdint>
#include <string_view>

#include "db/tx.hpp"

namespace plenary::accounts {

// Outbox kind of every mail.
inline constexpr std::string_view mail_kind = "mail";

// To the address of an account_link, with its link. Nothing is sent when the link was used or has expired by
// then.
//   verify_address · reset_password · change_email · claim_order · found_orders
// found_orders lists every order of the link's address with its own secret link; none: nothing is sent.
void mail_link(db::Tx& tx, std::string_view message, std::int64_t link_id, std::string_view language = {},
               std::int64_t conference_id = 0);

// To an account. already_registered (somebody signed up again with its address) · password_changed
// `in_name_of`: the conference whose text and sender it has; 0: none. Its people do not see the row.
void mail_account(db::Tx& tx, std::string_view message, std::int64_t user_id, std::string_view language = {},
                  std::int64_t in_name_of = 0);

// new_device, to a person with a right: `device` says which browser and from where.
void mail_new_device(db::Tx& tx, std::int64_t user_id, std::string_view device,
                     std::string_view language = {});
// second_factor_changed. `change`: "on", "off", "codes" (new recovery codes), "reset" (removed by somebody
// who may).
void mail_second_factor_changed(db::Tx& tx, std::int64_t user_id, std::string_view change,
                                std::string_view language = {});

// email_changed, to the address that was the account's until now.
void mail_email_changed(db::Tx& tx, std::int64_t user_id, std::string_view old_email,
                        std::string_view language = {});

// invitation, to the invited address, in the invitation's language. Nothing is sent when it was accepted,
// withdrawn or mailed again by then (`version`: the row's as it is mailed).
void mail_invitation(db::Tx& tx, std::int64_t invitation_id, std::int64_t version,
                     std::int64_t conference_id);

}  // namespace plenary::accounts
