#include "web/metrics.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "web/routes.hpp"

namespace plenary::web {
namespace {

std::string label_text(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

struct Sum {
  std::array<std::uint64_t, 6> by_class{};
  std::array<std::uint64_t, Metrics::buckets.size() + 1> times{};
  std::uint64_t nanoseconds = 0, bytes = 0;
};

}  // namespace

void Metrics::PerThread::count(int route_index, int status, std::uint64_t nanoseconds, std::uint64_t bytes) {
  PerRoute& route = routes[static_cast<std::size_t>(route_index)];
  route.by_class[static_cast<std::size_t>(std::clamp(status / 100, 0, 5))].add();
  double seconds = static_cast<double>(nanoseconds) / 1e9;
  auto bucket = std::lower_bound(buckets.begin(), buckets.end(), seconds) - buckets.begin();
  route.times[static_cast<std::size_t>(bucket)].add();
  route.nanoseconds.add(nanoseconds);
  route.bytes_out.add(bytes);
}

void Metrics::gauge(std::string name, std::string help, std::function<double()> read, std::string labels) {
  std::lock_guard lock(mutex_);
  extras_.push_back({std::move(name), std::move(help), "gauge", std::move(labels), std::move(read)});
}

void Metrics::counter(std::string name, std::string help, std::function<double()> read, std::string labels) {
  std::lock_guard lock(mutex_);
  extras_.push_back({std::move(name), std::move(help), "counter", std::move(labels), std::move(read)});
}

Metrics::PerThread& Metrics::add_thread(const Router& router) {
  std::lock_guard lock(mutex_);
  router_ = &router;
  return *threads_.emplace_back(std::make_unique<PerThread>(router.routes().size()));
}

std::string Metrics::text() const {
  std::lock_guard lock(mutex_);
  std::string out;
  auto to = std::back_inserter(out);
  auto head = [&](std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(to, "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  };

  std::map<std::string, Sum> sums;  // several routes of one pattern count together
  std::uint64_t connections = 0, refused = 0, malformed = 0, timed_out = 0;
  for (const auto& thread : threads_) {
    connections += thread->connections.get();
    refused += thread->refused_connections.get();
    malformed += thread->malformed.get();
    timed_out += thread->timed_out.get();
    for (std::size_t i = 0; i < thread->routes.size(); ++i) {
      const PerRoute& route = thread->routes[i];
      std::string pattern = i == 0 || !router_ ? "(none)" : router_->routes()[i - 1].pattern;
      Sum one;
      for (std::size_t c = 0; c < one.by_class.size(); ++c) one.by_class[c] = route.by_class[c].get();
      if (std::all_of(one.by_class.begin(), one.by_class.end(), [](auto n) { return n == 0; })) continue;
      Sum& sum = sums[pattern];
      for (std::size_t c = 0; c < sum.by_class.size(); ++c) sum.by_class[c] += one.by_class[c];
      for (std::size_t b = 0; b < sum.times.size(); ++b) sum.times[b] += route.times[b].get();
      sum.nanoseconds += route.nanoseconds.get();
      sum.bytes += route.bytes_out.get();
    }
  }

  head("plenary_http_requests_total", "counter", "Requests answered, by route pattern and class of status.");
  for (const auto& [pattern, sum] : sums) {
    for (std::size_t c = 1; c < sum.by_class.size(); ++c) {
      if (sum.by_class[c] == 0) continue;
      fmt::format_to(to, "plenary_http_requests_total{{route=\"{}\",status=\"{}xx\"}} {}\n",
                     label_text(pattern), c, sum.by_class[c]);
    }
  }
  head("plenary_http_request_seconds", "histogram",
       "Time from the whole request read to the response handed over.");
  for (const auto& [pattern, sum] : sums) {
    std::uint64_t total = 0;
    for (std::size_t b = 0; b < buckets.size(); ++b) {
      total += sum.times[b];
      fmt::format_to(to, "plenary_http_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n",
                     label_text(pattern), buckets[b], total);
    }
    total += sum.times[buckets.size()];
    fmt::format_to(to, "plenary_http_request_seconds_bucket{{route=\"{}\",le=\"+Inf\"}} {}\n",
                   label_text(pattern), total);
    fmt::format_to(to, "plenary_http_request_seconds_sum{{route=\"{}\"}} {}\n", label_text(pattern),
                   static_cast<double>(sum.nanoseconds) / 1e9);
    fmt::format_to(to, "plenary_http_request_seconds_count{{route=\"{}\"}} {}\n", label_text(pattern), total);
  }
  head("plenary_http_response_bytes_total", "counter", "Body bytes answered, by route pattern.");
  for (const auto& [pattern, sum] : sums) {
    fmt::format_to(to, "plenary_http_response_bytes_total{{route=\"{}\"}} {}\n", label_text(pattern),
                   sum.bytes);
  }
  auto single = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    head(name, "counter", help);
    fmt::format_to(to, "{} {}\n", name, value);
  };
  single("plenary_http_connections_total", "Connections accepted.", connections);
  single("plenary_http_connections_refused_total", "Connections closed at once because of the limit.",
         refused);
  single("plenary_http_malformed_requests_total", "Requests refused before they reached a route.", malformed);
  single("plenary_http_timeouts_total", "Connections closed because the other side was too slow.", timed_out);

  std::string last;
  for (const Extra& extra : extras_) {
    if (extra.name != last) head(extra.name, extra.type, extra.help);
    last = extra.name;
    fmt::format_to(to, "{}{} {}\n", extra.name, extra.labels.empty() ? "" : "{" + extra.labels + "}",
                   extra.read());
  }
  return out;
}

}  // namespace plenary::web
