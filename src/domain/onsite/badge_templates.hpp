// How badges look: the templates of a conference, of which at most one is the default. Owns the table
// badge_template. Functions of a transaction: one thread at a time. source: onsite 30, 3.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "db/entity.hpp"
#include "db/tx.hpp"

namespace plenary::onsite {

// The enumerators stand in the order of their stored texts.
enum class BannerPosition { below_header, above_name, below_name, bottom };

struct BadgeTemplate {
  std::int64_t id = 0;
  std::int64_t conference_id = 0;
  std::string name;
  std::string slug;
  bool is_default = false;
  std::int64_t width_mm = 102;
  std::int64_t height_mm = 152;
  BannerPosition ticket_banner_position = BannerPosition::below_header;
  bool show_name = true, show_email = false, show_company = false, show_ticket_type = true,
       show_qr_code = true, show_conference_name = true;
  std::string background_color = "#FFFFFF", text_color = "#000000", accent_color = "#4338CA";
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

// By name.
std::vector<BadgeTemplate> badge_templates(db::Tx& tx, std::int64_t conference_id);
std::optional<BadgeTemplate> default_badge_template(db::Tx& tx, std::int64_t conference_id);

// As stored. A template that becomes the default takes over from the one that was. Nothing comes back where
// somebody else changed the row since it was loaded.
BadgeTemplate create_badge_template(db::Tx& tx, BadgeTemplate badge);
std::optional<BadgeTemplate> update_badge_template(db::Tx& tx, BadgeTemplate badge);

const db::Entity<BadgeTemplate>& badge_template_table();

}  // namespace plenary::onsite
