// The program's settings: plenary.toml read once into plain structs that nobody can change.
// get_settings() and get_config() may be called from any thread; what they return stays valid as long as it
// is held. Invalid settings throw ConfigError (errors.hpp) and nothing is cached: the next call reads again.
// source: configuration 10, section 2; ground rules 15, sections 1-3. docs/configuration.md lists every key.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "base/money.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

namespace plenary::config {

// ---- [program]: the customer's DJANGO_PROGRAM, key by key
// ------------------------------------------------------

struct StripeSettings {
  std::optional<Secret> secret_key;
  std::optional<Secret> publishable_key;  // goes to browsers, yet masked in print: it names the account
  std::optional<Secret> webhook_secret;
  std::string api_version = "2024-12-18";           // as written
  std::int64_t webhook_tolerance = 300;             // seconds
  std::string api_base = "https://api.stripe.com";  // another one on this machine alone: a stand-in for tests
  // What is sent to Stripe: "2024-12-18.acacia". source: payments 21, P31.
  std::string wire_api_version() const;
};

struct PretalxSettings {
  std::string base_url = "https://pretalx.com";  // no slash at the end
  std::optional<Secret> token;
  bool schedule_delete_guard_enabled = true;
  std::int64_t schedule_delete_guard_min_existing_slots = 5;
  Decimal schedule_delete_guard_max_fraction_removed = Decimal::scaled(4, 1);
};

struct PsfSponsorSettings {
  std::string api_url = "https://www.python.org/api/v2";  // no slash at the end
  std::optional<Secret> token;
  std::string auth_scheme = "Token";
  std::string publisher = "pycon";
  std::string flight = "sponsors";
};

// The EU's service about VAT numbers.
struct ViesSettings {
  std::string url = "https://ec.europa.eu/taxation_customs/vies/rest-api";  // no slash at the end
};

struct FeatureSettings {
  bool registration_enabled = true;
  bool sponsors_enabled = true;
  bool travel_grants_enabled = true;
  bool programs_enabled = true;
  bool pretalx_sync_enabled = true;
  bool visa_letters_enabled = true;
  bool public_ui_enabled = true;
  bool manage_ui_enabled = true;
  bool all_ui_enabled = true;
};

struct ProgramSettings {
  StripeSettings stripe;
  PretalxSettings pretalx;
  PsfSponsorSettings psf_sponsors;
  ViesSettings vies;
  FeatureSettings features;
  std::int64_t cart_expiry_minutes = 30;
  std::int64_t pending_order_expiry_minutes = 15;
  std::string order_reference_prefix = "ORD";
  Currency currency = Currency::of("USD");
  std::optional<std::string> currency_symbol;  // only when given
  std::int64_t max_grant_amount = 3000;        // whole units of `currency`
  std::string attendee_profile_model;          // "app.Type", or empty

