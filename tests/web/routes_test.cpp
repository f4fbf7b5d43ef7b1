#include "web/routes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "web/target.hpp"
#include "web/test_site.hpp"

namespace plenary::web::test {
namespace {

Handler nothing() {
  return [](Request&) -> Task<Response> { co_return Response(); };
}

RouteTable registration() {
  RouteTable table;
  table.push_back(page("/", "home", nothing()));
  table.push_back(page("/healthz", "healthz", nothing()));
  table.push_back(page("/manage/", "manage:conference-list", nothing()));
  table.push_back(page("/manage/{conference}/", "manage:dashboard", nothing()));
  table.push_back(page("/manage/{conference}/orders/{id:int}/", "manage:order-detail", nothing()));
  table.push_back(page("/manage/import/", "manage:import-pretalx", nothing()));
  table.push_back(page("/static/{path:path}", "static", nothing()));
  table.push_back(page("/{conference}/register/", "registration:ticket-select", nothing()));
  table.back().aliases = {"registration:ticket-list"};
  table.push_back(
      page("/{conference}/register/cart/", "registration:cart", nothing(), Method::get | Method::post));
  table.push_back(page("/{conference}/register/orders/{ref}/", "registration:order-detail", nothing()));
  table.push_back(
      page("/{conference}/register/orders/new/", "registration:order-new", nothing(), Method::post));
  table.push_back(
      later("programs:activity-list", "/{conference}/programs/", features({"programs", "public_ui"})));
  return table;
}

std::string matched(const Router& router, std::string_view path, Method method = Method::get) {
  Match match = router.match(method, path);
  switch (match.kind) {
    case Match::Kind::not_found:
      return "404";
    case Match::Kind::add_slash:
      return "slash";
    case Match::Kind::method_not_allowed:
      return "405";
    case Match::Kind::found:
      break;
  }
  std::string text = match.route->name;
  for (const auto& parameter : match.parameters) {
    text += " " + std::string(parameter.name) + "=" + std::string(parameter.value);
  }
  return text;
}

TEST(Routes, AreFoundByTheirPath) {
  Router router({registration()});
  const std::pair<const char*, const char*> table[] = {
      {"/", "home"},
      {"/healthz", "healthz"},
      {"/healthz/", "404"},
      {"/pyconf/register/", "registration:ticket-select conference=pyconf"},
      {"/pyconf/register", "slash"},
      {"/pyconf/register/cart/", "registration:cart conference=pyconf"},
      {"/pyconf/register/orders/AB12/", "registration:order-detail conference=pyconf ref=AB12"},
      {"/pyconf/register/orders/caf\xc3\xa9 x/",
       "registration:order-detail conference=pyconf ref=caf\xc3\xa9 x"},
      {"/pyconf/register/orders//", "404"},
      {"/pyconf/register/orders/new/", "405"},
      {"/manage/", "manage:conference-list"},
      {"/manage", "slash"},
      {"/manage/pyconf/", "manage:dashboard conference=pyconf"},
      {"/manage/import/", "manage:import-pretalx"},
      {"/manage/pyconf/orders/17/", "manage:order-detail conference=pyconf id=17"},
      {"/manage/pyconf/orders/017/", "404"},
      {"/manage/pyconf/orders/-1/", "404"},
      {"/manage/pyconf/orders/9223372036854775807/",
       "manage:order-detail conference=pyconf id=9223372036854775807"},
      {"/manage/pyconf/orders/9223372036854775808/", "404"},
      {"/manage/register/", "manage:dashboard conference=register"},
      {"/manage/register/cart/", "404"},
      {"/caf\xc3\xa9/register/", "404"},
      {"/static/css/site.css", "static path=css/site.css"},
      {"/static/", "404"},
      {"/pyconf/", "404"},
      {"//register/", "404"},
      {"/pyconf//register/", "404"},
      {"", "404"},
  };
  for (const auto& [path, expected] : table) EXPECT_EQ(matched(router, path), expected) << path;
  EXPECT_EQ(matched(router, "/pyconf/register/cart/", Method::post), "registration:cart conference=pyconf");
  EXPECT_EQ(matched(router, "/pyconf/register/cart/", Method::head), "registration:cart conference=pyconf");
  EXPECT_EQ(matched(router, "/pyconf/register/cart/", Method::delete_), "405");
}

TEST(Routes, NamesGiveAddresses) {
  Router router({registration()});
  EXPECT_EQ(router.url("home"), "/");
  EXPECT_EQ(router.url("registration:ticket-list", {"pyconf"}), "/pyconf/register/");
  EXPECT_EQ(router.url("registration:order-detail", {"pyconf", "A B&\xc3\xa9"}),
            "/pyconf/register/orders/A%20B%26%C3%A9/");
  EXPECT_EQ(router.url("static", {"css/a b.css"}), "/static/css/a%20b.css");
  std::vector<std::pair<std::string, std::string>> named = {{"id", "5"}, {"conference", "pyconf"}};
  EXPECT_EQ(router.reverse("manage:order-detail", named), "/manage/pyconf/orders/5/");
  std::vector<std::string> none, one = {"pyconf"}, slash = {"pyconf", "a/b"}, dots = {"pyconf", ".."},
                                 empty = {"pyconf", ""}, text = {"pyconf", "x"}, odd = {"py conf"};
  EXPECT_EQ(router.reverse("registration:nothing", one), std::nullopt);
  EXPECT_EQ(router.reverse("registration:cart", none), std::nullopt);
  EXPECT_EQ(router.reverse("registration:order-detail", slash), std::nullopt);
  EXPECT_EQ(router.reverse("registration:order-detail", dots), std::nullopt);
  EXPECT_EQ(router.reverse("registration:order-detail", empty), std::nullopt);
  EXPECT_EQ(router.reverse("manage:order-detail", text), std::nullopt);
  EXPECT_EQ(router.reverse("registration:cart", odd), std::nullopt);
  EXPECT_THROW(router.url("registration:cart"), std::logic_error);
}

TEST(Routes, WhateverReverseWritesIsFoundAgain) {
  Router router({registration()});
  EXPECT_TRUE(rc::check([&](const std::string& ref) {
    std::vector<std::string> arguments = {"pyconf", ref};
    auto path = router.reverse("registration:order-detail", arguments);
    if (!path) return;
    std::string storage;
    std::string_view reason;
    auto decoded = decode_path(*path, storage, reason);
    if (!decoded) return;  // an argument that is no UTF-8 or has control characters
    Match match = router.match(Method::get, *decoded);
    // "new" is another page, of another method.
    RC_ASSERT((match.kind == Match::Kind::found && match.parameters[1].value == ref) || ref == "new");
  }));
}

TEST(Routes, NoConferenceMayBeCalledLikeAFirstSegment) {
  Router router({registration()});
  EXPECT_EQ(router.reserved_segments(), (std::set<std::string>{"healthz", "manage", "static"}));
}

TEST(Routes, MistakesInTheTableAreReportedTogether) {
  RouteTable table = registration();
  table.push_back(page("/{other:slug}/register/cart/", "registration:cart-again", nothing()));
  table.push_back(page("/x/", "registration:cart", nothing()));
  table.push_back(page("y/", "y", nothing()));
  table.push_back(page("/z/{a}{b}/", "z", nothing()));
  table.push_back(page("/w/{path:path}/", "w", nothing()));
  Route bare;
  bare.pattern = "/bare/";
  bare.name = "bare";
  table.push_back(bare);
  Route scoped = page("/scoped/", "scoped", nothing());
  scoped.guard = conference_scoped();
  table.push_back(scoped);
  table.push_back(page("/manage/{conference}/", "manage:again", nothing()));
  try {
    Router router({table});
    FAIL();
  } catch (const std::logic_error& error) {
    std::string text = error.what();
    for (std::string part :
         {"the name registration:cart already belongs to /{conference}/register/cart/",
          "it must begin with a slash", "declares no guard", "has no handler",
          "nothing may follow a {name:path}", "has no {conference}",
          "GET of the same pattern already belongs to manage:dashboard",
          "GET of the same pattern already belongs to registration:cart", "a parameter's name is"}) {
      EXPECT_NE(text.find(part), std::string::npos) << part << "\nin:\n" << text;
    }
  }
}

TEST(Routes, APageThatComesLaterResolvesAndAnswers404) {
  Bench bench(registration());
  EXPECT_EQ(bench.router.url("programs:activity-list", {"pyconf"}), "/pyconf/programs/");
  EXPECT_FALSE(bench.router.find("programs:activity-list")->exists);
  EXPECT_EQ(bench.answer("GET /pyconf/programs/ HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 404);
}

TEST(Routes, TheTableKnowsItsFeaturesAndPermissions) {
  RouteTable table = registration();
  Route stock = page("/manage/{conference}/stock/", "manage:stock", nothing());
  stock.guard = features({"manage_ui"}) & permission("view_commerce");
  table.push_back(stock);
  Router router({table});
  EXPECT_EQ(router.features_named(), (std::set<std::string>{"manage_ui", "programs", "public_ui"}));
  EXPECT_EQ(router.permissions_named(), (std::set<std::string>{"view_commerce"}));
}

}  // namespace
}  // namespace plenary::web::test
