#include "domain/registration/entities.hpp"

#include <algorithm>
#include <string_view>

#include "domain/registration/variations.hpp"

namespace plenary::registration {
namespace {

template <class T>
bool window_is_right(const T& t) {
  return !t.available_from || !t.available_until || *t.available_from <= *t.available_until;
}

// Domain names with blanks between them.
bool are_domains(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view domain = text.substr(at, end - at);
    if (domain.find('.') == std::string_view::npos || domain.front() == '.' || domain.back() == '.' ||
        domain.find_first_of("@/,;:\\\"'<>()") != std::string_view::npos)
      return false;
    at = end;
  }
  return true;
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
          db::column("tax_rule_id", &T::tax_rule_id)
              .references("tax_rule")
              .help("Empty: outside the scope of tax."),
          db::column("free_price", &T::free_price)
              .label("Buyers name the price")
              .help("The price is then what is proposed."),
          db::column("minimum_price", &T::minimum_price)
              .money()
              .minimum(0)
              .maximum(largest_price)
              .help("Least that buyers may name."),
          db::column("min_per_order", &T::min_per_order)
              .minimum(0)
              .maximum(largest_integer)
              .label("At least in one order")
              .help("Of those who buy any. 0: no minimum."),
          db::column("max_per_order", &T::max_per_order)
              .minimum(1)
              .maximum(largest_integer)
              .label("At most in one order")
              .help("Empty: no limit of its own."),
          db::column("email_domains", &T::email_domains)
              .max_length(1000)
              .label("Only for addresses of")
              .help("Domains with blanks between them: example.org uni.example. Empty: anybody."),
          db::column("waiting_list", &T::waiting_list)
              .help("On: when it is sold out, people can wait for it."),
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
          .must("minimum_price", "The price that is proposed is below the least one.",
                [](const T& t) { return !t.free_price || t.minimum_price <= t.price; })
          .must("max_per_order", "The most in one order is less than the least.",
                [](const T& t) { return !t.max_per_order || *t.max_per_order >= t.min_per_order; })
          .must("email_domains", "Write domains such as example.org, with blanks between them and without @.",
                [](const T& t) { return are_domains(t.email_domains); })
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
          db::column("tax_rule_id", &T::tax_rule_id)
              .references("tax_rule")
              .help("Empty: outside the scope of tax."),
          db::column("free_price", &T::free_price)
              .label("Buyers name the price")
              .help("The price is then what is proposed."),
          db::column("minimum_price", &T::minimum_price)
              .money()
              .minimum(0)
              .maximum(largest_price)
              .help("Least that buyers may name."),
          db::column("min_per_order", &T::min_per_order)
              .minimum(0)
              .maximum(largest_integer)
              .label("At least in one order")
              .help("Of those who buy any. 0: no minimum."),
          db::column("max_per_order", &T::max_per_order)
              .minimum(1)
              .maximum(largest_integer)
              .label("At most in one order")
              .help("Empty: no limit of its own."),
          db::column("email_domains", &T::email_domains)
              .max_length(1000)
              .label("Only for addresses of")
              .help("Domains with blanks between them: example.org uni.example. Empty: anybody."),
          db::column("waiting_list", &T::waiting_list)
              .help("On: when it is sold out, people can wait for it."),
          db::column("limit_per_user", &T::limit_per_user)
              .minimum(0)
              .maximum(largest_integer)
              .help("For each person. Empty: no limit."),
          db::column("min_per_ticket", &T::min_per_ticket)
              .minimum(0)
              .maximum(largest_integer)
              .label("At least for each ticket")
              .help("Of the tickets in the order that it goes with. 0: no minimum."),
          db::column("max_per_ticket", &T::max_per_ticket)
              .minimum(1)
              .maximum(largest_integer)
              .label("At most for each ticket")
              .help("Of the tickets in the order that it goes with. Empty: no limit."),
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
          .must("minimum_price", "The price that is proposed is below the least one.",
                [](const T& t) { return !t.free_price || t.minimum_price <= t.price; })
          .must("max_per_order", "The most in one order is less than the least.",
                [](const T& t) { return !t.max_per_order || *t.max_per_order >= t.min_per_order; })
          .must("email_domains", "Write domains such as example.org, with blanks between them and without @.",
                [](const T& t) { return are_domains(t.email_domains); })
          .must("max_per_ticket", "The most for each ticket is less than the least.",
                [](const T& t) { return !t.max_per_ticket || *t.max_per_ticket >= t.min_per_ticket; })
          .must("available_until", "The sale ends before it begins.", &window_is_right<T>));
  return table;
}

const db::Entity<Variation>& variation_table() {
  using V = Variation;
  static const db::Entity<V> table(
      "variation",
      {
          db::column("id", &V::id).generated_key(),
          db::column("conference_id", &V::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("ticket_type_id", &V::ticket_type_id)
              .references("ticket_type", db::OnDelete::cascade)
              .fixed(),
          db::column("addon_id", &V::addon_id)
              .references("addon", db::OnDelete::cascade)
              .fixed()
              .label("Add-on"),
          db::column("name", &V::name).required().max_length(200),
          db::column("slug", &V::slug).required().max_length(200).format(db::TextFormat::slug),
          db::column("description", &V::description).format(db::TextFormat::paragraph),
          db::column("price", &V::price)
              .money()
              .minimum(0)
              .maximum(largest_price)
              .help("Empty: the product's own price."),
          db::column("total_quantity", &V::total_quantity)
              .minimum(0)
              .maximum(largest_integer)
              .help("0: no limit beyond the product's."),
          db::column("is_active", &V::is_active),
          db::column("sort_order", &V::order).minimum(0).maximum(largest_integer).label("Order"),
          db::column("version", &V::version).version(),
          db::column("created_at", &V::created_at).created(),
          db::column("updated_at", &V::updated_at).updated(),
      },
      db::Rules<V>()
          .titled("Variation", "Variations")
          .ordered_by("sort_order, name, id")
          .unique({"ticket_type_id", "lower(slug)"}, "Another variation of this product has this slug.")
          .unique({"addon_id", "lower(slug)"}, "Another variation of this product has this slug.")
          .in_catalogue("conference_id")
          .must("ticket_type_id", "A variation is of one ticket type or of one add-on.",
                [](const V& v) { return v.ticket_type_id.has_value() != v.addon_id.has_value(); }));
  return table;
}

const db::Entity<Quota>& quota_table() {
  using Q = Quota;
  static const db::Entity<Q> table(
      "quota",
      {
          db::column("id", &Q::id).generated_key(),
          db::column("conference_id", &Q::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("name", &Q::name).required().max_length(200),
          db::column("size", &Q::size)
              .minimum(0)
              .maximum(largest_integer)
              .help("Units of all its products together. 0: unlimited."),
          db::column("version", &Q::version).version(),
          db::column("created_at", &Q::created_at).created(),
          db::column("updated_at", &Q::updated_at).updated(),
      },
      db::Rules<Q>().titled("Quota", "Quotas").ordered_by("name, id").in_catalogue("conference_id"));
  return table;
}

}  // namespace plenary::registration
