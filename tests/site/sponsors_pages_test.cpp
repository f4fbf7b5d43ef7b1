// The public pages of sponsors: what they show and what they keep to themselves.
#include <filesystem>
#include <fstream>

#include "domain/conference/conferences.hpp"
#include "domain/conference/features.hpp"
#include "domain/sponsors/levels.hpp"
#include "domain/sponsors/sponsors.hpp"
#include "site/pictures.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

class SponsorPages : public ShopTest {
 protected:
  std::int64_t level(std::string name, std::int64_t order) {
    sponsors::SponsorLevel l;
    l.conference_id = conference_id();
    l.name = std::move(name);
    l.slug = "level-" + std::to_string(order);
    l.cost = 1'234'500;
    l.order = order;
    return write([&](db::Tx& tx) { return sponsors::create_level(tx, l); });
  }
  sponsors::Sponsor sponsor(std::int64_t level_id, std::string name,
                            const std::function<void(sponsors::Sponsor&)>& change = {}) {
    sponsors::Sponsor s;
    s.conference_id = conference_id();
    s.level_id = level_id;
    s.name = std::move(name);
    if (change) change(s);
    return write([&](db::Tx& tx) { return sponsors::create_sponsor(tx, s); });
  }
  void benefit(const sponsors::Sponsor& s, std::string name, bool is_complete = false) {
    sponsors::SponsorBenefit b;
    b.sponsor_id = s.id;
    b.name = std::move(name);
    b.is_complete = is_complete;
    b.notes = "secret note";
    write([&](db::Tx& tx) { sponsors::sponsor_benefit_table().insert(tx, b); });
  }
  HttpResponse get(std::string_view path) { return buyer().get(path); }
  void set(conference::Feature feature, bool on) {
    write([&](db::Tx& tx) { conference::set_feature(tx, conference_id(), feature, on); });
  }
};
ON_BOTH_ENGINES(SponsorPages);

TEST_P(SponsorPages, TheListIsGroupedByLevel) {
  const std::int64_t silver = level("Silver", 2), gold = level("Gold", 1);
  level("Nobody", 3);
  sponsor(silver, "Alpha");
  sponsor(gold, "Zulu");
  sponsor(gold, "Mike");
  sponsor(gold, "Hidden Ltd", [](auto& s) { s.is_active = false; });
  const HttpResponse page = get("/fair/sponsors/");
  ASSERT_EQ(page.status, 200);
  const auto at = [&](std::string_view text) { return page.body.find(text); };
  EXPECT_LT(at(">Gold</h2>"), at("href=\"/fair/sponsors/mike/\""));
  EXPECT_LT(at("href=\"/fair/sponsors/mike/\""), at("href=\"/fair/sponsors/zulu/\""));
  EXPECT_LT(at("href=\"/fair/sponsors/zulu/\""), at(">Silver</h2>"));
  EXPECT_LT(at(">Silver</h2>"), at("href=\"/fair/sponsors/alpha/\""));
  EXPECT_NE(at("href=\"/fair/sponsors/alpha/\""), std::string::npos);
  EXPECT_FALSE(contains(page, "Nobody"));
  EXPECT_FALSE(contains(page, "Hidden"));
  EXPECT_FALSE(contains(page, "12,345")) << "what they pay is not for everybody";
}

TEST_P(SponsorPages, WithoutSponsorsTheListSaysSo) {
  EXPECT_TRUE(contains(get("/fair/sponsors/"), "The sponsors of this conference will be shown here."));
}

TEST_P(SponsorPages, AChangeIsThereAtTheNextRequest) {
  const std::int64_t gold = level("Gold", 1);
  EXPECT_FALSE(contains(get("/fair/sponsors/"), "BigCo"));
  sponsors::Sponsor big = sponsor(gold, "BigCo");
  EXPECT_TRUE(contains(get("/fair/sponsors/"), "BigCo"));
  big.is_active = false;
  write([&](db::Tx& tx) { sponsors::update_sponsor(tx, big); });
  EXPECT_FALSE(contains(get("/fair/sponsors/"), "BigCo"));
  EXPECT_EQ(get("/fair/sponsors/bigco/").status, 404);
}

