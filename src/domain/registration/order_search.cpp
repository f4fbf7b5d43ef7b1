#include "domain/registration/order_search.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "base/text.hpp"
#include "db/entity_table.hpp"
#include "domain/registration/vouchers.hpp"
#include "domain/registration/word_search.hpp"

namespace plenary::registration {
namespace {

// Below, what identifies something may as well be a part of a name.
constexpr std::size_t plain_length = 6;

std::vector<FoundOrder> run_query(db::Tx& tx, const std::string& sql, const Bound& bound) {
  using K = db::ColumnKind;
  static constexpr K kinds[] = {K::integer, K::text,    K::text,    K::text,    K::text,
                                K::text,    K::text,    K::text,    K::text,    K::text,
                                K::integer, K::integer, K::integer, K::integer, K::integer};
  std::vector<FoundOrder> found;
  tx.run(
      db::intern_sql(sql), bound.values(), kinds,
      [](void* context, const db::Field* f) {
        FoundOrder order;
        order.id = f[0].integer;
        std::string* texts[] = {&order.reference, &order.name,         &order.email,     &order.company,
                                &order.currency,  &order.voucher_code, &order.attention, &order.mail_problem};
        for (std::size_t i = 0; i < std::size(texts); ++i) *texts[i] = f[i + 1].text;
        order.status = order_status(f[9].text);
        order.total = f[10].integer;
        order.created_at = Instant{f[11].integer};
        if (!f[12].is_null) order.paid_at = Instant{f[12].integer};
        if (!f[13].is_null) order.hold_expires_at = Instant{f[13].integer};
        order.is_sandbox = f[14].integer != 0;
        static_cast<std::vector<FoundOrder>*>(context)->push_back(std::move(order));
      },
      &found);
  return found;
}

constexpr std::string_view columns =
    "SELECT o.id, o.reference, o.billing_name, o.billing_email, o.billing_company, o.currency, "
    "o.voucher_code, o.attention, o.mail_problem, o.status, o.total, o.created_at, o.paid_at, "
    "o.hold_expires_at, o.is_sandbox ";

struct Search {
  db::Tx& tx;
  Id conference_id;
  const OrderSearch& asked;
  std::string prefix;
  const std::optional<OrderPlace>& after;
  std::int64_t limit;
  // What the values of a query refer to.
  std::string status, method, text, upper, short_reference, code, email;
  std::vector<SearchWord> words;

  std::string filters(Bound& query) const {
    std::string sql = "o.conference_id = " + query.number(conference_id);
    if (after) {
      const std::string at = query.number(after->created_at.micros);
      sql += fmt::format(" AND o.created_at <= {0} AND (o.created_at < {0} OR o.id < {1})", at,
                         query.number(after->id));
    }
    if (asked.from) sql += " AND o.created_at >= " + query.number(asked.from->micros);
    if (asked.until) sql += " AND o.created_at < " + query.number(asked.until->micros);
    if (asked.status) sql += " AND o.status = " + query.text(status);
    if (asked.needs_attention) sql += " AND o.attention <> ''";
    if (asked.is_test) sql += " AND o.is_sandbox = " + query.number(*asked.is_test ? 1 : 0);
    if (asked.method && !is_rare())
      sql +=
          " AND EXISTS (SELECT 1 FROM payment p WHERE p.order_id = o.id AND " + by_method(query, "p") + ")";
    return sql;
  }
  // Methods that the index payment_by_hand is for: it leaves out what most payments are.
  bool is_rare() const {
    return asked.method && *asked.method != PaymentMethod::stripe && *asked.method != PaymentMethod::sandbox;
  }
  std::string by_method(Bound& query, std::string_view p) const {
    std::string sql =
        fmt::format("{0}.method = {1} AND {0}.status IN ('succeeded', 'refunded')", p, query.text(method));
    if (!asked.channel.empty()) sql += fmt::format(" AND {}.channel = {}", p, query.text(asked.channel));
    return sql;
  }
  std::vector<FoundOrder> run(Bound& query, std::string sql) const {
    if (is_rare())
      sql += fmt::format(
          " AND o.id IN (SELECT m.order_id FROM payment m WHERE m.conference_id = {} AND m.method <> "
          "'stripe' AND m.method <> 'sandbox' AND {})",
          query.number(conference_id), by_method(query, "m"));
    sql += " ORDER BY o.created_at DESC, o.id DESC LIMIT " + query.number(limit);
    return run_query(tx, sql, query);
  }

  std::vector<FoundOrder> all() const {
    Bound query;
    return run(query, fmt::format("{} FROM orders o WHERE {}", columns, filters(query)));
  }

