// The list of attendees: found by what identifies them or by words, filtered, page by page, and as a file
// with their answers. source: staff pages 70, 11.1, 14.26 and 14.33.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/errors.hpp"
#include "base/pool.hpp"
#include "base/text.hpp"
#include "domain/registration/answer_sheet.hpp"
#include "domain/registration/seats.hpp"
#include "manage/attendees.hpp"
#include "manage/exports.hpp"
#include "manage/order_work.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"
#include "web/routes.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using registration::Attendee;
using registration::AttendeePage;
using registration::AttendeeSearch;
using registration::AttendeeState;
using site::tr;
using templating::Value;

constexpr std::int64_t per_page = 50, per_piece = 500, most_in_file = 200'000;

struct Filter {
  std::string_view value;
  const char* label;
};
constexpr Filter filters[] = {{"valid", message("Valid")},
                              {"checked_in", message("Checked in")},
                              {"not_checked_in", message("Not checked in")},
                              {"confirmed", message("Confirmed by the holder")},
                              {"not_confirmed", message("Not confirmed")},
                              {"unnamed", message("Nobody is named yet")},
                              {"missing", message("Answers are missing")},
                              {"void", message("Void")}};

// What the address asks for. What is no filter of ours is left out, as if it were not there.
struct Asked {
  AttendeeSearch search;
  std::string text, filter, ticket;
  std::optional<registration::Id> after;

  bool is_filtered() const { return !text.empty() || !filter.empty() || !ticket.empty(); }
  // The same list, whole and encoded, for links.
  std::string query() const {
    std::string all;
    const auto add = [&](std::string_view name, std::string_view value) {
      if (!value.empty())
        all += fmt::format("{}{}={}", all.empty() ? "" : "&", name, web::percent_encode(value));
    };
    add("q", text);
    add("filter", filter);
    add("ticket", ticket);
    return all;
  }
};

Asked asked_of(const web::Request& request) {
  const registration::Catalogue& catalogue = *request.context<Visit>().catalogue;
  const auto get = [&](std::string_view name) {
    return std::string(trimmed(request.query(name).value_or("")));
  };
  Asked asked;
  asked.text = get("q");
  if (!is_valid_utf8(asked.text) || asked.text.size() > 200) asked.text.clear();
  asked.search.text = asked.text;
  const std::string filter = get("filter");
  for (const Filter& one : filters)
    if (one.value == filter) asked.filter = filter;
  AttendeeSearch& search = asked.search;
  if (!asked.filter.empty())
    search.state = asked.filter == "void" ? AttendeeState::is_void : AttendeeState::valid;
  if (asked.filter == "checked_in" || asked.filter == "not_checked_in")
    search.is_checked_in = asked.filter == "checked_in";
  if (asked.filter == "confirmed" || asked.filter == "not_confirmed")
    search.is_confirmed = asked.filter == "confirmed";
  search.is_unnamed = asked.filter == "unnamed";
  search.misses_answers = asked.filter == "missing";
  if (const auto type = site::whole_number(get("ticket")); type && catalogue.ticket_type(*type)) {
    search.ticket_type_id = type;
    asked.ticket = std::to_string(*type);
  }
  asked.after = site::whole_number(get("after"));
  return asked;
}

Value option(std::string_view value, const std::string& label, std::string_view chosen) {
  return Value::dict({{"value", Value(value)}, {"label", Value(label)}, {"chosen", Value(value == chosen)}});
}

void set_filters(site::Page& page, const web::Request& request, const Asked& asked) {
  const registration::Catalogue& catalogue = *request.context<Visit>().catalogue;
  std::vector<Value> filter_options, ticket_options;
  for (const Filter& one : filters)
    filter_options.push_back(option(one.value, tr(request, one.label), asked.filter));
  for (const registration::TicketType& type : catalogue.ticket_types)
    ticket_options.push_back(option(std::to_string(type.id), type.name, asked.ticket));
  page.set("q", Value(asked.text))
      .set("filters", Value::list(std::move(filter_options)))
      .set("tickets", Value::list(std::move(ticket_options)))
      .set("is_filtered", Value(asked.is_filtered()));
}

