#include "domain/sponsors/types.hpp"

#include "base/slug.hpp"

namespace plenary::sponsors {

namespace {
constexpr std::int64_t largest_price = 9'999'999'999;    // minor units; source: 10, 6.10.3
constexpr std::int64_t largest_integer = 2'147'483'647;  // source: 10, 6.10.4
}  // namespace

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
          db::column("cost", &L::cost).money().minimum(0).maximum(largest_price),
          db::column("description", &L::description).format(db::TextFormat::paragraph),
          db::column("benefits_summary", &L::benefits_summary)
              .format(db::TextFormat::paragraph)
              .help("What the level includes, a line each."),
          db::column("comp_ticket_count", &L::comp_ticket_count)
              .minimum(0)
              .maximum(most_comp_tickets)
              .label("Comp tickets")
              .help(
                  "Single-use vouchers that each new sponsor of this level gets. Holds for sponsors created "
                  "from now on."),
          db::column("sort_order", &L::order)
              .minimum(0)
              .maximum(largest_integer)
              .label("Order")
              .help("Low numbers come first."),
          db::column("version", &L::version).version(),
          db::column("created_at", &L::created_at).created(),
          db::column("updated_at", &L::updated_at).updated(),
      },
      db::Rules<L>()
          .titled("Sponsor level", "Sponsor levels")
          .ordered_by("sort_order, name, id")
          .unique({"conference_id", "lower(slug)"}, "Another sponsor level has this slug.")
          .in_catalogue("conference_id"));
  return table;
}

const db::Entity<Sponsor>& sponsor_table() {
  using S = Sponsor;
  static const db::Entity<S> table(
      "sponsor",
      {
          db::column("id", &S::id).generated_key(),
          db::column("conference_id", &S::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("level_id", &S::level_id)
              .references("sponsor_level")
              .help("Its comp vouchers are made when the sponsor is created; a later change makes none."),
          db::column("name", &S::name).required().max_length(200),
          db::column("slug", &S::slug)
              .required()
              .max_length(200)
              .format(db::TextFormat::slug)
              .help("Last part of the address of its page."),
          db::column("external_id", &S::external_id)
              .max_length(100)
              .label("External id")
              .help("Of the system the sponsor comes from; empty for those made here."),
          db::column("website_url", &S::website_url)
              .max_length(200)
              .format(db::TextFormat::url)
              .label("Website"),
          db::column("logo_url", &S::logo_url)
              .max_length(200)
              .format(db::TextFormat::url)
              .label("Logo")
              .help("Address of a picture; browsers show it when it begins with https://."),
          db::column("description", &S::description)
              .max_length(20'000)
              .format(db::TextFormat::paragraph)
              .help("On the sponsor's page. An empty line begins a new paragraph."),
          db::column("contact_name", &S::contact_name)
              .max_length(200)
              .personal()
              .help("Private: never on a public page."),
          db::column("contact_email", &S::contact_email)
              .max_length(254)
              .format(db::TextFormat::email)
              .personal()
              .label("Contact e-mail")
              .help("Private: never on a public page."),
          db::column("is_active", &S::is_active).label("Active").help("Off: on no public page."),
          db::column("version", &S::version).version(),
          db::column("created_at", &S::created_at).created(),
          db::column("updated_at", &S::updated_at).updated(),
      },
      db::Rules<S>()
          .titled("Sponsor", "Sponsors")
          .ordered_by("name, id")
          .unique({"conference_id", "lower(slug)"}, "Another sponsor has this slug.")
          .in_catalogue("conference_id")
          .must("slug", "The address \"portal\" is taken by the sponsors' own pages. Choose another slug.",
                [](const S& s) { return slug_key(s.slug) != reserved_sponsor_slug; }));
  return table;
}

const db::Entity<SponsorBenefit>& sponsor_benefit_table() {
  using B = SponsorBenefit;
  static const db::Entity<B> table(
      "sponsor_benefit",
      {
          db::column("id", &B::id).generated_key(),
          db::column("sponsor_id", &B::sponsor_id).references("sponsor", db::OnDelete::cascade).fixed(),
          db::column("name", &B::name).required().max_length(200).help("On the sponsor's page."),
          db::column("description", &B::description).max_length(10'000).format(db::TextFormat::paragraph),
          db::column("is_complete", &B::is_complete)
              .label("Delivered")
              .help("For the organisers; not shown in public."),
          db::column("notes", &B::notes)
              .max_length(10'000)
              .format(db::TextFormat::paragraph)
              .help("For the organisers; not shown in public."),
          db::column("version", &B::version).version(),
          db::column("created_at", &B::created_at).created(),
          db::column("updated_at", &B::updated_at).updated(),
      },
      db::Rules<B>()
          .titled("Sponsor benefit", "Sponsor benefits")
          .ordered_by("name, id")
          .in_catalogue("sponsor_id", "sponsor"));
  return table;
}

}  // namespace plenary::sponsors
