// Vouchers: codes that take something off, or unlock hidden tickets. A code is unique in its conference and
// kept in one normal form, so that letter case never matters. An order is one use; max_units limits what one
// use reaches. Functions of a transaction: one thread at a time; Refused before anything is written. source:
// registration 20, 3.3, 5 and D9, D10, D13, D14.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "db/entity.hpp"
#include "domain/registration/discounts.hpp"

namespace plenary::registration {

enum class VoucherType { comp, percentage, fixed_amount };
std::string_view to_text(VoucherType type);
// "Complimentary (100 %)", "Percentage", "Fixed amount": English, for people.
std::string_view label_of(VoucherType type);

struct Voucher {
  Id id = 0, conference_id = 0;
  std::string code;  // normal_code()
  VoucherType type = VoucherType::comp;
  Decimal percent;          // of a percentage
  std::int64_t amount = 0;  // of a fixed amount, minor units, off the whole order
  Scope ticket_scope = Scope::all, addon_scope = Scope::all;
  std::int64_t max_uses = 1;                       // orders; 0: never usable
  std::optional<std::int64_t> max_units = 1;       // ticket and add-on units of one use; none: no limit
  std::optional<std::int64_t> budget;              // most it takes off over all orders, minor units
  bool reserves = false;                           // its product is kept back for it
  std::optional<Instant> valid_from, valid_until;  // inclusive at both ends
  bool unlocks_hidden_tickets = false, is_active = true;
  std::optional<Id> sponsor_id;  // whose comp voucher it is
  std::optional<Id> batch_id;    // that made it (voucher_batches.hpp)
  std::string note;
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

const db::Entity<Voucher>& voucher_table();

// Trimmed and upper-case: how codes are stored and looked for.
std::string normal_code(std::string_view typed);
// Letters, digits, - and _ only, 1 to 100 of them.
bool is_code(std::string_view normal);

// Whether its scope reaches a product; `products` are those of the voucher.
bool reaches(const Voucher& voucher, const ScopedProducts& products, ProductKind kind, Id product_id);

// `code` as typed.
std::optional<Voucher> find_voucher(db::Tx& tx, Id conference_id, std::string_view code);
std::vector<Voucher> vouchers_of(db::Tx& tx, Id conference_id);  // newest first
ScopedProducts products_of_voucher(db::Tx& tx, Id voucher_id);

// Orders that use it now: paid, or waiting to be paid. source: stock.hpp.
std::int64_t times_used(db::Tx& tx, const Voucher& voucher);

// Inserts (id == 0) or updates every field, and replaces the products named. The code is
// brought into its normal form. Refused: the first rule that does not hold, with its field; "not_unique" on
// "code"; "scope_unnamed" and "no_such" as check_scopes; "changed_meanwhile". Returns the id.
Id save(db::Tx& tx, const Voucher& voucher, const ScopedProducts& products = {});

// For who writes row and products by other ways (the data admin): call it when both are there. Refused: a
// scope of `selected` without a product, or a product of another conference; "reserve" for one that reserves
// and is not for exactly one product and a number of units. Products that a scope does not use are forgotten;
// the stock of its uses and what it reserves follow.
void check_scopes(db::Tx& tx, const Voucher& voucher);

// Holds what a voucher that reserves can still take; the units that there was no room for.
std::int64_t reserve_for(db::Tx& tx, const Voucher& voucher, const ScopedProducts& products);

// Codes for a batch: `prefix` (in normal form) and 8 random characters of A-Z0-9 each, no two alike. Outside
// of transactions. Refused: count outside 1 to 500, a prefix that is no code or too long.
inline constexpr std::int64_t largest_batch = 500;
std::vector<std::string> generate_codes(Random& random, std::string_view prefix, std::int64_t count);

// Inserts one voucher like `model` for each code, with the products of its scopes, in a number of statements
// that does not grow with them. A code that is taken is drawn anew, so there are always as many vouchers as
// codes. In the order of the codes. Refused as save.
std::vector<Voucher> create_vouchers(db::Tx& tx, Random& random, const Voucher& model,
                                     const ScopedProducts& products, std::vector<std::string> codes,
                                     std::optional<Id> batch_id = {});

// What save and create_vouchers ask of a voucher beyond its table, its code left out. Refused as they.
void check_model(db::Tx& tx, const Voucher& voucher, const ScopedProducts& products);
// In normal form. Refused: "format", "too_long" on "prefix".
void check_prefix(std::string_view prefix);

// A sponsor is leaving: its vouchers that nobody has used are switched off and stay as they are otherwise.
// How many.
std::int64_t deactivate_unused_of_sponsor(db::Tx& tx, Id sponsor_id);

}  // namespace plenary::registration
