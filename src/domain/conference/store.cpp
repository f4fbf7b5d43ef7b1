#include "domain/conference/store.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace plenary::conference::store {
namespace {

using Flag = std::optional<bool>;

Date date_of(const std::string& text) {
  std::optional<Date> date = Date::parse(text);
  if (!date) throw std::logic_error(fmt::format("the database holds \"{}\" where a date belongs", text));
  return *date;
}

// In the order of the columns.
FeatureOverrides overrides_of(Flag registration, Flag sponsors, Flag travel_grants, Flag programs,
                              Flag pretalx_sync, Flag visa_letters, Flag public_ui, Flag manage_ui,
                              Flag all_ui) {
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

#define FLAG_COLUMNS                                                                           \
  "f.registration_enabled, f.sponsors_enabled, f.travel_grants_enabled, f.programs_enabled,"   \
  " f.pretalx_sync_enabled, f.visa_letters_enabled, f.public_ui_enabled, f.manage_ui_enabled," \
  " f.all_ui_enabled"

#define STATE_SELECT                                                                   \
  "SELECT c.id, c.slug, c.is_active, c.sales_open, c.catalogue_version, " FLAG_COLUMNS \
  " FROM conference c LEFT JOIN feature_flags f ON f.conference_id = c.id WHERE "

template <class Key>
std::optional<ConferenceState> state_by(db::Tx& tx, const char* sql, const Key& key) {
  auto row = tx.maybe<std::int64_t, std::string, bool, bool, std::int64_t, Flag, Flag, Flag, Flag, Flag, Flag,
                      Flag, Flag, Flag>(sql, key);
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
  return conference_table().find(tx, id);
}

std::optional<std::int64_t> id_of(db::Tx& tx, std::string_view slug_key) {
  return tx.maybe<std::int64_t>("SELECT id FROM conference WHERE lower(slug) = $1", slug_key);
}

std::optional<std::int64_t> insert(db::Tx& tx, const Conference& conference) {
  // In a savepoint of its own: whoever inserts the same slug at the same moment is waited for, and may win.
  std::optional<std::int64_t> id;
  bool made = tx.attempt([&] { id = conference_table().insert(tx, conference).id; });
  return made ? id : std::nullopt;
}

bool update(db::Tx& tx, const Conference& conference) {
  return conference_table().update(tx, conference).has_value();
}

bool lock(db::Tx& tx, std::int64_t id) {
  // SQLite has one writer at a time: whoever writes holds everything already.
  if (tx.engine() == db::Engine::sqlite) {
    return tx.maybe<std::int64_t>("SELECT id FROM conference WHERE id = $1", id).has_value();
  }
  return tx.maybe<std::int64_t>("SELECT id FROM conference WHERE id = $1 FOR NO KEY UPDATE", id).has_value();
}

FeatureOverrides overrides(db::Tx& tx, std::int64_t conference_id) {
  std::optional<FeatureFlags> row = feature_flags_table().find(tx, conference_id);
  if (!row) return {};
  return overrides_of(row->registration_enabled, row->sponsors_enabled, row->travel_grants_enabled,
                      row->programs_enabled, row->pretalx_sync_enabled, row->visa_letters_enabled,
                      row->public_ui_enabled, row->manage_ui_enabled, row->all_ui_enabled);
}

void put_overrides(db::Tx& tx, std::int64_t conference_id, const FeatureOverrides& overrides) {
  ensure_flags_row(tx, conference_id);
  FeatureFlags row = feature_flags_table().find(tx, conference_id).value();
  row.registration_enabled = overrides[Feature::registration];
  row.sponsors_enabled = overrides[Feature::sponsors];
  row.travel_grants_enabled = overrides[Feature::travel_grants];
  row.programs_enabled = overrides[Feature::programs];
  row.pretalx_sync_enabled = overrides[Feature::pretalx_sync];
  row.visa_letters_enabled = overrides[Feature::visa_letters];
  row.public_ui_enabled = overrides[Feature::public_ui];
  row.manage_ui_enabled = overrides[Feature::manage_ui];
  row.all_ui_enabled = overrides[Feature::all_ui];
  feature_flags_table().update(tx, row);
}

void ensure_flags_row(db::Tx& tx, std::int64_t conference_id) {
  tx.exec("INSERT INTO feature_flags (conference_id, updated_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
          conference_id, tx.now());
}

std::vector<Section> sections(db::Tx& tx, std::int64_t conference_id) {
  return section_table().select(tx, "WHERE conference_id = $1 ORDER BY sort_order, start_date, id",
                                conference_id);
}

std::int64_t insert_section(db::Tx& tx, const Section& section) {
  return section_table().insert(tx, section).id;
}

bool update_section(db::Tx& tx, const Section& section) {
  return section_table().update(tx, section).has_value();
}

std::vector<ConsentText> consent_texts(db::Tx& tx, std::int64_t conference_id) {
  return consent_text_table().select(tx, "WHERE conference_id = $1 ORDER BY sort_order, id", conference_id);
}

std::int64_t insert_consent_text(db::Tx& tx, const ConsentText& text) {
  return consent_text_table().insert(tx, text).id;
}

bool update_consent_text(db::Tx& tx, const ConsentText& text) {
  return consent_text_table().update(tx, text).has_value();
}

}  // namespace plenary::conference::store
