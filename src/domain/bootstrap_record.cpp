// The record of a bootstrap: one entry for each item that was made or changed, none for what stayed as it
// was. One by one even for thousands: whoever opens the history of a ticket must find who set its price, and
// nobody waits for these rows (they cost no round trip on PostgreSQL and about 10 µs each on SQLite).
// source: configuration 10, Do better 23.
#include <array>
#include <string_view>

#include "domain/bootstrap_plan.hpp"
#include "domain/registration/entities.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"

namespace plenary::domain {
namespace {

// The keys of the file that are called otherwise in the tables.
struct Column {
  std::string_view key, column;
};
constexpr std::array<Column, 27> columns{{
    {"start", "start_date"},
    {"end", "end_date"},
    {"quantity", "total_quantity"},
    {"quantity", "usage_limit"},
    {"per_user", "limit_per_user"},
    {"per_line", "max_quantity"},
    {"voucher_required", "requires_voucher"},
    {"available.opens", "available_from"},
    {"available.opens", "start_time"},
    {"available.opens_at", "available_from"},
    {"available.opens_at", "start_time"},
    {"available.closes", "available_until"},
    {"available.closes", "end_time"},
    {"available.closes_at", "available_until"},
    {"available.closes_at", "end_time"},
    {"order", "sort_order"},
    {"requires", "requires_ticket_types"},
    {"comp_tickets", "comp_ticket_count"},
    {"required", "is_required"},
    {"active", "is_active"},
    {"presenters", "is_presenter"},
    {"copresenters", "is_copresenter"},
    {"text", "label"},
    {"tax", "tax_rule_id"},
    {"fee_tax", "fee_tax_rule_id"},
    {"seller", "seller_id"},
    {"bulk", "bulk_enabled"},
}};

// The first that the table has: a key means one thing in each list.
std::string column_of(std::string_view key, const db::Table& table) {
  if (table.find_column(key)) return std::string(key);
  const Column* named = nullptr;
  for (const Column& column : columns) {
    if (column.key != key) continue;
    if (table.find_column(column.column)) return std::string(column.column);
    if (!named) named = &column;
  }
  if (named) return std::string(named->column);
  return std::string(key.substr(key.starts_with("features.") ? 9 : 0));
}

class Recorder {
 public:
  Recorder(db::Tx& tx, const BootstrapPlan& plan, const conference::Actor& actor)
      : tx_(tx), plan_(plan), actor_(actor), conference_id_(plan.conference.row.id) {}

  void run() {
    record_conference();
    rows(plan_.sections, conference::section_table());
    record_seller();
    rows(plan_.taxes, registration::tax_rule_table());
    if (plan_.payment) rows(std::vector{*plan_.payment}, registration::payment_setup_table());
    rows(plan_.tickets, registration::ticket_type_table());
    rows(plan_.addons, registration::addon_table());
    rows(plan_.variations, registration::variation_table());
    rows(plan_.levels, sponsors::sponsor_level_table());
    rows(plan_.consents, conference::consent_text_table());
    rows(plan_.quotas, registration::quota_table());
    rows(plan_.discounts, registration::condition_table());
    rows(plan_.questions, registration::question_table());
    rows(plan_.choices, registration::question_option_table());
  }

 private:
  // The flags are a row of their own, with a history of its own.
  void record_conference() {
    const AppliedItem& item = plan_.report.conference;
    std::vector<conference::AuditChange> fields, flags;
    for (const FieldChange& change : item.changes) {
      const bool flag = change.field.starts_with("features.");
      const db::Table& table = flag ? static_cast<const db::Table&>(conference::feature_flags_table())
                                    : conference::conference_table();
      (flag ? flags : fields).push_back(change_of(change, table));
    }
    if (item.created || !fields.empty())
      entry(item, conference::conference_table(), conference_id_, plan_.conference.row.version, fields);
    if (!flags.empty()) {
      conference::record(tx_, actor_, conference::AuditAction::change,
                         {conference_id_, "feature_flags", std::to_string(conference_id_), item.name, {}},
                         flags);
    }
  }

  // Of no conference: others may belong to it too.
  void record_seller() {
    if (!plan_.seller || !plan_.seller->write) return;
    const AppliedItem& item = plan_.report.items[plan_.seller->item];
    const conference::Seller& row = plan_.seller->row;
    std::vector<conference::AuditChange> changes;
    for (const FieldChange& change : item.changes)
      changes.push_back(change_of(change, conference::seller_table()));
    conference::record(
        tx_, actor_, item.created ? conference::AuditAction::add : conference::AuditAction::change,
        {std::nullopt, "seller", std::to_string(row.id), item.name, item.created ? 1 : row.version + 1},
        changes);
  }

  template <class Planned>
  void rows(const std::vector<Planned>& rows, const db::Table& table) {
    for (const Planned& planned : rows) {
      const AppliedItem& item = plan_.report.items[planned.item];
      if (!planned.write) continue;
      std::vector<conference::AuditChange> changes;
      for (const FieldChange& change : item.changes) changes.push_back(change_of(change, table));
      entry(item, table, planned.row.id, version_of(planned.row), changes);
    }
  }

  template <class Row>
  static std::int64_t version_of(const Row& row) {
    if constexpr (requires { row.version; })
      return row.version;
    else
      return 0;
  }

  // `version`: of the row before it was written.
  void entry(const AppliedItem& item, const db::Table& table, std::int64_t id, std::int64_t version,
             const std::vector<conference::AuditChange>& changes) {
    conference::record(tx_, actor_,
                       item.created ? conference::AuditAction::add : conference::AuditAction::change,
                       {conference_id_, std::string(table.name()), std::to_string(id), item.name,
                        item.created ? 1 : version + 1},
                       changes);
  }

  static conference::AuditChange change_of(const FieldChange& change, const db::Table& table) {
    conference::AuditChange result;
    result.field = column_of(change.field, table);
    const db::Column* column = table.find_column(result.field);
    result.label = column ? column->label : change.field;
    const bool text = !change.whole_before.empty() || !change.whole_after.empty();
    result.old_text = text ? change.whole_before : change.before;
    result.new_text = text ? change.whole_after : change.after;
    if (column) {
      result.old_value = change.value_before;
      result.new_value = change.value_after;
    }
    return result;
  }

  db::Tx& tx_;
  const BootstrapPlan& plan_;
  const conference::Actor& actor_;
  std::int64_t conference_id_;
};

}  // namespace

void record_plan(db::Tx& tx, const BootstrapPlan& plan, const conference::Actor& actor) {
  Recorder(tx, plan, actor).run();
}

}  // namespace plenary::domain
