// "conference_id + 0": the rows are walked by their id from the newest on, which every list begins with; an
// index of the conference would have to be sorted first.
#include "domain/registration/attendees.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "db/entity_table.hpp"
#include "domain/registration/open_answers.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/word_search.hpp"

namespace plenary::registration {
namespace {

// Tickets, or orders, that one statement reads.
constexpr std::size_t ids_at_once = 100;

using Text = std::string;
using K = db::ColumnKind;

constexpr std::string_view columns =
    "SELECT s.id, s.order_id, s.ticket_type_id, s.position, s.access_code, s.name, s.email, s.status, "
    "s.user_id, s.link_version, s.language, s.invited_at, s.confirmed_at, s.checked_in_at, s.mail_problem, "
    "s.conference_id, s.created_at, o.reference, o.status, o.billing_name, o.billing_email, "
    "o.billing_company, o.user_id, o.is_sandbox, o.created_at ";
constexpr K kinds[] = {K::integer, K::integer, K::integer, K::integer, K::text,    K::text,    K::text,
                       K::text,    K::integer, K::integer, K::text,    K::integer, K::integer, K::integer,
                       K::text,    K::integer, K::integer, K::text,    K::text,    K::text,    K::text,
                       K::text,    K::integer, K::integer, K::integer};

std::optional<Id> id_of(const db::Field& field) {
  return field.is_null ? std::nullopt : std::optional<Id>(field.integer);
}
std::optional<Instant> instant_of(const db::Field& field) {
  return field.is_null ? std::nullopt : std::optional(Instant{field.integer});
}

std::vector<Attendee> read(db::Tx& tx, const std::string& sql, const Bound& bound) {
  std::vector<Attendee> found;
  tx.run(
      db::intern_sql(sql), bound.values(), kinds,
      [](void* context, const db::Field* f) {
        Attendee one;
        Seat& seat = one.seat;
        seat.id = f[0].integer;
        seat.order_id = f[1].integer;
        seat.ticket_type_id = id_of(f[2]).value_or(0);
        seat.position = f[3].integer;
        seat.access_code = f[4].text;
        seat.name = f[5].text;
        seat.email = f[6].text;
        seat.is_active = f[7].text == "active";
        seat.user_id = id_of(f[8]);
        seat.link_version = f[9].integer;
        seat.language = f[10].text;
        seat.invited_at = instant_of(f[11]);
        seat.confirmed_at = instant_of(f[12]);
        seat.checked_in_at = instant_of(f[13]);
        seat.mail_problem = f[14].text;
        one.conference_id = f[15].integer;
        one.created_at = Instant{f[16].integer};
        one.order_reference = f[17].text;
        one.order_status = order_status(f[18].text);
        one.buyer_name = f[19].text;
        one.buyer_email = f[20].text;
        one.company = f[21].text;
        one.buyer_user_id = id_of(f[22]);
        one.is_sandbox = f[23].integer != 0;
        one.ordered_at = Instant{f[24].integer};
        static_cast<std::vector<Attendee>*>(context)->push_back(std::move(one));
      },
      &found);
  return found;
}

std::vector<Id> read_ids(db::Tx& tx, const std::string& sql, const Bound& bound) {
  static constexpr K id_kind[] = {K::integer};
  std::vector<Id> ids;
  tx.run(
      db::intern_sql(sql), bound.values(), id_kind,
      [](void* context, const db::Field* f) {
        static_cast<std::vector<Id>*>(context)->push_back(f[0].integer);
      },
      &ids);
  return ids;
}

// " IN ($4, …)" of always as many places, so that the text is always the same.
std::string in_list(Bound& bound, std::span<const Id> ids) {
  std::string list;
  for (std::size_t i = 0; i < ids_at_once; ++i)
    list += (i == 0 ? "" : ", ") + bound.number(i < ids.size() ? ids[i] : 0);
  return " IN (" + list + ")";
}

struct Search {
  db::Tx& tx;
  Id conference_id;
  const AttendeeSearch& asked;
  std::string text = {}, upper = {}, reference = {}, email = {};
  std::vector<SearchWord> words = {};