  // What to pass to Money::display for an amount in `c`: the given symbol for `currency`, else c's own
  // (empty). source: ground rules 15, 3.1.
  std::string_view symbol_for(Currency c) const;
  Money max_grant() const;
};

// ---- [server]
// --------------------------------------------------------------------------------------------------

struct ListenAddress {
  std::string host = "127.0.0.1";  // "127.0.0.1", "::1", "localhost", "0.0.0.0"; no brackets
  std::uint16_t port = 8000;
  bool is_loopback() const;       // localhost, 127.0.0.0/8, ::1
  std::string to_string() const;  // "127.0.0.1:8000", "[::1]:8000"
};

// An address or a range in CIDR notation. IPv4 is kept as its IPv6 mapping.
struct Network {
  std::array<std::uint8_t, 16> address{};
  int prefix = 128;
  static std::optional<Network> parse(std::string_view text);  // "10.0.0.0/8", "::1", "192.0.2.7"
  bool contains(std::string_view ip) const;                    // false for what is no address
  std::string to_string() const;
};

enum class Mode { development, production };

struct ServerSettings {
  ListenAddress listen;
  Mode mode = Mode::development;
  std::string public_url;  // "https://tickets.example.org", no slash at the end; empty: not given
  std::vector<std::string>
      allowed_hosts;  // lower case; "*.example.org" is any host below; see host_is_allowed
  std::vector<Network> trusted_proxies;
  bool allow_exposed_development = false;
  std::filesystem::path tls_certificate_file;  // PEM, chain included; both or none; empty: plain HTTP
  std::filesystem::path tls_key_file;
  std::int64_t threads = 0;  // I/O threads; 0: one a core
  std::int64_t slow_threads = 2;
  std::int64_t slow_queue = 256;
  std::int64_t max_connections = 10'000;
  std::int64_t max_connections_per_network = 1'000;
  std::int64_t max_header_bytes = 16 * 1024;
  std::int64_t max_body_bytes = 1024 * 1024;         // forms and JSON
  std::int64_t max_upload_bytes = 10 * 1024 * 1024;  // multipart with files
  Duration header_timeout = Duration::seconds(10);
  Duration body_timeout = Duration::seconds(60);
  Duration write_timeout = Duration::seconds(60);
  Duration idle_timeout = Duration::seconds(75);   // between two requests of a connection
  Duration drain_timeout = Duration::seconds(30);  // after SIGTERM
  std::optional<ListenAddress> metrics_listen;     // loopback only
  std::optional<Secret> metrics_token;
  std::filesystem::path templates_dir;  // overrides embedded templates; empty: none
  std::filesystem::path locale_dir;     // own words: LANGUAGE.po over the embedded catalogues; empty: none
  std::filesystem::path static_dir;     // likewise static files
  std::filesystem::path media_dir;      // uploads; default "media"
  std::string log_level = "info";       // trace debug info warn error off
  bool access_log = true;
  std::filesystem::path clock_file;  // development only; empty: the system's clock

