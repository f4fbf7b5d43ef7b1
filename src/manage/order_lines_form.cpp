#include "manage/order_lines_form.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "site/text.hpp"

namespace plenary::manage {
namespace {

using registration::AddedItem;
using registration::Catalogue;
using registration::OrderLine;
using registration::OrderStatus;
using registration::ProductKind;
using registration::Variation;
using site::Fault;
using site::tr;

constexpr std::size_t longest_reason = 500;
constexpr std::int64_t most_of_one = 1000;
constexpr const char* price_example = message("{name}: enter a price like 12.50.");

// "ticket_type-3", "addon-4-7".
std::string product_key(ProductKind kind, std::int64_t id, const Variation* variation) {
  const std::string key = fmt::format("{}-{}", registration::to_text(kind), id);
  return variation ? fmt::format("{}-{}", key, variation->id) : key;
}

class Reading {
 public:
  Reading(const web::Request& request, const web::FormData& form, const Changeable& now,
          const Catalogue& catalogue)
      : request_(request), form_(form), now_(now), catalogue_(catalogue) {}

  AskedChange run() {
    for (const OrderLine& line : now_.left) read(line);
    for (std::size_t i = 0; i < most_added; ++i) read_added(static_cast<std::int64_t>(i));
    asked_.reason = typed_text(request_, form_, "reason", longest_reason, asked_.faults);
    if (!asked_.change.repriced.empty() && asked_.reason.empty())
      asked_.faults.push_back({"reason", tr(request_, message("Say why the price is another one."))});
    asked_.tells_buyer = form_["tell"] == "1";
    return std::move(asked_);
  }

 private:
  void fault(std::string field, const char* text, const Refused::Arguments& arguments) {
    asked_.faults.push_back({std::move(field), tr(request_, text, arguments)});
  }
  // Nothing: it is wrong, and said so. Empty is 0.
  std::optional<std::int64_t> number(const std::string& field, std::int64_t most, const std::string& name) {
    const std::string_view typed = trimmed(form_[field]);
    if (typed.empty()) return 0;
    const auto count = site::whole_number(typed);
    if (count && *count <= most) return count;
    fault(field, message("{name}: enter a number from 0 to {most}."),
          {{"name", name}, {"most", std::to_string(most)}});
    return std::nullopt;
  }

  void read(const OrderLine& line) {
    registration::TakenBack taken{line.id, 0, {}};
    for (const std::string_view one : form_.all(field_of("seat", line.id)))
      if (const auto position = site::whole_number(one)) taken.positions.push_back(*position);
    const std::string back_field = field_of("back", line.id);
    const auto back = number(back_field, line.quantity, line.description);
    if (!back) return;
    const auto named = static_cast<std::int64_t>(taken.positions.size());
    taken.quantity = trimmed(form_[back_field]).empty() ? named : *back;
    if (named > taken.quantity) {
      fault(back_field, message("{name}: {n} tickets are ticked, so as many have to be taken out."),
            {{"name", line.description}, {"n", std::to_string(named)}});
      return;
    }
    if (taken.quantity > 0) asked_.change.taken_back.push_back(taken);
    std::int64_t left = line.quantity - taken.quantity;

    if (const auto kind = site::whole_number(form_[field_of("kind", line.id)]); kind && *kind > 0) {
      const std::string field = field_of("kind-units", line.id);
      const auto typed = number(field, left, line.description);
      if (!typed) return;
      const std::int64_t units = trimmed(form_[field]).empty() ? left : *typed;
      if (units > 0) asked_.change.swapped.push_back({line.id, units, *kind});
      left -= units;
    }
    const std::string price_field = field_of("price", line.id);
    if (const std::string_view typed = trimmed(form_[price_field]); !typed.empty()) {
      const auto price = typed_amount(typed, now_.order.currency);
      if (!price)
        fault(price_field, price_example, {{"name", line.description}});
      else if (left > 0)
        asked_.change.repriced.push_back({line.id, *price});
    }
  }

