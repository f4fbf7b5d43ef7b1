// What settings answer: hosts, proxies, loopback, rate limits, and what `check` has to say.
#include <gtest/gtest.h>

#include <set>

#include "config/settings.hpp"

namespace plenary::config {
namespace {

Settings parsed(std::string_view text) {
  return parse_settings(text, "settings.toml", ".");
}

struct HostCase {
  const char* host;
  bool allowed;
};

TEST(Settings, OnlyTheNamedHostsAreServed) {
  const Settings production = parsed(
      "[server]\nmode = \"production\"\npublic_url = \"https://tickets.example.org\"\n"
      "allowed_hosts = [\"Shop.example.org\", \"*.example.net\"]\n");
  const HostCase table[] = {{"tickets.example.org", true},
                            {"TICKETS.example.org:443", true},
                            {"shop.example.org", true},
                            {"a.example.net", true},
                            {"a.b.example.net:8080", true},
                            {"example.net", false},
                            {"evilexample.net", false},
                            {"example.org", false},
                            {"127.0.0.1", false},
                            {"localhost", false},
                            {"", false},
                            {"tickets.example.org:x", false},
                            {"tickets.example.org.", false},
                            {"a@tickets.example.org", false},
                            {"tickets.example.org/x", false},
                            {"a.example.net, b", false}};
  for (const HostCase& row : table)
    EXPECT_EQ(production.server.host_is_allowed(row.host), row.allowed) << row.host;
  const Settings development = parsed("");
  for (const char* host : {"localhost:8000", "127.0.0.1:8000", "127.1.2.3", "[::1]:8000", "[::1]"}) {
    EXPECT_TRUE(development.server.host_is_allowed(host)) << host;
  }
  EXPECT_FALSE(development.server.host_is_allowed("example.org"));
}

TEST(Settings, ProxiesAreTrustedByAddress) {
  const auto network = [](std::string_view text) { return Network::parse(text).value(); };
  EXPECT_TRUE(network("10.0.0.0/8").contains("10.255.1.2"));
  EXPECT_FALSE(network("10.0.0.0/8").contains("11.0.0.1"));
  EXPECT_TRUE(network("10.0.0.0/8").contains("::ffff:10.0.0.1"));
  EXPECT_TRUE(network("192.0.2.7").contains("192.0.2.7"));
  EXPECT_FALSE(network("192.0.2.7").contains("192.0.2.8"));
  EXPECT_TRUE(network("2001:db8::/33").contains("2001:db8:7fff::1"));
  EXPECT_FALSE(network("2001:db8::/33").contains("2001:db8:8000::1"));
  EXPECT_TRUE(network("0.0.0.0/0").contains("8.8.8.8"));
  EXPECT_FALSE(network("0.0.0.0/0").contains("2001:db8::1"));
  EXPECT_FALSE(network("10.0.0.0/8").contains("ten"));
  EXPECT_EQ(network("10.0.0.0/8").to_string(), "10.0.0.0/8");
  EXPECT_EQ(network("::1").to_string(), "::1");
  for (const char* wrong :
       {"", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "::1/129", "localhost", "10.0.0/8", "1/1"}) {
    EXPECT_FALSE(Network::parse(wrong)) << wrong;
  }
}

TEST(Settings, LoopbackIsWhatTheChapterSays) {
  for (const char* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.255.0.9", "::1"}) {
    EXPECT_TRUE((ListenAddress{host, 1}.is_loopback())) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "128.0.0.1", "localhost.example.org", "::2", "127.1"}) {
    EXPECT_FALSE((ListenAddress{host, 1}.is_loopback())) << host;
  }
  const Settings exposed = parsed(
      "[server]\nlisten = \"0.0.0.0:8000\"\nallow_exposed_development = true\n"
      "public_url = \"http://192.168.1.5:8000\"\n");
  EXPECT_EQ(exposed.server.base_url(), "http://192.168.1.5:8000");
}

TEST(Settings, RateLimitsPrintAsTheyAreWritten) {
  for (const char* text :
       {"1 per second", "10 per minute", "20 per 15 minutes", "5 per 90 seconds", "7 per day"}) {
    EXPECT_EQ(RateLimit::parse(text).value().to_string(), text);
  }
  for (const char* wrong :
       {"", "10", "10 minute", "10 per", "-1 per minute", "1 per 0 minutes", "1 per minutes", "1  per minute",
        "1 per 400 days", "9999999999 per day", "1 per 5 minute s"}) {
    EXPECT_FALSE(RateLimit::parse(wrong)) << wrong;
  }
}

std::set<std::string> blocking(const Settings& settings) {
  std::set<std::string> keys;
  for (const Finding& finding : review(settings)) {
    EXPECT_FALSE(finding.text.empty());
    if (finding.blocks) keys.insert(finding.key);
  }
  return keys;
}

std::set<std::string> warnings(const Settings& settings) {
  std::set<std::string> keys;
  for (const Finding& finding : review(settings)) {
    if (!finding.blocks) keys.insert(finding.key);
  }
  return keys;
}

TEST(Settings, ProductionIsRefusedUntilItCanBeReached) {
  using Keys = std::set<std::string>;
  EXPECT_EQ(blocking(parsed("")), Keys{});
  EXPECT_EQ(blocking(parsed("[server]\nmode = \"production\"\n")),
            (Keys{"server.public_url", "mail.smtp_url"}));
  EXPECT_EQ(blocking(parsed("[server]\nmode = \"production\"\npublic_url = \"https://a.example\"\n[mail]\n"
                            "smtp_url = \"smtp://mail:25\"\n")),
            Keys{"mail.from"});
  EXPECT_EQ(
      blocking(parsed("[server]\nmode = \"production\"\npublic_url = \"https://a.example\"\n[mail]\n"
                      "smtp_url = \"smtp://mail:25\"\nfrom = \"x@a.example\"\n[security]\nlimits = false\n")),
      Keys{"security.limits"});
}

TEST(Settings, SuspiciousSettingsAreWarnedAbout) {
  EXPECT_TRUE(warnings(parsed("")).empty());
  EXPECT_TRUE(warnings(parsed("[program]\ncurrency = \"EUR\"\ncurrency_symbol = \"$\""))
                  .count("program.currency_symbol"));
  EXPECT_FALSE(warnings(parsed("[program]\ncurrency = \"CAD\"\ncurrency_symbol = \"C$\""))
                   .count("program.currency_symbol"));
  EXPECT_TRUE(
      warnings(parsed("[program.stripe]\nsecret_key = \"sk_live_abcd\"")).count("program.stripe.secret_key"));
  EXPECT_TRUE(warnings(parsed("[program.stripe]\nsecret_key = \"sk_test_a\""))
                  .count("program.stripe.webhook_secret"));
}

}  // namespace
}  // namespace plenary::config
