// plenary invoices export: what bookkeeping gets of a seller's documents, as CSV or as DATEV's booking file.
// plenary invoices verify: numbers without gaps, sums, and every stored file against its hash; exit code 1
// where anything is wrong. source: taxes and invoices 25, 4; docs/invoices.md.
#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/errors.hpp"
#include "cli/commands.hpp"
#include "cli/output_file.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/invoicing/entities.hpp"
#include "domain/invoicing/exports.hpp"
#include "domain/invoicing/files.hpp"

namespace plenary::cli {
namespace {

struct Wanted {
  std::string seller, from, to, format = "csv", receivables = "10000", output;
  bool force = false;
};

Date day_of(const std::string& option, const std::string& text) {
  if (const auto day = Date::parse(text)) return *day;
  throw WrongUsage(fmt::format("{} \"{}\" is no day; expected is one such as 2027-01-31.", option, text));
}

conference::Seller find_seller(db::Database& database, const std::string& wanted) {
  auto read = [](db::Tx& tx) { return conference::seller_table().select(tx, "ORDER BY id"); };
  std::string known;
  for (conference::Seller& seller : database.read_now(read)) {
    if (seller.name == wanted || seller.invoice_prefix == wanted || std::to_string(seller.id) == wanted)
      return std::move(seller);
    known += fmt::format("\n  {}  {} ({})", seller.id, seller.name, seller.invoice_prefix);
  }
  throw CommandFailed(fmt::format("There is no seller {}. {}{}", wanted,
                                  known.empty() ? "There is none yet." : "There are:", known));
}

int export_books(Context& context, const Wanted& wanted) {
  invoicing::Period period;
  period.from = day_of("--from", wanted.from);
  period.to = day_of("--to", wanted.to);
  period.receivables = wanted.receivables;
  const auto format = wanted.format == "datev" ? invoicing::BookFormat::datev : invoicing::BookFormat::csv;
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const conference::Seller seller = find_seller(*database, wanted.seller);
  period.seller_id = seller.id;
  std::string bytes;
  auto now = [](db::Tx& tx) { return tx.now(); };
  try {
    const std::int64_t documents = invoicing::export_books(*database, period, format, database->read_now(now),
                                                           [&](std::string_view part) { bytes += part; });
    if (wanted.output == "-") {
      context.out << bytes;
      return done;
    }
    const std::string output =
        wanted.output.empty() ? invoicing::export_name(seller, period, format) : wanted.output;
    write_output(output, bytes, wanted.force, Readable::by_owner);
    context.out << fmt::format("{} document{} in {}.\n", documents, documents == 1 ? "" : "s", output);
  } catch (const Refused& refused) {
    throw CommandFailed(refused.message());
  }
  return done;
}

// By key, so that no statement runs long.
std::vector<std::string> wrong_files(db::Database& database, std::int64_t& looked_at) {
  std::vector<std::string> wrong;
  for (invoicing::Id after = 0;;) {
    auto read = [&](db::Tx& tx) {
      return invoicing::file_table().select(tx, "WHERE document_id > $1 ORDER BY document_id LIMIT 100",
                                            after);
    };
    const std::vector<invoicing::StoredFile> files = database.read_now(read);
    if (files.empty()) return wrong;
    for (const invoicing::StoredFile& file : files) {
      after = file.document_id;
      ++looked_at;
      try {
        invoicing::bytes_of(file);
      } catch (const std::runtime_error& error) {
        wrong.emplace_back(error.what());
      }
    }
  }
}

int verify(Context& context) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  auto read = [](db::Tx& tx) { return invoicing::faults(tx); };
  std::vector<std::string> wrong = database->read_now(read);
  std::int64_t files = 0;
  for (std::string& one : wrong_files(*database, files)) wrong.push_back(std::move(one));
  for (const std::string& one : wrong) context.out << one << '\n';
  auto waiting = [](db::Tx& tx) { return invoicing::problems(tx); };
  for (const invoicing::Due& due : database->read_now(waiting))
    context.out << fmt::format("waiting: order {}: {}\n", due.order_id, due.problem);
  context.out << fmt::format("{} files read: {}.\n", files,
                             wrong.empty() ? std::string("numbers, sums and files are as they were issued")
                                           : fmt::format("{} wrong", wrong.size()));
  return wrong.empty() ? done : refused;
}

}  // namespace

void add_invoices(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("invoices", "Invoices and credit notes: files for bookkeeping, checks");
  command->require_subcommand(1);
  CLI::App* books = command->add_subcommand("export", "Everything issued in a period, for bookkeeping");
  auto wanted = std::make_shared<Wanted>();
  books->add_option("--seller", wanted->seller, "Name, prefix of its invoices, or number")->required();
  books->add_option("--from", wanted->from, "First day of issue")->required()->type_name("DAY");
  books->add_option("--to", wanted->to, "Last day of issue")->required()->type_name("DAY");
  books->add_option("--format", wanted->format, "csv: a line for each tax rate; datev: the booking file")
      ->check(CLI::IsMember({"csv", "datev"}));
  books->add_option("--receivables", wanted->receivables, "DATEV: the account of the receivables");
  books->add_option("--output", wanted->output, "Instead of a name made of the period; -: to the terminal")
      ->type_name("FILE");
  books->add_flag("--force", wanted->force, "Overwrite the file");
  books->callback(
      [&context, wanted] { context.action = [&context, wanted] { return export_books(context, *wanted); }; });
  CLI::App* check =
      command->add_subcommand("verify", "Numbers without gaps, sums, and files against their hashes");
  check->callback([&context] { context.action = [&context] { return verify(context); }; });
}

}  // namespace plenary::cli
