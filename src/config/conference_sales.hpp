// The keys of a conference file about selling: who sells, taxes, what buyers may do with a paid order, and
// the limits and kinds of a product. Each reader reports what is wrong and answers nothing then. Private to
// config/. source: taxes 25, 1 to 4; registration 20, D20, D27, D37.
#pragma once

#include <initializer_list>

#include "config/conference_file.hpp"
#include "config/table_reader.hpp"

namespace plenary::config {

// The conference's own keys and [conference.seller]. Amounts are in the currency in force.
void read_sales(TableReader& conference, ConferenceFile& file, Currency currency);
// [conference.payment], its places left out.
PaymentEntry read_payment(TableReader& table, Currency currency);
// One of [[conference.taxes]], without its slug.
TaxEntry read_tax(TableReader& item);
// What tickets and add-ons have in common, their variations left out.
SellingEntry read_selling(TableReader& item, Currency currency);
// One of [[conference.tickets.variations]], without its slug.
VariationEntry read_variation(TableReader& item, Currency currency);
// An amount from 0 to `max_minor`.
std::optional<Money> read_amount(TableReader& table, std::string_view key, std::int64_t max_minor,
                                 Currency currency);

// One of some words.
std::optional<std::string> read_word(TableReader& table, std::string_view key,
                                     std::initializer_list<std::string_view> words);
// 0 to 100 percent.
std::optional<Decimal> read_percent(TableReader& table, std::string_view key, int decimals);

inline constexpr std::int64_t max_price_minor = 9'999'999'999;

}  // namespace plenary::config