  void read_added(std::int64_t row) {
    const std::string product_field = field_of("product", row);
    const std::string_view key = form_[product_field];
    if (key.empty()) return;
    const std::vector<ProductOption> choices = product_options(catalogue_);
    const auto choice = std::find_if(choices.begin(), choices.end(),
                                     [&](const ProductOption& one) { return one.key == key; });
    if (choice == choices.end()) {
      fault(product_field, message("Choose a product."), {});
      return;
    }
    AddedItem item = choice->item;
    const std::string quantity_field = field_of("quantity", row), price_field = field_of("own-price", row);
    const auto quantity = number(quantity_field, most_of_one, choice->name);
    if (!quantity) return;
    item.quantity = trimmed(form_[quantity_field]).empty() ? 1 : *quantity;
    if (const std::string_view typed = trimmed(form_[price_field]); !typed.empty()) {
      if (!choice->has_free_price) {
        fault(price_field,
              message("{name} has a fixed price. Add it first, then change the price of its line."),
              {{"name", choice->name}});
        return;
      }
      item.chosen_price = typed_amount(typed, now_.order.currency);
      if (!item.chosen_price) {
        fault(price_field, price_example, {{"name", choice->name}});
        return;
      }
      // What is too little is said, not raised in silence.
      try {
        registration::chosen_price(catalogue_, *catalogue_.product(item.kind, item.product_id),
                                   item.chosen_price);
      } catch (const Refused& refused) {
        asked_.faults.push_back({price_field, tr(request_, refused)});
        return;
      }
    }
    if (item.quantity > 0) asked_.change.added.push_back(item);
  }

  const web::Request& request_;
  const web::FormData& form_;
  const Changeable& now_;
  const Catalogue& catalogue_;
  AskedChange asked_;
};

}  // namespace

Changeable changeable_here(db::Tx& tx, const Visit& visit, std::int64_t id) {
  Changeable now;
  now.order = order_here(tx, visit, id);
  now.left = registration::lines_left(now.order.lines);
  now.seats = registration::seat_rows(tx, id);
  std::erase_if(now.seats, [](const auto& seat) { return seat.status != registration::SeatStatus::active; });
  now.money = registration::money_of(tx, now.order);
  now.waiting = registration::waiting_change(tx, id);
  const OrderStatus status = now.order.status;
  now.is_open = status == OrderStatus::paid || status == OrderStatus::partially_refunded ||
                now.order.hold_is_live(tx.now());
  return now;
}

std::vector<ProductOption> product_options(const Catalogue& catalogue) {
  std::vector<ProductOption> choices;
  const auto add = [&](ProductKind kind, std::int64_t id) {
    const registration::Product product = catalogue.product(kind, id).value();
    if (!product.is_active) return;
    const auto one = [&](const Variation* variation) {
      ProductOption choice;
      choice.item.kind = kind;
      choice.item.product_id = id;
      if (variation) choice.item.variation_id = variation->id;
      choice.key = product_key(kind, id, variation);
      choice.name = *product.name + (variation ? ", " + variation->name : std::string());
      choice.price = variation ? variation->price.value_or(product.price) : product.price;
      choice.has_free_price = product.free_price;
      choices.push_back(std::move(choice));
    };
    const auto variations = catalogue.variations_of(kind, id);
    if (variations.empty()) one(nullptr);
    for (const Variation* variation : variations) one(variation);
  };
  for (const auto& type : catalogue.ticket_types) add(ProductKind::ticket_type, type.id);
  for (const auto& addon : catalogue.addons) add(ProductKind::addon, addon.id);
  return choices;
}

std::vector<const Variation*> kinds_of(const Catalogue& catalogue, const OrderLine& line) {
  std::vector<const Variation*> kinds;
  if (line.ticket_type_id) kinds = catalogue.variations_of(ProductKind::ticket_type, *line.ticket_type_id);
  if (line.addon_id) kinds = catalogue.variations_of(ProductKind::addon, *line.addon_id);
  std::erase_if(kinds, [&](const Variation* one) { return line.variation_id == std::optional(one->id); });
  return kinds;
}

std::string field_of(std::string_view what, std::int64_t number) {
  return fmt::format("{}-{}", what, number);
}

AskedChange read_lines_form(const web::Request& request, const web::FormData& form, const Changeable& now,
                            const Catalogue& catalogue) {
  return Reading(request, form, now, catalogue).run();
}

}  // namespace plenary::manage
