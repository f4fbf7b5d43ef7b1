// What happened to an order, in plain words for its buyer: staff are the organisers here, and their notes are
// their own.
#include <algorithm>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/seat_reminders.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/store_changes.hpp"

namespace plenary::registration {
namespace {

std::string_view who(const store::EventRow& event) {
  if (event.actor == "buyer") return "buyer";
  return event.actor == "system" ? "system" : "staff";
}

const char* text_of(const store::EventRow& event) {
  const std::string_view by = who(event);
  if (event.from.empty()) return message("The order was made.");
  if (event.to == "cancelled" || (event.to == "refunded" && event.from != "refunded")) {
    if (by == "system") return message("The order was cancelled, because the time to pay it was over.");
    return by == "staff" ? message("The organisers cancelled the order.")
                         : message("You cancelled the order.");
  }
  if (event.to == "paid" && event.from != "paid")
    return event.from == "cancelled" ? message("The payment arrived after all, and the order is valid again.")
                                     : message("The order was paid.");
  if (event.from == event.to && event.reason == "balance paid") return message("What was due was paid.");
  if (event.from == event.to && event.reason == "part paid") return message("A part of it was paid.");
  if (event.from == event.to && event.reason == fee_reason)
    return message("The fee of the way to pay was set.");
  if (event.from == event.to && event.reason == "bank transfer chosen")
    return message("You chose to pay by bank transfer.");
  if (event.from == event.to && event.reason == "paid in part")
    return message("A part was paid, so the tickets are kept longer.");
  if (event.from == event.to && event.reason == seats_reminded)
    return message("The organisers asked who comes with your tickets.");
  if (event.from == event.to && event.reason.starts_with("mail: "))
    return message("The organisers wrote to you.");
  if (event.from == event.to && event.reason == "credit spent")
    return message("A part was paid with a store credit.");
  return by == "staff" ? message("The organisers changed the order.") : message("You changed the order.");
}

std::string amount_of(const Catalogue& catalogue, std::int64_t minor) {
  return marked(Money(minor, catalogue.currency), catalogue.currency_symbol);
}

}  // namespace

std::vector<HistoryEntry> order_history(db::Tx& tx, const Catalogue& catalogue, const Order& order) {
  std::vector<HistoryEntry> history;
  const auto dates = store::line_dates(tx, order.id);
  const auto details_at = [&](Instant at) {
    std::vector<std::string> details;
    for (const store::DatedLine& dated : dates) {
      const OrderLine* line = find_line(order.lines, dated.id);
      if (!line || dated.created_at != at) continue;
      if (line->quantity == 0)
        details.push_back(fmt::format("{}: −{}", line->description, amount_of(catalogue, -line->gross)));
      else if (line->reverses_line_id)
        details.push_back(fmt::format("− {} × {}", -line->quantity, line->description));
      else
        details.push_back(fmt::format("+ {} × {}", line->quantity, line->description));
    }
    return details;
  };
  Instant last_details{};
  for (const store::EventRow& event : store::events_of_order(tx, order.id)) {
    // A refund is told by what went back; the status that follows from it says nothing more.
    const bool is_money = (event.to == "partially_refunded" && event.reason != "balance paid") ||
                          event.reason == excess_gone_back;
    HistoryEntry entry{event.created_at, text_of(event), {}, {}};
    if (event.created_at != last_details) entry.details = details_at(event.created_at);
    if ((is_money || event.reason == "paid out") && entry.details.empty()) continue;
    if (!entry.details.empty()) last_details = event.created_at;
    history.push_back(std::move(entry));
  }
  for (const Refund& refund : refunds_of(tx, order.id)) {
    const char* text =
        refund.status == RefundStatus::requested          ? message("{amount} is on its way back.")
        : refund.status == RefundStatus::failed           ? message("{amount} could not be sent back yet.")
        : refund.destination == RefundDestination::credit ? message("{amount} was given as a credit.")
        : refund.destination == RefundDestination::card   ? message("{amount} went back to the card.")
                                                          : message("{amount} was paid back.");
    history.push_back({refund.settled_at.value_or(refund.created_at),
                       text,
                       {{"amount", amount_of(catalogue, refund.amount)}},
                       {}});
  }
  std::stable_sort(history.begin(), history.end(),
                   [](const HistoryEntry& a, const HistoryEntry& b) { return a.at < b.at; });
  return history;
}

}  // namespace plenary::registration