  std::string filters(Bound& bound) const {
    std::string sql = "s.conference_id + 0 = " + bound.number(conference_id);
    if (asked.state)
      sql += *asked.state == AttendeeState::valid ? " AND s.status = 'active'" : " AND s.status = 'void'";
    if (asked.ticket_type_id) sql += " AND s.ticket_type_id + 0 = " + bound.number(*asked.ticket_type_id);
    if (asked.is_checked_in)
      sql += *asked.is_checked_in ? " AND s.checked_in_at IS NOT NULL" : " AND s.checked_in_at IS NULL";
    if (asked.is_confirmed)
      sql += *asked.is_confirmed ? " AND s.confirmed_at IS NOT NULL" : " AND s.confirmed_at IS NULL";
    if (asked.is_unnamed) sql += " AND s.name = ''";
    return sql;
  }

  std::vector<Attendee> of_ids(std::span<const Id> ids) const {
    Bound bound;
    const std::string list = in_list(bound, ids);
    return read(tx,
                fmt::format("{} FROM seat s CROSS JOIN orders o WHERE o.id = s.order_id AND s.id{} ORDER BY "
                            "s.id DESC",
                            columns, list),
                bound);
  }
  std::vector<Attendee> page(std::optional<Id> after, std::int64_t limit) const {
    Bound bound;
    return page_where(bound, filters(bound), after, limit);
  }
  // Those that may miss an answer.
  std::vector<Attendee> page_to_check(const Catalogue& catalogue, std::optional<Id> after,
                                      std::int64_t limit) const {
    Bound bound;
    std::deque<std::string> texts;
    const std::string lacking = may_lack_answers(bound, texts, catalogue);
    if (lacking.empty()) return {};
    return page_where(bound, filters(bound) + " AND s.status = 'active' AND " + lacking, after, limit);
  }
  std::vector<Attendee> page_where(Bound& bound, const std::string& where, std::optional<Id> after,
                                   std::int64_t limit) const {
    std::string sql =
        fmt::format("{} FROM seat s CROSS JOIN orders o WHERE o.id = s.order_id AND {}", columns, where);
    if (after) sql += " AND s.id < " + bound.number(*after);
    sql += " ORDER BY s.id DESC LIMIT " + bound.number(limit);
    return read(tx, sql, bound);
  }
  std::int64_t count() const {
    Bound bound;
    const std::string sql =
        fmt::format("SELECT CAST(COUNT(*) AS BIGINT) FROM seat s WHERE {}", filters(bound));
    return read_ids(tx, sql, bound).front();
  }

  // What the text names as a whole: every part is one look into an index.
  std::vector<Id> exact() const {
    Bound bound;
    std::string hits = fmt::format("SELECT id FROM seat WHERE access_code = {}", bound.text(upper));
    for (const std::string* one : {&upper, &reference})
      hits += fmt::format(
          " UNION SELECT r.id FROM orders ro JOIN seat r ON r.order_id = ro.id WHERE ro.reference = {}",
          bound.text(*one));
    if (text.find('@') != std::string::npos) {
      const std::string address = bound.text(email);
      hits += fmt::format(" UNION SELECT id FROM seat WHERE email_normalized = {} AND email_normalized <> ''",
                          address);
      hits += fmt::format(
          " UNION SELECT b.id FROM orders bo JOIN seat b ON b.order_id = bo.id WHERE bo.email_normalized = "
          "{} AND bo.conference_id = {}",
          address, bound.number(conference_id));
    }
    const std::string sql = fmt::format(
        "SELECT s.id FROM ({}) hit CROSS JOIN seat s WHERE s.id = hit.id AND {} ORDER BY s.id DESC LIMIT {}",
        hits, filters(bound), bound.number(most_found + 1));
    return read_ids(tx, sql, bound);
  }
  std::vector<Id> by_holder() const {
    Bound bound;
    std::string sql = "SELECT s.id FROM seat s WHERE " + filters(bound);
    sql += has_words(bound, tx.engine(), words, {"s.name", "s.email"});
    // "+ 0": see order_search.cpp.
    sql += " ORDER BY s.id + 0 DESC LIMIT " + bound.number(most_found + 1);
    return read_ids(tx, sql, bound);
  }
  std::vector<Id> by_company() const {
    Bound bound;
    std::string orders =
        "SELECT o.id FROM orders o WHERE o.conference_id + 0 = " + bound.number(conference_id) +
        " AND o.billing_company <> ''";
    orders += has_words(bound, tx.engine(), words, {"o.billing_company"});
    orders += " ORDER BY o.id + 0 DESC LIMIT " + bound.number(most_found);
    const std::string sql = fmt::format(
        "SELECT s.id FROM ({}) hit CROSS JOIN seat s WHERE s.order_id = hit.id AND {} ORDER BY s.id DESC "
        "LIMIT {}",
        orders, filters(bound), bound.number(most_found + 1));
    return read_ids(tx, sql, bound);
  }

