// Planning the questions of a conference file. Where the file has a list of them, a question or a choice that
// is not in it is asked no more; nothing that was answered is lost. source: registration 20, D37;
// configuration 10, 6.5; docs/questions.md.
#include <algorithm>
#include <set>

#include "domain/bootstrap_sales.hpp"
#include "domain/registration/entities.hpp"

namespace plenary::domain {
namespace {

using registration::Question;
using registration::QuestionKind;
using registration::QuestionSetup;

const QuestionSetup* stored_question(const StoredRows& stored, std::string_view slug) {
  for (const QuestionSetup& one : stored.questions)
    if (slug_key(one.question.slug) == slug_key(slug)) return &one;
  return nullptr;
}

const config::QuestionEntry* entry_of(const config::ConferenceFile& file, std::string_view slug) {
  for (const config::QuestionEntry& entry : file.questions)
    if (slug_key(entry.slug) == slug_key(slug)) return &entry;
  return nullptr;
}

std::string slug_by_id(const StoredRows& stored, const std::optional<registration::Id>& id) {
  for (const QuestionSetup& one : stored.questions)
    if (id == std::optional(one.question.id)) return one.question.slug;
  return {};
}

// What a question waits for once the file is applied: the slug of another; empty: for none.
std::string parent_after(const SalesPlanning& sales, const std::string& slug) {
  if (const config::QuestionEntry* entry = entry_of(sales.file, slug); entry && entry->only_if)
    return entry->only_if->question;
  const QuestionSetup* stored = stored_question(sales.stored, slug);
  return stored ? slug_by_id(sales.stored, stored->question.depends_on_question_id) : std::string();
}

std::string kind_after(const SalesPlanning& sales, const std::string& slug) {
  if (const config::QuestionEntry* entry = entry_of(sales.file, slug)) return entry->kind;
  const QuestionSetup* stored = stored_question(sales.stored, slug);
  return stored ? std::string(registration::to_text(stored->question.kind)) : std::string();
}

std::string target_after(const SalesPlanning& sales, const std::string& slug) {
  const config::QuestionEntry* entry = entry_of(sales.file, slug);
  if (entry && entry->target) return *entry->target;
  const Question fresh;
  const QuestionSetup* stored = stored_question(sales.stored, slug);
  const db::Table& table = registration::question_table();
  return table.find_column("target")->text(stored ? &stored->question : &fresh).value_or("");
}

// The slugs of what can be chosen.
std::vector<std::string> choices_after(const SalesPlanning& sales, const std::string& slug) {
  std::vector<std::string> slugs;
  const config::QuestionEntry* entry = entry_of(sales.file, slug);
  if (entry && entry->choices) {
    for (const config::ChoiceEntry& choice : *entry->choices)
      if (choice.active.value_or(true)) slugs.push_back(choice.slug);
    return slugs;
  }
  if (const QuestionSetup* stored = stored_question(sales.stored, slug))
    for (const registration::QuestionOption& option : stored->options)
      if (option.is_active) slugs.push_back(option.slug);
  return slugs;
}

bool is_asked_after(const SalesPlanning& sales, const std::string& slug) {
  const QuestionSetup* stored = stored_question(sales.stored, slug);
  if (const config::QuestionEntry* entry = entry_of(sales.file, slug))
    return entry->active.value_or(stored ? stored->question.is_active : true);
  return stored && stored->question.is_active && !sales.file.lists_questions;
}

bool waits_for_itself(const SalesPlanning& sales, const std::string& slug) {
  std::set<std::string> seen;
  for (std::string one = slug; !one.empty(); one = parent_after(sales, one))
    if (!seen.insert(slug_key(one)).second) return true;
  return false;
}

class QuestionPlanning {
 public:
  QuestionPlanning(const SalesPlanning& sales, std::size_t index)
      : sales_(sales),
        entry_(sales.file.questions[index]),
        stored_(stored_question(sales.stored, entry_.slug)),
        index_(index),
        path_(fmt::format("conference.questions[{}]", index)) {}

  void run() {
    item_.kind = ItemKind::question;
    item_.created = !stored_;
    if (stored_) {
      planned_.row = stored_->question;
      planned_.stored_tickets = stored_->ticket_types;
      planned_.stored_addons = stored_->addons;
    } else {
      planned_.row.slug = entry_.slug;
    }
    planned_.row.conference_id = sales_.plan.conference.row.id;
    fields();
    scopes();
    condition();
    refuse_change_of_kind();
    refuse_without_choices();
    check();
    Question& row = planned_.row;
    item_.name = beginning(row.label);
    item_.slug = row.slug;
    item_.detail = fmt::format("{}{}", registration::to_text(row.kind), row.is_required ? ", required" : "");
    planned_.write = item_.created || !item_.changes.empty();
    const std::string slug = row.slug;
    sales_.plan.report.items.push_back(std::move(item_));
    planned_.item = sales_.plan.report.items.size() - 1;
    sales_.plan.questions.push_back(std::move(planned_));
    choices(slug);
  }

