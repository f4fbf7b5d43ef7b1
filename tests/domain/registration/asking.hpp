// Questions for tests: made in the database as the data admin makes them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "domain/registration/questions.hpp"

namespace plenary::registration::testing {

inline Question question(std::string slug, QuestionKind kind = QuestionKind::text,
                         QuestionTarget target = QuestionTarget::attendee) {
  Question q;
  q.slug = std::move(slug);
  q.label = "About " + q.slug;
  q.kind = kind;
  q.target = target;
  return q;
}

inline Question required(Question q) {
  q.is_required = true;
  return q;
}

inline Question after(Question q, Id other, std::string value) {
  q.depends_on_question_id = other;
  q.depends_on_value = std::move(value);
  return q;
}

// With these options, for these products where there are some.
inline Id ask(db::Tx& tx, Id conference_id, Question q, const std::vector<std::string>& options = {},
              const std::vector<Id>& ticket_types = {}, const std::vector<Id>& addons = {}) {
  q.conference_id = conference_id;
  if (!ticket_types.empty()) q.ticket_scope = QuestionScope::selected;
  if (!addons.empty()) q.addon_scope = QuestionScope::selected;
  const Id id = question_table().insert(tx, q).id;
  for (const std::string& slug : options) {
    QuestionOption option;
    option.question_id = id;
    option.slug = slug;
    option.label = "The " + slug;
    question_option_table().insert(tx, option);
  }
  for (const Id product : ticket_types)
    tx.exec("INSERT INTO question_ticket_type (question_id, ticket_type_id) VALUES ($1, $2)", id, product);
  for (const Id product : addons)
    tx.exec("INSERT INTO question_addon (question_id, addon_id) VALUES ($1, $2)", id, product);
  return id;
}

}  // namespace plenary::registration::testing
