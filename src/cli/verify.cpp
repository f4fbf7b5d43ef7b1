// plenary verify stock: recounts every stock row from orders, carts and holds. Exit code 1 when a count is
// wrong, with every fault on a line. Reads only. source: docs/transactions.md, section 4.
#include <memory>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/stored_places.hpp"

namespace plenary::cli {
namespace {

int verify_stock(Context& context, const std::string& slug) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const auto [looked_at, faults] = recount_stock(*database, slug);
  for (const std::string& fault : faults) context.out << fault << '\n';
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
  CLI::App* stock = command->add_subcommand("stock", "Recount stock from orders, carts and holds");
  auto slug = std::make_shared<std::string>();
  stock->add_option("--conference", *slug, "Only this conference")->type_name("SLUG");
  stock->callback(
      [&context, slug] { context.action = [&context, slug] { return verify_stock(context, *slug); }; });
}

}  // namespace plenary::cli
