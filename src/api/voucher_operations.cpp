// Vouchers for programs of the staff. source: registration 20, 3.3 and 5.4; D9, D10, D13.
#include <algorithm>

#include "api/staff_values.hpp"

#include "domain/registration/listing.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

const Columns settable{{"voucher_type"}, {"percent"},    {"amount"},      {"ticket_scope"},
                       {"addon_scope"},  {"max_uses"},   {"max_units"},   {"budget"},
                       {"reserves"},     {"valid_from"}, {"valid_until"}, {"unlocks_hidden_tickets"},
                       {"is_active"},    {"note"}};

Columns with(std::initializer_list<Shown> first, std::initializer_list<Shown> last = {}) {
  Columns columns(first);
  columns.insert(columns.end(), settable.begin(), settable.end());
  columns.insert(columns.end(), last);
  return columns;
}

const Columns shown = with({{"id"}, {"code"}}, {{"version"}, {"created_at"}, {"updated_at"}});
const Columns written = with({{"code"}});

Shape voucher_shape() {
  std::vector<Field> fields = answer_fields(reg::voucher_table(), shown);
  fields.push_back(required("times_used", Shape::integer(0, INT64_MAX), "Orders, unpaid ones too."));
  fields.push_back(required("ticket_types", Shape::list(Shape::text(), 10'000)));
  fields.push_back(required("addons", Shape::list(Shape::text(), 10'000)));
  return Shape::object("Voucher", std::move(fields));
}

Json value_of(const Call& call, const reg::Voucher& voucher, const reg::VoucherFacts& facts) {
  Json value = Json::object();
  add_row(value, reg::voucher_table(), &voucher, shown, call.currency());
  value.set("times_used", facts.times_used);
  add_scopes(value, *call.catalogue, facts.products);
  return value;
}

Json value_of(const Call& call, db::Tx& tx, const reg::Voucher& voucher) {
  return value_of(call, voucher, reg::facts_of(tx, call.conference_id(), {voucher}).at(voucher.id));
}

reg::Voucher found_voucher(const Call& call, db::Tx& tx) {
  auto voucher = reg::find_voucher_by_id(tx, call.conference_id(), call.id("voucher"));
  if (!voucher) throw NotFound("no such voucher");
  return std::move(*voucher);
}

Answer list_vouchers(Call& call, db::Tx& tx) {
  reg::VoucherFilter filter;
  if (const Json* one = call.asked("code")) filter.code = one->text();
  if (const Json* one = call.asked("is_active")) filter.is_active = one->flag();
  auto rows = reg::vouchers_page(tx, call.conference_id(), filter, after_id(call), call.limit() + 1);
  Answer answer;
  cut_page(call, rows, answer);
  Json list = Json::list();
  const auto facts = reg::facts_of(tx, call.conference_id(), rows);
  for (const reg::Voucher& row : rows) list.push(value_of(call, row, facts.at(row.id)));
  answer.body = Json::object({{"vouchers", std::move(list)}});
  return answer;
}

Answer show_voucher(Call& call, db::Tx& tx) {
  Answer answer;
  answer.body = value_of(call, tx, found_voucher(call, tx));
  return answer;
}

// What the body says over `voucher`, checked by itself; all problems together.
reg::ScopedProducts take_body(const Call& call, const Columns& columns, reg::Voucher& voucher,
                              reg::ScopedProducts products) {
  Faults faults;
  set_row(call.body, reg::voucher_table(), &voucher, columns, call.currency(), faults);
  products = scopes_of(call, std::move(products), voucher.ticket_scope, voucher.addon_scope, faults);
  voucher.code = reg::normal_code(voucher.code);
  voucher.percent = voucher.percent.normalized();
  check_row(reg::voucher_table().validate(voucher), columns, faults);
  throw_if_any(std::move(faults));
  return products;
}

Answer create_voucher(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  reg::Voucher voucher;
  voucher.conference_id = call.conference_id();
  const reg::ScopedProducts products = take_body(call, written, voucher, {});
  voucher.id = reg::save(tx, voucher, products);
  const reg::Voucher stored = reg::find_voucher_by_id(tx, call.conference_id(), voucher.id).value();
  record(call, tx, conference::AuditAction::add, {"voucher", stored.id, stored.code, stored.version},
         changes_between(reg::voucher_table(), nullptr, &stored, call.currency()));
  Answer answer;
  answer.status = 201;
  answer.location = "/vouchers/" + std::to_string(stored.id);
  answer.body = value_of(call, tx, stored);
  return answer;
}

Answer save_changed(Call& call, db::Tx& tx, const reg::Voucher& before, const reg::Voucher& wanted,
                    const reg::ScopedProducts& products) {
  Json scopes_before = Json::object(), scopes_after = Json::object();
  const reg::ScopedProducts old_products = reg::products_of_voucher(tx, before.id);
  add_scopes(scopes_before, *call.catalogue, old_products);
  Answer answer;
  if (same_ids(products.ticket_types, old_products.ticket_types) &&
      same_ids(products.addons, old_products.addons) &&
      changes_between(reg::voucher_table(), &before, &wanted, call.currency()).empty()) {
    answer.body = value_of(call, tx, before);
    return answer;
  }
  reg::save(tx, wanted, products);
  const reg::Voucher after = reg::find_voucher_by_id(tx, call.conference_id(), before.id).value();
  add_scopes(scopes_after, *call.catalogue, reg::products_of_voucher(tx, before.id));
  auto changes = changes_between(reg::voucher_table(), &before, &after, call.currency());
  add_set_change(changes, "ticket_types", "Ticket types", *scopes_before.find("ticket_types"),
                 *scopes_after.find("ticket_types"));
  add_set_change(changes, "addons", "Add-ons", *scopes_before.find("addons"), *scopes_after.find("addons"));
  record(call, tx, conference::AuditAction::change, {"voucher", after.id, after.code, after.version},
         changes);
  answer.body = value_of(call, tx, after);
  return answer;
}

Answer change_voucher(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  const reg::Voucher before = found_voucher(call, tx);
  require_version(call, before.version);
  reg::Voucher voucher = before;
  const reg::ScopedProducts products =
      take_body(call, written, voucher, reg::products_of_voucher(tx, before.id));
  return save_changed(call, tx, before, voucher, products);
}

Answer deactivate_voucher(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  const reg::Voucher before = found_voucher(call, tx);
  reg::Voucher voucher = before;
  voucher.is_active = false;
  voucher.max_uses = std::max<std::int64_t>(voucher.max_uses, 1);  // older ones may have 0
  return save_changed(call, tx, before, voucher, reg::products_of_voucher(tx, before.id));
}

Answer create_batch(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  reg::Voucher model;
  model.conference_id = call.conference_id();
  const Json* prefix = call.body.find("prefix");
  const std::string beginning = prefix ? reg::normal_code(prefix->text()) : std::string();
  model.code = beginning.empty() ? "X" : beginning;
  reg::ScopedProducts products;
  try {
    products = take_body(call, settable, model, {});
  } catch (const Problem& problem) {  // it is judged as a code, and told where it was sent
    Faults faults = problem.faults();
    for (Fault& fault : faults)
      if (fault.pointer == "/code") fault.pointer = "/prefix";
    throw Problem(problem.status(), std::string(problem.code()), std::string(problem.detail()),
                  std::move(faults));
  }
  auto codes = reg::generate_codes(call.parts.shop.random, beginning, call.body.find("count")->integer());
  const std::vector<reg::Voucher> made =
      reg::create_vouchers(tx, call.parts.shop.random, model, products, std::move(codes));
  Json list = Json::list();
  for (const reg::Voucher& one : made) {
    record(call, tx, conference::AuditAction::add, {"voucher", one.id, one.code, one.version}, {});
    list.push(Json::object({{"id", one.id}, {"code", one.code}}));
  }
  Answer answer;
  answer.status = 201;
  answer.body = Json::object({{"vouchers", std::move(list)}});
  return answer;
}

}  // namespace

std::vector<Operation> voucher_operations() {
  using web::Method;
  const std::vector<std::string_view> may_see{"view_commerce", "change_commerce"},
      may_change{"change_commerce"};
  std::vector<Operation> list;

  Operation all;
  all.id = "vouchers.list";
  all.path = "/conferences/{slug}/vouchers";
  all.summary = "Vouchers, the oldest first";
  all.scope = "vouchers:read";
  all.permissions = may_see;
  all.query = {optional("code", Shape::text(100)), optional("is_active", Shape::flag())};
  all.is_paged = true;
  all.answer = page_shape("VoucherPage", "vouchers", voucher_shape());
  all.run = list_vouchers;
  list.push_back(std::move(all));

  std::vector<Field> new_fields = input_fields(reg::voucher_table(), written, {"code", "voucher_type"});
  std::vector<Field> changed_fields = input_fields(reg::voucher_table(), written);
  std::vector<Field> batch_fields = input_fields(reg::voucher_table(), settable, {"voucher_type"});
  for (std::vector<Field>* fields : {&new_fields, &changed_fields, &batch_fields})
    for (Field& field : scope_fields()) fields->push_back(std::move(field));
  changed_fields.push_back(version_field());
  batch_fields.push_back(required("count", Shape::integer(1, reg::largest_batch)));
  batch_fields.push_back(optional("prefix", Shape::text(20), "What every code begins with."));

  Operation create;
  create.id = "vouchers.create";
  create.method = Method::post;
  create.path = "/conferences/{slug}/vouchers";
  create.summary = "A new voucher";
  create.scope = "vouchers:write";
  create.permissions = may_change;
  create.body = Shape::object("NewVoucher", std::move(new_fields));
  create.answer = voucher_shape();
  create.status = 201;
  create.writes = true;
  create.run = create_voucher;
  list.push_back(create);

  Operation batch = create;
  batch.id = "vouchers.batch";
  batch.path = "/conferences/{slug}/voucher-batches";
  batch.summary = "Many vouchers at once, with random codes";
  batch.body = Shape::object("VoucherBatch", std::move(batch_fields));
  batch.answer = Shape::object(
      "VoucherCodes",
      {required("vouchers",
                Shape::list(Shape::object("CodeOfVoucher", {required("id", Shape::integer(0, INT64_MAX)),
                                                            required("code", Shape::text(100))})))});
  batch.run = create_batch;
  list.push_back(std::move(batch));

  Operation one;
  one.id = "vouchers.get";
  one.path = "/conferences/{slug}/vouchers/{voucher:int}";
  one.summary = "A voucher";
  one.scope = "vouchers:read";
  one.permissions = may_see;
  one.answer = voucher_shape();
  one.run = show_voucher;
  list.push_back(one);

  Operation change = one;
  change.id = "vouchers.update";
  change.method = Method::patch;
  change.summary = "Changes what is named, and nothing else";
  change.scope = "vouchers:write";
  change.permissions = may_change;
  change.body = Shape::object("VoucherChange", std::move(changed_fields));
  change.writes = true;
  change.run = change_voucher;
  list.push_back(change);

  Operation off = change;
  off.id = "vouchers.deactivate";
  off.method = Method::post;
  off.path = "/conferences/{slug}/vouchers/{voucher:int}/deactivate";
  off.summary = "Nobody can use it any more";
  off.body.reset();
  off.run = deactivate_voucher;
  list.push_back(std::move(off));
  return list;
}

}  // namespace plenary::api