  // The newest ones, each once.
  std::vector<Id> found() const {
    std::vector<Id> ids = exact();
    if (!ids.empty() || words.empty()) return ids;
    ids = by_holder();
    for (const Id id : by_company()) ids.push_back(id);
    std::sort(ids.begin(), ids.end(), std::greater<>());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (ids.size() > static_cast<std::size_t>(most_found) + 1)
      ids.resize(static_cast<std::size_t>(most_found) + 1);
    return ids;
  }
};

std::vector<std::vector<Id>> orders_of(const std::vector<Attendee>& attendees) {
  std::vector<Id> all;
  for (const Attendee& one : attendees) all.push_back(one.seat.order_id);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<std::vector<Id>> pieces;
  for (std::size_t at = 0; at < all.size(); at += ids_at_once)
    pieces.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(at),
                        all.begin() + static_cast<std::ptrdiff_t>(std::min(at + ids_at_once, all.size())));
  return pieces;
}

struct StoredAnswer {
  Id order_id = 0;
  std::int64_t position = 0;
  Id question_id = 0;
  std::string value, shown;
  std::int64_t text_version = 0;
};
std::vector<StoredAnswer> stored_answers(db::Tx& tx, const std::vector<Attendee>& attendees) {
  static constexpr K answer_kinds[] = {K::integer, K::integer, K::integer, K::text, K::text, K::integer};
  std::vector<StoredAnswer> answers;
  for (const std::vector<Id>& orders : orders_of(attendees)) {
    Bound bound;
    const std::string sql =
        "SELECT a.order_id, a.position, a.question_id, a.value, a.shown, a.text_version FROM answer a WHERE "
        "a.order_id" +
        in_list(bound, orders);
    tx.run(
        db::intern_sql(sql), bound.values(), answer_kinds,
        [](void* context, const db::Field* f) {
          static_cast<std::vector<StoredAnswer>*>(context)->push_back({f[0].integer, f[1].integer,
                                                                       f[2].integer, std::string(f[3].text),
                                                                       std::string(f[4].text), f[5].integer});
        },
        &answers);
  }
  return answers;
}

// Add-ons of which something is left in each order.
std::map<Id, std::vector<Id>> addons_of_orders(db::Tx& tx, const std::vector<Attendee>& attendees) {
  static constexpr K line_kinds[] = {K::integer, K::integer};
  std::map<Id, std::vector<Id>> addons;
  for (const std::vector<Id>& orders : orders_of(attendees)) {
    Bound bound;
    const std::string sql = "SELECT l.order_id, l.addon_id FROM order_line l WHERE l.order_id" +
                            in_list(bound, orders) +
                            " AND l.addon_id IS NOT NULL GROUP BY l.order_id, l.addon_id HAVING "
                            "SUM(l.quantity) > 0";
    tx.run(
        db::intern_sql(sql), bound.values(), line_kinds,
        [](void* context, const db::Field* f) {
          (*static_cast<std::map<Id, std::vector<Id>>*>(context))[f[0].integer].push_back(f[1].integer);
        },
        &addons);
  }
  return addons;
}

bool asks_attendees_for_something(const Catalogue& catalogue) {
  return std::any_of(catalogue.questions.begin(), catalogue.questions.end(), [](const AskedQuestion& one) {
    return one.question.target == QuestionTarget::attendee && one.question.is_required;
  });
}

// Labels, for each of them. By the rules that forms go by (check_answers).
std::vector<std::vector<std::string>> missing_of(db::Tx& tx, const Catalogue& catalogue,
                                                 const std::vector<Attendee>& attendees) {
  std::vector<std::vector<std::string>> missing(attendees.size());
  if (!asks_attendees_for_something(catalogue)) return missing;
  const bool by_addon = std::any_of(
      catalogue.questions.begin(), catalogue.questions.end(),
      [](const AskedQuestion& one) { return one.question.addon_scope == QuestionScope::selected; });
  const auto addons = by_addon ? addons_of_orders(tx, attendees) : std::map<Id, std::vector<Id>>();
  std::map<std::pair<Id, std::int64_t>, std::vector<GivenAnswer>> given;
  for (StoredAnswer& answer : stored_answers(tx, attendees)) {
    const auto question =
        std::find_if(catalogue.questions.begin(), catalogue.questions.end(),
                     [&](const AskedQuestion& one) { return one.question.id == answer.question_id; });
    if (question == catalogue.questions.end()) continue;
    const bool is_consent = question->question.kind == QuestionKind::consent;
    given[{answer.order_id, answer.position}].push_back(
        {answer.position, answer.question_id,
         is_consent ? std::to_string(answer.text_version) : std::move(answer.value)});
  }
  for (std::size_t i = 0; i < attendees.size(); ++i) {
    const Seat& seat = attendees[i].seat;
    if (!seat.is_active) continue;
    OrderUnits bought;
    bought.units.push_back({seat.position, seat.ticket_type_id});
    if (const auto own = addons.find(seat.order_id); own != addons.end()) bought.addons = own->second;
    std::vector<QuestionPlace> asked = asked_for(catalogue, bought, false);
    std::erase_if(asked, [&](const QuestionPlace& one) { return one.position != seat.position; });
    if (asked.empty()) continue;
    for (const Refused& fault : check_answers(asked, given[{seat.order_id, seat.position}]).faults) {
      if (fault.code() != "required") continue;
      for (const QuestionPlace& one : asked)
        if (answer_field(one.position, one.question->question.id) == fault.field())
          missing[i].push_back(one.question->question.label);
    }
  }
  return missing;
}

// Of the tickets that may miss an answer, those that do.
AttendeePage page_of_missing(const Search& search, const Catalogue& catalogue, std::optional<Id> after,
                             std::int64_t limit) {
  AttendeePage page;
  const bool is_first = !after;
  const std::int64_t at_once = std::max<std::int64_t>(limit + 1, 100);
  for (bool is_end = false; !is_end;) {
    std::vector<Attendee> piece = search.page_to_check(catalogue, after, at_once);
    is_end = piece.size() < static_cast<std::size_t>(at_once);
    const auto missing = missing_of(search.tx, catalogue, piece);
    for (std::size_t i = 0; i < piece.size(); ++i) {
      after = piece[i].seat.id;
      if (missing[i].empty()) continue;
      if (page.attendees.size() == static_cast<std::size_t>(limit)) {
        page.next = page.attendees.back().seat.id;
        page.is_counted = false;
        return page;
      }
      page.attendees.push_back(std::move(piece[i]));
    }
  }
  page.is_counted = is_first;
  page.count = static_cast<std::int64_t>(page.attendees.size());
  return page;
}

}  // namespace

