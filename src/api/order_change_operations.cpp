// What an order consists of, changed by programs of the staff: products added, units taken back, another
// variation, another price, each after a preview; and its mail sent once more. source: registration 20, 11,
// D17, D18 and D33; docs/orders.md.
#include <algorithm>

#include <fmt/format.h>

#include "api/order_values.hpp"
#include "api/quote_values.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "domain/registration/seats.hpp"
#include "domain/registration/staff_changes.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

constexpr std::size_t most_parts = 100, most_positions = 1'000;

// What is wanted, and where the body says each part of it.
struct Wanted {
  reg::WantedChange change;
  std::vector<std::string> taken_back, swapped, repriced, added;
};

const std::vector<Json>& parts_of(const Json& body, const char* name) {
  static const std::vector<Json> none;
  const Json* list = body.find(name);
  return list ? list->items() : none;
}

Fault no_line(const std::string& pointer) {
  return {pointer_to(pointer, "line"), "no_line", "The order has no such line."};
}

// The variation of the product of a line that a slug names.
std::optional<reg::Id> variation_of(const Call& call, const reg::OrderLine& line, const std::string& slug,
                                    const std::string& pointer, Faults& faults) {
  std::optional<reg::Product> product;
  if (line.ticket_type_id)
    product = call.catalogue->product(reg::ProductKind::ticket_type, *line.ticket_type_id);
  if (line.addon_id) product = call.catalogue->product(reg::ProductKind::addon, *line.addon_id);
  if (!product) {
    faults.push_back(
        {pointer_to(pointer, "line"), "unavailable", "This line is of no product that is sold."});
    return std::nullopt;
  }
  try {
    if (const reg::Variation* one = reg::chosen_variation(*call.catalogue, *product, slug)) return one->id;
    faults.push_back(
        {pointer_to(pointer, "variation"), "variation", "This product does not come in several kinds."});
  } catch (const Refused& refused) {
    faults.push_back(choice_fault(*call.catalogue, *product, refused, pointer));
  }
  return std::nullopt;
}

std::optional<reg::AddedItem> added_item(const Call& call, const Json& asked, Currency currency,
                                         const std::string& pointer, Faults& faults) {
  const NamedItem named = named_item(asked, currency, pointer, faults);
  const auto product = call.catalogue->product(named.kind, named.slug);
  if (!product) {
    faults.push_back({pointer_to(pointer, "slug"), "unknown_product", "There is no product of this name."});
    return std::nullopt;
  }
  reg::AddedItem item{named.kind, product->id, {}, named.quantity, {}};
  try {
    if (const reg::Variation* one = reg::chosen_variation(*call.catalogue, *product, named.variation))
      item.variation_id = one->id;
    item.chosen_price = reg::chosen_price(*call.catalogue, *product, named.price);
  } catch (const Refused& refused) {
    faults.push_back(choice_fault(*call.catalogue, *product, refused, pointer));
    return std::nullopt;
  }
  return item;
}

