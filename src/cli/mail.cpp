// plenary mail test ADDRESS: sends one mail now, the way [mail] says, and tells each step; plenary mail
// status: what waits, what was given up, and why. source: ground rules 15, 6.1.
#include <memory>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "domain/registration/catalogue.hpp"
#include "embed/key_file.hpp"
#include "i18n/languages.hpp"
#include "mail/renderer.hpp"
#include "mail/status.hpp"
#include "mail/transport.hpp"
#include "site/application.hpp"

namespace plenary::cli {
namespace {

constexpr std::int64_t most_dead_letters = 10;

// What a step is about, for whoever watches.
std::string step_text(net::SmtpStage stage, std::string_view text) {
  switch (stage) {
    case net::SmtpStage::connect:
      return fmt::format("Connecting to {}", text);
    case net::SmtpStage::greeting:
      return fmt::format("The server greets: {}", text);
    case net::SmtpStage::tls:
      return "Switching to an encrypted connection";
    case net::SmtpStage::sign_in:
      return "Signing in";
    case net::SmtpStage::sender:
      return "Naming the sender";
    case net::SmtpStage::recipient:
      return "Naming the recipient";
    case net::SmtpStage::content:
      return "Sending the message";
    case net::SmtpStage::done:
      return fmt::format("The server took it: {}", text);
  }
  return {};
}

int test(Context& context, const std::string& address, const std::string& language) {
  const config::Settings& settings = context.settings();
  if (!is_email(address)) {
    throw CommandFailed(
        fmt::format("\"{}\" is no e-mail address. Give one such as you@example.org.", address));
  }
  const i18n::Language* spoken = i18n::languages().find(language);
  if (!spoken) throw CommandFailed(fmt::format("There are no texts in the language \"{}\".", language));
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  registration::Catalogues catalogues(settings.program);
  const templating::Engine engine(site::engine_options(settings, context.extensions));
  const mail::Renderer renderer(
      {.db = *database,
       .engine = engine,
       .catalogues = catalogues,
       .settings = settings,
       .link_key = SigningKey(embed::load_key(settings, Random::system(), context.notice()), "site-links")});
  mail::Content content;
  content.message = mail::find_message("mail_test");
  content.to.email = address;
  content.language = spoken->code;
  content.now = context.clock() ? context.clock()->now() : Instant::system_now();
  const mail::Letter letter = renderer.render(content, "mail_test-" + random_token(Random::system()));

  const auto transport = mail::make_transport(settings);
  const net::SmtpResult result =
      transport->send(letter.mail, [&](net::SmtpStage stage, std::string_view text) {
        context.out << fmt::format("  {}\n", step_text(stage, text)) << std::flush;
      });
  if (!settings.mail.smtp_url) {
    context.out << fmt::format(
        "No [mail] smtp_url is set: the mail landed in {}.\n"
        "To send it for real, set smtp_url, and username and password where the server wants them.\n",
        result.detail);
    return done;
  }
  if (result.kind == net::SmtpResult::Kind::delivered) {
    context.out << fmt::format(
        "Sent from {}. Look into the inbox, and into the spam folder: what it means when it lands there is "
        "in "
        "docs/mail.md.\n",
        settings.mail.from);
    return done;
  }
  std::string message =
      fmt::format("Not sent. It ended at \"{}\"{}: {}.", net::to_text(result.stage),
                  result.code != 0 ? fmt::format(" with the answer {}", result.code) : "", result.detail);
  if (!result.advice.empty()) message += "\n" + result.advice;
  throw CommandFailed(message);
}

int show_status(Context& context) {
  const config::Settings& settings = context.settings();
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  auto look = [](db::Tx& tx) {
    return std::tuple(mail::status(tx), mail::stuck(tx), jobs::dead_letters(tx, 0, 200));
  };
  const auto [status, stuck, dead] = database->read_now(look);
  context.out << (settings.mail.smtp_url ? fmt::format("Mail goes out through {}.\n", *settings.mail.smtp_url)
                                         : fmt::format("Mail lands in {}.\n", settings.mail.folder.string()));
  context.out << fmt::format("Waiting: {}{}\n", status.waiting,
                             status.oldest ? ", the oldest since " + status.oldest->to_string() : "");
  context.out << fmt::format("Given up: {}\nRefused by the recipient's server: {}\n", status.dead,
                             status.refused);
  std::int64_t shown = 0;
  for (const jobs::Letter& letter : dead) {
    if (letter.kind != "mail" || shown == most_dead_letters) continue;
    ++shown;
    context.out << fmt::format("  {} ({}, {} {}): {}\n", letter.key, letter.created_at.to_string(),
                               letter.attempts, letter.attempts == 1 ? "attempt" : "attempts",
                               letter.last_error);
  }
  if (!stuck) {
    context.out << "Nothing is stuck.\n";
    return done;
  }
  context.out << fmt::format("Stuck: {}\nFind out why with: plenary mail test you@example.org\n", *stuck);
  return refused;
}

}  // namespace

void add_mail(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("mail", "Try out mail, or see what waits");
  command->require_subcommand(1);
  CLI::App* one = command->add_subcommand("test", "Send one mail now and tell each step");
  auto address = std::make_shared<std::string>();
  auto language = std::make_shared<std::string>("en");
  one->add_option("address", *address, "Where to")->required()->type_name("ADDRESS");
  one->add_option("--language", *language, "Of its text: en, de, …")->type_name("CODE");
  one->callback([&context, address, language] {
    context.action = [&context, address, language] { return test(context, *address, *language); };
  });
  CLI::App* status = command->add_subcommand("status", "What waits, what was given up, and why");
  status->callback([&context] { context.action = [&context] { return show_status(context); }; });
}

}  // namespace plenary::cli
