// The tax of an order whose buyer's VAT number was not confirmed when it was ordered: asking the service
// again, what would come of a confirmed number, and taking the tax off. source: taxes and invoices 25, 1.
#include <optional>
#include <utility>
#include <vector>

#include "domain/registration/staff_changes.hpp"
#include "domain/registration/tax_corrections.hpp"
#include "manage/order_work.hpp"
#include "manage/orders.hpp"
#include "site/billing.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "site/vat.hpp"
#include "templating/value.hpp"
#include "web/flash.hpp"

namespace plenary::manage {
namespace {

using registration::Order;
using registration::VatCheck;
using registration::VatStatus;
using site::Fault;
using site::tr;
using templating::Value;

constexpr Duration counts_for = Duration::hours(24);

std::optional<VatCheck> newest_check(db::Tx& tx, const Visit& visit, const Order& order) {
  const std::string vat_id = registration::normal_vat_id(order.billing.vat_id);
  return registration::latest_vat_check(tx, visit.conference->id, vat_id, tx.now() - counts_for);
}

struct Taxed {
  Order order;
  bool may_owe = false;
  std::optional<VatCheck> check;  // of the last day
  std::optional<registration::StaffPreview> preview;
  bool is_confirmed() const { return check && check->status == VatStatus::valid; }
};

Taxed read_taxed(db::Tx& tx, const Site& site, const Visit& visit, std::int64_t id) {
  Taxed taxed;
  taxed.order = order_here(tx, visit, id);
  taxed.may_owe = registration::may_owe_tax(*visit.catalogue, taxed.order);
  if (!taxed.may_owe) return taxed;
  taxed.check = newest_check(tx, visit, taxed.order);
  if (!taxed.is_confirmed()) return taxed;
  registration::WantedChange wanted;
  wanted.takes_tax_off = true;
  taxed.preview = registration::preview_by_staff(tx, site.shop, taxed.order, wanted);
  return taxed;
}

web::Response taxes_page(Site& site, web::Request& request, const Taxed& taxed, std::vector<Fault> faults,
                         int status) {
  const Order& order = taxed.order;
  site::Page page(site, request, "django_program/manage/order_taxes.html");
  order_frame(page, site, request, order, tr(request, message("Tax")));
  page.set("may_owe", Value(taxed.may_owe))
      .set("vat_id", Value(order.billing.vat_id))
      .set("billing", site::billing_value(request, order.billing))
      .set("is_confirmed", Value(taxed.is_confirmed()))
      .set("is_unknown", Value(taxed.check && !taxed.is_confirmed()));
  if (taxed.check)
    page.set("checked_at", Value(moment_text(request, taxed.check->checked_at)))
        .set("owner", Value(taxed.check->name))
        .set("owner_address", Value(taxed.check->address))
        .set("consultation", Value(taxed.check->consultation_number));
  if (taxed.preview) {
    const registration::ChangePlan& plan = taxed.preview->plan;
    page.set("before", Value(amount_text(request, order, plan.before.total)))
        .set("after", Value(amount_text(request, order, plan.after.total)))
        .set("less", Value(amount_text(request, order, -plan.difference())));
    if (taxed.preview->why_not) page.set("why_not", Value(tr(request, *taxed.preview->why_not)));
  }
  page.faults(std::move(faults));
  return site::personal(page.html(status), status == 200 ? "" : "invalid");
}

}  // namespace

Task<web::Response> change_taxes(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  auto read = [&](db::Tx& tx) { return read_taxed(tx, site, visit, id); };
  Taxed taxed = co_await site.db.read(read);
  if (web::is_safe(request.method())) co_return taxes_page(site, request, taxed, {}, 200);
  if (request.form()["step"] == "ask") {
    if (taxed.may_owe) {
      const std::string vat_id = registration::normal_vat_id(taxed.order.billing.vat_id);
      const VatCheck told = co_await site::look_up_vat_id(site, request, vat_id);
      if (told.status == VatStatus::unavailable) {
        std::vector<Fault> faults{
            {"", tr(request, message("The service gives no answer at the moment. Try again later."))}};
        co_return taxes_page(site, request, taxed, std::move(faults), 503);
      }
      if (told.status == VatStatus::valid)
        web::flash(request, "success", tr(request, message("The service confirms the number.")));
      else
        web::flash(request, "warning", tr(request, message("The service does not know the number.")));
    }
    co_return site::see_other(order_url(site, visit, "manage:order-taxes", id), "asked");
  }
  const std::int64_t version = shown_version(request.form());
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    const std::optional<VatCheck> check = newest_check(tx, visit, order);
    registration::take_tax_off(tx, site.shop, order, check.value_or(VatCheck{}), version,
                               cause_of(request, "VAT number confirmed later"));
    return std::vector<conference::AuditChange>{noted("vat_confirmed", "VAT number confirmed", "no", "yes")};
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: taxes", work);
  if (done.refused) {
    taxed = co_await site.db.read(read);
    std::vector<Fault> faults{{done.refused->field(), tr(request, *done.refused)}};
    co_return taxes_page(site, request, taxed, std::move(faults), 422);
  }
  const std::string text =
      tr(request, message("The tax was taken off. What was paid for it can be sent back now."));
  co_return back_to_order(site, request, id, done, text);
}

}  // namespace plenary::manage
