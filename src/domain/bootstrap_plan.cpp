#include "domain/bootstrap_plan.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/slug.hpp"
#include "domain/bootstrap_overwrite.hpp"
#include "domain/bootstrap_sales.hpp"
#include "domain/conference/currency.hpp"
#include "domain/registration/entities.hpp"

namespace plenary::domain {
namespace {

template <class Row, class Entry>
void note_absent(ItemKind kind, const std::vector<Row>& stored, const BySlug<Entry>& entries,
                 BootstrapReport& report) {
  for (const Row& row : stored) {
    if (!entries.find(row.slug)) report.absent.push_back({kind, row.name, row.slug});
  }
}

// The currency in force: a stored conference keeps its own. source: registration 20, D24.
Currency currency_in_force(const config::ConferenceFile& file, const StoredRows& stored,
                           const config::ProgramSettings& settings) {
  if (!stored.conference) return file.currency.value_or(settings.currency);
  return conference::currency_of(stored.conference->currency, settings);
}

class Planner {
 public:
  Planner(const config::ConferenceFile& file, const StoredRows& stored,
          const config::ProgramSettings& settings, const BootstrapOptions& options)
      : file_(file),
        stored_(stored),
        settings_(settings),
        options_(options),
        zone_(file.timezone),
        currency_(currency_in_force(file, stored, settings)),
        sections_(stored.sections),
        tickets_(stored.tickets),
        addons_(stored.addons),
        levels_(stored.levels),
        consents_(stored.consents),
        file_tickets_(file.tickets) {
    for (const registration::TicketType& ticket : stored.tickets) ticket_slugs_[ticket.id] = ticket.slug;
  }

  BootstrapPlan run() {
    if (stored_.conference && !options_.update) plan_.problems.push_back(already_exists(file_));
    plan_seller(sales_);
    plan_conference();
    for (std::size_t i = 0; i < file_.sections.size(); ++i) plan_section(i);
    plan_taxes(sales_);
    plan_payment(sales_);
    for (std::size_t i = 0; i < file_.tickets.size(); ++i) plan_ticket(i);
    for (std::size_t i = 0; i < file_.addons.size(); ++i) plan_addon(i);
    for (std::size_t i = 0; i < file_.sponsor_levels.size(); ++i) plan_level(i);
    for (std::size_t i = 0; i < file_.consents.size(); ++i) plan_consent(i);
    plan_quotas(sales_);
    plan_discounts(sales_);
    plan_questions(sales_);
    note_absent(ItemKind::section, stored_.sections, BySlug(file_.sections), plan_.report);
    note_absent(ItemKind::ticket, stored_.tickets, file_tickets_, plan_.report);
    note_absent(ItemKind::addon, stored_.addons, BySlug(file_.addons), plan_.report);
    note_absent(ItemKind::sponsor_level, stored_.levels, BySlug(file_.sponsor_levels), plan_.report);
    const BySlug file_consents(file_.consents);
    for (const conference::ConsentText& text : stored_.consents) {
      if (!file_consents.find(text.slug))
        plan_.report.absent.push_back({ItemKind::consent, beginning(text.text), text.slug});
    }
    return std::move(plan_);
  }

