// plenary vouchers generate | export | import: many codes at once, and vouchers as a table for a spreadsheet.
// What a server beside it does meanwhile goes on: everything is written in pieces. source: registration 20,
// 5.4 and D13.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "cli/audit.hpp"
#include "cli/commands.hpp"
#include "cli/output_file.hpp"
#include "config/settings.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/currency.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/voucher_batches.hpp"
#include "domain/registration/voucher_sheet.hpp"

namespace plenary::cli {
namespace {

using registration::SheetPlan;
using registration::SheetProblem;
using registration::SheetTerms;

constexpr std::size_t told_problems = 50;

struct Options {
  std::string slug;
  // generate
  std::string prefix, type = "comp", percent, amount;
  std::vector<std::string> tickets, addons;
  std::int64_t count = 0, max_uses = 1, max_units = 1;
  bool unlocks = false;
  // export and import
  std::filesystem::path file;
  bool force = false, update = false, dry_run = false;
};

// The conference named, or the only one there is.
SheetTerms terms_of(Context& context, db::Database& database, const std::string& slug) {
  return database.read_now([&](db::Tx& tx) -> SheetTerms {
    const std::vector<conference::ConferenceKey> all = conference::list_keys(tx);
    std::string known, name = slug;
    for (const auto& key : all) known += (known.empty() ? "" : ", ") + key.slug;
    if (name.empty() && all.size() == 1) name = all.front().slug;
    if (name.empty()) throw WrongUsage("Which conference? Add --conference with one of: " + known);
    const auto found = conference::find(tx, name);
    if (!found)
      throw CommandFailed(fmt::format("There is no conference \"{}\". Conferences: {}.", name,
                                      known.empty() ? "none" : known));
    return {found->id, conference::currency_of(found->currency, context.settings().program),
            TimeZone::find(found->timezone).value_or(TimeZone::utc()),
            context.settings().server.base_url() + "/" + found->slug + "/register/"};
  });
}

[[noreturn]] void fail(const Refused& refused) {
  throw CommandFailed(refused.message());
}

// A voucher as one row of a table says it: the same words, the same rules.
registration::VoucherModel model_of(db::Database& database, const SheetTerms& terms, const Options& options) {
  const auto words = [](const std::vector<std::string>& slugs) {
    std::string text;
    for (const std::string& slug : slugs) text += (text.empty() ? "" : " ") + slug;
    return text.empty() ? "all" : text;
  };
  std::string table = "code,type,percent,amount,tickets,addons,max_uses,max_units,unlocks_hidden_tickets\n";
  table += csv_line({"MODEL-OF-A-BATCH", options.type, options.percent, options.amount,
                     words(options.tickets), words(options.addons), std::to_string(options.max_uses),
                     options.max_units == 0 ? "" : std::to_string(options.max_units),
                     options.unlocks ? "yes" : "no"});
  const registration::VoucherSheet sheet = registration::read_sheet(table);
  const SheetPlan plan = database.read_now([&](db::Tx& tx) {
    return registration::plan_rows(tx, terms, sheet, sheet.rows, registration::ExistingCodes::update);
  });
  if (!plan.problems.empty()) {
    std::string text;
    for (const SheetProblem& problem : plan.problems)
      text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", problem.column, problem.message());
    throw CommandFailed(text);
  }
  registration::VoucherModel model{plan.vouchers.front().voucher, plan.vouchers.front().products};
  model.voucher.id = 0;
  return model;
}

int generate(Context& context, const Options& options) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const SheetTerms terms = terms_of(context, *database, options.slug);
  const registration::VoucherModel model = model_of(*database, terms, options);
  const conference::Actor actor = command_actor();
  registration::VoucherBatch batch;
  try {
    batch = database->write_now(terms.conference_id, "start voucher batch", [&](db::Tx& tx) {
      return registration::start_batch(tx, model, options.prefix, options.count, actor);
    });
  } catch (const Refused& refused) {
    fail(refused);
  }
  // A server on the same database may help: each piece is made once.
  registration::run_batch(*database, Random::system(), batch.id, [] { return true; });
  const auto made = database->read_now([&](db::Tx& tx) { return registration::find_batch(tx, batch.id); });
  if (!made || made->status != registration::BatchStatus::done)
    throw CommandFailed(fmt::format("Batch {} stopped: {}", batch.id, made ? made->problem : "it is gone"));
  for (registration::Id after = 0;;) {
    const registration::SheetLines lines = database->read_now(
        [&](db::Tx& tx) { return registration::sheet_lines(tx, terms, after, 500, batch.id); });
    if (lines.last == 0) break;
    if (after == 0) context.out << registration::sheet_head();
    context.out << lines.text;
    after = lines.last;
  }
  context.out << std::flush;
  context.err << fmt::format("Made {} vouchers, batch {}.\n", made->made, made->id);
  return done;
}

int export_to(Context& context, const Options& options) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const SheetTerms terms = terms_of(context, *database, options.slug);
  std::string text = registration::sheet_head();
  for (registration::Id after = 0;;) {
    registration::SheetLines lines = database->read_now(
        [&](db::Tx& tx) { return registration::sheet_lines(tx, terms, after, 500, std::nullopt); });
    if (lines.last == 0) break;
    after = lines.last;
    text += lines.text;
    if (options.file.empty()) {
      context.out << text;
      text.clear();
    }
  }
  if (options.file.empty()) {
    context.out << text << std::flush;
  } else {
    write_output(options.file, text, options.force, Readable::by_owner);
    context.err << fmt::format("Wrote {}.\n", options.file.string());
  }
  return done;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw CommandFailed(fmt::format("{}: cannot be read", path.string()));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int import_from(Context& context, const Options& options) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const SheetTerms terms = terms_of(context, *database, options.slug);
  const registration::VoucherSheet sheet = registration::read_sheet(bytes_of(options.file));
  const auto existing =
      options.update ? registration::ExistingCodes::update : registration::ExistingCodes::refuse;
  const auto piece = [&](std::size_t at, std::size_t size) {
    return std::span(sheet.rows).subspan(at, std::min(size, sheet.rows.size() - at));
  };
  SheetPlan plan;
  plan.problems = sheet.problems;
  const bool has_head = std::find(sheet.columns.begin(), sheet.columns.end(), "code") != sheet.columns.end();
  for (std::size_t at = 0; has_head && at < sheet.rows.size(); at += registration::sheet_look)
    plan.add(database->read_now([&](db::Tx& tx) {
      return registration::plan_rows(tx, terms, sheet, piece(at, registration::sheet_look), existing);
    }));
  if (!plan.problems.empty()) {
    for (std::size_t i = 0; i < plan.problems.size() && i < told_problems; ++i) {
      const SheetProblem& problem = plan.problems[i];
      context.err << fmt::format("{}:{}: {}{}{}\n", options.file.string(), problem.line, problem.column,
                                 problem.column.empty() ? "" : ": ", problem.message());
    }
    throw CommandFailed(fmt::format("{} problems; nothing was changed.", plan.problems.size()));
  }
  if (options.dry_run) {
    context.out << fmt::format("{} would be added, {} changed, {} stay as they are.\n", plan.added,
                               plan.changed, plan.unchanged);
    return done;
  }
  const conference::Actor actor = command_actor();
  SheetPlan written;
  try {
    for (std::size_t at = 0; at < sheet.rows.size(); at += registration::sheet_piece)
      written.add(database->write_now(terms.conference_id, "import vouchers", [&](db::Tx& tx) {
        return registration::write_rows(tx, terms, sheet, piece(at, registration::sheet_piece), existing,
                                        actor);
      }));
  } catch (const Refused& refused) {
    throw CommandFailed(
        fmt::format("Somebody changed something meanwhile; {} added, {} changed before that. {}",
                    written.added, written.changed, refused.message()));
  }
  context.out << fmt::format("{} added, {} changed, {} as they were.\n", written.added, written.changed,
                             written.unchanged);
  return done;
}

}  // namespace