Value row_value(const Site& site, const web::Request& request, const Attendee& one) {
  const Visit& visit = request.context<Visit>();
  const registration::TicketType* type = visit.catalogue->ticket_type(one.seat.ticket_type_id);
  const std::string key = std::to_string(one.seat.id);
  return Value::dict(
      {{"url", Value(site::url(site, visit, "manage:attendee-detail", key))},
       {"name", Value(attendee_name(request, one))},
       {"email", Value(one.seat.email)},
       {"company", Value(one.company)},
       {"code", Value(one.seat.access_code)},
       {"ticket", Value(type ? type->name : std::string())},
       {"order", Value(one.order_reference)},
       {"order_url", Value(order_url(site, visit, "manage:order-detail", one.seat.order_id))},
       {"state", Value(tr(request, state_word(one)))},
       {"is_void", Value(!one.seat.is_active)},
       {"is_in", Value(one.seat.checked_in_at.has_value())},
       {"checked_in",
        one.seat.checked_in_at ? Value(moment_text(request, *one.seat.checked_in_at)) : Value("")},
       {"at", Value(moment_text(request, one.created_at))},
       {"mail_problem", Value(!one.seat.mail_problem.empty())},
       {"is_sandbox", Value(one.is_sandbox)}});
}

std::string count_text(const web::Request& request, const AttendeePage& page) {
  if (!page.is_counted) return {};
  if (page.count_is_least)
    return tr(request,
              message("At least {n} tickets match: the newest of them are found. More words find fewer."),
              {{"n", std::to_string(page.count)}});
  return site::tr_n(request, "{n} ticket matches.", "{n} tickets match.", page.count);
}

// ---- the file

// A table of people with their answers; read in pieces, so that no read holds the database for long.
class File {
 public:
  File(Site& site, const Visit& visit, AttendeeSearch search, std::string prefix)
      : site_(site),
        catalogue_(visit.catalogue),
        conference_id_(visit.conference->id),
        search_(std::move(search)),
        prefix_(std::move(prefix)) {
    search_.wants_count = false;
  }

  std::string make() {
    questions_ =
        site_.db.read_now([&](db::Tx& tx) { return registration::every_question(tx, conference_id_); });
    std::vector<std::string> head{"code",        "name",      "email",   "ticket",       "state",
                                  "checked_in",  "confirmed", "order",   "order_status", "buyer",
                                  "buyer_email", "company",   "ordered", "test"};
    for (const registration::Question& question : questions_) head.push_back(question.label);
    std::string all = csv_line(head);
    std::optional<registration::Id> after;
    for (std::int64_t rows = 0; rows < most_in_file;) {
      const auto read = [&](db::Tx& tx) {
        AttendeePage page =
            registration::search_attendees(tx, *catalogue_, search_, prefix_, after, per_piece);
        auto answers = registration::answers_of_attendees(tx, page.attendees, questions_);
        return std::pair(std::move(page), std::move(answers));
      };
      const auto [page, answers] = site_.db.read_now(read);
      for (std::size_t i = 0; i < page.attendees.size(); ++i) all += line(page.attendees[i], answers[i]);
      rows += static_cast<std::int64_t>(page.attendees.size());
      after = page.next;
      if (!after) break;
    }
    return all;
  }

 private:
  std::string at(const std::optional<Instant>& moment) const {
    if (!moment) return {};
    const LocalTime local = catalogue_->zone.local(*moment);
    return fmt::format("{} {:02}:{:02}:{:02}", local.date.to_string(), local.hour, local.minute,
                       local.second);
  }
  std::string line(const Attendee& one, const std::vector<std::string>& answers) const {
    const registration::TicketType* type = catalogue_->ticket_type(one.seat.ticket_type_id);
    std::vector<std::string> cells{one.seat.access_code,
                                   one.seat.name,
                                   one.seat.email,
                                   type ? type->name : std::string(),
                                   one.seat.is_active ? "valid" : "void",
                                   at(one.seat.checked_in_at),
                                   at(one.seat.confirmed_at),
                                   one.order_reference,
                                   std::string(registration::to_text(one.order_status)),
                                   one.buyer_name,
                                   one.buyer_email,
                                   one.company,
                                   at(one.ordered_at),
                                   one.is_sandbox ? "yes" : "no"};
    cells.insert(cells.end(), answers.begin(), answers.end());
    return csv_line(cells);
  }

