// What applying a conference file to stored rows comes to: a pure function from (file, rows) to rows to
// write, a report and problems. No database, no output; any thread. bootstrap.cpp reads the rows and writes
// the result. source: configuration 10, 6.5 and 6.6; Do better 12 and 34.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/conference_file.hpp"
#include "config/settings.hpp"
#include "domain/bootstrap.hpp"
#include "domain/conference/features.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/conference/types.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/question_setup.hpp"
#include "domain/registration/taxes.hpp"
#include "domain/sponsors/types.hpp"

namespace plenary::domain {

struct StoredDiscount {
  registration::Condition row;
  registration::ConditionLinks links;
};

// The rows of one conference; no conference: nothing is stored under that slug.
struct StoredRows {
  std::optional<conference::Conference> conference;
  std::vector<conference::Section> sections;
  std::vector<registration::TicketType> tickets;
  std::vector<registration::AddOn> addons;
  std::optional<conference::Seller> seller;  // with the file's prefix, whichever conference it is of
  std::vector<registration::ReckonedRule> taxes;
  std::optional<registration::PaymentSetup> payment;
  std::vector<registration::Variation> variations;
  std::vector<sponsors::SponsorLevel> levels;
  std::vector<conference::ConsentText> consents;
  std::vector<registration::Quota> quotas;
  std::vector<StoredDiscount> discounts;
  std::vector<registration::QuestionSetup> questions;
  std::optional<std::map<std::string, registration::Id>> groups;  // by name; nothing: there is no database
  conference::FeatureOverrides flags;
  std::map<registration::Id, registration::Committed> ticket_committed, addon_committed, quota_committed;
  registration::Committed committed;  // of the conference as a whole
};

// A row as it will be; id 0: to be created. One that is as it should be already is not `write`n.
template <class Row>
struct Planned {
  Row row;
  bool write = true;
  std::size_t item = 0;  // in report.items
};

struct PlannedTicket : Planned<registration::TicketType> {
  std::optional<std::string> tax_slug;  // "": none; nothing: it stays as it is
};

struct PlannedTax : Planned<registration::TaxRule> {
  std::map<std::string, Decimal> countries;
  bool write_countries = false;
};

struct PlannedPayment : Planned<registration::PaymentSetup> {
  std::optional<std::string> tax_slug;  // of the fees, as above
};

struct PlannedVariation : Planned<registration::Variation> {
  registration::ProductKind kind = registration::ProductKind::ticket_type;
  std::string product_slug;
};

struct PlannedAddon : Planned<registration::AddOn> {
  std::optional<std::string> tax_slug;
  // Slugs of ticket types; resolved to ids once new ticket types have theirs. Nothing: the stored set stays.
  std::optional<std::vector<std::string>> requires_slugs;
};

// Slugs of products; nothing: the stored set stays.
using ProductNames = std::optional<std::vector<std::string>>;

struct PlannedQuota : Planned<registration::Quota> {
  ProductNames tickets, addons, variations;  // of these "t-shirt/m"
};

struct PlannedDiscount : Planned<registration::Condition> {
  registration::ConditionLinks links;  // as stored; those of groups as they will be
  ProductNames tickets, addons, enabling_tickets;
};

struct PlannedQuestion : Planned<registration::Question> {
  std::vector<registration::Id> stored_tickets, stored_addons;
  ProductNames tickets, addons;
  std::optional<std::string> parent;  // slug of the question it depends on; "": none; nothing: as it is
};

struct PlannedChoice : Planned<registration::QuestionOption> {
  std::string question_slug;
};

struct BootstrapPlan {
  Planned<conference::Conference> conference;
  bool capacity_changed = false;
  std::vector<std::pair<conference::Feature, bool>> flags;  // those that change
  std::vector<Planned<conference::Section>> sections;
  std::optional<Planned<conference::Seller>> seller;
  std::vector<PlannedTax> taxes;
  std::optional<PlannedPayment> payment;
  std::vector<PlannedTicket> tickets;
  std::vector<PlannedAddon> addons;
  std::vector<PlannedVariation> variations;
  std::vector<Planned<sponsors::SponsorLevel>> levels;
  std::vector<Planned<conference::ConsentText>> consents;
  std::vector<PlannedQuota> quotas;
  std::vector<PlannedDiscount> discounts;
  std::vector<PlannedQuestion> questions;
  std::vector<PlannedChoice> choices;
  BootstrapReport report;
  std::vector<std::string> problems;  // what refuses it, each with its place; empty: it may be written
};

// Who did it, item by item, for the record of changes. Ids and versions are those of `plan` after it was
// written.
void record_plan(db::Tx& tx, const BootstrapPlan& plan, const conference::Actor& actor);

// Writes quotas, discounts and questions, once every product has its id. `step` after each item.
void write_rules(db::Tx& tx, BootstrapPlan& plan, const std::function<void()>& step);

BootstrapPlan make_plan(const config::ConferenceFile& file, const StoredRows& stored,
                        const config::ProgramSettings& settings, const BootstrapOptions& options);

// The refusal of an existing conference without --update; also what the loser of two concurrent creates
// hears.
std::string already_exists(const config::ConferenceFile& file);

}  // namespace plenary::domain
