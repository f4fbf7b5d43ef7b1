// Carts of buyers, by a secret that making the cart gives once: they hold what is in them like every cart,
// and become orders. source: registration 20, 7 and 10.
#include "api/quote_values.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "domain/accounts/rates.hpp"
#include "domain/registration/buyer.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/links.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

constexpr std::size_t most_items = 100;

void refuse_without_account(const Call& call) {
  if (call.catalogue->conference.require_account)
    throw Problem(403, "account_needed",
                  "This conference sells to people with an account alone: use its pages.");
}

Shape gone_shape() {
  return Shape::object("Gone",
                       {required("name", Shape::text()), required("wanted", Shape::integer(0, INT64_MAX)),
                        required("kept", Shape::integer(0, INT64_MAX))});
}

Shape cart_shape(const char* name, bool with_secret) {
  std::vector<Field> fields{required("id", Shape::integer(0, INT64_MAX))};
  if (with_secret)
    fields.push_back(required("secret", Shape::text(100), "Given this once: send it as Cart-Secret."));
  fields.push_back(
      required("lapsed", Shape::flag(), "Nothing is held any more; a change takes it up again."));
  fields.push_back(required("expires_at", Shape::instant(), "Until then everything in it is held."));
  for (Field& field : total_fields()) fields.push_back(std::move(field));
  fields.push_back(required("voucher", voucher_state_shape()));
  fields.push_back(required("lines", Shape::list(line_shape())));
  fields.push_back(
      required("gone", Shape::list(gone_shape()), "What could not be had again after it had lapsed."));
  fields.push_back(
      required("removed", Shape::list(Shape::text()), "What had to leave with what was removed."));
  return Shape::object(name, std::move(fields));
}

Json gone_value(const std::vector<reg::Gone>& gone) {
  Json list = Json::list();
  for (const reg::Gone& one : gone)
    list.push(Json::object({{"name", one.name}, {"wanted", one.wanted}, {"kept", one.kept}}));
  return list;
}

Json value_of(const Call& call, db::Tx& tx, const reg::CartView& view, const NamedBuyer& buyer,
              const reg::CartChange& change) {
  const reg::Catalogue& catalogue = *call.catalogue;
  const reg::AppliedVoucher* voucher = view.voucher ? &*view.voucher : nullptr;
  const reg::Quote quote = reg::quote_for(catalogue, view, buyer.party(), tx.now(), true);
  Json removed = Json::list();
  for (const std::string& name : change.also_removed) removed.push(name);
  Json value = Json::object(
      {{"id", view.cart->id}, {"lapsed", view.lapsed}, {"expires_at", view.cart->expires_at.to_string()}});
  add_totals(value, quote, catalogue.currency);
  value.set("voucher", voucher_state(quote, voucher))
      .set("lines", lines_value(catalogue, quote, voucher, true))
      .set("gone", gone_value(change.gone))
      .set("removed", std::move(removed));
  return value;
}

reg::CartView found_cart(const Call& call, db::Tx& tx) {
  reg::CartView view = reg::view_cart(tx, *call.catalogue, call.visitor());
  if (!view.cart || view.cart->id != call.id("cart")) throw NotFound("no such cart");
  return view;
}

// The cart after a change, from the rows as they are now.
Answer changed_cart(Call& call, db::Tx& tx, const reg::CartChange& change) {
  const reg::CartView view = reg::view_cart(tx, *call.catalogue, call.visitor());
  if (!view.cart) throw NotFound("no such cart");
  Answer answer;
  answer.body = value_of(call, tx, view, {}, change);
  return answer;
}

// Counts the try, which stays although the code is refused. Nothing: go on.
std::optional<Problem> refuse_code(const Call& call, db::Tx& tx, const std::string& code,
                                   const std::string& pointer) {
  const auto rates = reg::voucher_rates(call.parts.shop, call.visitor());
  if (const auto again = accounts::count_rate(tx, reg::voucher_rate, rates))
    throw reg::too_many("too_many_tries", tx.now(), *again);
  const auto voucher = reg::find_applied_voucher(tx, call.conference_id(), code);
  if (voucher && voucher->valid_at(tx.now())) return std::nullopt;
  return Problem(422, "unknown_code", "This code is unknown, or can no longer be used.",
                 {{pointer, "unknown_code", "This code is unknown, or can no longer be used."}});
}

