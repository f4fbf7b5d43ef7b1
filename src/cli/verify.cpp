// plenary verify stock | ledger: recounts every stock row from orders, carts and holds; the ledger from
// orders, payments, refunds and credits. Exit code 1 when a count is wrong, with every fault on a line; a
// limit below what is sold is a remark. Reads only. source: docs/transactions.md, section 4;
// docs/payments.md.
#include <memory>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/stored_places.hpp"

namespace plenary::cli {
namespace {

using Count = Recount (*)(db::Database&, const std::string& slug);

int verify(Context& context, const std::string& slug, Count count) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const auto [looked_at, faults, remarks] = count(*database, slug);
  for (const std::string& fault : faults) context.out << fault << '\n';
  for (const std::string& remark : remarks) context.out << "Remark: " << remark << '\n';
  if (looked_at == 0 && !slug.empty()) throw CommandFailed(fmt::format("There is no conference {}.", slug));
  context.out << fmt::format(
      "{} conference{} recounted: {}.\n", looked_at, looked_at == 1 ? "" : "s",
      faults.empty() ? std::string("every count agrees") : fmt::format("{} wrong", faults.size()));
  return faults.empty() ? done : refused;
}

}  // namespace

void add_verify(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("verify", "Recount what is stored");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, Count count) {
    CLI::App* part = command->add_subcommand(name, what);
    auto slug = std::make_shared<std::string>();
    part->add_option("--conference", *slug, "Only this conference")->type_name("SLUG");
    part->callback([&context, slug, count] {
      context.action = [&context, slug, count] { return verify(context, *slug, count); };
    });
  };
  add("stock", "Recount stock from orders, carts and holds", recount_stock);
  add("ledger", "Recount the ledger from orders, payments, refunds and credits", recount_ledger);
}

}  // namespace plenary::cli
