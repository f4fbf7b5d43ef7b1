#include "domain/conference/types.hpp"

#include <algorithm>
#include <cctype>

#include "base/countries.hpp"
#include "base/slug.hpp"
#include "domain/conference/legal.hpp"

namespace plenary::conference {
namespace {

constexpr std::int64_t largest_integer = 2'147'483'647;  // source: 10, 6.10.4

bool is_known_zone(const std::string& name) {
  return TimeZone::find(name).has_value();
}

bool is_color(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         std::all_of(text.begin() + 1, text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// An address, or a path that no browser takes for another server.
bool is_picture(const std::string& text) {
  return is_address(text) || (text[0] == '/' && !text.starts_with("//") &&
                              text.find_first_of(" \t\r\n\\\"'<>") == std::string::npos);
}

// Encrypted, or on this machine: a token is sent there. source: configuration 10, 2.3.
bool is_service(std::string_view url) {
  const bool plain = url.starts_with("http://");
  if (!plain && !url.starts_with("https://")) return false;
  std::string_view host = url.substr(url.find("://") + 3);
  host = host.substr(0, host.find('/'));
  if (host.empty() || url.find_first_of("?#@\\ \t\r\n\"'<>") != std::string_view::npos) return false;
  return !plain || host == "127.0.0.1" || host.starts_with("127.0.0.1:") || host == "localhost" ||
         host.starts_with("localhost:");
}

auto legal_text(const char* name, std::string Conference::*member) {
  return db::column(name, member)
      .max_length(20'000)
      .format(db::TextFormat::paragraph)
      .help("A text, or the address of a page. In the footer and beside the order button.");
}

}  // namespace

const db::Entity<Conference>& conference_table() {
  using C = Conference;
  static const db::Entity<C> table(
      "conference",
      {
          db::column("id", &C::id).generated_key(),
          db::column("name", &C::name).required().max_length(200),
          db::column("slug", &C::slug)
              .required()
              .max_length(200)
              .format(db::TextFormat::slug)
              .help("First part of every address of this conference."),
          db::column("start_date", &C::start_date),
          db::column("end_date", &C::end_date).help("The last day, inclusive."),
          db::column("timezone", &C::timezone)
              .required()
              .max_length(100)
              .help("IANA name, such as Europe/Berlin."),
          db::column("venue", &C::venue).max_length(300),
          db::column("address", &C::address).max_length(500).format(db::TextFormat::paragraph),
          db::column("website_url", &C::website_url).max_length(200).format(db::TextFormat::url),
          db::column("pretalx_event_slug", &C::pretalx_event_slug)
              .max_length(200)
              .help("Needed to synchronise the schedule."),
          db::column("pretalx_base_url", &C::pretalx_base_url)
              .max_length(200)
              .label("Pretalx address")
              .help("Only where the event is on another Pretalx than this server's usual one. The usual "
                    "token is not sent there: give a token of its own."),
          db::column("qbo_realm_id", &C::qbo_realm_id).max_length(200).label("QuickBooks company id"),
          db::column("qbo_client_id", &C::qbo_client_id).max_length(200).label("QuickBooks client id"),
          db::column("total_capacity", &C::total_capacity)
              .minimum(0)
              .maximum(largest_integer)
              .help("Most tickets over all types; 0 is unlimited. Add-ons never count."),
          db::column("currency", &C::currency)
              .max_length(3)
              .fixed()
              .help("ISO 4217. Fixed when the conference is created."),
          db::column("revenue_budget", &C::revenue_budget).money().minimum(0),
          db::column("grant_budget", &C::grant_budget).money().minimum(0),
          db::column("target_attendance", &C::target_attendance).minimum(0).maximum(largest_integer),
          db::column("is_active", &C::is_active).help("Off: not listed, and nothing new is sold."),
          db::column("sales_open", &C::sales_open)
              .help(
                  "Off: the sale is closed, while orders, their pages and their payment stay. This closes a "
                  "sale; switching the registration feature off hides the order pages as well."),
          db::column("require_account", &C::require_account)
              .help("On: buyers must sign in; guests cannot order."),
          db::column("max_tickets_per_cart", &C::max_tickets_per_cart).minimum(1).maximum(largest_integer),
          legal_text("contact", &C::contact),
          legal_text("imprint", &C::imprint),
          legal_text("terms", &C::terms),
          legal_text("privacy", &C::privacy),
          legal_text("code_of_conduct", &C::code_of_conduct),
          legal_text("refund_policy", &C::refund_policy),
          db::column("withdrawal_note", &C::withdrawal_note)
              .max_length(2000)
              .format(db::TextFormat::paragraph)
              .help("Where there is no right of withdrawal: said before the order button and in the mail."),
          db::column("accent_color", &C::accent_color).max_length(7).help("Like #0b5cad; empty: ours."),
          db::column("logo_url", &C::logo_url)
              .max_length(200)
              .help("Address of a picture, or a path on this server such as /static/img/logo.svg."),
          db::column("transfer_until", &C::transfer_until)
              .help("Seats change hands until then; empty: until the conference begins."),
          db::column("seller_id", &C::seller_id)
              .references("seller")
              .help("Who sells, and whose invoices these are. Empty: no invoices."),
          db::column("event_country", &C::event_country)
              .max_length(2)
              .help("Two letters, such as DE: where admission is taxed. Empty: the seller's country."),
          db::column("tax_rounding", &C::tax_rounding)
              .choice("per_rate", "Once for each tax rate")
              .choice("per_line", "Line by line"),
          db::column("discount_choice", &C::discount_choice)
              .choice("first_match", "The first that applies, by priority")
              .choice("best_match", "The one that saves most")
              .help("Which automatic discount a line gets."),
          db::column("invoice_moment", &C::invoice_moment)
              .choice("payment", "When it is paid")
              .choice("order", "When it is ordered")
              .choice("request", "When the buyer asks for it")
              .choice("never", "Never")
              .label("Invoice"),
          db::column("self_change_until", &C::self_change_until)
              .label("Buyers change orders until")
              .help("Empty: never."),
          db::column("self_cancel_until", &C::self_cancel_until)
              .label("Buyers cancel paid orders until")
              .help("Empty: never."),
          db::column("cancel_fee_percent", &C::cancel_fee_percent)
              .label("Cancellation fee, percent")
              .help("Of what was paid. The larger of both fees is kept."),
          db::column("cancel_fee_amount", &C::cancel_fee_amount)
              .money()
              .minimum(0)
              .label("Cancellation fee, amount")
              .help("For each order."),
          db::column("cancel_refund", &C::cancel_refund)
              .choice("original", "The way it was paid")
              .choice("credit", "Credit for later orders")
              .label("Cancelled orders are refunded"),
          db::column("answers_until", &C::answers_until)
              .help("Answers to questions change until then; empty: until the conference begins."),
          db::column("offer_hours", &C::offer_hours)
              .minimum(1)
              .maximum(24 * 60)
              .label("Hours of an offer")
              .help("How long a place is kept for somebody of the waiting list."),
          db::column("catalogue_version", &C::catalogue_version).managed(),
          db::column("version", &C::version).version(),
          db::column("created_at", &C::created_at).created(),
          db::column("updated_at", &C::updated_at).updated(),
      },
      db::Rules<C>()
          .titled("Conference", "Conferences")
          .ordered_by("start_date DESC, id")
          .unique({"slug"}, "Another conference has this slug.")
          .unique({"lower(slug)"}, "Another conference has this slug.")
          .in_catalogue("id")
          .seals({"stripe_secret_key", "stripe_publishable_key", "stripe_webhook_secret", "pretalx_token",
                  "qbo_access_token", "qbo_refresh_token", "qbo_client_secret"})
          .leaves_out({"qbo_token_expires_at", "last_commit_at"})
          .must("pretalx_base_url",
                "Write the address of a Pretalx, such as https://pretalx.example.org, without a user name, ? "
                "or #.",
                [](const C& c) { return c.pretalx_base_url.empty() || is_service(c.pretalx_base_url); })
          .must("event_country", "Write the two capital letters of a country, such as DE.",
                [](const C& c) { return c.event_country.empty() || is_country(c.event_country); })
          .must("cancel_fee_percent", "A fee is between 0 and 100 percent, with at most two decimals.",
                [](const C& c) {
                  return !c.cancel_fee_percent.is_negative() && c.cancel_fee_percent <= Decimal(100) &&
                         c.cancel_fee_percent.fits_scale(2);
                })
          .must("end_date", "The conference ends before it starts.",
                [](const C& c) { return c.end_date >= c.start_date; })
          .must("timezone", "No such time zone. Use an IANA name such as Europe/Berlin.",
                [](const C& c) { return is_known_zone(c.timezone); })
          .must("accent_color", "Write a # and six digits of 0-9 and a-f, such as #0b5cad.",
                [](const C& c) { return c.accent_color.empty() || is_color(c.accent_color); })
          .must("logo_url",
                "Write an address beginning with https://, or a path on this server such as "
                "/static/img/logo.svg.",
                [](const C& c) { return c.logo_url.empty() || is_picture(c.logo_url); }));
  return table;
}

const db::Entity<Section>& section_table() {
  using S = Section;
  static const db::Entity<S> table(
      "section",
      {
          db::column("id", &S::id).generated_key(),
          db::column("conference_id", &S::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("name", &S::name).required().max_length(200),
          db::column("slug", &S::slug).required().max_length(200).format(db::TextFormat::slug),
          db::column("start_date", &S::start_date),
          db::column("end_date", &S::end_date).help("The last day, inclusive."),
          db::column("sort_order", &S::order).minimum(0).maximum(largest_integer).label("Order"),
          db::column("version", &S::version).version(),
          db::column("created_at", &S::created_at).created(),
          db::column("updated_at", &S::updated_at).updated(),
      },
      db::Rules<S>()
          .titled("Section", "Sections")
          .ordered_by("sort_order, start_date, id")
          .unique({"conference_id", "lower(slug)"}, "Another section has this slug.")
          .in_catalogue("conference_id")
          .must("end_date", "The section ends before it starts.",
                [](const S& s) { return s.end_date >= s.start_date; }));
  return table;
}

const db::Entity<ConsentText>& consent_text_table() {
  using T = ConsentText;
  static const db::Entity<T> table(
      "consent_text",
      {
          db::column("id", &T::id).generated_key(),
          db::column("conference_id", &T::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("slug", &T::slug).required().max_length(200).format(db::TextFormat::slug),
          db::column("text", &T::text).required().max_length(2000).format(db::TextFormat::paragraph),
          db::column("is_required", &T::is_required).help("On: nobody orders without agreeing."),
          db::column("is_active", &T::is_active).help("Off: buyers are no longer asked."),
          db::column("sort_order", &T::order).minimum(0).maximum(largest_integer).label("Order"),
          db::column("text_version", &T::text_version)
              .minimum(1)
              .help("Counted up with each change of the text; orders keep the version that was agreed to."),
          db::column("version", &T::version).version(),
          db::column("created_at", &T::created_at).created(),
          db::column("updated_at", &T::updated_at).updated(),
      },
      db::Rules<T>()
          .titled("Consent text", "Consent texts")
          .ordered_by("sort_order, id")
          .unique({"conference_id", "lower(slug)"}, "Another consent has this slug.")
          .in_catalogue("conference_id")
          .must("slug", "Buyers are asked for the terms by themselves, where the conference has some.",
                [](const T& t) { return slug_key(t.slug) != terms_consent; }));
  return table;
}

const db::Entity<FeatureFlags>& feature_flags_table() {
  using F = FeatureFlags;
  static const db::Entity<F> table(
      "feature_flags",
      {
          db::column("conference_id", &F::conference_id)
              .key()
              .references("conference", db::OnDelete::cascade),
          db::column("registration_enabled", &F::registration_enabled)
              .help("Ticket types, cart, checkout, orders. Off answers 404 for all of them, order pages "
                    "included; to close the sale alone, switch off the conference's sales_open."),
          db::column("sponsors_enabled", &F::sponsors_enabled)
              .help("Sponsor levels, benefits, comp vouchers."),
          db::column("travel_grants_enabled", &F::travel_grants_enabled)
              .help("Grant applications and review."),
          db::column("programs_enabled", &F::programs_enabled).help("Activities and signups."),
          db::column("pretalx_sync_enabled", &F::pretalx_sync_enabled).help("Speaker, talk and room sync."),
          db::column("visa_letters_enabled", &F::visa_letters_enabled).help("Invitation letters."),
          db::column("public_ui_enabled", &F::public_ui_enabled).help("Public conference pages."),
          db::column("manage_ui_enabled", &F::manage_ui_enabled).help("The organisers' dashboard."),
          db::column("all_ui_enabled", &F::all_ui_enabled)
              .help("Master switch: off forces the public pages and the dashboard off."),
          db::column("version", &F::version).version(),
          db::column("updated_at", &F::updated_at).updated(),
      },
      db::Rules<F>().titled("Feature flags", "Feature flags").ordered_by("conference_id"));
  return table;
}

}  // namespace plenary::conference
