// A conference file that recreates what is stored: export, bootstrap elsewhere, export again, the same to the
// byte, on both engines and over random conferences. source: configuration 10, 6.
#include "domain/export.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "config/conference_file.hpp"
#include "config/settings.hpp"
#include "domain/bootstrap.hpp"
#include "domain/bootstrap_files.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"
#include "domain/sponsors/levels.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::parsed;
using testing::sample;
using ::testing::StartsWith;
using testing::with;

class Export : public test::DatabaseTest {
 protected:
  test::TestDatabase::Change change() override {
    return [set = DatabaseTest::change()](db::DatabaseOptions& options) {
      set(options);
      options.slow_write = Duration::hours(1);
    };
  }
  ConferenceExport exported(db::Database& database, const std::string& slug, const std::string& head = {}) {
    return database.read_now([&](db::Tx& tx) {
      return export_conference(tx, slug, settings_, {"admin", "import"}, head);
    });
  }
  ConferenceExport exported(const std::string& slug = "python-2077") { return exported(db(), slug); }
  void bootstrap(db::Database& database, const std::string& toml, bool update = false) {
    apply_conference_file(database, parsed(toml), settings_, {.update = update});
  }
  // Another database of the same engine.
  db::Database& elsewhere() {
    if (!elsewhere_) elsewhere_ = std::make_unique<test::TestDatabase>(GetParam(), test::migrated, change());
    return **elsewhere_;
  }
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }

  config::ProgramSettings settings_;
  std::unique_ptr<test::TestDatabase> elsewhere_;
};
ON_BOTH_ENGINES(Export);

TEST_P(Export, TheSampleReadsAsAPersonWouldWriteIt) {
  bootstrap(db(), sample);
  const ConferenceExport result = exported();
  EXPECT_THAT(result.left_out, IsEmpty());
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_THAT(result.toml, StartsWith("# The conference \"python-2077\""));
  EXPECT_THAT(result.toml,
              HasSubstr("\nname = \"Python 2077\"\nslug = \"python-2077\"\nstart = 2027-05-14\nend = "
                        "2027-05-22\ntimezone = \"America/New_York\"\ncurrency = \"USD\"\n"));
  EXPECT_THAT(result.toml, HasSubstr("\nrevenue_budget = 50000.00\n"));
  EXPECT_THAT(result.toml,
              HasSubstr("\n[[conference.tickets]]\nname = \"Individual\"\nslug = \"individual\"\nprice = "
                        "100.00\nquantity = 2500\nper_user = 1\nvoucher_required = false\navailable = { "
                        "opens = 2025-01-15, closes = 2027-05-13 }\n"));
  EXPECT_THAT(result.toml,
              HasSubstr("\nrequires = [\"individual\", \"student\"]\navailable = { opens = 2025-01-15 }\n"));
  EXPECT_THAT(result.toml, HasSubstr("\ncost = 150000.00\ncomp_tickets = 25\n"));
}

