#include "domain/sponsors/types.hpp"

namespace plenary::sponsors {

const db::Entity<SponsorLevel>& sponsor_level_table() {
  using L = SponsorLevel;
  static const db::Entity<L> table(
      "sponsor_level",
      {
          db::column("id", &L::id).generated_key(),
          db::column("conference_id", &L::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("name", &L::name).required().max_length(200),
          db::column("slug", &L::slug).required().max_length(200).format(db::TextFormat::slug),
          db::column("cost", &L::cost).money().minimum(0),
          db::column("description", &L::description).format(db::TextFormat::paragraph),
          db::column("benefits_summary", &L::benefits_summary).format(db::TextFormat::paragraph),
          db::column("comp_ticket_count", &L::comp_ticket_count)
              .minimum(0)
              .label("Comp tickets")
              .help("Holds for sponsors created from now on."),
          db::column("sort_order", &L::order).minimum(0).label("Order"),
          db::column("version", &L::version).version(),
          db::column("created_at", &L::created_at).created(),
          db::column("updated_at", &L::updated_at).updated(),
      },
      db::Rules<L>()
          .titled("Sponsor level", "Sponsor levels")
          .ordered_by("sort_order, name, id")
          .unique({"conference_id", "lower(slug)"}, "Another sponsor level has this slug."));
  return table;
}

}  // namespace plenary::sponsors
