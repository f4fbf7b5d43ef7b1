#include "config/conference_texts.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/conference_moments.hpp"
#include "config/url.hpp"

namespace plenary::config {
namespace {

constexpr std::size_t longest_legal_text = 20'000;
constexpr std::size_t longest_note = 2'000;
constexpr std::size_t longest_description = 20'000;
constexpr const char* feature_keys[] = {
    "registration_enabled", "sponsors_enabled",     "travel_grants_enabled",
    "programs_enabled",     "pretalx_sync_enabled", "visa_letters_enabled",
    "public_ui_enabled",    "manage_ui_enabled",    "all_ui_enabled"};
constexpr std::size_t longest_address = 2'000;
constexpr std::size_t longest_picture = 200;

bool is_web_address(const std::string& text) {
  const auto url = parse_url(text);
  return url && (url->scheme == "http" || url->scheme == "https") && url->userinfo.empty();
}

// One word that looks like an address: it was meant as one.
bool looks_like_address(const std::string& text) {
  if (text.find_first_of(" \t\r\n") != std::string::npos) return false;
  return text.find("://") != std::string::npos || text.starts_with("http:") || text.starts_with("https:");
}

bool is_color(const std::string& text) {
  return text.size() == 7 && text[0] == '#' && std::all_of(text.begin() + 1, text.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

// "/static/img/logo.svg": nothing that a browser would take for another server, or that leaves the place.
bool is_path(const std::string& text) {
  if (text.empty() || text[0] != '/' || text.starts_with("//") || text.find("..") != std::string::npos)
    return false;
  return std::none_of(text.begin(), text.end(), [](unsigned char c) {
    return c <= 0x20 || c >= 0x7f || c == '\\' || c == '"' || c == '\'' || c == '<' || c == '>';
  });
}

}  // namespace

std::optional<std::string> read_legal_text(TableReader& table, std::string_view key) {
  auto text = table.text(key, {longest_legal_text, true, "a text, or an http or https URL,", true});
  if (!text || !looks_like_address(*text)) return text;
  if (!is_web_address(*text)) {
    table.wrong_value(key, in_quotes(*text), "a text, or an absolute http or https URL",
                      "begin the URL with https://");
    return std::nullopt;
  }
  if (text->size() > longest_address) {
    table.wrong_value(key, "a URL of " + std::to_string(text->size()) + " characters",
                      "a URL of at most " + std::to_string(longest_address) + " characters");
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> read_color(TableReader& table, std::string_view key) {
  auto text = table.text(key, {longest_picture, true, "a colour such as \"#0b5cad\""});
  if (!text || text->empty()) return text;
  if (!is_color(*text)) {
    std::string advice = "write a # and six digits of 0-9 and a-f";
    if (is_color("#" + *text)) advice = "write \"#" + *text + "\"";
    if (text->size() == 4 && is_color("#" + text->substr(1) + text->substr(1))) {
      const std::string& t = *text;
      advice = std::string("write \"#") + t[1] + t[1] + t[2] + t[2] + t[3] + t[3] + "\"";
    }
    table.wrong_value(key, in_quotes(*text), "a colour such as \"#0b5cad\"", std::move(advice));
    return std::nullopt;
  }
  std::transform(text->begin(), text->end(), text->begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);
  });
  return text;
}

std::optional<std::string> read_picture(TableReader& table, std::string_view key) {
  auto text = table.text(key, {longest_picture, true, "a URL or a path"});
  if (!text || text->empty() || is_web_address(*text) || is_path(*text)) return text;
  table.wrong_value(
      key, in_quotes(*text),
      "an absolute http or https URL, or a path on this server such as \"/static/img/logo.svg\"",
      text->find("://") == std::string::npos ? "begin it with https:// or with one /" : "");
  return std::nullopt;
}

std::optional<std::string> read_description(TableReader& table, std::string_view key) {
  return table.text(key, {longest_description, true, "a text", true});
}

std::optional<Currency> read_currency(TableReader& table) {
  const auto text = table.text("currency", {16, false, "a text"});
  if (!text) return std::nullopt;
  if (const auto currency = Currency::find(*text)) return currency;
  const std::string likely = ascii_upper(trimmed(*text));
  table.wrong_value("currency", in_quotes(*text),
                    "the three-letter code of an active ISO 4217 currency, in capitals, such as USD",
                    Currency::find(likely) ? "write \"" + likely + "\"" : "");
  return std::nullopt;
}

void read_presentation(TableReader& conference, ConferenceFile& file) {
  file.active = conference.boolean("active");
  file.sales_open = conference.boolean("sales_open");
  file.require_account = conference.boolean("require_account");
  file.max_tickets_per_cart = conference.integer("max_tickets_per_cart", 1, 1000);
  file.contact = read_legal_text(conference, "contact");
  file.imprint = read_legal_text(conference, "imprint");
  file.terms = read_legal_text(conference, "terms");
  file.privacy = read_legal_text(conference, "privacy");
  file.code_of_conduct = read_legal_text(conference, "code_of_conduct");
  file.refund_policy = read_legal_text(conference, "refund_policy");
  file.withdrawal_note = conference.text("withdrawal_note", {longest_note, true, "a text", true});
  file.accent_color = read_color(conference, "accent_color");
  file.logo_url = read_picture(conference, "logo_url");
  file.transfer_until = conference.date("transfer_until");
  file.transfer_until_at = read_moment(conference, "transfer_until_at", file.timezone);
  if (conference.has("transfer_until") && conference.has("transfer_until_at")) {
    conference.wrong_value("transfer_until_at", "a second transfer_until",
                           "one of transfer_until and transfer_until_at", "keep one of them");
  }
  if (conference.has("features")) {
    TableReader features = conference.table("features");
    for (const char* key : feature_keys) {
      if (const auto value = features.boolean(key)) file.features.emplace_back(key, *value);
    }
    features.finish();
  }
}

ConsentEntry read_consent(TableReader& item) {
  item.require({"slug", "text"}, "a consent has slug and text");
  ConsentEntry entry;
  entry.text = item.text("text", {longest_note, false, "a text", true}).value_or("");
  entry.required = item.boolean("required");
  entry.active = item.boolean("active");
  return entry;
}

std::optional<std::string> read_website(TableReader& table) {
  auto text = table.text("website_url", {200, true, "a URL"});
  if (!text || text->empty()) return text;
  const auto url = parse_url(*text);
  if (url && (url->scheme == "http" || url->scheme == "https")) return text;
  table.wrong_value("website_url", in_quotes(*text), "an absolute http or https URL",
                    text->find("://") == std::string::npos ? "begin it with https://" : "");
  return std::nullopt;
}

}  // namespace plenary::config
