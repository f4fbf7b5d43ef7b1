// Feature flags as dropdowns on the conference's page and on their own: they name what is inherited and hold
// at the next request of every server. On both engines. source: configuration 10, 3 and 5.3.
#include "admin/form_reader.hpp"

namespace plenary::admin::testing {
namespace {

class Flags : public FormTest {};
ON_BOTH_ENGINES(Flags);

TEST_P(Flags, AChangeOnTheConferencesPageHoldsAtTheNextRequest) {
  Buyer root = superuser_browser();
  Buyer visitor = buyer();
  EXPECT_EQ(visitor.tickets().status, 200);
  const HttpResponse page = root.get(address(conferences, conference_id(), "change"));
  for (const char* told :
       {"Module Toggles", "UI Toggles", "Default (enabled)", "Yes – force ON", "No – force OFF"})
    EXPECT_TRUE(contains(page, told)) << told;
  PageForm form(page, address(conferences, conference_id(), "change"));
  EXPECT_EQ(form.get("feature_flags-0-registration_enabled"), "");
  form.set("feature_flags-0-registration_enabled", "0");
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  EXPECT_EQ(visitor.tickets().status, 404);
  form = open_change(root, conferences, conference_id());
  EXPECT_EQ(form.get("feature_flags-0-registration_enabled"), "0");
  form.set("feature_flags-0-registration_enabled", "");
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  EXPECT_EQ(visitor.tickets().status, 200);
  EXPECT_NE(recorded("conference").find("Registration enabled: no → "), std::string::npos)
      << recorded("conference");
  EXPECT_EQ(recorded("feature_flags"), "root@example.org: Registration enabled: no → ; ");
}

TEST_P(Flags, AChangeOnTheirOwnPageHoldsInASecondServerToo) {
  Buyer root = superuser_browser();
  const site::Site& first = application().site();
  Pool pool(1, 4);
  site::Application second(site::Parts{.db = db(),
                                       .shop = first.shop,
                                       .settings = first.settings,
                                       .gateway = first.gateway,
                                       .clock = clock(),
                                       .random = Random::system(),
                                       .pool = &pool,
                                       .hash_cost = {8 * 1024, 1},
                                       .more_pages = more_pages()},
                           Secret("a key of at least thirty-two bytes, for tests"));
  web::ServerOptions options;
  options.listen = "127.0.0.1:0";
  web::Server server(options, second.services());
  server.start();
  Buyer elsewhere(server.port(), "fair");
  EXPECT_EQ(elsewhere.tickets().status, 200);
  for (const auto& [flag, status] : {std::pair{"all_ui_enabled", 404}, std::pair{"all_ui_enabled", 200}}) {
    PageForm form = open_change(root, flags, conference_id());
    EXPECT_FALSE(form.has("conference_id"));
    form.set(flag, status == 404 ? "0" : "1");
    EXPECT_EQ(send_change(root, flags, conference_id(), form).status, 303);
    EXPECT_EQ(elsewhere.tickets().status, status);
    EXPECT_EQ(buyer().tickets().status, status);
  }
}

TEST_P(Flags, TheDefaultNamesWhatIsInherited) {
  open({.settings = [](config::Settings& settings) { settings.program.features.sponsors_enabled = false; }});
  Buyer root = superuser_browser();
  const HttpResponse page = root.get(address(flags, conference_id(), "change"));
  const std::size_t at = page.body.find("id=\"id_sponsors_enabled\"");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(page.body.substr(at, page.body.find("</select>", at) - at).find("Default (enabled)"),
            std::string::npos);
  EXPECT_NE(page.body.find("Default (disabled)", at), std::string::npos);
}

TEST_P(Flags, ADeletedRowCanBeAddedAgainFromEitherPage) {
  Buyer root = superuser_browser();
  db().write_now(conference_id(), "test", [&](db::Tx& tx) { return tx.exec("DELETE FROM feature_flags"); });
  PageForm form = open_change(root, conferences, conference_id());
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM feature_flags"), 0);  // nothing was chosen
  form = open_change(root, conferences, conference_id());
  form.set("feature_flags-0-programs_enabled", "0");
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM feature_flags WHERE programs_enabled = 0"), 1);
  PageForm second = open_add(root, flags);
  second.set("conference_id", std::to_string(conference_id()));
  EXPECT_EQ(send_add(root, flags, second).status, 422);
  EXPECT_EQ(count("SELECT count(*) FROM feature_flags"), 1);
}

}  // namespace
}  // namespace plenary::admin::testing
