// Carts and prices as templates see them: lines with what was taken off and why, taxes, the voucher.
// source: registration 20, 8 and 12.2; taxes 25.
#include <algorithm>
#include <utility>

#include "base/decimal.hpp"
#include "i18n/formats.hpp"
#include "i18n/languages.hpp"
#include "site/values.hpp"
#include "templating/fields.hpp"

namespace plenary::site {

using registration::Catalogue;
using registration::QuoteLine;
using templating::Field;
using templating::Value;

namespace {

Value text(const std::string& t) {
  return Value::borrowed(t);
}

// One row of the cart; the quote has the figures.
struct CartRow {
  const QuoteLine* line;
  const CartPage* page;
  const Catalogue* catalogue;
  const registration::TicketType* type;  // one of both
  const registration::AddOn* addon;
  std::string_view language;
  std::vector<std::string> problems;
  // Templates ask whether there are any before they show them.
  mutable std::optional<Value> kept_discounts = {}, kept_explanations = {};

  Value amount(std::int64_t minor) const { return amount_value(minor, catalogue->currency); }
  std::int64_t discount() const { return line->condition_discount + line->voucher_discount; }
  std::string_view voucher_code() const {
    return page->view.voucher ? std::string_view(page->view.voucher->voucher.code) : std::string_view();
  }
  std::int64_t most() const {
    if (!type) return addon && addon->limit_per_user ? *addon->limit_per_user : 100;
    return std::min(type->limit_per_user, catalogue->conference.max_tickets_per_cart);
  }
  Value discounts() const {
    if (!kept_discounts)
      kept_discounts = line_discounts_value(line->condition_name, line->condition_discount, voucher_code(),
                                            line->voucher_discount, catalogue->currency);
    return *kept_discounts;
  }
  Value explanations() const {
    if (!kept_explanations) kept_explanations = made_explanations();
    return *kept_explanations;
  }
  Value made_explanations() const {
    std::vector<Value> reasons;
    std::vector<registration::Explanation> all = registration::explain(
        *catalogue, page->view.quote, *line, page->view.voucher ? &*page->view.voucher : nullptr);
    for (std::size_t i = 0; i < all.size(); ++i) {
      registration::Explanation& reason = all[i];
      // One for each of the line's reasons, in their order.
      for (auto& [name, value] : reason.arguments) value = in_language(name, value, line->reasons.at(i));
      reasons.push_back(
          Value::dict({{"text", Value(i18n::translated(language, reason.text, reason.arguments))},
                       {"grants", reason.grants}}));
    }
    return Value::list(std::move(reasons));
  }
  // Amounts and rates as the reader writes them.
  std::string in_language(const std::string& name, const std::string& value,
                          const registration::Reason& reason) const {
    if (name == "amount")
      return i18n::money(language, Money(reason.amount, catalogue->currency), catalogue->currency_symbol);
    if (name == "percent")
      if (const auto rate = Decimal::parse(value)) return i18n::number(language, *rate);
    return value;
  }
};
constexpr Field<CartRow> cart_row_fields[] = {
    {"id", [](const CartRow& r) { return Value(r.line->item_id); }},
    {"pk", [](const CartRow& r) { return Value(r.line->item_id); }},
    {"name", [](const CartRow& r) { return text(r.line->description); }},
    {"description", [](const CartRow& r) { return text(r.line->description); }},
    {"quantity", [](const CartRow& r) { return Value(r.line->quantity); }},
    {"unit_price", [](const CartRow& r) { return r.amount(r.line->unit_price); }},
    {"line_total", [](const CartRow& r) { return r.amount(r.line->unit_price * r.line->quantity); }},
    {"final_total", [](const CartRow& r) { return r.amount(r.line->line_total); }},
    {"discount_amount", [](const CartRow& r) { return r.amount(r.discount()); }},
    {"discount_signed", [](const CartRow& r) { return r.amount(-r.discount()); }},
    {"discounts", [](const CartRow& r) { return r.discounts(); }},
    {"explanations", [](const CartRow& r) { return r.explanations(); }},
    {"problems",
     [](const CartRow& r) {
       std::vector<Value> problems;
       for (const std::string& problem : r.problems) problems.push_back(text(problem));
       return Value::list(std::move(problems));
     }},
    {"needs_voucher", [](const CartRow& r) { return Value(r.line->needs_voucher); }},
    {"has_more",
     [](const CartRow& r) {
       return Value(r.discount() > 0 || !r.line->reasons.empty() || !r.problems.empty());
     }},
    {"max_quantity", [](const CartRow& r) { return Value(r.most()); }},
    {"ticket_type",
     [](const CartRow& r) {
       if (!r.type) return Value();
       TicketCard card;
       card.type = r.type;
       card.catalogue = r.catalogue;
       card.offer.catalogue = r.catalogue;
       return ticket_value(std::move(card));
     }},
    {"addon",
     [](const CartRow& r) {
       if (!r.addon) return Value();
       AddOnCard card;
       card.addon = r.addon;
       card.catalogue = r.catalogue;
       card.offer.catalogue = r.catalogue;
       return addon_value(std::move(card));
     }},
};

struct CartShown {
  const CartPage* page;
  const Catalogue* catalogue;
};
constexpr Field<CartShown> cart_fields[] = {
    {"id", [](const CartShown& c) { return Value(c.page->view.cart->id); }},
    {"status",
     [](const CartShown& c) {
       return Value::borrowed(c.page->view.lapsed ? "expired"
                                                  : registration::to_text(c.page->view.cart->status));
     }},
    {"is_lapsed", [](const CartShown& c) { return Value(c.page->view.lapsed); }},
    {"expires_at", [](const CartShown& c) { return Value(c.page->view.cart->expires_at); }},
    {"can_be_renewed",
     [](const CartShown& c) {
       return Value(c.page->view.cart->expires_at < c.page->view.cart->hold_cap_at);
     }},
    {"voucher", [](const CartShown& c) { return voucher_value(c.page->view); }},
};

// A problem is told beside the line whose product it names.
bool is_about(const Refused& problem, const std::string& product) {
  return std::any_of(problem.arguments().begin(), problem.arguments().end(), [&](const auto& argument) {
    return argument.first == "name" && argument.second == product;
  });
}

// Amounts by whose doing they are, in the order of the lines.
class DiscountRows {
 public:
  void add(std::string label, std::int64_t amount) {
    if (amount == 0) return;
    for (auto& [known, sum] : rows_) {
      if (known != label) continue;
      sum += amount;
      return;
    }
    rows_.emplace_back(std::move(label), amount);
  }
  Value value(Currency currency) const {
    std::vector<Value> rows;
    for (const auto& [label, amount] : rows_) {
      if (amount != 0)
        rows.push_back(Value::dict({{"label", Value(label)}, {"amount", amount_value(-amount, currency)}}));
    }
    return Value::list(std::move(rows));
  }

