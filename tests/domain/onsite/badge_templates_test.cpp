// Badge templates on both engines.
#include "domain/onsite/badge_templates.hpp"

#include <gtest/gtest.h>

#include "domain/conference/conferences.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::onsite {
namespace {

class BadgeTemplates : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  void SetUp() override {
    DatabaseTest::SetUp();
    for (auto [slug, id] : {std::pair("one", &one_), std::pair("two", &two_)}) {
      conference::Conference c;
      c.name = c.slug = slug;
      c.start_date = c.end_date = *Date::of(2027, 5, 14);
      *id = write([&](db::Tx& tx) { return conference::create(tx, c); }).value();
    }
  }
  static BadgeTemplate badge(std::int64_t conference_id, std::string slug, bool is_default = false) {
    BadgeTemplate b;
    b.conference_id = conference_id;
    b.name = b.slug = std::move(slug);
    b.is_default = is_default;
    return b;
  }
  BadgeTemplate create(BadgeTemplate b) {
    return write([&](db::Tx& tx) { return create_badge_template(tx, b); });
  }
  std::optional<BadgeTemplate> default_of(std::int64_t conference_id) {
    return db().read_now([&](db::Tx& tx) { return default_badge_template(tx, conference_id); });
  }
  std::int64_t one_ = 0, two_ = 0;
};
ON_BOTH_ENGINES(BadgeTemplates);

TEST_P(BadgeTemplates, TheNewestDefaultTakesOverInItsConferenceAlone) {
  const BadgeTemplate first = create(badge(one_, "first", true));
  create(badge(two_, "other", true));
  create(badge(one_, "second", true));
  EXPECT_EQ(default_of(one_).value().slug, "second");
  EXPECT_EQ(default_of(two_).value().slug, "other");
  // Whoever had the first one open hears that it was changed.
  EXPECT_FALSE(write([&](db::Tx& tx) { return update_badge_template(tx, first); }));
}

TEST_P(BadgeTemplates, AChangeMakesTheDefaultToo) {
  create(badge(one_, "first", true));
  BadgeTemplate second = create(badge(one_, "second"));
  second.is_default = true;
  const auto stored = write([&](db::Tx& tx) { return update_badge_template(tx, second); });
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->version, 2);
  EXPECT_EQ(default_of(one_).value().slug, "second");
  second = *stored;
  second.is_default = false;
  ASSERT_TRUE(write([&](db::Tx& tx) { return update_badge_template(tx, second); }));
  EXPECT_FALSE(default_of(one_));
}

TEST_P(BadgeTemplates, AnOldVersionWritesNothing) {
  BadgeTemplate first = create(badge(one_, "first", true));
  BadgeTemplate second = create(badge(one_, "second"));
  second.version = 0;
  second.is_default = true;
  EXPECT_FALSE(write([&](db::Tx& tx) { return update_badge_template(tx, second); }));
  EXPECT_EQ(default_of(one_).value().slug, "first");
  EXPECT_EQ(default_of(one_).value().version, first.version);
}

TEST_P(BadgeTemplates, ColoursAndSizesAreChecked) {
  BadgeTemplate b = badge(one_, "wrong");
  b.width_mm = 0;
  b.height_mm = 501;
  b.background_color = "red";
  b.text_color = "#12345G";
  b.accent_color = "";
  std::vector<std::string> fields;
  for (const auto& error : badge_template_table().validate(b)) fields.push_back(error.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"width_mm", "height_mm", "accent_color", "background_color",
                                              "text_color"}));
  EXPECT_TRUE(badge_template_table().validate(badge(one_, "right")).empty());
}

}  // namespace
}  // namespace plenary::onsite