  bool is_development() const { return mode == Mode::development; }
  bool has_tls() const { return !tls_certificate_file.empty(); }
  // public_url, else http(s)://<listen>: the start of absolute links.
  std::string base_url() const;
  // `host` as in the Host header, with or without port. Allowed: the host of public_url, allowed_hosts, and
  // in development localhost, 127.0.0.0/8, ::1 and the address listened on.
  bool host_is_allowed(std::string_view host) const;
};

// ---- [database], [mail], [security]
// ----------------------------------------------------------------------------

enum class DatabaseEngine { sqlite, postgresql };

struct DatabaseSettings {
  DatabaseEngine engine = DatabaseEngine::sqlite;
  Secret url{"sqlite:plenary.db"};    // as given; may hold a password
  std::filesystem::path sqlite_path;  // resolved; empty for PostgreSQL
  std::int64_t max_connections = 8;   // PostgreSQL, a process
  std::string display() const;        // for people: without the password
};

struct MailSettings {
  std::optional<std::string> smtp_url;  // "smtp://host:587", "smtps://host:465"; none: mail goes to `folder`
  std::string username;
  std::optional<Secret> password;
  bool require_tls = true;  // STARTTLS on smtp:// must succeed
  std::string from = "Plenary <noreply@localhost>";
  std::string reply_to;
  std::vector<std::string> sender_domains;  // of which conferences may have a sender of their own; lower case
  std::filesystem::path folder;  // where mail lands without smtp_url; default ".plenary/mail"
  Duration timeout = Duration::seconds(30);
  std::optional<Secret> bounce_token;  // who reports bounces proves it with this; none: nobody may
};

// At most `count` in any stretch of `per`.
struct RateLimit {
  std::int64_t count = 0;
  Duration per;
  static std::optional<RateLimit> parse(std::string_view text);  // "10 per minute", "20 per 15 minutes"
  std::string to_string() const;
  friend bool operator==(const RateLimit& a, const RateLimit& b) {
    return a.count == b.count && a.per.micros == b.per.micros;
  }
};

struct RateLimits {
  RateLimit sign_in_per_account{10, Duration::minutes(15)};
  RateLimit sign_in_per_network{200, Duration::minutes(15)};
  RateLimit second_factor_per_account{10, Duration::minutes(15)};
  RateLimit sign_up_per_network{100, Duration::hours(1)};
  RateLimit password_reset_per_account{5, Duration::hours(1)};
  RateLimit password_reset_per_network{100, Duration::hours(1)};
  RateLimit find_order_per_email{5, Duration::hours(1)};
  RateLimit find_order_per_network{100, Duration::hours(1)};
  RateLimit new_carts_per_session{30, Duration::hours(1)};
  RateLimit new_carts_per_account{60, Duration::hours(1)};
  RateLimit new_carts_per_email{60, Duration::hours(1)};
  RateLimit new_carts_per_network{2'000, Duration::hours(1)};
  RateLimit orders_per_session{30, Duration::hours(1)};
  RateLimit orders_per_account{60, Duration::hours(1)};
  RateLimit orders_per_email{60, Duration::hours(1)};
  RateLimit orders_per_network{2'000, Duration::hours(1)};
  RateLimit voucher_tries_per_session{30, Duration::minutes(10)};
  RateLimit voucher_tries_per_network{600, Duration::minutes(10)};
};

// Units held at one time by open carts and unpaid orders. source: registration 20, D30.
struct HoldLimits {
  std::int64_t per_session = 100;
  std::int64_t per_account = 100;
  std::int64_t per_email = 100;
  std::int64_t per_network = 5'000;
};

struct SecuritySettings {
  std::filesystem::path key_file;  // default "plenary.key"
  bool limits = true;              // false: none of the limits below holds; loopback only
  RateLimits rates;
  HoldLimits holds;
  std::int64_t network_prefix_ipv4 = 32;  // how much of an address is "the same network"
  std::int64_t network_prefix_ipv6 = 64;
  Duration session_idle = Duration::minutes(30);    // people with a right
  Duration session_absolute = Duration::hours(12);  // likewise
  Duration visitor_session = Duration::days(30);    // everybody else, from the last visit
  Duration fresh_proof = Duration::minutes(10);     // how long a password or code counts for dangerous acts
  std::optional<bool> second_factor;                // asked of everybody with a right; nothing: in production
};

// ---- the whole
// -------------------------------------------------------------------------------------------------

struct Settings {
  ProgramSettings program;
  ServerSettings server;
  DatabaseSettings database;
  MailSettings mail;
  SecuritySettings security;
  std::filesystem::path file;  // read from; empty: defaults
  std::filesystem::path
      base_directory;  // relative paths start here: the file's folder, else the working directory

  // Whether everybody with a right must have a second factor. source: ground rules 15, 5.3.
  bool requires_second_factor() const { return security.second_factor.value_or(!server.is_development()); }

  // Every value as TOML with secrets masked, for `check` and logs.
  std::string to_string() const;
};

// Reads one file or text. Throws ConfigError. `environment` answers for `<key>_env`; by default getenv.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Settings load_settings(const std::filesystem::path& file, const Environment& environment = {});
Settings parse_settings(std::string_view text, const std::string& name,
                        const std::filesystem::path& base_directory, const Environment& environment = {});

// --settings FILE, else ./plenary.toml, else /etc/plenary/plenary.toml, else none. A given file need not
// exist: reading it says so.
std::optional<std::filesystem::path> find_settings_file(const std::optional<std::filesystem::path>& given);

// Which file get_settings() reads (--settings); empty: the search order. Call before the first
// get_settings(); clears what is cached.
void use_settings_file(const std::optional<std::filesystem::path>& given);

// The settings in force. Built once, shared until an override begins or ends.
std::shared_ptr<const Settings> get_settings();
// Its [program] part: get_config()->stripe.secret_key, get_config()->currency.
std::shared_ptr<const ProgramSettings> get_config();

// Grows whenever an override begins or ends: whoever keeps something worked out from the settings sees by it
// that it is old. Any thread; costs a load.
std::uint64_t settings_generation();

// For tests: other settings while it lives, for all threads. Overrides nest; each clears the cache as it
// begins and as it ends. Whoever holds an older shared_ptr keeps what it got.
class ScopedOverride {
 public:
  // `toml` replaces the whole file; it is checked like one at the next get_settings().
  explicit ScopedOverride(std::string toml);
  // `change` edits a copy of what is in force without it; unchecked.
  explicit ScopedOverride(std::function<void(Settings&)> change);
  ~ScopedOverride();
  ScopedOverride(const ScopedOverride&) = delete;
  ScopedOverride& operator=(const ScopedOverride&) = delete;

 private:
  std::uint64_t id_;
};

// What `check` reports about settings that are valid and yet wrong for their mode.
struct Finding {
  bool blocks;  // `serve` must refuse; else a warning
  std::string key;
  std::string text;  // what it is and how to mend it
};
std::vector<Finding> review(const Settings& settings);

}  // namespace plenary::config
