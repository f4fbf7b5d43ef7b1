// The keys of a conference file that are rules of the shop: quotas that products share, automatic discounts,
// questions to buyers. Each reader reports what is wrong and answers nothing then; what only the stored rows
// can show is found when the file is applied. Private to config/. source: registration 20, 3.7, 4, 6 and D37.
#pragma once

#include "config/conference_file.hpp"
#include "config/table_reader.hpp"

namespace plenary::config {

// One of [[conference.quotas]].
QuotaEntry read_quota(TableReader& item);
// One of [[conference.discounts]].
DiscountEntry read_discount(TableReader& item, Currency currency, TimeZone zone);
// One of [[conference.questions]], without its slug and its choices.
QuestionEntry read_question(TableReader& item);
// One of [[conference.questions.choices]], without its slug.
ChoiceEntry read_choice(TableReader& item);

// A list of slugs; `what`: "ticket". A slug that comes twice counts once.
std::optional<std::vector<NamedSlug>> read_slugs(TableReader& item, std::string_view key, const char* what);

}  // namespace plenary::config
