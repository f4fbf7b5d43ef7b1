// plenary verify stock: recounts every stock row from orders, carts and holds. Exit code 1 when a count is
// wrong, with every fault on a line. Reads only. source: docs/transactions.md, section 4.
#include <memory>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/slug.hpp"
#include "cli/commands.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/stock.hpp"

namespace plenary::cli {
namespace {

int verify_stock(Context& context, const std::string& slug) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  auto list = [](db::Tx& tx) { return conference::list_keys(tx); };
  int looked_at = 0, faults = 0;
  for (const conference::ConferenceKey& key : database->read_now(list)) {
    if (!slug.empty() && slug_key(slug) != slug_key(key.slug)) continue;
    ++looked_at;
    auto count = [&](db::Tx& tx) { return registration::verify_stock(tx, key.id); };
    for (const registration::StockFault& fault : database->read_now(count)) {
      context.out << fmt::format("{}: {}\n", key.slug, fault.what);
      ++faults;
    }
  }
  if (looked_at == 0 && !slug.empty()) throw CommandFailed(fmt::format("There is no conference {}.", slug));
  context.out << fmt::format(
      "{} conference{} recounted: {}.\n", looked_at, looked_at == 1 ? "" : "s",
      faults == 0 ? std::string("every count agrees") : fmt::format("{} wrong", faults));
  return faults == 0 ? done : refused;
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