// All that can be wrong with it before the order's own rules are asked, together.
Wanted wanted_of(const Call& call, const reg::Order& order, Currency currency) {
  Wanted wanted;
  Faults faults;
  const auto line_of = [&](const Json& part, const std::string& pointer) {
    const reg::OrderLine* line = reg::find_line(order.lines, part.find("line")->integer());
    if (!line) faults.push_back(no_line(pointer));
    return line;
  };
  const auto each = [&](const char* name, std::vector<std::string>& places, auto&& take) {
    const std::vector<Json>& parts = parts_of(call.body, name);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      places.push_back(pointer_to(pointer_to("", name), i));
      take(parts[i], places.back());
    }
  };
  each("taken_back", wanted.taken_back, [&](const Json& part, const std::string& pointer) {
    if (!line_of(part, pointer)) return;
    reg::TakenBack taken{part.find("line")->integer(), part.find("quantity")->integer(), {}};
    for (const Json& position : parts_of(part, "positions")) taken.positions.push_back(position.integer());
    wanted.change.taken_back.push_back(std::move(taken));
  });
  each("swapped", wanted.swapped, [&](const Json& part, const std::string& pointer) {
    const reg::OrderLine* line = line_of(part, pointer);
    if (!line) return;
    if (const auto variation = variation_of(call, *line, part.find("variation")->text(), pointer, faults))
      wanted.change.swapped.push_back({line->id, part.find("quantity")->integer(), *variation});
  });
  each("repriced", wanted.repriced, [&](const Json& part, const std::string& pointer) {
    const auto price =
        money_of(*part.find("unit_price"), currency, pointer_to(pointer, "unit_price"), faults);
    if (line_of(part, pointer) && price)
      wanted.change.repriced.push_back({part.find("line")->integer(), *price});
  });
  each("added", wanted.added, [&](const Json& part, const std::string& pointer) {
    if (auto item = added_item(call, part, currency, pointer, faults))
      wanted.change.added.push_back(std::move(*item));
  });
  throw_if_any(std::move(faults));
  return wanted;
}

// Planned part by part, so that a refusal says which of them is to blame: the first with which it fails.
std::string place_of(const reg::ChangeBasis& basis, const reg::Order& order, const Wanted& wanted,
                     const Refused& refused, Instant now) {
  reg::WantedChange some;
  const auto fails = [&] {
    try {
      reg::plan_change(basis, order, some, now);
    } catch (const Refused&) {
      return true;
    }
    return false;
  };
  const auto field = [&](const std::string& place, const char* of_price) {
    if (refused.field() == "price") return pointer_to(place, of_price);
    return refused.field().empty() ? place : pointer_to(place, refused.field());
  };
  const reg::WantedChange& all = wanted.change;
  for (std::size_t i = 0; i < all.taken_back.size(); ++i) {
    some.taken_back.push_back(all.taken_back[i]);
    if (fails()) return field(wanted.taken_back[i], "line");
  }
  for (std::size_t i = 0; i < all.swapped.size(); ++i) {
    some.swapped.push_back(all.swapped[i]);
    if (fails()) return field(wanted.swapped[i], "variation");
  }
  for (std::size_t i = 0; i < all.repriced.size(); ++i) {
    some.repriced.push_back(all.repriced[i]);
    if (fails()) return field(wanted.repriced[i], "unit_price");
  }
  for (std::size_t i = 0; i < all.added.size(); ++i) {
    some.added.push_back(all.added[i]);
    if (fails()) return field(wanted.added[i], "price");
  }
  return {};
}

reg::ChangePlan plan_of(const Call& call, db::Tx& tx, const reg::Order& order, const Wanted& wanted) {
  const reg::ChangeBasis basis = reg::load_change_basis(tx, call.parts.shop, order);
  try {
    return reg::plan_change(basis, order, wanted.change, tx.now());
  } catch (const Refused& refused) {
    const std::string place = place_of(basis, order, wanted, refused, tx.now());
    throw Problem(of(refused).status(), refused.code(), refused.message(),
                  {{place, refused.code(), refused.message()}});
  }
}

Currency currency_of_order(const Call& call, const reg::Order& order) {
  return Currency::find(order.currency).value_or(call.currency());
}

