#include "domain/invoicing/documents.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/errors.hpp"
#include "base/money.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/invoicing/drafting.hpp"
#include "domain/invoicing/entities.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payment_setup.hpp"
#include "jobs/outbox.hpp"

namespace plenary::invoicing {
namespace {

using conference::Conference;
using conference::InvoiceMoment;
using registration::Order;
using registration::OrderStatus;

constexpr int piece = 20;                                    // orders a write
constexpr Duration try_again_after = Duration::minutes(10);  // what could not be issued

// What the order's payments left with the seller. Nothing: whatever its lines say, all of it was given back.
std::int64_t kept_of(db::Tx& tx, Id order_id) {
  return tx.one<std::int64_t>(
      "SELECT COALESCE(SUM(p.amount - COALESCE((SELECT SUM(r.amount) FROM refund r WHERE r.payment_id = p.id "
      "AND "
      "r.status IN ('requested', 'succeeded')), 0)), 0) FROM payment p WHERE p.order_id = $1 AND p.status = "
      "'succeeded'",
      order_id);
}

struct Case {
  Order order;
  Conference fair;
  conference::Seller seller;                // who sells now
  std::vector<conference::Seller> sellers;  // of the documents
  std::vector<Document> documents;
  std::vector<std::pair<Id, std::string>> accounts;
  std::int64_t kept = 0;
  bool is_void = false;
};

// Nothing: no such order, or nobody sells. An order that was invoiced has its seller for ever.
std::optional<Case> open_case(db::Tx& tx, Id order_id) {
  std::optional<Order> order = registration::find_order(tx, order_id);
  if (!order) return std::nullopt;
  std::optional<Conference> fair = conference::load(tx, order->conference_id);
  if (!fair) return std::nullopt;
  Case found;
  found.documents = documents_of(tx, order_id);
  for (const Document& document : found.documents)
    if (std::none_of(found.sellers.begin(), found.sellers.end(),
                     [&](const conference::Seller& one) { return one.id == document.seller_id; }))
      if (auto of_document = conference::find_seller(tx, document.seller_id))
        found.sellers.push_back(std::move(*of_document));
  std::optional<conference::Seller> seller;
  if (fair->seller_id) seller = conference::find_seller(tx, *fair->seller_id);
  if (!seller && !found.sellers.empty()) seller = found.sellers.back();
  if (!seller) return std::nullopt;
  found.accounts = store::accounts(tx, order->conference_id);
  found.kept = kept_of(tx, order_id);
  const bool is_over = order->status == OrderStatus::cancelled || order->status == OrderStatus::refunded;
  found.is_void = is_over && found.kept <= 0;
  found.order = std::move(*order);
  found.fair = std::move(*fair);
  found.seller = std::move(*seller);
  return found;
}

// Who issues it: what is taken back, whoever invoiced it.
const conference::Seller& issuer_of(const Case& c, const Draft& draft) {
  for (const Document& document : c.documents)
    if (draft.corrects_id == document.id)
      for (const conference::Seller& one : c.sellers)
        if (one.id == document.seller_id) return one;
  return c.seller;
}

bool moment_has_come(const Case& c) {
  if (c.is_void || c.order.status == OrderStatus::cancelled) return false;
  switch (c.fair.invoice_moment) {
    case InvoiceMoment::order:
      return true;
    case InvoiceMoment::payment:
      return c.order.status != OrderStatus::pending;
    case InvoiceMoment::request:
    case InvoiceMoment::never:
      return false;
  }
  return false;
}

// The way and the day of the money that came last: of a transfer its day of value. What was waived says so
// only where no money came.
struct NewestPayment {
  std::string method;  // empty: none
  Date day;
};
NewestPayment newest_payment(db::Tx& tx, Id order_id, const TimeZone& zone) {
  const auto rows = tx.query<std::string, std::string, Instant>(
      "SELECT p.method, COALESCE(p.received_on, ''), COALESCE((SELECT MAX(e.created_at) FROM ledger_entry e "
      "WHERE e.order_id = p.order_id AND e.payment_id = p.id AND e.kind = 'payment'), p.created_at) FROM "
      "payment p WHERE p.order_id = $1 AND p.status IN ('succeeded', 'refunded') ORDER BY CASE WHEN p.method "
      "= 'comp' THEN 1 ELSE 0 END, 3 DESC, p.id DESC LIMIT 1",
      order_id);
  if (rows.empty()) return {};
  const auto& [method, received_on, came_at] = rows.front();
  return {method, Date::parse(received_on).value_or(zone.local(came_at).date)};
}

// The same rate as the corrected document's, so that its tax is taken back to the cent.
std::optional<ForeignTax> foreign_tax(db::Tx& tx, const Snapshot& snapshot,
                                      const std::optional<Snapshot>& corrected) {
  const std::string& base = snapshot.seller.currency;
  if (base == snapshot.currency || snapshot.tax == 0) return std::nullopt;
  ForeignTax foreign;
  if (corrected && corrected->foreign_tax && corrected->foreign_tax->currency == base) {
    foreign = *corrected->foreign_tax;
  } else {
    const auto rate = store::exchange_rate(tx, snapshot.currency, base, snapshot.issued_on);
    if (!rate)
      throw Refused(
          "no_exchange_rate",
          "There is no exchange rate from {currency} to {base} for {day}, which this invoice must tell.",
          {{"currency", snapshot.currency}, {"base", base}, {"day", snapshot.issued_on.to_string()}});
    foreign = {base, 0, rate->rate.normalized().to_string(), rate->source, rate->valid_on};
  }
  const Currency own = Currency::of(base), other = Currency::of(snapshot.currency);
  const std::int64_t amount = snapshot.tax < 0 ? -snapshot.tax : snapshot.tax;
  const Decimal worth =
      Decimal::scaled(amount, other.exponent()) * Decimal::parse(foreign.rate).value_or(Decimal(1));
  const std::int64_t minor = Money::exact(worth.rounded(own.exponent()), own).minor();
  foreign.tax = snapshot.tax < 0 ? -minor : minor;
  return foreign;
}

void add_text(std::vector<std::string>& texts, const std::string& text) {
  if (!text.empty() && std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
}

Snapshot snapshot_of(db::Tx& tx, const Case& c, const Draft& draft, std::string_view reason) {
  const TimeZone zone = TimeZone::find(c.fair.timezone).value_or(TimeZone::utc());
  const auto day_of = [&](Instant at) { return zone.local(at).date; };
  Snapshot s;
  s.kind = draft.kind;
  s.is_test = c.order.is_sandbox;
  s.language = c.order.language;
  s.currency = c.order.currency;
  s.issued_on = day_of(tx.now());
  const NewestPayment newest = newest_payment(tx, c.order.id, zone);
  if (c.order.paid_at) s.paid_on = newest.method.empty() ? day_of(*c.order.paid_at) : newest.day;
  s.payment_method = newest.method;
  s.conference_name = c.fair.name;
  s.venue = c.fair.venue;
  s.address = c.fair.address;
  s.event_from = c.fair.start_date;
  s.event_to = c.fair.end_date;
  s.order_reference = c.order.reference;
  s.ordered_on = day_of(c.order.created_at);
  s.seller = issuer_of(c, draft);
  s.buyer = c.order.billing;
  s.lines = draft.lines;
  s.taxes = tax_sums(draft.lines);
  for (const TaxSum& sum : s.taxes) {
    s.net += sum.net;
    s.tax += sum.tax;
    s.gross += sum.gross;
  }
  for (const registration::OrderLine& line : c.order.lines) {
    const bool is_here =
        std::any_of(draft.covers.begin(), draft.covers.end(),
                    [&](const store::Cover& cover) { return cover.order_line_id == line.id; });
    if (is_here) add_text(s.texts, line.tax_text);
  }
  if (s.tax == 0) add_text(s.texts, s.seller.small_business_note);
  s.reason = std::string(reason);
  std::optional<Snapshot> corrected;
  for (const Document& document : c.documents)
    if (draft.corrects_id == document.id) corrected = read_snapshot(document.snapshot);
  if (corrected) {
    s.corrects_number = corrected->number;
    s.corrects_date = corrected->issued_on;
    // The buyer is told what was invoiced to them then.
    s.buyer = corrected->buyer;
    s.language = corrected->language;
  }
  s.foreign_tax = foreign_tax(tx, s, corrected);
  return s;
}

// "PY27-2027-00042". The number's prefix is the seller's at this moment.
std::string number_of(const Snapshot& s, int year, std::int64_t serial) {
  const std::string& prefix =
      s.kind == DocumentKind::invoice ? s.seller.invoice_prefix : s.seller.credit_note_prefix;
  return fmt::format("{}{}{}{:05}", s.is_test ? "TEST-" : "", prefix,
                     year == 0 ? std::string() : fmt::format("{}-", year), serial);
}

std::vector<Document> issue(db::Tx& tx, const Case& c, std::vector<Draft> all, std::string_view reason) {
  // Refusals come before the first number is drawn.
  std::vector<Snapshot> snapshots;
  std::int64_t invoiced = 0;  // by the documents before each
  for (const Document& document : c.documents) invoiced += document.gross;
  for (const Draft& draft : all) {
    Snapshot s = snapshot_of(tx, c, draft, reason);
    // Of what was paid for the order, the part that was not for what was invoiced before.
    s.paid = std::clamp<std::int64_t>(c.kept - invoiced, 0, std::max<std::int64_t>(s.gross, 0));
    if (s.paid == 0) s.paid_on.reset();
    invoiced += s.gross;
    snapshots.push_back(std::move(s));
  }
  std::vector<Document> issued;
  if (!all.empty()) store::lock_sellers(tx, c.order.conference_id, c.seller.id);
  for (std::size_t i = 0; i < all.size(); ++i) {
    Snapshot& s = snapshots[i];
    const int year = s.seller.restarts_yearly ? s.issued_on.year() : 0;
    const store::Drawn drawn = store::draw(tx, s.seller.id, s.kind, year, s.is_test);
    s.number = number_of(s, year, drawn.serial);
    Document document;
    document.seller_id = s.seller.id;
    document.conference_id = c.order.conference_id;
    document.order_id = c.order.id;
    document.series_id = drawn.series_id;
    document.serial = drawn.serial;
    document.number = s.number;
    document.kind = s.kind;
    document.is_test = s.is_test;
    document.corrects_id = all[i].corrects_id;
    document.issued_on = s.issued_on;
    document.issued_at = tx.now();
    document.language = s.language;
    document.currency = s.currency;
    document.net = s.net;
    document.tax = s.tax;
    document.gross = s.gross;
    document.payment_method = s.payment_method;
    document.snapshot = snapshot_text(s);
    document = store::insert_document(tx, document);
    store::insert_lines(tx, document.id, s.lines);
    for (store::Cover cover : all[i].covers) {
      cover.document_id = document.id;
      store::insert_cover(tx, cover);
    }
    jobs::enqueue(tx, file_kind, document.conference_id, jobs::payload({{"document", document.id}}),
                  fmt::format("{}-{}", file_kind, document.id));
    issued.push_back(std::move(document));
  }
  return issued;
}

std::vector<Document> settle_case(db::Tx& tx, const Case& c, bool says_anew, std::string_view reason) {
  const std::vector<store::Cover> covers = store::covers_of(tx, c.order.id);
  Standing standing;
  standing.lines = c.order.lines;
  standing.documents = c.documents;
  standing.covers = covers;
  standing.accounts = c.accounts;
  standing.is_void = c.is_void;
  standing.says_anew = says_anew;
  return issue(tx, c, drafts(standing), reason);
}

bool costs_fees(db::Tx& tx, Id conference_id) {
  const registration::PaymentSetup setup = registration::payment_setup_of(tx, conference_id);
  return setup.card_fee_amount > 0 || setup.transfer_fee_amount > 0 || setup.card_fee_percent > Decimal() ||
         setup.transfer_fee_percent > Decimal();
}

// A sold order became dearer, and nobody knows yet what it costs to pay that: its documents wait for the
// money, so that the fee stands with what it was paid for. A fee alone that stays due keeps nothing waiting.
bool waits_for_fee(db::Tx& tx, const Case& c) {
  const bool is_sold =
      c.order.status == OrderStatus::paid || c.order.status == OrderStatus::partially_refunded;
  if (!is_sold || c.order.total <= c.kept || !costs_fees(tx, c.order.conference_id)) return false;
  const std::vector<store::Cover> covers = store::covers_of(tx, c.order.id);
  std::int64_t fees = 0;  // that no document says
  for (const registration::OrderLine& line : c.order.lines)
    if (line.kind == registration::LineKind::fee &&
        std::none_of(covers.begin(), covers.end(),
                     [&](const store::Cover& cover) { return cover.order_line_id == line.id; }))
      fees += line.gross;
  return c.order.total - fees > c.kept;
}

// Orders of one conference in one write. What is refused stays due.
void settle_together(db::Database& database, std::span<const Due> due) {
  auto settle_all = [&](db::Tx& tx) {
    for (const Due& one : due) {
      try {
        settle(tx, one.order_id);
        store::remove_due(tx, one.order_id);
      } catch (const Refused& refused) {
        store::put_off(tx, one.order_id, refused.message(), tx.now() + try_again_after);
      }
    }
  };
  database.write_now(due.front().conference_id, "issue documents", settle_all);
}

void settle_some(db::Database& database, std::span<const Due> due) {
  try {
    return settle_together(database, due);
  } catch (const std::exception& error) {
    if (due.size() == 1) {
      const std::string problem = error.what();
      auto put_off = [&](db::Tx& tx) {
        store::put_off(tx, due.front().order_id, problem, tx.now() + try_again_after);
      };
      return database.write_now(due.front().conference_id, "documents that wait", put_off);
    }
  }
  // One of them keeps the others from getting theirs: each for itself.
  for (const Due& one : due) settle_some(database, std::span(&one, 1));
}

}  // namespace

void note_placed(db::Tx& tx, const Order& order) {
  if (order.total > 0) store::insert_due_at(tx, order, "order");
}

void note_paid(db::Tx& tx, const Order& order) {
  if (order.total > 0) store::insert_due_when_paid(tx, order);
}

void note_changed(db::Tx& tx, const Order& order) {
  store::insert_due_if_invoiced(tx, order);
}

std::vector<Document> settle(db::Tx& tx, Id order_id) {
  const std::optional<Case> c = open_case(tx, order_id);
  if (!c || (c->documents.empty() ? !moment_has_come(*c) : waits_for_fee(tx, *c))) return {};
  return settle_case(tx, *c, false, {});
}

std::vector<Document> issue_invoice(db::Tx& tx, Id order_id) {
  const std::optional<Case> c = open_case(tx, order_id);
  if (!c || c->fair.invoice_moment == InvoiceMoment::never)
    throw Refused("no_invoices", "There are no invoices for this order.");
  if (!c->documents.empty()) return c->documents;
  if (c->is_void || c->order.status == OrderStatus::cancelled)
    throw Refused("order_cancelled", "This order was cancelled; there is nothing to invoice.");
  std::vector<Document> issued = settle_case(tx, *c, false, {});
  if (issued.empty()) throw Refused("free_order", "This order is free of charge; it has no invoice.");
  return issued;
}

bool may_ask_for_invoice(db::Tx& tx, const Order& order) {
  if (order.total <= 0 || order.status == OrderStatus::cancelled || order.status == OrderStatus::refunded)
    return false;
  return tx.one<std::int64_t>(
             "SELECT COUNT(*) FROM conference c WHERE c.id = $1 AND c.seller_id IS NOT NULL AND "
             "c.invoice_moment = "
             "'request' AND NOT EXISTS (SELECT 1 FROM invoice_document d WHERE d.order_id = $2)",
             order.conference_id, order.id) != 0;
}

std::vector<Document> correct(db::Tx& tx, Id order_id, std::string_view reason) {
  const std::optional<Case> c = open_case(tx, order_id);
  if (!c || c->documents.empty())
    throw Refused("not_invoiced", "This order has no invoice yet; there is nothing to correct.");
  std::vector<Document> issued = settle_case(tx, *c, true, reason);
  if (issued.empty())
    throw Refused("nothing_left",
                  "Nothing that was invoiced for this order is left; there is nothing to correct.");
  return issued;
}

std::vector<Id> standing_invoices(db::Tx& tx, Id conference_id, Id first, Id last) {
  return tx.query<Id>(
      "SELECT d.id FROM invoice_document d WHERE d.conference_id = $1 AND d.id >= $2 AND d.id <= $3 AND "
      "d.kind = "
      "'invoice' AND EXISTS (SELECT 1 FROM invoice_cover c WHERE c.document_id = d.id AND NOT EXISTS (SELECT "
      "1 "
      "FROM invoice_cover later WHERE later.order_line_id = c.order_line_id AND later.document_id > d.id)) "
      "ORDER BY d.id",
      conference_id, first, last);
}

bool is_invoiced(db::Tx& tx, Id order_id) {
  return tx.maybe<std::int64_t>("SELECT COUNT(*) FROM invoice_document WHERE order_id = $1", order_id)
             .value_or(0) != 0;
}

std::vector<Document> documents_of(db::Tx& tx, Id order_id) {
  return document_table().select(tx, "WHERE order_id = $1 ORDER BY id", order_id);
}

std::vector<conference::Seller> issuers(db::Tx& tx, Id conference_id) {
  return conference::seller_table().select(
      tx,
      "WHERE id = (SELECT c.seller_id FROM conference c WHERE c.id = $1) OR EXISTS (SELECT 1 FROM "
      "invoice_document d WHERE d.conference_id = $1 AND d.seller_id = seller.id) ORDER BY name, id",
      conference_id);
}

std::optional<Document> find_document(db::Tx& tx, Id id) {
  return document_table().find(tx, id);
}

int settle_due(db::Database& database) {
  int looked_at = 0;
  for (;;) {
    auto read = [](db::Tx& tx) { return store::due(tx, piece); };
    const std::vector<Due> due = database.read_now(read);
    if (due.empty()) return looked_at;
    for (std::size_t at = 0; at < due.size();) {
      std::size_t end = at;
      while (end < due.size() && due[end].conference_id == due[at].conference_id) ++end;
      settle_some(database, std::span(due).subspan(at, end - at));
      looked_at += static_cast<int>(end - at);
      at = end;
    }
  }
}

void settle_due(db::Database& database, Id order_id) {
  auto find = [&](db::Tx& tx) { return store::due_of(tx, order_id); };
  const std::optional<Due> due = database.read_now(find);
  if (due) settle_some(database, std::span(&*due, 1));
}

std::vector<Due> problems(db::Tx& tx, Id conference_id) {
  return due_table().select(
      tx, "WHERE problem <> '' AND ($1 = 0 OR conference_id = $1) ORDER BY due_at, order_id LIMIT 100",
      conference_id);
}

std::vector<std::string> faults(db::Tx& tx) {
  std::vector<std::string> found;
  for (const auto& [series, prefix, last, count, highest] :
       tx.query<Id, std::string, std::int64_t, std::int64_t, std::int64_t>(
           "SELECT s.id, e.name, s.last_number, COUNT(d.id), COALESCE(MAX(d.serial), 0) FROM invoice_series "
           "s JOIN "
           "seller e ON e.id = s.seller_id LEFT JOIN invoice_document d ON d.series_id = s.id GROUP BY s.id, "
           "e.name, s.last_number ORDER BY s.id"))
    if (count != last || highest != last)
      found.push_back(fmt::format("series {} of {}: the last number is {}, there are {} documents up to {}",
                                  series, prefix, last, count, highest));
  for (const auto& [number, gross, lines] : tx.query<std::string, std::int64_t, std::int64_t>(
           "SELECT d.number, d.gross, COALESCE(SUM(l.gross), 0) FROM invoice_document d LEFT JOIN "
           "invoice_line l ON "
           "l.document_id = d.id GROUP BY d.id, d.number, d.gross HAVING d.gross <> COALESCE(SUM(l.gross), "
           "0)"))
    found.push_back(fmt::format("{}: its total is {}, its lines are {}", number, gross, lines));
  return found;
}

}  // namespace plenary::invoicing
