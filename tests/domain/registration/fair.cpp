#include "domain/registration/fair.hpp"

#include "domain/conference/conferences.hpp"
#include "domain/registration/ledger.hpp"

namespace plenary::registration::testing {

const SigningKey& test_link_key() {
  static const SigningKey key(Secret("a key of the tests, long enough to sign"), "links");
  return key;
}

TicketType ticket(std::string slug, std::int64_t price, std::int64_t quantity, std::int64_t per_user) {
  TicketType type;
  type.name = "Ticket " + slug;
  type.slug = std::move(slug);
  type.price = price;
  type.total_quantity = quantity;
  type.limit_per_user = per_user;
  return type;
}

AddOn addon(std::string slug, std::int64_t price, std::int64_t quantity, std::vector<Id> requires_indexes) {
  AddOn extra;
  extra.name = "Extra " + slug;
  extra.slug = std::move(slug);
  extra.price = price;
  extra.total_quantity = quantity;
  extra.requires_ticket_types = std::move(requires_indexes);
  return extra;
}

Id make_fair(db::Database& database, const FairPlan& plan) {
  return database.write_now(db::global_lane, "make fair", [&](db::Tx& tx) {
    conference::Conference conference;
    conference.name = "Fair";
    conference.slug = plan.slug;
    conference.start_date = *Date::parse("2027-05-14");
    conference.end_date = *Date::parse("2027-05-16");
    conference.timezone = "Europe/Berlin";
    conference.total_capacity = plan.capacity;
    conference.max_tickets_per_cart = plan.max_tickets_per_cart;
    const Id id = conference::create(tx, conference).value();
    set_conference_capacity(tx, id, plan.capacity);
    std::vector<Id> ids;
    std::int64_t order = 0;
    for (TicketType type : plan.ticket_types) {
      type.conference_id = id;
      type.order = order++;
      ids.push_back(save(tx, type));
    }
    order = 0;
    for (AddOn extra : plan.addons) {
      extra.conference_id = id;
      extra.order = order++;
      for (Id& required : extra.requires_ticket_types) required = ids.at(static_cast<std::size_t>(required));
      save(tx, extra);
    }
    return id;
  });
}

Fair::Fair(db::Database& db, ManualClock& c, const FairPlan& plan)
    : database(db),
      clock(c),
      catalogues(settings),
      shop{settings, catalogues, Random::system(), HoldLimits{}},
      conference_id(make_fair(db, plan)) {}

Visitor Fair::guest(const std::string& name) const {
  return {conference_id, {}, token_hash(name), "192.0.2.0/24"};
}
Visitor Fair::user(Id id, const std::string& name) const {
  return {conference_id, id, token_hash(name), "192.0.2.0/24"};
}

CartChange Fair::add(const Visitor& who, const std::string& slug, std::int64_t quantity) {
  return write([&](db::Tx& tx) { return add_ticket(tx, shop, who, slug, quantity); });
}

CartChange Fair::add_extra(const Visitor& who, const std::string& slug, std::int64_t quantity) {
  return write([&](db::Tx& tx) { return add_addon(tx, shop, who, slug, quantity); });
}

PlacedOrder Fair::order(const Visitor& who, const std::string& email) {
  const CartView view = cart(who);
  CheckoutForm form;
  form.billing = {"Ada Lovelace", email, ""};
  form.shown_total = view.quote.total;
  form.link_key = &test_link_key();
  return write([&](db::Tx& tx) { return place_order(tx, shop, who, form); });
}

PayResult Fair::pay(Id order_id, const std::string& card) {
  ChargeRequest request;
  request.card_number = card;
  return write([&](db::Tx& tx) {
    Order order = find_order(tx, order_id).value();
    return registration::pay(tx, shop, gateway, order, request);
  });
}

Order Fair::get(Id order_id) {
  return read([&](db::Tx& tx) { return find_order(tx, order_id).value(); });
}

CartView Fair::cart(const Visitor& who) {
  return read([&](db::Tx& tx) {
    const auto catalogue = load_catalogue(tx, conference_id, settings);
    return view_cart(tx, *catalogue, who);
  });
}

std::int64_t Fair::remaining(const std::string& slug) {
  return read([&](db::Tx& tx) {
    const auto catalogue = load_catalogue(tx, conference_id, settings);
    const auto levels = stock_levels(tx, conference_id);
    const TicketType* type = catalogue->ticket_type(slug);
    return (type ? levels.of(ProductKind::ticket_type, type->id)
                 : levels.of(ProductKind::addon, catalogue->addon(slug)->id))
        .remaining()
        .value_or(-1);
  });
}

std::int64_t Fair::places() {
  return read(
      [&](db::Tx& tx) { return stock_levels(tx, conference_id).conference().remaining().value_or(-1); });
}

std::int64_t Fair::sweep() {
  return write([&](db::Tx& tx) { return sweep_expired(tx, shop, conference_id); });
}

std::string Fair::stock_faults() {
  std::string text;
  for (const auto& fault : read([&](db::Tx& tx) { return verify_stock(tx, conference_id); }))
    text += fault.what + "\n";
  for (const std::string& fault : read([&](db::Tx& tx) { return verify_ledger(tx, conference_id); }))
    text += fault + "\n";
  return text;
}

}  // namespace plenary::registration::testing