 private:
  void plan_conference() {
    AppliedItem& item = plan_.report.conference;
    item.kind = ItemKind::conference;
    item.created = !stored_.conference;
    conference::Conference& row = plan_.conference.row;
    if (stored_.conference) {
      row = *stored_.conference;
    } else {
      row.slug = file_.slug;
      // Fixed from now on: a later change of the settings does not alter it. source: registration 20, D24.
      row.currency = std::string(currency_.code());
    }
    if (file_.currency && *file_.currency != currency_) {
      plan_.problems.push_back(
          problem(file_.places.of("currency"), "conference.currency", "",
                  fmt::format("\"{}\"", file_.currency->code()),
                  fmt::format("\"{}\": a conference keeps the currency it was made with", currency_.code()),
                  "leave the key as it was, or make another conference")
              .message());
    }
    Overwrite overwrite(item);
    auto date = [](Date d) { return d.to_string(); };
    auto count = [](const std::optional<std::int64_t>& n) { return n ? std::to_string(*n) : "(none)"; };
    auto budget = [&](const std::optional<std::int64_t>& minor) { return minor ? show(*minor) : "(none)"; };
    overwrite.set(row.name, file_.name, "name", or_empty);
    overwrite.set(row.start_date, file_.start, "start", date);
    overwrite.set(row.end_date, file_.end, "end", date);
    overwrite.set(row.timezone, std::string(zone_.name()), "timezone", or_empty);
    if (file_.venue) overwrite.set(row.venue, *file_.venue, "venue", or_empty);
    if (file_.address) overwrite.set(row.address, *file_.address, "address", or_empty);
    if (file_.website_url) overwrite.set(row.website_url, *file_.website_url, "website_url", or_empty);
    if (file_.pretalx_event_slug) {
      overwrite.set(row.pretalx_event_slug, *file_.pretalx_event_slug, "pretalx_event_slug", or_empty);
    }
    if (file_.total_capacity) {
      check_stock(*file_.total_capacity, row.total_capacity, stored_.committed, file_.places,
                  "conference.total_capacity", "total_capacity", "");
      plan_.capacity_changed = row.total_capacity != *file_.total_capacity;
      overwrite.set(row.total_capacity, *file_.total_capacity, "total_capacity", count_or_unlimited);
    }
    if (file_.target_attendance) {
      overwrite.set(row.target_attendance, file_.target_attendance, "target_attendance", count);
    }
    if (file_.revenue_budget)
      set_budget(overwrite, row.revenue_budget, *file_.revenue_budget, "revenue_budget", budget);
    if (file_.grant_budget)
      set_budget(overwrite, row.grant_budget, *file_.grant_budget, "grant_budget", budget);
    set_presentation(overwrite, row);
    set_conference_sales(sales_, item, row);
    item.name = row.name;
    item.slug = row.slug;
    item.detail = fmt::format("{} to {}", row.start_date.to_string(), row.end_date.to_string());
    plan_.conference.write = item.created || !item.changes.empty();
    plan_flags(item);
    plan_.report.currency = std::string(currency_.code());
    plan_.report.conference_id = row.id;
    plan_.report.timezone = row.timezone;
    plan_.report.venue = row.venue;
    plan_.report.website_url = row.website_url;
  }

  void set_presentation(Overwrite& overwrite, conference::Conference& row) {
    if (file_.active) overwrite.set(row.is_active, *file_.active, "active", yes_no);
    if (file_.sales_open) overwrite.set(row.sales_open, *file_.sales_open, "sales_open", yes_no);
    if (file_.require_account)
      overwrite.set(row.require_account, *file_.require_account, "require_account", yes_no);
    if (file_.max_tickets_per_cart)
      overwrite.set(row.max_tickets_per_cart, *file_.max_tickets_per_cart, "max_tickets_per_cart", number);
    const auto text = [&](std::string& field, const std::optional<std::string>& value, const char* name) {
      if (value) overwrite.set(field, *value, name, beginning);
    };
    text(row.contact, file_.contact, "contact");
    text(row.imprint, file_.imprint, "imprint");
    text(row.terms, file_.terms, "terms");
    text(row.privacy, file_.privacy, "privacy");
    text(row.code_of_conduct, file_.code_of_conduct, "code_of_conduct");
    text(row.refund_policy, file_.refund_policy, "refund_policy");
    text(row.withdrawal_note, file_.withdrawal_note, "withdrawal_note");
    text(row.accent_color, file_.accent_color, "accent_color");
    text(row.logo_url, file_.logo_url, "logo_url");
    const auto moment = [&](const std::optional<Instant>& t) { return shown_moment(t, zone_); };
    if (file_.transfer_until) {
      overwrite.set(row.transfer_until, std::optional(zone_.day_end(*file_.transfer_until)), "transfer_until",
                    moment);
    }
    if (file_.transfer_until_at)
      overwrite.set(row.transfer_until, file_.transfer_until_at, "transfer_until", moment);
  }

