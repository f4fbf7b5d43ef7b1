// What the pages of a purchase cost to render: whole journeys from the tickets to the confirmation through
// the site's own handlers, without a network and without waiting for the disk, with everything on (a voucher,
// discounts, tax, a question). Prints the microseconds of each page, from its Page to its bytes, beside the
// budget: the median, since the machine does other things too. `bench_pages [JOURNEYS] [LANGUAGE]`.
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "db/migrations.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/products.hpp"
#include "forms.hpp"
#include "site/application.hpp"
#include "site/page.hpp"
#include "web/dispatch.hpp"

using namespace plenary;

namespace {

constexpr double budget_us = 18.0;  // a page, over all pages of a journey

using Clocked = std::chrono::steady_clock;
struct Figures {
  std::vector<double> micros;
  std::size_t bytes = 0;
};
std::map<std::string, Figures> figures;
std::string file_of_page;
double constructing = 0;

double micros_since(Clocked::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clocked::now() - begin).count();
}

}  // namespace

// The linker leads the handlers' calls of Page::Page and Page::html through here (bench/CMakeLists.txt), so
// that the product carries no measuring.
extern "C" {
void __real__ZN7plenary4site4PageC1ERKNS0_4SiteERNS_3web7RequestESt17basic_string_viewIcSt11char_traitsIcEE(
    site::Page*, const site::Site&, web::Request&, std::string_view);
void __wrap__ZN7plenary4site4PageC1ERKNS0_4SiteERNS_3web7RequestESt17basic_string_viewIcSt11char_traitsIcEE(
    site::Page* page, const site::Site& site, web::Request& request, std::string_view file) {
  const auto begin = Clocked::now();
  __real__ZN7plenary4site4PageC1ERKNS0_4SiteERNS_3web7RequestESt17basic_string_viewIcSt11char_traitsIcEE(
      page, site, request, file);
  constructing = micros_since(begin);
  file_of_page = file.substr(file.rfind('/') + 1);
}
}
extern "C" {
web::Response __real__ZN7plenary4site4Page4htmlEi(site::Page*, int);
web::Response __wrap__ZN7plenary4site4Page4htmlEi(site::Page* page, int status) {
  const auto begin = Clocked::now();
  web::Response response = __real__ZN7plenary4site4Page4htmlEi(page, status);
  Figures& page_figures = figures[file_of_page];
  page_figures.micros.push_back(constructing + micros_since(begin));
  page_figures.bytes = response.body().size();
  return response;
}
}

namespace {

// The sale of bench/onsale/run.sh, everything on.
void make_sale(db::Tx& tx) {
  conference::Conference sale;
  sale.name = "On Sale";
  sale.slug = "onsale";
  sale.start_date = *Date::of(2035, 5, 14);
  sale.end_date = *Date::of(2035, 5, 16);
  sale.timezone = "Europe/Berlin";
  const std::int64_t id = conference::create(tx, sale).value();
  registration::set_conference_capacity(tx, id, 0);
  registration::TicketType type;
  type.conference_id = id;
  type.name = "Individual";
  type.slug = "individual";
  type.price = 10'000;
  registration::save(tx, type);
  for (const char* statement :
       {"INSERT INTO tax_rule (conference_id, name, slug, rate, created_at, updated_at) VALUES (1, 'VAT', "
        "'vat', '19', 0, 0)",
        "UPDATE ticket_type SET tax_rule_id = (SELECT max(id) FROM tax_rule)",
        "INSERT INTO discount_condition (conference_id, kind, name, percent, priority, usage_limit, "
        "ticket_scope, addon_scope, created_at, updated_at) VALUES (1, 'time_limit', 'Early bird', '20', 5, "
        "10000000, 'all', 'none', 0, 0)",
        "INSERT INTO discount_condition (conference_id, kind, name, percent, priority, created_at, "
        "updated_at) "
        "VALUES (1, 'speaker', 'Speakers', '100', 1, 0, 0)",
        "INSERT INTO stock (conference_id, kind, product_id, capacity, sold, held) SELECT conference_id, "
        "'condition', id, NULLIF(usage_limit, 0), 0, 0 FROM discount_condition",
        "INSERT INTO voucher (conference_id, code, voucher_type, percent, max_uses, created_at, updated_at) "
        "VALUES (1, 'FRIENDS', 'percentage', '5', 10000000, 0, 0)",
        "INSERT INTO question (conference_id, slug, target, kind, label, is_required, created_at, "
        "updated_at) "
        "VALUES (1, 'company', 'attendee', 'text', 'Company', 0, 0, 0)",
        "UPDATE conference SET catalogue_version = catalogue_version + 1"})
    tx.exec(db::intern_sql(statement));
}

class Buyer {
 public:
  Buyer(site::Application& application, std::string language)
      : application_(application),
        dispatcher_(application.services(), [](web::LogLevel, std::string_view) {}),
        language_(std::move(language)) {}

  void buy(int number) {
    cookies_.clear();
    const std::string name = fmt::format("Buyer {}", number), mail = fmt::format("b{}@example.org", number);
    const std::string base = "/onsale/register/", cart = base + "cart/", checkout = base + "checkout/";
    std::string page = get(base);
    go(cart, page, {"ticket_type", "individual"}, {{"quantity", "1"}});
    page = get(cart);
    go(cart, page, {"action", "apply_voucher"}, {{"voucher_code", "FRIENDS"}});
    get(cart);
    page = get(checkout);
    page = send(checkout + "review/", page, {},
                {{"billing_name", name}, {"billing_email", mail}, {"billing_company", ""}});
    const std::string pay = go(checkout, page, {}, {});
    page = get(pay);
    page = get(go(pay, page, {},
                  {{"card_number", "4242424242424242"}, {"card_expiry", "12/39"}, {"card_cvc", "123"}}));
    if (page.find("Thank you") == std::string::npos && language_ == "en")
      throw std::runtime_error("no confirmation:\n" + page);
  }

