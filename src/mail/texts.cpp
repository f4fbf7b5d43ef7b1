#include "mail/texts.hpp"

#include <fmt/format.h>

#include "base/errors.hpp"

namespace plenary::mail {
namespace {

conference::AuditObject object_of(const MailText& text, std::optional<std::int64_t> version) {
  return {text.conference_id, "mail_text", std::to_string(text.id),
          fmt::format("{} ({})", text.message, text.language), version};
}

std::vector<conference::AuditChange> changes_between(const TextSource& before, const TextSource& after) {
  std::vector<conference::AuditChange> changes;
  const auto compare = [&](const char* field, const char* label, const std::string& old_text,
                           const std::string& new_text) {
    if (old_text != new_text) changes.push_back({field, label, old_text, new_text});
  };
  compare("subject", "Subject", before.subject, after.subject);
  compare("body", "Text", before.body, after.body);
  compare("html", "HTML", before.html, after.html);
  return changes;
}

[[noreturn]] void refuse_changed() {
  throw Refused("changed_meanwhile",
                "Somebody else has changed this text since you opened it. What you typed is still here: look "
                "at theirs in another tab, then save again.");
}

}  // namespace

const db::Entity<MailText>& mail_text_table() {
  using T = MailText;
  static const db::Entity<T> table(
      "mail_text",
      {
          db::column("id", &T::id).generated_key(),
          db::column("conference_id", &T::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("message", &T::message).required().max_length(60).fixed(),
          db::column("language", &T::language).required().max_length(20).fixed(),
          db::column("subject", &T::subject).required().max_length(longest_text_subject),
          db::column("body", &T::body)
              .required()
              .max_length(longest_text_body)
              .format(db::TextFormat::paragraph)
              .label("Text"),
          db::column("html", &T::html)
              .max_length(longest_text_html)
              .format(db::TextFormat::paragraph)
              .label("HTML")
              .help("Empty: made of the text."),
          db::column("problem", &T::problem)
              .max_length(1000)
              .read_only()
              .help("Why the shipped text went out instead, when it last did."),
          db::column("problem_at", &T::problem_at).read_only(),
          db::column("updated_by", &T::updated_by)
              .references("user_account", db::OnDelete::set_null)
              .read_only(),
          db::column("version", &T::version).version(),
          db::column("created_at", &T::created_at).created(),
          db::column("updated_at", &T::updated_at).updated(),
      },
      db::Rules<T>()
          .titled("Mail text", "Mail texts")
          .ordered_by("message, language")
          .unique({"conference_id", "message", "language"}));
  return table;
}

std::optional<MailText> find_text(db::Tx& tx, std::int64_t conference_id, std::string_view message,
                                  std::string_view language) {
  return mail_text_table().maybe(tx, "WHERE conference_id = $1 AND message = $2 AND language = $3",
                                 conference_id, message, language);
}

std::vector<MailText> texts_of(db::Tx& tx, std::int64_t conference_id) {
  return mail_text_table().select(tx, "WHERE conference_id = $1 ORDER BY message, language", conference_id);
}

MailText save_text(db::Tx& tx, const conference::Actor& actor, const MailText& wanted, std::int64_t version) {
  const auto before = find_text(tx, wanted.conference_id, wanted.message, wanted.language);
  if ((before ? before->version : 0) != version) refuse_changed();
  if (before && before->source() == wanted.source() && before->problem.empty()) return *before;
  MailText text = before.value_or(wanted);
  text.subject = wanted.subject;
  text.body = wanted.body;
  text.html = wanted.html;
  text.problem.clear();
  text.problem_at.reset();
  text.updated_by = actor.user_id;
  if (before) {
    const auto updated = mail_text_table().update(tx, text);
    if (!updated) refuse_changed();
    text = *updated;
  } else {
    text.id = 0;
    text = mail_text_table().insert(tx, text);
  }
  conference::record(tx, actor, before ? conference::AuditAction::change : conference::AuditAction::add,
                     object_of(text, text.version),
                     changes_between(before ? before->source() : TextSource(), text.source()));
  return text;
}

bool drop_text(db::Tx& tx, const conference::Actor& actor, std::int64_t conference_id,
               std::string_view message, std::string_view language, std::int64_t version) {
  const auto text = find_text(tx, conference_id, message, language);
  if (!text) return false;
  if (text->version != version) refuse_changed();
  tx.exec("DELETE FROM mail_text WHERE id = $1", text->id);
  conference::record(tx, actor, conference::AuditAction::remove, object_of(*text, std::nullopt),
                     changes_between(text->source(), TextSource()));
  return true;
}

void note_text_problem(db::Tx& tx, std::int64_t text_id, std::string_view problem) {
  tx.exec_later("UPDATE mail_text SET problem = $1, problem_at = $2 WHERE id = $3", problem.substr(0, 1000),
                tx.now(), text_id);
}

std::int64_t broken_texts(db::Tx& tx, std::int64_t conference_id) {
  return tx.one<std::int64_t>("SELECT COUNT(*) FROM mail_text WHERE conference_id = $1 AND problem <> ''",
                              conference_id);
}

}  // namespace plenary::mail
