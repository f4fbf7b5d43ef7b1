#include "api/quote_values.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/countries.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "domain/registration/vat_checks.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

constexpr std::int64_t largest_quantity = 1'000;
// How long what a service said about a VAT number counts for a quote.
constexpr Duration vat_check_life = Duration::days(30);

const std::vector<std::string> states{"available", "not_yet", "ended", "sold_out", "unavailable"};

reg::ProductKind kind_of(const Json& item) {
  return item.find("kind")->text() == "addon" ? reg::ProductKind::addon : reg::ProductKind::ticket_type;
}

std::string state_of(bool is_active, const std::optional<Instant>& from, const std::optional<Instant>& until,
                     const std::optional<std::int64_t>& left, Instant now) {
  if (!is_active) return "unavailable";
  if (from && now < *from) return "not_yet";
  if (until && now > *until) return "ended";
  return left && *left <= 0 ? "sold_out" : "available";
}

Json remaining_value(const std::optional<std::int64_t>& left) {
  return left ? Json(std::max<std::int64_t>(*left, 0)) : Json();
}

Json number_or_null(const std::optional<std::int64_t>& number) {
  return number ? Json(*number) : Json();
}

Shape count() {
  return Shape::integer(0, INT64_MAX);
}

Shape some_count() {
  Shape shape = count();
  shape.nullable();
  return shape;
}

Shape some_money() {
  Shape shape = Shape::money();
  shape.nullable();
  return shape;
}

Shape some_text(std::size_t longest = 200) {
  Shape shape = Shape::text(longest);
  shape.nullable();
  return shape;
}

Shape some_instant() {
  Shape shape = Shape::instant();
  shape.nullable();
  return shape;
}

