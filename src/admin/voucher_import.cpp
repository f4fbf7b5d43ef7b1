// Vouchers as a table, in and out: what is wrong with a file, what it would change, and then doing it; all
// of it checked again in each write, since the page only carries the file's text to and fro.
#include <algorithm>

#include <fmt/format.h>

#include "admin/desk.hpp"
#include "admin/tools.hpp"
#include "base/text.hpp"
#include "domain/accounts/submissions.hpp"
#include "i18n/formats.hpp"
#include "site/page.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::admin {
namespace {

using registration::ExistingCodes;
using registration::SheetPlan;
using registration::SheetProblem;
using registration::VoucherSheet;
using templating::Value;

constexpr std::size_t shown_problems = 200, shown_vouchers = 20;
constexpr std::size_t part_bytes = 200'000;  // of what one hidden field carries

struct Asked {
  std::int64_t conference = 0;
  ExistingCodes existing = ExistingCodes::refuse;
  std::string text;  // of the file, as UTF-8
  bool confirmed = false;
};

// Line ends do not survive a form: browsers write their own.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else
      out += c;
  }
  return out;
}
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[++i];
    out += next == 'n' ? '\n' : next == 'r' ? '\r' : next;
  }
  return out;
}

// In pieces that end between characters.
std::vector<Value> parts_of(const std::string& text) {
  std::vector<Value> parts;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(at + part_bytes, text.size());
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    parts.push_back(Value(text.substr(at, end - at)));
    at = end;
  }
  return parts;
}

struct ImportPage {
  std::vector<std::pair<std::int64_t, std::string>> conferences;
  Asked asked;
  std::optional<VoucherSheet> sheet;
  SheetPlan plan;
  std::string problem;  // of the form itself
};

std::string line_text(const web::Request& request, const SheetProblem& problem) {
  return site::tr(request, problem.text, problem.arguments);
}

Value problems_value(const web::Request& request, const ImportPage& shown) {
  // Those of the file as a whole and those of its rows, as they stand in it.
  std::vector<const SheetProblem*> problems;
  for (const SheetProblem& problem : shown.sheet->problems) problems.push_back(&problem);
  for (const SheetProblem& problem : shown.plan.problems) problems.push_back(&problem);
  std::stable_sort(problems.begin(), problems.end(),
                   [](const auto* a, const auto* b) { return a->line < b->line; });
  if (problems.size() > shown_problems) problems.resize(shown_problems);
  std::vector<Value> list;
  for (const SheetProblem* problem : problems)
    list.push_back(Value::dict({{"line", Value(static_cast<std::int64_t>(problem->line))},
                                {"column", Value(problem->column)},
                                {"text", Value(line_text(request, *problem))}}));
  return Value::list(std::move(list));
}

Value vouchers_value(const web::Request& request, const SheetPlan& plan) {
  std::vector<Value> list;
  for (const registration::PlannedVoucher& planned : plan.vouchers) {
    if (list.size() == shown_vouchers) break;
    if (planned.voucher.id != 0 && planned.changes.empty()) continue;
    std::vector<Value> changes;
    for (const conference::AuditChange& change : planned.changes)
      changes.push_back(Value::dict({{"label", Value(site::tr(request, change.label))},
                                     {"old", Value(change.old_text)},
                                     {"new", Value(change.new_text)}}));
    list.push_back(Value::dict({{"code", Value(planned.voucher.code)},
                                {"is_new", planned.voucher.id == 0},
                                {"changes", Value::list(std::move(changes))}}));
  }
  return Value::list(std::move(list));
}