 private:
  void fields() {
    Question& row = planned_.row;
    const db::Table& table = registration::question_table();
    Overwrite overwrite(item_);
    overwrite.set(row.label, entry_.text, "text", beginning);
    if (!entry_.kind.empty()) set_word(item_, table, &row, "kind", entry_.kind, "kind");
    if (entry_.target) set_word(item_, table, &row, "target", *entry_.target, "target");
    if (entry_.help) overwrite.set(row.help, *entry_.help, "help", beginning);
    if (entry_.required) overwrite.set(row.is_required, *entry_.required, "required", yes_no);
    if (entry_.active) overwrite.set(row.is_active, *entry_.active, "active", yes_no);
    // One that had left the file comes back with it.
    if (!entry_.active && stored_ && !row.is_active && sales_.file.lists_questions)
      overwrite.set(row.is_active, true, "active", yes_no);
    if (entry_.ask_at) set_word(item_, table, &row, "ask_at", *entry_.ask_at, "ask_at");
    if (entry_.minimum) overwrite.set(row.minimum, *entry_.minimum, "minimum", or_empty);
    if (entry_.maximum) overwrite.set(row.maximum, *entry_.maximum, "maximum", or_empty);
    overwrite.set(row.order, static_cast<std::int64_t>(index_), "order", number);
  }

  void scopes() {
    const db::Table& table = registration::question_table();
    const auto scope = [&](ProductList list, const std::optional<config::ScopeEntry>& wanted,
                           const char* column, const std::vector<registration::Id>& ids, const char* key,
                           ProductNames& names) {
      if (!wanted) return;
      const db::Column& described = *table.find_column(column);
      const ScopePlan made =
          plan_scope(sales_, item_, list, *wanted, described.text(&planned_.row).value_or(""), ids, path_,
                     key, entry_.slug);
      described.set_text(&planned_.row, made.word);
      names = made.slugs;
    };
    scope(ProductList::tickets, entry_.tickets, "ticket_scope", planned_.stored_tickets, "tickets",
          planned_.tickets);
    scope(ProductList::addons, entry_.addons, "addon_scope", planned_.stored_addons, "addons",
          planned_.addons);
  }

  void condition() {
    if (!entry_.only_if) return;
    Question& row = planned_.row;
    const std::string& wanted = entry_.only_if->question;
    const auto shown = [](const std::string& question, const std::string& answer) {
      return question.empty() ? std::string("(always)") : question + " = " + answer;
    };
    const std::string before =
        shown(slug_by_id(sales_.stored, row.depends_on_question_id), row.depends_on_value);
    const config::QuestionEntry* in_file = entry_of(sales_.file, wanted);
    const QuestionSetup* in_database = stored_question(sales_.stored, wanted);
    std::string slug = in_database ? in_database->question.slug : in_file ? in_file->slug : std::string();
    const auto wrong = [&](std::string found, std::string allowed, std::string advice) {
      sales_.problem(entry_.only_if->place, path_ + ".only_if", entry_.slug, std::move(found),
                     std::move(allowed), std::move(advice));
    };
    if (slug.empty() && !wanted.empty()) {
      wrong("unknown question \"" + wanted + "\"", "the slug of another question of this conference",
            "correct it, or add [[conference.questions]] with it");
      return;
    }
    if (!slug.empty()) {
      if (waits_for_itself(sales_, entry_.slug))
        wrong("questions that wait for each other", "a question that is asked before this one",
              "nobody would be asked any of them");
      else if (!is_asked_after(sales_, slug))
        wrong("\"" + slug + "\", which is not asked", "a question that is asked",
              "nobody would be asked this one");
      if (target_after(sales_, slug) != target_after(sales_, entry_.slug))
        wrong("\"" + slug + "\", which is asked of the " + target_after(sales_, slug),
              "a question with the same target: the order, or each attendee", "");
      const std::string kind = kind_after(sales_, slug);
      if (!kind.empty() &&
          !registration::can_be_answered(registration::question_kind(kind), choices_after(sales_, slug),
                                         entry_.only_if->answer))
        wrong("the answer \"" + entry_.only_if->answer + "\"",
              "an answer that \"" + slug +
                  "\" can have: the slug of a choice, \"1\" for a box that is ticked, "
                  "else what is typed",
              "");
    }
    const std::string after = shown(slug, entry_.only_if->answer);
    row.depends_on_value = entry_.only_if->answer;
    row.depends_on_question_id.reset();
    // The id is known when that question is written; until then there is one.
    if (!slug.empty()) row.depends_on_question_id = in_database ? in_database->question.id : 0;
    planned_.parent = slug;
    if (before != after && !item_.created) item_.changes.push_back({"only_if", before, after, {}, {}});
  }

