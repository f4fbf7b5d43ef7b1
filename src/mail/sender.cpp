#include "mail/sender.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace plenary::mail {
namespace {

constexpr std::size_t longest_name = 100, longest_address = 200;

std::string domain_of(std::string_view email) {
  const std::size_t at = email.rfind('@');
  return at == std::string_view::npos ? std::string() : ascii_lower(email.substr(at + 1));
}

[[noreturn]] void refuse_changed() {
  throw Refused("changed_meanwhile",
                "Somebody else has changed the sender since you opened it. Please look at it again.");
}

}  // namespace

const db::Entity<MailSender>& mail_sender_table() {
  using S = MailSender;
  static const db::Entity<S> table(
      "mail_sender",
      {
          db::column("id", &S::id).generated_key(),
          db::column("conference_id", &S::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("name", &S::name).max_length(longest_name).help("Empty: the conference's."),
          db::column("email", &S::email)
              .max_length(longest_address)
              .label("Address")
              .help("Empty: the server's."),
          db::column("reply_to", &S::reply_to)
              .max_length(longest_address)
              .label("Answers go to")
              .help("Empty: as the settings say."),
          db::column("version", &S::version).version(),
          db::column("created_at", &S::created_at).created(),
          db::column("updated_at", &S::updated_at).updated(),
      },
      db::Rules<S>().titled("Mail sender", "Mail senders").unique({"conference_id"}));
  return table;
}

std::optional<MailSender> find_sender(db::Tx& tx, std::int64_t conference_id) {
  return mail_sender_table().maybe(tx, "WHERE conference_id = $1", conference_id);
}

bool is_allowed_sender(std::string_view email, const config::MailSettings& settings) {
  const std::string domain = domain_of(email);
  return !domain.empty() && std::find(settings.sender_domains.begin(), settings.sender_domains.end(),
                                      domain) != settings.sender_domains.end();
}

std::vector<Refused> check_sender(const MailSender& sender, const config::MailSettings& settings) {
  std::vector<Refused> wrong;
  // A line break would begin a header of its own; "<" and "@" would pose as an address.
  if (has_control_characters(sender.name) || sender.name.find_first_of("<>@\"\\") != std::string::npos)
    wrong.emplace_back("name", "A name has no line breaks, quotes, angle brackets or @.",
                       Refused::Arguments{}, "name");
  if (character_count(sender.name) > longest_name)
    wrong.emplace_back("name", "At most {limit} characters.",
                       Refused::Arguments{{"limit", std::to_string(longest_name)}}, "name");
  const auto check_address = [&](const std::string& email, const char* field) {
    if (email.empty()) return false;
    if (is_email(email) && email.size() <= longest_address) return true;
    wrong.emplace_back("email", "This is no e-mail address. Write it like help@example.org.",
                       Refused::Arguments{}, field);
    return false;
  };
  if (check_address(sender.email, "email") && !is_allowed_sender(sender.email, settings)) {
    if (settings.sender_domains.empty()) {
      wrong.emplace_back(
          "domain",
          "This server writes from its own address only. Leave this empty and say where answers "
          "go, or ask its operator to allow your domain.",
          Refused::Arguments{}, "email");
    } else {
      std::string domains;
      for (const std::string& one : settings.sender_domains) domains += (domains.empty() ? "" : ", ") + one;
      wrong.emplace_back("domain",
                         "This server may write from addresses of {domains} only. Another domain needs to be "
                         "allowed by its operator.",
                         Refused::Arguments{{"domains", domains}}, "email");
    }
  }
  check_address(sender.reply_to, "reply_to");
  return wrong;
}

std::optional<MailSender> save_sender(db::Tx& tx, const conference::Actor& actor, const MailSender& wanted,
                                      std::int64_t version, const config::MailSettings& settings) {
  if (const auto wrong = check_sender(wanted, settings); !wrong.empty()) throw wrong.front();
  const auto before = find_sender(tx, wanted.conference_id);
  if ((before ? before->version : 0) != version) refuse_changed();
  std::vector<conference::AuditChange> changes;
  const auto compare = [&](const char* field, const char* label, std::string MailSender::*member) {
    const std::string old_text = before ? (*before).*member : std::string();
    if (old_text != wanted.*member) changes.push_back({field, label, old_text, wanted.*member});
  };
  compare("name", "Name", &MailSender::name);
  compare("email", "Address", &MailSender::email);
  compare("reply_to", "Answers go to", &MailSender::reply_to);
  if (changes.empty()) return before;

  const bool is_empty = wanted.name.empty() && wanted.email.empty() && wanted.reply_to.empty();
  std::optional<MailSender> stored;
  if (is_empty) {
    tx.exec("DELETE FROM mail_sender WHERE conference_id = $1", wanted.conference_id);
  } else if (before) {
    MailSender sender = wanted;
    sender.id = before->id;
    sender.version = before->version;
    sender.created_at = before->created_at;
    stored = mail_sender_table().update(tx, sender);
    if (!stored) refuse_changed();
  } else {
    MailSender sender = wanted;
    sender.id = 0;
    stored = mail_sender_table().insert(tx, sender);
  }
  const auto action = is_empty ? conference::AuditAction::remove
                      : before ? conference::AuditAction::change
                               : conference::AuditAction::add;
  const std::int64_t id = stored ? stored->id : before->id;
  conference::record(tx, actor, action,
                     {wanted.conference_id, "mail_sender", std::to_string(id), "Sender of mails",
                      stored ? std::optional(stored->version) : std::nullopt},
                     changes);
  return stored;
}

void set_sender(net::MailMessage& mail, const config::MailSettings& settings,
                const std::optional<MailSender>& sender, std::string_view conference_name) {
  const net::Address own =
      net::Address::parse(settings.from).value_or(net::Address{"noreply@localhost", "Plenary"});
  mail.from = own;
  mail.envelope_sender = own.email;
  if (!settings.reply_to.empty()) mail.reply_to = net::Address::parse(settings.reply_to);
  if (!sender) return;
  mail.from.name = sender->name.empty() ? std::string(conference_name) : sender->name;
  std::string answers = sender->reply_to;
  if (is_allowed_sender(sender->email, settings)) {
    mail.from.email = sender->email;
  } else if (answers.empty()) {
    answers = sender->email;  // allowed once, and no longer
  }
  if (!answers.empty()) mail.reply_to = net::Address{answers, {}};
}

}  // namespace plenary::mail