Shape variation_shape() {
  return Shape::object("Variation",
                       {required("slug", Shape::text()), required("name", Shape::text()),
                        required("description", Shape::text(100'000)), required("price", Shape::money()),
                        required("state", Shape::text().one_of(states)),
                        required("remaining", some_count(), "Null: no limit.")});
}

Shape tax_shape() {
  Shape shape = Shape::object(
      "ProductTax", {required("name", Shape::text()), required("rate", Shape::decimal(), "Percent."),
                     required("is_included", Shape::flag(), "In the price.")});
  shape.nullable();
  return shape;
}

template <class T>
Json variations_value(const reg::Catalogue& catalogue, const reg::StockLevels& levels, reg::ProductKind kind,
                      const T& product, Instant now) {
  Json list = Json::list();
  for (const reg::Variation* one : catalogue.variations_of(kind, product.id)) {
    const auto left = reg::remaining_of(catalogue, levels, kind, product.id, one->id);
    list.push(Json::object(
        {{"slug", one->slug},
         {"name", one->name},
         {"description", one->description},
         {"price", money_text(one->price.value_or(product.price), catalogue.currency)},
         {"state", state_of(product.is_active, product.available_from, product.available_until, left, now)},
         {"remaining", remaining_value(left)}}));
  }
  return list;
}

template <class T>
Json common_value(const reg::Catalogue& catalogue, const reg::StockLevels& levels, reg::ProductKind kind,
                  const T& product, Instant now) {
  std::optional<std::int64_t> left = reg::remaining_of(catalogue, levels, kind, product.id, std::nullopt);
  Json variations = variations_value(catalogue, levels, kind, product, now);
  Json value = Json::object(
      {{"slug", product.slug},
       {"name", product.name},
       {"description", product.description},
       {"price", money_text(product.price, catalogue.currency)},
       {"free_price", product.free_price},
       {"minimum_price",
        product.free_price ? Json(money_text(product.minimum_price, catalogue.currency)) : Json()},
       {"state", state_of(product.is_active, product.available_from, product.available_until, left, now)},
       {"remaining", remaining_value(left)},
       {"available_from", instant_or_null(product.available_from)},
       {"available_until", instant_or_null(product.available_until)},
       {"min_per_order", product.min_per_order},
       {"max_per_order", number_or_null(product.max_per_order)},
       {"waiting_list", product.waiting_list},
       {"variations", std::move(variations)}});
  Json tax;
  if (const reg::ReckonedRule* rule = catalogue.tax_rule(product.tax_rule_id))
    tax = Json::object({{"name", rule->rule.name},
                        {"rate", rule->rule.rate.to_string()},
                        {"is_included", rule->rule.includes_tax}});
  value.set("tax", std::move(tax));
  return value;
}

}  // namespace

Shape product_shape(bool is_addon) {
  std::vector<Field> fields{
      required("slug", Shape::text()),
      required("name", Shape::text()),
      required("description", Shape::text(100'000)),
      required("price", Shape::money(),
               "Of one, before discounts; proposed where the buyer names the price."),
      required("free_price", Shape::flag(), "The buyer names the price."),
      required("minimum_price", some_money()),
      required("state", Shape::text().one_of(states)),
      required("remaining", some_count(), "Null: no limit."),
      required("available_from", some_instant()),
      required("available_until", some_instant()),
      required("min_per_order", count(), "Of those who buy any; 0: none."),
      required("max_per_order", some_count()),
      required("waiting_list", Shape::flag(), "Sold out, it takes names."),
      required("variations", Shape::list(variation_shape()),
               "Where there are some, it is bought as one of them."),
      required("tax", tax_shape(), "Null: outside the scope of tax."),
      required("limit_per_person", some_count()),
  };
  if (is_addon) {
    fields.push_back(
        required("requires_ticket_types", Shape::list(Shape::text()), "One of them; empty: none."));
    fields.push_back(required("min_per_ticket", count()));
    fields.push_back(required("max_per_ticket", some_count()));
  } else {
    fields.push_back(required("requires_voucher", Shape::flag()));
  }
  return Shape::object(is_addon ? "AddOn" : "TicketType", std::move(fields));
}

Json products_value(const reg::Catalogue& catalogue, const reg::StockLevels& levels, reg::ProductKind kind,
                    Instant now, bool hidden) {
  Json list = Json::list();
  if (kind == reg::ProductKind::ticket_type) {
    for (const reg::TicketType& type : catalogue.ticket_types) {
      if (!hidden && !reg::is_visible(type, nullptr)) continue;
      Json value = common_value(catalogue, levels, kind, type, now);
      value.set("limit_per_person", type.limit_per_user).set("requires_voucher", type.requires_voucher);
      list.push(std::move(value));
    }
    return list;
  }
  for (const reg::AddOn& addon : catalogue.addons) {
    if (!hidden && !addon.is_active) continue;
    Json value = common_value(catalogue, levels, kind, addon, now);
    Json needs = Json::list();
    for (const reg::Id id : addon.requires_ticket_types)
      if (const reg::TicketType* type = catalogue.ticket_type(id)) needs.push(type->slug);
    value.set("limit_per_person", number_or_null(addon.limit_per_user))
        .set("requires_ticket_types", std::move(needs))
        .set("min_per_ticket", addon.min_per_ticket)
        .set("max_per_ticket", number_or_null(addon.max_per_ticket));
    list.push(std::move(value));
  }
  return list;
}

Shape line_shape() {
  static const Shape reason = Shape::object(
      "Reason", {required("text", Shape::text(2'000), "For people, in English."),
                 required("changes_price", Shape::flag(), "It gave something, or says what tax is in it.")});
  return Shape::object(
      "PricedLine",
      {required("item", some_count(), "The cart's item; null in a quote, and for fees."),
       required("kind", Shape::text().one_of({"ticket_type", "addon", "fee"})),
       required("slug", some_text()),
       required("variation", some_text()),
       required("description", Shape::text(500)),
       required("quantity", count()),
       required("unit_price", Shape::money()),
       required("condition", some_text(), "The automatic discount that applies."),
       required("condition_discount", Shape::money()),
       required("voucher_discount", Shape::money()),
       required("line_total", Shape::money(), "After discounts."),
       required("gross", Shape::money(), "What is paid for it."),
       required("net", Shape::money()),
       required("tax", Shape::money()),
       required("tax_rate", Shape::decimal(), "Percent."),
       required("tax_category", Shape::text().one_of({"standard", "reduced", "zero", "exempt", "outside"})),
       required("tax_is_included", Shape::flag()),
       required("reverse_charge", Shape::flag()),
       required("needs_voucher", Shape::flag(), "No voucher unlocks it: it cannot be ordered so."),
       required("reasons", Shape::list(reason), "Which rule gave or refused what.")});
}

Json lines_value(const reg::Catalogue& catalogue, const reg::Quote& quote, const reg::AppliedVoucher* voucher,
                 bool with_items) {
  const Currency currency = catalogue.currency;
  Json lines = Json::list();
  for (const reg::QuoteLine& line : quote.lines) {
    Json slug, variation;
    if (line.line_kind != reg::LineKind::fee) {
      if (const auto product = catalogue.product(line.kind, line.product_id)) slug = Json(*product->slug);
      if (line.variation_id)
        if (const reg::Variation* one = catalogue.variation(*line.variation_id)) variation = Json(one->slug);
    }
    Json reasons = Json::list();
    for (const reg::Explanation& one : reg::explain(catalogue, quote, line, voucher))
      reasons.push(Json::object({{"text", one.message()}, {"changes_price", one.grants}}));
    const bool has_item = with_items && line.line_kind != reg::LineKind::fee;
    lines.push(Json::object(
        {{"item", has_item ? Json(line.item_id) : Json()},
         {"kind", line.line_kind == reg::LineKind::fee ? std::string_view("fee") : reg::to_text(line.kind)},
         {"slug", std::move(slug)},
         {"variation", std::move(variation)},
         {"description", line.description},
         {"quantity", line.quantity},
         {"unit_price", money_text(line.unit_price, currency)},
         {"condition", line.condition_name.empty() ? Json() : Json(line.condition_name)},
         {"condition_discount", money_text(line.condition_discount, currency)},
         {"voucher_discount", money_text(line.voucher_discount, currency)},
         {"line_total", money_text(line.line_total, currency)},
         {"gross", money_text(line.gross, currency)},
         {"net", money_text(line.net, currency)},
         {"tax", money_text(line.tax, currency)},
         {"tax_rate", reg::percent_of(line.applied_tax.rate).to_string()},
         {"tax_category", reg::to_text(line.applied_tax.category)},
         {"tax_is_included", line.applied_tax.inclusive},
         {"reverse_charge", line.applied_tax.reverse_charge},
         {"needs_voucher", line.needs_voucher},
         {"reasons", std::move(reasons)}}));
  }
  return lines;
}

std::vector<Field> total_fields() {
  return {required("currency", Shape::text(3)), required("subtotal", Shape::money(), "Before discounts."),
          required("discount", Shape::money()), required("tax", Shape::money()),
          required("total", Shape::money(), "What is due.")};
}

void add_totals(Json& object, const reg::Quote& quote, Currency currency) {
  object.set("currency", currency.code())
      .set("subtotal", money_text(quote.subtotal, currency))
      .set("discount", money_text(quote.discount, currency))
      .set("tax", money_text(quote.tax, currency))
      .set("total", money_text(quote.total, currency));
}

Shape voucher_state_shape() {
  Shape shape = Shape::object(
      "VoucherState", {required("code", Shape::text(100)),
                       required("is_valid", Shape::flag(), "False: unknown, or it can no longer be used."),
                       required("covers_something", Shape::flag(), "Of what is asked for.")});
  shape.nullable();
  return shape;
}

Json voucher_state(const reg::Quote& quote, const reg::AppliedVoucher* voucher) {
  if (!voucher) return {};
  return Json::object({{"code", voucher->voucher.code},
                       {"is_valid", quote.voucher_is_valid},
                       {"covers_something", quote.voucher_is_valid && quote.voucher_covers_some}});
}

std::vector<Field> item_fields() {
  Shape slug = Shape::text();
  slug.at_least(1);
  return {required("kind", Shape::text().one_of({"ticket_type", "addon"})), required("slug", slug),
          optional("variation", Shape::text(), "Its slug; needed where the product has some."),
          required("quantity", Shape::integer(1, largest_quantity)),
          optional("price", Shape::money(), "Of one, where the buyer names the price.")};
}

Fault choice_fault(const reg::Catalogue& catalogue, const reg::Product& product, const Refused& refused,
                   const std::string& pointer) {
  if (refused.code() == "price") return {pointer_to(pointer, "price"), refused.code(), refused.message()};
  std::string message = refused.message();
  std::string sold;
  for (const reg::Variation* one : catalogue.variations_of(product.kind, product.id))
    sold += fmt::format("{}{} ({})", sold.empty() ? "" : ", ", one->slug, one->name);
  if (refused.code() == "variation")
    message +=
        sold.empty() ? " It comes in one kind alone: leave this away." : fmt::format(" There are: {}.", sold);
  return {pointer_to(pointer, "variation"), refused.code(), std::move(message)};
}

void examine_item(const reg::Catalogue& catalogue, const Json& item, const std::string& pointer,
                  Faults& faults) {
  if (!item.has("kind") || !item.has("slug")) return;
  Faults found;
  const auto product = catalogue.product(kind_of(item), item.find("slug")->text());
  if (!product) {
    add_elsewhere(faults,
                  {{pointer_to(pointer, "slug"), "unknown_product", "Nothing is sold by this name."}});
    return;
  }
  const Json *variation = item.find("variation"), *price = item.find("price");
  try {
    reg::chosen_variation(catalogue, *product, variation ? variation->text() : std::string());
  } catch (const Refused& refused) {
    found.push_back(choice_fault(catalogue, *product, refused, pointer));
  }
  try {
    const auto named = price ? money_of(*price, catalogue.currency, pointer_to(pointer, "price"), found)
                             : std::optional<std::int64_t>();
    reg::chosen_price(catalogue, *product, named);
  } catch (const Refused& refused) {
    found.push_back(choice_fault(catalogue, *product, refused, pointer));
  }
  add_elsewhere(faults, std::move(found));
}

void examine_items(const Call& call, Faults& faults) {
  const Json* items = call.body.find("items");
  for (std::size_t i = 0; items && i < items->items().size(); ++i)
    examine_item(*call.catalogue, items->items()[i], pointer_to("/items", i), faults);
}

NamedItem named_item(const Json& item, Currency currency, const std::string& pointer, Faults& faults) {
  NamedItem named;
  named.kind = kind_of(item);
  named.slug = item.find("slug")->text();
  named.quantity = item.find("quantity")->integer();
  if (const Json* variation = item.find("variation")) named.variation = variation->text();
  if (const Json* price = item.find("price"))
    named.price = money_of(*price, currency, pointer_to(pointer, "price"), faults);
  return named;
}

Shape buyer_shape() {
  return Shape::object("Buyer", {optional("is_business", Shape::flag()),
                                 optional("country", Shape::text(2), "ISO 3166-1, two letters: \"DE\"."),
                                 optional("vat_id", Shape::text(50))});
}

NamedBuyer named_buyer(const Json* buyer, db::Tx& tx, reg::Id conference_id, const std::string& pointer,
                       Faults& faults) {
  NamedBuyer named;
  if (!buyer) return named;
  if (const Json* value = buyer->find("is_business")) named.is_business = value->flag();
  if (const Json* value = buyer->find("country")) named.country = value->text();
  if (const Json* value = buyer->find("vat_id")) named.vat_id = reg::normal_vat_id(value->text());
  if (!named.country.empty() && !is_country(named.country)) {
    faults.push_back(
        {pointer_to(pointer, "country"), "choice", "Write a country of ISO 3166-1 as two capital letters."});
    return named;
  }
  if (named.vat_id.empty()) return named;
  if (!named.is_business || named.country.empty()) {
    faults.push_back({pointer_to(pointer, "vat_id"), "rule",
                      "A VAT number belongs to a business: say is_business and the country, too."});
  } else if (!reg::is_vat_id_shaped(named.country, named.vat_id)) {
    faults.push_back({pointer_to(pointer, "vat_id"), "format", "This is no VAT number of that country."});
  } else if (const auto check =
                 reg::latest_vat_check(tx, conference_id, named.vat_id, tx.now() - vat_check_life)) {
    named.vat_confirmed = check->status == reg::VatStatus::valid;
    named.vat_check_id = check->id;
  }
  return named;
}

}  // namespace plenary::api
