// The waiting list: anybody joins with an address that the link is mailed to; staff see who waits, take
// people off and make an offer out of turn. source: docs/waiting-list.md.
#include "api/quote_values.hpp"
#include "api/staff_values.hpp"

#include "domain/registration/listing.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "domain/registration/waiting_list.hpp"
#include "domain/registration/waiting_stock.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

const std::vector<std::string> statuses{"waiting", "offered", "accepted", "lapsed", "left", "removed"};
const Columns entry_columns{
    {"id"},        {"name"},           {"email"},      {"language"},         {"status"},
    {"quantity"},  {"all_or_nothing"}, {"offered_at"}, {"offer_expires_at"}, {"offered_quantity"},
    {"joined_at"}, {"version"}};

std::vector<Field> product_fields() {
  Shape slug = Shape::text();
  slug.at_least(1);
  return {required("kind", Shape::text().one_of({"ticket_type", "addon"})), required("slug", slug),
          optional("variation", Shape::text(), "Its slug; needed where the product has some.")};
}

Shape entry_shape() {
  std::vector<Field> fields = answer_fields(reg::waiting_entry_table(), entry_columns);
  Shape slug = Shape::text();
  slug.nullable();
  Shape variation = slug;
  fields.push_back(required(
      "choices",
      Shape::list(Shape::object(
          "WaitingChoice",
          {required("kind", Shape::text().one_of({"ticket_type", "addon"})),
           required("slug", slug, "Null: it is gone."), required("variation", variation),
           required("rank", Shape::integer(1, INT64_MAX)),
           required("position", Shape::integer(0, INT64_MAX), "In its line, from 1; 0: it does not wait.")})),
      "What they wait for, the best first."));
  return Shape::object("WaitingEntry", std::move(fields));
}

Json entry_value(const Call& call, const reg::WaitingPlace& place) {
  const reg::Catalogue& catalogue = *call.catalogue;
  Json value = Json::object();
  add_row(value, reg::waiting_entry_table(), &place.entry, entry_columns, call.currency());
  Json choices = Json::list();
  for (const reg::WaitingPlace::Choice& choice : place.choices) {
    Json slug, variation;
    if (const auto product = catalogue.product(choice.product.kind, choice.product.product_id))
      slug = Json(*product->slug);
    if (choice.product.variation_id)
      if (const reg::Variation* one = catalogue.variation(*choice.product.variation_id))
        variation = Json(one->slug);
    choices.push(Json::object({{"kind", reg::to_text(choice.product.kind)},
                               {"slug", std::move(slug)},
                               {"variation", std::move(variation)},
                               {"rank", choice.rank},
                               {"position", choice.position}}));
  }
  value.set("choices", std::move(choices));
  return value;
}

reg::WaitingPlace found_place(const Call& call, db::Tx& tx) {
  auto place = reg::find_place(tx, call.id("entry"));
  if (!place || place->entry.conference_id != call.conference_id()) throw NotFound("no such entry");
  return std::move(*place);
}

// A product as it was named; nothing, and a fault, where nothing is sold by that name. Nothing where it is
// not named at all.
std::optional<reg::ProductChoice> choice_of(const Call& call, const Json& named, const std::string& pointer,
                                            Faults& faults) {
  if (!named.has("kind") || !named.has("slug")) return std::nullopt;
  const reg::ProductKind kind =
      named.find("kind")->text() == "addon" ? reg::ProductKind::addon : reg::ProductKind::ticket_type;
  const auto product = call.catalogue->product(kind, named.find("slug")->text());
  if (!product || !product->is_active) {
    faults.push_back({pointer_to(pointer, "slug"), "unknown_product", "Nothing is sold by this name."});
    return std::nullopt;
  }
  reg::ProductChoice choice{kind, product->id, {}};
  const Json* variation = named.find("variation");
  try {
    if (const reg::Variation* one =
            reg::chosen_variation(*call.catalogue, *product, variation ? variation->text() : std::string()))
      choice.variation_id = one->id;
  } catch (const Refused& refused) {
    faults.push_back(choice_fault(*call.catalogue, *product, refused, pointer));
    return std::nullopt;
  }
  return choice;
}

