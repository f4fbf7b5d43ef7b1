// The words of bootstrap_conference: what was done, and what would be. source: configuration 10, 6.7
// and 6.10.10.
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "domain/bootstrap.hpp"

namespace plenary::domain {
namespace {

struct KindWords {
  ItemKind kind;
  const char* one;
  const char* heading;
};
constexpr std::array<KindWords, 5> kinds{{
    {ItemKind::section, "section", "Sections"},
    {ItemKind::ticket, "ticket type", "Ticket types"},
    {ItemKind::addon, "add-on", "Add-ons"},
    {ItemKind::sponsor_level, "sponsor level", "Sponsor levels"},
    {ItemKind::consent, "consent", "Consents"},
}};

const char* word(ItemKind kind) {
  for (const KindWords& words : kinds) {
    if (words.kind == kind) return words.one;
  }
  return "conference";
}

void append(std::string& out, const std::string& line) {
  out += line;
  out += '\n';
}

void append_changes(std::string& out, const AppliedItem& item, const char* indent) {
  for (const FieldChange& change : item.changes) {
    append(out, fmt::format("{}{}: {} -> {}", indent, change.field, change.before, change.after));
  }
}

void append_absent(std::string& out, const BootstrapReport& report) {
  if (report.absent.empty()) return;
  append(out, "In the database, but not in the file (left as they are):");
  for (const AbsentItem& item : report.absent) {
    append(out, fmt::format("  {} {} ({})", word(item.kind), item.name, item.slug));
  }
}

void append_done(std::string& out, const AppliedItem& item) {
  const char* done = item.created ? "Created" : item.changes.empty() ? "Unchanged" : "Updated";
  append(out, fmt::format("{} {}: {}", done, word(item.kind), item.name));
  append_changes(out, item, "    ");
}

}  // namespace

std::string report_text(const BootstrapReport& report, int verbosity) {
  std::string out;
  if (verbosity <= 0) return out;
  append_done(out, report.conference);
  for (const AppliedItem& item : report.items) append_done(out, item);
  append(out, "");
  append(out, "Summary");
  append(out, fmt::format("  Conference: {} ({})", report.conference.name, report.conference.slug));
  for (const KindWords& words : kinds) {
    int created = 0, updated = 0, unchanged = 0;
    for (const AppliedItem& item : report.items) {
      if (item.kind != words.kind) continue;
      ++(item.created ? created : updated);
      if (!item.created && item.changes.empty()) ++unchanged;
    }
    std::string note = unchanged ? fmt::format(" ({} of them unchanged)", unchanged) : "";
    append(out, fmt::format("  {}: {} created, {} updated{}", words.heading, created, updated, note));
    if (verbosity < 2) continue;
    for (const AppliedItem& item : report.items) {
      if (item.kind == words.kind) {
        append(out, fmt::format("    {} {} ({})", item.created ? '+' : '~', item.name, item.slug));
      }
    }
  }
  append_absent(out, report);
  append(out, fmt::format("Done: {} is {}.", report.conference.name,
                          report.conference.created ? "created" : "up to date"));
  return out;
}

std::string preview_text(const BootstrapReport& report) {
  std::string out;
  append(out, "[DRY RUN] Nothing is changed: this only shows what would be done.");
  if (!report.database_note.empty()) append(out, report.database_note);
  auto action = [](const AppliedItem& item) {
    return item.created ? "create" : item.changes.empty() ? "update (no change)" : "update";
  };
  const AppliedItem& conference = report.conference;
  append(out, "");
  append(out, fmt::format("Conference: {} ({}): {}", conference.name, conference.slug, action(conference)));
  append(out, fmt::format("  Dates: {}", conference.detail));
  append(out, fmt::format("  Time zone: {}", report.timezone));
  if (!report.venue.empty()) append(out, fmt::format("  Venue: {}", report.venue));
  if (!report.website_url.empty()) append(out, fmt::format("  Website: {}", report.website_url));
  append_changes(out, conference, "    ");
  for (const KindWords& words : kinds) {
    std::size_t count = 0;
    for (const AppliedItem& item : report.items) count += item.kind == words.kind;
    if (count == 0) continue;
    append(out, fmt::format("{} ({}):", words.heading, count));
    std::size_t index = 0;
    for (const AppliedItem& item : report.items) {
      if (item.kind != words.kind) continue;
      append(out,
             fmt::format("  [{}] {} ({}): {}: {}", index++, item.name, item.slug, item.detail, action(item)));
      append_changes(out, item, "        ");
    }
  }
  append_absent(out, report);
  return out;
}

}  // namespace plenary::domain
