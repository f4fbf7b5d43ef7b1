#include "domain/demo.hpp"

#include <array>
#include <iterator>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "domain/accounts/passwords.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/demo_seeding.hpp"

namespace plenary::domain {

void DemoSeeding::added(std::int64_t count, std::string_view one, std::string_view many) {
  if (count > 0) report.added.push_back(fmt::format("{} {}", count, count == 1 ? one : many));
}

bool DemoSeeding::has_any(std::int64_t count, std::string_view things) {
  if (count > 0) notice(fmt::format("No {} were added: the conference has some already.", things));
  return count > 0;
}

std::vector<std::string_view> demo_usernames() {
  std::vector<std::string_view> names;
  for (const DemoPerson& person : demo_people) names.push_back(person.username);
  return names;
}

DemoReport seed_demo(db::Tx& tx, std::int64_t conference_id, const registration::Shop& shop,
                     const SigningKey& link_key, const DemoInputs& inputs, const conference::Actor& actor) {
  DemoReport report;
  const auto catalogue = registration::load_catalogue(tx, conference_id, shop.program);
  DemoSeeding demo{tx, shop, link_key, inputs, *catalogue, report};
  seed_vouchers(demo);
  seed_users(demo);
  if (demo.ticket("individual")) {
    seed_orders(demo);
    seed_cart(demo);
    seed_conditions(demo);
  } else {
    demo.notice(
        "No orders, cart and discounts were added: the conference has no ticket type with the slug "
        "\"individual\".");
  }
  seed_credit(demo);
  seed_badge_template(demo);
  seed_activities(demo);
  seed_grants(demo);
  if (!report.added.empty()) {
    conference::record(tx, actor, conference::AuditAction::other,
                       {conference_id, "conference", std::to_string(conference_id),
                        catalogue->conference.name, std::nullopt},
                       {{"", "Demo data", "", fmt::format("{}", fmt::join(report.added, ", "))}});
  }
  return report;
}

std::string codes_text(const DemoReport& report) {
  std::string text;
  for (const DemoVoucher& voucher : report.vouchers)
    text += fmt::format("{}\t{}\t{}\n", voucher.code, registration::label_of(voucher.type), voucher.max_uses);
  return text;
}

std::string demo_text(const DemoReport& report) {
  std::string text;
  for (const std::string& notice : report.notices) text += notice + "\n";
  if (report.added.empty()) {
    text += "Demo data: nothing to add.\n";
  } else {
    text += fmt::format("Demo data added: {}.\n", fmt::join(report.added, ", "));
  }
  text +=
      fmt::format("Demo accounts, password \"{}\": {}\n", demo_password, fmt::join(demo_usernames(), ", "));
  return text;
}

}  // namespace plenary::domain
