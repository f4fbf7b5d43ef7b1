// The waiting list: who waits for products that are sold out, with how many units, alternatives and extras,
// and the offers made to them. An offer holds stock until it elapses; the line is served in the order in
// which people joined, and whoever does not fit is passed by, keeping their place. Functions of a
// transaction: one thread at a time, in the conference's lane; Refused means nothing was changed.
// docs/waiting-list.md says the rules. source: registration 20, 4, D38; the task's point on the waiting list.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/signing.hpp"
#include "base/time.hpp"
#include "db/entity.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

enum class WaitingStatus { waiting, offered, accepted, lapsed, left, removed };
std::string_view to_text(WaitingStatus);

// A product, one of its variations where it has some.
struct ProductChoice {
  ProductKind kind = ProductKind::ticket_type;
  Id product_id = 0;
  std::optional<Id> variation_id = {};
  bool operator==(const ProductChoice&) const = default;
};
// "T-shirt, M"; empty when it is gone.
std::string name_of(const Catalogue& catalogue, const ProductChoice& choice);

// The line for one of them.
struct WaitingLine {
  Id id = 0, conference_id = 0;
  std::optional<Id> ticket_type_id, addon_id, variation_id;
  std::int64_t entries = 0, units = 0;  // that wait in it, and what they want together
  std::int64_t largest = 0;             // most that one of them needs at once; told by waiting_lines
  ProductChoice product() const;
};

struct WaitingEntry {
  Id id = 0, conference_id = 0;
  std::optional<Id> user_id;
  std::string name, email, email_normalized, language;
  WaitingStatus status = WaitingStatus::waiting;
  std::int64_t quantity = 1;
  bool all_or_nothing = false;
  std::int64_t link_version = 1;  // of the mailed link; source: links.hpp
  std::optional<Instant> offered_at, offer_expires_at;
  std::optional<std::int64_t> offered_rank;
  std::int64_t offered_quantity = 0;
  std::optional<Id> cart_id;  // that took the offer
  std::int64_t version = 1;
  Instant joined_at, updated_at;
  bool is_open(Instant now) const { return status == WaitingStatus::waiting || has_offer(now); }
  bool has_offer(Instant now) const {
    return status == WaitingStatus::offered && offer_expires_at && *offer_expires_at > now;
  }
};

struct WaitingChoice {
  Id id = 0, entry_id = 0, line_id = 0;
  std::int64_t choice_rank = 1;
  std::int64_t needs = 1;  // units that must be there for an offer
  bool is_waiting = true;
};

struct WaitingAddOn {
  Id id = 0, entry_id = 0, addon_id = 0;
  std::optional<Id> variation_id;
  std::int64_t quantity = 1, offered_quantity = 0;
};

const db::Entity<WaitingLine>& waiting_line_table();
const db::Entity<WaitingEntry>& waiting_entry_table();
const db::Entity<WaitingChoice>& waiting_choice_table();
const db::Entity<WaitingAddOn>& waiting_addon_table();

// What somebody asks for.
struct WantedExtra {
  ProductChoice product;
  std::int64_t quantity = 1;
};
struct WaitingForm {
  std::string name, email, language;
  std::int64_t quantity = 1;
  bool all_or_nothing = false;
  std::vector<ProductChoice> choices;  // best first
  std::vector<WantedExtra> extras;
};
inline constexpr std::size_t most_choices = 4;
inline constexpr std::int64_t most_waited_for = 100;  // units of one entry
inline constexpr std::size_t most_extras = 50;

// Whether its line takes names: its switch is on, it is listed and not over, and nothing of it is left for
// everybody. `levels`: those for everybody (waiting_stock.hpp).
bool takes_names(const Catalogue& catalogue, const StockLevels& levels, const ProductChoice& choice,
                 Instant now);
// Those whose line takes names, as a list of choices; and those that can be named as another choice.
std::vector<ProductChoice> waitable(const Catalogue& catalogue, const StockLevels& levels, Instant now);
std::vector<ProductChoice> alternatives(const Catalogue& catalogue, Instant now);
std::vector<ProductChoice> possible_extras(const Catalogue& catalogue, Instant now);
// The add-on needs no ticket, or that one.
bool goes_with(const Catalogue& catalogue, const ProductChoice& extra, const ProductChoice& choice);

// Every problem of a form; empty: all right. Fields: name, email, quantity, choice_1…,
// extra_ADDON[_VARIATION].
std::vector<Refused> check_waiting(const Catalogue& catalogue, const StockLevels& levels,
                                   const WaitingForm& form, Instant now);
std::string extra_field(const ProductChoice& product);

struct Joined {
  Id entry_id = 0;
  std::int64_t link_version = 1;
  bool is_new = false;  // false: the address waits for this product already; its link is mailed again
};
// Refused codes: those of check_waiting, too_many_tries, sales_closed.
Joined join(db::Tx& tx, const Shop& shop, const Visitor& visitor, const WaitingForm& form);

// An entry with what it waits for and where it stands.
struct WaitingPlace {
  struct Choice {
    ProductChoice product;
    std::int64_t rank = 1;
    std::int64_t position = 0;  // in its line, from 1; 0: it does not wait
  };
  WaitingEntry entry;
  std::vector<Choice> choices;
  std::vector<WaitingAddOn> extras;
  std::string order_reference;  // of the order that came of it, once there is one
  // The product that was offered; nothing: none was, or it is gone.
  const ProductChoice* offered() const;
};
std::optional<WaitingEntry> find_entry(db::Tx& tx, Id entry_id);
std::optional<WaitingPlace> find_place(db::Tx& tx, Id entry_id);
// The same by its link. Nothing for a wrong token or one of another conference.
std::optional<WaitingPlace> find_place_by_link(db::Tx& tx, const SigningKey& key, Id conference_id,
                                               Id entry_id, std::string_view token);
// In the line of its first choice, from 1; 0: it does not wait.
std::int64_t position_of(db::Tx& tx, Id entry_id);

// They go by themselves, or staff takes them off; what was offered is free again. False: they were no longer
// waiting, and nothing is changed.
bool leave(db::Tx& tx, Id entry_id);
bool remove_entry(db::Tx& tx, Id entry_id);

// The offer becomes a part of the visitor's cart. Refused codes: offer_over, limit, requires_ticket,
// too_many_tries, sales_closed. NotFound: no such entry in the visitor's conference.
CartChange accept(db::Tx& tx, const Shop& shop, const Visitor& visitor, Id entry_id);

// Offers whose time is over: lapsed, and those people are told. At most `limit`; how many.
std::int64_t lapse_offers(db::Tx& tx, Id conference_id, std::int64_t limit);
// Offers to whoever comes next and fits. At most `limit`; how many were made. 0: nobody can be served now.
std::int64_t offer_next(db::Tx& tx, const Shop& shop, Id conference_id, std::int64_t limit);
// To this one, out of turn. Refused: not_waiting, sold_out.
void offer_now(db::Tx& tx, const Catalogue& catalogue, Id entry_id);

// Conferences where somebody waits or an offer is over; reads only.
std::vector<Id> conferences_with_waiting(db::Tx& tx);

// A job that serves the lines of a conference soon (embed/background.cpp). Call it where stock comes back;
// nothing is written while nobody waits.
inline constexpr std::string_view serve_waiting_kind = "serve_waiting";
void wake_waiting_list(db::Tx& tx, Id conference_id);

// For dashboards: the lines in which somebody waits.
std::vector<WaitingLine> waiting_lines(db::Tx& tx, Id conference_id);

}  // namespace plenary::registration
