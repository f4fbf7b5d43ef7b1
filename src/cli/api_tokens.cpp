// plenary api-token create | list | revoke: tokens for programs that call the API, for whoever runs the
// server. A new one is printed once, alone on its line. source: docs/api.md.
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/codes.hpp"
#include "cli/audit.hpp"
#include "cli/commands.hpp"
#include "domain/accounts/api_tokens.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"

namespace plenary::cli {
namespace {

struct Wanted {
  std::string owner, name, conference;
  std::vector<std::string> scopes;
  std::int64_t days = 0;  // 0: it does not end
};

std::string joined_scopes() {
  std::string text;
  for (const accounts::ApiScope& scope : accounts::api_scopes())
    text += (text.empty() ? "" : ", ") + std::string(scope.name);
  return text;
}

conference::AuditObject object_of(const accounts::ApiToken& token) {
  conference::AuditObject object;
  object.conference_id = token.conference_id;
  object.entity = "api_token";
  object.id = std::to_string(token.id);
  object.name = token.name;
  return object;
}

int create(Context& context, const Wanted& wanted) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const accounts::ApiTokenText text = accounts::new_api_token(Random::system());
  const conference::Actor actor = command_actor();
  auto write = [&](db::Tx& tx) {
    const std::optional<accounts::User> owner = accounts::find_for_sign_in(tx, wanted.owner);
    if (!owner)
      throw CommandFailed(fmt::format("There is no account with a password named \"{}\".", wanted.owner));
    accounts::NewApiToken token;
    token.user_id = owner->id;
    token.name = wanted.name;
    token.scopes = wanted.scopes;
    if (!wanted.conference.empty()) {
      const auto state = conference::find_state(tx, wanted.conference);
      if (!state) throw CommandFailed(fmt::format("There is no conference \"{}\".", wanted.conference));
      token.conference_id = state->id;
    }
    if (wanted.days > 0) token.expires_at = tx.now() + Duration::days(wanted.days);
    std::string problems;
    for (const Refused& problem : accounts::check_api_token(token, tx.now()))
      problems += "\n  " + problem.message();
    if (!problems.empty())
      throw CommandFailed(fmt::format("No token was made:{}\nScopes: {}.", problems, joined_scopes()));
    const accounts::ApiToken made = accounts::create_api_token(tx, token, text);
    conference::record(tx, actor, conference::AuditAction::add, object_of(made),
                       {{"scopes", "Scopes", "", made.scopes}});
    return made;
  };
  const accounts::ApiToken made = database->write_now(db::global_lane, "create api token", write);
  context.err << fmt::format("Token \"{}\" ({}) for {}. It is shown this once; keep it like a password.\n",
                             made.name, made.scopes, wanted.owner);
  context.out << text.whole().reveal() << '\n';
  return done;
}

std::string_view state_of(const accounts::ApiToken& token, Instant now) {
  if (token.revoked_at) return "revoked";
  return token.is_valid(now) ? "valid" : "ended";
}

int list(Context& context) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  auto read = [&](db::Tx& tx) {
    std::string text;
    for (const accounts::ApiToken& token : accounts::all_api_tokens(tx)) {
      const auto owner = accounts::find_user(tx, token.user_id);
      const auto where =
          token.conference_id ? conference::find_state(tx, *token.conference_id) : std::nullopt;
      text += fmt::format(
          "{}  {:<8} {:<20} {:<20} {:<12} last used {:<20} {}\n", token.prefix, state_of(token, tx.now()),
          token.name, owner ? owner->username.value_or(owner->email) : std::string("-"),
          where ? where->slug : std::string("all"),
          token.last_used_at ? token.last_used_at->to_string() : std::string("never"), token.scopes);
    }
    return text;
  };
  const std::string text = database->read_now(read);
  context.out << (text.empty() ? "There is no token.\n" : text);
  return done;
}

int revoke(Context& context, const std::string& prefix) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const conference::Actor actor = command_actor();
  auto write = [&](db::Tx& tx) {
    const auto token = accounts::find_api_token_by_prefix(tx, prefix);
    if (!token)
      throw CommandFailed(
          fmt::format("There is no token \"{}\": `plenary api-token list` shows them.", prefix));
    if (!accounts::revoke_api_token(tx, token->id)) return false;
    conference::record(tx, actor, conference::AuditAction::change, object_of(*token),
                       {{"revoked_at", "Revoked", "", tx.now().to_string()}});
    return true;
  };
  context.out << (database->write_now(db::global_lane, "revoke api token", write)
                      ? "The token is revoked: its next call is refused.\n"
                      : "It was revoked before; nothing was changed.\n");
  return done;
}

}  // namespace

void add_api_tokens(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("api_token", "Tokens for programs that call the API");
  command->require_subcommand(1);
  auto wanted = std::make_shared<Wanted>();
  CLI::App* create_command = command->add_subcommand("create", "Make a token and print it, once");
  create_command
      ->add_option("owner", wanted->owner, "User name or e-mail address: it never does more than they may")
      ->required();
  create_command->add_option("--name", wanted->name, "What it is for")->required();
  create_command
      ->add_option("--scope", wanted->scopes, "What it may be used for, once for each: " + joined_scopes())
      ->required();
  create_command->add_option("--conference", wanted->conference,
                             "Only this one (slug); without it every one");
  create_command->add_option("--days", wanted->days, "How long it is valid; without it until it is revoked")
      ->check(CLI::Range(1, 3650));
  create_command->callback(
      [&context, wanted] { context.action = [&context, wanted] { return create(context, *wanted); }; });
  command->add_subcommand("list", "All tokens, without their secrets")->callback([&context] {
    context.action = [&context] { return list(context); };
  });
  auto prefix = std::make_shared<std::string>();
  CLI::App* revoke_command = command->add_subcommand("revoke", "Refuse a token from now on");
  revoke_command->add_option("token", *prefix, "The eight characters that it begins with, after plenary_")
      ->required();
  revoke_command->callback(
      [&context, prefix] { context.action = [&context, prefix] { return revoke(context, *prefix); }; });
}

}  // namespace plenary::cli
