#include "config/settings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "config/case_file.hpp"
#include "config/folder.hpp"
#include "config/settings_schema.hpp"

namespace plenary::config {
namespace {

Settings parsed(std::string_view text) {
  return parse_settings(text, "settings.toml", ".");
}

TEST(Settings, AnEmptyFileMeansTheDocumentedDefaults) {
  const Settings s = parsed("");
  EXPECT_FALSE(s.program.stripe.secret_key || s.program.stripe.publishable_key ||
               s.program.stripe.webhook_secret);
  EXPECT_EQ(s.program.stripe.api_version, "2024-12-18");
  EXPECT_EQ(s.program.stripe.webhook_tolerance, 300);
  EXPECT_EQ(s.program.pretalx.base_url, "https://pretalx.com");
  EXPECT_FALSE(s.program.pretalx.token);
  EXPECT_TRUE(s.program.pretalx.schedule_delete_guard_enabled);
  EXPECT_EQ(s.program.pretalx.schedule_delete_guard_min_existing_slots, 5);
  EXPECT_EQ(s.program.pretalx.schedule_delete_guard_max_fraction_removed.to_string(), "0.4");
  EXPECT_EQ(s.program.psf_sponsors.api_url, "https://www.python.org/api/v2");
  EXPECT_FALSE(s.program.psf_sponsors.token);
  EXPECT_EQ(s.program.psf_sponsors.auth_scheme, "Token");
  EXPECT_EQ(s.program.psf_sponsors.publisher, "pycon");
  EXPECT_EQ(s.program.psf_sponsors.flight, "sponsors");
  const FeatureSettings& f = s.program.features;
  EXPECT_TRUE(f.registration_enabled && f.sponsors_enabled && f.travel_grants_enabled && f.programs_enabled);
  EXPECT_TRUE(f.pretalx_sync_enabled && f.visa_letters_enabled);
  EXPECT_TRUE(f.public_ui_enabled && f.manage_ui_enabled && f.all_ui_enabled);
  EXPECT_EQ(s.program.cart_expiry_minutes, 30);
  EXPECT_EQ(s.program.pending_order_expiry_minutes, 15);
  EXPECT_EQ(s.program.order_reference_prefix, "ORD");
  EXPECT_EQ(s.program.currency.code(), "USD");
  EXPECT_FALSE(s.program.currency_symbol);
  EXPECT_EQ(s.program.symbol_for(s.program.currency), "$");
  EXPECT_EQ(s.program.max_grant_amount, 3000);
  EXPECT_EQ(s.program.max_grant().display(), "$3,000.00");
  EXPECT_EQ(s.program.attendee_profile_model, "");
  EXPECT_EQ(s.server.listen.to_string(), "127.0.0.1:8000");
  EXPECT_TRUE(s.server.is_development());
  EXPECT_EQ(s.server.base_url(), "http://127.0.0.1:8000");
  EXPECT_FALSE(s.server.has_tls());
  EXPECT_EQ(s.server.media_dir, "media");
  EXPECT_EQ(s.database.engine, DatabaseEngine::sqlite);
  EXPECT_EQ(s.database.url.reveal(), "sqlite:plenary.db");
  EXPECT_EQ(s.database.sqlite_path, "plenary.db");
  EXPECT_EQ(s.database.max_connections, 8);
  EXPECT_FALSE(s.mail.smtp_url);
  EXPECT_EQ(s.mail.folder, ".plenary/mail");
  EXPECT_EQ(s.security.key_file, "plenary.key");
  EXPECT_TRUE(s.security.limits);
  EXPECT_EQ(s.security.session_idle, Duration::minutes(30));
  EXPECT_EQ(s.security.session_absolute, Duration::hours(12));
}

TEST(Settings, TheCustomersFullExampleReadsAsItIs) {
  const Settings s = parsed(R"([program]
cart_expiry_minutes = 30
pending_order_expiry_minutes = 15
order_reference_prefix = "ORD"
currency = "USD"
currency_symbol = "$"
max_grant_amount = 3000
[program.stripe]
secret_key = "sk_test_abc"
publishable_key = "pk_test_abc"
webhook_secret = "whsec_abc"
api_version = "2024-12-18"
webhook_tolerance = 300
[program.pretalx]
base_url = "https://pretalx.com"
token = "your-api-token"
schedule_delete_guard_enabled = true
schedule_delete_guard_min_existing_slots = 5
schedule_delete_guard_max_fraction_removed = 0.4
[program.psf_sponsors]
api_url = "https://www.python.org/api/v2"
token = "your-psf-token"
auth_scheme = "Token"
publisher = "pycon"
flight = "sponsors"
[program.vies]
url = "https://ec.europa.eu/taxation_customs/vies/rest-api"
[program.features]
registration_enabled = true
sponsors_enabled = true
travel_grants_enabled = true
programs_enabled = true
pretalx_sync_enabled = true
public_ui_enabled = true
manage_ui_enabled = true
all_ui_enabled = true
)");
  EXPECT_EQ(s.program.stripe.secret_key->reveal(), "sk_test_abc");
  EXPECT_EQ(s.program.pretalx.token->reveal(), "your-api-token");
  EXPECT_EQ(s.program.psf_sponsors.token->reveal(), "your-psf-token");
  EXPECT_EQ(s.program.currency_symbol, "$");
}

TEST(Settings, EveryKeyCanBeSetToAnotherValue) {
  const std::string text = R"([program]
cart_expiry_minutes = 45
pending_order_expiry_minutes = 20
order_reference_prefix = "PY-27"
currency = "EUR"
currency_symbol = "Euro "
max_grant_amount = 0
attendee_profile_model = "people.Profile"
[program.stripe]
secret_key = "rk_live_x1y2z3"
publishable_key = "pk_live_x1y2z3"
webhook_secret = "whsec_x1y2z3"
api_version = "2025-03-31.basil"
webhook_tolerance = 1
api_base = "http://127.0.0.1:12111"
[program.pretalx]
base_url = "http://127.0.0.1:8080"
token = "token-one"
schedule_delete_guard_enabled = false
schedule_delete_guard_min_existing_slots = 0
schedule_delete_guard_max_fraction_removed = 1
[program.psf_sponsors]
api_url = "https://sponsors.example.org/v3"
token = "token-two"
auth_scheme = "Bearer"
publisher = "other"
flight = "bronze"
[program.vies]
url = "http://127.0.0.1:8081/rest-api"
[program.features]
registration_enabled = false
sponsors_enabled = false
travel_grants_enabled = false
programs_enabled = false
pretalx_sync_enabled = false
visa_letters_enabled = false
public_ui_enabled = false
manage_ui_enabled = false
all_ui_enabled = false
[server]
listen = "[::1]:8443"
mode = "production"
public_url = "https://tickets.example.org"
allowed_hosts = ["shop.example.org", "*.example.net"]
trusted_proxies = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"]
allow_exposed_development = true
tls_certificate_file = "/etc/ssl/cert.pem"
tls_key_file = "/etc/ssl/key.pem"
threads = 4
slow_threads = 3
slow_queue = 10
max_connections = 500
max_connections_per_network = 50
max_header_bytes = 8192
max_body_bytes = 2048
max_upload_bytes = 4096
header_timeout_seconds = 1
body_timeout_seconds = 2
write_timeout_seconds = 3
idle_timeout_seconds = 4
drain_timeout_seconds = 0
metrics_listen = "127.0.0.1:9100"
metrics_token = "0123456789abcdef"
templates_dir = "/srv/templates"
static_dir = "/srv/static"
locale_dir = "/srv/words"
media_dir = "/srv/media"
log_level = "debug"
access_log = false
clock_file = ""
[database]
url = "postgresql://plenary:topsecret@db.example.org/plenary"
max_connections = 4
[mail]
smtp_url = "smtp://mail.example.org:587"
username = "plenary"
password = "mail-password"
require_tls = false
from = "Demo <tickets@example.org>"
reply_to = "help@example.org"
sender_domains = ["Example.org", "fair.example"]
folder = "/var/mail/plenary"
timeout_seconds = 5
bounce_token = "fedcba9876543210fedcba98"
[security]
key_file = "/etc/plenary/key"
limits = true
network_prefix_ipv4 = 24
network_prefix_ipv6 = 48
session_idle_minutes = 10
session_absolute_hours = 2
visitor_session_days = 7
fresh_proof_minutes = 3
second_factor = "optional"
[security.rates]
sign_in_per_account = "1 per second"
sign_in_per_network = "2 per 2 seconds"
second_factor_per_account = "2 per 2 seconds"
sign_up_per_network = "3 per minute"
password_reset_per_account = "4 per 3 minutes"
password_reset_per_network = "5 per 90 seconds"
find_order_per_email = "6 per 2 hours"
find_order_per_network = "7 per 2 days"
new_carts_per_session = "8 per day"
new_carts_per_account = "9 per day"
new_carts_per_email = "10 per day"
new_carts_per_network = "11 per day"
orders_per_session = "12 per day"
orders_per_account = "13 per day"
orders_per_email = "14 per day"
orders_per_network = "15 per day"
voucher_tries_per_session = "16 per day"
voucher_tries_per_network = "17 per day"
[security.holds]
per_session = 1
per_account = 2
per_email = 3
per_network = 4
)";
  const Settings s = parsed(text);
  const Settings defaults = parsed("");

