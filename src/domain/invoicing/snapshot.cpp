// The snapshot as JSON and back. Reading takes what is there: members that came later have their defaults.
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "domain/invoicing/types.hpp"

namespace plenary::invoicing {
namespace {

using nlohmann::json;

json party(const conference::Seller& seller) {
  return {{"name", seller.name},
          {"street", seller.street},
          {"postcode", seller.postcode},
          {"city", seller.city},
          {"region", seller.region},
          {"country", seller.country},
          {"email", seller.email},
          {"vat_id", seller.vat_id},
          {"register_number", seller.register_number},
          {"bank_holder", seller.bank_holder},
          {"bank_iban", seller.bank_iban},
          {"bank_bic", seller.bank_bic},
          {"small_business_note", seller.small_business_note},
          {"currency", seller.currency}};
}

json party(const registration::Billing& buyer) {
  return {{"name", buyer.name},          {"email", buyer.email},
          {"company", buyer.company},    {"is_business", buyer.is_business},
          {"street", buyer.street},      {"postcode", buyer.postcode},
          {"city", buyer.city},          {"region", buyer.region},
          {"country", buyer.country},    {"vat_id", buyer.vat_id},
          {"reference", buyer.reference}};
}

json line_json(const Line& line) {
  return {{"description", line.description},
          {"quantity", line.quantity},
          {"unit_price", line.unit_price},
          {"discount", line.discount},
          {"net", line.net},
          {"tax", line.tax},
          {"gross", line.gross},
          {"tax_rate", line.tax_rate},
          {"tax_category", registration::to_text(line.tax_category)},
          {"tax_country", line.tax_country},
          {"reverse_charge", line.reverse_charge},
          {"tax_inclusive", line.tax_inclusive},
          {"account", line.account}};
}

json sum_json(const TaxSum& sum) {
  return {{"rate", sum.rate},
          {"country", sum.country},
          {"category", registration::to_text(sum.category)},
          {"reverse_charge", sum.reverse_charge},
          {"net", sum.net},
          {"tax", sum.tax},
          {"gross", sum.gross}};
}

json day_json(const std::optional<Date>& day) {
  return day ? json(day->to_string()) : json();
}

class Reading {
 public:
  explicit Reading(const json& object) : object_(object) {}
  std::string text(const char* name) const { return object_.value(name, std::string()); }
  std::int64_t number(const char* name) const { return object_.value(name, std::int64_t{0}); }
  bool flag(const char* name) const { return object_.value(name, false); }
  std::optional<Date> day(const char* name) const {
    const auto found = object_.find(name);
    return found != object_.end() && found->is_string() ? Date::parse(found->get<std::string>())
                                                        : std::nullopt;
  }
  Date needed_day(const char* name) const {
    const auto found = day(name);
    if (!found) throw std::runtime_error(fmt::format("the snapshot of a document has no {}", name));
    return *found;
  }

