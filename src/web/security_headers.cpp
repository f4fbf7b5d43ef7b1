#include "web/security_headers.hpp"

#include <algorithm>
#include <array>

namespace plenary::web {
namespace {

struct Directive {
  std::string_view name;
  std::string_view sources;
};

// No inline script or style, no plugins, no frames, nothing from other hosts.
constexpr std::array<Directive, 12> usual_policy = {{{"default-src", "'none'"},
                                                     {"script-src", "'self'"},
                                                     {"style-src", "'self'"},
                                                     {"img-src", "'self' data:"},
                                                     {"font-src", "'self'"},
                                                     {"connect-src", "'self'"},
                                                     {"manifest-src", "'self'"},
                                                     {"media-src", "'self'"},
                                                     {"form-action", "'self'"},
                                                     {"base-uri", "'none'"},
                                                     {"object-src", "'none'"},
                                                     {"frame-ancestors", "'none'"}}};

void line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string SecurityHeaders::content_policy(
    const std::vector<std::pair<std::string, std::string>>& additions) {
  std::string policy;
  std::vector<bool> used(additions.size());
  auto begin = [&](std::string_view name) {
    if (!policy.empty()) policy += "; ";
    policy += name;
  };
  for (const Directive& directive : usual_policy) {
    std::string sources(directive.sources);
    for (std::size_t i = 0; i < additions.size(); ++i) {
      if (additions[i].first != directive.name) continue;
      used[i] = true;
      if (sources == "'none'") sources.clear();  // 'none' holds only when it stands alone
      if (!sources.empty()) sources += ' ';
      sources += additions[i].second;
    }
    begin(directive.name);
    policy += ' ';
    policy += sources;
  }
  // A directive of its own, "frame-src", may be named by several additions.
  for (std::size_t i = 0; i < additions.size(); ++i) {
    if (used[i]) continue;
    begin(additions[i].first);
    for (std::size_t j = i; j < additions.size(); ++j) {
      if (additions[j].first != additions[i].first) continue;
      used[j] = true;
      policy += ' ';
      policy += additions[j].second;
    }
  }
  return policy;
}

SecurityHeaders::SecurityHeaders(bool https) : https_(https) {
  append(Response(), usual_);
}

void SecurityHeaders::append(const Response& response, std::string& out) const {
  bool own = std::any_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    return header.first == "Referrer-Policy" || header.first == "Content-Security-Policy" ||
           header.first == "X-Frame-Options" || header.first == "Permissions-Policy";
  });
  if (!own && response.csp_additions.empty() && !usual_.empty()) {
    out += usual_;
    return;
  }
  if (!response.find("Content-Security-Policy")) {
    static const std::string usual = content_policy({});
    line(out, "Content-Security-Policy",
         response.csp_additions.empty() ? usual : content_policy(response.csp_additions));
  }
  if (!response.find("Referrer-Policy")) line(out, "Referrer-Policy", "strict-origin-when-cross-origin");
  if (!response.find("X-Frame-Options")) line(out, "X-Frame-Options", "DENY");
  line(out, "X-Content-Type-Options", "nosniff");
  line(out, "Cross-Origin-Opener-Policy", "same-origin");
  if (!response.find("Permissions-Policy"))
    line(out, "Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(self)");
  if (https_) line(out, "Strict-Transport-Security", "max-age=31536000");
}

}  // namespace plenary::web