void add_vouchers(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("vouchers", "Make many vouchers, or take them out and in as a table");
  command->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  const auto conference = [&](CLI::App* one) {
    one->add_option("--conference", options->slug, "Slug; may be left out when there is only one")
        ->type_name("SLUG");
  };

  CLI::App* making = command->add_subcommand("generate",
                                             "Make vouchers that are alike; their table goes to "
                                             "standard output");
  conference(making);
  making->add_option("--count", options->count, "How many, at most 10,000")->required();
  making->add_option("--prefix", options->prefix, "How each code begins: at most 20 characters");
  making->add_option("--type", options->type, "comp, percentage or fixed_amount")
      ->check(CLI::IsMember({"comp", "percentage", "fixed_amount"}));
  making->add_option("--percent", options->percent, "Of a percentage");
  making->add_option("--amount", options->amount, "Of a fixed amount, in the conference's currency");
  making->add_option("--ticket", options->tickets, "Only for these ticket types; \"none\" for none")
      ->type_name("SLUG");
  making->add_option("--addon", options->addons, "Only for these add-ons; \"none\" for none")
      ->type_name("SLUG");
  making->add_option("--max-uses", options->max_uses, "Orders for each code");
  making->add_option("--max-units", options->max_units, "Units that one use reaches; 0: all of them");
  making->add_flag("--unlocks", options->unlocks, "They unlock hidden tickets");
  making->callback(
      [&context, options] { context.action = [&context, options] { return generate(context, *options); }; });

  CLI::App* out = command->add_subcommand("export", "The vouchers of a conference as a table");
  conference(out);
  out->add_option("--output,-o", options->file, "Where to; without it standard output")->type_name("FILE");
  out->add_flag("--force", options->force, "Overwrite FILE");
  out->callback(
      [&context, options] { context.action = [&context, options] { return export_to(context, *options); }; });

  CLI::App* in =
      command->add_subcommand("import", "Vouchers from a table; with a problem in it nothing is changed");
  conference(in);
  in->add_option("file", options->file, "CSV")->required()->type_name("FILE");
  in->add_flag("--update", options->update,
               "Update codes that are there already; without it they are a problem");
  in->add_flag("--dry-run", options->dry_run, "Only say what it would do");
  in->callback([&context, options] {
    context.action = [&context, options] { return import_from(context, *options); };
  });
}

}  // namespace plenary::cli
