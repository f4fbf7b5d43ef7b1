#include "domain/registration/vouchers.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

#include "base/text.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/store_discounts.hpp"
#include "domain/registration/variations.hpp"
#include "domain/registration/voucher_removal.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t longest_code = 100;
constexpr std::size_t random_part = 8;
constexpr int draws_per_code = 100;  // source: 20, 5.4

constexpr std::array<std::string_view, 3> type_texts{"comp", "percentage", "fixed_amount"};
constexpr std::array<std::string_view, 3> type_labels{"Complimentary (100 %)", "Percentage", "Fixed amount"};

Refused taken(std::string_view code) {
  return Refused("not_unique", "Another voucher of this conference has the code {code}.",
                 {{"code", std::string(code)}}, "code");
}

void check_products(db::Tx& tx, const Voucher& voucher, const ScopedProducts& products) {
  if (voucher.ticket_scope == Scope::selected) {
    if (products.ticket_types.empty())
      throw Refused("scope_unnamed", "Choose the ticket types it is for, or another scope.", {},
                    "ticket_scope");
    if (!store::are_ticket_types_of(tx, voucher.conference_id, products.ticket_types))
      throw Refused("no_such", "One of the ticket types is not of this conference.", {}, "ticket_scope");
  }
  if (voucher.addon_scope == Scope::selected) {
    if (products.addons.empty())
      throw Refused("scope_unnamed", "Choose the add-ons it is for, or another scope.", {}, "addon_scope");
    if (!store::are_addons_of(tx, voucher.conference_id, products.addons))
      throw Refused("no_such", "One of the add-ons is not of this conference.", {}, "addon_scope");
  }
}

// What it can keep back: exactly one product, and a number of units.
void check_reserve(const Voucher& voucher, const ScopedProducts& products) {
  if (!voucher.reserves) return;
  const bool one_ticket = voucher.ticket_scope == Scope::selected && voucher.addon_scope == Scope::none &&
                          products.ticket_types.size() == 1;
  const bool one_addon = voucher.addon_scope == Scope::selected && voucher.ticket_scope == Scope::none &&
                         products.addons.size() == 1;
  if ((!one_ticket && !one_addon) || !voucher.max_units)
    throw Refused("reserve",
                  "A voucher that keeps tickets back is for one selected product and for a number of units.",
                  {}, "reserves");
}

// The stock rows of its uses and its budget, and what it keeps back, follow the voucher.
void follow(db::Tx& tx, const Voucher& voucher, const ScopedProducts& products) {
  change_capacity(tx, voucher.conference_id, StockKind::voucher, voucher.id, voucher.max_uses);
  // What orders took off before counts against a budget that is set now.
  if (voucher.budget && store::has_orders_of_voucher(tx, voucher.id))
    set_budget(tx, voucher.conference_id, voucher.id, *voucher.budget);
  else
    change_capacity(tx, voucher.conference_id, StockKind::voucher_budget, voucher.id, voucher.budget);
  if (!voucher.reserves || !voucher.is_active) {
    release_holds(tx, HoldOwner::voucher, voucher.id);
    return;
  }
  reserve_for(tx, voucher, products);
}

// Only what a scope uses, each product once.
ScopedProducts used(const Voucher& voucher, ScopedProducts products) {
  if (voucher.ticket_scope != Scope::selected) products.ticket_types.clear();
  if (voucher.addon_scope != Scope::selected) products.addons.clear();
  for (auto* ids : {&products.ticket_types, &products.addons}) {
    std::sort(ids->begin(), ids->end());
    ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
  }
  return products;
}

bool is_taken(db::Tx& tx, const Voucher& voucher) {
  const auto other = find_voucher(tx, voucher.conference_id, voucher.code);
  return other && other->id != voucher.id;
}

store::Batch batch_of(Id conference_id, const std::vector<std::string>& codes) {
  store::Batch batch{conference_id,
                     {},
                     static_cast<std::int64_t>(codes.size()),
                     static_cast<std::int64_t>(codes.front().size())};
  batch.codes.reserve(codes.size() * codes.front().size());
  for (const std::string& code : codes) batch.codes += code;
  return batch;
}

}  // namespace

std::string_view to_text(VoucherType type) {
  return type_texts[static_cast<std::size_t>(type)];
}
std::string_view label_of(VoucherType type) {
  return type_labels[static_cast<std::size_t>(type)];
}

