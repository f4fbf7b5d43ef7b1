// Sponsor levels, sponsors and their benefits. A new sponsor gets the comp vouchers of its level. source:
// sponsors 50, 5 and 12.
#include "admin/model.hpp"
#include "domain/sponsors/levels.hpp"
#include "domain/sponsors/sponsors.hpp"

namespace plenary::admin {
namespace {

Model levels() {
  Model model;
  model.table = &sponsors::sponsor_level_table();
  model.view_code = "view_sponsors";
  model.change_code = "change_sponsors";
  model.area = "program_sponsors";
  model.name = "sponsorlevel";
  model.conference_sql = "t.conference_id";
  model.columns = {{"name"},
                   {"conference_id"},
                   {"cost"},
                   {"comp_ticket_count"},
                   {.name = "sponsors",
                    .label = message("Sponsors"),
                    .sql = "(SELECT count(*) FROM sponsor s WHERE s.level_id = t.id)",
                    .shown = Shown::integer},
                   {"sort_order"}};
  model.filters = {"conference_id"};
  model.search = {"t.name", "t.slug"};
  model.slug_from = "name";
  model.groups = {{"", {"conference_id", "name", "slug", "cost", "comp_ticket_count", "sort_order"}},
                  {message("For the public page"), {"description", "benefits_summary"}}};
  model.remove = [](db::Tx& tx, const void* row) {
    sponsors::delete_level(tx, *static_cast<const sponsors::SponsorLevel*>(row));
  };
  return model;
}

Model benefits() {
  Model model;
  model.table = &sponsors::sponsor_benefit_table();
  model.view_code = "view_sponsors";
  model.change_code = "change_sponsors";
  model.area = "program_sponsors";
  model.name = "sponsorbenefit";
  model.conference_sql = "(SELECT s.conference_id FROM sponsor s WHERE s.id = t.sponsor_id)";
  model.columns = {{"name"}, {"sponsor_id"}, {"is_complete"}};
  model.filters = {"is_complete", "sponsor_id"};
  model.search = {"t.name", "(SELECT s.name FROM sponsor s WHERE s.id = t.sponsor_id)"};
  return model;
}

Model sponsors_model() {
  using sponsors::Sponsor;
  Model model;
  model.table = &sponsors::sponsor_table();
  model.view_code = "view_sponsors";
  model.change_code = "change_sponsors";
  model.area = "program_sponsors";
  model.name = "sponsor";
  model.conference_sql = "t.conference_id";
  model.columns = {{"name"}, {"conference_id"}, {"level_id"}, {"is_active"}};
  model.filters = {"conference_id", "level_id", "is_active"};
  model.search = {"t.name", "t.slug", "t.contact_name", "t.contact_email"};
  model.order =
      "(SELECT l.sort_order FROM sponsor_level l WHERE l.id = t.level_id), t.level_id, t.name, t.id";
  model.slug_from = "name";
  model.groups = {
      {"", {"conference_id", "level_id", "name", "slug", "is_active"}},
      {message("For the public page"), {"website_url", "logo_url", "description"}},
      {message("Contact"), {"contact_name", "contact_email"}, false, message("Never shown in public.")},
      {message("Where it comes from"), {"external_id"}, true}};
  model.read_only = {"external_id"};
  model.inlines = {{.table = "sponsor_benefit",
                    .column = "sponsor_id",
                    .fields = {"name", "description", "is_complete", "notes"}}};
  model.check = [](db::Tx& tx, const void*, const void* row) {
    return sponsors::check_sponsor(tx, *static_cast<const Sponsor*>(row));
  };
  model.insert = [](db::Tx& tx, void* row) {
    auto& sponsor = *static_cast<Sponsor*>(row);
    sponsor = sponsors::create_sponsor(tx, sponsor);
  };
  model.update = [](db::Tx& tx, const void*, void* row) {
    auto& sponsor = *static_cast<Sponsor*>(row);
    const auto stored = sponsors::update_sponsor(tx, sponsor);
    if (stored) sponsor = *stored;
    return stored.has_value();
  };
  model.remove = [](db::Tx& tx, const void* row) {
    sponsors::delete_sponsor(tx, *static_cast<const Sponsor*>(row));
  };
  return model;
}

}  // namespace

std::vector<Model> sponsor_models() {
  return {sponsors_model(), levels(), benefits()};
}

}  // namespace plenary::admin