 private:
  using Typed = std::vector<onsale::FieldValue>;

  std::string get(const std::string& path) {
    const web::Response response =
        ask(fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", path, headers()));
    if (response.status != 200) refuse(path, response);
    return std::string(response.body());
  }
  [[noreturn]] static void refuse(const std::string& path, const web::Response& response) {
    const std::string* location = response.find("Location");
    throw std::runtime_error(fmt::format("{}: {} {}\n{}", path, response.status, location ? *location : "",
                                         response.body()));
  }
  std::string body_of(const std::string& path, const std::string& page, onsale::FieldValue marker,
                      const Typed& typed) {
    const auto form = onsale::find_form(page, path, marker);
    if (!form) throw std::runtime_error("no form " + path + " on the page:\n" + page);
    std::string body;
    onsale::encode_form(*form, typed, body);
    return body;
  }
  web::Response post(const std::string& path, const std::string& body) {
    return ask(
        fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nContent-Type: "
                    "application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{}\r\n{}",
                    path, body.size(), headers(), body));
  }
  std::string send(const std::string& path, const std::string& page, onsale::FieldValue marker,
                   const Typed& typed) {
    const web::Response response = post(path, body_of(path, page, marker, typed));
    if (response.status != 200) refuse(path, response);
    return std::string(response.body());
  }
  // Where it leads to.
  std::string go(const std::string& path, const std::string& page, onsale::FieldValue marker,
                 const Typed& typed) {
    const web::Response response = post(path, body_of(path, page, marker, typed));
    if (response.status != 303)
      refuse(path, response);
    return *response.find("Location");
  }
  std::string headers() const {
    std::string all = "Accept-Language: " + language_ + "\r\n";
    for (const auto& [name, value] : cookies_)
      all += (all.ends_with('\n') ? "Cookie: " : "; ") + name + "=" + value;
    return cookies_.empty() ? all : all + "\r\n";
  }
  web::Response ask(const std::string& wire) {
    web::OwnedRequest request(wire, &application_.services());
    const web::Match match = application_.router().match(request->method(), request->path());
    std::promise<web::Response> promise;
    start(dispatcher_.respond(*request, match),
          [&](std::exception_ptr error, std::optional<web::Response> response) {
            if (error) {
              promise.set_exception(error);
            } else {
              promise.set_value(std::move(*response));
            }
          });
    web::Response response = promise.get_future().get();
    for (const web::SetCookie& cookie : request->cookies_to_send()) cookies_[cookie.name] = cookie.value;
    for (const auto& [name, value] : response.headers) {
      if (name != "Set-Cookie") continue;
      const std::size_t equals = value.find('=');
      cookies_[value.substr(0, equals)] = value.substr(equals + 1, value.find(';') - equals - 1);
    }
    return response;
  }

  site::Application& application_;
  web::Dispatcher dispatcher_;
  std::string language_;
  std::map<std::string, std::string> cookies_;
};

void run(const std::string& folder, int journeys, const std::string& language) {
  db::DatabaseOptions options;
  options.url = "sqlite://" + folder + "/bench.db";
  options.relaxed_durability = true;
  const auto database = db::Database::open(options);
  db::migrate(*database);
  database->write_now(db::global_lane, "bench", make_sale);
  config::Settings settings;
  settings.security.limits = false;
  registration::Catalogues catalogues(settings.program);
  const registration::Shop shop{settings.program, catalogues, Random::system(),
                                registration::HoldLimits{.enabled = false}};
  registration::SandboxGateway gateway;
  const SystemClock clock;
  const site::Parts parts{.db = *database,
                          .shop = shop,
                          .settings = settings,
                          .gateway = gateway,
                          .clock = clock,
                          .random = Random::system()};
  site::Application application(parts, Secret("a secret of the benchmark, long enough for a key"));
  Buyer buyer(application, language);
  for (int i = 0; i < journeys; ++i) {
    if (i == journeys / 10) figures.clear();  // everything has been seen by then
    buyer.buy(i);
  }
  double sum = 0;
  std::size_t pages = 0;
  for (auto& [page, of_page] : figures) {
    std::vector<double>& all = of_page.micros;
    std::sort(all.begin(), all.end());
    const double median = all[all.size() / 2];
    sum += median * static_cast<double>(all.size());
    pages += all.size();
    fmt::print("  {:<28} {:>6.1f} us  (best tenth {:>5.1f})  {:>6} bytes  {} a journey\n", page, median,
               all[all.size() / 10], of_page.bytes,
               all.size() / static_cast<std::size_t>(journeys - journeys / 10));
  }
  const double mean = sum / static_cast<double>(pages);
  fmt::print("a page of a journey: {:.1f} us (budget {:.0f} us) {}\n", mean, budget_us,
             mean > budget_us ? "OVER" : "");
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder = (std::filesystem::temp_directory_path() / "plenary-bench.XXXXXX").string();
  int result = 0;
  try {
    if (!::mkdtemp(folder.data())) throw std::runtime_error("no temporary folder " + folder);
    run(folder, argc > 1 ? std::stoi(argv[1]) : 1000, argc > 2 ? argv[2] : "en");
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_pages: {}\n", error.what());
    result = 1;
  }
  std::filesystem::remove_all(folder);
  return result;
}
