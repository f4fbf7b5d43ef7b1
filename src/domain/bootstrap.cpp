#include "domain/bootstrap.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/slug.hpp"
#include "config/conference_file.hpp"
#include "config/settings.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/bootstrap_plan.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"
#include "domain/sponsors/levels.hpp"

namespace plenary::domain {
namespace {

// Holds whose time is over count no more, swept or not.
registration::Committed committed(const registration::StockLevel& level) {
  return {level.sold, level.held - level.elapsed};
}

// Holds the conference's row, where there is one, before anything below it is read. source: 10, 6.5.7.
StoredRows read_rows(db::Tx& tx, const config::ConferenceFile& file, bool lock) {
  const std::string& slug = file.slug;
  StoredRows rows;
  if (file.seller) {
    rows.seller =
        conference::seller_table().maybe(tx, "WHERE invoice_prefix = $1", file.seller->invoice_prefix);
  }
  if (!file.discounts.empty()) {
    rows.groups.emplace();
    for (const accounts::UserGroup& group : accounts::user_group_table().select(tx, "ORDER BY name"))
      rows.groups->emplace(group.name, group.id);
  }
  rows.conference = conference::find(tx, slug);
  if (!rows.conference) return rows;
  std::int64_t id = rows.conference->id;
  if (lock) {
    if (!conference::lock(tx, id)) {
      rows.conference.reset();
      return rows;
    }
    rows.conference = conference::load(tx, id);
  }
  rows.sections = conference::sections(tx, id);
  rows.tickets = registration::ticket_types_of(tx, id);
  rows.addons = registration::addons_of(tx, id);
  rows.taxes = registration::tax_rules_of(tx, id);
  if (auto setup = registration::payment_setup_of(tx, id); setup.id != 0) rows.payment = std::move(setup);
  rows.variations = registration::variations_of(tx, id);
  rows.levels = sponsors::levels(tx, id);
  rows.consents = conference::consent_texts(tx, id);
  rows.quotas = registration::quotas_of(tx, id);
  for (registration::Condition& condition : registration::conditions_of(tx, id)) {
    registration::ConditionLinks links = registration::links_of_condition(tx, condition.id);
    rows.discounts.push_back({std::move(condition), std::move(links)});
  }
  rows.questions = registration::question_setups(tx, id);
  rows.flags = conference::load_overrides(tx, id);
  registration::StockLevels stock = registration::stock_levels(tx, id);
  for (const auto& ticket : rows.tickets) {
    rows.ticket_committed[ticket.id] = committed(stock.of(registration::ProductKind::ticket_type, ticket.id));
  }
  for (const auto& addon : rows.addons) {
    rows.addon_committed[addon.id] = committed(stock.of(registration::ProductKind::addon, addon.id));
  }
  for (const auto& quota : rows.quotas) {
    if (const auto* level = stock.find(registration::StockKind::quota, quota.id))
      rows.quota_committed[quota.id] = committed(*level);
  }
  rows.committed = committed(stock.conference());
  return rows;
}

std::string lines(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : "\n") + problem;
  return text;
}

// Whoever edits a conference holds its row, as we do; this is for those who don't.
void expect_unchanged(bool written) {
  if (!written)
    throw BootstrapError("somebody else changed the conference at this moment; run the command again");
}

class Writer {
 public:
  Writer(db::Tx& tx, BootstrapPlan& plan, const BootstrapOptions& options)
      : tx_(tx), plan_(plan), options_(options), total_(plan.report.items.size() + 1) {}

  // False when another process made the conference first: nothing was written then.
  bool run() {
    if (!write_conference()) return false;
    for (auto& planned : plan_.sections) {
      write(planned, conference::create_section, conference::update_section);
    }
    write_products();
    for (auto& planned : plan_.levels) write(planned, sponsors::create_level, sponsors::update_level);
    for (auto& planned : plan_.consents) {
      write(planned, conference::create_consent_text, conference::update_consent_text);
    }
    write_rules(tx_, plan_, [this] { step(); });
    record_plan(tx_, plan_, options_.actor);
    return true;
  }

