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
constexpr std::array<KindWords, 13> kinds{{
    {ItemKind::seller, "seller", "Sellers"},
    {ItemKind::section, "section", "Sections"},
    {ItemKind::tax, "tax", "Taxes"},
    {ItemKind::payment, "payment set-up", "Payment set-up"},
    {ItemKind::ticket, "ticket type", "Ticket types"},
    {ItemKind::addon, "add-on", "Add-ons"},
    {ItemKind::variation, "variation", "Variations"},
    {ItemKind::sponsor_level, "sponsor level", "Sponsor levels"},
    {ItemKind::consent, "consent", "Consents"},
    {ItemKind::quota, "quota", "Quotas"},
    {ItemKind::discount, "discount", "Discounts"},
    {ItemKind::question, "question", "Questions"},
    {ItemKind::choice, "choice", "Choices"},
}};

const char* word(ItemKind kind) {
  for (const KindWords& words : kinds) {
    if (words.kind == kind) return words.one;
  }
  return "conference";
}

// ANSI colours, or none. Items are told apart by their marker; the colour only repeats it.
struct Style {
  bool color = false;
  std::string paint(const char* code, const std::string& text) const {
    return color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }
  std::string bold(const std::string& text) const { return paint("1", text); }
  std::string faint(const std::string& text) const { return paint("2", text); }
};

enum class Fate { create, change, unchanged };

Fate fate_of(const AppliedItem& item) {
  return item.created ? Fate::create : item.changes.empty() ? Fate::unchanged : Fate::change;
}

void append(std::string& out, const std::string& line) {
  out += line;
  out += '\n';
}

class Text {
 public:
  Text(const BootstrapReport& report, int verbosity, Style style)
      : report_(report), verbosity_(verbosity), style_(style) {}

  std::string preview() {
    preview_ = true;
    if (verbosity_ <= 0) return totals("Plan", "to create", "to change") + "\n";
    append(out_, style_.bold("[DRY RUN] Nothing is changed: this only shows what would be done."));
    if (!report_.database_note.empty()) append(out_, report_.database_note);
    append(out_, "");
    body();
    append(out_, "");
    append(out_, totals("Plan", "to create", "to change"));
    return std::move(out_);
  }

  // The same plan, as something that was done.
  std::string applied() {
    if (verbosity_ <= 0) return "";
    body();
    append(out_, "");
    append(out_, style_.bold("Summary"));
    append(out_, fmt::format("  Conference: {} ({})", report_.conference.name, report_.conference.slug));
    for (const KindWords& words : kinds) summary_of(words);
    append(out_, totals("Applied", "created", "changed"));
    append(out_, fmt::format("Done: {} is {}.", report_.conference.name,
                             report_.conference.created ? "created" : "up to date"));
    return std::move(out_);
  }

 private:
  void body() {
    conference();
    for (const KindWords& words : kinds) items(words);
    absent();
  }

  void conference() {
    const AppliedItem& item = report_.conference;
    item_line(
        "",
        fmt::format("{}: {} ({})", preview_ ? "Conference" : verb(item, "conference"), item.name, item.slug),
        item);
    fact("Dates", item.detail);
    fact("Time zone", report_.timezone);
    fact("Currency", report_.currency);
    fact("Venue", report_.venue);
    fact("Website", report_.website_url);
    changes("    ", item);
  }

  void fact(const char* name, const std::string& value) {
    if (!value.empty()) append(out_, fmt::format("    {}: {}", name, value));
  }

  void items(const KindWords& words) {
    std::size_t count = 0, unchanged = 0;
    for (const AppliedItem& item : report_.items) {
      if (item.kind != words.kind) continue;
      ++count;
      unchanged += fate_of(item) == Fate::unchanged;
    }
    if (count == 0) return;
    append(out_, style_.bold(fmt::format("{} ({}):", words.heading, count)) +
                     (unchanged ? style_.faint(fmt::format(" {} unchanged", unchanged)) : ""));
    std::size_t index = 0;
    for (const AppliedItem& item : report_.items) {
      if (item.kind != words.kind) continue;
      const std::size_t at = index++;
      // A preview is looked at to see everything of the file. source: 10, 6.7.
      if (fate_of(item) == Fate::unchanged && verbosity_ < 2 && !preview_) continue;
      const std::string name = preview_ ? fmt::format("[{}] {}", at, item.name)
                                        : fmt::format("{}: {}", verb(item, words.one), item.name);
      item_line("  ", fmt::format("{} ({}): {}", name, item.slug, item.detail), item);
      changes("      ", item);
    }
  }

