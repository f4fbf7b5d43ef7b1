// Stored keys through the real form: kept on any other save, replaced, cleared, never shown again. On both
// engines. source: configuration 10, 5.2 and Do better 1.
#include "admin/secrets.hpp"
#include "admin/form_reader.hpp"

namespace plenary::admin::testing {
namespace {

const std::string bullets(secret_placeholder);

class Secrets : public FormTest {
 protected:
  const std::vector<std::pair<std::string, std::string>> keys{
      {"stripe_secret_key", "sk_live_0123456789"},
      {"stripe_publishable_key", "pk_live_9876543210"},
      {"stripe_webhook_secret", "whsec_abcdefghijkl"}};
  std::string stored(const std::string& column) {
    return db().read_now([&](db::Tx& tx) {
      return tx
          .one<std::optional<std::string>>(
              db::intern_sql("SELECT " + column + " FROM conference WHERE id = $1"), conference_id())
          .value_or("");
    });
  }
  std::string opened(const std::string& column) {
    const std::string token = stored(column);
    if (token.empty()) return {};
    return application()
        .site()
        .sealing_key.open(token, "conference." + column + "." + std::to_string(conference_id()))
        .reveal();
  }
  void store_all(Buyer& root) {
    PageForm form = open_change(root, conferences, conference_id());
    for (const auto& [name, value] : keys) form.set(name, value);
    ASSERT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  }
};
ON_BOTH_ENGINES(Secrets);

TEST_P(Secrets, AreSealedAndOpenInTheirPlaceAlone) {
  Buyer root = superuser_browser();
  store_all(root);
  for (const auto& [name, value] : keys) {
    EXPECT_EQ(opened(name), value);
    EXPECT_EQ(stored(name).find(value), std::string::npos);
  }
  EXPECT_THROW(
      application().site().sealing_key.open(stored("stripe_secret_key"), "conference.stripe_secret_key.999"),
      SealBroken);
}

TEST_P(Secrets, SurviveEverySaveThatIsAboutSomethingElse) {
  Buyer root = superuser_browser();
  store_all(root);
  const auto expect_kept = [&] {
    for (const auto& [name, value] : keys) EXPECT_EQ(opened(name), value);
  };
  // As the page stands.
  PageForm form = open_change(root, conferences, conference_id());
  for (const auto& [name, value] : keys) EXPECT_EQ(form.get(name), "");
  form.set("venue", "Messe");
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  expect_kept();
  // With the placeholder typed, with blanks, with the fields missing.
  for (const std::string& typed : {bullets, std::string("   "), std::string("(missing)")}) {
    form = open_change(root, conferences, conference_id());
    form.set("venue", "Hall " + typed);
    for (const auto& [name, value] : keys) {
      form.set(name, typed);
      if (typed == "(missing)") form.clear(name).clear(name + "_do");
    }
    EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
    expect_kept();
  }
  // Chosen to be replaced, by nothing.
  form = open_change(root, conferences, conference_id());
  form.set("stripe_secret_key_do", "replace");
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  expect_kept();
}

TEST_P(Secrets, AreReplacedAndClearedOneByOne) {
  Buyer root = superuser_browser();
  store_all(root);
  const std::int64_t version = count("SELECT version FROM conference");
  PageForm form = open_change(root, conferences, conference_id());
  form.set("stripe_secret_key", "sk_live_second_zzzz").set("stripe_secret_key_do", "replace");
  form.set("stripe_webhook_secret_do", "clear");
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  EXPECT_EQ(opened("stripe_secret_key"), "sk_live_second_zzzz");
  EXPECT_EQ(opened("stripe_publishable_key"), keys[1].second);
  EXPECT_EQ(stored("stripe_webhook_secret"), "");
  EXPECT_EQ(count("SELECT count(*) FROM conference WHERE stripe_webhook_secret IS NULL"), 1);
  EXPECT_GT(count("SELECT version FROM conference"), version);
  form = open_change(root, conferences, conference_id());
  form.set("stripe_secret_key", "typed").set("stripe_secret_key_do", "clear");
  const HttpResponse page = send_change(root, conferences, conference_id(), form);
  EXPECT_EQ(page.status, 422);
  EXPECT_TRUE(contains(page, "not both"));
  EXPECT_FALSE(contains(page, "value=\"typed\""));
  EXPECT_EQ(opened("stripe_secret_key"), "sk_live_second_zzzz");
}

TEST_P(Secrets, AreNeverShownOrRecorded) {
  Buyer root = superuser_browser();
  store_all(root);
  const HttpResponse page = root.get(address(conferences, conference_id(), "change"));
  EXPECT_TRUE(contains(page, "placeholder=\"" + bullets + "\""));
  EXPECT_TRUE(contains(page, "type=\"password\" autocomplete=\"off\""));
  PageForm form(page, address(conferences, conference_id(), "change"));
  form.set("name", "").set("stripe_secret_key", "sk_typed_with_a_mistake");
  const HttpResponse refused = send_change(root, conferences, conference_id(), form);
  EXPECT_EQ(refused.status, 422);
  const HttpResponse history = root.get(address(conferences, conference_id(), "history"));
  const std::string entries = recorded("conference");
  for (const auto& [name, value] : keys) {
    EXPECT_FALSE(contains(page, value));
    EXPECT_FALSE(contains(history, value));
    EXPECT_FALSE(contains(page, stored(name)));
    EXPECT_EQ(entries.find(value), std::string::npos);
    EXPECT_NE(entries.find("****" + value.substr(value.size() - 4)), std::string::npos);
  }
  EXPECT_FALSE(contains(refused, "sk_typed"));
}

TEST_P(Secrets, TooLongOnesAreRefused) {
  Buyer root = superuser_browser();
  PageForm form = open_change(root, conferences, conference_id());
  EXPECT_FALSE(form.has("stripe_secret_key_do"));  // nothing stored: nothing to keep
  form.set("stripe_secret_key", std::string(201, 'x'));
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 422);
  EXPECT_EQ(stored("stripe_secret_key"), "");
}

}  // namespace
}  // namespace plenary::admin::testing