void add(const Call& call, db::Tx& tx, const reg::Visitor& visitor, const NamedItem& named,
         reg::CartChange& change) {
  reg::AddItem item;
  item.slug = named.slug;
  item.quantity = named.quantity;
  item.variation = named.variation;
  item.chosen_price = named.price;
  reg::CartChange one = named.kind == reg::ProductKind::addon
                            ? reg::add_addon(tx, call.parts.shop, visitor, item)
                            : reg::add_ticket(tx, call.parts.shop, visitor, item);
  change.cart_id = one.cart_id;
  std::move(one.gone.begin(), one.gone.end(), std::back_inserter(change.gone));
  std::move(one.also_removed.begin(), one.also_removed.end(), std::back_inserter(change.also_removed));
}

Fault item_fault(const Call& call, const NamedItem& named, const Refused& refused,
                 const std::string& pointer) {
  if (refused.code() == "variation" || refused.code() == "price")
    if (const auto product = call.catalogue->product(named.kind, named.slug))
      return choice_fault(*call.catalogue, *product, refused, pointer);
  std::string place = pointer;
  if (refused.code() == "unknown_product") place = pointer_to(pointer, "slug");
  if (refused.field() == "quantity") place = pointer_to(pointer, "quantity");
  return {std::move(place), refused.code(), refused.message()};
}

void examine_new_cart(Call& call, db::Tx&, Faults& faults) {
  examine_items(call, faults);
}

void examine_new_item(Call& call, db::Tx&, Faults& faults) {
  examine_item(*call.catalogue, call.body, "", faults);
}

Answer create_cart(Call& call, db::Tx& tx) {
  refuse_without_account(call);
  call.cart_session = cart_session_of(call.fresh_secret);
  const reg::Visitor visitor = call.visitor();
  Faults faults;
  std::vector<NamedItem> named;
  const std::vector<Json>& asked = call.body.find("items")->items();
  for (std::size_t i = 0; i < asked.size(); ++i)
    named.push_back(named_item(asked[i], call.currency(), pointer_to("/items", i), faults));
  if (!faults.empty()) {
    examine_items(call, faults);
    throw invalid(std::move(faults));
  }
  Answer answer;
  reg::CartChange change;
  if (const Json* code = call.body.find("voucher")) {
    answer.refused = refuse_code(call, tx, code->text(), "/voucher");
    if (answer.refused) {
      faults = answer.refused->faults();
      examine_items(call, faults);
      answer.refused = Problem(answer.refused->status(), answer.refused->code(), answer.refused->detail(),
                               std::move(faults));
      return answer;
    }
    change = reg::apply_voucher(tx, call.parts.shop, visitor, code->text());
  }
  // Every item that cannot be had is told at once; then nothing is kept of the others.
  std::optional<Problem> first;
  for (std::size_t i = 0; i < named.size(); ++i) {
    try {
      add(call, tx, visitor, named[i], change);
    } catch (const Refused& refused) {
      if (!first) first = of(refused);
      faults.push_back(item_fault(call, named[i], refused, pointer_to("/items", i)));
    }
  }
  if (first) throw Problem(first->status(), first->code(), first->detail(), std::move(faults));
  reg::look_at_cart(tx, visitor);  // takes what was asked ahead when there was no cart yet
  answer = changed_cart(call, tx, change);
  answer.status = 201;
  answer.location = "/carts/" + std::to_string(change.cart_id);
  return answer;
}

void give_secret(const Call& call, Answer& answer) {
  Json body = Json::object({{"id", *answer.body.find("id")}, {"secret", call.fresh_secret}});
  for (const Json::Member& member : answer.body.members())
    if (member.first != "id") body.set(member.first, member.second);
  answer.body = std::move(body);
}

Answer show_cart(Call& call, db::Tx& tx) {
  Faults faults;
  const NamedBuyer buyer = named_buyer(&call.query, tx, call.conference_id(), "", faults);
  for (Fault& fault : faults) fault.pointer = "?" + fault.pointer.substr(1);
  throw_if_any(std::move(faults));
  const reg::CartView view = found_cart(call, tx);
  Answer answer;
  answer.body = value_of(call, tx, view, buyer, {});
  return answer;
}