  void plan_flags(AppliedItem& item) {
    for (const auto& [key, value] : file_.features) {
      const auto feature =
          std::find_if(conference::all_features().begin(), conference::all_features().end(),
                       [&](conference::Feature f) { return conference::feature_key(f) == key; });
      const std::optional<bool>& stored = stored_.flags[*feature];
      if (stored == value) continue;
      plan_.flags.emplace_back(*feature, value);
      const auto shown = [](const std::optional<bool>& v) { return !v ? "default" : *v ? "on" : "off"; };
      if (!item.created)
        item.changes.push_back({"features." + key,
                                shown(stored),
                                shown(std::optional(value)),
                                {},
                                {},
                                conference::audit_value(column_text(stored)),
                                conference::audit_value(column_text(value))});
    }
  }

  template <class Show>
  void set_budget(Overwrite& overwrite, std::optional<std::int64_t>& field, const Money& value,
                  const char* name, Show show) {
    overwrite.set(field, std::optional(minor_of(value)), name, show);
  }

  void plan_section(std::size_t index) {
    const config::SectionEntry& entry = file_.sections[index];
    auto [row, item] = start(ItemKind::section, sections_, entry);
    Overwrite overwrite(item);
    auto date = [](Date d) { return d.to_string(); };
    overwrite.set(row.name, entry.name, "name", or_empty);
    overwrite.set(row.start_date, entry.start, "start", date);
    overwrite.set(row.end_date, entry.end, "end", date);
    set_order(overwrite, row.order, entry.order.value_or(static_cast<std::int64_t>(index)));
    item.detail = fmt::format("{} to {}", row.start_date.to_string(), row.end_date.to_string());
    plan_.sections.push_back(finish(std::move(row), std::move(item)));
  }

  void plan_ticket(std::size_t index) {
    const config::TicketEntry& entry = file_.tickets[index];
    std::string path = fmt::format("conference.tickets[{}]", index);
    auto [row, item] = start(ItemKind::ticket, tickets_, entry);
    Overwrite overwrite(item);
    overwrite.set(row.name, entry.name, "name", or_empty);
    set_price(overwrite, row.price, entry.price);
    if (row.id) {
      check_stock(entry.quantity, row.total_quantity, stored_.ticket_committed.at(row.id), entry.places,
                  path + ".quantity", "quantity", entry.name);
    }
    overwrite.set(row.total_quantity, entry.quantity, "quantity", count_or_unlimited);
    if (entry.per_user) {
      overwrite.set(row.limit_per_user, *entry.per_user, "per_user", number);
    }
    if (entry.voucher_required) {
      overwrite.set(row.requires_voucher, *entry.voucher_required, "voucher_required", yes_no);
    }
    set_window(overwrite, row.available_from, row.available_until, entry, path);
    if (entry.description) overwrite.set(row.description, *entry.description, "description", beginning);
    if (entry.active) overwrite.set(row.is_active, *entry.active, "active", yes_no);
    if (entry.bulk) overwrite.set(row.bulk_enabled, *entry.bulk, "bulk", yes_no);
    set_order(overwrite, row.order, static_cast<std::int64_t>(index));
    item.detail = show(row.price);
    set_selling(sales_, item, row, entry.selling);
    PlannedTicket planned;
    planned.tax_slug = plan_tax_of_product(sales_, item, row.tax_rule_id, entry.selling, path, entry.name);
    sales_.check(registration::ticket_type_table(), &row, entry.places, path, entry.name);
    const registration::Id id = row.id;
    const std::string slug = row.slug;
    static_cast<Planned<registration::TicketType>&>(planned) = finish(std::move(row), std::move(item));
    plan_.tickets.push_back(std::move(planned));
    plan_variations(sales_, registration::ProductKind::ticket_type, id, slug, entry.selling, path);
  }

