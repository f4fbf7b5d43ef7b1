#include "domain/accounts/typos.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"

namespace plenary::accounts {
namespace {

// Where most people have their mail; only what is near to one of these is asked about.
const std::vector<std::string>& well_known() {
  static const std::vector<std::string> hosts{
      "mail.com",       "ymail.com",   "email.com",      "gmx.ch",     "gmx.com",     "gmail.com",
      "googlemail.com", "hotmail.com", "hotmail.co.uk",  "hotmail.fr", "outlook.com", "live.com",
      "msn.com",        "yahoo.com",   "yahoo.co.uk",    "yahoo.fr",   "yahoo.de",    "icloud.com",
      "me.com",         "proton.me",   "protonmail.com", "aol.com",    "gmx.de",      "gmx.net",
      "gmx.at",         "web.de",      "t-online.de",    "posteo.de",  "mailbox.org", "fastmail.com",
      "hey.com",        "zoho.com",    "mail.ru",        "yandex.ru",  "orange.fr",   "free.fr",
      "laposte.net",    "libero.it",   "comcast.net",    "verizon.net"};
  return hosts;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> endings{{{".con", ".com"},
                                                                                 {".cmo", ".com"},
                                                                                 {".ocm", ".com"},
                                                                                 {".vom", ".com"},
                                                                                 {".xom", ".com"},
                                                                                 {".comm", ".com"},
                                                                                 {".ccom", ".com"},
                                                                                 {".c0m", ".com"},
                                                                                 {".cim", ".com"},
                                                                                 {".nte", ".net"},
                                                                                 {".ent", ".net"},
                                                                                 {".ogr", ".org"},
                                                                                 {".rog", ".org"},
                                                                                 {".orgg", ".org"}}};

// Whether one slip could lead from one to the other: what they begin and end with alike covers nearly all.
// Cheap, as every review of an order asks.
bool are_near(std::string_view a, std::string_view b) {
  const std::size_t longer = std::max(a.size(), b.size()), shorter = std::min(a.size(), b.size());
  if (longer - shorter > 1) return false;
  std::size_t front = 0, back = 0;
  while (front < shorter && a[front] == b[front]) ++front;
  while (back < shorter - front && a[a.size() - 1 - back] == b[b.size() - 1 - back]) ++back;
  return front + back + 2 >= longer;
}

}  // namespace

std::string likely_address(std::string_view email) {
  const std::string_view address = trimmed(email);
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || !is_email(address)) return {};
  const std::string typed = ascii_lower(address.substr(at + 1));
  std::string host = typed;
  for (const auto& [wrong, right] : endings) {
    if (host.size() > wrong.size() && host.ends_with(wrong)) {
      host.replace(host.size() - wrong.size(), wrong.size(), right);
      break;
    }
  }
  const auto& hosts = well_known();
  if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) {
    for (const std::string& known : hosts) {
      // One slip in a short name makes another name ("me.com", "gmx.at"): ask only about longer ones.
      if (known.size() >= 8 && are_near(host, known) && edit_distance(host, known) == 1) {
        host = known;
        break;
      }
    }
  }
  if (host == typed) return {};
  return std::string(address.substr(0, at + 1)) + host;
}

}  // namespace plenary::accounts
