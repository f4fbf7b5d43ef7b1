// The entity tables of questions and answers.
#include "base/decimal.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/questions.hpp"

#include <charconv>

namespace plenary::registration {
namespace {

constexpr std::int64_t largest_integer = 2'147'483'647;

bool has_limits(QuestionKind kind) {
  return kind == QuestionKind::text || kind == QuestionKind::paragraph || kind == QuestionKind::number ||
         kind == QuestionKind::date;
}

std::optional<std::int64_t> characters(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

bool is_limit(QuestionKind kind, const std::string& text) {
  if (text.empty()) return true;
  if (kind == QuestionKind::number) return Decimal::parse(text).has_value();
  if (kind == QuestionKind::date) return Date::parse(text).has_value();
  return has_limits(kind) && characters(text).has_value();
}

bool are_in_order(const Question& q) {
  if (q.minimum.empty() || q.maximum.empty() || !is_limit(q.kind, q.minimum) || !is_limit(q.kind, q.maximum))
    return true;
  if (q.kind == QuestionKind::number) return *Decimal::parse(q.minimum) <= *Decimal::parse(q.maximum);
  if (q.kind == QuestionKind::date) return *Date::parse(q.minimum) <= *Date::parse(q.maximum);
  return *characters(q.minimum) <= *characters(q.maximum);
}

constexpr const char* limit_text = message(
    "Write a number for numbers, a day such as 2027-05-20 for dates, how many characters for texts; "
    "other kinds have no limits.");

}  // namespace

const db::Entity<Question>& question_table() {
  using Q = Question;
  static const db::Entity<Q> table(
      "question",
      {
          db::column("id", &Q::id).generated_key(),
          db::column("conference_id", &Q::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("slug", &Q::slug)
              .required()
              .max_length(100)
              .format(db::TextFormat::slug)
              .help("Names its column in exports."),
          db::column("target", &Q::target)
              .choice("order", "The order")
              .choice("attendee", "Each ticket")
              .label("Asked of")
              .help("Once an order, or once for each of its tickets."),
          db::column("kind", &Q::kind)
              .choice("text", "A line of text")
              .choice("paragraph", "Several lines of text")
              .choice("number", "A number")
              .choice("choice", "One of several answers")
              .choice("several", "Any of several answers")
              .choice("date", "A day")
              .choice("country", "A country")
              .choice("file", "A file")
              .choice("consent", "A tick box to agree with"),
          db::column("label", &Q::label)
              .required()
              .max_length(1000)
              .label("Question")
              .help("As it is asked; of a tick box the sentence to agree with."),
          db::column("help", &Q::help).max_length(1000).label("Help").help("Stands below the question."),
          db::column("is_required", &Q::is_required).label("Must be answered"),
          db::column("is_active", &Q::is_active).label("Asked"),
          db::column("ask_at", &Q::ask_at)
              .choice("checkout", "With the order")
              .choice("later", "Afterwards")
              .label("When")
              .help("Afterwards: on the page of the order or of the ticket, until answers are closed."),
          db::column("minimum", &Q::minimum)
              .max_length(40)
              .label("At least")
              .help("Of a number or a date; of texts how many characters."),
          db::column("maximum", &Q::maximum)
              .max_length(40)
              .label("At most")
              .help("Of a number or a date; of texts how many characters."),
          db::column("ticket_scope", &Q::ticket_scope)
              .choices({"all", "selected"})
              .label("With ticket types")
              .help("All: whatever is bought. Selected: only with these."),
          db::column("addon_scope", &Q::addon_scope)
              .choices({"all", "selected"})
              .label("With add-ons")
              .help("All: whatever is bought. Selected: only when one of these is in the order."),
          db::column("depends_on_question_id", &Q::depends_on_question_id)
              .references("question")
              .label("Only after the question")
              .help("Another question that is asked of the same."),
          db::column("depends_on_value", &Q::depends_on_value)
              .max_length(200)
              .label("has this answer")
              .help("The slug of one of its answers; 1 for a box that is ticked; else what is typed."),
          db::column("text_version", &Q::text_version)
              .minimum(1)
              .label("Version of the text")
              .help("Counts up with each change of the question's text."),
          db::column("sort_order", &Q::order).minimum(0).maximum(largest_integer).label("Order"),
          db::column("version", &Q::version).version(),
          db::column("created_at", &Q::created_at).created(),
          db::column("updated_at", &Q::updated_at).updated(),
      },
      db::Rules<Q>()
          .titled("Question", "Questions")
          .ordered_by("sort_order, id")
          .unique({"conference_id", "lower(slug)"}, "Another question has this slug.")
          .in_catalogue("conference_id")
          .must("minimum", limit_text, [](const Q& q) { return is_limit(q.kind, q.minimum); })
          .must("maximum", limit_text, [](const Q& q) { return is_limit(q.kind, q.maximum); })
          .must("maximum", "The most is less than the least.", are_in_order)
          .must("depends_on_value", "Say which answer the question depends on.",
                [](const Q& q) { return !q.depends_on_question_id || !q.depends_on_value.empty(); })
          .must("depends_on_question_id", "Choose the question that has to have this answer.",
                [](const Q& q) { return q.depends_on_question_id || q.depends_on_value.empty(); }));
  return table;
}

const db::Entity<QuestionOption>& question_option_table() {
  using O = QuestionOption;
  static const db::Entity<O> table(
      "question_option",
      {
          db::column("id", &O::id).generated_key(),
          db::column("question_id", &O::question_id).references("question", db::OnDelete::cascade).fixed(),
          db::column("slug", &O::slug)
              .required()
              .max_length(100)
              .format(db::TextFormat::slug)
              .help("What is stored and exported."),
          db::column("label", &O::label).required().max_length(200).label("Answer"),
          db::column("is_active", &O::is_active).label("Offered"),
          db::column("sort_order", &O::order).minimum(0).maximum(largest_integer).label("Order"),
          db::column("created_at", &O::created_at).created(),
          db::column("updated_at", &O::updated_at).updated(),
      },
      db::Rules<O>()
          .titled("Answer to choose", "Answers to choose")
          .ordered_by("sort_order, id")
          .unique({"question_id", "lower(slug)"}, "Another answer to this question has this slug.")
          .in_catalogue("question_id", "question"));
  return table;
}

const db::Entity<AnswerRow>& answer_table() {
  using A = AnswerRow;
  static const db::Entity<A> table(
      "answer",
      {
          db::column("id", &A::id).generated_key(),
          db::column("order_id", &A::order_id).references("orders", db::OnDelete::cascade).fixed(),
          db::column("position", &A::position)
              .minimum(0)
              .fixed()
              .label("Ticket")
              .help("0: the order itself."),
          db::column("question_id", &A::question_id).references("question").fixed(),
          db::column("value", &A::value).format(db::TextFormat::paragraph).personal().label("As stored"),
          db::column("shown", &A::shown).format(db::TextFormat::paragraph).personal().label("Answer"),
          db::column("question_text", &A::question_text).label("As it was asked"),
          db::column("text_version", &A::text_version).label("Version of the text"),
          db::column("answered_at", &A::answered_at).label("Answered"),
      },
      db::Rules<A>()
          .titled("Answer", "Answers")
          .ordered_by("order_id, position, question_id")
          .unique({"order_id", "position", "question_id"}));
  return table;
}

const db::Entity<AnswerEventRow>& answer_event_table() {
  using E = AnswerEventRow;
  static const db::Entity<E> table(
      "answer_event",
      {
          db::column("id", &E::id).generated_key(),
          db::column("order_id", &E::order_id).references("orders", db::OnDelete::cascade).fixed(),
          db::column("position", &E::position).fixed().label("Ticket").help("0: the order itself."),
          db::column("created_at", &E::created_at).created(),
          db::column("actor", &E::actor).label("Who"),
          db::column("detail", &E::detail).label("Questions"),
      },
      db::Rules<E>().titled("Change of answers", "Changes of answers").ordered_by("id"));
  return table;
}

const db::Entity<AnswerFile>& answer_file_table() {
  using F = AnswerFile;
  static const db::Entity<F> table(
      "answer_file",
      {
          db::column("id", &F::id).generated_key(),
          db::column("conference_id", &F::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("question_id", &F::question_id).references("question").fixed(),
          db::column("order_id", &F::order_id).references("orders", db::OnDelete::set_null),
          db::column("position", &F::position).label("Ticket").help("0: the order itself."),
          db::column("handle", &F::handle).secret(),
          db::column("stored_name", &F::stored_name),
          db::column("name", &F::name).personal(),
          db::column("content_type", &F::content_type),
          db::column("size", &F::size).minimum(0),
          db::column("uploaded_by", &F::uploaded_by).secret(),
          db::column("keep_until", &F::keep_until).help("Empty: an answer keeps it."),
          db::column("created_at", &F::created_at).created(),
      },
      db::Rules<F>().titled("File", "Files").ordered_by("id").unique({"handle"}));
  return table;
}

}  // namespace plenary::registration
