// Who is behind a reverse proxy. Forwarded and X-Forwarded-* are believed only from trusted proxies and read
// right to left: the first address that is no trusted proxy is the client; whatever stands left of it was
// made up by anybody. source: ground rules 15, 2.1; RFC 7239.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::web {

// An IPv4 or IPv6 address; IPv4 kept as mapped IPv6, so that ::ffff:10.0.0.1 and 10.0.0.1 are the same.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  static std::optional<IpAddress> parse(std::string_view text);
  std::string to_string() const;
  bool is_loopback() const;
  // What one subscriber has: an IPv4 address, or an IPv6 /64 with the rest zero.
  IpAddress network() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

class TrustedProxies {
 public:
  TrustedProxies() = default;
  // "10.0.0.0/8", "127.0.0.1", "fd00::/8". Throws std::invalid_argument naming the entry.
  explicit TrustedProxies(const std::vector<std::string>& networks);
  bool contains(const IpAddress& address) const;
  bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    IpAddress address;
    int prefix;
  };
  std::vector<Network> networks_;
};

struct ForwardingHeaders {
  // All lines of each header joined with ", " in the order they came; empty when absent.
  std::string forwarded, x_forwarded_for, x_forwarded_proto, x_forwarded_host;
};

struct Origin {
  std::string client_address;
  std::string scheme;          // empty: not said
  std::string host;            // empty: not said
  bool contradictory = false;  // Forwarded and X-Forwarded-For name different clients: answer 400
};

Origin resolve_origin(const TrustedProxies& proxies, const std::string& peer,
                      const ForwardingHeaders& headers);

}  // namespace plenary::web