 private:
  std::vector<std::pair<std::string, std::int64_t>> rows_;
};

template <class Line>
Value discount_rows(std::span<const Line> lines, std::string_view voucher_code, Currency currency,
                    std::string_view language) {
  DiscountRows rows;
  for (const Line& line : lines) {
    if (line.condition_discount != 0)
      rows.add(i18n::translated(language, message("Discount: {name}"), {{"name", line.condition_name}}),
               line.condition_discount);
  }
  for (const Line& line : lines) {
    if (line.voucher_discount != 0)
      rows.add(i18n::translated(language, message("Voucher {code}"), {{"code", std::string(voucher_code)}}),
               line.voucher_discount);
  }
  return rows.value(currency);
}

}  // namespace

Value cart_value(const CartPage& page, const Catalogue& catalogue) {
  if (!page.view.cart) return Value();
  return owned(CartShown{&page, &catalogue}, cart_fields);
}

Value cart_items_value(const CartPage& page, const Catalogue& catalogue, std::string_view language,
                       std::span<const Refused> problems) {
  std::vector<Value> rows;
  rows.reserve(page.view.quote.lines.size());
  for (const QuoteLine& line : page.view.quote.lines) {
    CartRow row{.line = &line,
                .page = &page,
                .catalogue = &catalogue,
                .type = nullptr,
                .addon = nullptr,
                .language = language,
                .problems = {}};
    if (line.kind == registration::ProductKind::ticket_type)
      row.type = catalogue.ticket_type(line.product_id);
    if (line.kind == registration::ProductKind::addon) row.addon = catalogue.addon(line.product_id);
    const std::string product = row.type ? row.type->name : row.addon ? row.addon->name : line.description;
    if (line.needs_voucher)
      row.problems.push_back(i18n::translated(
          language,
          message("This ticket needs a voucher that unlocks it. Enter one, or remove the ticket.")));
    for (const Refused& problem : problems) {
      if (is_about(problem, product)) row.problems.push_back(i18n::translated(language, problem));
    }
    rows.push_back(owned(std::move(row), cart_row_fields));
  }
  return Value::list(std::move(rows));
}

Value voucher_value(const registration::CartView& view) {
  if (!view.voucher) return Value();
  const bool is_valid = view.quote.voucher_is_valid;
  return Value::dict({{"code", Value(view.voucher->voucher.code)},
                      {"is_valid", is_valid},
                      {"covers_nothing", is_valid && !view.quote.voucher_covers_some},
                      {"unlocks_hidden_tickets", view.voucher->voucher.unlocks_hidden_tickets}});
}

Value line_discounts_value(const std::string& condition_name, std::int64_t condition_discount,
                           std::string_view voucher_code, std::int64_t voucher_discount, Currency currency) {
  std::vector<Value> discounts;
  if (condition_discount != 0)
    discounts.push_back(Value::dict({{"name", Value(condition_name)},
                                     {"amount", amount_value(-condition_discount, currency)},
                                     {"is_voucher", false}}));
  if (voucher_discount != 0)
    discounts.push_back(Value::dict({{"name", Value(std::string(voucher_code))},
                                     {"amount", amount_value(-voucher_discount, currency)},
                                     {"is_voucher", true}}));
  return Value::list(std::move(discounts));
}

Value taxes_value(std::span<const registration::TaxWords> taxes, Currency currency,
                  std::string_view language) {
  std::vector<Value> rows;
  for (const registration::TaxWords& tax : taxes) {
    rows.push_back(Value::dict(
        {{"label", Value(i18n::translated(language, tax.text, {{"rate", i18n::number(language, tax.rate)}}))},
         {"legal_text", Value(tax.legal_text)},
         {"amount", tax.amount ? amount_value(*tax.amount, currency) : Value()},
         {"counts", tax.counts}}));
  }
  return Value::list(std::move(rows));
}

Value discount_rows_value(const registration::Quote& quote, std::string_view voucher_code, Currency currency,
                          std::string_view language) {
  return discount_rows(std::span<const QuoteLine>(quote.lines), voucher_code, currency, language);
}

Value discount_rows_value(std::span<const registration::OrderLine> lines, std::string_view voucher_code,
                          Currency currency, std::string_view language) {
  return discount_rows(lines, voucher_code, currency, language);
}

const CartPage* cart_page(const Value& value) {
  if (value.kind() != Value::Kind::object) return nullptr;
  const auto* view = dynamic_cast<const templating::OwnedView<CartShown>*>(&value.object());
  return view ? view->item().page : nullptr;
}

}  // namespace plenary::site
