#include "config/conference_file.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>

#include "config/case_file.hpp"
#include "config/settings.hpp"

namespace plenary::config {
namespace {

const std::vector<std::string> reserved = {"import", "api", "admin", "manage", "accounts", "media", "static"};

ConferenceFile parsed(std::string_view text, const char* currency = "USD") {
  return parse_conference_file(text, "conference.toml", {Currency::of(currency), reserved});
}

constexpr const char* head =
    "[conference]\nname = \"Demo\"\nstart = 2027-05-14\nend = 2027-05-22\ntimezone = \"America/New_York\"\n";
constexpr const char* sections =
    "[[conference.sections]]\nname = \"Talks\"\nstart = 2027-05-16\nend = 2027-05-18\n";

ConferenceFile with(const std::string& more, const char* currency = "USD") {
  return parsed(std::string(head) + sections + more, currency);
}

TEST(ConferenceFile, ReadsHowItIsSold) {
  const ConferenceFile file = with(R"(
[[conference.taxes]]
slug = "standard"
name = "Full rate"
rate = 19.50
includes_tax = false
place_of_supply = "customer"
reverse_charge = true
countries = { FR = 20, AT = 20.0 }
[[conference.tickets]]
name = "Day"
price = 30
quantity = 10
tax = "standard"
max_per_order = 4
email_domains = ["Example.org", "uni.example", "example.org"]
waiting_list = true
[[conference.tickets.variations]]
name = "Friday"
quantity = 5
[[conference.tickets.variations]]
name = "Saturday"
slug = "sat"
price = 35
[[conference.addons]]
name = "Donation"
price = 10
free_price = true
minimum_price = 5
per_user = 1
min_per_ticket = 1
max_per_ticket = 2
tax = ""
)");
  ASSERT_EQ(file.taxes.size(), 1u);
  EXPECT_EQ(file.taxes[0].rate.to_string(), "19.5");
  EXPECT_EQ(file.taxes[0].includes_tax, false);
  EXPECT_EQ(file.taxes[0].place_of_supply, "customer");
  ASSERT_TRUE(file.taxes[0].countries);
  EXPECT_EQ(file.taxes[0].countries->at(0).first, "AT");
  EXPECT_EQ(file.taxes[0].countries->at(0).second.to_string(), "20");
  const SellingEntry& day = file.tickets.at(0).selling;
  EXPECT_EQ(day.tax->slug, "standard");
  EXPECT_EQ(day.max_per_order, 4);
  EXPECT_EQ(day.email_domains, (std::vector<std::string>{"example.org", "uni.example"}));
  EXPECT_EQ(day.waiting_list, true);
  EXPECT_FALSE(day.free_price);
  ASSERT_EQ(day.variations.size(), 2u);
  EXPECT_EQ(day.variations[0].slug, "friday");
  EXPECT_EQ(day.variations[0].quantity, 5);
  EXPECT_FALSE(day.variations[0].price);
  EXPECT_EQ(day.variations[1].slug, "sat");
  EXPECT_EQ(day.variations[1].price->minor(), 3500);
  const AddonEntry& donation = file.addons.at(0);
  EXPECT_EQ(donation.selling.minimum_price->minor(), 500);
  EXPECT_EQ(donation.per_user, 1);
  EXPECT_EQ(donation.max_per_ticket, 2);
  EXPECT_EQ(donation.selling.tax->slug, "");
  EXPECT_FALSE(file.seller);
}

TEST(ConferenceFile, ReadsWhoSells) {
  const ConferenceFile file = parsed(std::string(head) + R"(event_country = "DE"
discount_choice = "best_match"
self_cancel_until = 2027-05-01
cancel_fee_percent = 10
cancel_fee_amount = 5
[conference.seller]
name = "Verein e. V."
country = "DE"
currency = "EUR"
invoice_prefix = "PY27-"
credit_note_prefix = "PY27-C-"
restarts_yearly = true
)" + sections);
  EXPECT_EQ(file.event_country, "DE");
  EXPECT_EQ(file.discount_choice, "best_match");
  EXPECT_EQ(file.self_cancel_until.day->to_string(), "2027-05-01");
  EXPECT_EQ(file.cancel_fee_percent->to_string(), "10");
  EXPECT_EQ(file.cancel_fee_amount->minor(), 500);
  ASSERT_TRUE(file.seller);
  EXPECT_EQ(file.seller->invoice_prefix, "PY27-");
  EXPECT_EQ(file.seller->restarts_yearly, true);
  EXPECT_FALSE(file.seller->street);
}

TEST(ConferenceFile, ReadsEveryKey) {
  const ConferenceFile file = parsed(R"([conference]
name = "PyCon US 2027"
start = 2027-05-14
end = 2027-05-22
timezone = "America/New_York"
slug = "pycon-us-2027"
venue = "Convention Center"
address = "1000 Fort Duquesne Blvd, Pittsburgh"
pretalx_event_slug = "pycon-us"
website_url = "https://us.pycon.org/2027/"
total_capacity = 2500
target_attendance = 2_000
revenue_budget = 50_000.00
grant_budget = 15000

[[conference.sections]]
name = "Tutorials"
start = 2027-05-14
end = 2027-05-15
slug = "tuts"
order = 7

[[conference.tickets]]
name = "Individual"
slug = "individual"
price = 100.00
quantity = 2500
per_user = 1
voucher_required = false
available = { opens = 2025-01-15, closes = 2027-05-13 }

[[conference.addons]]
name = "Tutorial: Intro to Django"
price = 150.00
quantity = 40
requires = ["individual", "corporate", "individual"]
available = { closes = 2027-05-13 }
slug = "intro"

[[conference.sponsor_levels]]
name = "Visionary"
cost = 150_000.00
comp_tickets = 25
slug = "visionary"
)");
  EXPECT_EQ(file.path, "conference.toml");
  EXPECT_EQ(file.name, "PyCon US 2027");
  EXPECT_EQ(file.slug, "pycon-us-2027");
  EXPECT_TRUE(file.slug_given);
  EXPECT_EQ(file.start.to_string(), "2027-05-14");
  EXPECT_EQ(file.end.to_string(), "2027-05-22");
  EXPECT_EQ(file.timezone.name(), "America/New_York");
  EXPECT_EQ(file.venue, "Convention Center");
  EXPECT_EQ(file.address, "1000 Fort Duquesne Blvd, Pittsburgh");
  EXPECT_EQ(file.pretalx_event_slug, "pycon-us");
  EXPECT_EQ(file.website_url, "https://us.pycon.org/2027/");
  EXPECT_EQ(file.total_capacity, 2500);
  EXPECT_EQ(file.target_attendance, 2000);
  EXPECT_EQ(file.revenue_budget->display(), "$50,000.00");
  EXPECT_EQ(file.grant_budget->display(), "$15,000.00");
  EXPECT_EQ(file.places.item, (Place{1, 1}));
  EXPECT_EQ(file.places.of("total_capacity"), (Place{11, 18}));
  EXPECT_EQ(file.places.of("nothing"), (Place{1, 1}));

  ASSERT_EQ(file.sections.size(), 1u);
  EXPECT_EQ(file.sections[0].name, "Tutorials");
  EXPECT_EQ(file.sections[0].slug, "tuts");
  EXPECT_EQ(file.sections[0].order, 7);
  EXPECT_EQ(file.sections[0].start.to_string(), "2027-05-14");
  EXPECT_EQ(file.sections[0].end.to_string(), "2027-05-15");
  EXPECT_EQ(file.sections[0].places.item, (Place{16, 1}));

  ASSERT_EQ(file.tickets.size(), 1u);
  const TicketEntry& ticket = file.tickets[0];
  EXPECT_EQ(ticket.slug, "individual");
  EXPECT_TRUE(ticket.slug_given);
  EXPECT_EQ(ticket.price.minor(), 10000);
  EXPECT_EQ(ticket.quantity, 2500);
  EXPECT_EQ(ticket.per_user, 1);
  EXPECT_EQ(ticket.voucher_required, false);
  ASSERT_TRUE(ticket.available);
  EXPECT_EQ(ticket.available->opens->to_string(), "2025-01-15");
  EXPECT_EQ(file.timezone.day_start(*ticket.available->opens).to_string(), "2025-01-15T05:00:00Z");
  EXPECT_EQ(file.timezone.day_end(*ticket.available->closes).to_string(), "2027-05-14T03:59:59.999999Z");
  EXPECT_EQ(ticket.places.of("price"), (Place{26, 9}));

  ASSERT_EQ(file.addons.size(), 1u);
  const AddonEntry& addon = file.addons[0];
  EXPECT_EQ(addon.price.minor(), 15000);
  EXPECT_EQ(addon.quantity, 40);
  ASSERT_TRUE(addon.requires_tickets);
  ASSERT_EQ(addon.requires_tickets->size(), 2u);
  EXPECT_EQ((*addon.requires_tickets)[1].slug, "corporate");
  EXPECT_EQ((*addon.requires_tickets)[1].place, (Place{36, 27}));
  EXPECT_FALSE(addon.available->opens);
  EXPECT_EQ(addon.available->closes->to_string(), "2027-05-13");

  ASSERT_EQ(file.sponsor_levels.size(), 1u);
  EXPECT_EQ(file.sponsor_levels[0].cost.display(), "$150,000.00");
  EXPECT_EQ(file.sponsor_levels[0].comp_tickets, 25);
}

TEST(ConferenceFile, ReadsWhatAConferenceSaysOfItselfAndAsksItsBuyers) {
  const ConferenceFile file = parsed(std::string(head) + R"(sales_open = false
require_account = true
max_tickets_per_cart = 4
contact = "hello@example.org"
imprint = """
Demo e.V.
1 River Walk"""
terms = "https://example.org/terms"
privacy = "HTTP://example.org/privacy"
code_of_conduct = "Be kind: see example.org/conduct."
refund_policy = ""
withdrawal_note = "No right of withdrawal."
accent_color = "#0B5CAD"
logo_url = "/static/img/logo.svg"
transfer_until = 2027-05-01
)" + sections + R"(
[[conference.consents]]
slug = "newsletter"
text = """I want to hear of the next conference.
Rarely."""
[[conference.consents]]
slug = "photos"
text = "I may be in pictures."
required = true
)");
  EXPECT_EQ(file.sales_open, false);
  EXPECT_EQ(file.require_account, true);
  EXPECT_EQ(file.max_tickets_per_cart, 4);
  EXPECT_EQ(file.contact, "hello@example.org");
  EXPECT_EQ(file.imprint, "Demo e.V.\n1 River Walk");
  EXPECT_EQ(file.terms, "https://example.org/terms");
  EXPECT_EQ(file.privacy, "HTTP://example.org/privacy");
  EXPECT_EQ(file.code_of_conduct, "Be kind: see example.org/conduct.");
  EXPECT_EQ(file.refund_policy, "");
  EXPECT_EQ(file.withdrawal_note, "No right of withdrawal.");
  EXPECT_EQ(file.accent_color, "#0b5cad");
  EXPECT_EQ(file.logo_url, "/static/img/logo.svg");
  EXPECT_EQ(file.transfer_until->to_string(), "2027-05-01");
  ASSERT_EQ(file.consents.size(), 2u);
  EXPECT_EQ(file.consents[0].slug, "newsletter");
  EXPECT_EQ(file.consents[0].text, "I want to hear of the next conference.\nRarely.");
  EXPECT_FALSE(file.consents[0].required);
  EXPECT_EQ(file.consents[1].required, true);
}

TEST(ConferenceFile, ALegalTextHasRoomForTwentyThousandCharactersAndNoMore) {
  const std::string longest(20'000, 'x');
  const std::string start = std::string(head) + "terms = \"", end = std::string("\"\n") + sections;
  EXPECT_EQ(parsed(start + longest + end).terms, longest);
  EXPECT_THROW(parsed(start + longest + "x" + end), ConfigValueError);
}

TEST(ConferenceFile, WhatIsAbsentStaysAbsent) {
  const ConferenceFile file = with(
      "[[conference.tickets]]\nname = \"Student\"\nprice = 1\nquantity = 0\n"
      "[[conference.addons]]\nname = \"Shirt\"\nprice = 1\n[[conference.sponsor_levels]]\nname = "
      "\"Gold\"\ncost = 1\n");
  EXPECT_FALSE(file.venue || file.address || file.website_url || file.pretalx_event_slug);
  EXPECT_FALSE(file.total_capacity || file.target_attendance || file.revenue_budget || file.grant_budget);
  EXPECT_FALSE(file.sales_open || file.require_account || file.max_tickets_per_cart || file.transfer_until);
  EXPECT_FALSE(file.contact || file.imprint || file.terms || file.privacy || file.code_of_conduct);
  EXPECT_FALSE(file.refund_policy || file.withdrawal_note || file.accent_color || file.logo_url);
  EXPECT_TRUE(file.consents.empty());
  EXPECT_FALSE(file.slug_given);
  EXPECT_FALSE(file.sections[0].order);
  EXPECT_FALSE(file.tickets[0].per_user || file.tickets[0].voucher_required || file.tickets[0].available);
  EXPECT_FALSE(file.addons[0].quantity || file.addons[0].available || file.addons[0].requires_tickets);
  EXPECT_FALSE(file.sponsor_levels[0].comp_tickets);
}

TEST(ConferenceFile, AnEmptyListOfRequirementsIsNotAnAbsentOne) {
  const ConferenceFile file = with("[[conference.addons]]\nname = \"Shirt\"\nprice = 1\nrequires = []\n");
  ASSERT_TRUE(file.addons[0].requires_tickets);
  EXPECT_TRUE(file.addons[0].requires_tickets->empty());
  const ConferenceFile window = with("[[conference.addons]]\nname = \"Shirt\"\nprice = 1\navailable = {}\n");
  ASSERT_TRUE(window.addons[0].available);
  EXPECT_FALSE(window.addons[0].available->opens || window.addons[0].available->closes);
}

TEST(ConferenceFile, EmptyTextsAndListsAreAllowedWhereNothingIsRequired) {
  const ConferenceFile file =
      parsed(std::string(head) +
             "venue = \"\"\nwebsite_url = \"\"\ntickets = []\naddons = []\nsponsor_levels = []\n" + sections);
  EXPECT_EQ(file.venue, "");
  EXPECT_EQ(file.website_url, "");
  EXPECT_TRUE(file.tickets.empty() && file.addons.empty() && file.sponsor_levels.empty());
}

TEST(ConferenceFile, SlugsAreDerivedWhereTheyAreNotGiven) {
  const ConferenceFile file = parsed(
      "[conference]\nname = \"Конференция 2027\"\nstart = 2027-05-14\nend = 2027-05-22\ntimezone = "
      "\"UTC\"\n" +
      std::string(sections) + "[[conference.addons]]\nname = \"PyCon T-Shirt\"\nprice = 25.00\n");
  EXPECT_EQ(file.slug, "konferencia-2027");
  EXPECT_FALSE(file.slug_given);
  EXPECT_EQ(file.sections[0].slug, "talks");
  EXPECT_EQ(file.addons[0].slug, "pycon-t-shirt");
}

TEST(ConferenceFile, TheSameSlugMayStandInTwoLists) {
  const ConferenceFile file = with(
      "[[conference.tickets]]\nname = \"Talks\"\nprice = 1\nquantity = 0\n"
      "[[conference.addons]]\nname = \"Talks\"\nprice = 1\n");
  EXPECT_EQ(file.tickets[0].slug, file.addons[0].slug);
}

struct AmountCase {
  const char* literal;
  const char* currency;
  std::int64_t minor;
};

TEST(ConferenceFile, AmountsAreTheExactValueOfTheirText) {
  const AmountCase table[] = {
      {"150_000.00", "USD", 15'000'000},
      {"1.0e1", "USD", 1000},
      {"10.000", "USD", 1000},
      {"10", "USD", 1000},
      {"+10.5", "USD", 1050},
      {"0.1", "USD", 10},
      {"0.29", "USD", 29},
      {"1.15", "USD", 115},
      {"4.35", "USD", 435},
      {"99_999_999.99", "USD", 9'999'999'999},
      {"0", "USD", 0},
      {"-0.0", "USD", 0},
      {"0xff", "USD", 25'500},
      {"1e2", "USD", 10'000},
      {"1.234", "KWD", 1234},
      {"9_999_999.999", "KWD", 9'999'999'999},
      {"500", "JPY", 500},
      {"500.00", "JPY", 500},
      {"9_999_999_999", "JPY", 9'999'999'999},
      {"12.50", "EUR", 1250},
  };
  for (const AmountCase& row : table) {
    const std::string text = std::string("[[conference.tickets]]\nname = \"Ärger\"\nquantity = 1\nprice = ") +
                             row.literal + " # a comment 1.99\n";
    const ConferenceFile file = with(text, row.currency);
    EXPECT_EQ(file.tickets[0].price.minor(), row.minor) << row.literal;
    EXPECT_EQ(file.tickets[0].price.currency().code(), row.currency);
    const ConferenceFile same_line =
        with(std::string("[[conference.sponsor_levels]]\nname = \"ÄÖ\"\ncost=") + row.literal + "\n",
             row.currency);
    EXPECT_EQ(same_line.sponsor_levels[0].cost.minor(), row.minor) << row.literal;
  }
}

TEST(ConferenceFile, EveryAmountInCentsSurvivesItsWayThroughTheFile) {
  EXPECT_TRUE(rc::check([] {
    const Money price(*rc::gen::inRange<std::int64_t>(0, 9'999'999'999), Currency::of("USD"));
    const ConferenceFile file =
        parsed(std::string(head) + "tickets = [{ name = \"日本\", price = " + price.to_string() +
               ", quantity = 1 }]\n" + sections);
    RC_ASSERT(file.tickets.at(0).price == price);
  }));
}

TEST(ConferenceFile, LaterProblemsSpeakTheSameLanguage) {
  const ConferenceFile file =
      with("[[conference.addons]]\nname = \"Shirt\"\nprice = 1\nrequires = [\"vip\"]\n");
  const RequiredTicket& required = file.addons[0].requires_tickets->at(0);
  const Problem problem = file.problem(required.place, "conference.addons[0].requires[0]", "\"vip\"",
                                       "the slug of a ticket type of this conference", "add the ticket");
  EXPECT_EQ(problem.message(),
            "conference.toml:13:13: conference.addons[0].requires[0]: found \"vip\"; allowed: the slug of a "
            "ticket type "
            "of this conference; add the ticket");
}

TEST(ConferenceFile, BothExamplesOfTheRootLoad) {
  const std::string root = PLENARY_SOURCE_DIR;
  const Settings settings =
      load_settings(root + "/plenary.example.toml", [](const std::string&) { return "x-y-z"; });
  EXPECT_EQ(settings.program.currency.code(), "USD");
  const ConferenceFile file =
      load_conference_file(root + "/conference.example.toml", {settings.program.currency, reserved});
  EXPECT_EQ(file.slug, "plenary-demo");
  EXPECT_EQ(file.start.to_string(), "2027-05-14");
  EXPECT_EQ(file.end.to_string(), "2027-05-22");
  EXPECT_EQ(file.total_capacity, 2500);
  EXPECT_EQ(file.sections.size(), 3u);
  ASSERT_EQ(file.tickets.size(), 4u);
  const char* slugs[] = {"individual", "corporate", "student", "speaker"};
  const std::int64_t prices[] = {10000, 35000, 2500, 0};
  const Date today = *Date::parse("2026-11-25");
  for (std::size_t i = 0; i < 4; ++i) {
    const TicketEntry& ticket = file.tickets[i];
    EXPECT_EQ(ticket.slug, slugs[i]);
    EXPECT_EQ(ticket.price.minor(), prices[i]);
    EXPECT_EQ(ticket.voucher_required.value_or(false), i >= 2);
    EXPECT_LE(*ticket.available->opens, today);
    EXPECT_GE(*ticket.available->closes, *Date::parse("2027-05-01"));
  }
  ASSERT_EQ(file.addons.size(), 3u);
  bool shirt = false;
  for (const AddonEntry& addon : file.addons)
    shirt |= addon.slug == "pycon-t-shirt" && addon.price.minor() == 2500;
  EXPECT_TRUE(shirt);
  EXPECT_EQ(file.sponsor_levels.size(), 5u);
}

// One ticket with these lines.
ConferenceFile ticket_with(const std::string& lines) {
  return with("[[conference.tickets]]\nname = \"T\"\nprice = 1\nquantity = 1\n" + lines);
}
std::string message_of(const std::function<void()>& read) {
  try {
    read();
    return "";
  } catch (const ConfigError& error) {
    return error.what();
  }
}

TEST(ConferenceFile, DatesWithATimeStayATypeErrorInTheDocumentedKeys) {
  for (const char* lines :
       {"available = { opens = 2027-01-15T12:00:00 }", "available = { closes = 2027-01-15T12:00:00Z }",
        "available = { opens = \"2027-01-15\" }"}) {
    EXPECT_THROW(ticket_with(lines), ConfigTypeError) << lines;
  }
  EXPECT_THROW(parsed(std::string(head) + "transfer_until = 2027-05-01T10:00:00\n" + sections),
               ConfigTypeError);
  std::string start = head;
  start.replace(start.find("2027-05-14"), 10, "2027-05-14T00:00:00Z");
  EXPECT_THROW(parsed(start + sections), ConfigTypeError);
}

TEST(ConferenceFile, AMomentIsOnTheClocksOfTheConferenceUnlessItHasAnOffset) {
  const auto opens = [](const std::string& text) {
    return ticket_with("available = { opens_at = " + text + " }").tickets[0].available->opens_at->to_string();
  };
  EXPECT_EQ(opens("2027-01-15T12:00:00"), "2027-01-15T17:00:00Z");
  EXPECT_EQ(opens("2027-07-15 12:00:00.5"), "2027-07-15T16:00:00.5Z");
  EXPECT_EQ(opens("2027-01-15T12:00:00Z"), "2027-01-15T12:00:00Z");
  EXPECT_EQ(opens("2027-01-15T12:00:00+05:45"), "2027-01-15T06:15:00Z");
  // New York's clocks skip from 2:00 to 3:00.
  EXPECT_EQ(opens("2027-03-14T02:30:00"), "2027-03-14T07:00:00Z");
  const ConferenceFile file =
      parsed(std::string(head) + "transfer_until_at = 2027-05-01T10:00:00\n" + sections);
  EXPECT_EQ(file.transfer_until_at->to_string(), "2027-05-01T14:00:00Z");
}

TEST(ConferenceFile, AMomentThatIsWrongIsToldWhatToWrite) {
  const auto wrong = [](const std::string& lines) { return message_of([&] { ticket_with(lines); }); };
  EXPECT_NE(wrong("available = { opens_at = 2027-01-15 }").find("for a whole day leave out _at: opens"),
            std::string::npos);
  EXPECT_NE(wrong("available = { opens_at = \"2027-01-15T12:00:00\" }").find("remove the quotes"),
            std::string::npos);
  EXPECT_NE(wrong("available = { opens = 2027-01-15, opens_at = 2027-01-15T12:00:00 }")
                .find("one of opens and opens_at"),
            std::string::npos);
  EXPECT_NE(wrong("available = { opens_at = 2027-01-15T12:00:00, closes = 2027-01-14 }")
                .find("not before the sale opens"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              parsed(std::string(head) +
                     "transfer_until = 2027-05-01\ntransfer_until_at = 2027-05-01T10:00:00\n" + sections);
            }).find("one of transfer_until and transfer_until_at"),
            std::string::npos);
}

TEST(ConferenceFile, ItMayNameItsCurrencyItsTogglesAndWhatIsInactive) {
  const ConferenceFile file = parsed(
      std::string(head) +
      "currency = \"KWD\"\nactive = false\n[conference.features]\nsponsors_enabled = false\n" + sections +
      "[[conference.tickets]]\nname = \"T\"\nprice = 1.234\nquantity = 1\nactive = false\nbulk = true\n"
      "description = \"\"\"\nOne.\n\nTwo.\"\"\"\n");
  EXPECT_EQ(file.currency, Currency::of("KWD"));
  EXPECT_EQ(file.active, false);
  EXPECT_EQ(file.features, (std::vector<std::pair<std::string, bool>>{{"sponsors_enabled", false}}));
  EXPECT_EQ(file.tickets[0].price.minor(), 1234);
  EXPECT_EQ(file.tickets[0].active, false);
  EXPECT_EQ(file.tickets[0].bulk, true);
  EXPECT_EQ(file.tickets[0].description, "One.\n\nTwo.");
  EXPECT_NE(
      message_of([] { parsed(std::string(head) + "currency = \"eur\"\n" + sections); }).find("write \"EUR\""),
      std::string::npos);
  EXPECT_NE(message_of([] {
              parsed(std::string(head) + "[conference.features]\nsponsor_enabled = true\n" + sections);
            }).find("sponsors_enabled"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              parsed(std::string(head) + "[conference.features]\nsponsors_enabled = \"false\"\n" + sections);
            }).find("true or false"),
            std::string::npos);
}

}  // namespace
}  // namespace plenary::config
