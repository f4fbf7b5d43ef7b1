// Everything that happened to an order, in one list. source: staff pages 70, 11.4 and 14.11.
#include "manage/order_story.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "domain/conference/audit_of_row.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/seats.hpp"
#include "mail/line_name.hpp"
#include "manage/order_work.hpp"
#include "site/text.hpp"

namespace plenary::manage {
namespace {

using registration::OrderEventRow;
using site::tr;
using templating::Value;

constexpr std::size_t most_entries = 300;
constexpr std::int64_t most_records = 200;

struct Entry {
  Instant at;
  const char* kind = "";
  std::string who, text;
  std::vector<std::string> details = {};
};

struct Story {
  const web::Request& request;
  const OrderFile& file;
  std::vector<Entry> entries = {};

  std::string say(const char* text, const Refused::Arguments& arguments = {}) const {
    return tr(request, text, arguments);
  }
  // What the house itself writes as a reason is said in the page's language; what people wrote stays as it
  // is.
  std::string told(const std::string& reason) const {
    static constexpr std::array known{message("cancelled on the order page"),
                                      message("changed on the order page"),
                                      message("billing details changed on the order page"),
                                      message("balance paid"),
                                      message("part paid"),
                                      message("paid out"),
                                      message("hold elapsed"),
                                      message("payment fee"),
                                      message("taken out of the order")};
    const auto is_it = [&](const char* one) { return reason == one; };
    return std::any_of(known.begin(), known.end(), is_it) ? say(reason.c_str()) : reason;
  }
  std::string amount(std::int64_t minor) const { return amount_text(request, file.order, minor); }
  std::string person(std::string_view actor) const {
    if (actor == "buyer") return say(message("the buyer"));
    if (actor == "holder") return say(message("the holder"));
    if (actor == "staff") return say(message("staff"));
    if (actor == "system" || actor.empty()) return say(message("Plenary"));
    return std::string(actor);
  }
  std::string state(std::string_view status) const {
    return say(word_of(registration::order_status(status)));
  }

  void add_events(db::Tx& tx) {
    for (const OrderEventRow& event :
         registration::order_event_table().select(tx, "WHERE order_id = $1 ORDER BY id", file.order.id)) {
      Entry entry{event.created_at, message("Order"), person(event.actor), {}, {}};
      if (event.from_status.empty())
        entry.text = say(message("Ordered: {status}."), {{"status", state(event.to_status)}});
      else if (event.from_status != event.to_status)
        entry.text = say(message("{before} → {after}."),
                         {{"before", state(event.from_status)}, {"after", state(event.to_status)}});
      else
        entry.text = say(message("Changed."));
      if (!event.reason.empty()) entry.details.push_back(told(event.reason));
      for (const registration::OrderLineRow& line : file.lines) {
        if (line.created_at != event.created_at) continue;
        const std::string name = mail::line_name(site::language_of(request), line.description);
        if (line.quantity == 0)
          entry.details.push_back(fmt::format("{}: {}", name, amount(line.gross)));
        else
          entry.details.push_back(
              fmt::format("{} {} × {}", line.quantity < 0 ? "−" : "+", std::abs(line.quantity), name));
      }
      entries.push_back(std::move(entry));
    }
  }

  void add_seats(db::Tx& tx) {
    for (const registration::SeatRow& seat : file.seats) {
      for (const registration::SeatEvent& event : registration::seat_events(tx, seat.id)) {
        const bool is_reissue = registration::is_reissue(event);
        const char* text = is_reissue                    ? message("Ticket {n}: a new code was given.")
                           : event.kind == "assigned"    ? message("Ticket {n}: a name was written.")
                           : event.kind == "mailed"      ? message("Ticket {n}: its link was mailed.")
                           : event.kind == "confirmed"   ? message("Ticket {n}: the holder confirmed.")
                           : event.kind == "transferred" ? message("Ticket {n}: given to somebody else.")
                                                         : message("Ticket {n}: taken back.");
        entries.push_back({event.created_at,
                           message("Ticket"),
                           person(event.actor),
                           say(text, {{"n", std::to_string(seat.position)}}),
                           {}});
        if (!event.detail.empty() && !is_reissue) entries.back().details.push_back(told(event.detail));
      }
      if (seat.checked_in_at)
        entries.push_back({*seat.checked_in_at,
                           message("Ticket"),
                           say(message("staff")),
                           say(message("Ticket {n}: checked in."), {{"n", std::to_string(seat.position)}}),
                           {}});
    }
  }

  void add_answers(db::Tx& tx) {
    for (const registration::AnswerEvent& event : registration::answer_events(tx, file.order.id)) {
      const std::string n = std::to_string(event.position);
      entries.push_back({event.created_at,
                         message("Answers"),
                         person(event.actor),
                         event.position == 0
                             ? say(message("Answers about the order were changed."))
                             : say(message("Answers of ticket {n} were changed."), {{"n", n}}),
                         {}});
      if (!event.detail.empty()) entries.back().details.push_back(event.detail);
    }
  }