TEST_P(SponsorPages, OneShowsWhatIsPublicAndNothingElse) {
  const auto big = sponsor(level("Gold", 1), "BigCo", [](auto& s) {
    s.description = "First paragraph.\n\nSecond paragraph.";
    s.website_url = "https://bigco.example/?a=1&b=2";
    s.logo_url = "https://img.bigco.example/logo.svg";
    s.contact_name = "Private Person";
    s.contact_email = "private@bigco.example";
  });
  benefit(big, "Booth", true);
  benefit(big, "Talk", false);
  const HttpResponse page = get("/fair/sponsors/BigCo/");
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "<h1>BigCo</h1>"));
  EXPECT_TRUE(contains(page, "Gold"));
  EXPECT_TRUE(contains(page, "<p>First paragraph.</p>"));
  EXPECT_TRUE(contains(page, "<p>Second paragraph.</p>"));
  EXPECT_TRUE(
      contains(page, "href=\"https://bigco.example/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener\""));
  EXPECT_TRUE(contains(page, "<li>Booth</li>\n<li>Talk</li>"));
  for (const char* hidden : {"Private", "private@", "secret note", "12,345", "omplete", "elivered"}) {
    EXPECT_FALSE(contains(page, hidden)) << hidden;
  }
}

TEST_P(SponsorPages, PicturesComeFromTheirHostsAlone) {
  const std::int64_t gold = level("Gold", 1);
  sponsor(gold, "A", [](auto& s) { s.logo_url = "https://img.example.org:8443/a.png"; });
  sponsor(gold, "B", [](auto& s) { s.logo_url = "https://img.example.org:8443/b.png"; });
  sponsor(gold, "C", [](auto& s) { s.logo_url = "https://other.example.org/c.png"; });
  sponsor(gold, "D", [](auto& s) { s.logo_url = "http://plain.example.org/d.png"; });
  const HttpResponse list = get("/fair/sponsors/");
  const std::string policy = list.header("Content-Security-Policy");
  const std::size_t first = policy.find("https://img.example.org:8443");
  ASSERT_NE(first, std::string::npos) << policy;
  EXPECT_EQ(policy.find("https://img.example.org:8443", first + 1), std::string::npos) << policy;
  EXPECT_NE(policy.find("https://other.example.org"), std::string::npos);
  EXPECT_EQ(policy.find("plain.example.org"), std::string::npos);
  EXPECT_TRUE(contains(list, "<img src=\"https://img.example.org:8443/a.png\""));
  EXPECT_FALSE(contains(list, "plain.example.org")) << "browsers would not load it here";
  const std::string one = get("/fair/sponsors/c/").header("Content-Security-Policy");
  EXPECT_NE(one.find("https://other.example.org"), std::string::npos);
  EXPECT_EQ(one.find("https://img.example.org"), std::string::npos);
  EXPECT_EQ(get("/fair/").header("Content-Security-Policy").find("example.org"), std::string::npos);
}

TEST(PictureOrigin, IsOneThatAPolicyCanName) {
  EXPECT_EQ(picture_origin("https://img.example.org/a.png?x#y"), "https://img.example.org");
  EXPECT_EQ(picture_origin("https://img.example.org"), "https://img.example.org");
  for (const char* wrong :
       {"http://img.example.org/a.png", "https://", "https:///a.png", "/static/a.png", "",
        "https://a;script-src *", "https://user@host/", "https://a b/", "data:image/png,"}) {
    EXPECT_EQ(picture_origin(wrong), "") << wrong;
  }
}