  void plan_addon(std::size_t index) {
    const config::AddonEntry& entry = file_.addons[index];
    std::string path = fmt::format("conference.addons[{}]", index);
    auto [row, item] = start(ItemKind::addon, addons_, entry);
    Overwrite overwrite(item);
    overwrite.set(row.name, entry.name, "name", or_empty);
    set_price(overwrite, row.price, entry.price);
    if (entry.quantity) {
      if (row.id) {
        check_stock(*entry.quantity, row.total_quantity, stored_.addon_committed.at(row.id), entry.places,
                    path + ".quantity", "quantity", entry.name);
      }
      overwrite.set(row.total_quantity, *entry.quantity, "quantity", count_or_unlimited);
    }
    set_window(overwrite, row.available_from, row.available_until, entry, path);
    if (entry.description) overwrite.set(row.description, *entry.description, "description", beginning);
    if (entry.active) overwrite.set(row.is_active, *entry.active, "active", yes_no);
    if (entry.bulk) overwrite.set(row.bulk_enabled, *entry.bulk, "bulk", yes_no);
    set_order(overwrite, row.order, static_cast<std::int64_t>(index));
    item.detail = show(row.price);

    std::optional<std::vector<std::string>> required = resolve_requires(entry, path);
    if (required) {
      std::vector<std::string> before = slugs_of(row.requires_ticket_types);
      overwrite.set(before, *required, "requires", joined);
    }
    set_selling(sales_, item, row, entry.selling);
    set_limit(overwrite, row.limit_per_user, entry.per_user, "per_user");
    if (entry.min_per_ticket)
      overwrite.set(row.min_per_ticket, *entry.min_per_ticket, "min_per_ticket", number);
    set_limit(overwrite, row.max_per_ticket, entry.max_per_ticket, "max_per_ticket");
    PlannedAddon planned;
    planned.tax_slug = plan_tax_of_product(sales_, item, row.tax_rule_id, entry.selling, path, entry.name);
    sales_.check(registration::addon_table(), &row, entry.places, path, entry.name);
    const registration::Id id = row.id;
    const std::string slug = row.slug;
    static_cast<Planned<registration::AddOn>&>(planned) = finish(std::move(row), std::move(item));
    planned.requires_slugs = std::move(required);
    plan_.addons.push_back(std::move(planned));
    plan_variations(sales_, registration::ProductKind::addon, id, slug, entry.selling, path);
  }

  void plan_level(std::size_t index) {
    const config::SponsorLevelEntry& entry = file_.sponsor_levels[index];
    auto [row, item] = start(ItemKind::sponsor_level, levels_, entry);
    Overwrite overwrite(item);
    overwrite.set(row.name, entry.name, "name", or_empty);
    overwrite.set(row.cost, minor_of(entry.cost), "cost", [&](std::int64_t minor) { return show(minor); });
    if (entry.comp_tickets) {
      overwrite.set(row.comp_ticket_count, *entry.comp_tickets, "comp_tickets", number);
    }
    if (entry.description) overwrite.set(row.description, *entry.description, "description", beginning);
    if (entry.benefits_summary)
      overwrite.set(row.benefits_summary, *entry.benefits_summary, "benefits_summary", beginning);
    set_order(overwrite, row.order, static_cast<std::int64_t>(index));
    item.detail = show(row.cost);
    plan_.levels.push_back(finish(std::move(row), std::move(item)));
  }

  void plan_consent(std::size_t index) {
    const config::ConsentEntry& entry = file_.consents[index];
    auto [row, item] = start(ItemKind::consent, consents_, entry);
    Overwrite overwrite(item);
    // Another text is another version: who agreed to the old one did not agree to this. source: 15, 3.3.
    if (!item.created && row.text != entry.text) ++row.text_version;
    overwrite.set(row.text, entry.text, "text", beginning);
    if (entry.required) overwrite.set(row.is_required, *entry.required, "required", yes_no);
    if (entry.active) overwrite.set(row.is_active, *entry.active, "active", yes_no);
    set_order(overwrite, row.order, static_cast<std::int64_t>(index));
    item.detail = row.is_required ? "required" : "optional";
    item.name = beginning(row.text);
    item.slug = row.slug;
    const bool write = item.created || !item.changes.empty();
    plan_.report.items.push_back(std::move(item));
    plan_.consents.push_back({std::move(row), write, plan_.report.items.size() - 1});
  }