// Where the body has what the rules name by the fields of a form.
std::string pointer_of(const std::string& field) {
  if (field.empty()) return {};
  if (field.starts_with("choice_")) {
    const std::string digits = field.substr(7);
    if (digits.size() == 1 && digits[0] >= '1' && digits[0] <= '9')
      return pointer_to("/choices", static_cast<std::size_t>(digits[0] - '1'));
    return "/choices";
  }
  return field.starts_with("extra_") ? "/extras" : pointer_to("", field);
}

// What is asked for, and everything that is wrong with it; of a body that was looked at already, what is
// left.
reg::WaitingForm form_of(const Call& call, db::Tx& tx, Faults& faults) {
  Faults named;
  reg::WaitingForm form;
  if (const Json* name = call.body.find("name")) form.name = name->text();
  if (const Json* email = call.body.find("email")) form.email = email->text();
  const Json* language = call.body.find("language");
  form.language = language ? language->text() : "en";
  if (const Json* quantity = call.body.find("quantity")) form.quantity = quantity->integer();
  if (const Json* all = call.body.find("all_or_nothing")) form.all_or_nothing = all->flag();
  if (const Json* choices = call.body.find("choices"))
    for (std::size_t i = 0; i < choices->items().size(); ++i)
      if (const auto choice = choice_of(call, choices->items()[i], pointer_to("/choices", i), named))
        form.choices.push_back(*choice);
  if (const Json* extras = call.body.find("extras")) {
    for (std::size_t i = 0; i < extras->items().size(); ++i) {
      const Json& extra = extras->items()[i];
      const Json* quantity = extra.find("quantity");
      if (const auto choice = choice_of(call, extra, pointer_to("/extras", i), named); choice && quantity)
        form.extras.push_back({*choice, quantity->integer()});
    }
  }
  add_elsewhere(faults, std::move(named));
  // Where a choice is missing, nothing can be said of what was chosen.
  const bool is_whole = !has_fault(faults, "/choices") && !has_fault(faults, "/extras");
  Faults broken;
  for (const Refused& problem :
       reg::check_waiting(*call.catalogue, reg::stock_for_everybody(tx, *call.catalogue), form, tx.now()))
    if (is_whole || !problem.field().empty())
      broken.push_back({pointer_of(problem.field()), problem.code(), problem.message()});
  if (!is_whole)
    std::erase_if(broken, [](const Fault& one) { return one.pointer != "/name" && one.pointer != "/email"; });
  add_elsewhere(faults, std::move(broken));
  return form;
}

void examine_join(Call& call, db::Tx& tx, Faults& faults) {
  form_of(call, tx, faults);
}

Answer join(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  Faults faults;
  const reg::WaitingForm form = form_of(call, tx, faults);
  throw_if_any(std::move(faults));
  reg::join(tx, call.parts.shop, call.visitor(), form);
  // The same whether the address waited already: the link goes to it alone.
  Answer answer;
  answer.status = 202;
  answer.body = Json::object({{"email", form.email}});
  return answer;
}

Answer list_entries(Call& call, db::Tx& tx) {
  const Json* asked = call.asked("status");
  const std::string status = asked ? asked->text() : std::string();
  auto rows = reg::waiting_page(tx, call.conference_id(), status, after_id(call), call.limit() + 1);
  Answer answer;
  cut_page(call, rows, answer);
  Json list = Json::list();
  for (const reg::WaitingPlace& place :
       reg::waiting_places(tx, call.conference_id(), status, std::move(rows)))
    list.push(entry_value(call, place));
  answer.body = Json::object({{"entries", std::move(list)}});
  return answer;
}

Answer show_entry(Call& call, db::Tx& tx) {
  Answer answer;
  answer.body = entry_value(call, found_place(call, tx));
  return answer;
}

