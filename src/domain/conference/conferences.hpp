// Finding, creating and changing conferences, their sections and consent texts. Owns the tables conference,
// section, consent_text and feature_flags; whoever needs a conference asks here. Functions of a transaction:
// one thread at a time. A slug that is taken is a db unique error when inserted by hand; `create` reports it
// as an empty result. source: configuration 10, 3.2, 4.1, 4.2 and 6.5; transactions, section 2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/conference/features.hpp"
#include "domain/conference/types.hpp"

namespace plenary::conference {

// What each request of a conference reads, live, in one query. Everything else comes from the catalogue
// snapshot of that version.
struct ConferenceState {
  std::int64_t id = 0;
  std::string slug;  // as stored; the address may have been written in another case
  bool is_active = false;
  bool sales_open = false;
  std::int64_t catalogue_version = 0;
  FeatureOverrides flags;
  bool sells() const { return is_active && sales_open; }
};

// By slug, whatever its case. Nothing: no such conference.
std::optional<ConferenceState> find_state(db::Tx& tx, std::string_view slug);
std::optional<ConferenceState> find_state(db::Tx& tx, std::int64_t id);

// The toggles of one conference: the settings in force, and its own overrides over them. For a conference
// that is not there: NotFound, as for a feature that is off where one is required.
bool is_feature_enabled(std::string_view name, const ConferenceState& conference);
bool is_feature_enabled(std::string_view name, db::Tx& tx, std::string_view slug);
bool is_feature_enabled(std::string_view name, db::Tx& tx, std::int64_t conference_id);
void require_feature(std::string_view name, const ConferenceState& conference);
void require_feature(std::string_view name, db::Tx& tx, std::string_view slug);
void require_feature(std::string_view name, db::Tx& tx, std::int64_t conference_id);

struct ListedConference {
  std::int64_t id = 0;
  std::string name, slug;
  Date start_date, end_date;
  std::string venue;
};
// The active ones, newest start date first.
std::vector<ListedConference> list_active(db::Tx& tx);
struct ConferenceKey {
  std::int64_t id = 0;
  std::string slug;
  std::string currency;  // empty: the settings'
};
// All of them, by slug: for commands.
std::vector<ConferenceKey> list_keys(db::Tx& tx);

std::optional<Conference> load(db::Tx& tx, std::int64_t id);
std::optional<Conference> find(db::Tx& tx, std::string_view slug);

// Inserts the conference and its flags row (all null); id, times and versions are the database's. Nothing
// when the slug is taken: then nothing was written. source: 10, 3.2 and 6.5.7.
std::optional<std::int64_t> create(db::Tx& tx, const Conference& conference);
// Writes every field but id, currency, times and versions. False when there is no such row, or when it was
// changed by somebody else since it was loaded.
bool update(db::Tx& tx, const Conference& conference);
// Makes the flags row when it is absent; never a second one.
void ensure_flags_row(db::Tx& tx, std::int64_t conference_id);

// Waits for, and then holds, the conference's row until the end of the transaction. False: no such
// conference.
bool lock(db::Tx& tx, std::int64_t conference_id);

// By order, then start date.
std::vector<Section> sections(db::Tx& tx, std::int64_t conference_id);
std::int64_t create_section(db::Tx& tx, const Section& section);
bool update_section(db::Tx& tx, const Section& section);  // by id; false as with update

// By order, inactive ones too. Whoever changes a text counts its text_version up.
std::vector<ConsentText> consent_texts(db::Tx& tx, std::int64_t conference_id);
std::int64_t create_consent_text(db::Tx& tx, const ConsentText& text);
bool update_consent_text(db::Tx& tx, const ConsentText& text);  // by id; false as with update

}  // namespace plenary::conference