  // Printed settings read back alike, so each line of the text above must have arrived, and none is a
  // default.
  std::istringstream lines(s.to_string()), default_lines(defaults.to_string());
  std::multiset<std::string> printed, printed_defaults;
  std::string table;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] == '[') table = line;
    printed.insert(table + line);
  }
  for (std::string line; std::getline(default_lines, line);) {
    if (!line.empty() && line[0] == '[') table = line;
    printed_defaults.insert(table + line);
  }
  for (const std::string& name : setting_names()) {
    if (name == "security.limits" || name == "server.clock_file")
      continue;  // their other value needs other settings
    const std::size_t dot = name.rfind('.');
    const std::string start = "[" + name.substr(0, dot) + "]" + name.substr(dot + 1) + " = ";
    const auto line = printed.lower_bound(start);
    ASSERT_TRUE(line != printed.end() && line->rfind(start, 0) == 0) << name;
    EXPECT_FALSE(printed_defaults.count(*line)) << *line << " is the default still";
    EXPECT_NE(text.find("\n" + name.substr(dot + 1) + " = "), std::string::npos) << name;
  }

  EXPECT_EQ(s.program.stripe.wire_api_version(), "2025-03-31.basil");
  EXPECT_EQ(s.program.stripe.api_base, "http://127.0.0.1:12111");
  EXPECT_EQ(s.program.pretalx.schedule_delete_guard_max_fraction_removed, Decimal(1));
  EXPECT_EQ(s.server.listen.host, "::1");
  EXPECT_EQ(s.server.listen.port, 8443);
  EXPECT_EQ(s.server.base_url(), "https://tickets.example.org");
  EXPECT_EQ(s.server.drain_timeout, Duration::seconds(0));
  EXPECT_EQ(s.database.engine, DatabaseEngine::postgresql);
  EXPECT_EQ(s.database.sqlite_path, "");
  EXPECT_EQ(s.mail.timeout, Duration::seconds(5));
  EXPECT_EQ(s.mail.sender_domains, (std::vector<std::string>{"example.org", "fair.example"}));
  EXPECT_EQ(s.security.rates.password_reset_per_network, (RateLimit{5, Duration::seconds(90)}));
  EXPECT_EQ(s.security.visitor_session, Duration::days(7));
}

