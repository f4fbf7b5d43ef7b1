// What all I/O threads read, made from the options before they start; and who is let in.
#include <stdexcept>

#include <spdlog/spdlog.h>

#include "web/io_thread.hpp"

namespace plenary::web {
namespace {

void log_to_spdlog(LogLevel level, std::string_view line) {
  switch (level) {
    case LogLevel::info:
      spdlog::info("{}", line);
      break;
    case LogLevel::warning:
      spdlog::warn("{}", line);
      break;
    case LogLevel::error:
      spdlog::error("{}", line);
      break;
  }
}

RouteTable metrics_table() {
  RouteTable table;
  Route route;
  route.pattern = "/metrics";
  route.name = "metrics";
  route.guard = public_();
  route.handler = [](Request& request) -> Task<Response> {
    Response response = Response::text(request.services().metrics->text());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return response;
  };
  table.push_back(std::move(route));
  return table;
}

}  // namespace

ServerParts::ServerParts(ServerOptions given, const Services& services)
    : options(std::move(given)),
      services(services),
      log(options.log ? options.log : LogFunction(log_to_spdlog)),
      dispatcher(services, log),
      security(services.secure || options.tls.has_value()),
      hosts(options.allowed_hosts),
      proxies(options.trusted_proxies),
      head_limits{options.max_head, options.max_target, options.max_headers},
      metrics_services(services) {
  if (!services.router) throw std::logic_error("The server has no router (Services::router).");
  if (options.tls) tls = std::make_shared<const TlsContext>(*options.tls);
  if (!options.metrics_listen.empty()) {
    if (!services.metrics) throw std::logic_error("metrics_listen is set, but there are no Metrics.");
    metrics_router = std::make_unique<Router>(std::vector<RouteTable>{metrics_table()});
    metrics_services.router = metrics_router.get();
    metrics_services.guard_context = nullptr;
    metrics_services.error_pages = nullptr;
    metrics_dispatcher = std::make_unique<Dispatcher>(metrics_services, log);
  }
}

bool ServerParts::counts_network(const IpAddress& peer) const {
  return !peer.is_loopback() && !proxies.contains(peer);
}

bool ServerParts::let_in(const IpAddress& peer) {
  if (!counts_network(peer)) return true;
  std::lock_guard lock(networks_mutex);
  std::size_t& count = networks[peer.network().bytes];
  if (count >= options.max_connections_per_network) return false;
  ++count;
  return true;
}

void ServerParts::let_go(const IpAddress& peer) {
  if (!counts_network(peer)) return;
  std::lock_guard lock(networks_mutex);
  auto at = networks.find(peer.network().bytes);
  if (at != networks.end() && --at->second == 0) networks.erase(at);
}

}  // namespace plenary::web
