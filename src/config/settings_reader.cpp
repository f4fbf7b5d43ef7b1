// plenary.toml into Settings: the description visited by a reader, then the checks between keys.
#include <cstdlib>
#include <deque>
#include <fstream>

#include "base/text.hpp"
#include "config/settings.hpp"
#include "config/settings_schema.hpp"
#include "config/url.hpp"

namespace plenary::config {
namespace {

constexpr std::size_t max_secret_bytes = 64 * 1024;

std::filesystem::path resolved(const std::filesystem::path& path, const std::filesystem::path& base) {
  if (path.empty() || path.is_absolute() || base.empty() || base == ".") return path;
  return base / path;
}

class SettingsReader : public SettingsVisitor {
 public:
  SettingsReader(Report& report, const std::filesystem::path& base, const Environment& environment)
      : report_(report), base_(base), environment_(environment) {
    tables_.emplace_back(report, &report.document().root(), "", Place{1, 1});
  }

  TableReader& root() { return tables_.front(); }
  void finish() { root().finish(); }

  void begin_table(std::string_view key) override { tables_.push_back(now().table(key)); }

  void end_table() override {
    now().finish();
    tables_.pop_back();
  }

  void text(std::string_view key, std::string& value, const TextRule& rule) override {
    if (auto read = now().text(key, rule)) value = std::move(*read);
  }

  void boolean(std::string_view key, bool& value) override {
    if (const auto read = now().boolean(key)) value = *read;
  }

  void integer(std::string_view key, std::int64_t& value, std::int64_t min, std::int64_t max) override {
    if (const auto read = now().integer(key, min, max)) value = *read;
  }

  void duration(std::string_view key, Duration& value, Duration unit, std::int64_t min,
                std::int64_t max) override {
    if (const auto read = now().integer(key, min, max)) value = unit * *read;
  }

  void fraction(std::string_view key, Decimal& value) override {
    const std::string allowed = "a number from 0 to 1, such as 0.4";
    const auto read = now().number(key, allowed);
    if (!read) return;
    if (read->is_negative() || *read > Decimal(1)) {
      now().wrong_value(key, read->to_string(), allowed,
                        *read > Decimal(1) ? "40 per cent is written 0.4" : "");
      return;
    }
    value = *read;
  }

  void path(std::string_view key, std::filesystem::path& value) override {
    if (const auto read = now().text(key, {4000, true, "a path"})) value = *read;
    value = resolved(value, base_);
  }

  void parsed(std::string_view key, const std::string&, const Assign& assign) override {
    const auto read = now().text(key, {2000, true, "a text"});
    if (!read) return;
    if (auto fault = assign(*read)) {
      now().wrong_value(key, in_quotes(*read), std::move(fault->allowed), std::move(fault->advice));
    }
  }

  void list(std::string_view key, const std::vector<std::string>&, const std::string& allowed,
            const std::function<void()>& clear, const Assign& assign) override {
    const toml::node* node = now().find(key);
    if (!node) return;
    const auto* array = node->as_array();
    if (!array) {
      now().wrong_type(key, *node, allowed, node->is_string() ? "put it in brackets" : "");
      return;
    }
    clear();
    std::size_t index = 0;
    for (const toml::node& element : *array) {
      const std::string suffix = "[" + std::to_string(index++) + "]";
      const auto* text = element.as_string();
      if (!text) {
        now().wrong_element_type(key, suffix, element, "a text");
      } else if (auto fault = assign(text->get())) {
        report_.add(ProblemKind::value, place_of(element), now().path_of(key) + suffix, {},
                    in_quotes(text->get()), std::move(fault->allowed), std::move(fault->advice));
      }
    }
  }