TEST(Settings, APartialTableKeepsTheOtherDefaults) {
  const Settings s = parsed("[program.features]\nsponsors_enabled = false\n");
  EXPECT_FALSE(s.program.features.sponsors_enabled);
  EXPECT_TRUE(s.program.features.registration_enabled);
  EXPECT_TRUE(s.program.features.all_ui_enabled);
}

TEST(Settings, AnEmptyTextIsNoSecret) {
  const Settings s = parsed("[program.stripe]\nsecret_key = \"\"\n[program.pretalx]\ntoken = \"\"\n");
  EXPECT_FALSE(s.program.stripe.secret_key);
  EXPECT_FALSE(s.program.pretalx.token);
}

TEST(Settings, FractionsAreExact) {
  const Settings s =
      parsed("[program.pretalx]\nschedule_delete_guard_max_fraction_removed = 0.30000000000000001\n");
  EXPECT_EQ(s.program.pretalx.schedule_delete_guard_max_fraction_removed.to_string(), "0.30000000000000001");
}

TEST(Settings, BareVersionsOfStripeGetTheirReleaseName) {
  EXPECT_EQ(parsed("").program.stripe.wire_api_version(), "2024-12-18.acacia");
  EXPECT_EQ(parsed("[program.stripe]\napi_version = \"2025-08-27\"").program.stripe.wire_api_version(),
            "2025-08-27.basil");
  EXPECT_EQ(parsed("[program.stripe]\napi_version = \"2023-10-16\"").program.stripe.wire_api_version(),
            "2023-10-16");
  EXPECT_EQ(parsed("[program.stripe]\napi_version = \"2031-01-01.future\"").program.stripe.wire_api_version(),
            "2031-01-01.future");
}

