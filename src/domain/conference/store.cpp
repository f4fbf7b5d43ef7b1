#include "domain/conference/store.hpp"

#include <stdexcept>
#include <string>
#include <tuple>

#include <fmt/format.h>

namespace plenary::conference::store {
namespace {

using Flag = std::optional<bool>;

Date date_of(const std::string& text) {
  std::optional<Date> date = Date::parse(text);
  if (!date) throw std::logic_error(fmt::format("the database holds \"{}\" where a date belongs", text));
  return *date;
}

FeatureOverrides overrides_of(Flag registration, Flag sponsors, Flag travel_grants, Flag programs, Flag pretalx_sync,
                              Flag visa_letters, Flag public_ui, Flag manage_ui, Flag all_ui) {
  FeatureOverrides flags;
  flags[Feature::registration] = registration;
  flags[Feature::sponsors] = sponsors;
  flags[Feature::travel_grants] = travel_grants;
  flags[Feature::programs] = programs;
  flags[Feature::pretalx_sync] = pretalx_sync;
  flags[Feature::visa_letters] = visa_letters;
  flags[Feature::public_ui] = public_ui;
  flags[Feature::manage_ui] = manage_ui;
  flags[Feature::all_ui] = all_ui;
  return flags;
}

#define FLAG_COLUMNS                                                                                  \
  "f.registration_enabled, f.sponsors_enabled, f.travel_grants_enabled, f.programs_enabled,"          \
  " f.pretalx_sync_enabled, f.visa_letters_enabled, f.public_ui_enabled, f.manage_ui_enabled,"        \
  " f.all_ui_enabled"

#define STATE_SELECT                                                                                  \
  "SELECT c.id, c.slug, c.is_active, c.sales_open, c.catalogue_version, " FLAG_COLUMNS                \
  " FROM conference c LEFT JOIN feature_flags f ON f.conference_id = c.id WHERE "

template <class Key>
std::optional<ConferenceState> state_by(db::Tx& tx, const char* sql, const Key& key) {
  auto row = tx.maybe<std::int64_t, std::string, bool, bool, std::int64_t, Flag, Flag, Flag, Flag, Flag, Flag, Flag,
                      Flag, Flag>(sql, key);
  if (!row) return std::nullopt;
  auto& [id, slug, is_active, sales_open, version, f1, f2, f3, f4, f5, f6, f7, f8, f9] = *row;
  return ConferenceState{id,         std::move(slug), is_active,
                         sales_open, version,         overrides_of(f1, f2, f3, f4, f5, f6, f7, f8, f9)};
}

}  // namespace

std::optional<ConferenceState> state(db::Tx& tx, std::string_view slug_key) {
  return state_by(tx, STATE_SELECT "lower(c.slug) = $1", slug_key);
}

std::optional<ConferenceState> state(db::Tx& tx, std::int64_t id) {
  return state_by(tx, STATE_SELECT "c.id = $1", id);
}

std::vector<ListedConference> active(db::Tx& tx) {
  auto rows = tx.query<std::int64_t, std::string, std::string, std::string, std::string, std::string>(
      "SELECT id, name, slug, start_date, end_date, venue FROM conference WHERE is_active = 1"
      " ORDER BY start_date DESC, id");
  std::vector<ListedConference> listed;
  listed.reserve(rows.size());
  for (auto& [id, name, slug, start, end, venue] : rows) {
    listed.push_back({id, std::move(name), std::move(slug), date_of(start), date_of(end), std::move(venue)});
  }
  return listed;
}

std::vector<ConferenceKey> keys(db::Tx& tx) {
  std::vector<ConferenceKey> keys;
  for (auto& [id, slug, currency] : tx.query<std::int64_t, std::string, std::string>(
           "SELECT id, slug, currency FROM conference ORDER BY slug")) {
    keys.push_back({id, std::move(slug), std::move(currency)});
  }
  return keys;
}

std::optional<Conference> conference(db::Tx& tx, std::int64_t id) {
  using OptionalCount = std::optional<std::int64_t>;
  auto row = tx.maybe<std::string, std::string, std::string, std::string, std::string, std::string, std::string,
                      std::string, std::string, std::int64_t, std::string, OptionalCount, OptionalCount, OptionalCount,
                      bool, bool, bool, std::int64_t, std::int64_t, Instant, Instant>(
      "SELECT name, slug, start_date, end_date, timezone, venue, address, website_url, pretalx_event_slug,"
      " total_capacity, currency, revenue_budget, grant_budget, target_attendance, is_active, sales_open,"
      " require_account, max_tickets_per_cart, catalogue_version, created_at, updated_at"
      " FROM conference WHERE id = $1",
      id);
  if (!row) return std::nullopt;
  Conference c;
  std::string start, end;
  std::tie(c.name, c.slug, start, end, c.timezone, c.venue, c.address, c.website_url, c.pretalx_event_slug,
           c.total_capacity, c.currency, c.revenue_budget, c.grant_budget, c.target_attendance, c.is_active,
           c.sales_open, c.require_account, c.max_tickets_per_cart, c.catalogue_version, c.created_at,
           c.updated_at) = std::move(*row);
  c.id = id;
  c.start_date = date_of(start);
  c.end_date = date_of(end);
  return c;
}

std::optional<std::int64_t> id_of(db::Tx& tx, std::string_view slug_key) {
  return tx.maybe<std::int64_t>("SELECT id FROM conference WHERE lower(slug) = $1", slug_key);
}

std::optional<std::int64_t> insert(db::Tx& tx, const Conference& c) {
  std::optional<std::string> currency;
  if (!c.currency.empty()) currency = c.currency;
  return tx.maybe<std::int64_t>(
      "INSERT INTO conference (name, slug, start_date, end_date, timezone, venue, address, website_url,"
      " pretalx_event_slug, total_capacity, currency, revenue_budget, grant_budget, target_attendance, is_active,"
      " sales_open, require_account, max_tickets_per_cart, created_at, updated_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19)"
      " ON CONFLICT DO NOTHING RETURNING id",
      c.name, c.slug, c.start_date.to_string(), c.end_date.to_string(), c.timezone, c.venue, c.address, c.website_url,
      c.pretalx_event_slug, c.total_capacity, currency, c.revenue_budget, c.grant_budget, c.target_attendance,
      c.is_active, c.sales_open, c.require_account, c.max_tickets_per_cart, tx.now());
}

bool update(db::Tx& tx, const Conference& c) {
  return tx.exec(
             "UPDATE conference SET name = $2, start_date = $3, end_date = $4, timezone = $5, venue = $6,"
             " address = $7, website_url = $8, pretalx_event_slug = $9, total_capacity = $10, revenue_budget = $11,"
             " grant_budget = $12, target_attendance = $13, is_active = $14, sales_open = $15, require_account = $16,"
             " max_tickets_per_cart = $17, updated_at = $18, version = version + 1,"
             " catalogue_version = catalogue_version + 1 WHERE id = $1",
             c.id, c.name, c.start_date.to_string(), c.end_date.to_string(), c.timezone, c.venue, c.address,
             c.website_url, c.pretalx_event_slug, c.total_capacity, c.revenue_budget, c.grant_budget,
             c.target_attendance, c.is_active, c.sales_open, c.require_account, c.max_tickets_per_cart,
             tx.now()) == 1;
}

bool lock(db::Tx& tx, std::int64_t id) {
  // SQLite has one writer at a time: whoever writes holds everything already.
  if (tx.engine() == db::Engine::sqlite) {
    return tx.maybe<std::int64_t>("SELECT id FROM conference WHERE id = $1", id).has_value();
  }
  return tx.maybe<std::int64_t>("SELECT id FROM conference WHERE id = $1 FOR NO KEY UPDATE", id).has_value();
}

FeatureOverrides overrides(db::Tx& tx, std::int64_t conference_id) {
  auto row = tx.maybe<Flag, Flag, Flag, Flag, Flag, Flag, Flag, Flag, Flag>(
      "SELECT " FLAG_COLUMNS " FROM feature_flags f WHERE f.conference_id = $1", conference_id);
  return row ? std::apply(overrides_of, *row) : FeatureOverrides{};
}

void put_overrides(db::Tx& tx, std::int64_t conference_id, const FeatureOverrides& o) {
  tx.exec(
      "INSERT INTO feature_flags (conference_id, registration_enabled, sponsors_enabled, travel_grants_enabled,"
      " programs_enabled, pretalx_sync_enabled, visa_letters_enabled, public_ui_enabled, manage_ui_enabled,"
      " all_ui_enabled, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
      " ON CONFLICT (conference_id) DO UPDATE SET registration_enabled = excluded.registration_enabled,"
      " sponsors_enabled = excluded.sponsors_enabled, travel_grants_enabled = excluded.travel_grants_enabled,"
      " programs_enabled = excluded.programs_enabled, pretalx_sync_enabled = excluded.pretalx_sync_enabled,"
      " visa_letters_enabled = excluded.visa_letters_enabled, public_ui_enabled = excluded.public_ui_enabled,"
      " manage_ui_enabled = excluded.manage_ui_enabled, all_ui_enabled = excluded.all_ui_enabled,"
      " updated_at = excluded.updated_at",
      conference_id, o[Feature::registration], o[Feature::sponsors], o[Feature::travel_grants], o[Feature::programs],
      o[Feature::pretalx_sync], o[Feature::visa_letters], o[Feature::public_ui], o[Feature::manage_ui],
      o[Feature::all_ui], tx.now());
}

void ensure_flags_row(db::Tx& tx, std::int64_t conference_id) {
  tx.exec("INSERT INTO feature_flags (conference_id, updated_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
          conference_id, tx.now());
}

std::vector<Section> sections(db::Tx& tx, std::int64_t conference_id) {
  auto rows = tx.query<std::int64_t, std::string, std::string, std::string, std::string, std::int64_t>(
      "SELECT id, name, slug, start_date, end_date, sort_order FROM section WHERE conference_id = $1"
      " ORDER BY sort_order, start_date, id",
      conference_id);
  std::vector<Section> sections;
  sections.reserve(rows.size());
  for (auto& [id, name, slug, start, end, order] : rows) {
    sections.push_back({id, conference_id, std::move(name), std::move(slug), date_of(start), date_of(end), order});
  }
  return sections;
}

namespace {

void bump_catalogue(db::Tx& tx, std::int64_t conference_id) {
  tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1 WHERE id = $1", conference_id);
}

}  // namespace

std::int64_t insert_section(db::Tx& tx, const Section& s) {
  std::int64_t id = tx.one<std::int64_t>(
      "INSERT INTO section (conference_id, name, slug, start_date, end_date, sort_order, created_at, updated_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id",
      s.conference_id, s.name, s.slug, s.start_date.to_string(), s.end_date.to_string(), s.order, tx.now());
  bump_catalogue(tx, s.conference_id);
  return id;
}

bool update_section(db::Tx& tx, const Section& s) {
  bool changed = tx.exec(
                     "UPDATE section SET name = $3, start_date = $4, end_date = $5, sort_order = $6, updated_at = $7,"
                     " version = version + 1 WHERE id = $1 AND conference_id = $2",
                     s.id, s.conference_id, s.name, s.start_date.to_string(), s.end_date.to_string(), s.order,
                     tx.now()) == 1;
  if (changed) bump_catalogue(tx, s.conference_id);
  return changed;
}

}  // namespace plenary::conference::store
