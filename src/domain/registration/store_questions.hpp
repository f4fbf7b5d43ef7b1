// The SQL of questions and answers. Nothing here decides anything. Private to the room.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/questions.hpp"

namespace plenary::registration::store {

std::optional<Question> question_by_id(db::Tx& tx, Id question_id);
bool has_answers(db::Tx& tx, Id question_id);
// A question of `asked` that waits for the option of this slug; empty: none does.
std::optional<std::string> slug_depending_on(db::Tx& tx, Id question_id);
std::vector<std::string> option_slugs(db::Tx& tx, Id question_id);

void insert_answer(db::Tx& tx, Id order_id, const CheckedAnswer& answer, std::string_view value,
                   std::string_view shown);
void update_answer(db::Tx& tx, Id order_id, const CheckedAnswer& answer, std::string_view value,
                   std::string_view shown);
void delete_answer(db::Tx& tx, Id order_id, std::int64_t position, Id question_id);
std::int64_t delete_answers(db::Tx& tx, Id order_id, std::int64_t position);
std::vector<KeptAnswer> answers_of(db::Tx& tx, Id order_id);
void insert_answer_event(db::Tx& tx, Id order_id, std::int64_t position, std::string_view actor,
                         std::string_view detail);
std::vector<AnswerEvent> answer_events(db::Tx& tx, Id order_id);

std::optional<AnswerFile> file_by_handle(db::Tx& tx, Id conference_id, std::string_view handle);
std::int64_t waiting_files(db::Tx& tx, std::string_view uploaded_by, Instant now);
void keep_file(db::Tx& tx, Id file_id, Id order_id, std::int64_t position);
void let_file_go(db::Tx& tx, Id file_id);
void let_files_go(db::Tx& tx, Id order_id, std::int64_t position);
// Their rows are deleted.
std::vector<std::string> unwanted_files(db::Tx& tx, Id conference_id, int limit);

}  // namespace plenary::registration::store
