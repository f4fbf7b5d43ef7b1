#include "config/settings_schema.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/stripe_version.hpp"
#include "config/url.hpp"

namespace plenary::config {
namespace {

using Fault = SettingsVisitor::Fault;
using Checked = std::optional<Fault>;

constexpr std::int64_t seconds_per_day = 86'400;

Checked fine() {
  return std::nullopt;
}

Checked any_secret(const std::string&) {
  return fine();
}

std::string without_end_slashes(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

// Absolute https, plain http only to this machine. source: configuration 10, 2.3.
SettingsVisitor::Assign service_url(std::string& target) {
  return [&target](const std::string& text) -> Checked {
    const std::string allowed =
        "an absolute https URL (http only to a loopback address), such as https://example.org";
    const auto url = parse_url(text);
    if (!url) return Fault{allowed, text.find("://") == std::string::npos ? "begin it with https://" : ""};
    if (!url->userinfo.empty()) return Fault{allowed, "put no user name or password into the URL"};
    if (url->rest.find_first_of("?#") != std::string::npos)
      return Fault{allowed, "leave out what follows ? or #"};
    if (url->scheme == "http" && !is_loopback_host(url->host))
      return Fault{allowed, "write https:// for http://"};
    if (url->scheme != "https" && url->scheme != "http") return Fault{allowed, "begin it with https://"};
    target = without_end_slashes(text);
    return fine();
  };
}

Checked not_a_publishable_key(const std::string& key) {
  if (key.compare(0, 3, "pk_") != 0) return fine();
  return Fault{"a Stripe secret key (sk_… or rk_…)",
               "this is a publishable key: it belongs into publishable_key"};
}

Checked not_a_secret_key(const std::string& key) {
  if (key.compare(0, 3, "sk_") != 0 && key.compare(0, 3, "rk_") != 0) return fine();
  return Fault{
      "a Stripe publishable key (pk_…)",
      "this is a secret key, and publishable_key is shown to every browser: move it to secret_key, and "
      "replace it at Stripe if it was ever served"};
}

void describe_program(SettingsVisitor& v, ProgramSettings& p) {
  v.begin_table("stripe");
  v.secret("secret_key", p.stripe.secret_key, not_a_publishable_key);
  v.secret("publishable_key", p.stripe.publishable_key, not_a_secret_key);
  v.secret("webhook_secret", p.stripe.webhook_secret, any_secret);
  v.parsed("api_version", p.stripe.api_version, [&](const std::string& text) -> Checked {
    if (auto problem = stripe_version_fault(text)) return Fault{problem->allowed, problem->advice};
    p.stripe.api_version = text;
    return fine();
  });
  v.integer("webhook_tolerance", p.stripe.webhook_tolerance, 1, max_integer);
  v.parsed("api_base", p.stripe.api_base, [&](const std::string& text) -> Checked {
    const std::string given = without_end_slashes(text);
    const auto url = parse_url(given);
    const bool here = url && is_loopback_host(url->host) && url->userinfo.empty() && url->rest.empty() &&
                      (url->scheme == "http" || url->scheme == "https");
    if (!here && given != StripeSettings().api_base)
      return Fault{"https://api.stripe.com, or a stand-in for tests on this machine (http://127.0.0.1:PORT)",
                   "the secret key is sent there: leave it out"};
    p.stripe.api_base = given;
    return fine();
  });
  v.end_table();

  v.begin_table("pretalx");
  v.parsed("base_url", p.pretalx.base_url, service_url(p.pretalx.base_url));
  v.secret("token", p.pretalx.token, any_secret);
  v.boolean("schedule_delete_guard_enabled", p.pretalx.schedule_delete_guard_enabled);
  v.integer("schedule_delete_guard_min_existing_slots", p.pretalx.schedule_delete_guard_min_existing_slots, 0,
            max_integer);
  v.fraction("schedule_delete_guard_max_fraction_removed",
             p.pretalx.schedule_delete_guard_max_fraction_removed);
  v.end_table();

  v.begin_table("psf_sponsors");
  v.parsed("api_url", p.psf_sponsors.api_url, service_url(p.psf_sponsors.api_url));
  v.secret("token", p.psf_sponsors.token, any_secret);
  v.parsed("auth_scheme", p.psf_sponsors.auth_scheme, [&](const std::string& text) -> Checked {
    const bool ok = !text.empty() && text.size() <= 50 && std::all_of(text.begin(), text.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
             c == '_';
    });
    if (!ok) return Fault{"one word of letters, digits and hyphens, such as Token or Bearer", ""};
    p.psf_sponsors.auth_scheme = text;
    return fine();
  });
  v.text("publisher", p.psf_sponsors.publisher, {});
  v.text("flight", p.psf_sponsors.flight, {});
  v.end_table();

  v.begin_table("vies");
  v.parsed("url", p.vies.url, service_url(p.vies.url));
  v.end_table();

  FeatureSettings& f = p.features;
  v.begin_table("features");
  v.boolean("registration_enabled", f.registration_enabled);
  v.boolean("sponsors_enabled", f.sponsors_enabled);
  v.boolean("travel_grants_enabled", f.travel_grants_enabled);
  v.boolean("programs_enabled", f.programs_enabled);
  v.boolean("pretalx_sync_enabled", f.pretalx_sync_enabled);
  v.boolean("visa_letters_enabled", f.visa_letters_enabled);
  v.boolean("public_ui_enabled", f.public_ui_enabled);
  v.boolean("manage_ui_enabled", f.manage_ui_enabled);
  v.boolean("all_ui_enabled", f.all_ui_enabled);
  v.end_table();

  v.integer("cart_expiry_minutes", p.cart_expiry_minutes, 1, max_integer);
  v.integer("pending_order_expiry_minutes", p.pending_order_expiry_minutes, 1, max_integer);
  v.parsed("order_reference_prefix", p.order_reference_prefix, [&](const std::string& text) -> Checked {
    const bool letters = std::all_of(text.begin(), text.end(), [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (text.empty() || text.size() > 20 || !letters || text.front() == '-') {
      return Fault{"1 to 20 characters of A-Z, 0-9 and hyphen, the first a letter or digit",
                   ascii_upper(text) != text ? "write it in capitals" : ""};
    }
    p.order_reference_prefix = text;
    return fine();
  });
  v.parsed("currency", std::string(p.currency.code()), [&](const std::string& text) -> Checked {
    if (const auto currency = Currency::find(text)) {
      p.currency = *currency;
      return fine();
    }
    const std::string likely = ascii_upper(trimmed(text));
    return Fault{"the three-letter code of an active ISO 4217 currency, in capitals, such as USD",
                 Currency::find(likely) ? "write \"" + likely + "\"" : ""};
  });
  std::string symbol = p.currency_symbol.value_or("");
  v.parsed("currency_symbol", symbol, [&](const std::string& text) -> Checked {
    if (const auto fault = text_fault(text, {16, false, "a symbol"}))
      return Fault{fault->allowed, fault->advice};
    p.currency_symbol = text;
    return fine();
  });
  v.integer("max_grant_amount", p.max_grant_amount, 0, max_integer);
  v.parsed("attendee_profile_model", p.attendee_profile_model, [&](const std::string& text) -> Checked {
    const std::size_t dot = text.find('.');
    const auto is_name = [](std::string_view name) {
      return !name.empty() && (name[0] < '0' || name[0] > '9') &&
             std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
             });
    };
    const std::string_view all = text;
    if (!text.empty() &&
        (dot == std::string::npos || !is_name(all.substr(0, dot)) || !is_name(all.substr(dot + 1)))) {
      return Fault{"empty, or the name of a registered profile type as app.Type", ""};
    }
    p.attendee_profile_model = text;
    return fine();
  });
}

Checked listen_fault(const std::string& text) {
  if (text.find("://") != std::string::npos) {
    return Fault{"an address and a port, such as 127.0.0.1:8000 or [::1]:8000", "leave out the scheme"};
  }
  return Fault{"an address and a port, such as 127.0.0.1:8000 or [::1]:8000", ""};
}

std::optional<ListenAddress> listen_address(const std::string& text) {
  const auto parts = parse_host_port(text);
  if (!parts) return std::nullopt;
  // A name could mean another address tomorrow; localhost cannot.
  const bool address = Network::parse(parts->host).has_value();
  if (!address && parts->host != "localhost") return std::nullopt;
  return ListenAddress{parts->host, static_cast<std::uint16_t>(parts->port)};
}

void describe_server(SettingsVisitor& v, ServerSettings& s) {
  v.parsed("listen", s.listen.to_string(), [&](const std::string& text) -> Checked {
    const auto address = listen_address(text);
    if (!address) return listen_fault(text);
    s.listen = *address;
    return fine();
  });
  v.parsed(
      "mode", s.is_development() ? "development" : "production", [&](const std::string& text) -> Checked {
        if (text != "development" && text != "production") {
          const std::string likely = nearest(text, {"development", "production"});
          return Fault{"\"development\" or \"production\"", likely.empty() ? "" : "write \"" + likely + "\""};
        }
        s.mode = text == "production" ? Mode::production : Mode::development;
        return fine();
      });
  v.parsed("public_url", s.public_url, [&](const std::string& text) -> Checked {
    if (text.empty()) {
      s.public_url.clear();
      return fine();
    }
    const std::string allowed =
        "an absolute http or https URL of scheme, host and port only, such as "
        "https://tickets.example.org";
    const auto url = parse_url(text);
    if (!url || (url->scheme != "https" && url->scheme != "http")) {
      return Fault{allowed, text.find("://") == std::string::npos ? "begin it with https://" : ""};
    }
    if (!url->userinfo.empty()) return Fault{allowed, "put no user name or password into the URL"};
    if (url->rest.find_first_not_of('/') != std::string::npos) {
      return Fault{allowed, "leave out the path: pages begin at the root of the host"};
    }
    s.public_url = without_end_slashes(text);
    return fine();
  });
  v.list(
      "allowed_hosts", s.allowed_hosts,
      "a list of host names, such as [\"tickets.example.org\", \"*.example.org\"]",
      [&] { s.allowed_hosts.clear(); },
      [&](const std::string& text) -> Checked {
        std::string_view host = text;
        if (host.substr(0, 2) == "*.") host.remove_prefix(2);
        if (!is_host(host)) {
          const bool has_port = parse_host_port(text).has_value() || text.find("://") != std::string::npos;
          return Fault{"a host name or address, or *. and a domain",
                       has_port      ? "write the host alone, without scheme or port"
                       : text == "*" ? "name the hosts: a forged Host header must not reach a page"
                                     : ""};
        }
        s.allowed_hosts.push_back(ascii_lower(text));
        return fine();
      });
  std::vector<std::string> proxies;
  for (const Network& network : s.trusted_proxies) proxies.push_back(network.to_string());
  v.list(
      "trusted_proxies", proxies,
      "a list of IP addresses and ranges, such as [\"127.0.0.1\", \"10.0.0.0/8\"]",
      [&] { s.trusted_proxies.clear(); },
      [&](const std::string& text) -> Checked {
        const auto network = Network::parse(text);
        if (!network) {
          return Fault{"an IP address, or a range such as 10.0.0.0/8 whose host bits are zero",
                       is_host(text) ? "write the proxy's address: names are not looked up" : ""};
        }
        s.trusted_proxies.push_back(*network);
        return fine();
      });
  v.boolean("allow_exposed_development", s.allow_exposed_development);
  v.path("tls_certificate_file", s.tls_certificate_file);
  v.path("tls_key_file", s.tls_key_file);
  v.integer("threads", s.threads, 0, 1024);
  v.integer("slow_threads", s.slow_threads, 1, 1024);
  v.integer("slow_queue", s.slow_queue, 1, 1'000'000);
  v.integer("max_connections", s.max_connections, 1, 1'000'000);
  v.integer("max_connections_per_network", s.max_connections_per_network, 1, 1'000'000);
  v.integer("max_header_bytes", s.max_header_bytes, 1024, 1024 * 1024);
  v.integer("max_body_bytes", s.max_body_bytes, 1024, 1024 * 1024 * 1024);
  v.integer("max_upload_bytes", s.max_upload_bytes, 1024, 1024 * 1024 * 1024);
  v.duration("header_timeout_seconds", s.header_timeout, Duration::seconds(1), 1, 3600);
  v.duration("body_timeout_seconds", s.body_timeout, Duration::seconds(1), 1, 3600);
  v.duration("write_timeout_seconds", s.write_timeout, Duration::seconds(1), 1, 3600);
  v.duration("idle_timeout_seconds", s.idle_timeout, Duration::seconds(1), 1, 3600);
  v.duration("drain_timeout_seconds", s.drain_timeout, Duration::seconds(1), 0, 3600);
  v.parsed("metrics_listen", s.metrics_listen ? s.metrics_listen->to_string() : "",
           [&](const std::string& text) -> Checked {
             s.metrics_listen.reset();
             if (text.empty()) return fine();
             const auto address = listen_address(text);
             if (!address) return listen_fault(text);
             if (!address->is_loopback()) {
               return Fault{"a loopback address and a port, such as 127.0.0.1:9100",
                            "to read metrics from another machine set metrics_token instead"};
             }
             s.metrics_listen = *address;
             return fine();
           });
  v.secret("metrics_token", s.metrics_token, [](const std::string& token) -> Checked {
    if (token.size() >= 16) return fine();
    return Fault{"a token of at least 16 characters", "make one with: openssl rand -hex 16"};
  });
  v.path("templates_dir", s.templates_dir);
  v.path("locale_dir", s.locale_dir);
  v.path("static_dir", s.static_dir);
  v.path("media_dir", s.media_dir);
  v.parsed("log_level", s.log_level, [&](const std::string& text) -> Checked {
    const std::vector<std::string> levels = {"trace", "debug", "info", "warn", "error", "off"};
    if (std::find(levels.begin(), levels.end(), text) == levels.end()) {
      const std::string likely = nearest(text, levels);
      return Fault{"one of trace, debug, info, warn, error, off",
                   likely.empty() ? "" : "write \"" + likely + "\""};
    }
    s.log_level = text;
    return fine();
  });
  v.boolean("access_log", s.access_log);
  v.path("clock_file", s.clock_file);
}

Checked database_url_fault(const std::string& text) {
  const std::string allowed =
      "sqlite:///absolute/path, sqlite:relative/path or postgresql://user@host/database";
  const auto starts = [&](std::string_view start) {
    return std::string_view(text).substr(0, start.size()) == start;
  };
  if (starts("postgres://")) return Fault{allowed, "write postgresql:// for postgres://"};
  if (starts("postgresql://")) {
    if (text.size() > 13) return fine();
    return Fault{allowed, "name the host and the database"};
  }
  if (starts("sqlite:")) {
    const std::string_view path = std::string_view(text).substr(7);
    if (path.empty() || path == "///" || path == "//") return Fault{allowed, "name the file"};
    if (path == ":memory:") return Fault{allowed, "a database in memory loses every order: name a file"};
    if (path.find('?') != std::string_view::npos) return Fault{allowed, "leave out what follows ?"};
    if (path.substr(0, 2) == "//" && path.substr(0, 3) != "///") {
      return Fault{allowed, "three slashes for an absolute path, none for a relative one"};
    }
    if (path.back() == '/') return Fault{allowed, "name the file, not its folder"};
    return fine();
  }
  if (text.find(':') == std::string::npos) return Fault{allowed, "put sqlite: before the name of a file"};
  return Fault{allowed, "SQLite and PostgreSQL are supported"};
}

void describe_database(SettingsVisitor& v, DatabaseSettings& d) {
  std::optional<Secret> url = d.url;
  v.secret("url", url, database_url_fault, d.display());
  if (url) d.url = *url;
  const bool sqlite = d.url.reveal().compare(0, 7, "sqlite:") == 0;
  d.engine = sqlite ? DatabaseEngine::sqlite : DatabaseEngine::postgresql;
  v.integer("max_connections", d.max_connections, 1, 8);
}

void describe_mail(SettingsVisitor& v, MailSettings& m) {
  v.parsed("smtp_url", m.smtp_url.value_or(""), [&](const std::string& text) -> Checked {
    m.smtp_url.reset();
    if (text.empty()) return fine();
    const std::string allowed = "smtp://host:port or smtps://host:port";
    const auto url = parse_url(text);
    if (!url || (url->scheme != "smtp" && url->scheme != "smtps")) {
      return Fault{allowed, text.find("://") == std::string::npos ? "begin it with smtp:// or smtps://" : ""};
    }
    if (!url->userinfo.empty()) return Fault{allowed, "the account goes into username and password"};
    if (url->rest.find_first_not_of('/') != std::string::npos) return Fault{allowed, "leave out the path"};
    m.smtp_url = without_end_slashes(text);
    return fine();
  });
  v.text("username", m.username, {200, true, "a user name"});
  v.secret("password", m.password, any_secret);
  v.boolean("require_tls", m.require_tls);
  const auto mailbox = [](std::string& target, bool may_be_empty) {
    return [&target, may_be_empty](const std::string& text) -> Checked {
      const std::size_t open = text.find('<');
      std::string_view address = text;
      if (open != std::string::npos && text.back() == '>') {
        address = std::string_view(text).substr(open + 1, text.size() - open - 2);
      }
      const bool ok = (may_be_empty && text.empty()) || (is_email(address) && !has_control_characters(text));
      if (!ok) return Fault{"an e-mail address, or a name and an address as Name <address@example.org>", ""};
      target = text;
      return fine();
    };
  };
  v.parsed("from", m.from, mailbox(m.from, false));
  v.parsed("reply_to", m.reply_to, mailbox(m.reply_to, true));
  v.list(
      "sender_domains", m.sender_domains, "a list of domains, such as [\"example.org\"]",
      [&] { m.sender_domains.clear(); },
      [&](const std::string& text) -> Checked {
        if (!is_email("a@" + text))
          return Fault{"a domain such as example.org",
                       text.find('*') != std::string::npos
                           ? "name each domain: mail of a subdomain is checked by "
                             "records of its own"
                       : text.find('@') != std::string::npos ? "write the part behind the @ alone"
                                                             : ""};
        m.sender_domains.push_back(ascii_lower(text));
        return fine();
      });
  v.path("folder", m.folder);
  v.duration("timeout_seconds", m.timeout, Duration::seconds(1), 1, 3600);
  v.secret("bounce_token", m.bounce_token, [](const std::string& token) -> Checked {
    if (token.size() < 16) return Fault{"at least 16 characters", "make one with: openssl rand -hex 16"};
    return fine();
  });
}

void describe_security(SettingsVisitor& v, SecuritySettings& s) {
  v.path("key_file", s.key_file);
  v.boolean("limits", s.limits);
  v.integer("network_prefix_ipv4", s.network_prefix_ipv4, 8, 32);
  v.integer("network_prefix_ipv6", s.network_prefix_ipv6, 16, 128);
  v.duration("session_idle_minutes", s.session_idle, Duration::minutes(1), 1, 7 * seconds_per_day / 60);
  v.duration("session_absolute_hours", s.session_absolute, Duration::hours(1), 1, 365 * 24);
  v.duration("visitor_session_days", s.visitor_session, Duration::days(1), 1, 365);
  v.duration("fresh_proof_minutes", s.fresh_proof, Duration::minutes(1), 1, 12 * 60);
  const std::string_view factor = !s.second_factor ? "" : *s.second_factor ? "required" : "optional";
  v.parsed("second_factor", std::string(factor), [&s](const std::string& text) -> Checked {
    if (text.empty()) {
      s.second_factor.reset();
      return fine();
    }
    if (text != "required" && text != "optional")
      return Fault{"\"required\" or \"optional\"",
                   "leave it out to require it in production and not in development"};
    s.second_factor = text == "required";
    return fine();
  });

  v.begin_table("rates");
  const auto rate = [&](std::string_view key, RateLimit& limit) {
    v.parsed(key, limit.to_string(), [&limit](const std::string& text) -> Checked {
      const auto parsed = RateLimit::parse(text);
      if (!parsed) {
        return Fault{"a count and a time, such as \"10 per minute\" or \"20 per 15 minutes\"",
                     "units are seconds, minutes, hours and days"};
      }
      limit = *parsed;
      return fine();
    });
  };
  rate("sign_in_per_account", s.rates.sign_in_per_account);
  rate("sign_in_per_network", s.rates.sign_in_per_network);
  rate("second_factor_per_account", s.rates.second_factor_per_account);
  rate("sign_up_per_network", s.rates.sign_up_per_network);
  rate("password_reset_per_account", s.rates.password_reset_per_account);
  rate("password_reset_per_network", s.rates.password_reset_per_network);
  rate("find_order_per_email", s.rates.find_order_per_email);
  rate("find_order_per_network", s.rates.find_order_per_network);
  rate("new_carts_per_session", s.rates.new_carts_per_session);
  rate("new_carts_per_account", s.rates.new_carts_per_account);
  rate("new_carts_per_email", s.rates.new_carts_per_email);
  rate("new_carts_per_network", s.rates.new_carts_per_network);
  rate("orders_per_session", s.rates.orders_per_session);
  rate("orders_per_account", s.rates.orders_per_account);
  rate("orders_per_email", s.rates.orders_per_email);
  rate("orders_per_network", s.rates.orders_per_network);
  rate("voucher_tries_per_session", s.rates.voucher_tries_per_session);
  rate("voucher_tries_per_network", s.rates.voucher_tries_per_network);
  v.end_table();

  v.begin_table("holds");
  v.integer("per_session", s.holds.per_session, 1, 1'000'000);
  v.integer("per_account", s.holds.per_account, 1, 1'000'000);
  v.integer("per_email", s.holds.per_email, 1, 1'000'000);
  v.integer("per_network", s.holds.per_network, 1, 1'000'000);
  v.end_table();
}

}  // namespace

void describe(SettingsVisitor& visitor, Settings& settings) {
  visitor.begin_table("program");
  describe_program(visitor, settings.program);
  visitor.end_table();
  visitor.begin_table("server");
  describe_server(visitor, settings.server);
  visitor.end_table();
  visitor.begin_table("database");
  describe_database(visitor, settings.database);
  visitor.end_table();
  visitor.begin_table("mail");
  describe_mail(visitor, settings.mail);
  visitor.end_table();
  visitor.begin_table("security");
  describe_security(visitor, settings.security);
  visitor.end_table();
}

}  // namespace plenary::config
