#include "page_load.hpp"

#include <memory>
#include <stdexcept>

namespace plenary::onsale {
namespace {

class Reader : public Handler {
 public:
  Reader(Loop& loop, const Endpoint& endpoint, const std::string& path, PageFigures& figures,
         std::int64_t until)
      : connection_(loop, *this, endpoint), figures_(figures), until_(until) {
    write_get(connection_.request, endpoint.host, path, CookieJar{});
  }
  void ask() { connection_.send(); }
  bool busy() const { return connection_.waiting(); }

  void on_response(Connection&, const Response& response) override {
    const auto now = now_micros();
    ++figures_.answers;
    figures_.body_bytes = response.body.size();
    figures_.latency.record(now - connection_.sent_at());
    if (response.status != 200) ++figures_.failed;
    if (now < until_) connection_.send();
  }
  void on_lost(Connection& connection, Loss loss) override {
    if (loss == Loss::refused) throw std::runtime_error("no server answers at " + connection.endpoint().host);
    if (loss != Loss::before_request) ++figures_.failed;
    if (now_micros() < until_) connection_.send();
  }

 private:
  Connection connection_;
  PageFigures& figures_;
  std::int64_t until_;
};

}  // namespace

PageFigures load_page(const std::vector<Endpoint>& endpoints, const std::string& path, int connections,
                      std::int64_t micros) {
  PageFigures figures;
  Loop loop;
  const auto start = now_micros();
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < connections; ++i) {
    const auto& endpoint = endpoints[static_cast<std::size_t>(i) % endpoints.size()];
    readers.push_back(std::make_unique<Reader>(loop, endpoint, path, figures, start + micros));
    readers.back()->ask();
  }
  for (bool busy = true; busy;) {
    loop.run_once(100'000);
    busy = false;
    if (now_micros() - start > micros + 10'000'000) {
      for (auto& reader : readers) figures.failed += reader->busy() ? 1 : 0;
      break;
    }
    for (auto& reader : readers) busy = busy || reader->busy();
  }
  figures.micros = now_micros() - start;
  return figures;
}

}  // namespace plenary::onsale