  // The stored row with the entry's slug, or a new one.
  template <class Row, class Entry>
  std::pair<Row, AppliedItem> start(ItemKind kind, const BySlug<Row>& stored, const Entry& entry) {
    const Row* found = stored.find(entry.slug);
    Row row = found ? *found : Row{};
    if (!found) {
      row.slug = entry.slug;
      row.conference_id = plan_.conference.row.id;
    }
    AppliedItem item;
    item.kind = kind;
    item.created = !found;
    return {std::move(row), std::move(item)};
  }

  template <class Row>
  Planned<Row> finish(Row row, AppliedItem item) {
    item.name = row.name;
    item.slug = row.slug;
    bool write = item.created || !item.changes.empty();
    plan_.report.items.push_back(std::move(item));
    return {std::move(row), write, plan_.report.items.size() - 1};
  }

  void set_order(Overwrite& overwrite, std::int64_t& field, std::int64_t order) {
    overwrite.set(field, order, "order", number);
  }

  void set_price(Overwrite& overwrite, std::int64_t& field, const Money& price) {
    overwrite.set(field, minor_of(price), "price", [&](std::int64_t minor) { return show(minor); });
  }

  // A day of the file is a day in the conference's zone: from its first instant that exists to its last
  // microsecond. source: 10, 6.5.3 and Do better 34.
  template <class Entry>
  void set_window(Overwrite& overwrite, std::optional<Instant>& from, std::optional<Instant>& until,
                  const Entry& entry, const std::string& path) {
    if (!entry.available) return;
    auto day = [&](const std::optional<Instant>& t) {
      return t ? zone_.local(*t).date.to_string() : "(none)";
    };
    auto moment = [&](const std::optional<Instant>& t) { return shown_moment(t, zone_); };
    if (entry.available->opens_at)
      overwrite.set(from, entry.available->opens_at, "available.opens_at", moment);
    if (entry.available->closes_at)
      overwrite.set(until, entry.available->closes_at, "available.closes_at", moment);
    if (entry.available->opens) {
      overwrite.set(from, std::optional(zone_.day_start(*entry.available->opens)), "available.opens", moment);
    }
    if (entry.available->closes) {
      overwrite.set(until, std::optional(zone_.day_end(*entry.available->closes)), "available.closes",
                    moment);
    }
    // Only where one half comes from the file and the other one was stored.
    if (from && until && *from > *until) {
      plan_.problems.push_back(
          problem(entry.places.of("available"), path + ".available", entry.name,
                  fmt::format("a sale from {} to {}, where one of the two is kept from what is stored",
                              day(from), day(until)),
                  "a sale that opens before it closes", "give both opens and closes")
              .message());
    }
  }

  // The sorted slugs as stored or as the file gives them; nothing when the key is absent.
  std::optional<std::vector<std::string>> resolve_requires(const config::AddonEntry& entry,
                                                           const std::string& path) {
    if (!entry.requires_tickets) return std::nullopt;
    std::set<std::string> slugs, unknown;
    std::optional<config::Place> place;
    for (const config::RequiredTicket& required : *entry.requires_tickets) {
      if (const registration::TicketType* stored = tickets_.find(required.slug)) {
        slugs.insert(stored->slug);
      } else if (const config::TicketEntry* ticket = file_tickets_.find(required.slug)) {
        slugs.insert(ticket->slug);
      } else {
        unknown.insert(required.slug);
        if (!place) place = required.place;
      }
    }
    if (!unknown.empty()) {
      plan_.problems.push_back(
          problem(*place, path + ".requires", entry.name,
                  "unknown ticket slugs: " + joined(std::vector<std::string>(unknown.begin(), unknown.end())),
                  "slugs of ticket types of this conference",
                  "correct them, or add the ticket types to the file")
              .message());
    }
    return std::vector<std::string>(slugs.begin(), slugs.end());
  }

