// The overview of the money: for a period what came in by each way, went back, was kept by providers and is
// left of it; what was sold and taxed; and how everything stands at its end. Every figure leads to its
// entries. source: dashboard 70, 14; design 1 ("every number can be clicked down to the rows that make it").
#include <string>
#include <utility>
#include <vector>

#include "base/decimal.hpp"
#include "domain/payments/disputes.hpp"
#include "domain/registration/ledger_sums.hpp"
#include "domain/registration/records.hpp"
#include "i18n/formats.hpp"
#include "manage/ledger.hpp"
#include "manage/money.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

namespace plenary::manage {
namespace {

using registration::Account;
using registration::AccountFigure;
using registration::KindFlow;
using registration::moved;
using site::tr;
using templating::Value;

struct Sums {
  std::vector<KindFlow> flows;         // of the period
  std::vector<AccountFigure> balance;  // of everything until its end
  std::vector<registration::LedgerTax> taxes;
  registration::OpenOrders open;
  bool has_test = false;
  std::vector<std::string> currencies;      // that moved at all
  std::vector<payments::Dispute> disputes;  // open ones
  std::vector<std::string> disputed;        // references of their orders
};

constexpr int shown_disputes = 20;

Sums read_sums(db::Tx& tx, registration::LedgerBooks& books, std::int64_t conference,
               const registration::LedgerRange& range) {
  Sums sums;
  registration::LedgerOverview overview = books.overview(tx, conference, range);
  sums.flows = std::move(overview.flows);
  sums.balance = std::move(overview.balance);
  sums.has_test = overview.has_test;
  sums.taxes = std::move(overview.taxes);
  sums.open = registration::open_orders(tx, conference, range.is_test);
  sums.currencies = std::move(overview.currencies);
  sums.disputes = payments::open_disputes(tx, conference, shown_disputes);
  for (const payments::Dispute& one : sums.disputes) {
    const auto orders = registration::order_table().select(tx, "WHERE id = $1", one.order_id);
    sums.disputed.push_back(orders.empty() ? std::string() : orders.front().reference);
  }
  return sums;
}

// Figures with the way to their entries, for one period.
class Figures {
 public:
  Figures(const Site& site, const web::Request& request, const Sums& sums, const Period& period,
          const registration::LedgerRange& range)
      : site_(site), request_(request), sums_(sums), period_(period), range_(range) {}

  std::int64_t in_period(std::string_view account, std::string_view kind = {}) const {
    return moved(sums_.flows, account, kind);
  }
  std::int64_t at_end(std::string_view account) const {
    for (const AccountFigure& one : sums_.balance)
      if (one.account == account) return one.balance();
    return 0;
  }
  Value entries(std::string_view account, std::string_view kind = {}) const {
    return link(account, kind, period_.typed_from);
  }
  Value entries_until_end(std::string_view account) const { return link(account, {}, {}); }
  Value amount(std::int64_t minor) const { return Value(amount_in(request_, minor, range_.currency)); }
  // A line of a list: label, amount, link; `is_sum` stands out.
  Value line(std::string label, std::int64_t minor, Value url, bool is_sum = false) const {
    return Value::dict({{"label", Value(std::move(label))},
                        {"amount", amount(minor)},
                        {"url", std::move(url)},
                        {"is_sum", Value(is_sum)}});
  }