Answer add_item(Call& call, db::Tx& tx) {
  found_cart(call, tx);
  Faults faults;
  const NamedItem named = named_item(call.body, call.currency(), "", faults);
  if (!faults.empty()) {
    examine_item(*call.catalogue, call.body, "", faults);
    throw invalid(std::move(faults));
  }
  reg::CartChange change;
  try {
    add(call, tx, call.visitor(), named, change);
  } catch (const Refused& refused) {
    const Problem problem = of(refused);
    throw Problem(problem.status(), problem.code(), problem.detail(), {item_fault(call, named, refused, "")});
  }
  return changed_cart(call, tx, change);
}

Answer change_item(Call& call, db::Tx& tx) {
  found_cart(call, tx);
  const reg::CartChange change = reg::set_quantity(tx, call.parts.shop, call.visitor(), call.id("item"),
                                                   call.body.find("quantity")->integer());
  return changed_cart(call, tx, change);
}

Answer remove_item(Call& call, db::Tx& tx) {
  found_cart(call, tx);
  return changed_cart(call, tx, reg::remove_item(tx, call.parts.shop, call.visitor(), call.id("item")));
}

Answer set_voucher(Call& call, db::Tx& tx) {
  found_cart(call, tx);
  const std::string& code = call.body.find("code")->text();
  Answer answer;
  answer.refused = refuse_code(call, tx, code, "/code");
  if (answer.refused) return answer;
  return changed_cart(call, tx, reg::apply_voucher(tx, call.parts.shop, call.visitor(), code));
}

Answer drop_voucher(Call& call, db::Tx& tx) {
  found_cart(call, tx);
  return changed_cart(call, tx, reg::remove_voucher(tx, call.parts.shop, call.visitor()));
}

Answer renew_cart(Call& call, db::Tx& tx) {
  found_cart(call, tx);
  return changed_cart(call, tx, reg::renew(tx, call.parts.shop, call.visitor()));
}

struct BillingField {
  const char* name;
  std::string reg::Billing::*member;
  std::size_t longest;
  bool is_needed;
};
constexpr BillingField billing_fields[] = {
    {"name", &reg::Billing::name, 200, true},         {"email", &reg::Billing::email, 254, true},
    {"company", &reg::Billing::company, 200, false},  {"street", &reg::Billing::street, 300, false},
    {"postcode", &reg::Billing::postcode, 20, false}, {"city", &reg::Billing::city, 200, false},
    {"region", &reg::Billing::region, 200, false},    {"country", &reg::Billing::country, 2, false},
    {"vat_id", &reg::Billing::vat_id, 50, false},     {"reference", &reg::Billing::reference, 200, false}};

Shape billing_shape() {
  std::vector<Field> fields;
  for (const BillingField& field : billing_fields) {
    Shape shape = Shape::text(field.longest);
    if (field.is_needed) shape.at_least(1);
    fields.push_back({field.name, shape, field.is_needed, ""});
  }
  fields.push_back(optional("is_business", Shape::flag()));
  return Shape::object("Billing", std::move(fields));
}

reg::Billing billing_of(const Json& body, Faults& faults) {
  reg::Billing billing;
  for (const BillingField& field : billing_fields)
    if (const Json* value = body.find(field.name)) billing.*field.member = value->text();
  if (const Json* value = body.find("is_business")) billing.is_business = value->flag();
  for (const reg::FieldFault& fault : reg::check_billing(billing))
    faults.push_back({"/billing/" + fault.field.substr(std::string_view("billing_").size()), "invalid",
                      fill(fault.text, fault.arguments)});
  return billing;
}

// "Position 2, question food (What do you eat?): ", as an answer that was not given has no place in the body.
std::string asked_where(std::span<const reg::QuestionPlace> asked, std::string_view field) {
  for (const reg::QuestionPlace& place : asked) {
    const reg::Question& question = place.question->question;
    if (reg::answer_field(place.position, question.id) == field)
      return fmt::format("Position {}, question {} ({}): ", place.position, question.slug, question.label);
  }
  return {};
}

