#include "domain/conference/conferences.hpp"

#include <fmt/format.h>

#include "base/slug.hpp"
#include "config/settings.hpp"
#include "domain/conference/store.hpp"

namespace plenary::conference {

std::optional<ConferenceState> find_state(db::Tx& tx, std::string_view slug) {
  return store::state(tx, slug_key(slug));
}
std::optional<ConferenceState> find_state(db::Tx& tx, std::int64_t id) {
  return store::state(tx, id);
}

namespace {

template <class Key>
ConferenceState existing(db::Tx& tx, Key key) {
  std::optional<ConferenceState> state = find_state(tx, key);
  if (!state) throw NotFound(fmt::format("there is no conference {}", key));
  return *std::move(state);
}

}  // namespace

bool is_feature_enabled(std::string_view name, const ConferenceState& conference) {
  return is_feature_enabled(name, config::get_config()->features, conference.flags);
}
bool is_feature_enabled(std::string_view name, db::Tx& tx, std::string_view slug) {
  return is_feature_enabled(name, existing(tx, slug));
}
bool is_feature_enabled(std::string_view name, db::Tx& tx, std::int64_t conference_id) {
  return is_feature_enabled(name, existing(tx, conference_id));
}

void require_feature(std::string_view name, const ConferenceState& conference) {
  require_feature(name, config::get_config()->features, conference.flags);
}
void require_feature(std::string_view name, db::Tx& tx, std::string_view slug) {
  require_feature(name, existing(tx, slug));
}
void require_feature(std::string_view name, db::Tx& tx, std::int64_t conference_id) {
  require_feature(name, existing(tx, conference_id));
}

std::vector<ListedConference> list_active(db::Tx& tx) {
  return store::active(tx);
}
std::vector<ConferenceKey> list_keys(db::Tx& tx) {
  return store::keys(tx);
}

std::optional<Conference> load(db::Tx& tx, std::int64_t id) {
  return store::conference(tx, id);
}

std::optional<Conference> find(db::Tx& tx, std::string_view slug) {
  std::optional<std::int64_t> id = store::id_of(tx, slug_key(slug));
  return id ? store::conference(tx, *id) : std::nullopt;
}

std::optional<std::int64_t> create(db::Tx& tx, const Conference& conference) {
  std::optional<std::int64_t> id = store::insert(tx, conference);
  if (id) store::ensure_flags_row(tx, *id);
  return id;
}

bool update(db::Tx& tx, const Conference& conference) {
  return store::update(tx, conference);
}
void ensure_flags_row(db::Tx& tx, std::int64_t conference_id) {
  store::ensure_flags_row(tx, conference_id);
}
bool lock(db::Tx& tx, std::int64_t conference_id) {
  return store::lock(tx, conference_id);
}

std::vector<Section> sections(db::Tx& tx, std::int64_t conference_id) {
  return store::sections(tx, conference_id);
}
std::int64_t create_section(db::Tx& tx, const Section& section) {
  return store::insert_section(tx, section);
}
bool update_section(db::Tx& tx, const Section& section) {
  return store::update_section(tx, section);
}

std::vector<ConsentText> consent_texts(db::Tx& tx, std::int64_t conference_id) {
  return store::consent_texts(tx, conference_id);
}
std::int64_t create_consent_text(db::Tx& tx, const ConsentText& text) {
  return store::insert_consent_text(tx, text);
}
bool update_consent_text(db::Tx& tx, const ConsentText& text) {
  return store::update_consent_text(tx, text);
}

}  // namespace plenary::conference