  void add_records(db::Tx& tx) {
    for (const conference::AuditEntry& record :
         conference::history_of_row(tx, "orders", std::to_string(file.order.id), most_records)) {
      if (record.created_at < file.order.created_at) continue;  // of another one that had its number
      Entry entry{record.created_at, message("Staff"), record.actor_erased ? "" : record.actor, {}, {}};
      entry.text = say(message("Done by staff."));
      for (const conference::AuditChange& change : conference::changes_of(record)) {
        if (change.is_erased) continue;
        const std::string label = tr(request, change.label);
        entry.details.push_back(change.old_text.empty()
                                    ? fmt::format("{}: {}", label, change.new_text)
                                    : fmt::format("{}: {} → {}", label, change.old_text, change.new_text));
      }
      entries.push_back(std::move(entry));
    }
  }

  void add_money() {
    for (std::size_t i = 0; i < file.payments.size(); ++i) {
      const registration::PaymentRow& payment = file.payments[i];
      Entry entry{payment.created_at, message("Money"), person(file.takers[i]), {}, {}};
      entry.text = say(message("Payment of {amount}, {method}: {status}."),
                       {{"amount", amount(payment.amount)},
                        {"method", say(method_word(payment.method, payment.channel))},
                        {"status", say(word_of(payment.status))}});
      for (const std::string* one : {&payment.reference, &payment.note, &payment.failure})
        if (!one->empty()) entry.details.push_back(*one);
      entries.push_back(std::move(entry));
    }
    for (const registration::Refund& refund : file.refunds) {
      Entry entry{refund.settled_at.value_or(refund.created_at), message("Money"), {}, {}, {}};
      entry.text =
          say(message("Refund of {amount}, {way}: {status}."), {{"amount", amount(refund.amount)},
                                                                {"way", say(word_of(refund.destination))},
                                                                {"status", say(word_of(refund.status))}});
      entry.details.push_back(say(word_of(refund.reason_code)));
      for (const std::string* one : {&refund.note, &refund.failure})
        if (!one->empty()) entry.details.push_back(told(*one));
      entries.push_back(std::move(entry));
    }
  }

  void add_papers() {
    for (const invoicing::Document& document : file.documents)
      entries.push_back(
          {document.issued_at,
           message("Document"),
           person("system"),
           document.kind == invoicing::DocumentKind::invoice
               ? say(message("Invoice {number} was issued."), {{"number", document.number}})
               : say(message("Credit note {number} was issued."), {{"number", document.number}}),
           {}});
    for (const mail::SentMail& mail : file.mails) {
      Entry entry{mail.at, message("Mail"), person("system"), {}, {}};
      entry.text = say(message("{mail}: {status}."), {{"mail", mail_word(request, mail.message)},
                                                      {"status", say(mail_status_word(mail.status))}});
      for (const std::string* one : {&mail.recipient, &mail.detail})
        if (!one->empty()) entry.details.push_back(*one);
      entries.push_back(std::move(entry));
    }
  }
};

}  // namespace

std::string mail_word(const web::Request& request, std::string_view name) {
  static constexpr std::pair<std::string_view, const char*> words[] = {
      {"order_confirmation", message("Confirmation")},
      {"order_cancelled", message("Cancellation")},
      {"order_refunded", message("Refund")},
      {"order_changed", message("Order changed")},
      {"order_link", message("Link of the order")},
      {"order_note", message("Mail to buyers")},
      {"order_expiry_warning", message("Time to pay is running out")},
      {"names_missing", message("Tickets without a name")},
      {"seat_link", message("Link of a ticket")},
      {"seat_transferred", message("Ticket given to somebody else")},
      {"invoice", message("Invoice")},
  };
  for (const auto& [known, word] : words)
    if (known == name) return tr(request, word);
  std::string plain(name);
  std::replace(plain.begin(), plain.end(), '_', ' ');
  return plain;
}

const char* mail_status_word(std::string_view status) {
  if (status == "sent") return message("sent");
  if (status == "refused") return message("refused by the recipient’s server");
  if (status == "bounced") return message("came back");
  if (status == "dead") return message("given up");
  return message("waiting to be sent");
}

Value order_story(db::Tx& tx, const web::Request& request, const OrderFile& file) {
  Story story{request, file};
  story.add_events(tx);
  story.add_seats(tx);
  story.add_answers(tx);
  story.add_records(tx);
  story.add_money();
  story.add_papers();
  std::vector<Entry>& entries = story.entries;
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.at < b.at; });
  std::reverse(entries.begin(), entries.end());
  if (entries.size() > most_entries) entries.resize(most_entries);
  std::vector<Value> list;
  for (const Entry& entry : entries) {
    std::vector<Value> details;
    for (const std::string& detail : entry.details) details.push_back(Value(detail));
    list.push_back(Value::dict({{"at", Value(moment_text(request, entry.at))},
                                {"kind", Value(tr(request, entry.kind))},
                                {"who", Value(entry.who)},
                                {"text", Value(entry.text)},
                                {"details", Value::list(std::move(details))}}));
  }
  return Value::list(std::move(list));
}

}  // namespace plenary::manage
