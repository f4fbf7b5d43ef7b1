#include "config/conference_rules.hpp"

#include <algorithm>
#include <set>

#include "base/slug.hpp"
#include "base/text.hpp"
#include "config/conference_moments.hpp"
#include "config/conference_sales.hpp"
#include "config/conference_texts.hpp"

namespace plenary::config {
namespace {

constexpr std::size_t longest_slug = 200;
constexpr std::size_t longest_question = 1'000;

bool is_any_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Each element of a list that is a text which `is_right`; the others are reported.
template <class Right>
std::optional<std::vector<NamedSlug>> read_texts(TableReader& item, std::string_view key,
                                                 const std::string& allowed, const std::string& one,
                                                 const std::string& advice, Right is_right) {
  const toml::node* node = item.find(key);
  if (!node) return std::nullopt;
  const auto* array = node->as_array();
  if (!array) {
    item.wrong_type(key, *node, allowed, node->is_string() ? "put it in brackets" : "");
    return std::nullopt;
  }
  std::vector<NamedSlug> result;
  std::set<std::string> seen;
  std::size_t index = 0;
  for (const toml::node& element : *array) {
    const std::string suffix = "[" + std::to_string(index++) + "]";
    const auto* text = element.as_string();
    if (!text || !is_right(text->get())) {
      const ProblemKind kind = text ? ProblemKind::value : ProblemKind::type;
      std::string found = text ? in_quotes(text->get()) : type_name(element);
      if (!text && element.is_value()) found += ", " + shown(item.document(), element);
      item.report().add(kind, place_of(element), item.path_of(key) + suffix, "", std::move(found), one,
                        text ? advice : "put it in quotes");
    } else if (seen.insert(text->get()).second) {
      result.push_back({text->get(), place_of(element)});
    }
  }
  return result;
}

bool is_short_slug(const std::string& text) {
  return is_slug(text) && text.size() <= longest_slug;
}

// "all", "none" where that is a word here, or a list of slugs.
std::optional<ScopeEntry> read_scope(TableReader& item, std::string_view key, const char* what,
                                     bool may_be_none) {
  const toml::node* node = item.find(key);
  if (!node) return std::nullopt;
  ScopeEntry entry;
  entry.place = item.place_of_key(key);
  if (!node->is_string()) {
    auto slugs = read_slugs(item, key, what);
    if (!slugs) return std::nullopt;
    entry.scope = ScopeEntry::Scope::selected;
    entry.slugs = std::move(*slugs);
    return entry;
  }
  const auto word = read_word(item, key,
                              may_be_none ? std::initializer_list<std::string_view>{"all", "none"}
                                          : std::initializer_list<std::string_view>{"all"});
  if (!word) return std::nullopt;
  entry.scope = *word == "none" ? ScopeEntry::Scope::none : ScopeEntry::Scope::all;
  return entry;
}

// A number, a day, or the same in quotes; "" is none.
std::optional<std::string> read_limit(TableReader& item, std::string_view key) {
  const toml::node* node = item.find(key);
  if (!node) return std::nullopt;
  if (node->is_number()) {
    const auto number = item.number(key, "a number, or a day such as 2027-05-20");
    return number ? std::optional(number->to_string()) : std::nullopt;
  }
  if (node->is_date()) {
    const auto date = item.date(key);
    return date ? std::optional(date->to_string()) : std::nullopt;
  }
  return item.text(key, {40, true, "a number, or a day such as 2027-05-20,"});
}

}  // namespace

std::optional<std::vector<NamedSlug>> read_slugs(TableReader& item, std::string_view key, const char* what) {
  const std::string thing = what;
  const bool is_ticket = thing == "ticket";
  return read_texts(item, key,
                    "a list of " + thing + " slugs, such as " +
                        (is_ticket ? "[\"individual\", \"student\"]" : "[\"t-shirt\", \"dinner\"]"),
                    (is_ticket ? "the slug of a " : "the slug of an ") + thing,
                    "write the " + thing + "'s slug, not its name", is_short_slug);
}

QuotaEntry read_quota(TableReader& item) {
  item.require({"name", "size"}, "a quota has name and size");
  QuotaEntry entry;
  entry.name = item.text("name", {200, false, "a text"}).value_or("");
  entry.size = item.integer("size", 0).value_or(0);
  entry.tickets = read_slugs(item, "tickets", "ticket");
  entry.addons = read_slugs(item, "addons", "add-on");
  entry.variations =
      read_texts(item, "variations", "a list of variations, such as [\"t-shirt/m\", \"t-shirt/l\"]",
                 "the slugs of a product and its variation, such as \"t-shirt/m\"",
                 "write both slugs with a / between them", [](const std::string& text) {
                   const std::size_t slash = text.find('/');
                   return slash != std::string::npos && is_short_slug(text.substr(0, slash)) &&
                          is_short_slug(text.substr(slash + 1));
                 });
  return entry;
}

DiscountEntry read_discount(TableReader& item, Currency currency, TimeZone zone) {
  item.require({"name", "kind"}, "a discount has name and kind, and either percent or amount");
  DiscountEntry entry;
  entry.name = item.text("name", {200, false, "a text"}).value_or("");
  entry.kind = read_word(item, "kind",
                         {"time_limit", "speaker", "group_member", "included_product", "product_discount",
                          "category_discount"})
                   .value_or("");
  entry.percent = read_percent(item, "percent", 2);
  entry.amount = read_amount(item, "amount", max_price_minor, currency);
  if (item.has("percent") && item.has("amount"))
    item.wrong_value("amount", "a second discount", "one of percent and amount", "keep one of them");
  if (!item.has("percent") && !item.has("amount"))
    item.report().add(ProblemKind::value, item.place(), item.path(), item.item(),
                      "neither percent nor amount", "one of them",
                      "write how much it takes off: percent = 10 or amount = 5.00");
  if (entry.amount && entry.amount->minor() == 0) item.wrong_value("amount", "0", "more than nothing");
  entry.description = read_description(item, "description");
  entry.active = item.boolean("active");
  entry.priority = item.integer("priority", -max_integer);
  entry.per_line = item.integer("per_line", 0);
  entry.quantity = item.integer("quantity", 0);
  entry.available = read_availability(item, zone);
  entry.tickets = read_scope(item, "tickets", "ticket", true);
  entry.addons = read_scope(item, "addons", "add-on", true);
  entry.requires_tickets = read_slugs(item, "requires", "ticket");
  entry.groups =
      read_texts(item, "groups", "a list of groups, such as [\"Conference Staff\"]", "the name of a group",
                 "", [](const std::string& text) { return !is_blank(text) && text.size() <= longest_slug; });
  entry.presenters = item.boolean("presenters");
  entry.copresenters = item.boolean("copresenters");
  if (entry.kind.empty()) return entry;

  const auto only_for = [&](const char* key, const char* text,
                            std::initializer_list<std::string_view> kinds) {
    if (item.has(key) && !is_any_of(entry.kind, kinds))
      item.wrong_value(key, "the key in a " + entry.kind, std::string("it only in ") + text,
                       "leave it out, or choose another kind");
  };
  const char* const windows = "time_limit, product_discount and category_discount";
  only_for("available", windows, {"time_limit", "product_discount", "category_discount"});
  only_for("quantity", windows, {"time_limit", "product_discount", "category_discount"});
  only_for("requires", "included_product", {"included_product"});
  only_for("groups", "group_member", {"group_member"});
  only_for("presenters", "speaker", {"speaker"});
  only_for("copresenters", "speaker", {"speaker"});
  if (entry.kind == "category_discount") {
    if (item.has("amount"))
      item.wrong_value("amount", "an amount", "percent: a category discount is a percentage");
    for (const auto& [key, scope] :
         {std::pair("tickets", &entry.tickets), std::pair("addons", &entry.addons)})
      if (*scope && (*scope)->scope == ScopeEntry::Scope::selected)
        item.wrong_value(key, "a list",
                         "\"all\" or \"none\": a category discount is for all of them or none");
  }
  return entry;
}

QuestionEntry read_question(TableReader& item) {
  item.require({"slug", "text", "kind"}, "a question has slug, text and kind");
  QuestionEntry entry;
  entry.text = item.text("text", {longest_question, false, "a text", true}).value_or("");
  entry.kind =
      read_word(item, "kind",
                {"text", "paragraph", "number", "choice", "several", "date", "country", "file", "consent"})
          .value_or("");
  entry.target = read_word(item, "target", {"order", "attendee"});
  entry.help = item.text("help", {longest_question, true, "a text", true});
  entry.required = item.boolean("required");
  entry.active = item.boolean("active");
  entry.ask_at = read_word(item, "ask_at", {"checkout", "later"});
  entry.minimum = read_limit(item, "minimum");
  entry.maximum = read_limit(item, "maximum");
  entry.tickets = read_scope(item, "tickets", "ticket", false);
  entry.addons = read_scope(item, "addons", "add-on", false);
  if (item.has("only_if") && item.is_table_or_absent("only_if")) {
    TableReader only_if = item.table("only_if");
    entry.only_if.emplace();
    entry.only_if->place = item.place_of_key("only_if");
    if (only_if.has("question") || only_if.has("answer")) {
      only_if.require({"question", "answer"}, "a condition has question and answer");
      entry.only_if->question = only_if.text("question", {longest_slug, false, "a slug"}).value_or("");
      entry.only_if->answer = only_if.text("answer", {longest_slug, false, "a text"}).value_or("");
    }
    only_if.finish();
  } else if (item.has("only_if")) {
    item.wrong_type("only_if", *item.find("only_if"), "a table: { question = \"diet\", answer = \"vegan\" }");
  }
  const bool has_choices = entry.kind == "choice" || entry.kind == "several";
  if (item.has("choices") && !entry.kind.empty() && !has_choices)
    item.wrong_value("choices", "choices of a " + entry.kind, "them only in choice and several",
                     "leave them out, or choose another kind");
  return entry;
}

ChoiceEntry read_choice(TableReader& item) {
  item.require({"name"}, "a choice has a name");
  ChoiceEntry entry;
  entry.name = item.text("name", {200, false, "a text"}).value_or("");
  entry.active = item.boolean("active");
  return entry;
}

}  // namespace plenary::config
