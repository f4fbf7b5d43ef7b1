// Whose word about the client is believed. source: ground rules 15, 2.1.
#include "web/forwarded.hpp"

#include <gtest/gtest.h>

#include "support/http_client.hpp"
#include "web/hosts.hpp"
#include "web/test_site.hpp"

namespace plenary::web::test {
namespace {

struct Case {
  const char* what;
  const char* peer;
  ForwardingHeaders headers;
  const char* client;
  const char* scheme;
  const char* host;
  bool contradictory = false;
};

TEST(Forwarding, IsReadRightToLeftAndOnlyFromTrustedProxies) {
  TrustedProxies proxies({"10.0.0.0/8", "192.168.1.1", "fd00::/8"});
  const Case cases[] = {
      {"no proxy, no headers", "203.0.113.9", {}, "203.0.113.9", "", ""},
      {"a stranger forges all of them",
       "203.0.113.9",
       {"for=1.1.1.1;proto=https;host=evil.example", "1.1.1.1", "https", "evil.example"},
       "203.0.113.9",
       "",
       ""},
      {"one proxy",
       "10.1.2.3",
       {"", "203.0.113.9", "https", "tickets.example.org"},
       "203.0.113.9",
       "https",
       "tickets.example.org"},
      {"the client forged the left part",
       "10.1.2.3",
       {"", "1.1.1.1, 203.0.113.9", "", ""},
       "203.0.113.9",
       "",
       ""},
      {"two proxies", "10.1.2.3", {"", "203.0.113.9, 192.168.1.1", "", ""}, "203.0.113.9", "", ""},
      {"two proxies and a forgery",
       "10.1.2.3",
       {"", "10.9.9.9, 203.0.113.9, 192.168.1.1", "", ""},
       "203.0.113.9",
       "",
       ""},
      {"only proxies: the outermost one",
       "10.1.2.3",
       {"", "10.0.0.7, 192.168.1.1", "", ""},
       "10.0.0.7",
       "",
       ""},
      {"an address near a trusted one is not trusted",
       "10.1.2.3",
       {"", "1.1.1.1, 192.168.1.2", "", ""},
       "192.168.1.2",
       "",
       ""},
      {"with a port", "10.1.2.3", {"", "203.0.113.9:4711", "", ""}, "203.0.113.9", "", ""},
      {"IPv6", "fd00::1", {"", "2001:db8::5", "", ""}, "2001:db8::5", "", ""},
      {"IPv6 in brackets with a port", "10.1.2.3", {"", "[2001:db8::5]:4711", "", ""}, "2001:db8::5", "", ""},
      {"IPv4 as IPv6", "::ffff:10.1.2.3", {"", "203.0.113.9", "", ""}, "203.0.113.9", "", ""},
      {"garbage ends the walk", "10.1.2.3", {"", "203.0.113.9, nonsense", "", ""}, "10.1.2.3", "", ""},
      {"unknown ends the walk", "10.1.2.3", {"for=203.0.113.9, for=unknown", "", "", ""}, "10.1.2.3", "", ""},
      {"Forwarded",
       "10.1.2.3",
       {"for=203.0.113.9;proto=https;host=tickets.example.org", "", "", ""},
       "203.0.113.9",
       "https",
       "tickets.example.org"},
      {"Forwarded with quotes and IPv6",
       "10.1.2.3",
       {"For=\"[2001:db8::5]:4711\";Proto=HTTPS", "", "", ""},
       "2001:db8::5",
       "https",
       ""},
      {"Forwarded with a forged left part",
       "10.1.2.3",
       {"for=1.1.1.1;proto=https, for=203.0.113.9;proto=http", "", "", ""},
       "203.0.113.9",
       "http",
       ""},
      {"Forwarded with a comma in quotes",
       "10.1.2.3",
       {"for=\"_a,b\", for=203.0.113.9", "", "", ""},
       "203.0.113.9",
       "",
       ""},
      {"a quote that a stranger opened hides nobody",
       "10.1.2.3",
       {"", "\", 203.0.113.9", "", ""},
       "203.0.113.9",
       "",
       ""},
      {"Forwarded with a quote that a stranger opened",
       "10.1.2.3",
       {"for=\"1.1.1.1, for=\"[2001:db8::5]:4711\";proto=https", "", "", ""},
       "2001:db8::5",
       "https",
       ""},
      {"both say the same", "10.1.2.3", {"for=203.0.113.9", "203.0.113.9", "", ""}, "203.0.113.9", "", ""},
      {"the two contradict each other",
       "10.1.2.3",
       {"for=1.1.1.1", "203.0.113.9", "", ""},
       "1.1.1.1",
       "",
       "",
       true},
      {"the scheme alone", "10.1.2.3", {"", "", "https", ""}, "10.1.2.3", "https", ""},
      {"an odd scheme says nothing",
       "10.1.2.3",
       {"", "203.0.113.9", "javascript", ""},
       "203.0.113.9",
       "",
       ""},
      {"an odd host says nothing", "10.1.2.3", {"", "203.0.113.9", "", "a b/<c>"}, "203.0.113.9", "", ""},
      {"schemes of two proxies",
       "10.1.2.3",
       {"", "203.0.113.9, 192.168.1.1", "https, http", ""},
       "203.0.113.9",
       "https",
       ""},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    Origin origin = resolve_origin(proxies, one.peer, one.headers);
    EXPECT_EQ(origin.client_address, one.client);
    EXPECT_EQ(origin.scheme, one.scheme);
    EXPECT_EQ(origin.host, one.host);
    EXPECT_EQ(origin.contradictory, one.contradictory);
  }
}

TEST(Forwarding, AWrongNetworkIsNamed) {
  for (std::string wrong :
       {"10.0.0.0/33", "10.0.0", "proxy.example.org", "fd00::/129", "10.0.0.0/", "10.0.0.0/8x", ""}) {
    EXPECT_THROW(TrustedProxies({wrong}), std::invalid_argument) << wrong;
  }
}

TEST(Forwarding, ASubscriberIsAnAddressOrA64) {
  auto network = [](const char* text) { return IpAddress::parse(text)->network().to_string(); };
  EXPECT_EQ(network("203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
  EXPECT_TRUE(IpAddress::parse("127.9.9.9")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
}

TEST(Forwarding, HoldsForWholeRequests) {
  RouteTable table{page("/who/", "who", [](Request& request) -> Task<Response> {
    co_return Response::text(std::string(request.client_address()) + " " + std::string(request.scheme()) +
                             " " + std::string(request.host()));
  })};
  ServerOptions options = TestSite::quick_options();
  options.trusted_proxies = {"127.0.0.1"};
  TestSite site(table, options);
  plenary::test::HttpClient client(site.port());
  EXPECT_EQ(client.get("/who/").body, "127.0.0.1 http localhost");
  EXPECT_EQ(client
                .get("/who/", {{"X-Forwarded-For", "1.1.1.1"},
                               {"X-Forwarded-For", "203.0.113.9"},
                               {"X-Forwarded-Proto", "https"},
                               {"X-Forwarded-Host", "Tickets.Example.org"}})
                .body,
            "203.0.113.9 https tickets.example.org");
  EXPECT_EQ(client.get("/who/", {{"X-Forwarded-Host", "evil.example"}}).status, 400);
  EXPECT_EQ(client.get("/who/", {{"X-Forwarded-For", "1.1.1.1"}, {"Forwarded", "for=2.2.2.2"}}).status, 400);
}

TEST(Hosts, OnlyTheNamedOnesAreAnswered) {
  AllowedHosts some({"tickets.example.org", ".pyconf.example", "[2001:db8::1]"});
  for (std::string good : {"tickets.example.org", "tickets.example.org:8443", "tickets.example.org.",
                           "2027.pyconf.example", "a.b.pyconf.example", "[2001:db8::1]:80"}) {
    EXPECT_TRUE(some.allows(good)) << good;
  }
  for (std::string bad : {"example.org", "pyconf.example", ".pyconf.example", "xtickets.example.org",
                          "notpyconf.example", "localhost", "[2001:db8::2]", ""}) {
    EXPECT_FALSE(some.allows(bad)) << bad;
  }
  EXPECT_TRUE(AllowedHosts({}).allows("127.0.0.1:8000"));
  EXPECT_FALSE(AllowedHosts({}).allows("tickets.example.org"));
  EXPECT_TRUE(AllowedHosts({"*"}).allows("anything.example"));
}

}  // namespace
}  // namespace plenary::web::test
