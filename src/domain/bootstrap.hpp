// Applies a conference file to the database: conference, sections, ticket types, add-ons, sponsor levels,
// consents, quotas, discounts, questions, all in one transaction, or previews what that would do. It prints
// nothing: it returns structures, and texts made of them, which the command prints. Blocks while it writes:
// never on an I/O thread. Throws BootstrapError (exit 1) with one message that names everything wrong.
// source: configuration 10, 6.1, 6.5-6.8, 6.10; Do better 12 and 16.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "db/database.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::config {
struct ConferenceFile;
struct ProgramSettings;
}  // namespace plenary::config

namespace plenary::domain {

// The file cannot be applied; nothing was changed. One problem a line.
class BootstrapError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct BootstrapOptions {
  bool update = false;  // an existing conference may be changed
  bool force = false;   // quantities and capacity may fall below what is sold and held
  conference::Actor actor{std::nullopt, "command", "bootstrap"};
  // Told after each item that was looked at or written; called inside the write, so it must be quick.
  std::function<void(std::size_t done, std::size_t total)> progress{};
  // More to write in the same transaction, behind the file; what it throws undoes the file, too. May run
  // again.
  std::function<void(db::Tx& tx, std::int64_t conference_id)> afterwards{};
};

enum class ItemKind {
  conference,
  seller,
  section,
  tax,
  payment,
  ticket,
  addon,
  variation,
  sponsor_level,
  consent,
  quota,
  discount,
  question,
  choice
};

// One value that an update overwrites; both as a person reads them.
struct FieldChange {
  std::string field;
  std::string before;
  std::string after;
  std::string whole_before, whole_after;  // of a text, which is cut above
  // As the column has it (conference::audit_value); nothing: not kept.
  std::optional<std::string> value_before = {}, value_after = {};
};

struct AppliedItem {
  ItemKind kind = ItemKind::conference;
  std::string name;
  std::string slug;
  bool created = false;
  std::vector<FieldChange> changes;  // of an updated item; empty: it was like this already
  std::string detail;                // dates, or the amount in the conference's currency format
};

struct AbsentItem {
  ItemKind kind = ItemKind::section;
  std::string name;
  std::string slug;
};

struct BootstrapReport {
  std::int64_t conference_id = 0;  // 0 in a preview of a new one
  bool preview = false;
  std::string database_note;  // a preview without a usable database says so here
  AppliedItem conference;
  std::string timezone, venue, website_url, currency;
  std::vector<AppliedItem> items;     // in the order of the file, kind by kind
  std::vector<AbsentItem> absent;     // stored, but no longer in the file
  std::vector<std::string> problems;  // preview only: what would be refused
};

// Reads the file with the currency in force for its conference: the stored one's, or the settings' for a new
// one. `database` may be null or empty. Throws config::ConfigError.
config::ConferenceFile read_conference_file(db::Database* database, const std::filesystem::path& path,
                                            const std::vector<std::string>& reserved_slugs,
                                            const config::ProgramSettings& settings);

// Creates or updates. Counts on a migrated database.
BootstrapReport apply_conference_file(db::Database& database, const config::ConferenceFile& file,
                                      const config::ProgramSettings& settings,
                                      const BootstrapOptions& options);

// What apply_conference_file would do, problems included. `database` may be null: `why_no_database` is shown
// instead and everything is previewed against an empty one. Never writes.
BootstrapReport preview_conference_file(db::Database* database, const std::string& why_no_database,
                                        const config::ConferenceFile& file,
                                        const config::ProgramSettings& settings,
                                        const BootstrapOptions& options);

// How many items of a report are new, changed, as they were, and in the database alone; the conference itself
// is one of them.
struct PlanCounts {
  std::size_t create = 0, change = 0, unchanged = 0, absent = 0;
};
PlanCounts counts_of(const BootstrapReport& report);

// The command's output. verbosity 0: nothing but problems (a preview: its last line alone); 1: what is new,
// what changes, and a summary (a preview: every item of the file); 2 and more: what stays as it is, too.
// `color`: with ANSI colours.
std::string report_text(const BootstrapReport& report, int verbosity, bool color = false);
std::string preview_text(const BootstrapReport& report, int verbosity = 1, bool color = false);

}  // namespace plenary::domain
