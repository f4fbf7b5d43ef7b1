#include "domain/registration/store_questions.hpp"

#include "db/gather.hpp"

namespace plenary::registration {

std::vector<AskedQuestion> questions_of(db::Tx& tx, Id conference_id) {
  std::vector<AskedQuestion> all;
  for (Question& question : question_table().select(
           tx, "WHERE conference_id = $1 AND is_active = 1 ORDER BY sort_order, id", conference_id)) {
    AskedQuestion asked;
    asked.question = std::move(question);
    all.push_back(std::move(asked));
  }
  if (all.empty()) return all;
  const auto find = [&](Id id) -> AskedQuestion* {
    for (AskedQuestion& one : all)
      if (one.question.id == id) return &one;
    return nullptr;
  };
  for (QuestionOption& option : question_option_table().select(
           tx,
           "WHERE is_active = 1 AND question_id IN (SELECT q.id FROM question q WHERE q.conference_id = $1) "
           "ORDER BY sort_order, id",
           conference_id))
    if (AskedQuestion* one = find(option.question_id)) one->options.push_back(std::move(option));
  for (const auto& [question_id, product_id] : tx.query<Id, Id>(
           "SELECT l.question_id, l.ticket_type_id FROM question_ticket_type l JOIN question q ON q.id = "
           "l.question_id WHERE q.conference_id = $1",
           conference_id))
    if (AskedQuestion* one = find(question_id)) one->ticket_types.push_back(product_id);
  for (const auto& [question_id, product_id] : tx.query<Id, Id>(
           "SELECT l.question_id, l.addon_id FROM question_addon l JOIN question q ON q.id = l.question_id "
           "WHERE q.conference_id = $1",
           conference_id))
    if (AskedQuestion* one = find(question_id)) one->addons.push_back(product_id);
  return all;
}

namespace store {

std::optional<Question> question_by_id(db::Tx& tx, Id question_id) {
  return question_table().find(tx, question_id);
}

bool has_answers(db::Tx& tx, Id question_id) {
  return !tx.query<Id>("SELECT id FROM answer WHERE question_id = $1 LIMIT 1", question_id).empty();
}

std::optional<std::string> slug_depending_on(db::Tx& tx, Id question_id) {
  auto slugs = tx.query<std::string>(
      "SELECT slug FROM question WHERE depends_on_question_id = $1 ORDER BY id LIMIT 1", question_id);
  if (slugs.empty()) return std::nullopt;
  return std::move(slugs.front());
}

std::vector<std::string> option_slugs(db::Tx& tx, Id question_id) {
  return tx.query<std::string>(
      "SELECT slug FROM question_option WHERE question_id = $1 ORDER BY sort_order, id", question_id);
}

void insert_answer(db::Tx& tx, Id order_id, const CheckedAnswer& answer, std::string_view value,
                   std::string_view shown) {
  const Question& question = answer.question->question;
  db::write_later(
      tx,
      "INSERT INTO answer (order_id, position, question_id, value, shown, question_text, text_version, "
      "answered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      order_id, answer.position, question.id, value, shown, question.label, question.text_version, tx.now());
}

void update_answer(db::Tx& tx, Id order_id, const CheckedAnswer& answer, std::string_view value,
                   std::string_view shown) {
  const Question& question = answer.question->question;
  tx.exec_later(
      "UPDATE answer SET value = $1, shown = $2, question_text = $3, text_version = $4, answered_at = $5 "
      "WHERE order_id = $6 AND position = $7 AND question_id = $8",
      value, shown, question.label, question.text_version, tx.now(), order_id, answer.position, question.id);
}

void delete_answer(db::Tx& tx, Id order_id, std::int64_t position, Id question_id) {
  tx.exec_later("DELETE FROM answer WHERE order_id = $1 AND position = $2 AND question_id = $3", order_id,
                position, question_id);
}

std::int64_t delete_answers(db::Tx& tx, Id order_id, std::int64_t position) {
  return tx.exec("DELETE FROM answer WHERE order_id = $1 AND position = $2", order_id, position);
}

std::vector<KeptAnswer> answers_of(db::Tx& tx, Id order_id) {
  std::vector<KeptAnswer> kept;
  for (auto& [position, question_id, kind, value, shown, text, version, answered_at] :
       tx.query<std::int64_t, Id, std::string, std::string, std::string, std::string, std::int64_t, Instant>(
           "SELECT a.position, a.question_id, q.kind, a.value, a.shown, a.question_text, a.text_version, "
           "a.answered_at FROM answer a JOIN question q ON q.id = a.question_id WHERE a.order_id = $1 "
           "ORDER BY a.position, q.sort_order, q.id",
           order_id))
    kept.push_back({position, question_id, question_kind(kind), std::move(value), std::move(shown),
                    std::move(text), version, answered_at});
  return kept;
}

void insert_answer_event(db::Tx& tx, Id order_id, std::int64_t position, std::string_view actor,
                         std::string_view detail) {
  db::write_later(
      tx,
      "INSERT INTO answer_event (order_id, position, created_at, actor, detail) VALUES ($1, $2, $3, $4, $5)",
      order_id, position, tx.now(), actor, detail);
}

std::vector<AnswerEvent> answer_events(db::Tx& tx, Id order_id) {
  std::vector<AnswerEvent> events;
  for (auto& [position, created_at, actor, detail] :
       tx.query<std::int64_t, Instant, std::string, std::string>(
           "SELECT position, created_at, actor, detail FROM answer_event WHERE order_id = $1 ORDER BY id",
           order_id))
    events.push_back({position, created_at, std::move(actor), std::move(detail)});
  return events;
}

std::optional<AnswerFile> file_by_handle(db::Tx& tx, Id conference_id, std::string_view handle) {
  return answer_file_table().maybe(tx, "WHERE handle = $1 AND conference_id = $2", handle, conference_id);
}

std::int64_t waiting_files(db::Tx& tx, std::string_view uploaded_by, Instant now) {
  return tx.one<std::int64_t>("SELECT COUNT(*) FROM answer_file WHERE uploaded_by = $1 AND keep_until > $2",
                              uploaded_by, now);
}

void keep_file(db::Tx& tx, Id file_id, Id order_id, std::int64_t position) {
  db::put_in_place(tx);  // the order it belongs to from now on
  tx.exec_later("UPDATE answer_file SET order_id = $1, position = $2, keep_until = NULL WHERE id = $3",
                order_id, position, file_id);
}

void let_file_go(db::Tx& tx, Id file_id) {
  tx.exec_later("UPDATE answer_file SET order_id = NULL, keep_until = $1 WHERE id = $2", tx.now(), file_id);
}

void let_files_go(db::Tx& tx, Id order_id, std::int64_t position) {
  tx.exec_later(
      "UPDATE answer_file SET order_id = NULL, keep_until = $1 WHERE order_id = $2 AND position = $3",
      tx.now(), order_id, position);
}

std::vector<std::string> unwanted_files(db::Tx& tx, Id conference_id, int limit) {
  std::vector<std::string> names;
  for (auto& [id, name] : tx.query<Id, std::string>(
           "SELECT id, stored_name FROM answer_file WHERE conference_id = $1 AND (keep_until <= $2 OR "
           "(keep_until IS NULL AND order_id IS NULL)) ORDER BY id LIMIT $3",
           conference_id, tx.now(), limit)) {
    tx.exec_later("DELETE FROM answer_file WHERE id = $1", id);
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace store
}  // namespace plenary::registration
