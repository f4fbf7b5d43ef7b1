// plenary setup_groups [--verbosity N]: the ten groups with exactly their rights. Other groups, and who
// belongs to which, stay as they are. One write, recorded; running it again changes nothing. source:
// configuration 10, 8.5.
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "admin/permissions.hpp"
#include "cli/audit.hpp"
#include "cli/commands.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/permissions.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::cli {
namespace {

std::vector<std::string> rights_of_group(db::Tx& tx, std::string_view name) {
  const auto group = accounts::find_group(tx, name);
  return group ? accounts::permissions_of_group(tx, group->id) : std::vector<std::string>();
}

std::vector<accounts::GroupSetUp> set_up(db::Tx& tx) {
  std::vector<std::vector<std::string>> before;
  for (const accounts::StandardGroup& group : accounts::standard_groups())
    before.push_back(rights_of_group(tx, group.name));
  std::vector<accounts::GroupSetUp> report = accounts::set_up_groups(tx, admin::is_known);
  const conference::Actor actor = command_actor();
  for (std::size_t i = 0; i < report.size(); ++i) {
    const accounts::UserGroup group = accounts::find_group(tx, report[i].name).value();
    const std::vector<std::string> after = accounts::permissions_of_group(tx, group.id);
    if (!report[i].created && before[i] == after) continue;
    const conference::AuditObject object{std::nullopt, "user_group", std::to_string(group.id), group.name,
                                         group.version};
    conference::record(
        tx, actor, report[i].created ? conference::AuditAction::add : conference::AuditAction::change, object,
        {{"permissions", "What its members may do", fmt::format("{}", fmt::join(before[i], ", ")),
          fmt::format("{}", fmt::join(after, ", "))}});
  }
  return report;
}

int run_it(Context& context, int verbosity) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const auto report = database->write_now(db::global_lane, "setup_groups", set_up);
  std::size_t created = 0;
  for (const accounts::GroupSetUp& group : report) {
    created += group.created ? 1 : 0;
    if (!group.unknown.empty())
      context.err << fmt::format("Warning: {}: this server does not know {}, left out.\n", group.name,
                                 fmt::join(group.unknown, ", "));
    if (verbosity > 0)
      context.out << fmt::format("  {} {} ({} permissions)\n", group.created ? "Created" : "Updated",
                                 group.name, group.permissions);
  }
  if (verbosity > 0) context.out << fmt::format("Done: {} groups, {} of them new.\n", report.size(), created);
  return done;
}

}  // namespace

void add_setup_groups(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("setup_groups", "Make the ten standard groups, with exactly their rights");
  auto verbosity = std::make_shared<int>(1);
  command
      ->add_option("--verbosity,-v", *verbosity,
                   "0: only warnings; 1: each group and how many rights it has (usual)")
      ->check(CLI::Range(0, 3))
      ->type_name("N");
  command->callback([&context, verbosity] {
    context.action = [&context, verbosity] { return run_it(context, *verbosity); };
  });
}

}  // namespace plenary::cli