// What is sent with an order, and everything that is wrong with it; of a body that was looked at already,
// what is left.
reg::CheckoutForm form_of(const Call& call, db::Tx& tx, const reg::CartView& view, Faults& faults) {
  const reg::Catalogue& catalogue = *call.catalogue;
  reg::CheckoutForm form;
  if (const Json* billing = call.body.find("billing")) {
    Faults found, of_buyer;
    form.billing = billing_of(*billing, found);
    add_elsewhere(faults, std::move(found));
    if (!has_fault(faults, "/billing/is_business") && !has_fault(faults, "/billing/country")) {
      const NamedBuyer buyer = named_buyer(billing, tx, call.conference_id(), "/billing", of_buyer);
      add_elsewhere(faults, std::move(of_buyer));
      form.billing.vat_id = buyer.vat_id;
      form.vat_check_id = buyer.vat_confirmed ? buyer.vat_check_id : std::nullopt;
    }
  }
  if (const Json* total = call.body.find("total"))
    if (const auto amount = money_of(*total, catalogue.currency, "/total", faults))
      form.shown_total = *amount;
  if (const Json* language = call.body.find("language")) form.language = language->text();
  if (const Json* consents = call.body.find("consents"))
    for (const Json& one : consents->items())
      if (one.has("slug") && one.has("version"))
        form.consents.push_back({one.find("slug")->text(), one.find("version")->integer()});
  if (const Json* campaign = call.body.find("campaign")) {
    if (const Json* value = campaign->find("source")) form.campaign.source = value->text();
    if (const Json* value = campaign->find("medium")) form.campaign.medium = value->text();
    if (const Json* value = campaign->find("campaign")) form.campaign.campaign = value->text();
  }
  if (!has_fault(faults, "/consents"))
    for (const Refused& refused : reg::check_consents(catalogue.consents, form.consents))
      faults.push_back({"/consents", refused.code(), refused.message()});
  if (has_fault(faults, "/answers")) return form;
  form.answers = given_answers(catalogue, call.body.find("answers"), faults);
  const auto asked = reg::asked_for(catalogue, reg::units_of(catalogue, view.items), true);
  for (const Refused& refused : reg::check_answers(asked, form.answers).faults)
    faults.push_back({pointer_of_answer(refused.field(), form.answers), refused.code(),
                      asked_where(asked, refused.field()) + refused.message()});
  return form;
}

void examine_checkout(Call& call, db::Tx& tx, Faults& faults) {
  const reg::CartView view = reg::view_cart(tx, *call.catalogue, call.visitor());
  if (view.cart && view.cart->id == call.id("cart")) form_of(call, tx, view, faults);
}

Answer check_out(Call& call, db::Tx& tx) {
  refuse_without_account(call);
  const reg::CartView view = found_cart(call, tx);
  const reg::Catalogue& catalogue = *call.catalogue;
  Faults faults;
  reg::CheckoutForm form = form_of(call, tx, view, faults);
  throw_if_any(std::move(faults));
  form.link_key = &call.parts.link_key;
  form.is_sandbox = !call.parts.makes_test_orders || call.parts.makes_test_orders(tx, catalogue);

  const reg::PlacedOrder placed = reg::place_order(tx, call.parts.shop, call.visitor(), form);
  Answer answer;
  if (placed.order_id == 0) {  // the rest is held again, which stays
    Faults lost;
    for (const reg::Gone& one : placed.gone)
      lost.push_back({"", "sold_out", one.name + " can no longer be had in that quantity."});
    answer.refused =
        Problem(409, "sold_out", "Something in the cart is gone meanwhile: look at the cart.", lost);
    return answer;
  }
  answer.status = 201;
  answer.body = Json::object({{"reference", placed.reference},
                              {"status", placed.is_paid ? "paid" : "pending"},
                              {"total", money_text(form.shown_total, catalogue.currency)},
                              {"currency", catalogue.currency.code()}});
  return answer;
}

void give_link(const Call& call, Answer& answer) {
  const std::string& reference = answer.body.find("reference")->text();
  const std::string token = reg::order_link_token(call.parts.link_key, reference, 1);
  const std::string path =
      call.parts.order_path ? call.parts.order_path(call.conference->slug, reference, token) : std::string();
  answer.body.set("url", call.parts.public_url + path);
}