  static std::string verb(const AppliedItem& item, const char* what) {
    const char* verbs[] = {"Created", "Updated", "Unchanged"};
    return fmt::format("{} {}", verbs[static_cast<int>(fate_of(item))], what);
  }

  void item_line(const char* indent, const std::string& words, const AppliedItem& item) {
    constexpr const char* markers[] = {"+", "~", " "};
    constexpr const char* colors[] = {"32", "33", "2"};
    constexpr const char* ends[] = {": create", ": update", ": no change"};
    const int fate = static_cast<int>(fate_of(item));
    const std::string line = fmt::format("{} {}{}", markers[fate], words, preview_ ? ends[fate] : "");
    append(out_, indent + style_.paint(colors[fate], line));
  }

  void changes(const char* indent, const AppliedItem& item) {
    for (const FieldChange& change : item.changes) {
      append(out_, fmt::format("{}{}: {} -> {}", indent, change.field, style_.faint(change.before),
                               style_.paint("33", change.after)));
    }
  }

  void absent() {
    if (report_.absent.empty()) return;
    append(out_, style_.bold("In the database, but not in the file (left as they are):"));
    for (const AbsentItem& item : report_.absent) {
      append(out_, style_.paint("36", fmt::format("  ? {} {} ({})", word(item.kind), item.name, item.slug)));
    }
  }

  void summary_of(const KindWords& words) {
    std::size_t created = 0, updated = 0, unchanged = 0;
    for (const AppliedItem& item : report_.items) {
      if (item.kind != words.kind) continue;
      const Fate fate = fate_of(item);
      ++(fate == Fate::create ? created : fate == Fate::change ? updated : unchanged);
    }
    // What most conferences have none of.
    const bool is_rare = words.kind == ItemKind::seller || words.kind == ItemKind::tax ||
                         words.kind == ItemKind::variation || words.kind == ItemKind::payment ||
                         words.kind >= ItemKind::quota;
    if (is_rare && created + updated + unchanged == 0) return;
    const std::string note = unchanged ? fmt::format(", {} unchanged", unchanged) : "";
    append(out_, fmt::format("  {}: {} created, {} updated{}", words.heading, created, updated, note));
    if (verbosity_ < 2) return;
    for (const AppliedItem& item : report_.items) {
      if (item.kind == words.kind)
        append(out_, fmt::format("    {} {} ({})", item.created ? '+' : '~', item.name, item.slug));
    }
  }

  std::string totals(const char* what, const char* create, const char* change) const {
    const PlanCounts counts = counts_of(report_);
    return style_.bold(fmt::format("{}: {} {}, {} {}, {} unchanged, {} only in the database.", what,
                                   counts.create, create, counts.change, change, counts.unchanged,
                                   counts.absent));
  }

  const BootstrapReport& report_;
  int verbosity_;
  Style style_;
  bool preview_ = false;  // else it was done
  std::string out_;
};

}  // namespace

PlanCounts counts_of(const BootstrapReport& report) {
  PlanCounts counts;
  const auto count = [&](const AppliedItem& item) {
    switch (fate_of(item)) {
      case Fate::create:
        ++counts.create;
        break;
      case Fate::change:
        ++counts.change;
        break;
      case Fate::unchanged:
        ++counts.unchanged;
        break;
    }
  };
  count(report.conference);
  for (const AppliedItem& item : report.items) count(item);
  counts.absent = report.absent.size();
  return counts;
}

std::string report_text(const BootstrapReport& report, int verbosity, bool color) {
  return Text(report, verbosity, {color}).applied();
}

std::string preview_text(const BootstrapReport& report, int verbosity, bool color) {
  return Text(report, verbosity, {color}).preview();
}

}  // namespace plenary::domain
