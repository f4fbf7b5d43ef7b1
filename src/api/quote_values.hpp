// What is sold and what it costs, as JSON: products with what is left of them, priced lines with the reasons
// for every price. Shapes and values side by side. Pure, any thread. source: registration 20, 3, 4 and 8;
// taxes 25, 1.
#pragma once

#include "api/operations.hpp"
#include "api/rows.hpp"
#include "domain/registration/pricing.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/stock.hpp"

namespace plenary::api {

Shape product_shape(bool is_addon);
// `hidden`: also what is switched off or needs a voucher.
Json products_value(const registration::Catalogue& catalogue, const registration::StockLevels& levels,
                    registration::ProductKind kind, Instant now, bool hidden);

Shape line_shape();
Json lines_value(const registration::Catalogue& catalogue, const registration::Quote& quote,
                 const registration::AppliedVoucher* voucher, bool with_items);
// Amounts of a quote: subtotal, discount, tax, total; the fields and the values.
std::vector<Field> total_fields();
void add_totals(Json& object, const registration::Quote& quote, Currency currency);
Shape voucher_state_shape();
Json voucher_state(const registration::Quote& quote, const registration::AppliedVoucher* voucher);

// What an order asks of its buyer, and what was answered.
Shape question_shape();
Json questions_value(const registration::Catalogue& catalogue);
Shape answer_shape();  // as checkout takes it
std::vector<registration::GivenAnswer> given_answers(const registration::Catalogue& catalogue,
                                                     const Json* answers, Faults& faults);
// Where the body has the answer that a rule names by its field; "/answers" when it is not there.
std::string pointer_of_answer(std::string_view field, const std::vector<registration::GivenAnswer>& given);

// A product as callers name it.
std::vector<Field> item_fields();
struct NamedItem {
  registration::ProductKind kind = registration::ProductKind::ticket_type;
  std::string slug, variation;
  std::int64_t quantity = 1;
  std::optional<std::int64_t> price;
};
NamedItem named_item(const Json& item, Currency currency, const std::string& pointer, Faults& faults);
// What the catalogue says against an item of `items`, however much of it is there; what is wrong already is
// not told again.
void examine_item(const registration::Catalogue& catalogue, const Json& item, const std::string& pointer,
                  Faults& faults);
void examine_items(const Call& call, Faults& faults);
// Of a variation or a price of the buyer's that was refused: where, and which variations there are.
Fault choice_fault(const registration::Catalogue& catalogue, const registration::Product& product,
                   const Refused& refused, const std::string& pointer);

// Who buys, as far as taxes ask; `vat_id` in normal form.
Shape buyer_shape();
struct NamedBuyer {
  bool is_business = false, vat_confirmed = false;
  std::string country, vat_id;
  std::optional<registration::Id> vat_check_id;
  registration::TaxParty party() const { return {is_business, country, vat_confirmed}; }
};
// The country must exist, a VAT number fit it; what a service said about the number earlier counts.
NamedBuyer named_buyer(const Json* buyer, db::Tx& tx, registration::Id conference_id,
                       const std::string& pointer, Faults& faults);

}  // namespace plenary::api
