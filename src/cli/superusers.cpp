// plenary createsuperuser and changepassword: asks, or takes --no-input with the password in the environment.
// No password is ever an argument of a command. source: ground rules 15, 1.3.
#include "cli/superusers.hpp"

#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <memory>
#include <optional>
#include <ostream>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "cli/audit.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/passwords.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/users.hpp"

namespace plenary::cli {
namespace {

constexpr const char* password_variable = "PLENARY_SUPERUSER_PASSWORD";

// The terminal shows nothing of what is typed while this lives.
class Unseen {
 public:
  Unseen() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~Unseen() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  bool is_terminal() const { return is_terminal_; }

 private:
  termios before_{};
  bool is_terminal_;
};

std::string asked(Context& context, std::string_view question) {
  context.out << question << ": " << std::flush;
  std::string line;
  if (!std::getline(std::cin, line))
    throw CommandFailed(
        fmt::format("Nothing was typed. Without a terminal use --no-input and {}.", password_variable));
  return std::string(trimmed(line));
}

std::string asked_unseen(Context& context, std::string_view question) {
  context.out << question << ": " << std::flush;
  std::string line;
  const Unseen unseen;
  if (!std::getline(std::cin, line))
    throw CommandFailed(
        fmt::format("Nothing was typed. Without a terminal use --no-input and {}.", password_variable));
  if (unseen.is_terminal()) context.out << '\n';
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::optional<std::string> problem_of(const std::string& password, const std::vector<std::string>& own) {
  const std::vector<std::string_view> views(own.begin(), own.end());
  if (const auto problem = accounts::password_problem(password, views)) return problem->message();
  return std::nullopt;
}

std::string new_password(Context& context, bool no_input, const std::vector<std::string>& own) {
  if (no_input) {
    const char* given = ::getenv(password_variable);
    if (!given || !*given)
      throw CommandFailed(
          fmt::format("--no-input takes the password from the environment: set {}.", password_variable));
    if (const auto problem = problem_of(given, own)) throw CommandFailed(*problem);
    return given;
  }
  while (true) {
    const std::string password = asked_unseen(context, "Password");
    if (const auto problem = problem_of(password, own)) {
      context.err << *problem << '\n';
      continue;
    }
    if (asked_unseen(context, "Password again") == password) return password;
    context.err << "The two are not the same. Once more:\n";
  }
}

struct Asked {
  std::string username, email, name;
  bool no_input = false;
};

void check_email(const std::string& email) {
  if (!email.empty() && !is_email(email))
    throw CommandFailed(
        fmt::format("\"{}\" is no e-mail address; expected something like name@example.com.", email));
}

void record_account(db::Tx& tx, const conference::Actor& actor, conference::AuditAction action,
                    const accounts::User& user, const std::vector<conference::AuditChange>& changes) {
  conference::record(tx, actor, action,
                     {std::nullopt, "user_account", std::to_string(user.id),
                      user.username.value_or(user.email), std::nullopt},
                     changes);
}

int create(Context& context, Asked asked_for) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  if (asked_for.no_input && asked_for.username.empty())
    throw WrongUsage("--no-input needs --username (and takes --email).");
  while (!asked_for.no_input && asked_for.username.empty()) {
    asked_for.username = asked(context, "User name");
    if (const auto problem = accounts::username_problem(asked_for.username)) {
      context.err << problem->message() << '\n';
      asked_for.username.clear();
    }
  }
  if (!asked_for.no_input && asked_for.email.empty())
    asked_for.email = asked(context, "E-mail address (may stay empty)");
  check_email(asked_for.email);
  if (const auto problem = accounts::username_problem(asked_for.username))
    throw CommandFailed(problem->message());
  const std::string password =
      new_password(context, asked_for.no_input, {asked_for.username, asked_for.email, asked_for.name});
  const accounts::NewSuperuser person{asked_for.username, asked_for.email, asked_for.name,
                                      accounts::hash_password(password)};
  const conference::Actor actor = command_actor();
  auto write = [&](db::Tx& tx) {
    const accounts::User made = accounts::create_superuser(tx, person);
    record_account(tx, actor, conference::AuditAction::add, made,
                   {{"is_superuser", "Superuser", "", "yes", {}, conference::audit_value("true")},
                    {"password_hash", "Password", "", "set"}});
  };
  database->write_now(db::global_lane, "create superuser", write);
  context.out << fmt::format("The superuser {} was made.\n", person.username);
  return done;
}

int change(Context& context, const std::string& who, bool no_input) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  auto find = [&](db::Tx& tx) { return accounts::find_for_sign_in(tx, who); };
  const std::optional<accounts::User> user = database->read_now(find);
  if (!user) throw CommandFailed(fmt::format("There is no account with a password named \"{}\".", who));
  const std::string hash = accounts::hash_password(
      new_password(context, no_input, {user->username.value_or(""), user->email, user->name}));
  const conference::Actor actor = command_actor();
  auto write = [&](db::Tx& tx) {
    accounts::set_password(tx, user->id, hash);
    accounts::void_links(tx, accounts::LinkKind::reset, user->id);
    record_account(tx, actor, conference::AuditAction::change, *user,
                   {{"password_hash", "Password", "set", "set anew"}});
    return accounts::end_sessions(tx, user->id);
  };
  const std::int64_t ended = database->write_now(db::global_lane, "change password", write);
  context.out << fmt::format("The password was changed; {} session{} ended.\n", ended, ended == 1 ? "" : "s");
  return done;
}

}  // namespace