TEST(Settings, ASymbolCountsForItsOwnCurrencyOnly) {
  const Settings s = parsed("[program]\ncurrency = \"CHF\"\ncurrency_symbol = \"Fr. \"\n");
  EXPECT_EQ(Money(500, s.program.currency).display(s.program.symbol_for(s.program.currency)), "Fr. 5.00");
  const Currency eur = Currency::of("EUR");
  EXPECT_EQ(Money(500, eur).display(s.program.symbol_for(eur)), "€5.00");
}

TEST(Settings, SecretsComeFromFilesAndTheEnvironmentToo) {
  const Folder folder;
  folder.write("stripe", "sk_test_from_file\n");
  folder.write("crlf", "whsec_crlf\r\n");
  const auto file =
      folder.write("plenary.toml",
                   "[program.stripe]\nsecret_key_file = \"stripe\"\nwebhook_secret_file = \"crlf\"\n"
                   "[program.pretalx]\ntoken_env = \"PRETALX_TOKEN\"\n"
                   "[database]\nurl_env = \"DATABASE_URL\"\n[program.psf_sponsors]\ntoken_env = \"NONE\"");
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "PRETALX_TOKEN") return "from-environment";
    if (name == "DATABASE_URL") return "postgresql://localhost/plenary";
    if (name == "NONE") return "";
    return std::nullopt;
  };
  const Settings s = load_settings(file, environment);
  EXPECT_EQ(s.program.stripe.secret_key->reveal(), "sk_test_from_file");
  EXPECT_EQ(s.program.stripe.webhook_secret->reveal(), "whsec_crlf");
  EXPECT_EQ(s.program.pretalx.token->reveal(), "from-environment");
  EXPECT_EQ(s.database.engine, DatabaseEngine::postgresql);
  EXPECT_FALSE(s.program.psf_sponsors.token);
  EXPECT_EQ(s.file, file);

  folder.write("empty", "\n");
  const auto bad = folder.write("bad.toml", "[program.stripe]\nsecret_key_file = \"empty\"\n");
  const auto [raised, problems] = refusal([&] { load_settings(bad); });
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].found.find("which is empty"), std::string::npos);
}

TEST(Settings, PathsAreRelativeToTheirFile) {
  const Folder folder;
  const auto file =
      folder.write("plenary.toml",
                   "[database]\nurl = \"sqlite:data/plenary.db\"\n[server]\n"
                   "templates_dir = \"theme\"\nstatic_dir = \"/srv/static\"\nlocale_dir = \"words\"\n");
  const Settings s = load_settings(file);
  EXPECT_EQ(s.base_directory, folder.path());
  EXPECT_EQ(s.database.sqlite_path, folder.path() / "data/plenary.db");
  EXPECT_EQ(s.server.templates_dir, folder.path() / "theme");
  EXPECT_EQ(s.server.static_dir, "/srv/static");
  EXPECT_EQ(s.server.locale_dir, folder.path() / "words");
  EXPECT_EQ(s.server.media_dir, folder.path() / "media");
  EXPECT_EQ(s.security.key_file, folder.path() / "plenary.key");
  EXPECT_EQ(parsed("[database]\nurl = \"sqlite:///var/lib/plenary.db\"").database.sqlite_path,
            "/var/lib/plenary.db");
}

