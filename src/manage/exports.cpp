#include "manage/exports.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "base/pool.hpp"
#include "manage/order_work.hpp"
#include "manage/orders.hpp"
#include "manage/team.hpp"
#include "site/pages.hpp"
#include "web/services.hpp"

namespace plenary::manage {

Task<web::Response> recorded_csv(site::Site& site, web::Request& request, const Export& what,
                                 const std::function<std::string()>& make) {
  const site::Visit& visit = request.context<site::Visit>();
  const std::int64_t conference_id = visit.conference->id;
  Pool* pool = request.services().pool;
  if (!pool) throw std::logic_error("exports need the slow pool");
  std::string bytes = co_await pool->run(make);
  const conference::Actor actor = actor_of(request);
  auto record = [&](db::Tx& tx) {
    conference::AuditObject object;
    object.conference_id = conference_id;
    object.entity = what.entity;
    object.id = "export";
    object.name = what.title;
    conference::record(tx, actor, conference::AuditAction::other, object,
                       {noted("filter", "Filter", "", what.filter)});
    return true;
  };
  co_await site.db.write(conference_id, "manage: export", record);
  const std::string name =
      fmt::format("{}-{}-{}.{}", what.prefix, visit.conference->slug,
                  visit.catalogue->zone.local(visit.now).date.to_string(), what.extension);
  co_return site::personal(web::Response::attachment(std::move(bytes), what.type, name), "");
}

}  // namespace plenary::manage
