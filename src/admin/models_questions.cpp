// Questions to buyers and attendees, and what they answered. source: registration 20, D37.
#include "admin/model.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/questions.hpp"

namespace plenary::admin {
namespace {

using registration::Question;

// "diet = vegan", as the condition stands.
const std::string condition_sql =
    "coalesce((SELECT p.slug || ' = ' || t.depends_on_value FROM question p WHERE p.id = "
    "t.depends_on_question_id), '')";

Link products(std::string name, std::string label, std::string table, bool addons) {
  return {.name = std::move(name),
          .label = std::move(label),
          .help = message("Where it says: only the selected ones."),
          .table = std::move(table),
          .own_column = "question_id",
          .other_column = addons ? "addon_id" : "ticket_type_id",
          .other_table = addons ? "addon" : "ticket_type"};
}

Model questions() {
  Model model;
  model.table = &registration::question_table();
  model.view_code = "view_commerce";
  model.change_code = "change_commerce";
  model.area = "program_registration";
  model.name = "question";
  model.conference_sql = "t.conference_id";
  model.label_sql = "t.label";
  model.columns = {{"label"},
                   {"conference_id"},
                   {"target"},
                   {"kind"},
                   {"is_required"},
                   {"is_active"},
                   {"ask_at"},
                   {.name = "condition", .label = message("Only after"), .sql = condition_sql},
                   {.name = "answers",
                    .label = message("Answers"),
                    .sql = "(SELECT COUNT(*) FROM answer a WHERE a.question_id = t.id)",
                    .shown = Shown::integer},
                   {"sort_order"}};
  model.filters = {"conference_id", "target", "kind", "is_active", "is_required", "ask_at"};
  model.search = {"t.label", "t.slug"};
  model.slug_from = "label";
  model.groups = {
      {"", {"conference_id", "label", "slug", "help", "target", "kind", "is_required", "is_active"}},
      {message("When and with what"),
       {"ask_at", "ticket_scope", "ticket_types", "addon_scope", "addons", "sort_order"}},
      {message("Limits"), {"minimum", "maximum"}},
      {message("Condition"),
       {"depends_on_question_id", "depends_on_value"},
       false,
       message("Shown only when another question has that answer. Without JavaScript it is shown with a "
               "hint; an answer to it counts only then.")},
      {message("Text"), {"text_version"}, true}};
  model.links = {products("ticket_types", message("Ticket types"), "question_ticket_type", false),
                 products("addons", message("Add-ons"), "question_addon", true)};
  model.inlines = {{.table = "question_option",
                    .column = "question_id",
                    .fields = {"label", "slug", "is_active", "sort_order"},
                    .blank_rows = 3,
                    .title = message("Answers to choose from")}};
  model.read_only = {"text_version"};
  model.kept_by = {"answer", "answer_file"};
  model.check = [](db::Tx& tx, const void*, const void* row) {
    return registration::check_question(tx, *static_cast<const Question*>(row));
  };
  model.update = [](db::Tx& tx, const void* before, void* row) {
    auto& question = *static_cast<Question*>(row);
    if (static_cast<const Question*>(before)->label != question.label) ++question.text_version;
    const auto stored = registration::question_table().update(tx, question);
    if (stored) question = *stored;
    return stored.has_value();
  };
  model.written = [](db::Tx& tx, const void* row) {  // its products may have changed alone
    db::bump_catalogue(tx, static_cast<const Question*>(row)->conference_id);
  };
  return model;
}

Model options() {
  Model model;
  model.table = &registration::question_option_table();
  model.view_code = "view_commerce";
  model.change_code = "change_commerce";
  model.area = "program_registration";
  model.name = "questionoption";
  model.conference_sql = "(SELECT q.conference_id FROM question q WHERE q.id = t.question_id)";
  model.label_sql = "t.label";
  model.columns = {{"label"}, {"question_id"}, {"slug"}, {"is_active"}, {"sort_order"}};
  model.filters = {"question_id", "is_active"};
  model.search = {"t.label", "t.slug"};
  model.slug_from = "label";
  return model;
}

const std::string order_reference = "(SELECT o.reference FROM orders o WHERE o.id = t.order_id)";
const std::string order_conference = "(SELECT o.conference_id FROM orders o WHERE o.id = t.order_id)";

Model answers() {
  Model model;
  model.table = &registration::answer_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "answer";
  model.conference_sql = order_conference;
  model.label_sql = "t.question_text";
  model.columns = {{"question_text"}, {"order_id"}, {"position"}, {"shown"}, {"answered_at"}};
  model.filters = {"question_id", "answered_at"};
  model.search = {order_reference, "t.shown"};
  model.search_help = message("Looks in answer and order.");
  model.more_exports = {message("One row for each ticket …"), "by-ticket/"};
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because =
      message("Buyers and attendees answer, and change their answers on the pages of order and ticket.");
  return model;
}

Model changes() {
  Model model;
  model.table = &registration::answer_event_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "answerevent";
  model.conference_sql = order_conference;
  model.label_sql = order_reference + " || ' ' || t.position";
  model.columns = {{"created_at"}, {"order_id"}, {"position"}, {"actor"}, {"detail"}};
  model.filters = {"created_at"};
  model.search = {order_reference, "t.detail"};
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("This is written by the shop.");
  return model;
}

Model files() {
  Model model;
  model.table = &registration::answer_file_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "answerfile";
  model.conference_sql = "t.conference_id";
  model.columns = {{"name"},         {"order_id"}, {"position"},  {"question_id"},
                   {"content_type"}, {"size"},     {"created_at"}};
  model.filters = {"conference_id", "question_id", "created_at"};
  model.search = {order_reference, "t.name"};
  model.order = "t.id DESC";
  model.groups = {
      {"",
       {"name", "order_id", "position", "question_id", "content_type", "size", "created_at", "keep_until"}}};
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("Files are sent with answers, and go with them.");
  model.view_on_site = [](std::string_view, const void* row) {
    const auto& file = *static_cast<const registration::AnswerFile*>(row);
    if (!file.order_id || file.keep_until) return std::string();
    return "/admin/program_registration/answer/files/" + std::to_string(file.id) + "/";
  };
  return model;
}

}  // namespace

std::vector<Model> question_models() {
  return {questions(), options(), answers(), changes(), files()};
}

}  // namespace plenary::admin