TEST(Settings, AreMaskedWherePrinted) {
  const Settings s = parsed(R"([program.stripe]
secret_key = "sk_live_1234567890"
publishable_key = "pk_live_0987654321"
webhook_secret = "abc"
[program.pretalx]
token = "pretalx-token"
[program.psf_sponsors]
token = "psf-token"
[server]
metrics_token = "metrics-token-123"
[mail]
password = "mail-password"
[database]
url = "postgresql://plenary:topsecret@db/plenary?sslpassword=alsosecret&x=1"
)");
  const std::string text = s.to_string();
  for (const char* secret : {"1234567890", "0987654321", "abc", "pretalx-token", "psf-token",
                             "metrics-token-123", "mail-password", "topsecret", "alsosecret"}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
  EXPECT_NE(text.find("secret_key = \"****7890\""), std::string::npos);
  EXPECT_NE(text.find("webhook_secret = \"****\"\n"), std::string::npos);
  EXPECT_NE(text.find("url = \"postgresql://plenary:****@db/plenary?sslpassword=****&x=1\""),
            std::string::npos);
}

TEST(Settings, MessagesNeverShowASecret) {
  const auto [raised, problems] = refusal([] {
    parsed(
        "[program.stripe]\nsecret_key = \"pk_live_visible\"\npublishable_key = 424242\nwebhook_secret = "
        "[\"visible\"]\n"
        "[server]\nmetrics_token = \"visible\"\n[database]\nurl = \"mysql://visible@db\"\n[mail]\npassword = "
        "\"visible\\n\"\n");
  });
  EXPECT_EQ(raised, "mixed");
  EXPECT_EQ(problems.size(), 6u);
  for (const Problem& problem : problems) {
    EXPECT_EQ(problem.message().find("visible"), std::string::npos) << problem.message();
    EXPECT_EQ(problem.message().find("424242"), std::string::npos) << problem.message();
  }
}

// source: ground rules 15, 5.3.
TEST(Settings, ASecondFactorIsRequiredInProductionUnlessSaidOtherwise) {
  Settings settings = parsed("");
  EXPECT_FALSE(settings.requires_second_factor());
  settings.server.mode = Mode::production;
  EXPECT_TRUE(settings.requires_second_factor());
  EXPECT_TRUE(parsed("[security]\nsecond_factor = \"required\"\n").requires_second_factor());
  settings.security.second_factor = false;
  EXPECT_FALSE(settings.requires_second_factor());
  EXPECT_THROW(parsed("[security]\nsecond_factor = \"never\"\n"), ConfigError);
}

TEST(Settings, EveryKeyIsDocumentedWithItsDefault) {
  std::ifstream in(std::string(PLENARY_SOURCE_DIR) + "/docs/configuration.md");
  std::stringstream document;
  document << in.rdbuf();
  std::map<std::string, std::string> rows;  // table and key to its line
  std::string line, table;
  while (std::getline(document, line)) {
    if (line.rfind("## ", 0) == 0) table.clear();
    const std::size_t open = line.find('[');
    const bool heading = line.rfind("## [", 0) == 0 || line.rfind("`[", 0) == 0;
    if (heading) table = line.substr(open + 1, line.find(']') - open - 1);
    if (line.rfind("| `", 0) != 0) continue;
    const std::string names = line.substr(0, line.find('|', 1));
    for (std::size_t at = names.find('`'); at != std::string::npos;) {
      const std::size_t end = names.find('`', at + 1);
      rows[table + "." + names.substr(at + 1, end - at - 1)] = line;
      at = names.find('`', end + 1);
    }
  }
  const std::vector<std::string> names = setting_names();
  for (const auto& [key, row] : rows) {
    const std::string first = key.substr(0, key.find('.'));
    if (first != "program" && first != "server" && first != "database" && first != "mail" &&
        first != "security")
      continue;
    EXPECT_TRUE(std::find(names.begin(), names.end(), key) != names.end())
        << key << " is documented but unknown";
  }
  const std::string printed = "\n" + parsed("").to_string();
  for (const std::string& name : names) {
    ASSERT_TRUE(rows.count(name)) << name << " is missing in docs/configuration.md";
    const std::size_t dot = name.rfind('.');
    if (name.rfind("program.features", 0) == 0 || name.rfind("security.holds", 0) == 0)
      continue;  // told in one sentence
    const std::size_t at =
        printed.find("\n" + name.substr(dot + 1) + " = ", printed.find("[" + name.substr(0, dot) + "]\n"));
    ASSERT_NE(at, std::string::npos) << name;
    const std::size_t value = printed.find(" = ", at) + 3;
    const std::string by_default = printed.substr(value, printed.find('\n', value) - value);
    if (name == "program.currency_symbol") continue;
    const std::string& row = rows[name];
    const bool told = row.find(by_default) != std::string::npos ||
                      (by_default == "\"\"" && row.find("| none |") != std::string::npos);
    EXPECT_TRUE(told) << name << " = " << by_default << "\n" << row;
  }
}

}  // namespace
}  // namespace plenary::config
