#include "domain/invoicing/stall.hpp"

#include "domain/conference/conferences.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/tax_rules.hpp"

namespace plenary::invoicing::testing {
namespace {

const SigningKey& link_key() {
  static const SigningKey key(Secret("a key of the tests, long enough to sign"), "links");
  return key;
}

const registration::Cause cause{"test", "system", "a test"};

}  // namespace

void Stall::SetUp() {
  DatabaseTest::SetUp();
  seller_ = make_seller("PY27-");
  fair_ = make_conference("fair", seller_);
  write([&](db::Tx& tx) {
    registration::TaxRule rule;
    rule.conference_id = fair_;
    rule.name = "Admission";
    rule.slug = "admission";
    rule.rate = Decimal(19);
    rule.account = "8400";
    standard_ = registration::save(tx, rule);
    rule.name = "Food";
    rule.slug = "food";
    rule.rate = Decimal(7);
    rule.category = registration::TaxCategory::reduced;
    rule.account = "8300";
    reduced_ = registration::save(tx, rule);
    registration::TicketType ticket;
    ticket.conference_id = fair_;
    ticket.name = "Individual ticket";
    ticket.slug = "individual";
    ticket.price = 11900;
    ticket.tax_rule_id = standard_;
    ticket_ = registration::save(tx, ticket);
    registration::AddOn lunch;
    lunch.conference_id = fair_;
    lunch.name = "Lunch";
    lunch.slug = "lunch";
    lunch.price = 2140;
    lunch.tax_rule_id = reduced_;
    lunch_ = registration::save(tx, lunch);
    return 0;
  });
}

Id Stall::make_seller(const std::string& prefix) {
  conference::Seller seller;
  seller.name = "Python Community e. V.";
  seller.street = "Hafenstraße 12";
  seller.postcode = "20457";
  seller.city = "Hamburg";
  seller.country = "DE";
  seller.vat_id = "DE123456789";
  seller.bank_iban = "DE89370400440532013000";
  seller.invoice_prefix = prefix;
  seller.credit_note_prefix = prefix + "C-";
  auto save = [&](db::Tx& tx) { return conference::save(tx, seller); };
  return db().write_now(db::global_lane, "seller", save);
}

Id Stall::make_conference(const std::string& slug, std::optional<Id> seller, const std::string& currency) {
  conference::Conference fair;
  fair.name = "Fair 2027";
  fair.slug = slug;
  fair.start_date = *Date::parse("2027-05-20");
  fair.end_date = *Date::parse("2027-05-22");
  fair.timezone = "Europe/Berlin";
  fair.venue = "Old Harbour Hall";
  fair.currency = currency;
  fair.seller_id = seller;
  auto create = [&](db::Tx& tx) {
    const Id id = conference::create(tx, fair).value();
    registration::set_conference_capacity(tx, id, 0);
    return id;
  };
  return db().write_now(db::global_lane, "conference", create);
}

void Stall::change_conference(const std::function<void(conference::Conference&)>& change) {
  write([&](db::Tx& tx) {
    conference::Conference fair = conference::load(tx, fair_).value();
    change(fair);
    EXPECT_TRUE(conference::update(tx, fair));
    return 0;
  });
}

void Stall::change_seller(const std::function<void(conference::Seller&)>& change) {
  write([&](db::Tx& tx) {
    conference::Seller seller = conference::find_seller(tx, seller_).value();
    change(seller);
    return conference::save(tx, seller);
  });
}

Order Stall::place(std::int64_t tickets, std::int64_t lunches, bool is_sandbox) {
  const config::ProgramSettings settings;
  registration::Catalogues catalogues(settings);
  const registration::Shop shop{settings, catalogues, Random::system(), registration::HoldLimits{}};
  return write([&](db::Tx& tx) {
    const auto catalogue = registration::load_catalogue(tx, fair_, settings);
    registration::StaffOrder order;
    order.billing = {"Ada Lovelace", "ada@example.org", "Analytical Engines"};
    order.billing.street = "12 St James's Square";
    order.billing.city = "London";
    order.billing.country = "GB";
    if (tickets > 0) order.items.push_back({registration::ProductKind::ticket_type, ticket_, tickets});
    if (lunches > 0) order.items.push_back({registration::ProductKind::addon, lunch_, lunches});
    order.link_key = &link_key();
    order.is_sandbox = is_sandbox;
    return registration::make_order(tx, shop, *catalogue, order, cause);
  });
}

void Stall::at_work(Id order_id, const std::function<void(db::Tx&, const registration::Shop&, Order&)>& act,
                    bool changes_it) {
  const config::ProgramSettings settings;
  registration::Catalogues catalogues(settings);
  const registration::Shop shop{settings, catalogues, Random::system(), registration::HoldLimits{}};
  write([&](db::Tx& tx) {
    Order order = registration::find_order(tx, order_id).value();
    const bool was_pending = order.status == registration::OrderStatus::pending;
    act(tx, shop, order);
    order = registration::find_order(tx, order_id).value();
    // As domain/events.cpp does.
    if (was_pending && order.status == registration::OrderStatus::paid)
      note_paid(tx, order);
    else if (changes_it)
      note_changed(tx, order);
    return 0;
  });
}

void Stall::pay(Id order_id) {
  at_work(order_id, [&](db::Tx& tx, const registration::Shop& shop, Order& order) {
    registration::pay_in_full(tx, shop, order, {}, cause);
  });
}

void Stall::ask_fee(std::int64_t transfer_fee) {
  write([&](db::Tx& tx) {
    registration::PaymentSetup setup = registration::payment_setup_of(tx, fair_);
    setup.offers_transfer = true;
    setup.ends_days_before = 0;
    setup.term_days = 2;
    setup.reminder_days = 0;
    setup.account_holder = "Python Community e. V.";
    setup.iban = "DE89370400440532013000";
    setup.transfer_fee_amount = transfer_fee;
    return registration::save_payment_setup(tx, setup).has_value();
  });
}

void Stall::change(Id order_id, const registration::WantedChange& wanted) {
  at_work(order_id, [&](db::Tx& tx, const registration::Shop& shop, Order& order) {
    registration::change_by_staff(tx, shop, order, wanted, order.version, cause);
  });
}

void Stall::give_back(Id order_id, std::int64_t amount) {
  at_work(order_id, [&](db::Tx& tx, const registration::Shop& shop, Order& order) {
    const registration::SandboxGateway gateway;
    registration::RefundAsked asked;
    asked.amount = amount;
    registration::refund(tx, shop, gateway, order, asked, cause);
  });
}

void Stall::make_dearer(Id order_id, std::int64_t price_of_each) {
  registration::WantedChange wanted;
  wanted.repriced.push_back({get(order_id).lines.at(0).id, price_of_each});
  change(order_id, wanted);
}

void Stall::choose_transfer(Id order_id) {
  const auto choose = [&](db::Tx& tx, const registration::Shop& shop, Order& order) {
    registration::choose_transfer(tx, shop, order, cause);
  };
  at_work(order_id, choose, false);
}

void Stall::transfer(Id order_id, std::int64_t amount, std::optional<Date> day) {
  at_work(order_id, [&](db::Tx& tx, const registration::Shop& shop, Order& order) {
    registration::take_transfer(tx, shop, order, {.amount = amount, .received_on = day}, cause);
  });
}

Order Stall::paid(std::int64_t tickets, std::int64_t lunches, bool is_sandbox) {
  const Order order = place(tickets, lunches, is_sandbox);
  pay(order.id);
  return get(order.id);
}

Order Stall::get(Id order_id) {
  return read([&](db::Tx& tx) { return registration::find_order(tx, order_id).value(); });
}

void Stall::insert_line(Id order_id, const std::string& kind, const std::string& description,
                        std::int64_t quantity, std::int64_t unit, std::int64_t gross, std::int64_t tax,
                        const std::string& rate, std::optional<Id> rule, std::optional<Id> reverses) {
  write([&](db::Tx& tx) {
    return tx.exec(
        "INSERT INTO order_line (order_id, kind, description, quantity, unit_price, line_total, gross, net, "
        "tax, "
        "tax_rate, tax_category, tax_country, tax_rule_id, reverses_line_id, created_at) VALUES ($1, $2, $3, "
        "$4, $5, "
        "$6, $6, $7, $8, $9, $10, 'DE', $11, $12, $13)",
        order_id, kind, description, quantity, unit, gross, gross - tax, tax, rate,
        rate == "7" ? "reduced" : "standard", rule, reverses, tx.now());
  });
}

void Stall::take_back(Id order_id, std::size_t line, std::int64_t quantity) {
  const registration::OrderLine was = get(order_id).lines.at(line);
  insert_line(order_id, std::string(registration::to_text(was.kind)), was.description, -quantity,
              was.unit_price, -was.gross * quantity / was.quantity, -was.tax * quantity / was.quantity,
              was.tax_rate, was.tax_rule_id, was.id);
}

void Stall::add_line(Id order_id, const std::string& kind, std::int64_t gross,
                     const std::string& description) {
  const std::int64_t tax = (gross * 19 * 2 + 119) / (119 * 2);
  insert_line(order_id, kind, description, 1, gross, gross, tax, "19", standard_, {});
}

void Stall::set_status(Id order_id, const std::string& status) {
  write([&](db::Tx& tx) { return tx.exec("UPDATE orders SET status = $2 WHERE id = $1", order_id, status); });
}

void Stall::refund(Id order_id, std::int64_t amount) {
  write([&](db::Tx& tx) {
    return tx.exec(
        "INSERT INTO refund (conference_id, order_id, payment_id, destination, amount, currency, status, "
        "idempotency_key, created_at, updated_at) SELECT conference_id, order_id, id, 'manual', $2, "
        "currency, "
        "'succeeded', $3, $4, $4 FROM payment WHERE order_id = $1 AND status = 'succeeded'",
        order_id, amount, random_token(Random::system()), tx.now());
  });
}

std::vector<Document> Stall::settle(Id order_id) {
  return write([&](db::Tx& tx) { return invoicing::settle(tx, order_id); });
}

std::vector<Document> Stall::documents(Id order_id) {
  return read([&](db::Tx& tx) { return documents_of(tx, order_id); });
}

std::int64_t Stall::lines_gross(Id order_id) {
  std::int64_t sum = 0;
  for (const auto& line : get(order_id).lines) sum += line.gross;
  return sum;
}
std::int64_t Stall::lines_tax(Id order_id) {
  std::int64_t sum = 0;
  for (const auto& line : get(order_id).lines) sum += line.tax;
  return sum;
}
std::int64_t Stall::documents_gross(Id order_id) {
  std::int64_t sum = 0;
  for (const Document& document : documents(order_id)) sum += document.gross;
  return sum;
}
std::int64_t Stall::documents_tax(Id order_id) {
  std::int64_t sum = 0;
  for (const Document& document : documents(order_id)) sum += document.tax;
  return sum;
}

std::string Stall::faults() {
  std::string text;
  for (const std::string& fault : read([](db::Tx& tx) { return invoicing::faults(tx); }))
    text += fault + "\n";
  return text;
}

}  // namespace plenary::invoicing::testing
