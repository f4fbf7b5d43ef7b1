#include "domain/registration/open_answers.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/slug.hpp"
#include "base/text.hpp"
#include "domain/registration/questions.hpp"

namespace plenary::registration {
namespace {

class Lacking {
 public:
  Lacking(Bound& bound, std::deque<std::string>& texts, const Catalogue& catalogue)
      : bound_(bound), texts_(texts), catalogue_(catalogue) {}

  std::string run() {
    std::string any;
    for (const AskedQuestion& one : catalogue_.questions) {
      if (one.question.target != QuestionTarget::attendee || !one.question.is_required) continue;
      if (const auto sql = lacks(one)) any += (any.empty() ? "" : " OR ") + *sql;
    }
    return any.empty() ? any : "(" + any + ")";
  }

 private:
  const AskedQuestion* find(Id id) const {
    for (const AskedQuestion& one : catalogue_.questions)
      if (one.question.id == id) return &one;
    return nullptr;
  }

  // Nothing: no ticket is ever asked it.
  std::optional<std::string> lacks(const AskedQuestion& one) {
    std::string sql = fmt::format(
        "(NOT EXISTS (SELECT 1 FROM answer a WHERE a.order_id = s.order_id AND a.position = "
        "s.position AND a.question_id = {})",
        bound_.number(one.question.id));
    if (one.question.ticket_scope == QuestionScope::selected) {
      if (one.ticket_types.empty()) return std::nullopt;
      sql += " AND s.ticket_type_id IN " + list(one.ticket_types);
    }
    if (one.question.addon_scope == QuestionScope::selected) {
      if (one.addons.empty()) return std::nullopt;
      sql += " AND EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = s.order_id AND l.addon_id IN " +
             list(one.addons) + ")";
    }
    // What it depends on is answered so, and what that depends on.
    std::vector<Id> seen{one.question.id};
    for (const AskedQuestion* child = &one; child->question.depends_on_question_id;) {
      const AskedQuestion* parent = find(*child->question.depends_on_question_id);
      if (!parent || std::find(seen.begin(), seen.end(), parent->question.id) != seen.end())
        return std::nullopt;
      seen.push_back(parent->question.id);
      const auto wanted = is_answered(*parent, child->question.depends_on_value);
      if (!wanted) return std::nullopt;
      sql += " AND " + *wanted;
      child = parent;
    }
    return sql + ")";
  }

  std::optional<std::string> is_answered(const AskedQuestion& parent, const std::string& wanted) {
    std::string values;
    const auto add = [&](std::string value) {
      values += fmt::format("{}{}", values.empty() ? "" : " OR ",
                            "p.value = " + bound_.text(texts_.emplace_back(std::move(value))));
    };
    switch (parent.question.kind) {
      case QuestionKind::choice:
      case QuestionKind::several:
        for (const QuestionOption& option : parent.options) {
          if (slug_key(option.slug) != slug_key(wanted)) continue;
          if (parent.question.kind == QuestionKind::choice)
            add(option.slug);
          else
            values = "',' || p.value || ',' LIKE " +
                     bound_.text(texts_.emplace_back("%," + escaped(option.slug) + ",%")) + " ESCAPE '\\'";
        }
        break;
      case QuestionKind::country:
        add(ascii_upper(wanted));
        break;
      case QuestionKind::number:
        if (const auto number = Decimal::parse(wanted)) add(number->normalized().to_string());
        break;
      default:
        add(std::string(trimmed(wanted)));
        break;
    }
    if (values.empty()) return std::nullopt;
    return fmt::format(
        "EXISTS (SELECT 1 FROM answer p WHERE p.order_id = s.order_id AND p.position = s.position AND "
        "p.question_id = {} AND ({}))",
        bound_.number(parent.question.id), values);
  }

  static std::string escaped(const std::string& slug) {
    std::string text;
    for (const char c : slug) {
      if (c == '%' || c == '_' || c == '\\') text += '\\';
      text += c;
    }
    return text;
  }
  std::string list(const std::vector<Id>& ids) {
    std::string text;
    for (const Id id : ids) text += (text.empty() ? "" : ", ") + bound_.number(id);
    return "(" + text + ")";
  }

  Bound& bound_;
  std::deque<std::string>& texts_;
  const Catalogue& catalogue_;
};

}  // namespace

std::string may_lack_answers(Bound& bound, std::deque<std::string>& texts, const Catalogue& catalogue) {
  return Lacking(bound, texts, catalogue).run();
}

}  // namespace plenary::registration