  void refuse_change_of_kind() {
    if (!stored_ || !stored_->has_answers) return;
    const auto refuse = [&](const char* key, const std::string& found, const std::string& allowed) {
      sales_.problem(entry_.places.of(key), path_ + "." + key, entry_.slug, "\"" + found + "\"",
                     "\"" + allowed + "\": there are answers to this question already",
                     "leave it as it was, and ask another question under another slug");
    };
    if (planned_.row.kind != stored_->question.kind)
      refuse("kind", entry_.kind, std::string(registration::to_text(stored_->question.kind)));
    if (planned_.row.target != stored_->question.target)
      refuse("target", *entry_.target,
             stored_->question.target == registration::QuestionTarget::order ? "order" : "attendee");
  }

  void refuse_without_choices() {
    const bool needs =
        planned_.row.kind == QuestionKind::choice || planned_.row.kind == QuestionKind::several;
    if (needs && choices_after(sales_, entry_.slug).empty())
      sales_.problem(entry_.places.of("choices"), path_ + ".choices", entry_.slug, "nothing to choose from",
                     "at least one [[conference.questions.choices]]", "");
  }

  void check() {
    sales_.check(registration::question_table(), &planned_.row, entry_.places, path_, entry_.slug,
                 {{"label", "text"},
                  {"depends_on_question_id", "only_if"},
                  {"depends_on_value", "only_if"},
                  {"ticket_scope", "tickets"},
                  {"addon_scope", "addons"}});
  }

  void choices(const std::string& question_slug) {
    if (!entry_.choices) return;
    static const std::vector<registration::QuestionOption> none;
    const auto& stored = stored_ ? stored_->options : none;
    const auto find = [&](const std::string& slug) -> const registration::QuestionOption* {
      for (const registration::QuestionOption& option : stored)
        if (slug_key(option.slug) == slug_key(slug)) return &option;
      return nullptr;
    };
    std::set<std::string> kept;
    for (std::size_t i = 0; i < entry_.choices->size(); ++i) {
      const config::ChoiceEntry& wanted = (*entry_.choices)[i];
      const registration::QuestionOption* option = find(wanted.slug);
      kept.insert(slug_key(wanted.slug));
      AppliedItem item;
      item.created = !option;
      PlannedChoice planned;
      if (option) planned.row = *option;
      if (!option) planned.row.slug = wanted.slug;
      Overwrite overwrite(item);
      overwrite.set(planned.row.label, wanted.name, "name", or_empty);
      const bool active = wanted.active.value_or(true);
      overwrite.set(planned.row.is_active, active, "active", yes_no);
      overwrite.set(planned.row.order, static_cast<std::int64_t>(i), "order", number);
      sales_.check(registration::question_option_table(), &planned.row, wanted.places,
                   fmt::format("{}.choices[{}]", path_, i), wanted.name, {{"label", "name"}});
      add(std::move(planned), std::move(item), question_slug);
    }
    for (const registration::QuestionOption& option : stored) {
      if (kept.contains(slug_key(option.slug)) || !option.is_active) continue;
      AppliedItem item;
      PlannedChoice planned;
      planned.row = option;
      Overwrite(item).set(planned.row.is_active, false, "active", yes_no);
      add(std::move(planned), std::move(item), question_slug);
    }
  }

  void add(PlannedChoice planned, AppliedItem item, const std::string& question_slug) {
    item.kind = ItemKind::choice;
    item.name = planned.row.label;
    item.slug = question_slug + "/" + planned.row.slug;
    item.detail = planned.row.is_active ? "offered" : "not offered";
    planned.question_slug = question_slug;
    planned.write = item.created || !item.changes.empty();
    sales_.plan.report.items.push_back(std::move(item));
    planned.item = sales_.plan.report.items.size() - 1;
    sales_.plan.choices.push_back(std::move(planned));
  }

  const SalesPlanning& sales_;
  const config::QuestionEntry& entry_;
  const QuestionSetup* stored_;
  std::size_t index_;
  std::string path_;
  AppliedItem item_;
  PlannedQuestion planned_;
};

// Left out of a file that lists questions: it is asked no more, and its answers stay.
void retire(const SalesPlanning& sales, const QuestionSetup& stored) {
  AppliedItem item;
  item.kind = ItemKind::question;
  PlannedQuestion planned;
  planned.row = stored.question;
  Overwrite(item).set(planned.row.is_active, false, "active", yes_no);
  item.name = beginning(planned.row.label);
  item.slug = planned.row.slug;
  item.detail = "no longer in the file: asked no more, its answers stay";
  sales.plan.report.items.push_back(std::move(item));
  planned.item = sales.plan.report.items.size() - 1;
  sales.plan.questions.push_back(std::move(planned));
}

}  // namespace

void plan_questions(const SalesPlanning& sales) {
  for (std::size_t i = 0; i < sales.file.questions.size(); ++i) QuestionPlanning(sales, i).run();
  for (const QuestionSetup& stored : sales.stored.questions) {
    if (entry_of(sales.file, stored.question.slug)) continue;
    if (sales.file.lists_questions && stored.question.is_active)
      retire(sales, stored);
    else
      sales.plan.report.absent.push_back(
          {ItemKind::question, beginning(stored.question.label), stored.question.slug});
  }
}

}  // namespace plenary::domain
