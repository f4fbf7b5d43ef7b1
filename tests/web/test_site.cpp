#include "web/test_site.hpp"

#include <fmt/format.h>

#include "web/csrf.hpp"
#include "web/dispatch.hpp"

namespace plenary::web::test {
namespace {

Secret test_secret() {
  return Secret("a secret of the tests, long enough");
}

RouteTable usual_table() {
  RouteTable table;
  table.push_back(
      page("/", "home", [](Request&) -> Task<Response> { co_return Response::html("<h1>home</h1>"); }));
  table.push_back(page(
      "/echo/", "echo",
      [](Request& request) -> Task<Response> { co_return Response::text(std::string(request.body())); },
      Method::get | Method::post));
  table.back().csrf = Csrf::none;
  table.push_back(page("/big/", "big", [](Request&) -> Task<Response> {
    co_return Response::text(std::string(24 * 1024 * 1024, 'b'));
  }));
  table.push_back(page(
      "/upload/", "upload",
      [](Request& request) -> Task<Response> {
        const FormData& form = request.form();
        std::string text;
        for (const auto& field : form.fields()) text += fmt::format("{}={};", field.name, field.value);
        for (const auto& file : form.files())
          text += fmt::format("{}:{}:{};", file.field, file.filename, file.bytes.size());
        co_return Response::text(text);
      },
      Method::post));
  table.back().csrf = Csrf::none;
  table.push_back(page(
      "/form/", "form",
      [](Request& request) -> Task<Response> {
        if (request.is(Method::post)) co_return Response::redirect("/");
        co_return Response::html("<form method=\"post\">" + csrf_input(request) + "</form>");
      },
      Method::get | Method::post));
  return table;
}

}  // namespace

Route page(std::string pattern, std::string name, Handler handler, Methods methods) {
  Route route;
  route.pattern = std::move(pattern);
  route.name = std::move(name);
  route.methods = methods;
  route.guard = public_();
  route.handler = std::move(handler);
  return route;
}

Task<void> PlainGuards::load(Request& request, std::string_view slug) {
  request.attach(LoadedConference{std::string(slug)});
  co_return;
}
bool PlainGuards::signed_in(const Request& request) const {
  return !request.header("X-User").empty();
}
bool PlainGuards::conference_found(const Request& request) const {
  const std::string& slug = request.context<LoadedConference>().slug;
  return slug == "pyconf" || slug == "hidden";
}
bool PlainGuards::feature_enabled(const Request&, std::string_view feature) const {
  return feature != "visa_letters";
}
Permitted PlainGuards::permitted(const Request& request, const std::vector<std::string>& codes) const {
  std::string held = "," + std::string(request.header("X-Permissions")) + ",";
  if (held.find(",all,") != std::string::npos) return Permitted::yes;
  for (const std::string& code : codes) {
    if (held.find("," + code + ",") != std::string::npos) return Permitted::yes;
  }
  return request.context<LoadedConference>().slug == "hidden" ? Permitted::hidden : Permitted::no;
}
bool PlainGuards::any_role(const Request& request) const {
  return !request.header("X-Permissions").empty();
}

std::string PlainGuards::sign_in_url(const Request&, std::string_view return_to) const {
  return "/accounts/login/?next=" + percent_encode(return_to);
}

ServerOptions TestSite::quick_options() {
  using namespace std::chrono_literals;
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.allowed_hosts = {"localhost", "tickets.example.org", ".pyconf.example"};
  options.max_body = 64 * 1024;
  options.max_head = 8 * 1024;
  options.max_target = 2 * 1024;
  options.max_headers = 50;
  options.linger_time = 200ms;
  options.drain_idle_time = 50ms;
  return options;
}

TestSite::TestSite(RouteTable more, ServerOptions options, bool secure) {
  router = std::make_unique<Router>(std::vector<RouteTable>{usual_table(), std::move(more)});
  csrf_key = std::make_unique<SigningKey>(test_secret(), "csrf");
  flash_key = std::make_unique<SigningKey>(test_secret(), "flash");
  pool = std::make_unique<Pool>(2, 100);
  services.router = router.get();
  services.guard_context = &guards;
  services.pool = pool.get();
  services.metrics = &metrics;
  services.csrf_key = csrf_key.get();
  services.flash_key = flash_key.get();
  services.secure = secure;
  if (!options.log) {
    options.log = [log = log](LogLevel, std::string_view line) {
      std::lock_guard lock(log->mutex);
      log->lines += std::string(line) + "\n";
    };
  }
  server = std::make_unique<Server>(std::move(options), services);
  server->start();
}

TestSite::~TestSite() {
  server->stop();
}

Bench::Bench(RouteTable table, bool secure)
    : csrf_key(std::make_unique<SigningKey>(test_secret(), "csrf")),
      flash_key(std::make_unique<SigningKey>(test_secret(), "flash")),
      router({std::move(table)}) {
  services.router = &router;
  services.guard_context = &guards;
  services.csrf_key = csrf_key.get();
  services.flash_key = flash_key.get();
  services.secure = secure;
}

Response Bench::answer(const std::string& wire) {
  std::vector<std::string> cookies;
  return answer(wire, cookies);
}

Response Bench::answer(const std::string& wire, std::vector<std::string>& cookies) {
  Dispatcher dispatcher(services,
                        [this](LogLevel, std::string_view line) { log += std::string(line) + "\n"; });
  OwnedRequest request(wire, &services);
  Match match = router.match(request->method(), request->path());
  Response response = run_now(dispatcher.respond(*request, match));
  for (const SetCookie& cookie : request->cookies_to_send()) cookies.push_back(cookie.to_header());
  return response;
}

}  // namespace plenary::web::test
