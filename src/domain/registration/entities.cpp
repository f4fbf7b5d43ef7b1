#include "domain/registration/entities.hpp"

namespace plenary::registration {
namespace {

template <class T>
bool window_is_right(const T& t) {
  return !t.available_from || !t.available_until || *t.available_from <= *t.available_until;
}

constexpr std::int64_t largest_integer = 2'147'483'647;  // source: 10, 6.10.4
constexpr std::int64_t largest_price = 9'999'999'999;    // minor units; 10, 6.10.3

}  // namespace

const db::Entity<TicketType>& ticket_type_table() {
  using T = TicketType;
  static const db::Entity<T> table(
      "ticket_type",
      {
          db::column("id", &T::id).generated_key(),
          db::column("conference_id", &T::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("name", &T::name).required().max_length(200),
          db::column("slug", &T::slug).required().max_length(200).format(db::TextFormat::slug),
          db::column("description", &T::description).format(db::TextFormat::paragraph),
          db::column("price", &T::price).money().minimum(0).maximum(largest_price),
          db::column("available_from", &T::available_from)
              .help("First instant of the sale; empty: open from the start."),
          db::column("available_until", &T::available_until).help("Last instant of the sale, included."),
          db::column("total_quantity", &T::total_quantity)
              .minimum(0)
              .maximum(largest_integer)
              .help("0: unlimited."),
          db::column("limit_per_user", &T::limit_per_user)
              .minimum(0)
              .maximum(largest_integer)
              .help("For each person. 0: nobody may buy it."),
          db::column("requires_voucher", &T::requires_voucher)
              .help("Hidden from lists; needs an unlocking voucher."),
          db::column("is_active", &T::is_active),
          db::column("bulk_enabled", &T::bulk_enabled).help("May appear in sponsors' bulk deals."),
          db::column("sort_order", &T::order).minimum(0).maximum(largest_integer),
          db::column("version", &T::version).version(),
          db::column("created_at", &T::created_at).created(),
          db::column("updated_at", &T::updated_at).updated(),
      },
      db::Rules<T>()
          .titled("Ticket type", "Ticket types")
          .ordered_by("sort_order, name")
          .unique({"conference_id", "lower(slug)"}, "Another ticket type has this slug.")
          .in_catalogue("conference_id")
          .must("available_until", "The sale ends before it begins.", &window_is_right<T>));
  return table;
}

const db::Entity<AddOn>& addon_table() {
  using T = AddOn;
  static const db::Entity<T> table(
      "addon",
      {
          db::column("id", &T::id).generated_key(),
          db::column("conference_id", &T::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("name", &T::name).required().max_length(200),
          db::column("slug", &T::slug).required().max_length(200).format(db::TextFormat::slug),
          db::column("description", &T::description).format(db::TextFormat::paragraph),
          db::column("price", &T::price).money().minimum(0).maximum(largest_price),
          db::column("available_from", &T::available_from)
              .help("First instant of the sale; empty: open from the start."),
          db::column("available_until", &T::available_until).help("Last instant of the sale, included."),
          db::column("total_quantity", &T::total_quantity)
              .minimum(0)
              .maximum(largest_integer)
              .help("0: unlimited."),
          db::column("is_active", &T::is_active),
          db::column("bulk_enabled", &T::bulk_enabled).help("May appear in sponsors' bulk deals."),
          db::column("sort_order", &T::order).minimum(0).maximum(largest_integer),
          db::column("version", &T::version).version(),
          db::column("created_at", &T::created_at).created(),
          db::column("updated_at", &T::updated_at).updated(),
      },
      db::Rules<T>()
          .titled("Add-on", "Add-ons")
          .ordered_by("sort_order, name")
          .unique({"conference_id", "lower(slug)"}, "Another add-on has this slug.")
          .in_catalogue("conference_id")
          .must("available_until", "The sale ends before it begins.", &window_is_right<T>));
  return table;
}

}  // namespace plenary::registration