Shape plan_shape(const char* name, std::vector<Field> more) {
  Shape reverses = Shape::integer(0, INT64_MAX);
  const Shape line = Shape::object(
      "PlannedLine", {required("description", Shape::text(10'000)),
                      required("quantity", Shape::integer(INT64_MIN, INT64_MAX), "Below zero: taken back."),
                      required("unit_price", Shape::money(true)), required("condition", Shape::text(200)),
                      required("condition_discount", Shape::money(true)),
                      required("voucher_discount", Shape::money(true)), required("gross", Shape::money(true)),
                      required("tax", Shape::money(true)), required("reverses_line", reverses.nullable())});
  std::vector<Field> fields{
      required("difference", Shape::money(true), "What the order costs more; below zero: less."),
      required("total_before", Shape::money()), required("total_after", Shape::money(true)),
      required("planned", Shape::list(line, 1'000), "The lines that it adds.")};
  for (Field& field : more) fields.push_back(std::move(field));
  return Shape::object(name, std::move(fields));
}

Json plan_value(const reg::ChangePlan& plan, Currency currency) {
  Json lines = Json::list();
  const auto add = [&](const reg::OrderLine& line) {
    lines.push(
        Json::object({{"description", line.description},
                      {"quantity", line.quantity},
                      {"unit_price", money_text(line.unit_price, currency)},
                      {"condition", line.condition_name},
                      {"condition_discount", money_text(line.condition_discount, currency)},
                      {"voucher_discount", money_text(line.voucher_discount, currency)},
                      {"gross", money_text(line.gross, currency)},
                      {"tax", money_text(line.tax, currency)},
                      {"reverses_line", line.reverses_line_id ? Json(*line.reverses_line_id) : Json()}}));
  };
  for (const reg::OrderLine& line : plan.reversals) add(line);
  for (const reg::PlannedLine& planned : plan.additions) add(planned.line);
  return Json::object({{"difference", money_text(plan.difference(), currency)},
                       {"total_before", money_text(plan.before.total, currency)},
                       {"total_after", money_text(plan.after.total, currency)},
                       {"planned", std::move(lines)}});
}

Answer preview_change(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  const reg::Order order = found_whole_order(call, tx);
  const Currency currency = currency_of_order(call, order);
  const Wanted wanted = wanted_of(call, order, currency);
  Answer answer;
  answer.body = plan_value(plan_of(call, tx, order, wanted), currency);
  answer.body.set("version", order.version);
  return answer;
}

// What the caller saw in the preview is what is done.
void require_difference(const Call& call, const reg::ChangePlan& plan, Currency currency) {
  const Json* seen = call.body.find("difference");
  if (!seen) return;
  Faults faults;
  const auto amount = money_of(*seen, currency, "/difference", faults);
  throw_if_any(std::move(faults));
  if (*amount != plan.difference()) {
    const std::string text =
        fmt::format("The change now makes a difference of {}. Look at the preview again.",
                    money_text(plan.difference(), currency));
    throw Problem(409, "price_changed", text, {{"/difference", "price_changed", text}});
  }
}

Answer carry_out(Call& call, db::Tx& tx, const Wanted& wanted, reg::Order order, const char* reason) {
  const reg::OrderRow before = found_order(call, tx);
  const Currency currency = currency_of_order(call, order);
  const reg::ChangePlan seen = plan_of(call, tx, order, wanted);
  require_difference(call, seen, currency);
  const Json* why = call.body.find("reason");
  const reg::ChangePlan plan = reg::change_by_staff(tx, call.parts.shop, order, wanted.change, order.version,
                                                    {"api", call.actor().name, why ? why->text() : reason});
  if (const Json* tells = call.body.find("tell_buyer"); tells && tells->flag())
    reg::mail_order_changed(tx, order);
  const reg::OrderRow after = found_order(call, tx);
  std::string lines;
  const auto note = [&](const reg::OrderLine& line) {
    lines += fmt::format("{}{} × {}", lines.empty() ? "" : ", ", line.quantity, line.description);
  };
  for (const reg::OrderLine& line : plan.reversals) note(line);
  for (const reg::PlannedLine& planned : plan.additions) note(planned.line);
  std::vector<conference::AuditChange> more;
  more.push_back({"lines", message("Lines"), "", lines});
  record_order(call, tx, before, after, more);
  Answer answer;
  answer.body = plan_value(plan, currency);
  answer.body.set("money", order_money_value(call, tx, order)).set("order", order_value(call, tx, after));
  return answer;
}

Answer change_order(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  reg::Order order = found_whole_order(call, tx);
  require_version(call, order.version);
  const Wanted wanted = wanted_of(call, order, currency_of_order(call, order));
  return carry_out(call, tx, wanted, std::move(order), "changed by a program");
}

Answer cancel_line(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  reg::Order order = found_whole_order(call, tx);
  const reg::Id id = call.id("line");
  const bool is_there = reg::find_line(order.lines, id) != nullptr;
  if (!is_there) throw NotFound("no such line");
  require_version(call, order.version);
  const std::vector<reg::OrderLine> left = reg::lines_left(order.lines);
  const reg::OrderLine* line = reg::find_line(left, id);
  if (!line) throw Refused("already_done", "Nothing is left of this line.");
  const Json* quantity = call.body.find("quantity");
  reg::TakenBack taken{id, quantity ? quantity->integer() : line->quantity, {}};
  for (const Json& position : parts_of(call.body, "positions")) taken.positions.push_back(position.integer());
  Wanted wanted;
  wanted.change.taken_back.push_back(std::move(taken));
  wanted.taken_back.emplace_back();
  return carry_out(call, tx, wanted, std::move(order), "line cancelled by a program");
}

Answer resend_order(Call& call, db::Tx& tx) {
  const reg::OrderRow row = found_order(call, tx);
  const std::string& what = call.body.find("mail")->text();
  const reg::Order order = found_whole_order(call, tx);
  reg::mail_again(tx, order, what == "link" ? reg::AskedMail::link : reg::AskedMail::confirmation);
  std::vector<conference::AuditChange> more;
  more.push_back({"mail", message("Mail"), "", what});
  record_order(call, tx, row, row, more);
  Answer answer;
  answer.status = 202;
  answer.body = Json::object({{"email", order.billing.email}});
  return answer;
}

Answer resend_seat(Call& call, db::Tx& tx) {
  const reg::OrderRow row = found_order(call, tx);
  const reg::Order order = found_whole_order(call, tx);
  auto seat = reg::find_seat_of_order(tx, order, call.id("seat"));
  if (!seat) throw NotFound("no such ticket in this order");
  reg::Holder holder{seat->seat.name, seat->seat.email};
  if (const Json* name = call.body.find("name")) holder.name = name->text();
  if (const Json* email = call.body.find("email")) holder.email = email->text();
  const reg::SeatChange change{call.parts.shop, *call.catalogue, reg::SeatActor::staff, 0, {}};
  reg::send_seat_link(tx, change, *seat, holder);
  std::vector<conference::AuditChange> more;
  more.push_back({"mail", message("Mail"), "", fmt::format("ticket {}", seat->seat.position)});
  record_order(call, tx, row, row, more);
  Answer answer;
  answer.status = 202;
  answer.body = Json::object({{"email", holder.email}});
  return answer;
}

// ---- the table

Shape needed_slug() {
  Shape slug = Shape::text();
  return slug.at_least(1);
}

Field positions_field() {
  return optional("positions", Shape::list(Shape::integer(1, INT64_MAX), most_positions),
                  "Which tickets go; else those without a name, the last ones first.");
}

std::vector<Field> wanted_fields() {
  const auto line = required("line", Shape::integer(1, INT64_MAX), "Its id.");
  const auto quantity = required("quantity", Shape::integer(1, 10'000));
  return {optional("taken_back",
                   Shape::list(Shape::object("TakenBack", {line, quantity, positions_field()}), most_parts)),
          optional("swapped",
                   Shape::list(Shape::object("SwappedUnits", {line, quantity,
                                                              required("variation", needed_slug(),
                                                                       "The slug of the other.")}),
                               most_parts),
                   "Units that become another variation, for the difference."),
          optional("repriced",
                   Shape::list(Shape::object("RepricedLine", {line, required("unit_price", Shape::money())}),
                               most_parts),
                   "All that is left of a line costs this much each, without discounts."),
          optional("added", Shape::list(Shape::object("AddedItem", item_fields()), most_parts),
                   "For today's price, with the order's voucher.")};
}

Field needed_version() {
  Field field = version_field();
  field.required = true;
  return field;
}

std::vector<Field> deed_fields() {
  return {needed_version(),
          optional("difference", Shape::money(true), "As the preview said it; another one refuses."),
          optional("reason", Shape::text(200), "For the order's history."),
          optional("tell_buyer", Shape::flag(), "By mail; no, if nothing is said.")};
}

}  // namespace

std::vector<Operation> order_change_operations() {
  std::vector<Operation> list;
  Operation change;
  change.method = web::Method::post;
  change.scope = "order_lines:write";
  change.permissions = {"change_registration"};
  change.writes = true;

  Operation preview = change;
  preview.id = "orders.changes.preview";
  preview.path = "/conferences/{slug}/orders/{reference}/change-preview";
  preview.summary = "What a change of an order would cost; nothing is written";
  preview.body = Shape::object("WantedChange", wanted_fields());
  preview.answer =
      plan_shape("ChangePreview", {required("version", Shape::integer(1, INT64_MAX), "Of the order.")});
  preview.run = preview_change;
  list.push_back(std::move(preview));

  const Shape changed =
      plan_shape("ChangedOrder", {required("money", order_money_shape()), required("order", order_shape())});
  Operation whole = change;
  whole.id = "orders.changes.create";
  whole.path = "/conferences/{slug}/orders/{reference}/changes";
  whole.summary = "Takes units back, adds products, changes variations and prices, all in one";
  whole.description =
      "Ordered lines stay: a change adds lines. A difference is due or can go back afterwards: see `money`.";
  std::vector<Field> fields = wanted_fields();
  for (Field& field : deed_fields()) fields.push_back(std::move(field));
  whole.body = Shape::object("OrderChange", std::move(fields));
  whole.answer = changed;
  whole.run = change_order;
  list.push_back(std::move(whole));

  Operation line = change;
  line.id = "orders.lines.cancel";
  line.path = "/conferences/{slug}/orders/{reference}/lines/{line:int}/cancel";
  line.summary = "Takes a line of an order back, whole or in part";
  line.description = "Its money stays until it is refunded.";
  std::vector<Field> of_line{
      optional("quantity", Shape::integer(1, 10'000), "All that is left, if nothing is said."),
      positions_field()};
  for (Field& field : deed_fields()) of_line.push_back(std::move(field));
  line.body = Shape::object("LineCancellation", std::move(of_line));
  line.answer = changed;
  line.run = cancel_line;
  list.push_back(std::move(line));

  Operation mail = change;
  mail.scope = "order_mail:write";
  mail.status = 202;
  mail.answer = Shape::object("MailSent", {required("email", Shape::text(254), "Where it goes.")});

  Operation again = mail;
  again.id = "orders.mail.create";
  again.path = "/conferences/{slug}/orders/{reference}/mail";
  again.summary = "Sends the buyer the order's link or its confirmation again";
  again.body = Shape::object("AskedMail", {required("mail", Shape::text().one_of({"link", "confirmation"}),
                                                    "A confirmation is of paid orders.")});
  again.run = resend_order;
  list.push_back(std::move(again));

  Operation seat = mail;
  seat.id = "orders.seats.mail";
  seat.path = "/conferences/{slug}/orders/{reference}/seats/{seat:int}/mail";
  seat.summary = "Sends a ticket's link to its holder again, or for the first time";
  seat.body = Shape::object(
      "AskedSeatMail", {optional("name", Shape::text(200), "Of the holder; as it is, if left out."),
                        optional("email", Shape::text(254), "Another address than its own is refused.")});
  seat.run = resend_seat;
  list.push_back(std::move(seat));
  return list;
}

}  // namespace plenary::api
