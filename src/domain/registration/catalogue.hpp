// What a conference sells, as one immutable snapshot in memory, keyed by conference.catalogue_version. Every
// change of a product, section or text bumps the version in its own transaction, so the next request of every
// process sees it. Threads: snapshots are shared by all; one thread rebuilds while the others read the old
// one. source: docs/transactions.md, section 2.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/money.hpp"
#include "base/time.hpp"
#include "config/settings.hpp"
#include "db/tx.hpp"
#include "domain/conference/types.hpp"
#include "domain/registration/consents.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

struct Catalogue {
  std::int64_t version = 0;
  conference::Conference conference;
  std::vector<conference::Section> sections;
  std::vector<TicketType> ticket_types;  // by (order, name), inactive ones too
  std::vector<AddOn> addons;
  std::vector<AskedConsent> consents;  // what an order asks for; usually none
  TimeZone zone = TimeZone::utc();
  Currency currency = Currency::of("USD");
  std::string currency_symbol;  // as configured; empty: the currency's own

  const TicketType* ticket_type(Id id) const;
  const TicketType* ticket_type(std::string_view slug) const;
  const AddOn* addon(Id id) const;
  const AddOn* addon(std::string_view slug) const;
  std::string display(std::int64_t minor) const { return Money(minor, currency).display(currency_symbol); }
};

class Catalogues {
 public:
  // `settings` must outlive this.
  explicit Catalogues(const config::ProgramSettings& settings) : settings_(settings) {}

  // The snapshot of that version; built from `tx` when this process does not have it yet, and kept when `tx`
  // is a read. NotFound without the row.
  std::shared_ptr<const Catalogue> at(db::Tx& tx, Id conference_id, std::int64_t version);

 private:
  const config::ProgramSettings& settings_;
  std::shared_mutex mutex_;
  std::unordered_map<Id, std::shared_ptr<const Catalogue>> snapshots_;
};

// Reads a snapshot from the rows. `version` as read in the same transaction.
std::shared_ptr<const Catalogue> load_catalogue(db::Tx& tx, Id conference_id,
                                                const config::ProgramSettings& settings);

// In its window and active; stock is another matter.
bool in_window(const std::optional<Instant>& from, const std::optional<Instant>& until, Instant now);

}  // namespace plenary::registration
