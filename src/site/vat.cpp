#include "site/vat.hpp"

#include <algorithm>

#include "base/pool.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/limits.hpp"
#include "web/services.hpp"

namespace plenary::site {
namespace {

constexpr Duration kept_for = Duration::hours(24);

// The engine says whether a confirmed number would change who owes the tax.
bool matters(const registration::Catalogue& catalogue, const CartPage& cart,
             const registration::Billing& billing, Instant now) {
  const registration::TaxParty confirmed{true, billing.country, true};
  const registration::Quote quote = registration::quote_for(catalogue, cart.view, confirmed, now, false);
  return std::any_of(quote.lines.begin(), quote.lines.end(),
                     [](const registration::QuoteLine& line) { return line.applied_tax.reverse_charge; });
}

VatAnswer of(const registration::VatCheck& check) {
  VatAnswer answer;
  switch (check.status) {
    case registration::VatStatus::valid:
      answer.state = VatAnswer::State::confirmed;
      answer.check_id = check.id;
      break;
    case registration::VatStatus::invalid:
      answer.state = VatAnswer::State::unknown;
      break;
    case registration::VatStatus::unavailable:
      answer.state = VatAnswer::State::unavailable;
      break;
  }
  return answer;
}

}  // namespace

Task<VatAnswer> ask_about_vat_id(Site& site, web::Request& request, const CartPage* cart,
                                 const registration::Billing& billing) {
  VatAnswer answer;
  const Visit& visit = request.context<Visit>();
  if (!billing.is_business || billing.vat_id.empty() || billing.country.empty()) co_return answer;
  if (cart && !matters(*visit.catalogue, *cart, billing, visit.now)) co_return answer;

  const std::int64_t conference_id = visit.conference->id;
  auto look = [&](db::Tx& tx) {
    return registration::latest_vat_check(tx, conference_id, billing.vat_id, tx.now() - kept_for);
  };
  const std::optional<registration::VatCheck> known = co_await site.db.read(look);
  if (known) {
    answer = of(*known);
    co_return answer;
  }
  answer.state = VatAnswer::State::unavailable;
  if (!cart || !site.vat_service) co_return answer;

  // Who asked too often is answered like everybody while the service is silent.
  const registration::Visitor visitor = visit.visitor(request, site.settings.security);
  const auto rates = registration::vat_check_rates(site.shop, visitor);
  if (!rates.empty()) {
    auto count = [&](db::Tx& tx) { return accounts::count_rate(tx, registration::vat_check_rate, rates); };
    const auto again_at = co_await site.db.write(conference_id, "count VAT number", count);
    if (again_at) co_return answer;
  }

  const registration::VatCheck kept = co_await look_up_vat_id(site, request, billing.vat_id);
  answer = of(kept);
  co_return answer;
}

Task<registration::VatCheck> look_up_vat_id(Site& site, web::Request& request, std::string vat_id) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference_id = visit.conference->id;
  registration::VatCheck told;
  told.vat_id = vat_id;
  if (!site.vat_service) co_return told;
  const auto& seller = visit.catalogue->seller;
  const std::string requester = seller ? registration::normal_vat_id(seller->vat_id) : std::string();
  auto ask = [&] { return site.vat_service->check(vat_id, requester); };
  Pool* pool = site.vat_service->pool();
  if (!pool) pool = request.services().pool;
  try {
    if (pool) {
      told = co_await pool->run(ask);
    } else {
      told = ask();
    }
  } catch (const Overloaded&) {
    co_return told;  // many ask at this moment: as if it were silent
  }
  auto keep = [&](db::Tx& tx) { return registration::record_vat_check(tx, conference_id, told); };
  told = co_await site.db.write(conference_id, "VAT number checked", keep);
  co_return told;
}

registration::TaxParty tax_party(const registration::Billing& billing, const VatAnswer& answer) {
  return {billing.is_business, billing.country, answer.is_confirmed()};
}

}  // namespace plenary::site
