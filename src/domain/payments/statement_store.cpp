#include "domain/payments/statement_store.hpp"

#include <unordered_map>

#include <nlohmann/json.hpp>

#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_terms.hpp"

namespace plenary::payments {

using Json = nlohmann::json;

std::vector<MatchReason> reasons_of(const BankEntry& entry) {
  std::vector<MatchReason> reasons;
  const Json parsed = Json::parse(entry.explanation, nullptr, false);
  if (!parsed.is_array()) return reasons;
  for (const Json& item : parsed) {
    if (!item.is_object() || !item.contains("text") || !item["text"].is_string()) continue;
    MatchReason reason{item["text"].get<std::string>(), {}};
    if (item.contains("arguments") && item["arguments"].is_object())
      for (const auto& [name, value] : item["arguments"].items())
        if (value.is_string()) reason.arguments.emplace_back(name, value.get<std::string>());
    reasons.push_back(std::move(reason));
  }
  return reasons;
}

namespace store {

std::string to_json(std::span<const MatchReason> reasons) {
  Json list = Json::array();
  for (const MatchReason& reason : reasons) {
    Json arguments = Json::object();
    for (const auto& [name, value] : reason.arguments) arguments[name] = value;
    list.push_back({{"text", reason.text}, {"arguments", std::move(arguments)}});
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

MatchEntry as_match_entry(const BankEntry& entry) {
  MatchEntry match;
  match.amount = entry.amount;
  match.currency = entry.currency;
  match.remittance = entry.remittance;
  match.end_to_end_id = entry.end_to_end_id;
  match.counterparty = entry.counterparty;
  match.counterparty_iban = entry.counterparty_iban;
  match.is_reversal = entry.is_reversal;
  match.is_batch = entry.is_batch;
  return match;
}

namespace {

// Whose balance by transfer is not what their lines and payments say.
std::unordered_map<Id, std::int64_t> due_by_transfer(db::Tx& tx, const registration::Shop& shop,
                                                     Id conference_id) {
  std::unordered_map<Id, std::int64_t> due;
  const auto ids = tx.query<Id>(
      "SELECT o.id FROM orders o WHERE o.conference_id = $1 AND o.status = 'pending' AND EXISTS (SELECT 1 "
      "FROM order_line l WHERE l.order_id = o.id AND l.kind = 'fee') UNION SELECT t.order_id FROM "
      "payment_term t JOIN orders o ON o.id = t.order_id WHERE t.conference_id = $1 AND t.is_balance = 1 AND "
      "t.ends_at > $2 AND o.status IN ('paid', 'partially_refunded')",
      conference_id, tx.now());
  if (ids.empty()) return due;
  const auto catalogue = registration::catalogue_now(tx, shop, conference_id);
  for (const Id id : ids)
    if (const auto order = registration::find_order(tx, id))
      due[id] = registration::balance_of(tx, *catalogue, *order);
  return due;
}

}  // namespace

std::vector<MatchOrder> orders_to_match(db::Tx& tx, const registration::Shop& shop, Id conference_id) {
  const auto by_transfer = due_by_transfer(tx, shop, conference_id);
  std::vector<MatchOrder> orders;
  for (auto& [id, reference, status, currency, name, company, email, total, came, went] :
       tx.query<Id, std::string, std::string, std::string, std::string, std::string, std::string,
                std::int64_t, std::int64_t, std::int64_t>(
           "SELECT o.id, o.reference, o.status, o.currency, o.billing_name, o.billing_company, "
           "o.billing_email, "
           "o.total + COALESCE((SELECT CAST(SUM(w.difference) AS BIGINT) FROM order_change w WHERE "
           "w.order_id = "
           "o.id AND w.status = 'waiting' AND w.expires_at > $2), 0), CAST(COALESCE(p.came, 0) AS BIGINT), "
           "CAST(COALESCE(r.went, 0) AS BIGINT) FROM orders o "
           "LEFT JOIN (SELECT order_id, SUM(amount) AS came FROM payment WHERE conference_id = $1 AND status "
           "IN "
           "('succeeded', 'refunded') GROUP BY order_id) p ON p.order_id = o.id "
           "LEFT JOIN (SELECT order_id, SUM(amount) AS went FROM refund WHERE conference_id = $1 AND status "
           "IN "
           "('requested', 'succeeded') GROUP BY order_id) r ON r.order_id = o.id "
           "WHERE o.conference_id = $1",
           conference_id, tx.now())) {
    MatchOrder order{id,
                     std::move(reference),
                     std::move(currency),
                     std::move(name),
                     std::move(company),
                     std::move(email),
                     std::move(status),
                     0};
    if (order.status == "pending" || order.status == "paid" || order.status == "partially_refunded")
      order.due = std::max<std::int64_t>(total - (came - went), 0);
    if (const auto special = by_transfer.find(id); special != by_transfer.end()) order.due = special->second;
    orders.push_back(std::move(order));
  }
  return orders;
}

std::vector<MatchRefund> refunds_to_match(db::Tx& tx, Id conference_id) {
  std::vector<MatchRefund> refunds;
  for (Id after = 0;;) {
    const auto piece = registration::payouts_to_make(tx, conference_id, after);
    if (piece.empty()) break;
    after = piece.back().refund_id;
    for (const registration::PayOut& payout : piece)
      refunds.push_back({payout.refund_id, payout.order_id, payout.order_reference, payout.currency,
                         payout.account_name.empty() ? payout.name : payout.account_name, payout.iban,
                         payout.amount});
  }
  return refunds;
}

bool insert_entry(db::Tx& tx, const BankEntry& e) {
  return tx.exec(
             "INSERT INTO bank_entry (conference_id, statement_id, account, bank_reference, booked_on, "
             "value_date, amount, currency, counterparty, counterparty_iban, remittance, end_to_end_id, "
             "kind, "
             "is_reversal, is_batch, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
             "$10, "
             "$11, $12, $13, $14, $15, $16, $16) ON CONFLICT (conference_id, account, bank_reference) DO "
             "NOTHING",
             e.conference_id, e.statement_id, e.account, e.bank_reference, e.booked_on.to_string(),
             e.value_date ? std::optional<std::string>(e.value_date->to_string()) : std::nullopt, e.amount,
             e.currency, e.counterparty, e.counterparty_iban, e.remittance, e.end_to_end_id, e.kind,
             e.is_reversal, e.is_batch, tx.now()) > 0;
}

std::vector<KnownEntry> known_entries(db::Tx& tx, Id conference_id, std::string_view account) {
  std::vector<KnownEntry> known;
  for (auto& [reference, amount, day, counterparty, remittance] :
       tx.query<std::string, std::int64_t, std::string, std::string, std::string>(
           "SELECT bank_reference, amount, booked_on, counterparty, remittance FROM bank_entry WHERE "
           "conference_id = $1 AND account = $2",
           conference_id, account))
    known.push_back({std::move(reference), amount, Date::parse(day).value_or(Date()), std::move(counterparty),
                     std::move(remittance)});
  return known;
}

std::vector<BankEntry> undecided(db::Tx& tx, Id conference_id, Id after, int limit) {
  return bank_entry_table().select(
      tx, "WHERE conference_id = $1 AND state IN ('new', 'matched') AND id > $2 ORDER BY id LIMIT $3",
      conference_id, after, limit);
}

std::vector<BankShare> shares_of(db::Tx& tx, Id entry_id) {
  return bank_share_table().select(tx, "WHERE entry_id = $1 ORDER BY id", entry_id);
}

bool set_proposal(db::Tx& tx, const BankEntry& entry, std::span<const MatchShare> shares) {
  const std::int64_t changed = tx.exec(
      "UPDATE bank_entry SET state = $1, certainty = $2, score = $3, explanation = $4, version = version + "
      "1, "
      "updated_at = $5 WHERE id = $6 AND version = $7 AND state IN ('new', 'matched')",
      to_text(entry.state), to_text(entry.certainty), entry.score, entry.explanation, tx.now(), entry.id,
      entry.version);
  if (changed == 0) return false;
  std::vector<BankShare> kept;
  for (const MatchShare& share : shares)
    kept.push_back({0, entry.id, share.order_id,
                    share.refund_id > 0 ? std::optional<Id>(share.refund_id) : std::nullopt, share.amount,
                    std::nullopt});
  replace_shares(tx, entry.id, kept);
  return true;
}

void replace_shares(db::Tx& tx, Id entry_id, std::span<const BankShare> shares) {
  tx.exec("DELETE FROM bank_share WHERE entry_id = $1", entry_id);
  for (const BankShare& share : shares) bank_share_table().insert(tx, share);
}

}  // namespace store
}  // namespace plenary::payments