Operation on_cart(const char* id, web::Method method, const char* below, const char* summary,
                  Answer (*run)(Call&, db::Tx&)) {
  Operation operation;
  operation.id = id;
  operation.method = method;
  operation.path = std::string("/conferences/{slug}/carts/{cart:int}") + below;
  operation.summary = summary;
  operation.access = Access::cart;
  operation.answer = cart_shape("Cart", false);
  operation.writes = !web::is_safe(method);
  operation.run = run;
  return operation;
}

}  // namespace

std::vector<Operation> cart_operations() {
  using web::Method;
  std::vector<Operation> list;
  Shape code = Shape::text(100);
  code.at_least(1);

  Operation create;
  create.id = "carts.create";
  create.method = Method::post;
  create.path = "/conferences/{slug}/carts";
  create.summary = "A cart that holds these items";
  create.access = Access::open;
  create.scope = "carts";
  create.body = Shape::object(
      "CartRequest", {required("items", Shape::list(Shape::object("Item", item_fields()), most_items, 1)),
                      optional("voucher", code)});
  create.answer = cart_shape("NewCart", true);
  create.status = 201;
  create.writes = true;
  create.run = create_cart;
  create.examine = examine_new_cart;
  create.finish = give_secret;
  list.push_back(std::move(create));

  Operation show = on_cart("carts.get", Method::get, "", "The cart, priced", show_cart);
  show.query = {optional("is_business", Shape::flag()),
                optional("country", Shape::text(2), "Of the buyer: taxes may depend on it."),
                optional("vat_id", Shape::text(50))};
  list.push_back(std::move(show));

  Operation put = on_cart("carts.items.create", Method::post, "/items", "Puts more into the cart", add_item);
  put.body = Shape::object("Item", item_fields());
  put.examine = examine_new_item;
  list.push_back(std::move(put));
  Operation change = on_cart("carts.items.update", Method::patch, "/items/{item:int}",
                             "Another quantity; 0 takes it out", change_item);
  change.body = Shape::object("ItemChange", {required("quantity", Shape::integer(0, 1'000))});
  list.push_back(std::move(change));
  list.push_back(on_cart("carts.items.delete", Method::delete_, "/items/{item:int}",
                         "Takes it out, with what cannot be had without it", remove_item));
  Operation voucher =
      on_cart("carts.voucher.put", Method::put, "/voucher", "A voucher, in place of any other", set_voucher);
  voucher.body = Shape::object("VoucherCode", {required("code", code)});
  list.push_back(std::move(voucher));
  list.push_back(
      on_cart("carts.voucher.delete", Method::delete_, "/voucher", "Takes the voucher off", drop_voucher));
  list.push_back(on_cart("carts.renew", Method::post, "/renewal", "Holds everything longer, up to the limit",
                         renew_cart));

  Operation checkout =
      on_cart("carts.checkout", Method::post, "/checkout", "The cart becomes an order", check_out);
  Shape language = Shape::text(35);
  language.at_least(1);
  checkout.body = Shape::object(
      "Checkout",
      {required("billing", billing_shape()),
       required("total", Shape::money(), "As the buyer saw it; another one refuses (price_changed)."),
       optional("language", language, "Of the buyer, for mail and documents."),
       optional("consents", Shape::list(Shape::object("GivenConsent",
                                                      {required("slug", Shape::text()),
                                                       required("version", Shape::integer(0, INT64_MAX))}),
                                        100)),
       optional("answers", Shape::list(answer_shape(), 10'000)),
       optional("campaign", Shape::object("Campaign", {optional("source", Shape::text()),
                                                       optional("medium", Shape::text()),
                                                       optional("campaign", Shape::text())}))});
  checkout.answer = Shape::object(
      "PlacedOrder",
      {required("reference", Shape::text()), required("status", Shape::text().one_of({"pending", "paid"})),
       required("total", Shape::money()), required("currency", Shape::text(3)),
       required("url", Shape::text(1'000), "The order's page, by its secret link: there it is paid.")});
  checkout.status = 201;
  checkout.finish = give_link;
  checkout.examine = examine_checkout;
  list.push_back(std::move(checkout));
  return list;
}

}  // namespace plenary::api
