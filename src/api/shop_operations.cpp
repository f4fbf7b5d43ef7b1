// What anybody may ask: the description of the API, what is sold, and what it would cost. source:
// registration 20, 8 and 12.1.
#include "api/openapi.hpp"
#include "api/quote_values.hpp"

#include "domain/accounts/rates.hpp"
#include "domain/registration/buyer.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "domain/registration/waiting_stock.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

constexpr std::size_t most_items = 100;

Answer show_description(Call&, db::Tx&) {
  Answer answer;
  answer.body = description();
  answer.cache = "public, max-age=300";
  return answer;
}

Shape consent_shape() {
  return Shape::object("Consent", {required("slug", Shape::text()), required("text", Shape::text(100'000)),
                                   required("version", Shape::integer(0, INT64_MAX)),
                                   required("is_required", Shape::flag(), "No order without it.")});
}

Shape catalogue_shape() {
  return Shape::object(
      "Catalogue",
      {required("conference", Shape::text()), required("name", Shape::text()),
       required("start_date", Shape::date()), required("end_date", Shape::date()),
       required("timezone", Shape::text()), required("currency", Shape::text(3)),
       required("sales_open", Shape::flag()),
       required("ticket_types", Shape::list(product_shape(false), 10'000)),
       required("addons", Shape::list(product_shape(true), 10'000)),
       required("discounts",
                Shape::list(Shape::object("OpenDiscount", {required("name", Shape::text()),
                                                           required("description", Shape::text(100'000)),
                                                           required("until", Shape::instant().nullable())}),
                            10'000),
                "Automatic discounts that anybody gets at this moment, whoever buys what they are for."),
       required("consents", Shape::list(consent_shape()), "What an order asks the buyer to agree to."),
       required("questions", Shape::list(question_shape()),
                "Which of them count depends on what is ordered.")});
}

Answer show_catalogue(Call& call, db::Tx& tx) {
  const reg::Catalogue& catalogue = *call.catalogue;
  const Json* all = call.asked("all");
  const bool hidden = all && all->flag();
  if (hidden) {
    const bool may = call.token && call.token->token.has_scope("catalogue:read") &&
                     (call.may("view_commerce") || call.may("change_commerce"));
    if (!may)
      throw Problem(403, "scope_needed",
                    "Everything is shown to a token with the scope catalogue:read alone.",
                    {{"?all", "scope_needed", "Leave it away, or send a token."}});
  }
  const reg::StockLevels levels = reg::stock_for_everybody(tx, catalogue);
  Json consents = Json::list();
  for (const reg::AskedConsent& one : catalogue.consents)
    consents.push(Json::object({{"slug", one.slug},
                                {"text", one.text},
                                {"version", one.version},
                                {"is_required", one.is_required}}));
  const Instant now = tx.now();
  reg::PricingInput anybody;
  anybody.levels = &levels;
  anybody.now = now;
  Json discounts = Json::list();
  for (const reg::DiscountRule* one : reg::discounts_for(catalogue, anybody)) {
    const reg::Condition& condition = one->condition;
    discounts.push(Json::object({{"name", condition.name},
                                 {"description", condition.description},
                                 {"until", instant_or_null(condition.end_time)}}));
  }
  Answer answer;
  answer.body = Json::object(
      {{"conference", call.conference->slug},
       {"name", catalogue.conference.name},
       {"start_date", catalogue.conference.start_date.to_string()},
       {"end_date", catalogue.conference.end_date.to_string()},
       {"timezone", catalogue.conference.timezone},
       {"currency", catalogue.currency.code()},
       {"sales_open", call.conference->sells()},
       {"ticket_types", products_value(catalogue, levels, reg::ProductKind::ticket_type, now, hidden)},
       {"addons", products_value(catalogue, levels, reg::ProductKind::addon, now, hidden)},
       {"discounts", std::move(discounts)},
       {"consents", std::move(consents)},
       {"questions", questions_value(catalogue)}});
  answer.cache = "no-cache";
  return answer;
}

Shape quote_shape() {
  std::vector<Field> fields = total_fields();
  static const Shape problem = Shape::object(
      "QuoteProblem", {required("code", Shape::text(100)), required("message", Shape::text(2'000))});
  fields.push_back(required("voucher", voucher_state_shape()));
  fields.push_back(required("lines", Shape::list(line_shape())));
  fields.push_back(
      required("problems", Shape::list(problem), "Why it could not be ordered like this; stock aside."));
  return Shape::object("Quote", std::move(fields));
}

// The items in the terms of the catalogue; each fault says which one is meant.
std::vector<reg::CartItem> items_of(const Call& call, Faults& faults) {
  const reg::Catalogue& catalogue = *call.catalogue;
  std::vector<reg::CartItem> items;
  const std::vector<Json>& asked = call.body.find("items")->items();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::string pointer = pointer_to("/items", i);
    const NamedItem named = named_item(asked[i], catalogue.currency, pointer, faults);
    const auto product = catalogue.product(named.kind, named.slug);
    if (!product || !product->is_active) {
      faults.push_back({pointer_to(pointer, "slug"), "unknown_product", "Nothing is sold by this name."});
      continue;
    }
    reg::CartItem item;
    item.id = static_cast<reg::Id>(i) + 1;
    item.kind = named.kind;
    item.product_id = product->id;
    item.quantity = named.quantity;
    try {
      if (const reg::Variation* one = reg::chosen_variation(catalogue, *product, named.variation))
        item.variation_id = one->id;
      item.chosen_price = reg::chosen_price(catalogue, *product, named.price);
    } catch (const Refused& refused) {
      faults.push_back(choice_fault(catalogue, *product, refused, pointer));
      continue;
    }
    items.push_back(item);
  }
  return items;
}

void examine_quote(Call& call, db::Tx& tx, Faults& faults) {
  examine_items(call, faults);
  Faults of_buyer;
  named_buyer(call.body.find("buyer"), tx, call.conference_id(), "/buyer", of_buyer);
  add_elsewhere(faults, std::move(of_buyer));
}

// Only codes that are tried count: so that nobody guesses them.
bool quote_only_reads(const Call& call) {
  return !call.body.find("voucher") || reg::voucher_rates(call.parts.shop, call.visitor()).empty();
}

Answer quote(Call& call, db::Tx& tx) {
  const reg::Catalogue& catalogue = *call.catalogue;
  Faults faults;
  const std::vector<reg::CartItem> items = items_of(call, faults);
  const NamedBuyer buyer = named_buyer(call.body.find("buyer"), tx, call.conference_id(), "/buyer", faults);
  throw_if_any(std::move(faults));

  std::optional<reg::AppliedVoucher> voucher;
  const Json* code = call.body.find("voucher");
  if (code) {
    const auto rates = reg::voucher_rates(call.parts.shop, call.visitor());
    if (!rates.empty())
      if (const auto again = accounts::count_rate(tx, reg::voucher_rate, rates))
        throw reg::too_many("too_many_tries", tx.now(), *again);
    voucher = reg::find_applied_voucher(tx, call.conference_id(), code->text());
    // One that can no longer be used is like one that never was. source: 20, D13.
    if (voucher && !voucher->valid_at(tx.now())) voucher.reset();
  }
  const reg::Person person = reg::load_person(tx, catalogue, std::nullopt);
  const reg::StockLevels levels = reg::stock_for_everybody(tx, catalogue);
  reg::PricingInput input;
  input.items = items;
  input.person = &person;
  input.voucher = voucher ? &*voucher : nullptr;
  input.levels = &levels;
  input.party = buyer.party();
  input.now = tx.now();
  input.explains = true;
  const reg::Quote priced = reg::quote(catalogue, input);

  Json problems = Json::list();
  if (!call.conference->sells())
    problems.push(Json::object(
        {{"code", "sales_closed"}, {"message", "Ticket sales for this conference are closed."}}));
  for (const Refused& one : reg::why_not_orderable(catalogue, items, input.voucher, {}, tx.now()))
    problems.push(Json::object({{"code", one.code()}, {"message", one.message()}}));
  Json state = voucher_state(priced, input.voucher);
  if (code && !voucher)
    state = Json::object(
        {{"code", reg::normal_code(code->text())}, {"is_valid", false}, {"covers_something", false}});
  Answer answer;
  add_totals(answer.body, priced, catalogue.currency);
  answer.body.set("voucher", std::move(state))
      .set("lines", lines_value(catalogue, priced, input.voucher, false))
      .set("problems", std::move(problems));
  return answer;
}

}  // namespace

std::vector<Operation> shop_operations() {
  std::vector<Operation> list;
  Operation features;
  features.id = "features.get";
  features.path = "/conferences/{slug}/features";
  features.summary = "What is switched on at a conference";
  features.access = Access::open;
  std::vector<Field> switches;
  for (const conference::Feature feature : conference::all_features())
    switches.push_back(required(std::string(conference::feature_key(feature)), Shape::flag()));
  features.answer = Shape::object("Features", {required("conference", Shape::text()),
                                               required("features", Shape::object("", std::move(switches)))});
  list.push_back(std::move(features));  // answered by features.hpp

  Operation description_of_all;
  description_of_all.id = "description.get";
  description_of_all.path = "/openapi.json";
  description_of_all.summary = "This description";
  description_of_all.access = Access::open;
  description_of_all.answer = Shape::any();
  description_of_all.run = show_description;
  list.push_back(std::move(description_of_all));

  Operation catalogue;
  catalogue.id = "catalogue.get";
  catalogue.path = "/conferences/{slug}/catalogue";
  catalogue.summary = "What is sold, and what is left of it";
  catalogue.access = Access::open;
  catalogue.scope = "catalogue:read";
  catalogue.query = {
      optional("all", Shape::flag(),
               "Also what is hidden or switched off; needs a token with the scope catalogue:read.")};
  catalogue.answer = catalogue_shape();
  catalogue.run = show_catalogue;
  list.push_back(std::move(catalogue));

  Operation price;
  price.id = "quotes.create";
  price.method = web::Method::post;
  price.path = "/conferences/{slug}/quote";
  price.summary = "What items would cost, with every reason; nothing is kept";
  price.access = Access::open;
  price.scope = "carts";
  Shape code = Shape::text(100);
  code.at_least(1);
  price.body = Shape::object(
      "QuoteRequest", {required("items", Shape::list(Shape::object("Item", item_fields()), most_items, 1)),
                       optional("voucher", code, "Its code; upper or lower case is the same."),
                       optional("buyer", buyer_shape())});
  price.answer = quote_shape();
  price.writes = true;
  price.only_reads = quote_only_reads;
  price.run = quote;
  price.examine = examine_quote;
  list.push_back(std::move(price));
  return list;
}

}  // namespace plenary::api