web::Response import_page(Site& site, web::Request& request, const ImportPage& shown, int status) {
  const std::string_view language = site::language_of(request);
  site::Page page(site, request, "admin/voucher_import.html");
  frame(page, site::tr(request, message("Import vouchers")), {crumb(request, voucher_model())});
  std::vector<Value> conferences;
  for (const auto& [id, name] : shown.conferences)
    conferences.push_back(
        Value::dict({{"id", Value(id)}, {"name", Value(name)}, {"is_chosen", id == shown.asked.conference}}));
  std::string columns;
  for (const std::string& column : registration::sheet_columns())
    columns += (columns.empty() ? "" : ", ") + column;
  const std::string list = list_url(voucher_model());
  page.set("conferences", Value::list(std::move(conferences)))
      .set("action", Value(list + "import/"))
      .set("sheet_url", Value(list + "sheet/"))
      .set("list_url", Value(list))
      .set("columns", Value(columns))
      .set("most", Value(i18n::number(language, static_cast<std::int64_t>(registration::most_sheet_rows))))
      .set("updates", Value(shown.asked.existing == ExistingCodes::update))
      .set("is_checked", Value(shown.sheet.has_value()));
  std::vector<site::Fault> faults;
  if (!shown.problem.empty()) faults.push_back({"file", shown.problem});
  if (shown.sheet) {
    const std::size_t problems = shown.sheet->problems.size() + shown.plan.problems.size();
    const char separator = shown.sheet->separator;
    page.set("problems", problems_value(request, shown))
        .set("problem_count", Value(static_cast<std::int64_t>(problems)))
        .set("more_problems",
             Value(static_cast<std::int64_t>(problems > shown_problems ? problems - shown_problems : 0)))
        .set("row_count", Value(static_cast<std::int64_t>(shown.sheet->rows.size())))
        .set("separator", Value(site::tr(request, separator == ';'    ? message("semicolon")
                                                  : separator == '\t' ? message("tab")
                                                                      : message("comma"))))
        .set("encoding", Value(std::string(name_of(shown.sheet->encoding))))
        .set("added", Value(shown.plan.added))
        .set("changed", Value(shown.plan.changed))
        .set("unchanged", Value(shown.plan.unchanged))
        .set("vouchers", vouchers_value(request, shown.plan))
        .set("may_import", Value(problems == 0 && shown.plan.added + shown.plan.changed > 0))
        .set("conference_id", Value(shown.asked.conference))
        .set("parts", problems == 0 ? Value::list(parts_of(escaped(shown.asked.text))) : Value())
        .set("submission", Value(site::new_submission(request)));
    if (problems != 0)
      faults.push_back(
          {"", site::tr_n(request, "The file has {count} problem. Nothing was changed.",
                          "The file has {count} problems. Nothing was changed.",
                          static_cast<std::int64_t>(problems),
                          {{"count", i18n::number(language, static_cast<std::int64_t>(problems))}})});
  }
  page.faults(std::move(faults));
  return std::move(page.html(status).personal());
}

// What the file comes to, in reads that stay short.
SheetPlan plan_of(Site& site, const VoucherSheet& sheet, const Asked& asked) {
  SheetPlan plan;
  for (std::size_t at = 0; at < sheet.rows.size(); at += registration::sheet_look) {
    const std::span<const CsvRow> rows =
        std::span(sheet.rows).subspan(at, std::min(registration::sheet_look, sheet.rows.size() - at));
    auto look = [&](db::Tx& tx) {
      return registration::plan_rows(tx, sheet_terms(tx, site, asked.conference), sheet, rows,
                                     asked.existing);
    };
    plan.add(site.db.read_now(look));
  }
  return plan;
}

// Whoever may only add vouchers changes none by their codes, and is not shown what they are.
void require_import(const Person& person, const Asked& asked) {
  require(person, voucher_model(), Right::add, asked.conference);
  if (asked.existing == ExistingCodes::update)
    require(person, voucher_model(), Right::change, asked.conference);
}

// Piece by piece; what a refusal leaves undone is told with what was done before it.
struct Written {
  std::int64_t added = 0, changed = 0;
  std::optional<Refused> refused;
  bool repeated = false;
};
Task<Written> write(Site& site, web::Request& request, const VoucherSheet& sheet, const Asked& asked) {
  Written written;
  const conference::Actor actor = actor_of(request);
  const auto submission = site::Submission::of(request, site.link_key);
  const std::string token = submission ? submission->hash() : std::string();
  for (std::size_t at = 0; at < sheet.rows.size() && !written.refused && !written.repeated;
       at += registration::sheet_piece) {
    const std::span<const CsvRow> rows =
        std::span(sheet.rows).subspan(at, std::min(registration::sheet_piece, sheet.rows.size() - at));
    const bool is_first = at == 0;
    auto fn = [&](db::Tx& tx) -> std::optional<SheetPlan> {
      if (is_first && !token.empty() && accounts::first_result(tx, token)) return std::nullopt;
      require_import(person_now(tx, actor.user_id), asked);
      SheetPlan plan = registration::write_rows(tx, sheet_terms(tx, site, asked.conference), sheet, rows,
                                                asked.existing, actor);
      if (is_first && !token.empty())
        accounts::record_result(tx, token, asked.conference, "vouchers", "import",
                                tx.now() + accounts::submission_life);
      return plan;
    };
    try {
      const std::optional<SheetPlan> plan = co_await site.db.write(asked.conference, "import vouchers", fn);
      written.repeated = !plan;
      if (plan) {
        written.added += plan->added;
        written.changed += plan->changed;
      }
    } catch (const Refused& refused) {
      written.refused = refused;
    }
  }
  co_return written;
}

Asked asked_of(web::Request& request) {
  const web::FormData& posted = request.form();
  Asked asked;
  asked.conference = number_in(posted["conference_id"]).value_or(0);
  asked.existing = posted["existing"] == "update" ? ExistingCodes::update : ExistingCodes::refuse;
  asked.confirmed = posted.has("part-0");
  if (asked.confirmed) {
    std::string text;
    for (int i = 0; posted.has(fmt::format("part-{}", i)); ++i) text += posted[fmt::format("part-{}", i)];
    asked.text = unescaped(text);
  } else if (const web::UploadedFile* file = posted.file("file")) {
    asked.text = std::string(file->bytes);
  }
  return asked;
}

}  // namespace