std::string how_to_begin(db::Database& database, const SigningKey& link_key, Random& random,
                         const std::string& base, bool is_development) {
  auto find = [](db::Tx& tx) { return accounts::has_superuser(tx); };
  if (database.read_now(find)) return {};
  if (is_development)
    return "Nobody can sign in as a superuser yet: plenary createsuperuser makes the account.\n";
  const accounts::LinkSecret secret = accounts::new_link_secret(random, link_key, accounts::LinkKind::set_up);
  auto write = [&](db::Tx& tx) {
    accounts::Link link;
    link.kind = accounts::LinkKind::set_up;
    accounts::create_link(tx, secret, link);
  };
  database.write_now(db::global_lane, "set-up link", write);
  return fmt::format(
      "Nobody manages this server yet. Whoever opens this link first, within one hour, becomes its "
      "superuser:\n"
      "  {}/accounts/setup/{}/\n",
      base,
      accounts::account_link_token(link_key, accounts::to_text(accounts::LinkKind::set_up), secret.nonce));
}

void add_superusers(CLI::App& app, Context& context) {
  auto asked_for = std::make_shared<Asked>();
  CLI::App* create_command = app.add_subcommand("createsuperuser", "Make an account that may do everything");
  create_command->add_option("--username", asked_for->username, "Letters, digits and . + - _");
  create_command->add_option("--email", asked_for->email, "For a forgotten password");
  create_command->add_option("--name", asked_for->name, "As it is shown");
  create_command->add_flag("--no-input,--noinput", asked_for->no_input,
                           "Ask nothing; the password is in PLENARY_SUPERUSER_PASSWORD");
  create_command->callback([&context, asked_for] {
    context.action = [&context, asked_for] { return create(context, *asked_for); };
  });

  auto who = std::make_shared<std::string>();
  auto no_input = std::make_shared<bool>(false);
  CLI::App* change_command = app.add_subcommand("changepassword", "Set a new password for an account");
  change_command->add_option("user", *who, "User name or e-mail address")->required();
  change_command->add_flag("--no-input,--noinput", *no_input,
                           "Ask nothing; the password is in PLENARY_SUPERUSER_PASSWORD");
  change_command->callback([&context, who, no_input] {
    context.action = [&context, who, no_input] { return change(context, *who, *no_input); };
  });
}

}  // namespace plenary::cli
