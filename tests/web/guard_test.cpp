// Who may open a page, and in which order that is asked. source: configuration 10, 3.4 and 8.2.
#include "web/guard.hpp"

#include <gtest/gtest.h>

#include "web/test_site.hpp"

namespace plenary::web::test {
namespace {

RouteTable guarded() {
  auto make = [](std::string pattern, std::string name, Guard guard) {
    Route route = page(
        std::move(pattern), std::move(name),
        [](Request& request) -> Task<Response> {
          co_return Response::text("page of " + std::string(request.conference_slug()));
        },
        Method::get | Method::post);
    route.guard = std::move(guard);
    route.csrf = Csrf::none;
    return route;
  };
  return {
      make("/open/", "open", public_()),
      make("/mine/", "mine", signed_in()),
      make("/{conference}/", "conference", public_()),
      make("/{conference}/sold/", "sold", features({"registration", "public_ui"})),
      make("/{conference}/visa/", "visa", features({"registration", "visa_letters"})),
      make("/{conference}/mine/", "mine-here", signed_in() & features({"visa_letters"})),
      make("/manage/{conference}/orders/", "orders",
           features({"manage_ui"}) & permission("view_registration")),
      make("/manage/{conference}/letters/", "letters",
           features({"visa_letters"}) & permission("view_registration")),
      make("/manage/{conference}/purchase/", "purchase", full_access_only()),
      make("/manage/{conference}/scan/", "scan",
           any_permission({"view_checkin", "use_terminal"}) & json_answers()),
      make("/staff/", "staff", any_role()),
  };
}

struct Case {
  const char* request;
  int status;
  const char* detail;  // in the Location or the body
};

TEST(Guards, AskInOneOrderEverywhere) {
  Bench bench(guarded());
  const Case cases[] = {
      {"GET /open/", 200, "page of"},
      {"GET /mine/", 303, "/accounts/login/?next=%2Fmine%2F"},
      {"GET /mine/?a=b", 303, "next=%2Fmine%2F%3Fa%3Db"},
      {"POST /mine/?a=b", 303, "next=%2Fmine%2F"},
      {"GET /mine/ X-User: anna", 200, "page of"},
      {"GET /pyconf/", 200, "page of pyconf"},
      {"GET /other/", 404, "no conference"},
      {"GET /staff/", 303, "/accounts/login/"},
      {"GET /staff/ X-User: anna", 404, "no page"},
      {"GET /staff/ X-User: anna\r\nX-Permissions: view_badges", 200, "page of"},
      {"GET /pyconf/sold/", 200, "page of pyconf"},
      {"GET /other/sold/", 404, "no conference"},
      {"GET /pyconf/visa/", 404, "visa_letters"},
      // Unknown conference before switched-off feature.
      {"GET /other/visa/", 404, "no conference"},
      // Sign-in before everything: nobody learns which conferences there are.
      {"GET /other/mine/", 303, "/accounts/login/"},
      {"GET /pyconf/mine/", 303, "/accounts/login/"},
      {"GET /pyconf/mine/ X-User: anna", 404, "visa_letters"},
      {"GET /manage/pyconf/orders/", 303, "/accounts/login/"},
      {"GET /manage/other/orders/ X-User: anna", 404, "no conference"},
      {"GET /manage/pyconf/orders/ X-User: anna", 403, "does not have the right"},
      {"GET /manage/pyconf/orders/ X-User: anna\r\nX-Permissions: view_program", 403,
       "does not have the right"},
      {"GET /manage/pyconf/orders/ X-User: anna\r\nX-Permissions: view_registration", 200, "page of pyconf"},
      {"GET /manage/hidden/orders/ X-User: anna", 404, "no conference"},
      // A switched-off feature is 404 also for whoever lacks the permission.
      {"GET /manage/pyconf/letters/ X-User: anna", 404, "visa_letters"},
      {"GET /manage/pyconf/purchase/ X-User: anna\r\nX-Permissions: view_registration", 403, "right"},
      {"GET /manage/pyconf/purchase/ X-User: anna\r\nX-Permissions: all", 200, "page of pyconf"},
      {"GET /manage/pyconf/scan/", 401, "\"error\":\"not_signed_in\""},
      {"GET /manage/pyconf/scan/ X-User: anna", 403, "\"error\":\"forbidden\""},
      {"GET /manage/other/scan/ X-User: anna", 404, "\"error\":\"no_such_conference\""},
      {"GET /manage/pyconf/scan/ X-User: anna\r\nX-Permissions: use_terminal", 200, "page of"},
      {"GET /mine/ HX-Request: true", 200, ""},
  };
  for (const Case& one : cases) {
    std::string text = one.request;
    std::size_t end = text.find(' ', text.find(' ') + 1);
    std::string wire = text.substr(0, end) + " HTTP/1.1\r\nHost: localhost\r\n";
    if (end != std::string::npos) wire += text.substr(end + 1) + "\r\n";
    Response response = bench.answer(wire + "\r\n");
    EXPECT_EQ(response.status, one.status) << one.request;
    const std::string* location = response.find("Location");
    std::string seen = location ? *location : std::string(response.body());
    EXPECT_NE(seen.find(one.detail), std::string::npos) << one.request << "\n" << seen;
  }
  Response htmx = bench.answer("GET /mine/ HTTP/1.1\r\nHost: localhost\r\nHX-Request: true\r\n\r\n");
  ASSERT_NE(htmx.find("HX-Redirect"), nullptr);
}

TEST(Guards, AServerWithoutContextLetsOnlyPublicPagesThrough) {
  Bench bench(guarded());
  bench.services.guard_context = nullptr;
  EXPECT_EQ(bench.answer("GET /open/ HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  EXPECT_EQ(bench.answer("GET /mine/ HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 500);
  EXPECT_NE(bench.log.find("no GuardContext"), std::string::npos);
}

TEST(Guards, CombineWithoutLosingAnything) {
  Guard guard = features({"a"}) & permission("p") & features({"b"}) & json_answers();
  EXPECT_TRUE(guard.declared && guard.signed_in && guard.api);
  EXPECT_EQ(guard.features, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(guard.permissions, (std::vector<std::string>{"p"}));
  EXPECT_FALSE(Guard().declared);
}

}  // namespace
}  // namespace plenary::web::test