  Site& site_;
  std::shared_ptr<const registration::Catalogue> catalogue_;
  std::int64_t conference_id_;
  AttendeeSearch search_;
  std::string prefix_;
  std::vector<registration::Question> questions_;
};

}  // namespace

const char* state_word(const Attendee& attendee) {
  if (!attendee.seat.is_active) return message("Void");
  if (attendee.seat.checked_in_at) return message("Checked in");
  switch (registration::state_of(attendee.seat)) {
    case registration::SeatState::confirmed:
      return message("Confirmed");
    case registration::SeatState::invited:
      return message("Link mailed");
    case registration::SeatState::named:
      return message("Named");
    case registration::SeatState::open:
      break;
  }
  return message("Open");
}

std::string attendee_name(const web::Request& request, const Attendee& attendee) {
  if (!attendee.seat.name.empty()) return attendee.seat.name;
  if (!attendee.seat.email.empty()) return attendee.seat.email;
  if (attendee.buyer_name.empty()) return tr(request, message("Nobody named"));
  return tr(request, message("Nobody named, bought by {name}"), {{"name", attendee.buyer_name}});
}

Task<web::Response> show_attendees(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  Asked asked = asked_of(request);
  asked.search.wants_count = asked.is_filtered();
  const std::string prefix = site.settings.program.order_reference_prefix;
  registration::AttendeeCounts counts;
  auto read = [&](db::Tx& tx) {
    counts = registration::attendee_counts(tx, visit.conference->id);
    return registration::search_attendees(tx, *visit.catalogue, asked.search, prefix, asked.after, per_page);
  };
  const AttendeePage found = co_await site.db.read(read);

  const std::string list = site::url(site, visit, "manage:attendee-list"), query = asked.query();
  std::vector<Value> rows;
  for (const Attendee& one : found.attendees) rows.push_back(row_value(site, request, one));
  site::Page page(site, request, "django_program/manage/attendee_list.html");
  frame(page, site, request, tr(request, message("Attendees")), "attendees");
  set_filters(page, request, asked);
  page.set("attendees", Value::list(std::move(rows)))
      .set("valid_count", Value(counts.valid))
      .set("in_count", Value(counts.checked_in))
      .set("unnamed_count", Value(counts.unnamed))
      .set("unnamed_url", Value(list + "?filter=unnamed"))
      .set("count_text", asked.is_filtered() ? Value(count_text(request, found)) : Value(""))
      .set("list_url", Value(list))
      .set("is_first", Value(!asked.after.has_value()))
      .set("first_url", Value(query.empty() ? list : list + "?" + query));
  if (asked.filter == "unnamed" && may_change(visit))
    page.set("remind_url", Value(site::url(site, visit, "manage:attendee-remind")));
  if (may(visit.rights, "export_reports", visit.conference->id))
    page.set("export_url",
             Value(site::url(site, visit, "manage:attendee-export") + (query.empty() ? "" : "?" + query)));
  if (found.next)
    page.set("older_url",
             Value(fmt::format("{}?{}{}after={}", list, query, query.empty() ? "" : "&", *found.next)));
  co_return site::personal(page.html(), found.attendees.empty() ? "none" : "");
}

Task<web::Response> export_attendees(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference_id = visit.conference->id;
  if (!may(visit.rights, "view_registration", conference_id))
    co_return web::Response::error(403, tr(request, message("This file needs the right to see attendees.")));
  const Asked asked = asked_of(request);
  File file(site, visit, asked.search, site.settings.program.order_reference_prefix);
  const std::function<std::string()> make = [&] { return file.make(); };
  const Export what{"seat", "Export of attendees", asked.query(), "attendees"};
  co_return co_await recorded_csv(site, request, what, make);
}

}  // namespace plenary::manage
