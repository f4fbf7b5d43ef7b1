// The pages themselves: windows, escaping, names of routes, overriding templates, error pages, the front
// page.
#include <filesystem>
#include <fstream>

#include "domain/conference/conferences.hpp"
#include "domain/conference/features.hpp"
#include "site/assets.hpp"
#include "site/names.hpp"
#include "site/products.hpp"
#include "site/routes.hpp"
#include "site/tags.hpp"
#include "support/site/shop.hpp"
#include "web/routes.hpp"

namespace plenary::site::testing {
namespace {

class Pages : public ShopTest {};
ON_BOTH_ENGINES(Pages);

TEST_P(Pages, BeforeTheSaleTheExactMomentIsShownInTheConferencesZone) {
  open({.tickets = [](auto& tickets) {
    tickets[0].available_from = Instant::parse("2027-05-14T10:00:00Z");
    tickets[1].available_until = Instant::parse("2027-05-14T08:00:00Z");
    tickets[2].limit_per_user = 0;
  }});
  Buyer ada = buyer();
  HttpResponse page = ada.tickets();
  EXPECT_TRUE(contains(
      page, "Sale opens on <time datetime=\"2027-05-14T10:00:00Z\">14 May 2027, 12:00 CEST</time>."));
  EXPECT_TRUE(contains(page, "Sale ended"));
  EXPECT_TRUE(contains(page, "Unavailable"));
  EXPECT_FALSE(contains(page, "add_ticket"));
  clock().set(*Instant::parse("2027-05-14T10:00:00Z"));
  page = ada.tickets();
  EXPECT_TRUE(contains(page, "value=\"individual\""));
}

TEST_P(Pages, HostileNamesAreText) {
  open({.tickets =
            [](auto& tickets) {
              tickets[0].name = "<script>alert(1)</script>\"'&";
              tickets[0].description = "</p><img src=x onerror=alert(1)>";
            },
        .name = "Fair \"<b>&"});
  Buyer ada = buyer();
  const HttpResponse tickets = ada.tickets();
  ada.add("individual");
  const HttpResponse cart = ada.cart();
  const HttpResponse review = ada.review("\"><script>x</script>", "ada@example.org");
  const HttpResponse ordered =
      ada.post(ada.base() + "checkout/", Buyer::form(review, ada.base() + "checkout/"));
  const HttpResponse pay = ada.get(ordered.header("Location"));
  for (const HttpResponse* page : {&tickets, &cart, &review, &pay}) {
    EXPECT_FALSE(contains(*page, "<script>"));
    EXPECT_FALSE(contains(*page, "<img"));
    EXPECT_FALSE(contains(*page, "<b>"));
    EXPECT_FALSE(contains(*page, "style="));
  }
  EXPECT_TRUE(contains(tickets, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;"));
  EXPECT_TRUE(contains(review, "value=\"&quot;&gt;&lt;script&gt;"));
}

TEST_P(Pages, DevelopmentShowsItsBannerOnEveryPage) {
  Buyer ada = buyer();
  for (const std::string path : {"/fair/", "/fair/register/", "/fair/register/cart/", "/nowhere/"}) {
    EXPECT_TRUE(contains(ada.get(path), "class=\"development\"")) << path;
  }
  open({.settings = [](config::Settings& settings) {
    settings.server.mode = config::Mode::production;
    settings.server.public_url = "http://localhost";
  }});
  Buyer bob = buyer();
  EXPECT_FALSE(contains(bob.get("/fair/"), "class=\"development\""));
}

TEST_P(Pages, TheFrontPageLeadsToTheOnlyConference) {
  Buyer ada = buyer();
  EXPECT_EQ(ada.get("/").header("Location"), "/fair/");
  write([&](db::Tx& tx) {
    conference::Conference other = *conference::load(tx, conference_id());
    other.slug = "other";
    other.name = "Other";
    conference::create(tx, other);
  });
  const HttpResponse list = ada.get("/");
  EXPECT_EQ(list.status, 200);
  EXPECT_TRUE(contains(list, "href=\"/fair/\""));
  EXPECT_TRUE(contains(list, "href=\"/other/\""));
}

TEST_P(Pages, WithoutAConferenceTheFrontPageSaysWhatToDo) {
  write([&](db::Tx& tx) { tx.exec("UPDATE conference SET is_active = 0"); });
  Buyer ada = buyer();
  EXPECT_TRUE(contains(ada.get("/"), "plenary bootstrap_conference --config"));
  EXPECT_EQ(ada.get("/fair/").status, 404);
  EXPECT_EQ(ada.get("/fair/register/").status, 404);
}

TEST_P(Pages, ErrorsHaveAPageOfTheSite) {
  Buyer ada = buyer();
  const HttpResponse missing = ada.get("/fair/nothing/here/");
  EXPECT_EQ(missing.status, 404);
  EXPECT_TRUE(contains(missing, "<h1>Page not found</h1>"));
  EXPECT_TRUE(contains(missing, "<link rel=\"stylesheet\""));
  const HttpResponse method = ada.client().request("GET", "/fair/register/orders/A/B/resend/");
  EXPECT_EQ(method.status, 405);
  EXPECT_TRUE(contains(method, "<main"));
  const HttpResponse refused = ada.client().request("POST", "/fair/register/cart/", "action=renew",
                                                    {{"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(contains(refused, "<main"));
  const HttpResponse json = ada.get("/fair/nothing/");
  EXPECT_EQ(json.status, 404);
}

TEST_P(Pages, ACustomersTemplateOverridesOursWithItsDocumentedSnippets) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("plenary-theme-" + random_code(Random::system(), 8));
  std::filesystem::create_directories(folder / "django_program/registration");
  std::ofstream(folder / "django_program/registration/ticket_select.html")
      << R"({% extends "django_program/base.html" %}
{% load registration_tags %}{% block content %}
{% if program_features.registration_enabled %}
<a href="{% url 'registration:ticket-list' %}">Buy Tickets</a>
{% endif %}
{% if program_features.sponsors_enabled %}
<a href="{% url 'sponsors:sponsor-list' %}">Our Sponsors</a>
{% endif %}
{% for t in ticket_types %}[{{ t.name }}|{{ t.price }}|{{ t.remaining_quantity }}|{{ t.is_available }}|{% ticket_availability t as s %}{{ s }}|{{ t.price|format_currency }}|{{ t.price|format_currency:"JPY" }}]
{% endfor %}{{ now|date:"Y-m-d H:i" }}{% endblock %})";
  std::ofstream(folder / "django_program/registration/cart.html")
      << R"({% load registration_tags %}{% cart_total cart as sum %}{{ sum }} {{ total }} {{ discount }}
{% for i in items %}{{ i.quantity }}x{{ i.ticket_type.slug }}{{ i.addon.slug }}@{{ i.unit_price }}={{ i.line_total }}{% endfor %}
{% for a in available_addons %}{{ a.slug }} {% endfor %}
<form action="{% url 'registration:cart' conference.slug %}" method="post">{% csrf_token %}<input type="hidden" name="action" value="add_ticket"><input type="hidden" name="ticket_type" value="student"></form>)";
  open({.settings = [&](config::Settings& settings) { settings.server.templates_dir = folder; }});
  Buyer ada = buyer();
  const HttpResponse page = ada.tickets();
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "<a href=\"/fair/register/\">Buy Tickets</a>"));
  EXPECT_TRUE(contains(page, "<a href=\"/fair/sponsors/\">Our Sponsors</a>"));
  EXPECT_TRUE(contains(page, "[Ticket individual|100.00|5|True|5 remaining|$100.00|¥100]"));
  EXPECT_TRUE(contains(page, "[Ticket student|40.00|None|True|Available|$40.00|¥40]"));
  EXPECT_TRUE(contains(page, "2027-05-14 11:00"));
  write([&](db::Tx& tx) {
    conference::set_feature(tx, conference_id(), conference::Feature::sponsors, false);
  });
  EXPECT_FALSE(contains(ada.tickets(), "Our Sponsors"));

  // Forms of the reference carry no one-use token; they work all the same.
  Fields fields{{"action", "add_ticket"}, {"ticket_type", "individual"}, {"quantity", "2"}};
  ada.cart();
  EXPECT_EQ(outcome(ada.post(ada.base() + "cart/", fields)), "added");
  const HttpResponse cart = ada.cart();
  EXPECT_TRUE(contains(cart, "200.00 200.00 0.00"));
  EXPECT_TRUE(contains(cart, "2xindividual@100.00=200.00"));
  EXPECT_TRUE(contains(cart, "dinner shirt"));
  std::filesystem::remove_all(folder);
}

TEST_P(Pages, EveryNameOfTheReferenceResolves) {
  Buyer ada = buyer();
  const web::Router& router = application().router();
  for (const auto& [name, arguments] : public_names()) {
    std::vector<std::string> values{"fair"};
    for (int i = 1; i < arguments; ++i) values.push_back("7");
    const auto path = router.reverse(name, std::span<const std::string>(values));
    ASSERT_TRUE(path) << name;
    const web::Route* route = router.find(name);
    if (!route->methods.has(web::Method::get)) continue;
    const int status = ada.get(*path).status;
    const bool as_expected =
        status == 404 || status == 303 || status == 401 || (route->exists && status == 200);
    EXPECT_TRUE(as_expected) << name << " " << *path << " " << status;
  }
}

// The first that holds; both ends of a sale are in it. source: registration 20, 4 and 14.
TEST(Availability, IsSaidInTheWordsOfTheReference) {
  registration::Catalogue catalogue;
  catalogue.currency = Currency::of("EUR");
  catalogue.ticket_types.resize(1);
  registration::TicketType& type = catalogue.ticket_types[0];
  type.id = 1;
  registration::StockLevel stock;
  stock.kind = registration::StockKind::ticket_type;
  stock.product_id = 1;
  stock.stock_id = 1;
  registration::StockLevel places;
  places.kind = registration::StockKind::conference;
  places.stock_id = 2;
  const auto said = [&](std::int64_t now) {
    const registration::StockLevels levels({places, stock});
    const Showing showing{catalogue, levels, nullptr, "en", Instant{now}};
    const std::vector<TicketCard> cards = ticket_cards(showing);
    return cards.empty() ? "" : availability_text("en", cards[0].availability, cards[0].remaining);
  };
  EXPECT_EQ(said(5), "Available");
  stock.capacity = 3;
  stock.sold = 1;
  EXPECT_EQ(said(5), "2 remaining");
  stock.held = 2;
  EXPECT_EQ(said(5), "Sold Out");
  stock.sold = 9;  // the limit was lowered
  EXPECT_EQ(said(5), "Sold Out");
  type.available_from = Instant{10};
  type.available_until = Instant{20};
  EXPECT_EQ(said(9), "Coming Soon");
  EXPECT_EQ(said(10), "Sold Out");
  EXPECT_EQ(said(20), "Sold Out");
  EXPECT_EQ(said(21), "Ended");
  type.is_active = false;
  EXPECT_EQ(said(15), "") << "it is not listed";
  EXPECT_EQ(availability_text("en", Availability::unavailable, 3), "Unavailable");
}

TEST(Routes, EveryFeatureNamedByAGuardExists) {
  web::Router router({routes(nullptr)});
  for (const std::string& feature : router.features_named()) {
    EXPECT_NO_THROW(conference::feature_named(feature)) << feature;
  }
}

TEST(Templates, AllCompileInProductionWithoutTheFolderOfTheCheckout) {
  config::Settings settings;
  settings.server.mode = config::Mode::production;
  const templating::Engine engine(engine_options(settings));
  const auto errors = engine.check();
  for (const templating::TemplateError& error : errors) ADD_FAILURE() << error.what();
  EXPECT_GT(embedded_templates().files().size(), 20u);
  // Every error the server can answer with has its page.
  for (const char* file : {"400.html", "403.html", "404.html", "405.html", "413.html", "422.html", "429.html",
                           "500.html", "503.html"}) {
    EXPECT_TRUE(engine.exists(file)) << file;
  }
}

TEST(CurrencyText, GoesByTheCurrency) {
  config::ProgramSettings program;
  const auto text = [&](const char* amount, const char* code) {
    return currency_text(*Decimal::parse(amount), code, program);
  };
  EXPECT_EQ(text("1234.5", ""), "$1,234.50");
  EXPECT_EQ(text("12", "eur"), "€12.00");
  EXPECT_EQ(text("1990.5", "JPY"), "¥1,991");
  EXPECT_EQ(text("5", "CHF"), "CHF 5.00");
  EXPECT_EQ(text("1.5", "KWD"), "KWD 1.500");
  EXPECT_EQ(text("1", "XXQ"), "XXQ 1.00");
  program.currency_symbol = "US$";
  EXPECT_EQ(text("1", "USD"), "US$1.00");
  EXPECT_EQ(text("1", "EUR"), "€1.00");
}

}  // namespace
}  // namespace plenary::site::testing