TEST_P(SponsorPages, HostileTextIsText) {
  const std::string hostile = "<script>alert(1)</script>\"'&{{ conference }}";
  const std::int64_t gold = level(hostile, 1);
  const auto big = sponsor(gold, hostile, [&](auto& s) {
    s.slug = "bad";
    s.description = hostile + "\n\n</p><img src=x onerror=alert(1)>";
  });
  benefit(big, hostile);
  // As another system may have stored it.
  write([&](db::Tx& tx) {
    tx.exec("UPDATE sponsor SET website_url = $1, logo_url = $2, slug = $3 WHERE id = $4",
            "javascript:alert(1)", "https://x\"onerror=alert(1)", "bad", big.id);
    db::bump_catalogue(tx, conference_id());
  });
  for (const char* path : {"/fair/sponsors/", "/fair/sponsors/bad/"}) {
    const HttpResponse page = get(path);
    ASSERT_EQ(page.status, 200) << path;
    EXPECT_TRUE(contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;{{ conference }}"));
    for (const char* wrong : {"<script>", "<img", "javascript:", "onerror=alert(1)>\"", "style="}) {
      EXPECT_FALSE(contains(page, wrong)) << path << ": " << wrong;
    }
  }
}

TEST_P(SponsorPages, WhatIsSwitchedOffOrElsewhereIsNotFound) {
  sponsor(level("Gold", 1), "BigCo");
  for (const char* path : {"/fair/sponsors/", "/fair/sponsors/bigco/"}) EXPECT_EQ(get(path).status, 200);
  for (const auto feature :
       {conference::Feature::sponsors, conference::Feature::public_ui, conference::Feature::all_ui}) {
    set(feature, false);
    for (const char* path : {"/fair/sponsors/", "/fair/sponsors/bigco/"}) EXPECT_EQ(get(path).status, 404);
    set(feature, true);
  }
  EXPECT_EQ(get("/fair/sponsors/bigco/").status, 200);
  conference::Conference other;
  other.name = other.slug = "other";
  other.start_date = other.end_date = *Date::of(2027, 5, 14);
  const std::int64_t other_id = write([&](db::Tx& tx) { return conference::create(tx, other); }).value();
  EXPECT_EQ(get("/other/sponsors/").status, 200);
  EXPECT_FALSE(contains(get("/other/sponsors/"), "BigCo"));
  for (const char* path : {"/other/sponsors/bigco/", "/fair/sponsors/nobody/", "/nowhere/sponsors/"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_EQ(buyer().client().request("POST", "/fair/sponsors/").status, 405);
  // An inactive conference has no public pages.
  write([&](db::Tx& tx) {
    conference::Conference stored = conference::load(tx, other_id).value();
    stored.is_active = false;
    conference::update(tx, stored);
  });
  EXPECT_EQ(get("/other/sponsors/").status, 404);
}

TEST_P(SponsorPages, TheNavigationLeadsThereWhileTheyAreSwitchedOn) {
  EXPECT_TRUE(contains(get("/fair/"), "<a href=\"/fair/sponsors/\">Sponsors</a>"));
  EXPECT_TRUE(contains(get("/fair/sponsors/"), "<a href=\"/fair/sponsors/\" aria-current=\"page\">"));
  set(conference::Feature::sponsors, false);
  EXPECT_FALSE(contains(get("/fair/"), "/fair/sponsors/"));
}

// What authors of pages may use anywhere.
TEST_P(SponsorPages, TheTagsShowSponsorsOnAnyPage) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("plenary-sponsors-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "django_program");
  std::ofstream(folder / "django_program/home.html")
      << "{% load sponsor_tags %}{% sponsors_by_level conference as groups %}"
         "{% for group in groups %}[{{ group.level }}:{% for sponsor in group.sponsors %}"
         "{% sponsor_logo_url sponsor as url %}{{ sponsor.name }}={{ url }};{% endfor %}]{% empty %}none{% "
         "endfor %}{% sponsors_by_level nothing as no %}{{ no|length }}";
  open({.settings = [&](config::Settings& settings) { settings.server.templates_dir = folder; }});
  EXPECT_EQ(get("/fair/").body, "none0");
  const std::int64_t silver = level("Silver", 2), gold = level("Gold", 1);
  sponsor(silver, "S");
  sponsor(gold, "G", [](auto& s) { s.logo_url = "https://img.example.org/g.png"; });
  const HttpResponse page = get("/fair/");
  EXPECT_EQ(page.body, "[Gold:G=https://img.example.org/g.png;][Silver:S=;]0");
  EXPECT_NE(page.header("Content-Security-Policy").find("https://img.example.org"), std::string::npos);
  set(conference::Feature::sponsors, false);
  EXPECT_EQ(get("/fair/").body, "none0");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace plenary::site::testing