 private:
  bool write_conference() {
    conference::Conference& row = plan_.conference.row;
    if (plan_.seller) {
      if (plan_.seller->write) plan_.seller->row.id = conference::save(tx_, plan_.seller->row);
      row.seller_id = plan_.seller->row.id;
      step();
    }
    if (!row.id) {
      std::optional<std::int64_t> made = conference::create(tx_, row);
      if (!made) return false;
      row.id = *made;
      registration::set_conference_capacity(tx_, row.id, row.total_capacity);
    } else if (plan_.conference.write) {
      expect_unchanged(conference::update(tx_, row));
      if (plan_.capacity_changed) registration::set_conference_capacity(tx_, row.id, row.total_capacity);
    }
    for (const auto& [feature, value] : plan_.flags) conference::set_feature(tx_, row.id, feature, value);
    plan_.report.conference_id = row.id;
    step();
    return true;
  }

  template <class Row, class Create, class Update>
  void write(Planned<Row>& planned, Create create, Update update) {
    planned.row.conference_id = plan_.conference.row.id;
    if (planned.write && planned.row.id) {
      expect_unchanged(update(tx_, planned.row));
    } else if (planned.write) {
      planned.row.id = create(tx_, planned.row);
    }
    step();
  }

  void write_products() {
    const std::int64_t conference_id = plan_.conference.row.id;
    write_taxes();
    std::unordered_map<std::string, registration::Id> ticket_ids, addon_ids;
    // Slugs of ticket types that are stored but not in the file may be required, too.
    for (const auto& ticket : registration::ticket_types_of(tx_, conference_id)) {
      ticket_ids[slug_key(ticket.slug)] = ticket.id;
    }
    for (auto& planned : plan_.tickets) {
      planned.row.conference_id = conference_id;
      set_tax(planned);
      if (planned.write) {
        planned.row.id = registration::save(tx_, planned.row);
        ticket_ids[slug_key(planned.row.slug)] = planned.row.id;
      }
      step();
    }
    for (auto& planned : plan_.addons) {
      planned.row.conference_id = conference_id;
      if (planned.requires_slugs) {
        planned.row.requires_ticket_types.clear();
        for (const std::string& slug : *planned.requires_slugs) {
          planned.row.requires_ticket_types.push_back(ticket_ids.at(slug_key(slug)));
        }
      }
      set_tax(planned);
      if (planned.write) planned.row.id = registration::save(tx_, planned.row);
      addon_ids[slug_key(planned.row.slug)] = planned.row.id;
      step();
    }
    for (auto& planned : plan_.variations) {
      planned.row.conference_id = conference_id;
      const bool is_ticket = planned.kind == registration::ProductKind::ticket_type;
      auto& owner = is_ticket ? planned.row.ticket_type_id : planned.row.addon_id;
      owner = (is_ticket ? ticket_ids : addon_ids).at(slug_key(planned.product_slug));
      if (planned.write) planned.row.id = registration::save(tx_, planned.row);
      step();
    }
  }

  void write_taxes() {
    const std::int64_t conference_id = plan_.conference.row.id;
    for (auto& planned : plan_.taxes) {
      planned.row.conference_id = conference_id;
      if (planned.write) planned.row.id = registration::save(tx_, planned.row);
      if (planned.write_countries)
        registration::set_country_rates(tx_, planned.row.id,
                                        {planned.countries.begin(), planned.countries.end()});
      step();
    }
    for (const auto& rule : registration::tax_rules_of(tx_, conference_id))
      tax_ids_[slug_key(rule.rule.slug)] = rule.rule.id;
    write_payment();
  }

  void write_payment() {
    if (!plan_.payment) return;
    PlannedPayment& planned = *plan_.payment;
    planned.row.conference_id = plan_.conference.row.id;
    if (planned.tax_slug) {
      planned.row.fee_tax_rule_id.reset();
      if (!planned.tax_slug->empty()) planned.row.fee_tax_rule_id = tax_ids_.at(slug_key(*planned.tax_slug));
    }
    if (planned.write) {
      const auto saved = registration::save_payment_setup(tx_, planned.row);
      expect_unchanged(saved.has_value());
      planned.row.id = saved->id;
    }
    step();
  }

