#include "domain/registration/waiting_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "domain/accounts/rates.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "domain/registration/store_waiting.hpp"
#include "domain/registration/waiting_stock.hpp"
#include "jobs/outbox.hpp"

namespace plenary::registration {
namespace {

constexpr std::string_view waiting_rate = "waiting_list";
constexpr std::size_t longest_name = 200, longest_email = 254;

template <class Use>
void each_kind(const Catalogue& catalogue, ProductKind kind, Id id, Use use) {
  const auto variations = catalogue.variations_of(kind, id);
  if (variations.empty()) use(ProductChoice{kind, id, {}});
  for (const Variation* variation : variations) use(ProductChoice{kind, id, variation->id});
}

std::vector<ProductChoice> all_products(const Catalogue& catalogue) {
  std::vector<ProductChoice> all;
  const auto add = [&](const ProductChoice& one) { all.push_back(one); };
  for (const Product& product : visible_products(catalogue, nullptr))
    each_kind(catalogue, product.kind, product.id, add);
  return all;
}

bool is_among(const std::vector<ProductChoice>& all, const ProductChoice& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

void check_choice(const Catalogue& catalogue, const StockLevels& levels, const WaitingForm& form,
                  const ProductChoice& choice, const std::string& field, std::vector<Refused>& problems) {
  const auto product = catalogue.product(choice.kind, choice.product_id);
  const std::string name = name_of(catalogue, choice);
  if (const std::int64_t most = most_of(catalogue, *product); form.quantity > most)
    problems.push_back(Refused("limit", "{name}: at most {limit} for one person.",
                               {{"name", name}, {"limit", std::to_string(most)}}, "quantity"));
  if (form.quantity < product->min_per_order)
    problems.push_back(Refused("minimum", "{name}: at least {limit} in one order.",
                               {{"name", name}, {"limit", std::to_string(product->min_per_order)}},
                               "quantity"));
  // A group that is larger than all of it would wait for ever, and keep from everybody what comes back.
  if (const auto all = capacity_of(catalogue, levels, choice);
      form.all_or_nothing && all && form.quantity > *all)
    problems.push_back(Refused("limit", "{name}: there are only {limit} altogether.",
                               {{"name", name}, {"limit", std::to_string(*all)}}, "quantity"));
  if (is_email(form.email) && !admits(*product->email_domains, form.email))
    problems.push_back(Refused("email_domain", "{name} is only for e-mail addresses of: {domains}.",
                               {{"name", name}, {"domains", *product->email_domains}}, field));
}

// Nobody waits or was offered anything any more; what was held is free.
bool end_entry(db::Tx& tx, Id entry_id, WaitingStatus status) {
  const auto entry = store::waiting_entry(tx, entry_id);
  if (!entry || !entry->is_open(tx.now())) return false;
  if (entry->status == WaitingStatus::waiting) store::leave_lines(tx, entry->id, entry->quantity);
  if (entry->status == WaitingStatus::offered) release_holds(tx, HoldOwner::offer, entry->id);
  store::set_waiting_status(tx, entry->id, status);
  wake_waiting_list(tx, entry->conference_id);
  return true;
}

}  // namespace

std::string_view to_text(WaitingStatus status) {
  constexpr std::array<std::string_view, 6> texts{"waiting", "offered", "accepted",
                                                  "lapsed",  "left",    "removed"};
  return texts[static_cast<std::size_t>(status)];
}

std::string name_of(const Catalogue& catalogue, const ProductChoice& choice) {
  const auto product = catalogue.product(choice.kind, choice.product_id);
  if (!product) return {};
  const Variation* variation = choice.variation_id ? catalogue.variation(*choice.variation_id) : nullptr;
  return variation ? *product->name + ", " + variation->name : *product->name;
}

ProductChoice WaitingLine::product() const {
  if (ticket_type_id) return {ProductKind::ticket_type, *ticket_type_id, variation_id};
  return {ProductKind::addon, addon_id.value_or(0), variation_id};
}

bool takes_names(const Catalogue& catalogue, const StockLevels& levels, const ProductChoice& choice,
                 Instant now) {
  if (!is_offered_to_waiting(catalogue, choice, now)) return false;
  const auto product = catalogue.product(choice.kind, choice.product_id);
  if (product->requires_voucher || most_of(catalogue, *product) < 1) return false;
  const auto left = remaining_of(catalogue, levels, choice.kind, choice.product_id, choice.variation_id);
  return left && *left <= 0;
}

std::vector<ProductChoice> waitable(const Catalogue& catalogue, const StockLevels& levels, Instant now) {
  std::vector<ProductChoice> found = all_products(catalogue);
  std::erase_if(found, [&](const ProductChoice& one) { return !takes_names(catalogue, levels, one, now); });
  return found;
}

std::vector<ProductChoice> alternatives(const Catalogue& catalogue, Instant now) {
  std::vector<ProductChoice> found = all_products(catalogue);
  std::erase_if(found, [&](const ProductChoice& one) { return !is_offered_to_waiting(catalogue, one, now); });
  return found;
}

std::vector<ProductChoice> possible_extras(const Catalogue& catalogue, Instant now) {
  std::vector<ProductChoice> found = all_products(catalogue);
  std::erase_if(found, [&](const ProductChoice& one) {
    const AddOn* addon = one.kind == ProductKind::addon ? catalogue.addon(one.product_id) : nullptr;
    return !addon || !in_window(addon->available_from, addon->available_until, now);
  });
  return found;
}

std::string extra_field(const ProductChoice& product) {
  return product.variation_id ? fmt::format("extra_{}_{}", product.product_id, *product.variation_id)
                              : fmt::format("extra_{}", product.product_id);
}

bool goes_with(const Catalogue& catalogue, const ProductChoice& extra, const ProductChoice& choice) {
  const AddOn* addon = extra.kind == ProductKind::addon ? catalogue.addon(extra.product_id) : nullptr;
  if (!addon || addon->requires_ticket_types.empty()) return true;
  const auto& needed = addon->requires_ticket_types;
  return choice.kind == ProductKind::ticket_type &&
         std::find(needed.begin(), needed.end(), choice.product_id) != needed.end();
}

std::vector<Refused> check_waiting(const Catalogue& catalogue, const StockLevels& levels,
                                   const WaitingForm& form, Instant now) {
  std::vector<Refused> problems;
  const std::string_view name = trimmed(form.name);
  if (name.empty()) problems.push_back(Refused("required", "Please say your name.", {}, "name"));
  if (character_count(name) > longest_name || has_control_characters(name))
    problems.push_back(
        Refused("invalid_name", "This name is too long or has characters that no name has.", {}, "name"));
  if (!is_email(form.email) || character_count(form.email) > longest_email)
    problems.push_back(
        Refused("invalid_email", "Please enter an e-mail address such as ada@example.org.", {}, "email"));
  if (form.quantity < 1)
    problems.push_back(Refused("quantity", "Choose a quantity of at least 1.", {}, "quantity"));
  if (form.choices.empty())
    problems.push_back(Refused("choice", "Choose what you wait for.", {}, "choice_1"));
  if (form.choices.size() > most_choices)
    problems.push_back(Refused("choice", "Name at most {most} choices.",
                               {{"most", std::to_string(most_choices)}}, "choice_1"));
  const auto possible = alternatives(catalogue, now);
  for (std::size_t i = 0; i < form.choices.size(); ++i) {
    const ProductChoice& choice = form.choices[i];
    const std::string field = fmt::format("choice_{}", i + 1);
    if (!is_among(possible, choice)) {
      problems.push_back(Refused("no_waiting_list", "There is no waiting list for this.", {}, field));
      continue;
    }
    if (i == 0 && !takes_names(catalogue, levels, choice, now)) {
      problems.push_back(Refused("not_sold_out", "{name} is not sold out: you can buy it at once.",
                                 {{"name", name_of(catalogue, choice)}}, field));
      continue;
    }
    if (std::count(form.choices.begin(), form.choices.begin() + static_cast<std::ptrdiff_t>(i), choice) > 0)
      problems.push_back(Refused("choice", "{name} is among your choices already.",
                                 {{"name", name_of(catalogue, choice)}}, field));
    check_choice(catalogue, levels, form, choice, field, problems);
  }
  const auto extras = possible_extras(catalogue, now);
  const auto has_its_ticket = [&](const ProductChoice& extra) {
    return form.choices.empty() ||
           std::any_of(form.choices.begin(), form.choices.end(),
                       [&](const ProductChoice& choice) { return goes_with(catalogue, extra, choice); });
  };
  if (form.extras.size() > most_extras)
    problems.push_back(
        Refused("extra", "Choose fewer extras.", {}, extra_field(form.extras.front().product)));
  for (const WantedExtra& extra : form.extras) {
    const std::string field = extra_field(extra.product);
    if (!is_among(extras, extra.product)) {
      problems.push_back(Refused("unavailable", "This extra is not available.", {}, field));
      continue;
    }
    if (!has_its_ticket(extra.product)) {
      problems.push_back(Refused("requires_ticket", "{name} goes with none of the tickets that you chose.",
                                 {{"name", name_of(catalogue, extra.product)}}, field));
      continue;
    }
    const auto product = catalogue.product(extra.product.kind, extra.product.product_id);
    const std::int64_t most = most_of(catalogue, *product);
    if (extra.quantity < 1 || extra.quantity > most)
      problems.push_back(
          Refused("limit", "{name}: between 1 and {limit}.",
                  {{"name", name_of(catalogue, extra.product)}, {"limit", std::to_string(most)}}, field));
  }
  return problems;
}

Joined join(db::Tx& tx, const Shop& shop, const Visitor& visitor, const WaitingForm& form) {
  const auto state = conference::find_state(tx, visitor.conference_id);
  if (!state) throw NotFound("no such conference");
  if (!state->sells()) throw Refused("sales_closed", "Ticket sales for this conference are closed.");
  const auto catalogue = shop.catalogues.at(tx, state->id, state->catalogue_version);
  const StockLevels levels = stock_for_everybody(tx, *catalogue);
  const auto problems = check_waiting(*catalogue, levels, form, tx.now());
  if (!problems.empty()) throw problems.front();

  WaitingEntry entry;
  entry.conference_id = visitor.conference_id;
  entry.user_id = visitor.user_id;
  entry.name = trimmed(form.name);
  entry.email = form.email;
  entry.email_normalized = normalized_email(form.email);
  entry.language = form.language;
  entry.quantity = form.quantity;
  entry.all_or_nothing = form.all_or_nothing && form.quantity > 1;
  std::optional<WaitingEntry> there;
  if (const auto id =
          store::open_entry(tx, entry.conference_id, entry.email_normalized, form.choices.front()))
    there = store::waiting_entry(tx, *id);
  const auto rates = order_rates(shop, visitor, entry.email_normalized);
  if (const auto again = accounts::count_rate(tx, waiting_rate, rates))
    throw too_many("too_many_tries", tx.now(), *again);

  if (there && there->is_open(tx.now())) {
    if (there->status == WaitingStatus::waiting)
      mail_waiting_joined(tx, *there);
    else
      mail_waiting_offer(tx, *there);
    return {there->id, there->link_version, false};
  }
  entry.id = store::insert_waiting_entry(tx, entry);
  std::int64_t rank = 0;
  for (const ProductChoice& choice : form.choices) {
    const std::int64_t least = catalogue->product(choice.kind, choice.product_id)->min_per_order;
    store::insert_waiting_choice(tx, entry.id, ++rank,
                                 store::ensure_waiting_line(tx, entry.conference_id, choice),
                                 entry.all_or_nothing ? entry.quantity : std::max<std::int64_t>(least, 1));
  }
  for (const WantedExtra& extra : form.extras) store::insert_waiting_extra(tx, entry.id, extra);
  store::enter_lines(tx, entry.id, entry.quantity);
  mail_waiting_joined(tx, entry);
  return {entry.id, entry.link_version, true};
}

const ProductChoice* WaitingPlace::offered() const {
  for (const Choice& choice : choices)
    if (entry.offered_rank == choice.rank) return &choice.product;
  return nullptr;
}

std::optional<WaitingEntry> find_entry(db::Tx& tx, Id entry_id) {
  return store::waiting_entry(tx, entry_id);
}

std::optional<WaitingPlace> find_place(db::Tx& tx, Id entry_id) {
  auto entry = store::waiting_entry(tx, entry_id);
  if (!entry) return std::nullopt;
  WaitingPlace place;
  place.entry = std::move(*entry);
  place.choices = store::waiting_choices(tx, entry_id);
  if (place.entry.status == WaitingStatus::waiting)
    for (WaitingPlace::Choice& choice : place.choices)
      choice.position = store::waiting_position(tx, entry_id, choice.rank);
  place.extras = store::waiting_extras(tx, entry_id);
  if (place.entry.cart_id) place.order_reference = store::order_of_cart(tx, *place.entry.cart_id);
  return place;
}

std::optional<WaitingPlace> find_place_by_link(db::Tx& tx, const SigningKey& key, Id conference_id,
                                               Id entry_id, std::string_view token) {
  auto place = find_place(tx, entry_id);
  if (!place || place->entry.conference_id != conference_id ||
      !is_waiting_link(key, entry_id, place->entry.link_version, token))
    return std::nullopt;
  return place;
}

std::int64_t position_of(db::Tx& tx, Id entry_id) {
  return store::waiting_position(tx, entry_id, 1);
}

bool leave(db::Tx& tx, Id entry_id) {
  return end_entry(tx, entry_id, WaitingStatus::left);
}
bool remove_entry(db::Tx& tx, Id entry_id) {
  return end_entry(tx, entry_id, WaitingStatus::removed);
}

std::vector<WaitingLine> waiting_lines(db::Tx& tx, Id conference_id) {
  return store::waiting_lines(tx, conference_id);
}

std::vector<Id> conferences_with_waiting(db::Tx& tx) {
  return tx.query<Id>(
      "SELECT c.id FROM conference c WHERE EXISTS (SELECT 1 FROM waiting_line l WHERE l.conference_id = c.id "
      "AND "
      "l.entries > 0) OR EXISTS (SELECT 1 FROM waiting_entry e WHERE e.conference_id = c.id AND e.status = "
      "'offered' AND e.offer_expires_at <= $1) ORDER BY c.id",
      tx.now());
}

void wake_waiting_list(db::Tx& tx, Id conference_id) {
  if (store::waiting_lines(tx, conference_id).empty()) return;
  // One job a second is enough, whatever comes back.
  jobs::enqueue(tx, serve_waiting_kind, conference_id, "{}",
                fmt::format("{}-{}-{}", serve_waiting_kind, conference_id, tx.now().micros / 1'000'000));
}

}  // namespace plenary::registration