AttendeePage search_attendees(db::Tx& tx, const Catalogue& catalogue, const AttendeeSearch& asked,
                              std::string_view prefix, std::optional<Id> after, std::int64_t limit) {
  Search search{tx, catalogue.conference.id, asked};
  search.text = std::string(trimmed(asked.text));
  AttendeePage page;
  if (search.text.size() > longest_search || !is_valid_utf8(search.text) ||
      search.text.find('\0') != std::string::npos)
    return page;
  if (search.text.empty()) {
    if (asked.misses_answers) return page_of_missing(search, catalogue, after, limit);
    page.attendees = search.page(after, limit + 1);
    page.is_counted = asked.wants_count;
    if (asked.wants_count) page.count = search.count();
    if (page.attendees.size() > static_cast<std::size_t>(limit)) {
      page.attendees.resize(static_cast<std::size_t>(limit));
      page.next = page.attendees.back().seat.id;
    }
    return page;
  }
  search.upper = ascii_upper(search.text);
  search.reference = std::string(prefix) + "-" + search.upper;
  search.email = normalized_email(search.text);
  search.words = search_words(search.text, tx.engine());
  std::vector<Id> ids = search.found();
  page.count = static_cast<std::int64_t>(ids.size());
  if (page.count > most_found) {
    page.count = most_found;
    page.count_is_least = true;
    ids.pop_back();
  }
  page.is_counted = !asked.misses_answers;
  if (after) std::erase_if(ids, [&](Id id) { return id >= *after; });
  for (std::span<const Id> left = ids; !left.empty();) {
    const std::span<const Id> piece = left.first(std::min(left.size(), ids_at_once));
    left = left.subspan(piece.size());
    std::vector<Attendee> attendees = search.of_ids(piece);
    const auto missing = asked.misses_answers ? missing_of(tx, catalogue, attendees)
                                              : std::vector<std::vector<std::string>>(attendees.size());
    for (std::size_t i = 0; i < attendees.size(); ++i) {
      if (asked.misses_answers && missing[i].empty()) continue;
      if (page.attendees.size() == static_cast<std::size_t>(limit)) {
        page.next = page.attendees.back().seat.id;
        return page;
      }
      page.attendees.push_back(std::move(attendees[i]));
    }
  }
  return page;
}

