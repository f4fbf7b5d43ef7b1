#include "web/forwarded.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.hpp"
#include "web/target.hpp"

namespace plenary::web {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string_view trim(std::string_view text) {
  return trimmed(text);
}

// "192.0.2.1", "192.0.2.1:443", "[2001:db8::1]", "[2001:db8::1]:443", "2001:db8::1"
std::optional<IpAddress> parse_node(std::string_view node) {
  node = trim(node);
  if (node.starts_with('[')) {
    std::size_t end = node.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    return IpAddress::parse(node.substr(1, end - 1));
  }
  if (std::count(node.begin(), node.end(), ':') == 1) node = node.substr(0, node.find(':'));
  return IpAddress::parse(node);
}

struct Hop {
  std::string node, proto, host;
};

// A quote that is not closed would swallow what the proxies put behind it: then quotes mean nothing.
std::vector<std::string_view> split(std::string_view list, char separator) {
  std::vector<std::string_view> parts;
  const bool quotes = std::count(list.begin(), list.end(), '"') % 2 == 0;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '"') quoted = quotes && !quoted;
    if (list[i] == separator && !quoted) {
      parts.push_back(trim(list.substr(start, i - start)));
      start = i + 1;
    }
  }
  parts.push_back(trim(list.substr(start)));
  return parts;
}

std::vector<Hop> parse_forwarded(std::string_view header) {
  std::vector<Hop> hops;
  for (std::string_view element : split(header, ',')) {
    Hop hop;
    for (std::string_view pair : split(element, ';')) {
      std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos) continue;
      std::string name = ascii_lower(trim(pair.substr(0, equals)));
      std::string value(trim(pair.substr(equals + 1)));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      if (name == "for") hop.node = value;
      if (name == "proto") hop.proto = ascii_lower(value);
      if (name == "host") hop.host = value;
    }
    hops.push_back(std::move(hop));
  }
  return hops;
}

std::vector<Hop> parse_x_forwarded(const ForwardingHeaders& headers) {
  std::vector<Hop> hops;
  for (std::string_view node : split(headers.x_forwarded_for, ','))
    hops.push_back({std::string(node), "", ""});
  // One value speaks for the proxy nearest to us; a list as long as the addresses' speaks for each.
  auto assign = [&](const std::string& header, auto member, bool lower) {
    if (header.empty()) return;
    std::vector<std::string_view> values = split(header, ',');
    if (values.size() == hops.size()) {
      for (std::size_t i = 0; i < hops.size(); ++i) {
        hops[i].*member = lower ? ascii_lower(values[i]) : std::string(values[i]);
      }
    } else {
      std::string value = lower ? ascii_lower(values.back()) : std::string(values.back());
      for (Hop& hop : hops) hop.*member = value;
    }
  };
  assign(headers.x_forwarded_proto, &Hop::proto, true);
  assign(headers.x_forwarded_host, &Hop::host, false);
  return hops;
}

// Walks from our own peer towards the client, as far as trusted proxies vouch.
Origin walk(const TrustedProxies& proxies, const IpAddress& peer, const std::vector<Hop>& hops) {
  Origin origin;
  IpAddress known = peer;
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    // `known` is a trusted proxy here; what it says of its own client is believed.
    if (hop->proto == "http" || hop->proto == "https") origin.scheme = hop->proto;
    if (is_authority(hop->host)) origin.host = hop->host;
    std::optional<IpAddress> next = parse_node(hop->node);
    if (!next) break;  // "unknown", "_hidden", nothing: nobody further is known
    known = *next;
    if (!proxies.contains(known)) break;
  }
  origin.client_address = known.to_string();
  return origin;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  IpAddress address;
  std::string copy(text);
  if (copy.find('\0') != std::string::npos) return std::nullopt;
  in_addr v4{};
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) {
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
    std::memcpy(address.bytes.data() + 12, &v4, 4);
    return address;
  }
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin())) {
    inet_ntop(AF_INET, bytes.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  }
  return text;
}

bool IpAddress::is_loopback() const {
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin())) return bytes[12] == 127;
  IpAddress one;
  one.bytes[15] = 1;
  return *this == one;
}

IpAddress IpAddress::network() const {
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin())) return *this;
  IpAddress network;
  std::copy(bytes.begin(), bytes.begin() + 8, network.bytes.begin());
  return network;
}

TrustedProxies::TrustedProxies(const std::vector<std::string>& networks) {
  for (const std::string& entry : networks) {
    std::string_view text = entry;
    std::size_t slash = text.find('/');
    std::optional<IpAddress> address = IpAddress::parse(text.substr(0, slash));
    bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
    int prefix = v4 ? 32 : 128;
    bool good = address.has_value();
    if (slash != std::string_view::npos) {
      std::string_view digits = text.substr(slash + 1);
      int limit = prefix;
      auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
      good = good && error == std::errc() && end == digits.data() + digits.size() && prefix >= 0 &&
             prefix <= limit;
    }
    if (!good) {
      throw std::invalid_argument(
          fmt::format("trusted_proxies: \"{}\" is no address or network. Write \"10.0.0.0/8\", \"127.0.0.1\" "
                      "or \"fd00::/8\".",
                      entry));
    }
    networks_.push_back({*address, v4 ? prefix + 96 : prefix});
  }
}

bool TrustedProxies::contains(const IpAddress& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    int bits = network.prefix;
    for (std::size_t i = 0; i < 16 && bits > 0; ++i, bits -= 8) {
      auto mask = static_cast<std::uint8_t>(bits >= 8 ? 0xff : 0xff << (8 - bits));
      if ((network.address.bytes[i] & mask) != (address.bytes[i] & mask)) return false;
    }
    return true;
  });
}

Origin resolve_origin(const TrustedProxies& proxies, const std::string& peer,
                      const ForwardingHeaders& headers) {
  Origin origin;
  std::optional<IpAddress> address = IpAddress::parse(peer);
  origin.client_address = address ? address->to_string() : peer;
  if (!address || !proxies.contains(*address)) return origin;
  bool standard = !headers.forwarded.empty();
  bool common = !headers.x_forwarded_for.empty();
  if (standard) {
    origin = walk(proxies, *address, parse_forwarded(headers.forwarded));
    // A proxy that writes one of the two and passes the other on unread would let anybody choose an address.
    if (common) {
      Origin other = walk(proxies, *address, parse_x_forwarded(headers));
      origin.contradictory = other.client_address != origin.client_address;
    }
    return origin;
  }
  if (common) return walk(proxies, *address, parse_x_forwarded(headers));
  // Only X-Forwarded-Proto or -Host: the nearest proxy speaks.
  if (!headers.x_forwarded_proto.empty()) {
    std::string proto = ascii_lower(split(headers.x_forwarded_proto, ',').back());
    if (proto == "http" || proto == "https") origin.scheme = proto;
  }
  if (!headers.x_forwarded_host.empty()) {
    std::string_view host = split(headers.x_forwarded_host, ',').back();
    if (is_authority(host)) origin.host = host;
  }
  return origin;
}

}  // namespace plenary::web