TEST_P(Export, EveryKeyThatTheFileKnowsIsWritten) {
  const std::string variation = "[[conference.tickets.variations]]\nname = \"Friday\"\nprice = 30\n";
  bootstrap(db(), with(with(sample, "[[conference.addons]]", variation + "[[conference.addons]]"),
                       "[[conference.sponsor_levels]]",
                       "[[conference.addons.variations]]\nname = \"L\"\nprice = 30\n"
                       "[[conference.sponsor_levels]]") +
                      "[[conference.consents]]\nslug = \"news\"\ntext = \"Write to me.\"\n"
                      "[[conference.taxes]]\nslug = \"full\"\nname = \"Full\"\nrate = 19\n"
                      "[[conference.quotas]]\nname = \"Hall\"\nsize = 5\n"
                      "[[conference.discounts]]\nname = \"Speakers\"\nkind = \"speaker\"\npercent = 5\n"
                      "[[conference.discounts]]\nname = \"Zwilling\"\nkind = \"time_limit\"\namount = 5\n"
                      "available = { opens = 2027-01-01 }\n"
                      "[[conference.questions]]\nslug = \"diet\"\ntext = \"Diet?\"\nkind = \"choice\"\n"
                      "[[conference.questions.choices]]\nname = \"All\"\n"
                      "[conference.seller]\nname = \"Verein\"\ninvoice_prefix = \"V-\"\n"
                      "credit_note_prefix = \"VC-\"\n[conference.payment]\noffers_card = false\n");
  write([](db::Tx& tx) {
    tx.exec(
        "UPDATE conference SET transfer_until = 1809576000000000, self_change_until = 1809576000000000, "
        "self_cancel_until = 1809576000000000, answers_until = 1809576000000000");
    const auto id = conference::find_state(tx, "python-2077").value().id;
    for (const conference::Feature feature : conference::all_features())
      conference::set_feature(tx, id, feature, feature != conference::Feature::sponsors);
  });
  const std::string toml = exported().toml;
  const config::ConferenceFile file = parsed(toml);
  // Whoever adds a key to the file adds it to the export: known are those that an unknown one is told of.
  for (const char* table :
       {"[conference]", "[[conference.sections]]", "[[conference.tickets]]", "[[conference.addons]]",
        "[[conference.sponsor_levels]]", "[[conference.consents]]", "[conference.features]",
        "[[conference.taxes]]", "[conference.seller]", "[conference.payment]",
        "[[conference.tickets.variations]]", "[[conference.addons.variations]]", "[[conference.quotas]]",
        "[[conference.questions]]", "[[conference.questions.choices]]"}) {
    try {
      parsed(with(toml, table, std::string(table) + "\nzzzzzzzzzzzzzzzz = 1\n"));
      FAIL() << "an unknown key is an error";
    } catch (const config::ConfigError& error) {
      const std::string& advice = error.problems().at(0).advice;
      ASSERT_THAT(advice, StartsWith("known here: ")) << table;
      const std::size_t begin = toml.find(table), end = toml.find("\n\n", begin);
      const std::string block = toml.substr(begin, end - begin);
      for (std::size_t at = 12; at < advice.size();) {
        const std::size_t comma = std::min(advice.find(", ", at), advice.size());
        const std::string key = advice.substr(at, comma - at);
        at = comma + 2;
        const bool is_list = toml.find("[[conference." + key + "]]") != std::string::npos ||
                             key == "features" || key == "seller" || key == "payment" ||
                             key == "variations" || key == "choices";
        // The same key with _at stands there instead.
        const bool is_other_form = key == "transfer_until" || key == "self_change_until" ||
                                   key == "self_cancel_until" || key == "answers_until";
        if (is_list || is_other_form) continue;
        EXPECT_THAT(block, ::testing::AnyOf(HasSubstr("\n" + key + " = "), HasSubstr(" " + key + " = ")))
            << table;
      }
    }
  }
  EXPECT_EQ(file.features.size(), conference::feature_count);
}

TEST_P(Export, ATwinIsTheSameToTheByte) {
  bootstrap(db(), sample);
  const std::string first = exported().toml;
  bootstrap(elsewhere(), first);
  EXPECT_EQ(exported(elsewhere(), "python-2077").toml, first);
  EXPECT_EQ(exported().toml, first) << "and a second look at the same data";
  bootstrap(elsewhere(), first, true);
  EXPECT_EQ(exported(elsewhere(), "python-2077").toml, first);
}

TEST_P(Export, NoTimeIsWrittenUnlessItIsAskedFor) {
  bootstrap(db(), sample);
  const std::string before = exported().toml;
  clock().advance(Duration::hours(30));
  EXPECT_EQ(exported().toml, before);
  EXPECT_THAT(exported(db(), "python-2077", "Written yesterday.").toml,
              HasSubstr("\n# Written yesterday.\n"));
}

TEST_P(Export, TimesOfDayTravelInKeysOfTheirOwn) {
  bootstrap(db(), with(sample, "available = { opens = 2025-01-15, closes = 2027-05-13 }",
                       "available = { opens_at = 2025-01-15T12:00:00, closes_at = 2027-05-13T23:59:59 }"));
  const std::string first = exported().toml;
  EXPECT_THAT(first,
              HasSubstr("available = { opens_at = 2025-01-15T17:00:00Z, closes_at = 2027-05-14T03:59:59Z }"));
  bootstrap(elsewhere(), first);
  EXPECT_EQ(exported(elsewhere(), "python-2077").toml, first);
}

