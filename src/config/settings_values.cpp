// What the settings' structs answer about themselves.
#include <arpa/inet.h>

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "config/settings.hpp"
#include "config/stripe_version.hpp"
#include "config/url.hpp"

namespace plenary::config {
namespace {

// IPv6 bytes of an address, IPv4 mapped; whether it was IPv4.
struct IpBytes {
  std::array<std::uint8_t, 16> bytes{};
  bool is_ipv4 = false;
};

std::optional<IpBytes> ip_bytes(std::string_view text) {
  if (text.empty() || text.size() > 60) return std::nullopt;
  const std::string address(text);
  IpBytes result;
  if (inet_pton(AF_INET, address.c_str(), result.bytes.data() + 12) == 1) {
    result.bytes[10] = result.bytes[11] = 0xff;
    result.is_ipv4 = true;
    return result;
  }
  if (inet_pton(AF_INET6, address.c_str(), result.bytes.data()) == 1) return result;
  return std::nullopt;
}

bool is_mapped_ipv4(const std::array<std::uint8_t, 16>& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

bool same_prefix(const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b, int prefix) {
  const int whole = prefix / 8, rest = prefix % 8;
  for (int i = 0; i < whole; ++i) {
    if (a[static_cast<std::size_t>(i)] != b[static_cast<std::size_t>(i)]) return false;
  }
  if (rest == 0) return true;
  const int mask = 0xff << (8 - rest) & 0xff;
  return (a[static_cast<std::size_t>(whole)] & mask) == (b[static_cast<std::size_t>(whole)] & mask);
}

std::optional<std::int64_t> small_number(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

struct Unit {
  std::string_view one, many;
  std::int64_t seconds;
};
constexpr Unit units[] = {
    {"second", "seconds", 1}, {"minute", "minutes", 60}, {"hour", "hours", 3600}, {"day", "days", 86'400}};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

// The host of a Host header, lower case, without port and brackets; empty when it is malformed.
std::string host_of_header(std::string_view header) {
  if (!header.empty() && header.front() == '[' && header.back() == ']') {
    const std::string_view host = header.substr(1, header.size() - 2);
    return is_host(host) ? ascii_lower(host) : std::string();
  }
  if (is_host(header) && header.find(':') == std::string_view::npos) return ascii_lower(header);
  const auto parts = parse_host_port(header);
  return parts ? parts->host : std::string();
}

}  // namespace

std::string StripeSettings::wire_api_version() const {
  return stripe_wire_version(api_version);
}

std::string_view ProgramSettings::symbol_for(Currency c) const {
  if (c == currency && currency_symbol) return *currency_symbol;
  return c.symbol();
}

Money ProgramSettings::max_grant() const {
  return Money::exact(Decimal(max_grant_amount), currency);
}

bool ListenAddress::is_loopback() const {
  return is_loopback_host(host);
}

std::string ListenAddress::to_string() const {
  const std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return text + ":" + std::to_string(port);
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto ip = ip_bytes(text.substr(0, slash));
  if (!ip) return std::nullopt;
  Network network;
  network.address = ip->bytes;
  if (slash != std::string_view::npos) {
    const auto prefix = small_number(text.substr(slash + 1));
    if (!prefix || *prefix > (ip->is_ipv4 ? 32 : 128)) return std::nullopt;
    network.prefix = static_cast<int>(*prefix) + (ip->is_ipv4 ? 96 : 0);
    // "10.1.0.0/8" is a slip: which of the two numbers is meant?
    std::array<std::uint8_t, 16> base{};
    for (int bit = 0; bit < network.prefix; ++bit) {
      const auto at = static_cast<std::size_t>(bit / 8);
      base[at] = static_cast<std::uint8_t>(base[at] | (network.address[at] & (0x80 >> bit % 8)));
    }
    if (base != network.address) return std::nullopt;
  }
  return network;
}

bool Network::contains(std::string_view ip) const {
  const auto bytes = ip_bytes(ip);
  return bytes && same_prefix(bytes->bytes, address, prefix);
}

std::string Network::to_string() const {
  const bool ipv4 = is_mapped_ipv4(address) && prefix >= 96;
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(ipv4 ? AF_INET : AF_INET6, address.data() + (ipv4 ? 12 : 0), text, sizeof text);
  if (prefix == 128) return text;
  return std::string(text) + "/" + std::to_string(ipv4 ? prefix - 96 : prefix);
}

std::string ServerSettings::base_url() const {
  if (!public_url.empty()) return public_url;
  return (has_tls() ? "https://" : "http://") + listen.to_string();
}

bool ServerSettings::host_is_allowed(std::string_view header) const {
  const std::string host = host_of_header(header);
  if (host.empty()) return false;
  if (const auto url = parse_url(public_url); url && url->host == host) return true;
  for (const std::string& allowed : allowed_hosts) {
    if (allowed == host) return true;
    if (allowed.size() > 2 && allowed[0] == '*' && host.size() > allowed.size() - 1 &&
        host.compare(host.size() - allowed.size() + 1, std::string::npos, allowed, 1) == 0) {
      return true;
    }
  }
  return is_development() && (is_loopback_host(host) || host == listen.host);
}

std::string DatabaseSettings::display() const {
  return without_password(url.reveal());
}

std::optional<RateLimit> RateLimit::parse(std::string_view text) {
  const auto words = words_of(text);
  if (words.size() != 3 && words.size() != 4) return std::nullopt;
  const auto count = small_number(words[0]);
  if (!count || *count < 1 || words[1] != "per") return std::nullopt;
  const auto times = words.size() == 4 ? small_number(words[2]) : std::optional<std::int64_t>(1);
  if (!times || *times < 1) return std::nullopt;
  for (const Unit& unit : units) {
    const bool named = words.back() == unit.one || (words.size() == 4 && words.back() == unit.many);
    if (!named) continue;
    if (*times * unit.seconds > 366 * 86'400) return std::nullopt;
    return RateLimit{*count, Duration::seconds(*times * unit.seconds)};
  }
  return std::nullopt;
}

std::string RateLimit::to_string() const {
  const std::int64_t seconds = per.micros / 1'000'000;
  for (auto unit = std::rbegin(units); unit != std::rend(units); ++unit) {
    if (seconds % unit->seconds != 0) continue;
    const std::int64_t times = seconds / unit->seconds;
    return std::to_string(count) + " per " +
           (times == 1 ? std::string(unit->one) : std::to_string(times) + " " + std::string(unit->many));
  }
  return std::to_string(count) + " per " + std::to_string(seconds) + " seconds";
}

}  // namespace plenary::config
