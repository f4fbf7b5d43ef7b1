// The conference aggregate as plain structs with their entity tables: conference, section, feature flags.
// Money is minor units of the conference's own currency, which is fixed when the conference is created; dates
// are days in its zone. Encrypted credentials are no members: they are read where they are used and nowhere
// else. source: configuration 10, 3.2, 4.1 and 4.2; registration 20, D24, D29, D30 and D35.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "db/entity.hpp"

namespace plenary::conference {

// source: taxes 25, 2 and 4; registration 20, D27.
enum class TaxRounding { per_rate, per_line };
enum class DiscountChoice { first_match, best_match };
enum class InvoiceMoment { payment, order, request, never };
enum class CancelRefund { original, credit };  // where a buyer's cancellation sends the money

struct Conference {
  std::int64_t id = 0;
  std::string name;
  std::string slug;
  Date start_date;
  Date end_date;  // inclusive
  std::string timezone = "UTC";
  std::string venue;
  std::string address;
  std::string website_url;
  std::string pretalx_event_slug;
  std::string pretalx_base_url;  // of its own Pretalx; empty: the settings'
  std::string qbo_realm_id, qbo_client_id;
  std::int64_t total_capacity = 0;             // tickets over all types; 0 = unlimited
  std::optional<std::string> currency;         // ISO 4217, never changes once set; nothing: the settings'
  std::optional<std::int64_t> revenue_budget;  // minor units
  std::optional<std::int64_t> grant_budget;    // minor units
  std::optional<std::int64_t> target_attendance;
  bool is_active = true;
  bool sales_open = true;        // false: no new orders, order pages stay
  bool require_account = false;  // true: no guests
  std::int64_t max_tickets_per_cart = 10;
  // Each a text, or the address of a page; empty: none. source: ground rules 15, 3.3.
  std::string contact, imprint, terms, privacy, code_of_conduct, refund_policy;
  std::string withdrawal_note;            // stands before the order button; source: registration 20, D36
  std::string accent_color;               // "#0b5cad"; empty: ours
  std::string logo_url;                   // "https://…" or a path on this server; empty: the name as text
  std::optional<Instant> transfer_until;  // seats change hands until then; nothing: until it begins
  std::optional<std::int64_t> seller_id;  // who sells, and invoices
  std::string event_country;              // where admission is taxed; empty: the seller's
  TaxRounding tax_rounding = TaxRounding::per_rate;
  DiscountChoice discount_choice = DiscountChoice::first_match;  // source: registration 20, D27
  InvoiceMoment invoice_moment = InvoiceMoment::payment;
  // What buyers do themselves with a paid order; nothing: never.
  std::optional<Instant> self_change_until, self_cancel_until;
  Decimal cancel_fee_percent;          // of what was paid, and
  std::int64_t cancel_fee_amount = 0;  // minor units, for each order; the larger one is kept
  CancelRefund cancel_refund = CancelRefund::original;
  std::optional<Instant> answers_until;  // answers change until then; nothing: until it begins
  std::int64_t offer_hours = 24;         // how long a place offered to who waits is kept
  std::int64_t catalogue_version = 1;
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

struct Section {
  std::int64_t id = 0;
  std::int64_t conference_id = 0;
  std::string name;
  std::string slug;
  Date start_date;
  Date end_date;  // inclusive
  std::int64_t order = 0;
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

// What buyers are asked to agree to at the review step, each a tick box of its own. source: ground rules
// 15, 3.3.
struct ConsentText {
  std::int64_t id = 0;
  std::int64_t conference_id = 0;
  std::string slug;
  std::string text;
  bool is_required = false;  // no order without it
  bool is_active = true;
  std::int64_t order = 0;
  std::int64_t text_version = 1;  // of the text: whoever changes it counts up
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

// The overrides of one conference; null inherits the settings.
struct FeatureFlags {
  std::int64_t conference_id = 0;
  std::optional<bool> registration_enabled, sponsors_enabled, travel_grants_enabled, programs_enabled,
      pretalx_sync_enabled, visa_letters_enabled;
  std::optional<bool> public_ui_enabled, manage_ui_enabled, all_ui_enabled;
  std::int64_t version = 1;
  Instant updated_at;
};

const db::Entity<Conference>& conference_table();
const db::Entity<Section>& section_table();
const db::Entity<ConsentText>& consent_text_table();
const db::Entity<FeatureFlags>& feature_flags_table();

}  // namespace plenary::conference
