// The frame of the public pages is kept between them ({% keep site.frame %}): whatever goes into it is seen
// at once when it changes, and nothing of one visitor shows on another's page.
#include <filesystem>
#include <fstream>

#include "domain/conference/conferences.hpp"
#include "domain/conference/features.hpp"
#include "support/site/people.hpp"

namespace plenary::site::testing {
namespace {

class Frame : public PeopleTest {
 protected:
  void change_conference(void (*change)(conference::Conference&)) {
    write([&](db::Tx& tx) {
      conference::Conference fair = *conference::load(tx, conference_id());
      change(fair);
      EXPECT_TRUE(conference::update(tx, fair));
    });
  }
  // Everything before and after what the page itself shows.
  static std::string frame_of(const HttpResponse& page) {
    return page.body.substr(0, page.body.find("<main")) + page.body.substr(page.body.find("</main>"));
  }
};
ON_BOTH_ENGINES(Frame);

TEST_P(Frame, ShowsWhatTheConferenceIsCalledNow) {
  Buyer ada = buyer();
  EXPECT_TRUE(ada.tickets().body.find(">Fair</a>") != std::string::npos);
  change_conference([](conference::Conference& fair) {
    fair.name = "Fair & Square";
    fair.venue = "Hall 7";
    fair.timezone = "Europe/Vienna";
    fair.contact = "help@example.org";
  });
  const std::string frame = frame_of(ada.tickets());
  EXPECT_NE(frame.find(">Fair &amp; Square</a>"), std::string::npos) << frame;
  EXPECT_NE(frame.find("Hall 7"), std::string::npos);
  EXPECT_NE(frame.find("data-zone=\"Europe/Vienna\""), std::string::npos);
  EXPECT_NE(frame.find("mailto:help@example.org"), std::string::npos);
}

TEST_P(Frame, SpeaksTheLanguageOfEachPage) {
  Buyer ada = buyer();
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(frame_of(ada.client().get("/fair/register/", {{"Accept-Language", "de"}})).find("Zum Inhalt"),
              std::string::npos);
    EXPECT_NE(
        frame_of(ada.client().get("/fair/register/", {{"Accept-Language", "en"}})).find("Skip to content"),
        std::string::npos);
  }
}

TEST_P(Frame, LeadsOnlyToWhatIsSwitchedOn) {
  Buyer ada = buyer();
  const auto leads_to = [&](std::string_view path) {
    return frame_of(ada.get("/fair/")).find(path) != std::string::npos;
  };
  const auto set = [&](std::optional<bool> on) {
    write(
        [&](db::Tx& tx) { conference::set_feature(tx, conference_id(), conference::Feature::sponsors, on); });
  };
  EXPECT_TRUE(leads_to("/fair/sponsors/"));
  set(false);
  EXPECT_FALSE(leads_to("/fair/sponsors/"));
  set(std::nullopt);
  EXPECT_TRUE(leads_to("/fair/sponsors/"));
}

TEST_P(Frame, MarksThePageThatIsShown) {
  Buyer ada = buyer();
  const std::string current = "aria-current=\"page\"";
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(frame_of(ada.tickets()).find(current), std::string::npos);
    EXPECT_EQ(frame_of(ada.cart()).find(current), std::string::npos);
  }
}

TEST_P(Frame, HasNothingOfAnotherVisitor) {
  superuser("grace");
  Buyer ada = buyer(), grace = buyer(), eve = buyer();
  sign_in(grace, "grace");
  ada.add("individual", "3");
  const auto token = [](const HttpResponse& page) {
    const std::string name = "name=\"csrfmiddlewaretoken\" value=\"", frame = frame_of(page);
    const std::size_t at = frame.find(name);
    return at == std::string::npos
               ? std::string()
               : frame.substr(at + name.size(), frame.find('"', at + name.size()) - at - name.size());
  };
  const HttpResponse of_grace = grace.cart(), of_ada = ada.cart(), of_eve = eve.cart();
  EXPECT_NE(frame_of(of_grace).find("data-lock"), std::string::npos);
  for (const HttpResponse* page : {&of_ada, &of_eve}) {
    EXPECT_EQ(frame_of(*page).find("data-lock"), std::string::npos);
    EXPECT_EQ(frame_of(*page).find("grace"), std::string::npos);
  }
  EXPECT_NE(frame_of(of_ada).find("<span class=\"count\">3"), std::string::npos);
  EXPECT_EQ(frame_of(of_eve).find("<span class=\"count\">"), std::string::npos);
  EXPECT_FALSE(token(of_ada).empty());
  EXPECT_NE(token(of_ada), token(of_eve));
  EXPECT_NE(token(of_ada), token(of_grace));
  // Each with its own way back.
  EXPECT_NE(frame_of(eve.tickets()).find("name=\"next\" value=\"/fair/register/\""), std::string::npos);
  EXPECT_NE(frame_of(eve.cart()).find("name=\"next\" value=\"/fair/register/cart/\""), std::string::npos);
}

TEST_P(Frame, OfAThemeMayHaveItsOwnParts) {
  const auto folder = std::filesystem::temp_directory_path() / ("plenary-frame-" + std::to_string(port()));
  std::filesystem::create_directories(folder / "django_program/registration");
  std::ofstream(folder / "django_program/registration/ticket_select.html")
      << "{% extends \"django_program/registration/ticket_select.html\" %}"
         "{% block more_navigation %}<li>ours</li>{% endblock %}{% block footer %}[{{ block.super }}]{% "
         "endblock %}";
  open({.settings = [&](config::Settings& settings) { settings.server.templates_dir = folder; }});
  Buyer ada = buyer();
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(frame_of(ada.tickets()).find("<li>ours</li></ul></nav>"), std::string::npos);
    EXPECT_NE(frame_of(ada.tickets()).find("<footer class=\"site-footer\">["), std::string::npos);
    EXPECT_EQ(frame_of(ada.cart()).find("<li>ours</li>"), std::string::npos);
  }
  std::filesystem::remove_all(folder);
}

// A program that embeds us may give any variable of the frame another value on each page.
TEST_P(Frame, IsNotKeptWhereOthersSetItsVariables) {
  int page = 0;
  application().site().context_processors.push_back(
      [&page](const web::Request&, templating::Context& context) {
        context.set("navigation", templating::Value::list({templating::Value::dict(
                                      {{"label", templating::Value("Page " + std::to_string(++page))},
                                       {"url", templating::Value("/elsewhere/")}})}));
      });
  Buyer ada = buyer();
  EXPECT_NE(frame_of(ada.tickets()).find("Page 1"), std::string::npos);
  EXPECT_NE(frame_of(ada.tickets()).find("Page 2"), std::string::npos);
}

}  // namespace
}  // namespace plenary::site::testing
