// A conference file (conference.toml): every check that needs no database, and the typed result.
// An optional key that is absent stays empty, because an update keeps what is stored then; each item and key
// knows its place for errors that only the database can show. Throws ConfigError (errors.hpp) with all
// problems of the file. source: configuration 10, sections 6.2-6.4, 6.6, 6.10; lengths 4.1, 4.2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.hpp"
#include "base/time.hpp"
#include "config/errors.hpp"

namespace plenary::config {

// Where an item and each of its keys stand.
struct Places {
  Place item;
  std::vector<std::pair<std::string, Place>> keys;
  Place of(std::string_view key) const;  // the value's place; the item's when the key is absent
};

struct AvailabilityEntry {
  std::optional<Date> opens;   // from the day's first instant
  std::optional<Date> closes;  // to the day's last microsecond, both in the conference's zone
  // Instead of them where the time of day counts; inclusive.
  std::optional<Instant> opens_at, closes_at;
};

struct SectionEntry {
  std::string name;
  std::string slug;
  bool slug_given = false;
  Date start, end;
  std::optional<std::int64_t> order;  // absent: the list position
  Places places;
};

// The slug of something that is described elsewhere, and where it stands.
struct NamedSlug {
  std::string slug;
  Place place;
};

// A kind of a product: a size, a day.
struct VariationEntry {
  std::string name;
  std::string slug;
  bool slug_given = false;
  std::optional<Money> price;  // absent: kept; the product's for a new one
  std::optional<std::int64_t> quantity;
  std::optional<std::string> description;
  std::optional<bool> active;
  Places places;
};

// How a ticket or an add-on is sold.
struct SellingEntry {
  std::optional<NamedSlug> tax;  // "": none
  std::optional<bool> free_price;
  std::optional<Money> minimum_price;
  std::optional<std::int64_t> min_per_order, max_per_order;  // 0: no limit
  std::optional<std::vector<std::string>> email_domains;     // empty: anybody
  std::optional<bool> waiting_list;
  std::vector<VariationEntry> variations;
};

struct TicketEntry {
  std::string name;
  std::string slug;
  bool slug_given = false;
  Money price;
  std::int64_t quantity = 0;  // 0: unlimited
  std::optional<std::int64_t> per_user;
  std::optional<bool> voucher_required;
  std::optional<AvailabilityEntry> available;
  std::optional<std::string> description;
  std::optional<bool> active, bulk;
  SellingEntry selling;
  Places places;
};

using RequiredTicket = NamedSlug;

struct AddonEntry {
  std::string name;
  std::string slug;
  bool slug_given = false;
  Money price;
  std::optional<std::int64_t> quantity;
  std::optional<AvailabilityEntry> available;
  std::optional<std::vector<RequiredTicket>>
      requires_tickets;  // key `requires`; absent: kept, empty: cleared
  std::optional<std::string> description;
  std::optional<bool> active, bulk;
  SellingEntry selling;
  std::optional<std::int64_t> per_user, min_per_ticket, max_per_ticket;  // 0: no limit
  Places places;
};

// A way of taxing. source: taxes 25, 1.
struct TaxEntry {
  std::string name;
  std::string slug;
  bool slug_given = true;
  Decimal rate;
  std::optional<bool> includes_tax, reverse_charge;
  std::optional<std::string> place_of_supply, category, legal_text, reverse_charge_text, account;
  // What consumers of a country pay instead, by country; absent: kept, empty: cleared.
  std::optional<std::vector<std::pair<std::string, Decimal>>> countries;
  Places places;
};

// Who sells. source: taxes 25, 3.
struct SellerEntry {
  std::string name;
  std::optional<std::string> street, postcode, city, region, country, email, vat_id, register_number;
  std::optional<std::string> bank_holder, bank_iban, bank_bic, small_business_note;
  std::optional<Currency> currency;
  std::string invoice_prefix, credit_note_prefix;
  std::optional<bool> restarts_yearly;
  std::optional<std::string> datev_consultant, datev_client;
  Place place;
};

// The ways to pay that are offered. source: payments 21, P30.
struct PaymentEntry {
  std::optional<bool> offers_card, offers_transfer, offers_credit;
  std::optional<std::string> account_holder, iban, bic, bank_name, instructions;
  std::optional<std::int64_t> term_days, ends_days_before, reminder_days;
  std::optional<Money> card_fee_amount, transfer_fee_amount;
  std::optional<Decimal> card_fee_percent, transfer_fee_percent;
  std::optional<NamedSlug> fee_tax;  // of one of the taxes; empty: the fees are not taxed
  Places places;
};

// A day, to its last microsecond in the conference's zone, or a moment.
struct DayOrMoment {
  std::optional<Date> day;
  std::optional<Instant> at;
};

struct SponsorLevelEntry {
  std::string name;
  std::string slug;
  bool slug_given = false;
  Money cost;
  std::optional<std::int64_t> comp_tickets;
  std::optional<std::string> description, benefits_summary;
  Places places;
};

// What buyers are asked to agree to, each a tick box of its own.
struct ConsentEntry {
  std::string slug;
  bool slug_given = true;
  std::string text;
  std::optional<bool> required;  // absent: kept; false for a new one
  std::optional<bool> active;    // likewise; true for a new one
  Places places;
};

// What something reaches: all of a kind of product, none, or those that are named.
struct ScopeEntry {
  enum class Scope { all, none, selected } scope = Scope::all;
  std::vector<NamedSlug> slugs;
  Place place;
};

// A number of places that several products share; known by its name.
struct QuotaEntry {
  std::string name;
  std::int64_t size = 0;                                              // 0: unlimited
  std::optional<std::vector<NamedSlug>> tickets, addons, variations;  // absent: kept; "t-shirt/m"
  Places places;
};

// An automatic discount; known by its name. The words are those of the database.
struct DiscountEntry {
  std::string name, kind;
  std::optional<Decimal> percent;  // one of the two
  std::optional<Money> amount;
  std::optional<std::string> description;
  std::optional<bool> active;
  std::optional<std::int64_t> priority, per_line, quantity;  // 0: no limit
  std::optional<AvailabilityEntry> available;
  std::optional<ScopeEntry> tickets, addons;
  std::optional<std::vector<NamedSlug>> requires_tickets;  // of included_product
  std::optional<std::vector<NamedSlug>> groups;            // of group_member: names
  std::optional<bool> presenters, copresenters;            // of speaker
  Places places;
};

// An answer to choose.
struct ChoiceEntry {
  std::string name, slug;
  bool slug_given = false;
  std::optional<bool> active;
  Places places;
};

// Asked only where another question has this answer; both empty: always.
struct OnlyIfEntry {
  std::string question, answer;
  Place place;
};

struct QuestionEntry {
  std::string slug;
  bool slug_given = true;
  std::string text, kind;
  std::optional<std::string> target, help, ask_at, minimum, maximum;  // limits: "" is none
  std::optional<bool> required, active;
  std::optional<ScopeEntry> tickets, addons;
  std::optional<OnlyIfEntry> only_if;
  std::optional<std::vector<ChoiceEntry>> choices;  // absent: kept; those left out are offered no more
  Places places;
};

struct ConferenceFile {
  std::string path;  // as given, for messages
  std::string name;
  std::string slug;
  bool slug_given = false;
  Date start, end;
  TimeZone timezone = TimeZone::utc();
  std::optional<Currency> currency;  // absent: the stored conference's, else the settings'
  std::optional<bool> active;
  std::optional<std::string> venue, address, website_url, pretalx_event_slug;
  std::optional<std::int64_t> total_capacity;  // 0: unlimited
  std::optional<std::int64_t> target_attendance;
  std::optional<Money> revenue_budget, grant_budget;
  std::optional<bool> sales_open, require_account;
  std::optional<std::int64_t> max_tickets_per_cart;
  // Each a text or an http(s) URL; "" clears what is stored.
  std::optional<std::string> contact, imprint, terms, privacy, code_of_conduct, refund_policy;
  std::optional<std::string> withdrawal_note;
  std::optional<std::string> accent_color;   // "#0b5cad", lower case; "" is ours
  std::optional<std::string> logo_url;       // http(s) URL, or a path on the server
  std::optional<Date> transfer_until;        // to the day's last microsecond in the conference's zone
  std::optional<Instant> transfer_until_at;  // instead of it where the time of day counts
  // Selling: each a word of a list as the database has it, or a country of two letters.
  std::optional<std::string> event_country, tax_rounding, discount_choice, invoice_moment, cancel_refund;
  DayOrMoment self_change_until, self_cancel_until, answers_until;
  std::optional<Decimal> cancel_fee_percent;
  std::optional<Money> cancel_fee_amount;
  std::optional<std::int64_t> offer_hours;
  std::optional<SellerEntry> seller;
  std::optional<PaymentEntry> payment;
  std::vector<TaxEntry> taxes;
  // Overrides of the feature toggles by their keys ("sponsors_enabled"); what is absent is kept.
  std::vector<std::pair<std::string, bool>> features;
  std::vector<SectionEntry> sections;
  std::vector<TicketEntry> tickets;
  std::vector<AddonEntry> addons;
  std::vector<SponsorLevelEntry> sponsor_levels;
  std::vector<ConsentEntry> consents;
  std::vector<QuotaEntry> quotas;
  std::vector<DiscountEntry> discounts;
  std::vector<QuestionEntry> questions;
  bool lists_questions = false;  // those that are stored and left out are asked no more
  Places places;

  // A problem found later, at `place` of this file.
  Problem problem(Place place, std::string key_path, std::string found, std::string allowed,
                  std::string advice) const;
};

struct ConferenceRules {
  // In force unless the file names its own: amounts must be representable in it.
  Currency currency;
  std::vector<std::string> reserved_slugs;  // first segments of the route table, any case
};

ConferenceFile load_conference_file(const std::filesystem::path& file, const ConferenceRules& rules);
// `name` stands for the file in messages.
ConferenceFile parse_conference_file(std::string_view text, const std::string& name,
                                     const ConferenceRules& rules);

}  // namespace plenary::config