const db::Entity<Voucher>& voucher_table() {
  using V = Voucher;
  static const db::Entity<V> table(
      "voucher",
      {
          db::column("id", &V::id).generated_key(),
          db::column("conference_id", &V::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("code", &V::code)
              .required()
              .max_length(static_cast<int>(longest_code))
              .help("What the buyer types: letters, digits, - and _. Upper or lower case is the same."),
          db::column("voucher_type", &V::type)
              .choice("comp", std::string(type_labels[0]))
              .choice("percentage", std::string(type_labels[1]))
              .choice("fixed_amount", std::string(type_labels[2]))
              .label("Type"),
          db::column("percent", &V::percent).help("Of a percentage: 0 to 100, up to two decimals."),
          db::column("amount", &V::amount)
              .money()
              .minimum(0)
              .maximum(largest_amount)
              .help("Of a fixed amount: what it takes off the order."),
          db::column("ticket_scope", &V::ticket_scope)
              .choice("all", "All ticket types")
              .choice("selected", "Selected ticket types")
              .choice("none", "No ticket types")
              .label("Tickets"),
          db::column("addon_scope", &V::addon_scope)
              .choice("all", "All add-ons")
              .choice("selected", "Selected add-ons")
              .choice("none", "No add-ons")
              .label("Add-ons"),
          db::column("max_uses", &V::max_uses)
              .minimum(1)  // source: 20, D14
              .maximum(largest_count)
              .label("Maximum uses")
              .help("Orders that may use it, at least 1. To stop a voucher, switch Active off."),
          db::column("max_units", &V::max_units)
              .minimum(1)
              .maximum(largest_count)
              .label("Units for each use")
              .help("Tickets and add-ons of one order that it reaches: those that cost most after automatic "
                    "discounts first. Empty: all of them."),
          db::column("budget", &V::budget)
              .money()
              .minimum(0)
              .maximum(largest_amount)
              .help("The most it takes off over all orders. Empty: no limit."),
          db::column("reserves", &V::reserves)
              .help("Keeps the units of its uses back for it. Only for one selected product."),
          db::column("valid_from", &V::valid_from).help("Empty: from now on."),
          db::column("valid_until", &V::valid_until).help("Last instant, included. Empty: without an end."),
          db::column("unlocks_hidden_tickets", &V::unlocks_hidden_tickets)
              .help("Lets the buyer have ticket types that need a voucher, if the scope reaches them."),
          db::column("is_active", &V::is_active).label("Active").help("Off: nobody can use it."),
          db::column("sponsor_id", &V::sponsor_id)
              .references("sponsor", db::OnDelete::set_null)
              .help("Whose complimentary voucher it is."),
          db::column("batch_id", &V::batch_id)
              .references("voucher_batch", db::OnDelete::set_null)
              .managed()
              .label("Batch")
              .help("That it was made in."),
          db::column("note", &V::note)
              .max_length(2000)
              .format(db::TextFormat::paragraph)
              .help("For the organisers only."),
          db::column("version", &V::version).version(),
          db::column("created_at", &V::created_at).created(),
          db::column("updated_at", &V::updated_at).updated(),
      },
      db::Rules<V>()
          .titled("Voucher", "Vouchers")
          .ordered_by("created_at DESC, id DESC")
          .unique({"conference_id", "code"}, "Another voucher of this conference has this code.")
          .must("code", "Code: use letters, digits, - and _ only.",
                [](const V& v) { return is_code(normal_code(v.code)); })
          .must("percent", "Percent must be between 0 and 100, with at most two decimals.",
                [](const V& v) { return is_percent(v.percent); })
          .must("amount", "A fixed amount must be more than nothing.",
                [](const V& v) { return v.type != VoucherType::fixed_amount || v.amount > 0; })
          .must("addon_scope", "It reaches no ticket and no add-on: choose at least one of them.",
                [](const V& v) { return v.ticket_scope != Scope::none || v.addon_scope != Scope::none; })
          .must("valid_until", "It ends before it begins.", [](const V& v) {
            return !v.valid_from || !v.valid_until || *v.valid_from <= *v.valid_until;
          }));
  return table;
}

std::string normal_code(std::string_view typed) {
  return ascii_upper(trimmed(typed));
}

bool is_code(std::string_view normal) {
  return !normal.empty() && normal.size() <= longest_code &&
         std::all_of(normal.begin(), normal.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

bool reaches(const Voucher& voucher, const ScopedProducts& products, ProductKind kind, Id product_id) {
  const bool is_ticket = kind == ProductKind::ticket_type;
  switch (is_ticket ? voucher.ticket_scope : voucher.addon_scope) {
    case Scope::all:
      return true;
    case Scope::none:
      return false;
    case Scope::selected:
      break;
  }
  const auto& named = is_ticket ? products.ticket_types : products.addons;
  return std::find(named.begin(), named.end(), product_id) != named.end();
}

std::optional<Voucher> find_voucher(db::Tx& tx, Id conference_id, std::string_view code) {
  const std::string normal = normal_code(code);
  return voucher_table().maybe(tx, "WHERE conference_id = $1 AND code = $2", conference_id, normal);
}

std::int64_t times_used(db::Tx& tx, const Voucher& voucher) {
  const StockLevels levels = voucher_levels(tx, voucher.conference_id, voucher.id);
  const StockLevel* uses = levels.find(StockKind::voucher, voucher.id);
  return uses ? uses->used() : 0;
}

std::vector<Voucher> vouchers_of(db::Tx& tx, Id conference_id) {
  return voucher_table().select(tx, "WHERE conference_id = $1 ORDER BY created_at DESC, id DESC",
                                conference_id);
}

ScopedProducts products_of_voucher(db::Tx& tx, Id voucher_id) {
  return {store::ticket_types_of_voucher(tx, voucher_id), store::addons_of_voucher(tx, voucher_id)};
}

Id save(db::Tx& tx, const Voucher& typed, const ScopedProducts& named) {
  Voucher voucher = typed;
  voucher.code = normal_code(typed.code);
  voucher.percent = typed.percent.normalized();
  const ScopedProducts products = used(voucher, named);
  refuse_first(voucher_table().validate(voucher));
  check_products(tx, voucher, products);
  check_reserve(voucher, products);
  if (is_taken(tx, voucher)) throw taken(voucher.code);
  Id id = voucher.id;
  // Somebody else's insert of the very same moment meets the unique index.
  const bool is_unique = tx.attempt([&] {
    if (id == 0)
      id = voucher_table().insert(tx, voucher).id;
    else if (!voucher_table().update(tx, voucher))
      throw Refused("changed_meanwhile", "{name} was changed by somebody else meanwhile.",
                    {{"name", voucher.code}});
  });
  if (!is_unique) throw taken(voucher.code);
  store::set_products_of_voucher(tx, id, products);
  Voucher stored = voucher;
  stored.id = id;
  follow(tx, stored, products);
  return id;
}

std::int64_t reserve_for(db::Tx& tx, const Voucher& voucher, const ScopedProducts& products) {
  take_back_elapsed(tx, voucher.conference_id);
  const bool ticket = !products.ticket_types.empty();
  const ProductKind kind = ticket ? ProductKind::ticket_type : ProductKind::addon;
  const Id product = ticket ? products.ticket_types.front() : products.addons.front();
  Catalogue only_quotas;
  only_quotas.quotas = quotas_of(tx, voucher.conference_id);
  const StockLevels levels = stock_levels(tx, voucher.conference_id);
  const auto rows = stock_rows(only_quotas, levels, kind, product, std::nullopt);
  // What its carts took of it is theirs already; an order has its use as well.
  const std::int64_t with_carts = tx.one<std::int64_t>(
      "SELECT COALESCE(CAST(SUM(reserved) AS BIGINT), 0) FROM hold WHERE reserve_id = $1 AND stock_id = $2 "
      "AND "
      "owner_kind = 'cart'",
      voucher.id, rows.front());
  const bool is_over = voucher.valid_until && *voucher.valid_until < tx.now();
  const std::int64_t uses =
      is_over ? 0 : std::max<std::int64_t>(voucher.max_uses - times_used(tx, voucher), 0);
  return keep_reserve(tx, voucher.conference_id, voucher.id,
                      uses * voucher.max_units.value_or(1) - with_carts, rows,
                      voucher.valid_until ? *voucher.valid_until + Duration{1} : never);
}

void check_scopes(db::Tx& tx, const Voucher& voucher) {
  check_products(tx, voucher, products_of_voucher(tx, voucher.id));
  check_reserve(voucher, products_of_voucher(tx, voucher.id));
  if (voucher.ticket_scope != Scope::selected) store::forget_ticket_types_of_voucher(tx, voucher.id);
  if (voucher.addon_scope != Scope::selected) store::forget_addons_of_voucher(tx, voucher.id);
  follow(tx, voucher, products_of_voucher(tx, voucher.id));
}

void check_model(db::Tx& tx, const Voucher& voucher, const ScopedProducts& products) {
  check_products(tx, voucher, used(voucher, products));
  check_reserve(voucher, used(voucher, products));
}

void check_prefix(std::string_view prefix) {
  if (!prefix.empty() && !is_code(prefix))
    throw Refused("format", "Prefix: use letters, digits, - and _ only.", {}, "prefix");
  if (prefix.size() + random_part > longest_code)
    throw Refused("too_long", "Prefix: use at most {most} characters.",
                  {{"most", std::to_string(longest_code - random_part)}}, "prefix");
}

std::vector<std::string> generate_codes(Random& random, std::string_view prefix, std::int64_t count) {
  if (count < 1 || count > largest_batch)
    throw Refused("range", "Make 1 to {most} vouchers at once; you asked for {count}.",
                  {{"most", std::to_string(largest_batch)}, {"count", std::to_string(count)}}, "count");
  const std::string normal = normal_code(prefix);
  check_prefix(normal);
  std::set<std::string> seen;
  std::vector<std::string> codes;
  while (static_cast<std::int64_t>(codes.size()) < count) {
    std::string code = normal + random_code(random, random_part);
    if (seen.insert(code).second) codes.push_back(std::move(code));
  }
  return codes;
}

std::vector<Voucher> create_vouchers(db::Tx& tx, Random& random, const Voucher& model,
                                     const ScopedProducts& named, std::vector<std::string> codes,
                                     std::optional<Id> batch_id) {
  if (codes.empty()) return {};
  Voucher like = model;
  like.percent = model.percent.normalized();
  like.code = codes.front();
  like.batch_id = batch_id;
  const ScopedProducts products = used(like, named);
  refuse_first(voucher_table().validate(like));
  check_products(tx, like, products);
  if (like.reserves)
    throw Refused("reserve", "Vouchers made in a batch keep nothing back; make one code with many uses.", {},
                  "reserves");

  for (int draw = 0;; ++draw) {
    const auto taken = store::taken_codes(tx, batch_of(like.conference_id, codes));
    if (taken.empty()) break;
    if (draw == draws_per_code) throw std::runtime_error("no unused voucher codes were drawn");
    std::set<std::string> all(codes.begin(), codes.end());
    for (const std::string& code : taken) {
      const std::string_view prefix = std::string_view(code).substr(0, code.size() - random_part);
      std::string fresh;
      do {
        fresh = std::string(prefix) + random_code(random, random_part);
      } while (!all.insert(fresh).second);
      *std::find(codes.begin(), codes.end(), code) = fresh;
    }
  }
  const store::Batch batch = batch_of(like.conference_id, codes);
  store::insert_vouchers(tx, batch, like);
  for (const Id id : products.ticket_types) store::add_ticket_type_to_vouchers(tx, batch, id);
  for (const Id id : products.addons) store::add_addon_to_vouchers(tx, batch, id);

  std::map<std::string_view, std::size_t> place;
  for (std::size_t i = 0; i < codes.size(); ++i) place[codes[i]] = i;
  std::vector<Voucher> made(codes.size());
  for (Voucher& voucher : store::vouchers_of_batch(tx, batch)) {
    const std::size_t i = place.at(voucher.code);
    made[i] = std::move(voucher);
  }
  return made;
}

void remove(db::Tx& tx, const Voucher& voucher) {
  take_back_elapsed(tx, voucher.conference_id);
  release_holds(tx, HoldOwner::voucher, voucher.id);
  store::delete_stock_of_voucher(tx, voucher.conference_id, voucher.id);
  voucher_table().remove(tx, voucher);
}

std::int64_t deactivate_unused_of_sponsor(db::Tx& tx, Id sponsor_id) {
  const std::int64_t count = store::deactivate_unused_of_sponsor(tx, sponsor_id);
  for (const Id id : store::inactive_reserving_of_sponsor(tx, sponsor_id))
    release_holds(tx, HoldOwner::voucher, id);
  return count;
}

}  // namespace plenary::registration
