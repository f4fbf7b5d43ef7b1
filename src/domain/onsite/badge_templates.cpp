#include "domain/onsite/badge_templates.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "base/errors.hpp"

namespace plenary::onsite {
namespace {

bool is_color(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         std::all_of(text.begin() + 1, text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

db::ColumnDraft color(const char* name, std::string BadgeTemplate::*member) {
  return db::column(name, member).required().max_length(7).help("Like #4338CA.");
}

constexpr const char* color_wanted = "Write a # and six digits of 0-9 and a-f, such as #4338CA.";

// One row of a conference may say so; the schema keeps to that.
void give_up_default(db::Tx& tx, const BadgeTemplate& badge) {
  if (!badge.is_default) return;
  tx.exec(
      "UPDATE badge_template SET is_default = 0, version = version + 1, updated_at = $1"
      " WHERE conference_id = $2 AND is_default = 1 AND id <> $3",
      tx.now(), badge.conference_id, badge.id);
}

}  // namespace

std::vector<BadgeTemplate> badge_templates(db::Tx& tx, std::int64_t conference_id) {
  return badge_template_table().select(tx, "WHERE conference_id = $1 ORDER BY name, id", conference_id);
}

std::optional<BadgeTemplate> default_badge_template(db::Tx& tx, std::int64_t conference_id) {
  return badge_template_table().maybe(tx, "WHERE conference_id = $1 AND is_default = 1", conference_id);
}

BadgeTemplate create_badge_template(db::Tx& tx, BadgeTemplate badge) {
  badge.id = 0;
  give_up_default(tx, badge);
  return badge_template_table().insert(tx, std::move(badge));
}

std::optional<BadgeTemplate> update_badge_template(db::Tx& tx, BadgeTemplate badge) {
  // Whoever edits an old version is told so before anything is written.
  const auto stored = badge_template_table().find(tx, badge.id);
  if (!stored || stored->version != badge.version) return std::nullopt;
  badge.conference_id = stored->conference_id;
  give_up_default(tx, badge);
  return badge_template_table().update(tx, std::move(badge));
}

const db::Entity<BadgeTemplate>& badge_template_table() {
  using B = BadgeTemplate;
  static const db::Entity<B> table(
      "badge_template",
      {
          db::column("id", &B::id).generated_key(),
          db::column("conference_id", &B::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("name", &B::name).required().max_length(200),
          db::column("slug", &B::slug).required().max_length(200).format(db::TextFormat::slug),
          db::column("is_default", &B::is_default)
              .label("Default")
              .help("Used where nothing else is chosen. One template of a conference is: it takes over."),
          db::column("width_mm", &B::width_mm)
              .minimum(20)
              .maximum(500)
              .label("Width")
              .help("In millimetres, from 20 to 500."),
          db::column("height_mm", &B::height_mm)
              .minimum(20)
              .maximum(500)
              .label("Height")
              .help("In millimetres, from 20 to 500."),
          db::column("ticket_banner_position", &B::ticket_banner_position)
              .choice("below_header", message("Below the header"))
              .choice("above_name", message("Above the name"))
              .choice("below_name", message("Below the name"))
              .choice("bottom", message("At the bottom"))
              .label("Place of the ticket banner"),
          db::column("show_name", &B::show_name),
          db::column("show_email", &B::show_email).label("Show e-mail"),
          db::column("show_company", &B::show_company),
          db::column("show_ticket_type", &B::show_ticket_type),
          db::column("show_qr_code", &B::show_qr_code).label("Show QR code"),
          db::column("show_conference_name", &B::show_conference_name),
          color("background_color", &B::background_color).label("Background"),
          color("text_color", &B::text_color).label("Text"),
          color("accent_color", &B::accent_color).label("Accent"),
          db::column("version", &B::version).version(),
          db::column("created_at", &B::created_at).created(),
          db::column("updated_at", &B::updated_at).updated(),
      },
      db::Rules<B>()
          .titled("Badge template", "Badge templates")
          .ordered_by("name, id")
          .unique({"conference_id", "lower(slug)"}, "Another badge template has this slug.")
          .must("background_color", color_wanted, [](const B& b) { return is_color(b.background_color); })
          .must("text_color", color_wanted, [](const B& b) { return is_color(b.text_color); })
          .must("accent_color", color_wanted, [](const B& b) { return is_color(b.accent_color); }));
  return table;
}

}  // namespace plenary::onsite
