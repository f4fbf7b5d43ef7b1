// The feed of what changes, for programs that keep a copy. source: domain/registration/changes.hpp.
#include "api/staff_values.hpp"

#include "domain/registration/changes.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

Answer list_changes(Call& call, db::Tx& tx) {
  reg::ChangePosition position;
  if (const Json* after = call.asked("after")) {
    const auto read = reg::ChangePosition::parse(after->text());
    if (!read) throw invalid({{"?after", "format", "Use `next` of the answer before."}});
    position = *read;
  }
  const bool orders = call.may("view_registration") || call.may("change_registration");
  const bool others = call.may("view_commerce") || call.may("change_commerce");
  const reg::Changes found =
      reg::changes_after(tx, call.conference_id(), position, call.limit(), orders, others);
  Json list = Json::list();
  for (const reg::Change& change : found.changes)
    list.push(Json::object({{"id", change.id},
                            {"kind", change.kind},
                            {"entity", change.entity},
                            {"entity_id", change.entity_id},
                            {"happened_at", change.happened_at.to_string()}}));
  Answer answer;
  answer.body =
      Json::object({{"changes", std::move(list)}, {"next", found.next.to_string()}, {"more", found.more}});
  if (found.more) answer.next = found.next.to_string();
  return answer;
}

}  // namespace

std::vector<Operation> change_operations() {
  Operation changes;
  changes.id = "changes.list";
  changes.path = "/conferences/{slug}/changes";
  changes.summary = "What changed, the oldest first";
  changes.description =
      "Go on with `after` set to the `next` of the answer before, also when nothing was there yet. A change "
      "names "
      "what changed, not how: read it anew. Each is told at least once.";
  changes.scope = "changes:read";
  changes.permissions = {"view_registration", "change_registration", "view_commerce", "change_commerce"};
  changes.is_paged = true;
  const Shape change = Shape::object(
      "Change", {required("id", Shape::text(50), "Never another change's."),
                 required("kind", Shape::text().one_of(
                                      {"created", "paid", "changed", "cancelled", "refunded", "deleted"})),
                 required("entity", Shape::text(50), "order, voucher, condition, ticket_type, addon, …"),
                 required("entity_id", Shape::text(100), "An order's reference, else a number."),
                 required("happened_at", Shape::instant())});
  changes.answer = Shape::object("ChangePage",
                                 {required("changes", Shape::list(change)), required("next", Shape::text(50)),
                                  required("more", Shape::flag(), "At once, there is more.")});
  changes.run = list_changes;
  std::vector<Operation> list;
  list.push_back(std::move(changes));
  return list;
}

}  // namespace plenary::api