// What was done to the entry, recorded as its columns changed.
Answer changed_entry(Call& call, db::Tx& tx, const reg::WaitingPlace& before) {
  const reg::WaitingPlace after = found_place(call, tx);
  record(call, tx, conference::AuditAction::change,
         {"waiting_entry", after.entry.id, after.entry.name, after.entry.version},
         changes_between(reg::waiting_entry_table(), &before.entry, &after.entry, call.currency()));
  Answer answer;
  answer.body = entry_value(call, after);
  return answer;
}

Answer remove_entry(Call& call, db::Tx& tx) {
  const reg::WaitingPlace before = found_place(call, tx);
  if (!reg::remove_entry(tx, before.entry.id))
    throw Refused("already_done", "This entry does not wait any more.");
  return changed_entry(call, tx, before);
}

Answer offer(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  const reg::WaitingPlace before = found_place(call, tx);
  reg::offer_now(tx, *call.catalogue, before.entry.id);
  return changed_entry(call, tx, before);
}

}  // namespace

std::vector<Operation> waiting_operations() {
  using web::Method;
  const std::vector<std::string_view> may_see{"view_registration", "change_registration"},
      may_change{"change_registration"};
  std::vector<Operation> list;
  Shape name = Shape::text(), email = Shape::text(254), language = Shape::text(20);
  name.at_least(1);
  email.at_least(1);
  language.at_least(1);
  std::vector<Field> extra = product_fields();
  extra.push_back(required("quantity", Shape::integer(1, reg::most_waited_for)));

  Operation enter;
  enter.id = "waiting_list.join";
  enter.method = Method::post;
  enter.path = "/conferences/{slug}/waiting-list";
  enter.summary = "Waits for products that are sold out";
  enter.description =
      "The address is mailed its link: there the person sees their place, leaves, and takes an offer. The "
      "answer is "
      "the same when the address waits already.";
  enter.access = Access::open;
  enter.scope = "carts";
  enter.body = Shape::object(
      "WaitingRequest",
      {required("name", name), required("email", email),
       required("quantity", Shape::integer(1, reg::most_waited_for)),
       optional("all_or_nothing", Shape::flag(), "Only as many as asked for, or none."),
       optional("language", language, "Of the person, for mail."),
       required("choices",
                Shape::list(Shape::object("WaitedProduct", product_fields()), reg::most_choices, 1),
                "The best first."),
       optional("extras", Shape::list(Shape::object("WaitedExtra", std::move(extra)), reg::most_extras))});
  enter.answer =
      Shape::object("WaitingMailed", {required("email", Shape::text(254), "Where the link was mailed.")});
  enter.status = 202;
  enter.writes = true;
  enter.run = join;
  enter.examine = examine_join;
  list.push_back(std::move(enter));

  Operation all;
  all.id = "waiting_list.list";
  all.path = "/conferences/{slug}/waiting-list";
  all.summary = "Who waits, the first one first";
  all.scope = "waiting_list:read";
  all.permissions = may_see;
  all.query = {optional("status", Shape::text().one_of(statuses))};
  all.is_paged = true;
  all.answer = page_shape("WaitingPage", "entries", entry_shape());
  all.run = list_entries;
  list.push_back(std::move(all));

  Operation one;
  one.id = "waiting_list.get";
  one.path = "/conferences/{slug}/waiting-list/{entry:int}";
  one.summary = "One who waits";
  one.scope = "waiting_list:read";
  one.permissions = may_see;
  one.answer = entry_shape();
  one.run = show_entry;
  list.push_back(one);

  Operation off = one;
  off.id = "waiting_list.remove";
  off.method = Method::delete_;
  off.summary = "Takes them off; what was offered is free again";
  off.scope = "waiting_list:write";
  off.permissions = may_change;
  off.writes = true;
  off.run = remove_entry;
  list.push_back(off);

  Operation now = off;
  now.id = "waiting_list.offer";
  now.method = Method::post;
  now.path = "/conferences/{slug}/waiting-list/{entry:int}/offer";
  now.summary = "An offer out of turn";
  now.run = offer;
  list.push_back(std::move(now));
  return list;
}

}  // namespace plenary::api
