// The whole site on a loopback port over a fresh database of either engine, with a clock set by hand, and a
// buyer who reads forms out of pages as a browser does.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codes.hpp"
#include "base/pool.hpp"
#include "config/settings.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/vat_checks.hpp"
#include "site/application.hpp"
#include "support/db/test_databases.hpp"
#include "support/http_client.hpp"
#include "web/server.hpp"

namespace plenary::site::testing {

using Fields = plenary::test::HttpClient::Fields;
using plenary::test::HttpResponse;

// What the pages are made of: settings, products, capacity. Defaults: conference "fair" in Europe/Berlin with
// the tickets individual (100.00, 5 of them), student (40.00), free (0.00), hidden (voucher only), the
// add-ons shirt (25.00) and dinner (60.00, for individual only).
struct ShopPlan {
  std::function<void(config::Settings&)> settings = [](config::Settings&) {};
  std::function<void(std::vector<registration::TicketType>&)> tickets = [](auto&) {};
  std::string name = "Fair";
  std::int64_t capacity = 0;
};

// One browser.
class Buyer {
 public:
  Buyer(std::uint16_t port, std::string conference) : client_(port), base_("/" + conference + "/register/") {}

  HttpResponse get(std::string_view path) { return client_.get(path); }
  HttpResponse post(std::string_view path, Fields fields) { return client_.post(path, std::move(fields)); }
  plenary::test::HttpClient& client() { return client_; }
  const std::string& base() const { return base_; }
  // What a browser would send for the form of `page` with that action and, where given, a field of that
  // value; `typed` replaces or adds. A test failure when there is no such form.
  static Fields form(const HttpResponse& page, std::string_view action, Fields typed = {},
                     std::string_view marker = {});

  HttpResponse tickets() { return get(base_); }
  HttpResponse add(std::string_view ticket, std::string quantity = "1");
  HttpResponse cart() { return get(base_ + "cart/"); }
  HttpResponse review(std::string name = "Ada Lovelace", std::string email = "ada@example.org");
  // From the cart to the order; the answer of POST checkout/.
  HttpResponse order(std::string email = "ada@example.org");
  HttpResponse pay(std::string_view path, std::string card = "4242 4242 4242 4242");

 private:
  plenary::test::HttpClient client_;
  std::string base_;
};

class ShopTest : public plenary::test::DatabaseTest {
 protected:
  // Of further rooms, beside the public pages.
  virtual std::vector<AddPages> more_pages() { return {}; }
  virtual std::vector<web::RouteTable> more_tables() { return {}; }
  virtual registration::VatService* vat_service() { return nullptr; }  // asked about VAT numbers
  void SetUp() override;
  void TearDown() override;
  plenary::test::TestDatabase::Change change() override;
  // Before the first request: the plan in place of the usual one.
  void open(const ShopPlan& plan);
  Buyer buyer() { return Buyer(server_->port(), "fair"); }
  std::uint16_t port() const { return server_->port(); }
  site::Application& application() { return *application_; }
  const registration::Shop& shop() const { return *shop_; }
  std::int64_t conference_id() const { return conference_id_; }
  std::string stock_faults();
  template <class F>
  auto write(F&& fn) {
    return db().write_now(conference_id_, "test", std::forward<F>(fn));
  }
  std::int64_t count(const char* sql);
  // Runs the jobs that a server runs: the sweep and the late answers.
  void settle_all(bool success);
  void sweep();

 private:
  config::Settings settings_;
  std::unique_ptr<registration::Catalogues> catalogues_;
  std::unique_ptr<registration::Shop> shop_;
  registration::SandboxGateway gateway_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<site::Application> application_;
  std::unique_ptr<web::Server> server_;
  std::int64_t conference_id_ = 0;
};

std::string outcome(const HttpResponse& response);
bool contains(const HttpResponse& response, std::string_view text);

}  // namespace plenary::site::testing
