// All SQL of the conference room. Only this room calls it; the rules are in the files beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/conference/conferences.hpp"

namespace plenary::conference::store {

std::optional<ConferenceState> state(db::Tx& tx, std::string_view slug_key);
std::optional<ConferenceState> state(db::Tx& tx, std::int64_t id);
std::vector<ListedConference> active(db::Tx& tx);
std::vector<ConferenceKey> keys(db::Tx& tx);
std::optional<Conference> conference(db::Tx& tx, std::int64_t id);
std::optional<std::int64_t> id_of(db::Tx& tx, std::string_view slug_key);
std::optional<std::int64_t> insert(db::Tx& tx, const Conference& conference);
bool update(db::Tx& tx, const Conference& conference);
bool lock(db::Tx& tx, std::int64_t id);

FeatureOverrides overrides(db::Tx& tx, std::int64_t conference_id);
void put_overrides(db::Tx& tx, std::int64_t conference_id, const FeatureOverrides& overrides);
void ensure_flags_row(db::Tx& tx, std::int64_t conference_id);

std::vector<Section> sections(db::Tx& tx, std::int64_t conference_id);
std::int64_t insert_section(db::Tx& tx, const Section& section);
bool update_section(db::Tx& tx, const Section& section);

std::vector<ConsentText> consent_texts(db::Tx& tx, std::int64_t conference_id);
std::int64_t insert_consent_text(db::Tx& tx, const ConsentText& text);
bool update_consent_text(db::Tx& tx, const ConsentText& text);

}  // namespace plenary::conference::store
