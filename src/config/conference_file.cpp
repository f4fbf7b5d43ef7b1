// The conference file, table by table. Rule numbers are those of configuration 10, section 6.3.
#include "config/conference_file.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/slug.hpp"
#include "base/text.hpp"
#include "config/conference_moments.hpp"
#include "config/conference_rules.hpp"
#include "config/conference_sales.hpp"
#include "config/conference_texts.hpp"
#include "config/table_reader.hpp"

namespace plenary::config {
namespace {

constexpr std::size_t max_slug = 200;
constexpr std::int64_t max_budget_minor = 999'999'999'999;

// Keys and places of a table.
Places places_of(const TableReader& reader) {
  Places places;
  places.item = reader.place();
  if (!reader.raw()) return places;
  for (const auto& [key, node] : *reader.raw()) {
    if (places.keys.size() == 64) break;
    places.keys.emplace_back(std::string(key.str()), reader.place_of_key(key.str()));
  }
  return places;
}

class Loader {
 public:
  Loader(const Document& document, const ConferenceRules& rules)
      : report_(document), rules_(rules), currency_(rules.currency) {}

  ConferenceFile load();

 private:
  bool is_settings_file(TableReader& root);
  void conference(TableReader& table);
  std::optional<Money> amount(TableReader& table, std::string_view key, std::int64_t max_minor);

  struct Slug {
    std::string text;
    bool given = false;
  };
  // The given slug, or one derived from `name`; empty and reported when neither is usable.
  std::optional<Slug> slug(TableReader& table, const std::optional<std::string>& name);
  void check_reserved(TableReader& table, const Slug& slug);

  // Calls `read` with a reader for each table of the list; the name of the item stands in its messages.
  template <class F>
  void each_item(TableReader& conference, std::string_view list, F read);
  void section(TableReader& item);
  void ticket(TableReader& item);
  void addon(TableReader& item);
  void sponsor_level(TableReader& item);
  void consent(TableReader& item);
  void tax(TableReader& item);
  void quota(TableReader& item);
  void discount(TableReader& item);
  void question(TableReader& item);
  std::vector<VariationEntry> variations(TableReader& product);
  // A list within a list: the places of the outer one are kept aside.
  template <class F>
  void each_inner(TableReader& outer, std::string_view list, F read);

  // Slugs of one list, for rule 11.
  struct Used {
    std::size_t index;
    Place place;
  };
  using SlugIndex = std::map<std::string, std::vector<Used>>;
  void note_slug(TableReader& item, const Slug& slug);
  void report_duplicates(TableReader& conference, std::string_view list);