Task<web::Response> import_vouchers(Site& site, web::Request& request) {
  const Person person = person_of(request);
  ImportPage shown;
  auto known = [&](db::Tx& tx) { return conferences_for(tx, person, Right::add); };
  shown.conferences = co_await read(site, request, known);
  if (!Access(person, voucher_model()).somewhere(Right::add)) {
    if (!person.rights.any_role()) throw NotFound("no role");
    forbid();
  }
  if (!request.is(web::Method::post)) {
    shown.asked.conference = number_in(request.query("conference_id").value_or("")).value_or(0);
    co_return import_page(site, request, shown, 200);
  }
  shown.asked = asked_of(request);
  const bool is_known = std::any_of(shown.conferences.begin(), shown.conferences.end(),
                                    [&](const auto& one) { return one.first == shown.asked.conference; });
  if (!is_known || shown.asked.text.empty()) {
    shown.problem = site::tr(request, is_known ? message("Choose a file.") : message("Choose a conference."));
    co_return import_page(site, request, shown, 422);
  }
  require_import(person, shown.asked);
  auto check = [&] {
    shown.sheet = registration::read_sheet(shown.asked.text);
    if (shown.sheet->problems.empty() || !shown.sheet->columns.empty())
      shown.plan = plan_of(site, *shown.sheet, shown.asked);
    return 0;
  };
  if (Pool* pool = request.services().pool) {
    co_await pool->run(check);
  } else {
    check();
  }
  const bool is_fine = shown.sheet->problems.empty() && shown.plan.problems.empty();
  if (!shown.asked.confirmed) {
    // From here on it travels as UTF-8.
    if (is_fine) shown.asked.text = decoded_text(shown.asked.text).text;
    co_return import_page(site, request, shown, is_fine ? 200 : 422);
  }
  Written written;
  if (is_fine) {
    written = co_await write(site, request, *shown.sheet, shown.asked);
  } else {
    const auto submission = site::Submission::of(request, site.link_key);
    auto look = [&](db::Tx& tx) {
      return submission && accounts::first_result(tx, submission->hash()).has_value();
    };
    written.repeated = co_await site.db.read(look);
    if (!written.repeated) co_return import_page(site, request, shown, 409);
  }
  const std::string_view language = site::language_of(request);
  const Refused::Arguments counts{{"added", i18n::number(language, written.added)},
                                  {"changed", i18n::number(language, written.changed)}};
  if (written.repeated) {
    web::flash(request, "success",
               site::tr(request, message("It was saved already; nothing was done twice.")));
  } else if (written.refused) {
    web::flash(
        request, "error",
        site::tr(request,
                 message("Somebody changed something meanwhile. {added} vouchers were added and {changed} "
                         "changed; the rest was not: import the file once more, updating what is there."),
                 counts) +
            " " + site::tr(request, written.refused->text(), written.refused->arguments()));
  } else {
    web::flash(request, "success",
               site::tr(request, message("{added} vouchers were added, {changed} were changed."), counts));
  }
  co_return web::Response::redirect(
      fmt::format("{}?conference_id={}", list_url(voucher_model()), shown.asked.conference));
}

Task<web::Response> download_vouchers(Site& site, web::Request& request) {
  const Person person = person_of(request);
  const std::optional<std::int64_t> conference = number_in(request.query("conference_id").value_or(""));
  const std::optional<std::int64_t> batch = number_in(request.query("batch").value_or(""));
  if (!conference) {
    if (!Access(person, voucher_model()).somewhere(Right::take_out) && person.rights.any_role()) forbid();
    throw NotFound("no conference was named");
  }
  auto look = [&](db::Tx& tx) {
    const registration::SheetTerms terms = sheet_terms(tx, site, *conference);
    require(person, voucher_model(), Right::take_out, *conference);
    return terms;
  };
  const registration::SheetTerms terms = co_await read(site, request, look);
  db::Database& database = site.db;
  web::Response response = web::Response::stream(
      "text/csv; charset=utf-8", [&database, terms, batch](web::BodyWriter& body) -> Task<void> {
        bool listens = co_await body.write(registration::sheet_head());
        for (registration::Id after = 0; listens;) {
          auto next = [&terms, &batch, after](db::Tx& tx) {
            return registration::sheet_lines(tx, terms, after, 500, batch);
          };
          registration::SheetLines lines = co_await database.read(next);
          if (lines.last == 0) co_return;
          after = lines.last;
          listens = co_await body.write(std::move(lines.text));
        }
      });
  response.set("Content-Disposition", batch ? fmt::format("attachment; filename=\"vouchers-{}.csv\"", *batch)
                                            : std::string("attachment; filename=\"vouchers.csv\""));
  response.personal();
  co_return response;
}

}  // namespace plenary::admin
