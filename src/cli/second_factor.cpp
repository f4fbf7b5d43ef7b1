// plenary second_factor reset: the way back in for somebody who has lost the phone and the recovery codes,
// for whoever runs the server. source: ground rules 15, 5.3.
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/audit.hpp"
#include "cli/commands.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::cli {
namespace {

int reset(Context& context, const std::string& who) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const conference::Actor actor = command_actor();
  auto write = [&](db::Tx& tx) -> std::optional<bool> {
    const std::optional<accounts::User> user = accounts::find_for_sign_in(tx, who);
    if (!user) return std::nullopt;
    if (!accounts::remove_second_factor(tx, user->id)) return false;
    accounts::end_sessions(tx, user->id);
    accounts::SignInEvent event;
    event.user_id = user->id;
    event.what = accounts::happened::factor_reset;
    accounts::record_sign_in_event(tx, event);
    accounts::mail_second_factor_changed(tx, user->id, "reset");
    conference::AuditObject object;
    object.entity = "user_account";
    object.id = std::to_string(user->id);
    object.name = user->username.value_or(user->email);
    conference::record(tx, actor, conference::AuditAction::change, object,
                       {{"second_factor", "Second factor", "set up", "removed"}});
    return true;
  };
  const std::optional<bool> removed = database->write_now(db::global_lane, "reset second factor", write);
  if (!removed) throw CommandFailed(fmt::format("There is no account with a password named \"{}\".", who));
  context.out << (*removed ? "The second factor was removed and every session ended; the person was told by "
                             "mail. The next sign-in asks for the password alone.\n"
                           : "This account has no second factor; nothing was changed.\n");
  return done;
}

}  // namespace

void add_second_factor(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("second_factor", "Second factors of accounts");
  command->require_subcommand(1);
  auto who = std::make_shared<std::string>();
  CLI::App* reset_command =
      command->add_subcommand("reset", "Remove the second factor of somebody who has lost it");
  reset_command->add_option("user", *who, "User name or e-mail address")->required();
  reset_command->callback(
      [&context, who] { context.action = [&context, who] { return reset(context, *who); }; });
}

}  // namespace plenary::cli