  template <class Planned>
  void set_tax(Planned& planned) {
    if (!planned.tax_slug) return;
    planned.row.tax_rule_id.reset();
    if (!planned.tax_slug->empty()) planned.row.tax_rule_id = tax_ids_.at(slug_key(*planned.tax_slug));
  }

  void step() {
    ++done_;
    if (options_.progress) options_.progress(done_, total_);
  }

  db::Tx& tx_;
  BootstrapPlan& plan_;
  const BootstrapOptions& options_;
  std::unordered_map<std::string, registration::Id> tax_ids_;  // by slug_key
  std::size_t done_ = 0, total_;
};

}  // namespace

config::ConferenceFile read_conference_file(db::Database* database, const std::filesystem::path& path,
                                            const std::vector<std::string>& reserved_slugs,
                                            const config::ProgramSettings& settings) {
  std::vector<conference::ConferenceKey> known;
  if (database) known = database->read_now([](db::Tx& tx) { return conference::list_keys(tx); });
  auto currency_for = [&](const config::ConferenceFile& file) {
    if (file.currency) return *file.currency;
    for (const auto& key : known) {
      if (slug_key(key.slug) == slug_key(file.slug) && !key.currency.empty())
        return Currency::of(key.currency);
    }
    return settings.currency;
  };
  auto read_as = [&](Currency currency) {
    return config::load_conference_file(path, {currency, reserved_slugs});
  };

  std::exception_ptr refused;
  try {
    config::ConferenceFile file = read_as(settings.currency);
    Currency in_force = currency_for(file);
    return in_force == settings.currency || file.currency ? std::move(file) : read_as(in_force);
  } catch (const config::ConfigError&) {
    refused = std::current_exception();
  }
  // Amounts wrong in the settings' currency may be right in the one of the stored conference that the file is
  // about.
  std::vector<std::string> tried{std::string(settings.currency.code())};
  for (const auto& key : known) {
    if (key.currency.empty() || std::find(tried.begin(), tried.end(), key.currency) != tried.end()) continue;
    tried.push_back(key.currency);
    try {
      config::ConferenceFile file = read_as(Currency::of(key.currency));
      if (currency_for(file).code() == key.currency) return file;
    } catch (const config::ConfigError&) {
      continue;
    }
  }
  std::rethrow_exception(refused);
}

BootstrapReport apply_conference_file(db::Database& database, const config::ConferenceFile& file,
                                      const config::ProgramSettings& settings,
                                      const BootstrapOptions& options) {
  return database.write_now(db::global_lane, "bootstrap", [&](db::Tx& tx) {
    // A second round only when another process made the conference between our look and our insert.
    for (int round = 0; round < 2; ++round) {
      StoredRows rows = read_rows(tx, file, true);
      BootstrapPlan plan = make_plan(file, rows, settings, options);
      if (!plan.problems.empty()) throw BootstrapError(lines(plan.problems));
      if (!Writer(tx, plan, options).run()) continue;
      if (options.afterwards) options.afterwards(tx, plan.report.conference_id);
      return std::move(plan.report);
    }
    throw BootstrapError(already_exists(file));
  });
}

BootstrapReport preview_conference_file(db::Database* database, const std::string& why_no_database,
                                        const config::ConferenceFile& file,
                                        const config::ProgramSettings& settings,
                                        const BootstrapOptions& options) {
  StoredRows rows;
  if (database) rows = database->read_now([&](db::Tx& tx) { return read_rows(tx, file, false); });
  BootstrapPlan plan = make_plan(file, rows, settings, options);
  BootstrapReport report = std::move(plan.report);
  report.preview = true;
  if (!database) report.database_note = why_no_database;
  report.problems = std::move(plan.problems);
  return report;
}

}  // namespace plenary::domain