  // What the text names as a whole. Every part is one look into an index.
  std::vector<FoundOrder> exact() const {
    Bound query;
    std::string hits;
    const auto add = [&](const std::string& select) { hits += (hits.empty() ? "" : " UNION ") + select; };
    if (!text.empty()) {
      const std::string here = query.number(conference_id), as_typed = query.text(text),
                        in_capitals = query.text(upper);
      add(fmt::format("SELECT id FROM orders WHERE reference = {}", in_capitals));
      add(fmt::format("SELECT id FROM orders WHERE reference = {}", query.text(short_reference)));
      add(fmt::format("SELECT order_id FROM seat WHERE access_code = {}", in_capitals));
      add(
          fmt::format("SELECT ov.id FROM orders ov JOIN voucher v ON v.id = ov.voucher_id WHERE "
                      "v.conference_id = {} AND v.code = {}",
                      here, query.text(code)));
      add(fmt::format("SELECT order_id FROM payment WHERE intent_id = {} AND intent_id <> ''", as_typed));
      add(fmt::format("SELECT order_id FROM payment WHERE charge_id = {} AND charge_id <> ''", as_typed));
      add(fmt::format("SELECT order_id FROM payment WHERE reference = {} AND reference <> ''", as_typed));
      if (text.size() == 4)
        add(
            fmt::format("SELECT order_id FROM payment WHERE conference_id = {} AND card_last4 = {} AND "
                        "card_last4 <> ''",
                        here, as_typed));
      if (text.find('@') != std::string::npos) {
        const std::string address = query.text(email);
        add(fmt::format("SELECT id FROM orders WHERE email_normalized = {} AND conference_id = {}", address,
                        here));
        add(fmt::format("SELECT order_id FROM seat WHERE email_normalized = {} AND email_normalized <> ''",
                        address));
      }
    }
    for (const Id id : asked.also) add(fmt::format("SELECT CAST({} AS BIGINT)", query.number(id)));
    if (hits.empty()) return {};
    // CROSS JOIN: SQLite begins with the few that were found.
    std::string sql =
        fmt::format("{} FROM ({}) hit CROSS JOIN orders o WHERE o.id = hit.id AND ", columns, hits);
    sql += filters(query);
    return run(query, std::move(sql));
  }

  std::vector<FoundOrder> by_words() const {
    Bound query;
    std::string sql = fmt::format("{} FROM orders o WHERE {}", columns, filters(query));
    sql += has_words(query, tx.engine(), words, {"o.billing_name", "o.billing_email", "o.billing_company"},
                     {"o.reference"});
    return run(query, std::move(sql));
  }
  // "+ 0": PostgreSQL takes a word for something that every third name has, walks the index from its end to
  // meet the first thousand soon, and reads the table out of order to its beginning when there are none. All
  // of it in order, on two cores where there are two, takes half of that.
  std::vector<FoundOrder> by_holders() const {
    Bound query;
    std::string hits =
        fmt::format("SELECT s.order_id AS id FROM seat s WHERE s.conference_id + 0 = {} AND s.name <> ''",
                    query.number(conference_id));
    hits += has_words(query, tx.engine(), words, {"s.name", "s.email"});
    hits += fmt::format(" ORDER BY s.order_id + 0 DESC LIMIT {}", most_holders);
    std::string sql = fmt::format(
        "{} FROM (SELECT DISTINCT id FROM ({}) named) hit CROSS JOIN orders o WHERE o.id = "
        "hit.id AND ",
        columns, hits);
    sql += filters(query);
    return run(query, std::move(sql));
  }
};

}  // namespace

std::string OrderPlace::to_string() const {
  return fmt::format("{}-{}", created_at.micros, id);
}

std::optional<OrderPlace> OrderPlace::parse(std::string_view text) {
  OrderPlace place;
  const char* end = text.data() + text.size();
  const auto at = std::from_chars(text.data(), end, place.created_at.micros);
  if (at.ec != std::errc() || at.ptr == end || *at.ptr != '-') return std::nullopt;
  const auto id = std::from_chars(at.ptr + 1, end, place.id);
  if (id.ec != std::errc() || id.ptr != end || place.id < 1) return std::nullopt;
  return place;
}

std::vector<FoundOrder> search_orders(db::Tx& tx, Id conference_id, const OrderSearch& asked,
                                      std::string_view prefix, const std::optional<OrderPlace>& after,
                                      std::int64_t limit) {
  Search search{tx, conference_id, asked, std::string(prefix), after, limit, {}, {}, {}, {}, {}, {}, {}, {}};
  if (asked.status) search.status = to_text(*asked.status);
  if (asked.method) search.method = to_text(*asked.method);
  search.text = std::string(trimmed(asked.text));
  if (search.text.size() > longest_search || !is_valid_utf8(search.text) ||
      search.text.find('\0') != std::string::npos)
    return {};
  if (search.text.empty() && asked.also.empty()) return search.all();
  search.upper = ascii_upper(search.text);
  search.short_reference = search.prefix + "-" + search.upper;
  search.code = normal_code(search.text);
  search.email = normalized_email(search.text);
  search.words = search_words(search.text, tx.engine());

  std::vector<FoundOrder> found = search.exact();
  const bool is_specific = !asked.also.empty() || search.text.size() >= plain_length;
  if ((found.empty() || !is_specific) && !search.words.empty()) {
    for (const auto more : {&Search::by_words, &Search::by_holders})
      for (FoundOrder& order : (search.*more)()) found.push_back(std::move(order));
    const auto newer = [](const FoundOrder& a, const FoundOrder& b) {
      return a.created_at != b.created_at ? a.created_at > b.created_at : a.id > b.id;
    };
    std::sort(found.begin(), found.end(), newer);
    const auto same = [](const FoundOrder& a, const FoundOrder& b) { return a.id == b.id; };
    found.erase(std::unique(found.begin(), found.end(), same), found.end());
    if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
  }
  return found;
}

std::vector<FoundOrder> orders_with(db::Tx& tx, Id conference_id, std::span<const Id> ids) {
  std::vector<FoundOrder> found;
  for (std::size_t at = 0; at < ids.size(); at += most_listed) {
    Bound query;
    const std::string conference = query.number(conference_id);
    const std::string sql =
        fmt::format("{}FROM orders o WHERE o.id IN {} AND o.conference_id + 0 = {}", columns,
                    query.numbers(ids.subspan(at, std::min(most_listed, ids.size() - at))), conference);
    for (FoundOrder& order : run_query(tx, sql, query)) found.push_back(std::move(order));
  }
  std::sort(found.begin(), found.end(), [](const FoundOrder& a, const FoundOrder& b) { return a.id < b.id; });
  return found;
}

}  // namespace plenary::registration
