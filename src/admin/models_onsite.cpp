// Badge templates. source: configuration 10, 5.5; onsite 30, 3.1.
#include "admin/model.hpp"
#include "domain/onsite/badge_templates.hpp"

namespace plenary::admin {
namespace {

Model badge_templates() {
  using onsite::BadgeTemplate;
  Model model;
  model.table = &onsite::badge_template_table();
  model.view_code = "view_badges";
  model.change_code = "change_badges";
  model.area = "program_onsite";
  model.name = "badgetemplate";
  model.conference_sql = "t.conference_id";
  model.columns = {{"name"}, {"conference_id"}, {"is_default"}, {"width_mm"}, {"height_mm"}};
  model.filters = {"conference_id", "is_default"};
  model.search = {"t.name", "t.slug"};
  model.slug_from = "name";
  model.groups = {{"", {"conference_id", "name", "slug", "is_default"}},
                  {message("Size"), {"width_mm", "height_mm"}},
                  {message("What stands on it"),
                   {"show_name", "show_email", "show_company", "show_ticket_type", "ticket_banner_position",
                    "show_qr_code", "show_conference_name"}},
                  {message("Colours"), {"background_color", "text_color", "accent_color"}}};
  model.insert = [](db::Tx& tx, void* row) {
    auto& badge = *static_cast<BadgeTemplate*>(row);
    badge = onsite::create_badge_template(tx, badge);
  };
  model.update = [](db::Tx& tx, const void*, void* row) {
    auto& badge = *static_cast<BadgeTemplate*>(row);
    const auto stored = onsite::update_badge_template(tx, badge);
    if (stored) badge = *stored;
    return stored.has_value();
  };
  return model;
}

}  // namespace

std::vector<Model> onsite_models() {
  return {badge_templates()};
}

}  // namespace plenary::admin
