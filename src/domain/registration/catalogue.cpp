#include "domain/registration/catalogue.hpp"

#include "base/errors.hpp"
#include "base/slug.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/currency.hpp"
#include "domain/registration/products.hpp"

namespace plenary::registration {
namespace {

template <class T>
const T* by_id(const std::vector<T>& all, Id id) {
  for (const T& one : all)
    if (one.id == id) return &one;
  return nullptr;
}

template <class T>
const T* by_slug(const std::vector<T>& all, std::string_view slug) {
  for (const T& one : all)
    if (one.slug == slug) return &one;
  // Slugs are unique regardless of case.
  const std::string key = slug_key(slug);
  for (const T& one : all)
    if (slug_key(one.slug) == key) return &one;
  return nullptr;
}

}  // namespace

const TicketType* Catalogue::ticket_type(Id id) const {
  return by_id(ticket_types, id);
}
const TicketType* Catalogue::ticket_type(std::string_view slug) const {
  return by_slug(ticket_types, slug);
}
const AddOn* Catalogue::addon(Id id) const {
  return by_id(addons, id);
}
const AddOn* Catalogue::addon(std::string_view slug) const {
  return by_slug(addons, slug);
}

bool in_window(const std::optional<Instant>& from, const std::optional<Instant>& until, Instant now) {
  return !(from && now < *from) && !(until && now > *until);
}

std::shared_ptr<const Catalogue> load_catalogue(db::Tx& tx, Id conference_id,
                                                const config::ProgramSettings& settings) {
  auto loaded = conference::load(tx, conference_id);
  if (!loaded) throw NotFound("no such conference");
  auto catalogue = std::make_shared<Catalogue>();
  catalogue->version = loaded->catalogue_version;
  catalogue->zone = TimeZone::find(loaded->timezone).value_or(TimeZone::utc());
  catalogue->currency = conference::currency_of(loaded->currency, settings);
  catalogue->currency_symbol = std::string(settings.symbol_for(catalogue->currency));
  catalogue->sections = conference::sections(tx, conference_id);
  catalogue->ticket_types = ticket_types_of(tx, conference_id);
  catalogue->addons = addons_of(tx, conference_id);
  catalogue->consents = asked_consents(*loaded, conference::consent_texts(tx, conference_id));
  catalogue->conference = std::move(*loaded);
  return catalogue;
}

std::shared_ptr<const Catalogue> Catalogues::at(db::Tx& tx, Id conference_id, std::int64_t version) {
  {
    std::shared_lock lock(mutex_);
    if (const auto found = snapshots_.find(conference_id);
        found != snapshots_.end() && found->second->version == version)
      return found->second;
  }
  auto loaded = load_catalogue(tx, conference_id, settings_);
  if (!tx.sees_only_committed()) return loaded;  // a version that is undone would stay here for ever
  std::unique_lock lock(mutex_);
  auto& kept = snapshots_[conference_id];
  // A slower thread never puts an older snapshot over a newer one.
  if (!kept || kept->version < loaded->version) kept = loaded;
  return loaded;
}

}  // namespace plenary::registration
