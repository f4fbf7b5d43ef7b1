// Legal texts, colours, switches and consents of a conference file, planned and stored, on both engines.
// source: configuration 10, 6.5 and 6.6; ground rules 15, 3.3.
#include "domain/bootstrap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "domain/bootstrap_files.hpp"
#include "domain/conference/conferences.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::parsed;
using testing::sample;
using testing::with;

const std::string presented = with(sample, "grant_budget = 15_000.00\n", R"(grant_budget = 15_000.00
sales_open = false
require_account = true
max_tickets_per_cart = 4
contact = "hello@example.org"
imprint = """
Demo e.V.
1 River Walk"""
terms = "https://example.org/terms"
privacy = "We keep little."
code_of_conduct = "Be kind."
refund_policy = "Until May."
withdrawal_note = "No right of withdrawal."
accent_color = "#0B5CAD"
logo_url = "/static/img/logo.svg"
transfer_until = 2027-05-01
)") + R"(
[[conference.consents]]
slug = "newsletter"
text = "I want to hear of the next conference."

[[conference.consents]]
slug = "conduct"
text = "I follow the code of conduct."
required = true
)";

class Presentation : public test::DatabaseTest {
 protected:
  test::TestDatabase::Change change() override {
    return [set = DatabaseTest::change()](db::DatabaseOptions& options) {
      set(options);
      options.slow_write = Duration::hours(1);  // one long write is how a bootstrap is meant to be
    };
  }
  BootstrapReport apply(const std::string& text, bool update = false) {
    return apply_conference_file(db(), parsed(text), settings_, {.update = update, .force = false});
  }
  conference::Conference stored() {
    return db().read_now([](db::Tx& tx) { return conference::find(tx, "python-2077").value(); });
  }
  std::vector<conference::ConsentText> consents() {
    return db().read_now([](db::Tx& tx) {
      return conference::consent_texts(tx, conference::find_state(tx, "python-2077").value().id);
    });
  }
  config::ProgramSettings settings_;
};
ON_BOTH_ENGINES(Presentation);

std::vector<std::string> changes_of(const AppliedItem& item) {
  std::vector<std::string> lines;
  for (const FieldChange& c : item.changes) lines.push_back(c.field + ": " + c.before + " -> " + c.after);
  return lines;
}

const AppliedItem& consent(const BootstrapReport& report, std::string_view slug) {
  for (const AppliedItem& item : report.items)
    if (item.kind == ItemKind::consent && item.slug == slug) return item;
  throw std::runtime_error("no consent " + std::string(slug));
}

TEST_P(Presentation, EverythingOfTheFileIsStored) {
  apply(presented);
  const conference::Conference c = stored();
  EXPECT_FALSE(c.sales_open);
  EXPECT_TRUE(c.require_account);
  EXPECT_EQ(c.max_tickets_per_cart, 4);
  EXPECT_EQ(c.contact, "hello@example.org");
  EXPECT_EQ(c.imprint, "Demo e.V.\n1 River Walk");
  EXPECT_EQ(c.terms, "https://example.org/terms");
  EXPECT_EQ(c.privacy, "We keep little.");
  EXPECT_EQ(c.code_of_conduct, "Be kind.");
  EXPECT_EQ(c.refund_policy, "Until May.");
  EXPECT_EQ(c.withdrawal_note, "No right of withdrawal.");
  EXPECT_EQ(c.accent_color, "#0b5cad");
  EXPECT_EQ(c.logo_url, "/static/img/logo.svg");
  EXPECT_EQ(c.transfer_until->to_string(), "2027-05-02T03:59:59.999999Z")
      << "the end of that day in New York";
  const auto texts = consents();
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0].slug, "newsletter");
  EXPECT_FALSE(texts[0].is_required);
  EXPECT_EQ(texts[0].text_version, 1);
  EXPECT_TRUE(texts[0].is_active);
  EXPECT_EQ(texts[1].slug, "conduct");
  EXPECT_TRUE(texts[1].is_required);
}

TEST_P(Presentation, AKeyThatIsAbsentKeepsWhatIsStoredAndAnEmptyTextClearsIt) {
  apply(presented);
  apply(with(sample, "grant_budget = 15_000.00\n", "grant_budget = 15_000.00\nterms = \"\"\n"), true);
  const conference::Conference c = stored();
  EXPECT_EQ(c.terms, "");
  EXPECT_EQ(c.contact, "hello@example.org");
  EXPECT_FALSE(c.sales_open);
  EXPECT_TRUE(c.require_account);
  EXPECT_EQ(c.accent_color, "#0b5cad");
  EXPECT_TRUE(c.transfer_until);
  EXPECT_EQ(consents().size(), 2u) << "items that are no longer in the file stay";
}

TEST_P(Presentation, TheSameFileAgainChangesNothing) {
  apply(presented);
  const auto before = stored();
  const BootstrapReport report = apply(presented, true);
  EXPECT_THAT(report.conference.changes, ElementsAre());
  EXPECT_THAT(consent(report, "newsletter").changes, ElementsAre());
  EXPECT_EQ(stored().version, before.version);
  EXPECT_EQ(stored().catalogue_version, before.catalogue_version);
  EXPECT_EQ(consents()[0].text_version, 1);
}

TEST_P(Presentation, AnotherTextIsAnotherVersionAndAnythingElseIsNot) {
  apply(presented);
  const auto before = stored();
  BootstrapReport report = apply(with(presented, "the next conference", "all our conferences"), true);
  EXPECT_THAT(
      changes_of(consent(report, "newsletter")),
      ElementsAre("text: I want to hear of the next conference. -> I want to hear of all our conferences."));
  EXPECT_EQ(consents()[0].text_version, 2);
  EXPECT_EQ(consents()[1].text_version, 1);
  EXPECT_GT(stored().catalogue_version, before.catalogue_version) << "pages see it at once";

  report = apply(
      with(presented, "code of conduct.\"\nrequired = true", "code of conduct.\"\nrequired = false"), true);
  EXPECT_THAT(changes_of(consent(report, "conduct")), ElementsAre("required: yes -> no"));
  EXPECT_EQ(consents()[1].text_version, 1);
  EXPECT_FALSE(consents()[1].is_required);
}

TEST_P(Presentation, ReportAndPreviewNameTheConsents) {
  const std::string preview =
      preview_text(preview_conference_file(&db(), "", parsed(presented), settings_, {}));
  EXPECT_THAT(preview, HasSubstr("Consents (2):"));
  EXPECT_THAT(preview,
              HasSubstr("[0] I want to hear of the next conference. (newsletter): optional: create"));
  EXPECT_THAT(preview, HasSubstr("[1] I follow the code of conduct. (conduct): required: create"));
  EXPECT_EQ(
      db().read_now([](db::Tx& tx) { return tx.one<std::int64_t>("SELECT count(*) FROM consent_text"); }), 0);

  EXPECT_THAT(report_text(apply(presented), 2), HasSubstr("Consents: 2 created, 0 updated"));
  const std::string absent = report_text(apply(sample, true), 1);
  EXPECT_THAT(absent, HasSubstr("consent I follow the code of conduct. (conduct)"));
  const std::string longer =
      with(presented, "We keep little.", std::string(100, 'x') + "\\nand a second line");
  EXPECT_THAT(report_text(apply(longer, true), 1),
              HasSubstr("privacy: We keep little. -> " + std::string(60, 'x') + "…\n"));
}

}  // namespace
}  // namespace plenary::domain