  Report report_;
  const ConferenceRules& rules_;
  Currency currency_;  // in force
  ConferenceFile file_;
  std::optional<Date> start_, end_;
  SlugIndex slugs_;
  std::size_t index_ = 0;
};

bool Loader::is_settings_file(TableReader& root) {
  const toml::table& table = *root.raw();
  if (table.contains("conference")) return false;
  for (const char* name : {"program", "server", "database", "mail", "security", "DJANGO_PROGRAM"}) {
    if (!table.contains(name)) continue;
    root.wrong_value(name, "a settings file", "a conference file with the table [conference]",
                     "settings are given with --settings " + root.document().name());
    return true;
  }
  return false;
}

ConferenceFile Loader::load() {
  file_.path = report_.document().name();
  TableReader root(report_, &report_.document().root(), "", Place{1, 1});
  if (is_settings_file(root)) report_.finish();
  if (!root.has("conference")) {
    report_.add(ProblemKind::value, Place{1, 1}, "", "", "missing [conference]", "",
                "a conference file has the table [conference] with name, start, end, timezone and sections");
  } else {
    TableReader table = root.table("conference");
    if (table.raw()) {
      conference(table);
    } else {
      // Known all the same: a key outside of the table is told where it belongs.
      for (const char* key : {"name", "start", "end", "timezone", "sections"}) (void)table.find(key);
    }
  }
  root.finish();
  report_.finish();
  return std::move(file_);
}

void Loader::conference(TableReader& table) {
  file_.places = places_of(table);
  table.require({"name", "start", "end", "timezone"}, "a conference has name, start, end and timezone");
  const auto name = table.text("name", {200, false, "a text"});
  file_.name = name.value_or("");
  start_ = table.date("start");
  end_ = table.date("end");
  if (start_ && end_ && *end_ < *start_) {
    table.wrong_value("end", end_->to_string(), "a date not before start, " + start_->to_string());
    start_.reset();  // no section can lie in this range: that follows, and is not said again
    end_.reset();
  }
  file_.start = start_.value_or(Date());
  file_.end = end_.value_or(Date());
  if (const auto zone = read_time_zone(table)) file_.timezone = *zone;
  file_.currency = read_currency(table);
  if (file_.currency) currency_ = *file_.currency;
  if (const auto found = slug(table, name)) {
    check_reserved(table, *found);
    file_.slug = found->text;
    file_.slug_given = found->given;
  }
  file_.venue = table.text("venue", {300, true, "a text"});
  file_.address = table.text("address", {500, true, "a text"});
  file_.website_url = read_website(table);
  file_.pretalx_event_slug = table.text("pretalx_event_slug", {200, true, "a text"});
  file_.total_capacity = table.integer("total_capacity", 0);
  file_.target_attendance = table.integer("target_attendance", 0);
  file_.revenue_budget = amount(table, "revenue_budget", max_budget_minor);
  file_.grant_budget = amount(table, "grant_budget", max_budget_minor);
  read_presentation(table, file_);
  read_sales(table, file_, currency_);
  if (table.has("payment") && table.is_table_or_absent("payment")) {
    TableReader payment = table.table("payment");
    file_.payment = read_payment(payment, currency_);
    file_.payment->places = places_of(payment);
    payment.finish();
  }

  const toml::node* sections = table.find("sections");
  if (!sections) {
    report_.add(ProblemKind::value, table.place(), "conference.sections", "", "missing sections",
                "at least one [[conference.sections]]",
                "the sections list is mandatory: add one with name, start and end");
  } else if (sections->is_array() && sections->as_array()->empty()) {
    table.wrong_value("sections", "an empty list", "at least one [[conference.sections]]",
                      "the sections list is mandatory: add one with name, start and end");
  }
  each_item(table, "sections", [this](TableReader& item) { section(item); });
  each_item(table, "taxes", [this](TableReader& item) { tax(item); });
  each_item(table, "tickets", [this](TableReader& item) { ticket(item); });
  each_item(table, "addons", [this](TableReader& item) { addon(item); });
  each_item(table, "sponsor_levels", [this](TableReader& item) { sponsor_level(item); });
  each_item(table, "consents", [this](TableReader& item) { consent(item); });
  each_item(table, "quotas", [this](TableReader& item) { quota(item); });
  each_item(table, "discounts", [this](TableReader& item) { discount(item); });
  file_.lists_questions = table.has("questions");
  each_item(table, "questions", [this](TableReader& item) { question(item); });
  table.finish();
}

template <class F>
void Loader::each_item(TableReader& conference, std::string_view list, F read) {
  slugs_.clear();
  const toml::node* node = conference.find(list);
  if (!node) return;
  const auto* array = node->as_array();
  if (!array) {
    conference.wrong_type(list, *node, "a list of tables: [[" + conference.path_of(list) + "]]",
                          node->is_table() ? "write two brackets on each side" : "");
    return;
  }
  index_ = 0;
  for (const toml::node& element : *array) {
    const std::string suffix = "[" + std::to_string(index_) + "]";
    if (const auto* table = element.as_table()) {
      const auto* name =
          table->get_as<std::string>(list == "consents" || list == "questions" ? "slug" : "name");
      TableReader item(report_, table, conference.path_of(list) + suffix, place_of(element),
                       name ? one_line(name->get()) : std::string());
      read(item);
      item.finish();
    } else {
      conference.wrong_element_type(list, suffix, element, "a table: [[" + conference.path_of(list) + "]]");
    }
    ++index_;
  }
  report_duplicates(conference, list);
}

void Loader::section(TableReader& item) {
  item.require({"name", "start", "end"}, "a section has name, start and end");
  SectionEntry entry;
  const auto name = item.text("name", {200, false, "a text"});
  const auto start = item.date("start"), end = item.date("end");
  if (start && end && *end < *start) {
    item.wrong_value("end", end->to_string(), "a date not before start, " + start->to_string());
  } else if (start_ && end_) {
    const std::string allowed =
        "a date within the conference, " + start_->to_string() + " to " + end_->to_string();
    if (start && (*start < *start_ || *end_ < *start)) item.wrong_value("start", start->to_string(), allowed);
    if (end && (*end < *start_ || *end_ < *end)) item.wrong_value("end", end->to_string(), allowed);
  }
  entry.order = item.integer("order", 0);
  if (const auto found = slug(item, name)) {
    note_slug(item, *found);
    entry.slug = found->text;
    entry.slug_given = found->given;
  }
  entry.name = name.value_or("");
  entry.start = start.value_or(Date());
  entry.end = end.value_or(Date());
  entry.places = places_of(item);
  file_.sections.push_back(std::move(entry));
}

void Loader::ticket(TableReader& item) {
  item.require({"name", "price", "quantity"}, "a ticket has name, price and quantity");
  TicketEntry entry{{}, {}, false, Money::zero(currency_), 0, {}, {}, {}, {}, {}, {}, {}, {}};
  const auto name = item.text("name", {200, false, "a text"});
  entry.name = name.value_or("");
  if (const auto price = amount(item, "price", max_price_minor)) entry.price = *price;
  entry.quantity = item.integer("quantity", 0).value_or(0);
  if (const auto found = slug(item, name)) {
    note_slug(item, *found);
    entry.slug = found->text;
    entry.slug_given = found->given;
  }
  entry.per_user = item.integer("per_user", 1);
  entry.voucher_required = item.boolean("voucher_required");
  entry.available = read_availability(item, file_.timezone);
  entry.description = read_description(item, "description");
  entry.active = item.boolean("active");
  entry.bulk = item.boolean("bulk");
  entry.selling = read_selling(item, currency_);
  entry.selling.variations = variations(item);
  entry.places = places_of(item);
  file_.tickets.push_back(std::move(entry));
}

void Loader::addon(TableReader& item) {
  item.require({"name", "price"}, "an add-on has name and price");
  AddonEntry entry{{}, {}, false, Money::zero(currency_), {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}};
  const auto name = item.text("name", {200, false, "a text"});
  entry.name = name.value_or("");
  if (const auto price = amount(item, "price", max_price_minor)) entry.price = *price;
  entry.quantity = item.integer("quantity", 0);
  if (const auto found = slug(item, name)) {
    note_slug(item, *found);
    entry.slug = found->text;
    entry.slug_given = found->given;
  }
  entry.available = read_availability(item, file_.timezone);
  entry.description = read_description(item, "description");
  entry.active = item.boolean("active");
  entry.bulk = item.boolean("bulk");
  entry.requires_tickets = read_slugs(item, "requires", "ticket");
  entry.selling = read_selling(item, currency_);
  entry.per_user = item.integer("per_user", 0);
  entry.min_per_ticket = item.integer("min_per_ticket", 0);
  entry.max_per_ticket = item.integer("max_per_ticket", 0);
  entry.selling.variations = variations(item);
  entry.places = places_of(item);
  file_.addons.push_back(std::move(entry));
}

void Loader::sponsor_level(TableReader& item) {
  item.require({"name", "cost"}, "a sponsor level has name and cost");
  SponsorLevelEntry entry{{}, {}, false, Money::zero(currency_), {}, {}, {}, {}};
  const auto name = item.text("name", {200, false, "a text"});
  entry.name = name.value_or("");
  if (const auto cost = amount(item, "cost", max_price_minor)) entry.cost = *cost;
  entry.comp_tickets = item.integer("comp_tickets", 0);
  entry.description = read_description(item, "description");
  entry.benefits_summary = read_description(item, "benefits_summary");
  if (const auto found = slug(item, name)) {
    note_slug(item, *found);
    entry.slug = found->text;
    entry.slug_given = found->given;
  }
  entry.places = places_of(item);
  file_.sponsor_levels.push_back(std::move(entry));
}

void Loader::tax(TableReader& item) {
  TaxEntry entry = read_tax(item);
  if (const auto found = slug(item, std::nullopt)) {
    note_slug(item, *found);
    entry.slug = found->text;
  }
  entry.places = places_of(item);
  file_.taxes.push_back(std::move(entry));
}

template <class F>
void Loader::each_inner(TableReader& outer, std::string_view list, F read) {
  const SlugIndex outer_slugs = std::move(slugs_);
  const std::size_t outer_index = index_;
  each_item(outer, list, read);
  slugs_ = outer_slugs;
  index_ = outer_index;
}

std::vector<VariationEntry> Loader::variations(TableReader& product) {
  std::vector<VariationEntry> entries;
  each_inner(product, "variations", [&](TableReader& item) {
    VariationEntry entry = read_variation(item, currency_);
    if (const auto found = slug(item, entry.name.empty() ? std::nullopt : std::optional(entry.name))) {
      note_slug(item, *found);
      entry.slug = found->text;
      entry.slug_given = found->given;
    }
    entry.places = places_of(item);
    entries.push_back(std::move(entry));
  });
  return entries;
}

// Quotas and discounts have no slug: their names tell them apart.
void Loader::quota(TableReader& item) {
  QuotaEntry entry = read_quota(item);
  if (!entry.name.empty()) note_slug(item, {entry.name, false});
  entry.places = places_of(item);
  file_.quotas.push_back(std::move(entry));
}

void Loader::discount(TableReader& item) {
  DiscountEntry entry = read_discount(item, currency_, file_.timezone);
  if (!entry.name.empty()) note_slug(item, {entry.name, false});
  entry.places = places_of(item);
  file_.discounts.push_back(std::move(entry));
}

void Loader::question(TableReader& item) {
  QuestionEntry entry = read_question(item);
  if (const auto found = slug(item, std::nullopt)) {
    note_slug(item, *found);
    entry.slug = found->text;
  }
  if (item.has("choices")) {
    entry.choices.emplace();
    each_inner(item, "choices", [&](TableReader& inner) {
      ChoiceEntry choice = read_choice(inner);
      if (const auto found = slug(inner, choice.name.empty() ? std::nullopt : std::optional(choice.name))) {
        note_slug(inner, *found);
        choice.slug = found->text;
        choice.slug_given = found->given;
      }
      choice.places = places_of(inner);
      entry.choices->push_back(std::move(choice));
    });
  }
  entry.places = places_of(item);
  file_.questions.push_back(std::move(entry));
}

void Loader::consent(TableReader& item) {
  ConsentEntry entry = read_consent(item);
  if (const auto found = slug(item, std::nullopt)) {
    note_slug(item, *found);
    entry.slug = found->text;
    if (slug_key(found->text) == "terms") {
      item.wrong_value("slug", in_quotes(found->text), "another slug",
                       "buyers are asked for the terms by themselves where conference.terms is given");
    }
  }
  entry.places = places_of(item);
  file_.consents.push_back(std::move(entry));
}

std::optional<Loader::Slug> Loader::slug(TableReader& table, const std::optional<std::string>& name) {
  if (table.has("slug")) {
    const auto given =
        table.text("slug", {max_slug, false, "a slug: letters, digits, hyphens and underscores"});
    if (!given) return std::nullopt;
    if (!is_slug(*given)) {
      const std::string likely = slug_from(*given, max_slug);
      table.wrong_value("slug", in_quotes(*given), "a slug of A-Z, a-z, 0-9, hyphen and underscore",
                        likely.empty() ? "" : "write \"" + one_line(likely) + "\"");
      return std::nullopt;
    }
    return Slug{*given, true};
  }
  if (!name) return std::nullopt;  // the name's own problem is reported
  std::string derived = slug_from(*name, max_slug);
  if (derived.empty()) {
    report_.add(ProblemKind::value, table.place_of_key("name"), table.path_of("slug"), table.item(),
                "nothing left of the name " + in_quotes(*name),
                "a slug of letters, digits, hyphens and underscores", "give one: slug = \"…\"");
    return std::nullopt;
  }
  return Slug{std::move(derived), false};
}

void Loader::check_reserved(TableReader& table, const Slug& slug) {
  const std::string key = slug_key(slug.text);
  const auto is_same = [&](const std::string& reserved) { return slug_key(reserved) == key; };
  if (std::none_of(rules_.reserved_slugs.begin(), rules_.reserved_slugs.end(), is_same)) return;
  report_.add(ProblemKind::value, table.place_of_key(slug.given ? "slug" : "name"), table.path_of("slug"),
              table.item(), in_quotes(slug.text) + (slug.given ? "" : ", derived from the name"),
              "a slug that is not the first part of an address of the server itself",
              "give another one: slug = \"" + slug.text + "-" +
                  (start_ ? std::to_string(start_->year()) : "event") + "\"");
}

void Loader::note_slug(TableReader& item, const Slug& slug) {
  slugs_[slug_key(slug.text)].push_back({index_, item.place_of_key(slug.given ? "slug" : "name")});
}

void Loader::report_duplicates(TableReader& conference, std::string_view list) {
  std::string found;
  Place place;
  for (const auto& [slug, uses] : slugs_) {
    if (uses.size() < 2) continue;
    found += (found.empty() ? "" : ", ") + in_quotes(slug) + " at ";
    for (std::size_t i = 0; i < uses.size() && i < 10; ++i) {
      found += (i == 0 ? "[" : ", [") + std::to_string(uses[i].index) + "]";
    }
    if (uses.size() > 10) found += " and more";
    // The first repetition in the file.
    if (place.line == 0 || uses[1].place < place) place = uses[1].place;
  }
  if (found.empty()) return;
  const std::string word = list == "quotas" || list == "discounts" ? "name" : "slug";
  report_.add(ProblemKind::value, place, conference.path_of(list), "",
              "the same " + word + " more than once: " + found,
              word + "s that differ within the list, upper and lower case being the same",
              "give one of the items another " + word);
}

std::optional<Money> Loader::amount(TableReader& table, std::string_view key, std::int64_t max_minor) {
  return read_amount(table, key, max_minor, currency_);
}

}  // namespace

Place Places::of(std::string_view key) const {
  for (const auto& [name, place] : keys) {
    if (name == key) return place;
  }
  return item;
}

Problem ConferenceFile::problem(Place place, std::string key_path, std::string found, std::string allowed,
                                std::string advice) const {
  Problem result;
  result.file = path;
  result.place = place;
  result.path = std::move(key_path);
  result.found = std::move(found);
  result.allowed = std::move(allowed);
  result.advice = std::move(advice);
  return result;
}

ConferenceFile load_conference_file(const std::filesystem::path& file, const ConferenceRules& rules) {
  return Loader(Document::read(file), rules).load();
}

ConferenceFile parse_conference_file(std::string_view text, const std::string& name,
                                     const ConferenceRules& rules) {
  return Loader(Document(text, name), rules).load();
}

}  // namespace plenary::config
