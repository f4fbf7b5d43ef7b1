// Asks for one page over many keep-alive connections as fast as the server answers, for a given time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client.hpp"
#include "histogram.hpp"

namespace plenary::onsale {

struct PageFigures {
  std::uint64_t answers = 0;
  std::int64_t failed = 0, micros = 0;  // micros: how long it really took
  std::size_t body_bytes = 0;
  Histogram latency;
};

// std::runtime_error when no server answers.
PageFigures load_page(const std::vector<Endpoint>& endpoints, const std::string& path, int connections,
                      std::int64_t micros);

}  // namespace plenary::onsale
