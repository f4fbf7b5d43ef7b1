// Leaving the test mode: what it left behind is counted, and removed all together by whoever is sure. source:
// payments 21, P33.
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "base/pool.hpp"
#include "base/text.hpp"
#include "domain/test_orders.hpp"
#include "manage/money.hpp"
#include "manage/payment_setup.hpp"
#include "manage/provider_state.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/text.hpp"
#include "web/services.hpp"

namespace plenary::manage {

using site::tr;
using templating::Value;

Task<web::Response> go_live(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  const bool posts = request.is(web::Method::post);
  if (posts) {
    std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
    if (question) co_return std::move(*question);
  }
  std::vector<site::Fault> faults;
  const bool is_sure = posts && trimmed(request.form()["slug"]) == visit.conference->slug;
  if (posts && !is_sure)
    faults.push_back(
        {"slug", tr(request, message("Type {slug} to confirm."), {{"slug", visit.conference->slug}})});
  if (is_sure) {
    const conference::Actor actor = actor_of(request);
    auto work = [&] { return domain::delete_test_orders(site.db, site.shop, conference, actor); };
    Pool* pool = request.services().pool;
    if (!pool) throw std::logic_error("deleting test orders needs the slow pool");
    const domain::TestOrders gone = co_await pool->run(work);
    co_return back_to(
        request, page_of(site, request, "payment-setup"), "deleted", "success",
        site::tr_n(request, "{n} test order was deleted.", "{n} test orders were deleted.", gone.orders));
  }
  domain::TestOrders orders;
  ProviderState state;
  auto read = [&](db::Tx& tx) {
    orders = domain::count_test_orders(tx, conference);
    state = provider_state(tx, site, request, conference);
  };
  co_await site.db.read(read);
  site::Page page(site, request, "django_program/manage/go_live.html");
  frame(page, site, request, tr(request, message("Go live")), "payment-setup",
        {{tr(request, message("Payment set-up")), page_of(site, request, "payment-setup")}});
  set_provider_state(page, site, request, state);
  page.set("orders", Value(orders.orders))
      .set("open", Value(orders.open))
      .set("documents", Value(orders.documents))
      .set("slug", Value(visit.conference->slug))
      .set("action", Value(page_of(site, request, "payment-go-live")));
  const int status = faults.empty() ? 200 : 422;
  page.faults(std::move(faults));
  co_return site::personal(page.html(status), status == 200 ? "" : "invalid");
}

}  // namespace plenary::manage