  std::vector<std::string> slugs_of(const std::vector<registration::Id>& ids) const {
    std::vector<std::string> slugs;
    for (const registration::Id id : ids) {
      if (const auto found = ticket_slugs_.find(id); found != ticket_slugs_.end())
        slugs.push_back(found->second);
    }
    std::sort(slugs.begin(), slugs.end());
    return slugs;
  }

  // Stock may not fall below what is sold and held. One that is below already, and is not made smaller, is no
  // news. source: 10, Do better 12.
  void check_stock(std::int64_t wanted, std::int64_t stored, const registration::Committed& committed,
                   const config::Places& places, const std::string& path, const char* key,
                   const std::string& name) {
    bool smaller = wanted != 0 && (stored == 0 || wanted < stored);
    if (!smaller || options_.force || wanted >= committed.sold + committed.held) return;
    plan_.problems.push_back(
        problem(places.of(key), path, name, std::to_string(wanted),
                fmt::format("0 (unlimited) or at least {} ({} sold, {} held by carts and unpaid orders)",
                            committed.sold + committed.held, committed.sold, committed.held),
                "raise it, or use --force to stop the sale below what is sold")
            .message());
  }

  config::Problem problem(config::Place place, std::string path, const std::string& name, std::string found,
                          std::string allowed, std::string advice) {
    config::Problem p =
        file_.problem(place, std::move(path), std::move(found), std::move(allowed), std::move(advice));
    p.item = name;
    return p;
  }

  // The file was read with the currency in force; a conference made meanwhile in another one shows here.
  std::int64_t minor_of(const Money& amount) const {
    // Reported by itself where the file names a currency.
    if (amount.currency() != currency_ && !file_.currency) {
      throw BootstrapError(
          fmt::format("{}: the amounts were read as {}, but the conference \"{}\" sells in {}; run "
                      "the command again",
                      file_.path, amount.currency().code(), file_.slug, currency_.code()));
    }
    return amount.minor();
  }

  std::string show(std::int64_t minor) const {
    return conference::display(Money(minor, currency_), settings_);
  }

  const config::ConferenceFile& file_;
  const StoredRows& stored_;
  const config::ProgramSettings& settings_;
  const BootstrapOptions& options_;
  TimeZone zone_;
  Currency currency_;
  BySlug<conference::Section> sections_;
  BySlug<registration::TicketType> tickets_;
  BySlug<registration::AddOn> addons_;
  BySlug<sponsors::SponsorLevel> levels_;
  BySlug<conference::ConsentText> consents_;
  BySlug<config::TicketEntry> file_tickets_;
  std::unordered_map<registration::Id, std::string> ticket_slugs_;
  BootstrapPlan plan_;
  const SalesPlanning sales_{file_,
                             stored_,
                             plan_,
                             zone_,
                             [this](const Money& amount) { return minor_of(amount); },
                             [this](std::int64_t minor) { return show(minor); },
                             options_.force};
};

}  // namespace

BootstrapPlan make_plan(const config::ConferenceFile& file, const StoredRows& stored,
                        const config::ProgramSettings& settings, const BootstrapOptions& options) {
  return Planner(file, stored, settings, options).run();
}

std::string already_exists(const config::ConferenceFile& file) {
  config::Place place = file.places.of(file.slug_given ? "slug" : "name");
  return fmt::format(
      "{}:{}:{}: conference: \"{}\" already exists; add --update to change it, or {} to make another one",
      file.path, place.line, place.column, file.slug,
      file.slug_given ? "choose another slug" : "give this one a slug of its own");
}

}  // namespace plenary::domain
