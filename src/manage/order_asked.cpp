#include "manage/order_asked.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "domain/invoicing/entities.hpp"
#include "web/routes.hpp"

namespace plenary::manage {

using registration::OrderPlace;
using registration::OrderStatus;
using registration::PaymentMethod;

const std::array<WayPaid, 9> ways_paid{{{"stripe", PaymentMethod::stripe, ""},
                                        {"transfer", PaymentMethod::manual, "transfer"},
                                        {"cash", PaymentMethod::manual, "cash"},
                                        {"cheque", PaymentMethod::manual, "cheque"},
                                        {"card", PaymentMethod::manual, "card"},
                                        {"terminal", PaymentMethod::terminal, ""},
                                        {"credit", PaymentMethod::credit, ""},
                                        {"comp", PaymentMethod::comp, ""},
                                        {"sandbox", PaymentMethod::sandbox, ""}}};
const std::array<OrderStatus, 5> order_statuses{OrderStatus::pending, OrderStatus::paid,
                                                OrderStatus::partially_refunded, OrderStatus::refunded,
                                                OrderStatus::cancelled};

bool AskedOrders::is_filtered() const {
  return !text.empty() || !status.empty() || !payment.empty() || !test.empty() || !from.empty() ||
         !until.empty() || attention;
}

std::string AskedOrders::query() const {
  std::string all;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty())
      all += fmt::format("{}{}={}", all.empty() ? "" : "&", name, web::percent_encode(value));
  };
  add("q", text);
  add("status", status);
  add("payment", payment);
  add("test", test);
  add("from", from);
  add("until", until);
  add("attention", attention ? "1" : "");
  return all;
}

AskedOrders asked_orders(const web::Request& request) {
  const TimeZone zone = request.context<Visit>().catalogue->zone;
  const auto get = [&](std::string_view name) {
    return std::string(trimmed(request.query(name).value_or("")));
  };
  AskedOrders asked;
  asked.text = get("q");
  if (!is_valid_utf8(asked.text) || asked.text.size() > 200) asked.text.clear();
  asked.search.text = asked.text;
  const std::string status = get("status"), payment = get("payment"), test = get("test");
  for (const OrderStatus one : order_statuses) {
    if (registration::to_text(one) != status) continue;
    asked.search.status = one;
    asked.status = status;
  }
  for (const WayPaid& way : ways_paid) {
    if (way.value != payment) continue;
    asked.search.method = way.method;
    asked.search.channel = std::string(way.channel);
    asked.payment = payment;
  }
  if (test == "only" || test == "none") {
    asked.search.is_test = test == "only";
    asked.test = test;
  }
  asked.attention = asked.search.needs_attention = get("attention") == "1";
  if (const auto from = Date::parse(get("from")); from && from->year() >= 1970 && from->year() < 9000) {
    asked.search.from = zone.day_start(*from);
    asked.from = from->to_string();
  }
  if (const auto until = Date::parse(get("until")); until && until->year() >= 1970 && until->year() < 9000) {
    asked.search.until = zone.day_start(until->plus_days(1));
    asked.until = until->to_string();
  }
  asked.after = OrderPlace::parse(get("after"));
  return asked;
}

// What numbers of documents name.
void find_documents(db::Tx& tx, const Visit& visit, AskedOrders& asked) {
  asked.search.also.clear();
  const auto& seller = visit.catalogue->conference.seller_id;
  if (asked.text.empty() || !seller) return;
  for (const auto& document :
       invoicing::document_table().select(tx, "WHERE seller_id = $1 AND number = $2", *seller, asked.text))
    if (document.conference_id == visit.conference->id) asked.search.also.push_back(document.order_id);
}

}  // namespace plenary::manage