 private:
  Value link(std::string_view account, std::string_view kind, const std::string& from) const {
    return Value(page_of(site_, request_, "ledger") +
                 query_of({{"account", std::string(account)},
                           {"kind", std::string(kind)},
                           {"from", from},
                           {"to", period_.typed_to},
                           {"currency", other_currency(request_, range_.currency)},
                           {"test", range_.is_test ? "1" : ""}}));
  }
  const Site& site_;
  const web::Request& request_;
  const Sums& sums_;
  const Period& period_;
  const registration::LedgerRange& range_;
};

constexpr std::string_view ways[] = {Account::stripe, Account::terminal, Account::bank,
                                     Account::cash,   Account::cheque,   Account::sandbox};

// By way: what came, what went back, what is left of it; then fees and disputes.
void set_in_and_out(site::Page& page, const web::Request& request, const Figures& figures) {
  std::vector<Value> rows;
  std::int64_t received = 0, returned = 0;
  for (const std::string_view way : ways) {
    const std::int64_t in = figures.in_period(way, "payment"), back = -figures.in_period(way, "refund");
    if (in == 0 && back == 0) continue;
    received += in;
    returned += back;
    rows.push_back(Value::dict({{"label", Value(account_name(request, way))},
                                {"received", figures.amount(in)},
                                {"received_url", figures.entries(way, "payment")},
                                {"returned", figures.amount(back)},
                                {"returned_url", figures.entries(way, "refund")},
                                {"net", figures.amount(in - back)}}));
  }
  const std::int64_t fees = figures.in_period(Account::provider_fees);
  const std::int64_t held = figures.in_period(Account::disputed);
  const std::int64_t lost = figures.in_period(Account::dispute_losses);
  std::vector<Value> net{
      figures.line(tr(request, message("Received")), received, Value()),
      figures.line(tr(request, message("Went back")), -returned, Value()),
      figures.line(tr(request, message("Fees of providers")), -fees, figures.entries(Account::provider_fees)),
      figures.line(tr(request, message("Held back in disputes")), -held, figures.entries(Account::disputed)),
      figures.line(tr(request, message("Lost in disputes")), -lost, figures.entries(Account::dispute_losses)),
      figures.line(tr(request, message("Net")), received - returned - fees - held - lost, Value(), true)};
  page.set("ways", Value::list(std::move(rows)))
      .set("received", figures.amount(received))
      .set("returned", figures.amount(returned))
      .set("net_received", figures.amount(received - returned))
      .set("net", Value::list(std::move(net)));
}

void set_sold(site::Page& page, const web::Request& request, const Figures& figures, const Sums& sums) {
  const auto sold = [&](std::string_view account) { return -figures.in_period(account); };
  std::vector<Value> rows;
  std::int64_t total = 0;
  for (const auto& [account, label] :
       {std::pair(Account::tickets, message("Tickets")), std::pair(Account::addons, message("Add-ons")),
        std::pair(Account::fees, message("Fees")), std::pair(Account::discounts, message("Discounts")),
        std::pair(Account::tax, message("Tax"))}) {
    total += sold(account);
    rows.push_back(figures.line(tr(request, label), sold(account), figures.entries(account)));
  }
  rows.push_back(figures.line(tr(request, message("Sold, with tax")), total, Value(), true));
  std::vector<Value> taxes;
  const std::string_view language = site::language_of(request);
  for (const registration::LedgerTax& one : sums.taxes) {
    const Decimal rate = Decimal::parse(one.rate).value_or(Decimal());
    std::string label = i18n::number(language, rate) + " %";
    if (one.category == "exempt") label = tr(request, message("Exempt"));
    if (one.category == "outside") label = tr(request, message("Outside the scope of tax"));
    if (one.reverse_charge) label += " (" + tr(request, message("reverse charge")) + ")";
    taxes.push_back(Value::dict({{"label", Value(std::move(label))},
                                 {"base", figures.amount(one.base)},
                                 {"tax", figures.amount(one.tax)}}));
  }
  page.set("sold", Value::list(std::move(rows)))
      .set("taxes", Value::list(std::move(taxes)))
      .set("tax_url", figures.entries(Account::tax));
}

void set_without_money(site::Page& page, const web::Request& request, const Figures& figures) {
  std::vector<Value> rows;
  const auto add = [&](const char* label, std::int64_t minor, Value url) {
    if (minor != 0) rows.push_back(figures.line(tr(request, label), minor, std::move(url)));
  };
  add(message("Paid with store credits"), figures.in_period(Account::credits, "payment"),
      figures.entries(Account::credits, "payment"));
  add(message("Went back as store credits"), -figures.in_period(Account::credits, "refund"),
      figures.entries(Account::credits, "refund"));
  add(message("Waived, or nothing was due"), figures.in_period(Account::waived),
      figures.entries(Account::waived));
  add(message("Credits given for nothing"), figures.in_period(Account::goodwill),
      figures.entries(Account::goodwill));
  add(message("Credits that expired"), -figures.in_period(Account::expired_credits),
      figures.entries(Account::expired_credits));
  page.set("without_money", Value::list(std::move(rows)));
}

void set_standing(site::Page& page, const Site& site, const web::Request& request, const Figures& figures,
                  const Sums& sums, bool is_now) {
  std::vector<Value> rows;
  const auto add = [&](const char* label, std::string_view account, int sign) {
    rows.push_back(
        figures.line(tr(request, label), sign * figures.at_end(account), figures.entries_until_end(account)));
  };
  add(message("Owed by buyers, less what they paid ahead"), Account::receivable, 1);
  if (is_now) {
    // Pending orders are no sales yet, so they stand in no account.
    const std::string orders = page_of(site, request, "order-list");
    const bool sees = may(request, "view_registration");
    rows.push_back(figures.line(
        site::tr_n(request, "{n} order waits to be paid", "{n} orders wait to be paid", sums.open.count),
        sums.open.amount, orders.empty() || !sees ? Value() : Value(orders + "?status=pending")));
  }
  add(message("Store credits that may be spent"), Account::credits, -1);
  add(message("Cards: not paid out by the provider yet"), Account::stripe, 1);
  add(message("Card readers: not paid out yet"), Account::terminal, 1);
  add(message("Held back in disputes"), Account::disputed, 1);
  add(message("Tax on everything sold"), Account::tax, -1);
  page.set("standing", Value::list(std::move(rows)));

  std::int64_t paid_out = 0;
  std::vector<Value> payouts;
  for (const KindFlow& flow : sums.flows) {
    if (flow.kind != "payout" || (flow.debit != Account::bank && flow.credit != Account::bank)) continue;
    const bool comes = flow.debit == Account::bank;
    const std::string& other = comes ? flow.credit : flow.debit;
    paid_out += comes ? flow.amount : -flow.amount;
    payouts.push_back(figures.line(account_name(request, other), comes ? flow.amount : -flow.amount,
                                   figures.entries(other, "payout")));
  }
  if (!payouts.empty())
    payouts.push_back(figures.line(tr(request, message("Paid out to the bank")), paid_out, Value(), true));
  page.set("payouts", Value::list(std::move(payouts)));

  std::vector<Value> accounts;
  std::int64_t debit = 0, credit = 0;
  for (const AccountFigure& one : sums.balance) {
    debit += one.debit;
    credit += one.credit;
    accounts.push_back(Value::dict({{"label", Value(account_name(request, one.account))},
                                    {"url", figures.entries_until_end(one.account)},
                                    {"debit", figures.amount(one.debit)},
                                    {"credit", figures.amount(one.credit)},
                                    {"balance", figures.amount(one.balance())}}));
  }
  page.set("accounts", Value::list(std::move(accounts)))
      .set("debit", figures.amount(debit))
      .set("credit", figures.amount(credit))
      .set("difference", figures.amount(debit - credit))
      .set("is_balanced", Value(debit == credit));
}

// Those that wait for an answer, the most urgent first.
void set_disputes(site::Page& page, const Site& site, const web::Request& request, const Sums& sums) {
  std::vector<Value> rows;
  for (std::size_t i = 0; i < sums.disputes.size(); ++i) {
    const payments::Dispute& one = sums.disputes[i];
    rows.push_back(Value::dict(
        {{"order", Value(sums.disputed[i])},
         {"order_url", Value(order_page(site, request, one.order_id))},
         {"amount", Value(amount_text(request, one.amount, one.currency))},
         {"reason", Value(one.reason)},
         {"due", one.evidence_due_at ? Value(moment_text(request, *one.evidence_due_at)) : Value()}}));
  }
  page.set("disputes", Value::list(std::move(rows)));
}

// "This month", "Last month", "Everything".
Value shortcuts(const web::Request& request, const std::string& base, bool is_test) {
  const Visit& visit = request.context<Visit>();
  const Date today = visit.catalogue->zone.local(visit.now).date;
  const Date first = today.plus_days(1 - today.day()), last_of_before = first.plus_days(-1);
  const Date first_of_before = last_of_before.plus_days(1 - last_of_before.day());
  const std::string test = is_test ? "1" : "";
  std::vector<Value> list;
  const auto add = [&](const char* label, const std::string& from, const std::string& to) {
    std::string url = base + query_of({{"from", from}, {"to", to}, {"test", test}});
    list.push_back(Value::dict({{"label", Value(tr(request, label))}, {"url", Value(std::move(url))}}));
  };
  add(message("This month"), first.to_string(), today.to_string());
  add(message("Last month"), first_of_before.to_string(), last_of_before.to_string());
  add(message("Everything"), "", "");
  return Value::list(std::move(list));
}

}  // namespace

Task<web::Response> show_money(Site& site, web::Request& request, registration::LedgerBooks& books) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  const Period period = period_of(request);
  registration::LedgerRange range;
  range.from = period.begin;
  range.until = period.end;
  range.is_test = request.query("test") == "1";
  range.currency = asked_currency(request);
  Sums sums;
  auto read = [&](db::Tx& tx) { sums = read_sums(tx, books, conference, range); };
  if (!period.is_wrong) co_await site.db.read(read);

