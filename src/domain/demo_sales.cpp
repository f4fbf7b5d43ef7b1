// The half of the demo data that is about selling: vouchers, people, orders, the cart, discounts, the credit.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/passwords.hpp"
#include "domain/accounts/users.hpp"
#include "domain/demo_seeding.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/records.hpp"
#include "domain/registration/staff_orders.hpp"

namespace plenary::domain {
namespace {

using registration::Condition;
using registration::ConditionKind;
using registration::ProductKind;
using registration::Scope;
using registration::StaffItem;
using registration::Voucher;
using registration::VoucherType;

struct PlannedVoucher {
  std::string_view prefix;
  VoucherType type;
  std::int64_t value;  // percent, or whole units of the currency
  std::int64_t max_uses;
  std::string_view ticket;  // the only one it is for; empty: all
  std::string_view note;
};
// source: 10, 7.1.
constexpr std::array<PlannedVoucher, 4> planned_vouchers{{
    {"SPKR-", VoucherType::comp, 0, 200, "speaker", "Demo data: free tickets for speakers."},
    {"STU-", VoucherType::comp, 0, 500, "student", "Demo data: free tickets for students."},
    {"EARLY-", VoucherType::percentage, 20, 100, "", "Demo data: 20 % off for early birds."},
    {"SAVE25-", VoucherType::fixed_amount, 25, 50, "", "Demo data: 25 off the order."},
}};
constexpr std::size_t random_digits = 16;
constexpr std::size_t payment_ids = 4;  // an intent and a charge for each of two payments

StaffItem ticket_item(const registration::TicketType& type) {
  return {ProductKind::ticket_type, type.id, 1, "Ticket: " + type.name};
}

}  // namespace

DemoInputs prepare_demo(Random& random) {
  DemoInputs inputs;
  inputs.password_hash = accounts::hash_password(demo_password);
  for (const PlannedVoucher& plan : planned_vouchers)
    inputs.codes.push_back(registration::generate_codes(random, plan.prefix, 1).front());
  for (std::size_t i = 0; i < payment_ids; ++i) {
    std::array<unsigned char, random_digits / 2> bytes{};
    random.fill(bytes);
    inputs.payment_ids.push_back(to_hex(bytes));
  }
  return inputs;
}

void seed_vouchers(DemoSeeding& demo) {
  const auto stored = registration::vouchers_of(demo.tx, demo.conference_id());
  if (demo.has_any(static_cast<std::int64_t>(stored.size()), "vouchers")) {
    for (const PlannedVoucher& plan : planned_vouchers)
      for (const Voucher& voucher : stored)
        if (voucher.code.starts_with(plan.prefix) && voucher.note == plan.note)
          demo.report.vouchers.push_back({voucher.code, voucher.type, voucher.max_uses});
    return;
  }
  for (std::size_t i = 0; i < planned_vouchers.size(); ++i) {
    const PlannedVoucher& plan = planned_vouchers[i];
    Voucher voucher;
    voucher.conference_id = demo.conference_id();
    voucher.type = plan.type;
    if (plan.type == VoucherType::percentage) voucher.percent = Decimal(plan.value);
    if (plan.type == VoucherType::fixed_amount) voucher.amount = demo.units(plan.value);
    voucher.max_uses = plan.max_uses;
    if (plan.type != VoucherType::comp) voucher.max_units.reset();
    voucher.note = plan.note;
    registration::ScopedProducts products;
    if (!plan.ticket.empty()) {
      // Without the ticket it would be for nothing, or, worse, for everything.
      const registration::TicketType* type = demo.ticket(plan.ticket);
      if (!type) {
        demo.notice(
            fmt::format("No voucher {}… was added: the conference has no ticket type with the slug \"{}\".",
                        plan.prefix, plan.ticket));
        continue;
      }
      voucher.unlocks_hidden_tickets = true;
      voucher.ticket_scope = Scope::selected;
      voucher.addon_scope = Scope::none;
      products.ticket_types = {type->id};
    }
    const auto made = registration::create_vouchers(demo.tx, demo.shop.random, voucher, products,
                                                    {demo.inputs.codes.at(i)});
    demo.report.vouchers.push_back({made.front().code, voucher.type, voucher.max_uses});
  }
  demo.added(static_cast<std::int64_t>(demo.report.vouchers.size()), "voucher", "vouchers");
}

void seed_users(DemoSeeding& demo) {
  std::int64_t made = 0;
  for (const DemoPerson& person : demo_people) {
    if (const auto stored = accounts::user_table().maybe(demo.tx, "WHERE username = $1", person.username)) {
      demo.users[person.username] = stored->id;
      continue;
    }
    accounts::User user;
    user.username = std::string(person.username);
    user.name = person.name;
    user.password_hash = demo.inputs.password_hash;
    user.is_staff = user.is_demo = true;
    // An address belongs to one account with a password at most.
    const std::string normalized = normalized_email(person.email);
    const auto other = accounts::find_by_email(demo.tx, normalized);
    if (other && other->password_hash) {
      demo.notice(
          fmt::format("{} has no e-mail address: another account has {}.", person.username, person.email));
    } else {
      user.email = person.email;
      user.email_normalized = normalized;
      user.email_verified_at = demo.tx.now();
    }
    demo.users[person.username] = accounts::user_table().insert(demo.tx, user).id;
    ++made;
  }
  demo.added(made, "account", "accounts");
}

void seed_orders(DemoSeeding& demo) {
  const auto stored =
      registration::order_table().count(demo.tx, "WHERE conference_id = $1", demo.conference_id());
  if (demo.has_any(stored, "orders")) return;
  struct Plan {
    const DemoPerson& person;
    std::string_view company;
    std::vector<StaffItem> items;
    registration::StaffPayment payment;
  };
  const auto stripe = [&](std::size_t first) {
    const std::string charge = "ch_demo_" + demo.inputs.payment_ids.at(first + 1);
    return registration::StaffPayment{.method = registration::PaymentMethod::stripe,
                                      .intent_id = "pi_demo_" + demo.inputs.payment_ids.at(first),
                                      .charge_id = charge,
                                      .reference = charge};
  };
  std::vector<Plan> plans;
  std::vector<StaffItem> items{ticket_item(*demo.ticket("individual"))};
  if (const registration::AddOn* shirt = demo.addon("pycon-t-shirt"))
    items.push_back({ProductKind::addon, shirt->id, 1, "Add-on: " + shirt->name, demo.variation_of(*shirt)});
  plans.push_back({alice, "", std::move(items), stripe(0)});
  if (const registration::TicketType* corporate = demo.ticket("corporate")) {
    plans.push_back({bob, "Acme Corp", {ticket_item(*corporate)}, stripe(2)});
  } else {
    demo.notice("No order for Bob was added: the conference has no ticket type with the slug \"corporate\".");
  }
  items.clear();
  if (const registration::TicketType* speaker = demo.ticket("speaker"))
    items.push_back(ticket_item(*speaker));
  plans.push_back({carol,
                   "Python Software Foundation",
                   std::move(items),
                   {.method = registration::PaymentMethod::comp, .reference = "Speaker comp"}});

  const registration::Cause cause{"demo", "system", "demo data"};
  std::int64_t made = 0;
  for (const Plan& plan : plans) {
    registration::StaffOrder wanted;
    wanted.user_id = demo.users.at(plan.person.username);
    wanted.billing = {std::string(plan.person.name), std::string(plan.person.email),
                      std::string(plan.company)};
    wanted.items = plan.items;
    wanted.link_key = &demo.link_key;
    try {
      registration::Order order = registration::make_order(demo.tx, demo.shop, demo.catalogue, wanted, cause);
      order.tells_buyer = false;
      registration::pay_in_full(demo.tx, demo.shop, order, plan.payment, cause);
      registration::confirm_seats(demo.tx, order.id, plan.person.username);
      ++made;
    } catch (const Refused& refused) {
      // Refused before anything was written: a small or nearly sold out conference.
      if (refused.code() != "sold_out") throw;
      demo.notice(fmt::format("No order for {} was added: {}", plan.person.name, refused.message()));
    }
  }
  demo.added(made, "paid order", "paid orders");
}

void seed_cart(DemoSeeding& demo) {
  const auto stored =
      registration::cart_table().count(demo.tx, "WHERE conference_id = $1", demo.conference_id());
  if (demo.has_any(stored, "carts")) return;
  registration::Visitor visitor;
  visitor.conference_id = demo.conference_id();
  visitor.user_id = demo.users.at(bob.username);
  std::vector<StaffItem> items{{ProductKind::ticket_type, demo.ticket("individual")->id, 1}};
  if (const registration::AddOn* shirt = demo.addon("pycon-t-shirt"))
    items.push_back({ProductKind::addon, shirt->id, 2, {}, demo.variation_of(*shirt)});
  try {
    registration::fill_cart(demo.tx, demo.shop, demo.catalogue, visitor, items);
    demo.added(1, "cart", "carts");
  } catch (const Refused& refused) {
    if (refused.code() != "sold_out") throw;
    demo.notice(fmt::format("No cart for Bob was added: {}", refused.message()));
  }
}

void seed_conditions(DemoSeeding& demo) {
  const auto stored = registration::condition_table().count(
      demo.tx, "WHERE conference_id = $1 AND kind = 'time_limit'", demo.conference_id());
  if (demo.has_any(stored, "discounts")) return;
  const Instant now = demo.tx.now();
  std::int64_t made = 0;
  const auto planned = [&](std::string name, ConditionKind kind, std::int64_t priority) {
    Condition condition;
    condition.conference_id = demo.conference_id();
    condition.kind = kind;
    condition.name = std::move(name);
    condition.priority = priority;
    condition.description = "Demo data.";
    return condition;
  };
  const auto save = [&](const Condition& condition, const registration::ConditionLinks& links = {}) {
    registration::save_condition(demo.tx, condition, links);
    ++made;
  };
  Condition speaker = planned("Speaker Complimentary", ConditionKind::speaker, 0);
  speaker.percent = Decimal(100);
  speaker.is_presenter = speaker.is_copresenter = true;
  save(speaker);

  Condition staff = planned("Staff 50% Discount", ConditionKind::group_member, 5);
  staff.percent = Decimal(50);
  save(staff, {{}, {}, {accounts::ensure_group(demo.tx, "Conference Staff")}});

  // On tickets only: what a discount reaches is said for each kind of product. source: 10, 7.5.
  Condition early = planned("Early Bird 20% Off", ConditionKind::time_limit, 10);
  early.percent = Decimal(20);
  early.ticket_scope = Scope::selected;
  early.addon_scope = Scope::none;
  early.start_time = now - Duration::days(30);
  early.end_time = now + Duration::days(60);
  early.usage_limit = 50;
  registration::ConditionLinks early_links;
  for (const char* slug : {"individual", "student"})
    if (const registration::TicketType* type = demo.ticket(slug))
      early_links.products.ticket_types.push_back(type->id);
  save(early, early_links);

  if (const registration::TicketType* corporate = demo.ticket("corporate")) {
    // "$50": whole units, so without decimals.
    std::string amount = demo.catalogue.display(demo.units(50));
    if (const int decimals = demo.catalogue.currency.exponent())
      amount.erase(amount.size() - static_cast<std::size_t>(decimals) - 1);
    Condition product = planned(fmt::format("Corporate {} Off", amount), ConditionKind::product_discount, 15);
    product.discount_type = registration::DiscountType::fixed_amount;
    product.amount = demo.units(50);
    product.ticket_scope = Scope::selected;
    product.addon_scope = Scope::none;
    product.start_time = now - Duration::days(7);
    product.end_time = now + Duration::days(90);
    save(product, {{{corporate->id}, {}}, {}, {}});
  } else {
    demo.notice(
        "No discount on corporate tickets was added: the conference has no ticket type with the slug "
        "\"corporate\".");
  }

  Condition category = planned("Add-on 10% Off", ConditionKind::category_discount, 20);
  category.percent = Decimal(10);
  category.ticket_scope = Scope::none;
  category.start_time = now - Duration::days(7);
  category.end_time = now + Duration::days(90);
  save(category);
  demo.added(made, "discount", "discounts");
}

void seed_credit(DemoSeeding& demo) {
  const auto stored = registration::credits_of(demo.tx, demo.conference_id());
  if (demo.has_any(static_cast<std::int64_t>(stored.size()), "credits")) return;
  registration::Credit credit;
  credit.conference_id = demo.conference_id();
  credit.user_id = demo.users.at(alice.username);
  credit.amount = demo.units(25);
  credit.currency = demo.currency();
  credit.note = "For a tutorial add-on that was cancelled.";
  registration::give_credit(demo.tx, credit);
  demo.added(1, "credit", "credits");
}

}  // namespace plenary::domain
