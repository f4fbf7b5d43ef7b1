// plenary audit verify | head | erase: the record of changes looked over, its heads for keeping elsewhere,
// and a person's values taken out of it. verify: exit code 1 where anything is not as it was written. source:
// docs/audit.md.
#include "cli/audit.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>
#include <ostream>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "admin/erasure.hpp"
#include "base/slug.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/audit_erase.hpp"
#include "domain/conference/audit_verify.hpp"
#include "domain/conference/conferences.hpp"

namespace plenary::cli {
namespace {

std::string login_name(uid_t user) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || !found) return {};
  return found->pw_name;
}

std::string plural(std::int64_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string chain_name(std::int64_t chain, const std::string& conference) {
  if (chain == 0) return "(no conference)";
  return conference.empty() ? fmt::format("(conference {}, gone)", chain) : conference;
}

// The whole record is read in one snapshot, however long that takes.
std::unique_ptr<db::Database> open_for_long(Context& context) {
  const std::unique_ptr<db::Database> ready = open_ready_database(context);
  db::DatabaseOptions options = database_options(context.settings());
  options.checkpoint_thread = false;
  options.clock = context.clock();
  options.read_limit = Duration::hours(24);
  return db::Database::open(options);
}

struct Asked {
  std::string conference, head;
  bool json = false;
};

std::int64_t chain_of(db::Tx& tx, const std::string& slug) {
  for (const conference::ConferenceKey& key : conference::list_keys(tx)) {
    if (slug_key(key.slug) == slug_key(slug)) return key.id;
  }
  throw CommandFailed(fmt::format("There is no conference {}.", slug));
}

void print(std::ostream& out, const conference::ChainReport& chain) {
  const std::string name = chain_name(chain.chain, chain.conference);
  std::string also;
  if (chain.erased > 0) also += fmt::format(", {} erased", plural(chain.erased, "text", "texts"));
  if (chain.unchained > 0)
    also += fmt::format(", {} from before the chain", plural(chain.unchained, "entry", "entries"));
  if (chain.fault.empty()) {
    out << fmt::format("{}: {}{}: as they were written\n", name, plural(chain.entries, "entry", "entries"),
                       also);
  } else {
    out << fmt::format("{}: BROKEN after {}{}: {}\n", name,
                       plural(chain.entries, "sound entry", "sound entries"), also, chain.fault);
  }
}

int verify(Context& context, const Asked& asked) {
  if (!asked.head.empty() &&
      (asked.head.size() != 64 || asked.head.find_first_not_of("0123456789abcdef") != std::string::npos))
    throw WrongUsage(fmt::format(
        "\"{}\" is no head; expected are 64 digits 0-9 a-f, as plenary audit head prints them.", asked.head));
  const std::unique_ptr<db::Database> database = open_for_long(context);
  Progress progress(context, "entries");
  auto look = [&](db::Tx& tx) {
    conference::AuditQuestion question;
    if (!asked.conference.empty()) question.chain = chain_of(tx, asked.conference);
    question.kept_head = asked.head;
    question.progress = [&](std::int64_t done, std::int64_t total) {
      progress.show(static_cast<std::size_t>(done), static_cast<std::size_t>(total));
    };
    return conference::verify_audit(tx, question);
  };
  const conference::AuditReport report = database->read_now(look);
  progress.finish();
  for (const conference::ChainReport& chain : report.chains) print(context.out, chain);
  for (const std::string& fault : report.faults) context.out << "BROKEN: " << fault << '\n';
  if (report.chains.empty()) context.out << "Nothing has been recorded yet.\n";
  if (asked.head.empty()) return report.is_sound() ? done : refused;
  if (!report.kept_seq) {
    context.out
        << "The kept head is in no chain: entries were taken out or written anew since it was kept.\n";
    return refused;
  }
  const auto chain = std::find_if(report.chains.begin(), report.chains.end(),
                                  [&](const auto& one) { return one.chain == *report.kept_chain; });
  context.out << fmt::format("The kept head is entry {} of {}; {} came after it.\n", *report.kept_seq,
                             chain_name(chain->chain, chain->conference),
                             plural(chain->seq - *report.kept_seq, "entry", "entries"));
  return report.is_sound() ? done : refused;
}

int head(Context& context, const Asked& asked) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  auto read = [](db::Tx& tx) { return conference::audit_heads(tx); };
  const std::vector<conference::ChainHead> heads = database->read_now(read);
  if (asked.json) {
    nlohmann::json list = nlohmann::json::array();
    for (const conference::ChainHead& one : heads)
      list.push_back(
          {{"chain", one.chain}, {"conference", one.conference}, {"entries", one.seq}, {"hash", one.hash}});
    context.out << list.dump(2) << '\n';
    return done;
  }
  if (heads.empty()) context.err << "Nothing has been recorded yet.\n";
  for (const conference::ChainHead& one : heads)
    context.out << fmt::format("{} {} {}\n", one.hash, one.seq, chain_name(one.chain, one.conference));
  return done;
}

