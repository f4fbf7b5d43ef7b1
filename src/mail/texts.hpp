// Texts of mails that organisers wrote for their conference instead of the shipped ones: one a message and
// language, in the restricted template language of text_language.hpp, which checks them before they come
// here. A stored text that cannot be rendered is never what a buyer waits for: the shipped one goes out, and
// the row says why. Functions of a transaction: one thread at a time; changes run in the conference's lane
// and are recorded. source: payments 21, 11.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/entity.hpp"
#include "db/tx.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::mail {

// Bytes. Enough for a long mail with HTML of its own.
inline constexpr std::size_t longest_text_subject = 300, longest_text_body = 30'000,
                             longest_text_html = 60'000;

struct TextSource {
  std::string subject, body, html;  // html may be empty: then it is made of the body
  bool operator==(const TextSource&) const = default;
};

struct MailText {
  std::int64_t id = 0, conference_id = 0;
  std::string message, language;
  std::string subject, body, html;
  std::string problem;  // English
  std::optional<Instant> problem_at;
  std::optional<std::int64_t> updated_by;
  std::int64_t version = 1;
  Instant created_at, updated_at;
  TextSource source() const { return {subject, body, html}; }
};

const db::Entity<MailText>& mail_text_table();

std::optional<MailText> find_text(db::Tx& tx, std::int64_t conference_id, std::string_view message,
                                  std::string_view language);
// By message, then language.
std::vector<MailText> texts_of(db::Tx& tx, std::int64_t conference_id);

// The row as stored. `version` as the form showed it, 0: there was none. Refused("changed_meanwhile") when
// somebody else wrote it since; its problem is forgotten.
MailText save_text(db::Tx& tx, const conference::Actor& actor, const MailText& text, std::int64_t version);
// Back to the shipped one. False: it is that already. Refused as above.
bool drop_text(db::Tx& tx, const conference::Actor& actor, std::int64_t conference_id,
               std::string_view message, std::string_view language, std::int64_t version);

// The shipped text went out instead, and why.
void note_text_problem(db::Tx& tx, std::int64_t text_id, std::string_view problem);
// How many of a conference's texts did not work when they were last used: for the dashboard.
std::int64_t broken_texts(db::Tx& tx, std::int64_t conference_id);

}  // namespace plenary::mail