TEST_P(Export, ASecretIsNamedAndNeverShown) {
  bootstrap(db(), sample);
  write([](db::Tx& tx) {
    tx.exec("UPDATE conference SET stripe_secret_key = 'sealed:sk_live_hush', qbo_client_id = 'client'");
    tx.exec("INSERT INTO kpi_target (conference_id, updated_at) SELECT id, 0 FROM conference");
    tx.exec("UPDATE ticket_type SET limit_per_user = 0 WHERE slug = 'student'");
  });
  const ConferenceExport result = exported();
  EXPECT_THAT(result.toml, Not(HasSubstr("hush")));
  ASSERT_EQ(result.left_out.size(), 4U);
  EXPECT_THAT(result.left_out[0], HasSubstr("student: per_user 0"));
  EXPECT_THAT(result.left_out[1], HasSubstr("Stripe keys"));
  EXPECT_THAT(result.left_out[2], HasSubstr("QuickBooks"));
  EXPECT_THAT(result.left_out[3], HasSubstr("KPI targets"));
  EXPECT_THAT(result.toml, HasSubstr("\n# Not in this file:\n# - ticket type student: per_user 0"));
  bootstrap(elsewhere(), result.toml);
}

TEST_P(Export, WhatWouldBeRefusedIsSaid) {
  bootstrap(db(), sample);
  write([](db::Tx& tx) { tx.exec("DELETE FROM section"); });
  const ConferenceExport result = exported();
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_THAT(result.problems[0], HasSubstr("missing sections"));
}

TEST_P(Export, AnUnknownConferenceIsNotFound) {
  EXPECT_THROW(exported("nowhere"), NotFound);
}

// ---- random conferences

template <class T>
T any_of(const std::vector<T>& values) {
  return *rc::gen::elementOf(values);
}
bool coin() {
  return *rc::gen::arbitrary<bool>();
}
std::int64_t up_to(std::int64_t most) {
  return *rc::gen::inRange<std::int64_t>(0, most + 1);
}