 private:
  const json& object_;
};

conference::Seller read_seller(const json& object) {
  const Reading r(object);
  conference::Seller seller;
  seller.name = r.text("name");
  seller.street = r.text("street");
  seller.postcode = r.text("postcode");
  seller.city = r.text("city");
  seller.region = r.text("region");
  seller.country = r.text("country");
  seller.email = r.text("email");
  seller.vat_id = r.text("vat_id");
  seller.register_number = r.text("register_number");
  seller.bank_holder = r.text("bank_holder");
  seller.bank_iban = r.text("bank_iban");
  seller.bank_bic = r.text("bank_bic");
  seller.small_business_note = r.text("small_business_note");
  seller.currency = r.text("currency");
  return seller;
}

registration::Billing read_buyer(const json& object) {
  const Reading r(object);
  registration::Billing buyer;
  buyer.name = r.text("name");
  buyer.email = r.text("email");
  buyer.company = r.text("company");
  buyer.is_business = r.flag("is_business");
  buyer.street = r.text("street");
  buyer.postcode = r.text("postcode");
  buyer.city = r.text("city");
  buyer.region = r.text("region");
  buyer.country = r.text("country");
  buyer.vat_id = r.text("vat_id");
  buyer.reference = r.text("reference");
  return buyer;
}

Line read_line(const json& object) {
  const Reading r(object);
  Line line;
  line.description = r.text("description");
  line.quantity = r.number("quantity");
  line.unit_price = r.number("unit_price");
  line.discount = r.number("discount");
  line.net = r.number("net");
  line.tax = r.number("tax");
  line.gross = r.number("gross");
  line.tax_rate = r.text("tax_rate");
  line.tax_category = registration::tax_category(r.text("tax_category"));
  line.tax_country = r.text("tax_country");
  line.reverse_charge = r.flag("reverse_charge");
  line.tax_inclusive = r.flag("tax_inclusive");
  line.account = r.text("account");
  return line;
}

TaxSum read_sum(const json& object) {
  const Reading r(object);
  TaxSum sum;
  sum.rate = r.text("rate");
  sum.country = r.text("country");
  sum.category = registration::tax_category(r.text("category"));
  sum.reverse_charge = r.flag("reverse_charge");
  sum.net = r.number("net");
  sum.tax = r.number("tax");
  sum.gross = r.number("gross");
  return sum;
}

}  // namespace

std::string_view to_text(DocumentKind kind) {
  return kind == DocumentKind::invoice ? "invoice" : "credit_note";
}

std::string snapshot_text(const Snapshot& s) {
  json lines = json::array(), taxes = json::array();
  for (const Line& line : s.lines) lines.push_back(line_json(line));
  for (const TaxSum& sum : s.taxes) taxes.push_back(sum_json(sum));
  json object = {{"kind", to_text(s.kind)},
                 {"number", s.number},
                 {"is_test", s.is_test},
                 {"language", s.language},
                 {"currency", s.currency},
                 {"issued_on", s.issued_on.to_string()},
                 {"paid_on", day_json(s.paid_on)},
                 {"paid", s.paid},
                 {"payment_method", s.payment_method},
                 {"conference_name", s.conference_name},
                 {"venue", s.venue},
                 {"address", s.address},
                 {"event_from", s.event_from.to_string()},
                 {"event_to", s.event_to.to_string()},
                 {"order_reference", s.order_reference},
                 {"ordered_on", s.ordered_on.to_string()},
                 {"seller", party(s.seller)},
                 {"buyer", party(s.buyer)},
                 {"lines", std::move(lines)},
                 {"taxes", std::move(taxes)},
                 {"net", s.net},
                 {"tax", s.tax},
                 {"gross", s.gross},
                 {"texts", s.texts},
                 {"corrects_number", s.corrects_number},
                 {"corrects_date", day_json(s.corrects_date)},
                 {"reason", s.reason}};
  if (s.foreign_tax) {
    object["foreign_tax"] = {{"currency", s.foreign_tax->currency},
                             {"tax", s.foreign_tax->tax},
                             {"rate", s.foreign_tax->rate},
                             {"source", s.foreign_tax->source},
                             {"valid_on", s.foreign_tax->valid_on.to_string()}};
  }
  // What people typed may hold broken UTF-8; the document does not fail for it.
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Snapshot read_snapshot(const std::string& text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) throw std::runtime_error("the snapshot of a document cannot be read");
  try {
    const Reading r(object);
    Snapshot s;
    s.kind = r.text("kind") == "credit_note" ? DocumentKind::credit_note : DocumentKind::invoice;
    s.number = r.text("number");
    s.is_test = r.flag("is_test");
    s.language = r.text("language");
    s.currency = r.text("currency");
    s.issued_on = r.needed_day("issued_on");
    s.paid_on = r.day("paid_on");
    s.paid = r.number("paid");
    s.payment_method = r.text("payment_method");
    s.conference_name = r.text("conference_name");
    s.venue = r.text("venue");
    s.address = r.text("address");
    s.event_from = r.needed_day("event_from");
    s.event_to = r.needed_day("event_to");
    s.order_reference = r.text("order_reference");
    s.ordered_on = r.needed_day("ordered_on");
    s.seller = read_seller(object.at("seller"));
    s.buyer = read_buyer(object.at("buyer"));
    for (const json& line : object.at("lines")) s.lines.push_back(read_line(line));
    for (const json& sum : object.at("taxes")) s.taxes.push_back(read_sum(sum));
    s.net = r.number("net");
    s.tax = r.number("tax");
    s.gross = r.number("gross");
    for (const json& one : object.at("texts")) s.texts.push_back(one.get<std::string>());
    s.corrects_number = r.text("corrects_number");
    s.corrects_date = r.day("corrects_date");
    s.reason = r.text("reason");
    if (const auto found = object.find("foreign_tax"); found != object.end()) {
      const Reading f(*found);
      s.foreign_tax = ForeignTax{f.text("currency"), f.number("tax"), f.text("rate"), f.text("source"),
                                 f.needed_day("valid_on")};
    }
    return s;
  } catch (const json::exception&) {
    throw std::runtime_error("the snapshot of a document cannot be read");
  }
}

}  // namespace plenary::invoicing
