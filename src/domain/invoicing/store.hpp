// All SQL of the room but the exports'. Private to the room; functions of a transaction.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "db/tx.hpp"
#include "domain/invoicing/types.hpp"

namespace plenary::invoicing::store {

// Before the first number is drawn: nobody else draws one of the sellers that this conference's documents
// have until the transaction ends. They are locked by id, all of them, so that no two transactions wait for
// each other, whatever kinds of documents they issue and for whom first. On SQLite there is one writer.
void lock_sellers(db::Tx& tx, Id conference_id, Id seller_id);
// The next number of a series; the series is made with its first.
struct Drawn {
  Id series_id = 0;
  std::int64_t serial = 0;
};
Drawn draw(db::Tx& tx, Id seller_id, DocumentKind kind, int year, bool is_test);

Document insert_document(db::Tx& tx, const Document& document);
void insert_lines(db::Tx& tx, Id document_id, std::span<const Line> lines);

struct Cover {
  Id document_id = 0, order_line_id = 0;
  int direction = 1;
};
void insert_cover(db::Tx& tx, const Cover& cover);
std::vector<Cover> covers_of(db::Tx& tx, Id order_id);  // in the order of the documents

// The accounts of a conference's tax rules: rule, account.
std::vector<std::pair<Id, std::string>> accounts(db::Tx& tx, Id conference_id);
std::optional<ExchangeRate> exchange_rate(db::Tx& tx, std::string_view currency, std::string_view base,
                                          Date day);

void insert_due_at(db::Tx& tx, const registration::Order& order, std::string_view moment);
void insert_due_when_paid(db::Tx& tx, const registration::Order& order);
void insert_due_if_invoiced(db::Tx& tx, const registration::Order& order);
std::vector<Due> due(db::Tx& tx, int limit);
std::optional<Due> due_of(db::Tx& tx, Id order_id);
void remove_due(db::Tx& tx, Id order_id);
void put_off(db::Tx& tx, Id order_id, std::string_view problem, Instant until);

}  // namespace plenary::invoicing::store
