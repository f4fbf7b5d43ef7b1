#include "domain/sponsors/sponsors.hpp"

#include <algorithm>
#include <utility>

#include "base/errors.hpp"
#include "base/slug.hpp"
#include "base/text.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/vouchers.hpp"
#include "domain/sponsors/store.hpp"

namespace plenary::sponsors {
namespace {

using registration::Scope;

std::vector<std::int64_t> active_ticket_types(db::Tx& tx, std::int64_t conference_id) {
  std::vector<std::int64_t> ids;
  for (const registration::TicketType& type : registration::ticket_types_of(tx, conference_id)) {
    if (type.is_active) ids.push_back(type.id);
  }
  return ids;
}

void issue_comp_vouchers(db::Tx& tx, const Sponsor& sponsor, std::int64_t count, Random& random) {
  if (count == 0) return;
  registration::Voucher voucher;
  voucher.conference_id = sponsor.conference_id;
  voucher.type = registration::VoucherType::comp;
  voucher.ticket_scope = Scope::selected;
  voucher.addon_scope = Scope::none;
  voucher.max_uses = 1;
  voucher.max_units = 1;
  voucher.unlocks_hidden_tickets = true;
  voucher.sponsor_id = sponsor.id;
  registration::ScopedProducts products;
  products.ticket_types = active_ticket_types(tx, sponsor.conference_id);
  registration::create_vouchers(tx, random, voucher, products,
                                registration::generate_codes(random, comp_code_prefix(sponsor.slug), count));
}

}  // namespace

std::vector<Sponsor> find_sponsors(db::Tx& tx, std::int64_t conference_id) {
  return store::active_sponsors(tx, conference_id);
}

std::optional<Sponsor> find_sponsor(db::Tx& tx, std::int64_t conference_id, std::string_view slug) {
  return store::active_sponsor(tx, conference_id, slug_key(slug));
}

std::vector<SponsorBenefit> benefits(db::Tx& tx, std::int64_t sponsor_id) {
  return store::benefits(tx, sponsor_id);
}

std::string propose_slug(db::Tx& tx, std::int64_t conference_id, std::string_view name) {
  std::string base = slug_from(name);
  if (base.empty()) base = "sponsor";
  return free_slug(base, [&](const std::string& slug) {
    return slug == reserved_sponsor_slug || store::has_sponsor_slug(tx, conference_id, slug_key(slug));
  });
}

std::vector<db::FieldError> check_sponsor(db::Tx& tx, const Sponsor& sponsor) {
  std::vector<db::FieldError> errors;
  // A level that does not exist at all is found by the description of the table.
  const std::optional<SponsorLevel> level = store::level_by_id(tx, sponsor.level_id);
  if (level && level->conference_id != sponsor.conference_id) {
    errors.push_back({"level_id", "rule", message("Choose a level of the sponsor's own conference."), {}});
  } else if (level && sponsor.id == 0 && level->comp_ticket_count > most_comp_tickets) {
    errors.push_back(
        {"level_id",
         "range",
         message(
             "The level {level} promises {count} comp tickets; at most {most} can be issued to one sponsor. "
             "Lower the level's number first."),
         {{"level", level->name},
          {"count", std::to_string(level->comp_ticket_count)},
          {"most", std::to_string(most_comp_tickets)}}});
  } else if (level && sponsor.id == 0 && level->comp_ticket_count > 0 &&
             active_ticket_types(tx, sponsor.conference_id).empty()) {
    errors.push_back(
        {"level_id",
         "rule",
         message("The level {level} promises comp tickets, but the conference has no active ticket type that "
                 "they could be for. Add a ticket type first, or set the level's comp tickets to 0."),
         {{"level", level->name}}});
  }
  if (!sponsor.external_id.empty() && store::has_other_of_external_id(tx, sponsor)) {
    errors.push_back({"external_id", "not_unique", message("Another sponsor has this external id."), {}});
  }
  return errors;
}

Sponsor create_sponsor(db::Tx& tx, Sponsor sponsor, Random& random) {
  sponsor.id = 0;
  if (is_blank(sponsor.slug)) sponsor.slug = propose_slug(tx, sponsor.conference_id, sponsor.name);
  db::refuse_first(sponsor_table().validate(tx, sponsor));
  db::refuse_first(check_sponsor(tx, sponsor));
  const std::int64_t count = store::level_by_id(tx, sponsor.level_id).value().comp_ticket_count;
  sponsor = sponsor_table().insert(tx, std::move(sponsor));
  issue_comp_vouchers(tx, sponsor, count, random);
  return sponsor;
}

std::optional<Sponsor> update_sponsor(db::Tx& tx, Sponsor sponsor) {
  const std::optional<Sponsor> stored = sponsor_table().find(tx, sponsor.id);
  if (!stored) return std::nullopt;
  sponsor.conference_id = stored->conference_id;
  db::refuse_first(sponsor_table().validate(tx, sponsor));
  db::refuse_first(check_sponsor(tx, sponsor));
  return sponsor_table().update(tx, std::move(sponsor));
}

bool delete_sponsor(db::Tx& tx, const Sponsor& sponsor) {
  registration::deactivate_unused_of_sponsor(tx, sponsor.id);
  return sponsor_table().remove(tx, sponsor);
}

std::string comp_code_prefix(std::string_view slug) {
  constexpr std::string_view head = "SPONSOR-";
  constexpr std::size_t longest = 100, random_part = 8;  // source: 50, 5
  std::string prefix(head);
  prefix += ascii_upper(slug.substr(0, longest - head.size() - 1 - random_part));
  prefix += '-';
  return prefix;
}

}  // namespace plenary::sponsors
