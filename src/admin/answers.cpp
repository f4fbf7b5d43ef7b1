#include "admin/answers.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "admin/access.hpp"
#include "admin/export_formats.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/answer_sheet.hpp"
#include "site/text.hpp"

namespace plenary::admin {
namespace {

using registration::Question;
using registration::SheetRow;
using templating::Value;

const Model& answer_model() {
  return *model_of_table("answer");
}

struct ExportedConference {
  std::int64_t id = 0;
  std::string name, slug;
};

// Those whose answers this person may take out.
std::vector<ExportedConference> conferences_for(db::Tx& tx, const Reach& reach) {
  std::vector<ExportedConference> all;
  for (auto& [id, name, slug] : tx.query<std::int64_t, std::string, std::string>(
           "SELECT id, name, slug FROM conference ORDER BY start_date DESC, id DESC"))
    if (reach.has(id)) all.push_back({id, std::move(name), std::move(slug)});
  return all;
}

std::optional<ExportFormat> format_of(const web::Request& request) {
  const std::string_view name = request.query("format").value_or("csv");
  if (name == "csv") return request.query("bom") == "1" ? ExportFormat::csv_with_bom : ExportFormat::csv;
  if (name == "xlsx") return ExportFormat::xlsx;
  if (name == "json") return ExportFormat::json;
  return std::nullopt;
}

ExportCell text_cell(std::string value, std::string shown) {
  ExportCell cell;
  if (value.empty()) return cell;
  cell.kind = ExportCell::Kind::text;
  cell.value = std::move(value);
  cell.text = std::move(shown);
  return cell;
}
ExportCell text_cell(const std::string& text) {
  return text_cell(text, text);
}

class Sheet {
 public:
  Sheet(Site& site, const web::Request& request, std::int64_t conference, ExportFormat format)
      : site_(site), conference_(conference) {
    questions_ = site.db.read_now([&](db::Tx& tx) { return registration::every_question(tx, conference_); });
    const auto head = [&](const char* name, const char* label) {
      columns_.push_back({name, site::tr(request, label)});
    };
    head("order", message("Order"));
    head("status", message("Status"));
    head("buyer_name", message("Buyer"));
    head("buyer_email", message("Buyer's e-mail address"));
    head("position", message("Ticket"));
    head("ticket_type", message("Ticket type"));
    head("name", message("Name"));
    head("email", message("E-mail address"));
    for (const Question& question : questions_)
      columns_.push_back({"answer_" + question.slug, question.label});
    file_ = make_export(format, columns_, "answers");
  }

  // The next piece; false after the last one.
  bool read() {
    registration::SheetPiece piece = site_.db.read_now(
        [&](db::Tx& tx) { return registration::answer_sheet(tx, conference_, questions_, after_); });
    for (const SheetRow& row : piece.rows) add(row);
    after_ = piece.last_order;
    return !piece.is_last;
  }
  std::string take() { return file_->take(); }
  std::string finish() { return file_->finish(); }

 private:
  void add(const SheetRow& row) {
    std::vector<ExportCell> cells{text_cell(row.reference),
                                  text_cell(row.status),
                                  text_cell(row.buyer_name),
                                  text_cell(row.buyer_email),
                                  ExportCell{},
                                  text_cell(row.ticket_type),
                                  text_cell(row.holder_name),
                                  text_cell(row.holder_email)};
    if (row.position > 0) {
      cells[4].kind = ExportCell::Kind::integer;
      cells[4].integer = row.position;
    }
    for (std::size_t i = 0; i < questions_.size(); ++i)
      cells.push_back(text_cell(row.values[i], row.shown[i]));
    file_->add(cells);
  }

  Site& site_;
  std::int64_t conference_;
  std::vector<Question> questions_;
  std::vector<ExportColumn> columns_;
  std::unique_ptr<ExportFile> file_;
  registration::Id after_ = 0;
};

struct Job {
  std::shared_ptr<Sheet> sheet;
  Pool* pool = nullptr;
};

// Piece by piece: what was read is on its way before the next piece is.
Task<void> send(Job job, web::BodyWriter& out) {
  bool more = true;
  while (more) {
    auto read = [&] { return job.sheet->read(); };
    if (job.pool) {
      more = co_await job.pool->run(read);
    } else {
      more = read();
    }
    std::string bytes = job.sheet->take();
    if (bytes.empty()) continue;
    const bool goes_on = co_await out.write(std::move(bytes));
    if (!goes_on) co_return;
  }
  std::string rest = job.sheet->finish();
  co_await out.write(std::move(rest));
}

}  // namespace

Task<web::Response> show_answer_exports(Site& site, web::Request& request) {
  const Person person = person_of(request);
  const Reach reach = Access(person, answer_model()).reach(Right::take_out);
  if (reach.is_empty()) forbid();
  auto fn = [&](db::Tx& tx) { return conferences_for(tx, reach); };
  const std::vector<ExportedConference> conferences = co_await read(site, request, fn);
  site::Page page(site, request, "admin/answer_exports.html");
  frame(page, site::tr(request, message("Answers by ticket")), {crumb(request, answer_model())});
  std::vector<Value> list;
  for (const ExportedConference& one : conferences)
    list.push_back(Value::dict(
        {{"name", Value(one.name)},
         {"url", Value(fmt::format("{}by-ticket/{}/?format=", list_url(answer_model()), one.id))}}));
  page.set("exports", Value::list(std::move(list)));
  co_return std::move(page.html().personal());
}

Task<web::Response> export_answers(Site& site, web::Request& request) {
  const std::int64_t conference = request.param_int("conference_id");
  require(person_of(request), answer_model(), Right::take_out, conference);
  const std::optional<ExportFormat> format = format_of(request);
  if (!format) throw NotFound("no such format of an export");
  Job job;
  job.pool = request.services().pool;
  auto open = [&] { return std::make_shared<Sheet>(site, request, conference, *format); };
  if (job.pool) {
    job.sheet = co_await job.pool->run(open);
  } else {
    job.sheet = open();
  }
  const std::string today = TimeZone::utc().local(request.context<site::Visit>().now).date.to_string();
  const std::string name = fmt::format("answers-{}.{}", today, ending_of(*format));
  web::Response response = web::Response::attachment({}, std::string(content_type_of(*format)), name);
  response.stream_writer = [job](web::BodyWriter& out) { return send(job, out); };
  response.personal();
  co_return response;
}

Task<web::Response> send_answer_file(Site& site, web::Request& request) {
  const std::int64_t id = request.param_int("file");
  const Person person = person_of(request);
  auto find = [&](db::Tx& tx) { return registration::find_answer_file(tx, id); };
  const std::optional<registration::AnswerFile> file = co_await read(site, request, find);
  if (!file) {
    if (!Access(person, *model_of_table("answer_file")).somewhere(Right::view)) forbid();
    throw NotFound("no such file");
  }
  require(person, *model_of_table("answer_file"), Right::view, file->conference_id);
  const auto media = site.settings.base_directory / site.settings.server.media_dir;
  auto load = [&] { return registration::read_answer_file(media, file->stored_name); };
  std::string bytes;
  if (Pool* pool = request.services().pool) {
    bytes = co_await pool->run(load);
  } else {
    bytes = load();
  }
  co_return std::move(web::Response::attachment(std::move(bytes), file->content_type, file->name).personal());
}

}  // namespace plenary::admin