  void secret(std::string_view key, std::optional<Secret>& value, const Assign& check,
              const std::string&) override {
    const std::string name(key), file_key = name + "_file", env_key = name + "_env";
    const std::string* last = nullptr;
    int given = 0;
    for (const std::string* each : {&name, &file_key, &env_key}) {
      if (!now().has(*each)) continue;
      ++given;
      if (!last || now().place_of_key(*last) < now().place_of_key(*each)) last = each;
    }
    if (given == 0) return;
    if (given > 1) {
      now().wrong_value(*last, "a second source for " + name,
                        "one of " + name + ", " + file_key + " and " + env_key,
                        "keep one and remove the others");
      return;
    }
    std::optional<std::string> text;
    if (last == &name) text = secret_text(name);
    if (last == &file_key) text = secret_file(file_key);
    if (last == &env_key) text = secret_environment(env_key);
    if (!text) return;
    if (text->empty()) {
      value.reset();
    } else if (has_control_characters(*text) || is_blank(*text)) {
      now().wrong_value(*last, "a secret of blanks or with control characters",
                        "a text on one line without control characters", "copy it again");
    } else if (auto fault = check(*text)) {
      now().wrong_value(*last, "a text of " + std::to_string(character_count(*text)) + " characters",
                        std::move(fault->allowed), std::move(fault->advice));
    } else {
      value = Secret(std::move(*text));
    }
  }

 private:
  TableReader& now() { return tables_.back(); }

  std::optional<std::string> secret_text(const std::string& key) {
    const toml::node* node = now().find(key);
    if (const auto* text = node->as_string()) return text->get();
    // Not by wrong_type: that would show the value.
    report_.add(ProblemKind::type, now().place_of_key(key), now().path_of(key), {}, type_name(*node),
                "a text", node->is_table() || node->is_array() ? "" : "put it in quotes");
    return std::nullopt;
  }

  std::optional<std::string> secret_file(const std::string& key) {
    const auto name = now().text(key, {4000, false, "the path of a file that holds the secret"});
    if (!name) return std::nullopt;
    const std::filesystem::path file = resolved(*name, base_);
    std::error_code error;
    std::ifstream in;
    if (std::filesystem::is_regular_file(file, error)) in.open(file, std::ios::binary);
    std::string text(max_secret_bytes, '\0');
    if (in.is_open()) in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in.is_open() || in.bad()) {
      now().wrong_value(key, in_quotes(file.string()) + ", which cannot be read",
                        "the path of a readable file",
                        "check that the file exists and that the server's user may read it");
      return std::nullopt;
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (text.empty()) {
      now().wrong_value(key, in_quotes(file.string()) + ", which is empty", "a file that holds the secret",
                        "write the secret into it");
      return std::nullopt;
    }
    return text;
  }

  std::optional<std::string> secret_environment(const std::string& key) {
    const auto name = now().text(key, {200, false, "the name of an environment variable"});
    if (!name) return std::nullopt;
    if (name->find('=') != std::string::npos || name->find('$') != std::string::npos) {
      now().wrong_value(key, in_quotes(*name), "the name of an environment variable", "write the name alone");
      return std::nullopt;
    }
    std::optional<std::string> text;
    if (environment_) {
      text = environment_(*name);
    } else if (const char* found = std::getenv(name->c_str())) {
      text = found;
    }
    if (!text) {
      now().wrong_value(key, in_quotes(*name) + ", which is not set",
                        "the name of an environment variable that is set",
                        "set it in the environment of the server");
    }
    return text;
  }

