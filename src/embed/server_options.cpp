#include "embed/server_options.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>

namespace plenary::embed {
namespace {

std::string text_of(const config::Network& network) {
  static constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const bool is_v4 = network.prefix >= 96 && std::equal(mapped, mapped + 12, network.address.begin());
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v4 ? AF_INET : AF_INET6, network.address.data() + (is_v4 ? 12 : 0), text, sizeof text);
  return fmt::format("{}/{}", text, is_v4 ? network.prefix - 96 : network.prefix);
}

std::chrono::milliseconds milliseconds(Duration duration) {
  return std::chrono::milliseconds(duration.micros / 1000);
}

std::string host_of(const std::string& url) {
  const std::size_t start = url.find("://");
  std::string host = start == std::string::npos ? url : url.substr(start + 3);
  host = host.substr(0, host.find('/'));
  const std::size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host = host.substr(0, colon);
  return host;
}

}  // namespace

web::ServerOptions server_options(const config::Settings& settings) {
  const config::ServerSettings& server = settings.server;
  web::ServerOptions options;
  options.listen = server.listen.to_string();
  if (server.metrics_listen) options.metrics_listen = server.metrics_listen->to_string();
  if (server.metrics_token) options.metrics_token = server.metrics_token->reveal();
  options.threads = server.threads > 0 ? static_cast<std::size_t>(server.threads)
                                       : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
  for (const std::string& host : server.allowed_hosts) {
    options.allowed_hosts.push_back(host.starts_with("*.") ? host.substr(1) : host);
  }
  if (!server.public_url.empty()) options.allowed_hosts.push_back(host_of(server.public_url));
  if (server.is_development() && !options.allowed_hosts.empty()) {
    for (const char* host : {"localhost", "127.0.0.1", "[::1]"}) options.allowed_hosts.emplace_back(host);
    options.allowed_hosts.push_back(server.listen.host);
  }
  for (const config::Network& network : server.trusted_proxies)
    options.trusted_proxies.push_back(text_of(network));
  if (server.has_tls()) {
    options.tls = web::TlsFiles{settings.base_directory / server.tls_certificate_file,
                                settings.base_directory / server.tls_key_file};
  }
  options.max_connections = static_cast<std::size_t>(server.max_connections);
  options.max_connections_per_network = static_cast<std::size_t>(server.max_connections_per_network);
  options.max_head = static_cast<std::size_t>(server.max_header_bytes);
  options.max_body = static_cast<std::size_t>(server.max_body_bytes);
  options.form.file_bytes = static_cast<std::size_t>(server.max_upload_bytes);
  options.header_time = milliseconds(server.header_timeout);
  options.body_time = milliseconds(server.body_timeout);
  options.write_time = milliseconds(server.write_timeout);
  options.idle_time = milliseconds(server.idle_timeout);
  options.drain_time = milliseconds(server.drain_timeout);
  if (server.access_log) options.access_log = std::make_shared<web::AccessLog>(web::AccessLog::to_stdout());
  return options;
}

registration::HoldLimits hold_limits(const config::Settings& settings) {
  registration::HoldLimits limits;
  limits.enabled = settings.security.limits;
  limits.rates = settings.security.rates;
  limits.per_session = settings.security.holds.per_session;
  limits.per_account = settings.security.holds.per_account;
  limits.per_email = settings.security.holds.per_email;
  limits.per_network = settings.security.holds.per_network;
  return limits;
}

}  // namespace plenary::embed