// "#17", also of somebody who is gone; or a user name or address.
std::int64_t account_of(db::Database& database, const std::string& who) {
  if (who.starts_with('#')) {
    std::int64_t id = 0;
    const char* end = who.data() + who.size();
    const auto read = std::from_chars(who.data() + 1, end, id);
    if (read.ec == std::errc() && read.ptr == end && id > 0) return id;
    throw WrongUsage(fmt::format("\"{}\" is no account's number; expected something like #17.", who));
  }
  auto find = [&](db::Tx& tx) { return accounts::find_for_sign_in(tx, who); };
  if (const std::optional<accounts::User> user = database.read_now(find)) return user->id;
  throw CommandFailed(
      fmt::format("There is no account with a password named \"{}\". Of another one, also of one that is "
                  "gone, write the number: "
                  "#17.",
                  who));
}

int erase(Context& context, const std::string& who) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const std::int64_t user = account_of(*database, who);
  const conference::Actor actor = command_actor();
  auto write = [&](db::Tx& tx) {
    return conference::erase_personal_values(tx, user, actor, admin::personal_column);
  };
  const conference::Erased erased = database->write_now(db::global_lane, "audit erase", write);
  if (erased.texts == 0) {
    context.out << fmt::format("The record of changes holds no text about account {}.\n", user);
  } else {
    context.out << fmt::format("Account {}: {} of {} erased from the record of changes; its chains hold.\n",
                               user, plural(erased.texts, "text", "texts"),
                               plural(erased.entries, "entry", "entries"));
  }
  return done;
}

}  // namespace

std::string operator_name() {
  const uid_t user = ::getuid();
  std::string name = login_name(user);
  if (name.empty()) return "command";
  const char* behind = user == 0 ? std::getenv("SUDO_USER") : nullptr;
  if (behind && *behind && name != behind) name = fmt::format("{} (as {})", behind, name);
  return name;
}

conference::Actor command_actor(std::string source) {
  return {std::nullopt, operator_name(), std::move(source)};
}

std::vector<std::string> audit_faults(db::Database& database) {
  auto look = [](db::Tx& tx) { return conference::verify_audit(tx); };
  const conference::AuditReport report = database.read_now(look);
  std::vector<std::string> faults;
  for (const conference::ChainReport& chain : report.chains) {
    if (!chain.fault.empty())
      faults.push_back(
          fmt::format("record of changes, {}: {}", chain_name(chain.chain, chain.conference), chain.fault));
  }
  for (const std::string& fault : report.faults) faults.push_back("record of changes: " + fault);
  return faults;
}

std::vector<std::string> audit_faults(Context& context) {
  const std::unique_ptr<db::Database> database = open_for_long(context);
  return audit_faults(*database);
}

void add_audit(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("audit", "Look over the record of changes");
  command->require_subcommand(1);
  auto asked = std::make_shared<Asked>();

  CLI::App* verifying = command->add_subcommand("verify", "Is every entry as it was written?");
  verifying->add_option("--conference", asked->conference, "Only this one's chain")->type_name("SLUG");
  verifying->add_option("--head", asked->head, "A head that was kept elsewhere: is it still in its chain?")
      ->type_name("HASH");
  verifying->callback(
      [&context, asked] { context.action = [&context, asked] { return verify(context, *asked); }; });

  CLI::App* heads = command->add_subcommand("head", "The last hash of each chain, for keeping elsewhere");
  heads->add_flag("--json", asked->json, "For programs");
  heads->callback(
      [&context, asked] { context.action = [&context, asked] { return head(context, *asked); }; });

  CLI::App* erasing =
      command->add_subcommand("erase", "Take a person's values out of the record of changes, for good");
  auto who = std::make_shared<std::string>();
  erasing->add_option("user", *who, "User name, e-mail address, or #NUMBER")->required();
  erasing->callback([&context, who] { context.action = [&context, who] { return erase(context, *who); }; });
}

}  // namespace plenary::cli