AttendeeCounts attendee_counts(db::Tx& tx, Id conference_id) {
  const auto [valid, checked_in, unnamed] = tx.one<std::int64_t, std::int64_t, std::int64_t>(
      "SELECT CAST(COUNT(*) AS BIGINT), CAST(COUNT(checked_in_at) AS BIGINT), CAST(COUNT(CASE WHEN name = '' "
      "THEN 1 END) AS BIGINT) FROM seat WHERE conference_id + 0 = $1 AND status = 'active'",
      conference_id);
  return {valid, checked_in, unnamed};
}

std::optional<Attendee> find_attendee(db::Tx& tx, Id conference_id, Id seat_id) {
  Bound bound;
  const std::string sql = fmt::format(
      "{} FROM seat s JOIN orders o ON o.id = s.order_id WHERE s.id = {} AND s.conference_id + 0 = {}",
      columns, bound.number(seat_id), bound.number(conference_id));
  std::vector<Attendee> found = read(tx, sql, bound);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<std::vector<std::string>> answers_of_attendees(db::Tx& tx, const std::vector<Attendee>& attendees,
                                                           const std::vector<Question>& questions) {
  std::vector<std::vector<std::string>> rows(attendees.size(), std::vector<std::string>(questions.size()));
  if (questions.empty() || attendees.empty()) return rows;
  std::map<std::pair<Id, std::int64_t>, std::vector<const StoredAnswer*>> by_place;
  const std::vector<StoredAnswer> answers = stored_answers(tx, attendees);
  for (const StoredAnswer& answer : answers) by_place[{answer.order_id, answer.position}].push_back(&answer);
  for (std::size_t i = 0; i < attendees.size(); ++i)
    for (const std::int64_t position : {std::int64_t{0}, attendees[i].seat.position}) {
      const auto own = by_place.find({attendees[i].seat.order_id, position});
      if (own == by_place.end()) continue;
      for (const StoredAnswer* answer : own->second)
        for (std::size_t column = 0; column < questions.size(); ++column)
          if (questions[column].id == answer->question_id)
            rows[i][column] = answer->shown.empty() ? answer->value : answer->shown;
    }
  return rows;
}

std::vector<std::string> missing_answers(db::Tx& tx, const Catalogue& catalogue, const Attendee& attendee) {
  return missing_of(tx, catalogue, {attendee}).front();
}

}  // namespace plenary::registration