// Pieces that a writer of TOML gets wrong first.
std::string a_text(bool several_lines) {
  std::vector<std::string> pieces = {
      "a",   "Z9",      " ",       "\"",  "\"\"", "\"\"\"",  "'",    "'''",     "\\",
      "\\n", "\\u0041", "#",       "=",   "é",    "e\u0301", "日本", "🎟️", "👩‍💻",
      "[x]", "{% x %}", "{{ y }}", "<b>", "$1",   "%s",      ";",    "https:/"};
  if (several_lines) pieces.insert(pieces.end(), {"\n", "\n\n", " \n", "\t", "\"\n", "\\\n", "\n\""});
  std::string text = any_of<std::string>({"x", "Ж", "\"x", "'x", "\\x", "🎉"});
  for (std::int64_t i = up_to(12); i > 0; --i) text += any_of(pieces);
  return text;
}
std::string maybe_text(bool several_lines) {
  return coin() ? a_text(several_lines) : std::string();
}
std::optional<Instant> a_moment(TimeZone zone, bool end) {
  const std::int64_t kind = up_to(3);
  if (kind == 0) return std::nullopt;
  const Date day = *Date::of(2026, 1 + static_cast<int>(up_to(11)), 1 + static_cast<int>(up_to(27)));
  if (kind == 1) return end ? zone.day_end(day) : zone.day_start(day);
  Instant at = zone.day_start(day);
  at.micros += up_to(86'399) * 1'000'000 + (kind == 3 ? up_to(999'999) : 0);
  return at;
}
template <class Product>
void fill(Product& product, TimeZone zone, std::int64_t index, std::int64_t conference_id) {
  product.conference_id = conference_id;
  product.name = a_text(false);
  product.slug = any_of<std::string>({"item-", "Item_", "x"}) + std::to_string(index);
  product.price = any_of<std::int64_t>({0, 1, 99, 100, 1005, 123456, 9'999'999'999});
  product.total_quantity = any_of<std::int64_t>({0, 1, 2500, 2'147'483'647});
  product.available_from = a_moment(zone, false);
  product.available_until = a_moment(zone, true);
  if (product.available_from && product.available_until && *product.available_until < *product.available_from)
    std::swap(product.available_from, product.available_until);
  product.description = maybe_text(true);
  product.is_active = coin();
  product.bulk_enabled = coin();
  product.free_price = coin();
  product.minimum_price = up_to(product.price);
  product.min_per_order = up_to(3);
  if (coin()) product.max_per_order = 3 + up_to(5);
  product.email_domains = any_of<std::string>({"", "example.org", "example.org uni.example"});
  product.waiting_list = coin();
  product.order = up_to(5);
}

// Rows as an editor of the admin could have made them.
void make_random(db::Tx& tx, const std::string& slug) {
  conference::Conference c;
  c.name = a_text(false);
  c.slug = slug;
  c.start_date = *Date::of(2027, 5, 14);
  c.end_date = *Date::of(2027, 5, 22);
  // Zones where midnight does not exist on some days, with odd offsets and none.
  c.timezone = any_of<std::string>({"UTC", "America/New_York", "Asia/Kathmandu", "America/Sao_Paulo",
                                    "Africa/Cairo", "US/Eastern", "Pacific/Apia", "Australia/Lord_Howe"});
  const TimeZone zone = TimeZone::of(c.timezone);
  c.currency = any_of<std::string>({"USD", "EUR", "JPY", "KWD", "CHF"});
  c.venue = maybe_text(false);
  c.address = maybe_text(false);
  c.website_url = coin() ? "https://example.org/%22?a=b&c" : "";
  c.pretalx_event_slug = maybe_text(false);
  c.total_capacity = up_to(3000);
  if (coin()) c.target_attendance = up_to(3000);
  if (coin()) c.revenue_budget = any_of<std::int64_t>({0, 5, 123456789, 999'999'999'999});
  if (coin()) c.grant_budget = up_to(1'000'000);
  c.is_active = coin();
  c.sales_open = coin();
  c.require_account = coin();
  c.max_tickets_per_cart = 1 + up_to(999);
  for (std::string* text : {&c.contact, &c.imprint, &c.terms, &c.privacy, &c.code_of_conduct,
                            &c.refund_policy, &c.withdrawal_note})
    *text = maybe_text(true);
  if (coin()) c.contact = "https://example.org/contact/";
  c.accent_color = coin() ? "#0b5cad" : "";
  c.logo_url = any_of<std::string>({"", "/static/img/logo.svg", "https://example.org/logo.png"});
  c.transfer_until = a_moment(zone, true);
  c.event_country = coin() ? "DE" : "";
  c.tax_rounding = coin() ? conference::TaxRounding::per_rate : conference::TaxRounding::per_line;
  c.discount_choice =
      coin() ? conference::DiscountChoice::first_match : conference::DiscountChoice::best_match;
  c.self_change_until = a_moment(zone, true);
  c.self_cancel_until = a_moment(zone, true);
  c.answers_until = a_moment(zone, true);
  c.cancel_fee_percent = any_of<Decimal>({Decimal(0), Decimal(10), *Decimal::parse("12.5")});
  c.cancel_fee_amount = up_to(5000);
  c.offer_hours = 1 + up_to(1000);
  const std::int64_t id = conference::create(tx, c).value();
  registration::set_conference_capacity(tx, id, c.total_capacity);
  for (const conference::Feature feature : conference::all_features())
    if (up_to(2) == 0) conference::set_feature(tx, id, feature, coin());
  const std::int64_t sections = 1 + up_to(2), tickets = up_to(4), addons = up_to(3);
  for (std::int64_t i = 0; i < sections; ++i) {
    conference::Section section;
    section.conference_id = id;
    section.name = a_text(false);
    section.slug = "s" + std::to_string(i);
    section.start_date = *Date::of(2027, 5, 14 + static_cast<int>(up_to(4)));
    section.end_date = *Date::of(2027, 5, 18 + static_cast<int>(up_to(4)));
    section.order = up_to(4);
    conference::create_section(tx, section);
  }
  std::vector<registration::Id> ids, taxes;
  for (std::int64_t i = up_to(2); i > 0; --i) {
    registration::TaxRule rule;
    rule.conference_id = id;
    rule.name = a_text(false);
    rule.slug = "tax" + std::to_string(i);
    rule.rate =
        any_of<Decimal>({Decimal(0), Decimal(19), *Decimal::parse("8.875"), *Decimal::parse("7.0001")});
    rule.includes_tax = coin();
    if (coin()) {
      rule.place_of_supply = registration::PlaceOfSupply::customer;
      rule.reverse_charge = coin();
      rule.reverse_charge_text = a_text(false);
    }
    taxes.push_back(registration::save(tx, rule));
    if (coin()) registration::set_country_rate(tx, taxes.back(), "FR", *Decimal::parse("20.5"));
  }
  const auto add_variations = [&](std::optional<registration::Id> ticket,
                                  std::optional<registration::Id> addon) {
    for (std::int64_t i = up_to(2); i > 0; --i) {
      registration::Variation variation;
      variation.conference_id = id;
      variation.ticket_type_id = ticket;
      variation.addon_id = addon;
      variation.name = a_text(false);
      variation.slug = "v" + std::to_string(i);
      variation.description = maybe_text(true);
      if (coin()) variation.price = up_to(10'000);
      variation.total_quantity = up_to(50);
      variation.is_active = coin();
      variation.order = up_to(3);
      registration::save(tx, variation);
    }
  };
  for (std::int64_t i = 0; i < tickets; ++i) {
    registration::TicketType ticket;
    fill(ticket, zone, i, id);
    if (!taxes.empty() && coin()) ticket.tax_rule_id = any_of(taxes);
    ticket.limit_per_user = 1 + up_to(20);
    ticket.requires_voucher = coin();
    ids.push_back(registration::save(tx, ticket));
    add_variations(ids.back(), std::nullopt);
  }
  for (std::int64_t i = 0; i < addons; ++i) {
    registration::AddOn addon;
    fill(addon, zone, i, id);
    for (const registration::Id ticket : ids)
      if (coin()) addon.requires_ticket_types.push_back(ticket);
    if (!taxes.empty() && coin()) addon.tax_rule_id = any_of(taxes);
    if (coin()) addon.limit_per_user = 1 + up_to(5);
    addon.min_per_ticket = up_to(2);
    if (coin()) addon.max_per_ticket = 2 + up_to(5);
    add_variations(std::nullopt, registration::save(tx, addon));
  }
  for (std::int64_t i = up_to(2); i > 0; --i) {
    sponsors::SponsorLevel level;
    level.conference_id = id;
    level.name = a_text(false);
    level.slug = "l" + std::to_string(i);
    level.cost = up_to(9'999'999'999);
    level.description = maybe_text(true);
    level.benefits_summary = maybe_text(true);
    level.comp_ticket_count = up_to(30);
    level.order = up_to(3);
    sponsors::create_level(tx, level);
  }
  for (std::int64_t i = up_to(2); i > 0; --i) {
    conference::ConsentText consent;
    consent.conference_id = id;
    consent.slug = "c" + std::to_string(i);
    consent.text = a_text(true);
    consent.is_required = coin();
    consent.is_active = coin();
    consent.order = up_to(3);
    conference::create_consent_text(tx, consent);
  }
}

TEST_P(Export, AnyConferenceHasATwinThatIsTheSameToTheByte) {
  int count = 0;
  EXPECT_TRUE(rc::check([&] {
    const std::string slug = "Any-" + std::to_string(++count);
    write([&](db::Tx& tx) { make_random(tx, slug); });
    const ConferenceExport result = exported(slug);
    RC_ASSERT(result.problems.empty());
    RC_ASSERT(result.left_out.empty());
    settings_.currency = Currency::of("GBP");  // what a new conference would have without its own
    apply_conference_file(elsewhere(),
                          config::parse_conference_file(result.toml, "twin.toml", {settings_.currency, {}}),
                          settings_, {});
    RC_ASSERT(exported(elsewhere(), slug).toml == result.toml);
    // And an update with it changes nothing.
    const BootstrapReport again = apply_conference_file(
        db(), config::parse_conference_file(result.toml, "same.toml", {settings_.currency, {}}), settings_,
        {.update = true});
    RC_ASSERT(again.conference.changes.empty());
  }));
}

}  // namespace
}  // namespace plenary::domain