  Report& report_;
  std::filesystem::path base_;
  const Environment& environment_;
  std::deque<TableReader> tables_;
};

// A conference file, or the customer's mapping under its own name. True: nothing else need be checked.
bool is_another_kind(TableReader& root) {
  const toml::table& table = *root.raw();
  bool has_own = false;
  for (const char* name : {"program", "server", "database", "mail", "security"})
    has_own |= table.contains(name);
  if (table.contains("conference") && !has_own) {
    root.wrong_value("conference", "a conference file",
                     "settings: [program], [server], [database], [mail], [security]",
                     "give this file to: plenary bootstrap_conference --config " + root.document().name());
    return true;
  }
  if (table.contains("DJANGO_PROGRAM")) {
    (void)root.find("DJANGO_PROGRAM");  // reported here, not again as unknown
    root.wrong_value("DJANGO_PROGRAM", "the settings table under its old name", "[program]",
                     "rename the table to [program] and its tables to [program.stripe] and so on; "
                     "the keys stay as they are");
    return !has_own;
  }
  return false;
}

// What only shows between two keys. A key that is wrong by itself is left out.
void check_together(Report& report, TableReader& root, const Settings& settings) {
  const ServerSettings& server = settings.server;
  TableReader server_table = root.is_table_or_absent("server") ? root.table("server") : root;
  TableReader security_table = root.is_table_or_absent("security") ? root.table("security") : root;
  const bool mode_known = !report.has_problem("server.mode");

  if (mode_known && server.is_development() && !server.listen.is_loopback() &&
      !server.allow_exposed_development && !report.has_problem("server.allow_exposed_development")) {
    server_table.wrong_value(
        "listen", in_quotes(server.listen.to_string()),
        "in development mode a loopback address: localhost, 127.0.0.0/8 or [::1]",
        "set mode = \"production\", or allow_exposed_development = true where everybody on the "
        "network may play with it");
  }
  if (mode_known && !server.is_development() && !server.clock_file.empty()) {
    server_table.wrong_value("clock_file", in_quotes(server.clock_file.string()), "only in development mode",
                             "remove it: production runs on the system's clock");
  }
  if (server.tls_certificate_file.empty() != server.tls_key_file.empty()) {
    const bool certificate = !server.tls_certificate_file.empty();
    server_table.wrong_value(certificate ? "tls_certificate_file" : "tls_key_file",
                             certificate ? "a certificate without its key" : "a key without its certificate",
                             "tls_certificate_file and tls_key_file, or neither", "give the other file too");
  }
  if (const auto url = parse_url(server.public_url);
      url && url->scheme == "http" && mode_known && !is_loopback_host(url->host) &&
      !(server.is_development() && server.allow_exposed_development)) {
    server_table.wrong_value("public_url", in_quotes(server.public_url),
                             "an https URL (http only to a loopback address)", "write https:// for http://");
  }
  if (!settings.security.limits && !server.listen.is_loopback()) {
    security_table.wrong_value("limits", "false", "true, unless server.listen is a loopback address",
                               "remove it: switching the limits off is for benchmarks on this machine");
  }
  if (settings.security.session_absolute < settings.security.session_idle &&
      !report.has_problem("security.session_absolute_hours")) {
    security_table.wrong_value("session_idle_minutes",
                               std::to_string(settings.security.session_idle.micros / 60'000'000),
                               "at most session_absolute_hours", "");
  }
}

Settings read(const Document& document, const std::filesystem::path& base, const Environment& environment) {
  Settings settings;
  settings.base_directory = base.empty() ? std::filesystem::path(".") : base;
  settings.server.media_dir = "media";
  settings.mail.folder = ".plenary/mail";
  settings.security.key_file = "plenary.key";

  Report report(document);
  SettingsReader reader(report, settings.base_directory, environment);
  if (is_another_kind(reader.root())) report.finish();
  describe(reader, settings);
  reader.finish();
  check_together(report, reader.root(), settings);
  report.finish();

  if (settings.database.engine == DatabaseEngine::sqlite) {
    const std::string path = settings.database.url.reveal().substr(7);
    settings.database.sqlite_path = path.compare(0, 3, "///") == 0 ? std::filesystem::path(path.substr(2))
                                                                   : resolved(path, settings.base_directory);
  }
  return settings;
}

}  // namespace

Settings load_settings(const std::filesystem::path& file, const Environment& environment) {
  Settings settings = read(Document::read(file), file.parent_path(), environment);
  settings.file = file;
  return settings;
}

Settings parse_settings(std::string_view text, const std::string& name,
                        const std::filesystem::path& base_directory, const Environment& environment) {
  return read(Document(text, name), base_directory, environment);
}

}  // namespace plenary::config