  const std::string base = page_of(site, request, "financial-dashboard");
  const Figures figures(site, request, sums, period, range);
  const std::string other = other_currency(request, range.currency);
  // Amounts of different currencies are never added up: each has a page of its own.
  std::vector<Value> currencies;
  for (const std::string& one : sums.currencies)
    currencies.push_back(
        Value::dict({{"code", Value(one)},
                     {"is_shown", Value(one == range.currency)},
                     {"url", Value(base + query_of({{"from", period.typed_from},
                                                    {"to", period.typed_to},
                                                    {"currency", other_currency(request, one)},
                                                    {"test", range.is_test ? "1" : ""}}))}}));
  site::Page page(site, request, "django_program/manage/money.html");
  frame(page, site, request, tr(request, message("Money")), "financial");
  page.set("currency", Value(range.currency))
      .set("is_other_currency", Value(!other.empty()))
      .set("has_currencies", Value(currencies.size() > 1 || !other.empty()))
      .set("currencies", Value::list(std::move(currencies)))
      .set("from", Value(period.typed_from))
      .set("to", Value(period.typed_to))
      .set("period_is_wrong", Value(period.is_wrong))
      .set("is_test", Value(range.is_test))
      .set("has_test", Value(sums.has_test))
      .set("list_url", Value(base))
      .set("other_url", Value(base + query_of({{"from", period.typed_from},
                                               {"to", period.typed_to},
                                               {"currency", other},
                                               {"test", range.is_test ? "" : "1"}})))
      .set("shortcuts", shortcuts(request, base, range.is_test))
      .set("ledger_url",
           Value(page_of(site, request, "ledger") + query_of({{"from", period.typed_from},
                                                              {"to", period.typed_to},
                                                              {"currency", other},
                                                              {"test", range.is_test ? "1" : ""}})));
  set_in_and_out(page, request, figures);
  set_sold(page, request, figures, sums);
  set_without_money(page, request, figures);
  set_standing(page, site, request, figures, sums, !period.to && other.empty());
  set_disputes(page, site, request, sums);
  co_return site::personal(page.html(), "");
}

}  // namespace plenary::manage
