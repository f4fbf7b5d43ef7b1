#include "admin/told.hpp"

#include <algorithm>

#include "site/text.hpp"

namespace plenary::admin {
namespace {

struct Place {
  const Model* model = nullptr;  // of an inline row; null: the page's own
  std::string_view name;         // of the column, link or secret
};

Place place_of(std::string_view field) {
  const auto dot = field.find('.');
  if (dot == std::string_view::npos) return {nullptr, field};
  return {model_of_table(field.substr(0, dot)), field.substr(dot + 1)};
}

}  // namespace

std::string entity_words(const web::Request& request, const std::string& table) {
  const Model* model = model_of_table(table);
  if (model) return site::tr(request, model->one());
  // What has no pages here.
  if (table == "api_token") return site::tr(request, message("API token"));
  if (table == "key_file") return site::tr(request, message("Key file"));
  if (table == "bank_statement") return site::tr(request, message("Bank statement"));
  if (table == "bank_entry") return site::tr(request, message("Entry of a bank statement"));
  if (table == "stripe_event") return site::tr(request, message("Payment event"));
  if (table == "cancellation_run") return site::tr(request, message("Cancellation of the conference"));
  return table;
}

std::string source_words(const web::Request& request, const std::string& source) {
  if (source == "api") return site::tr(request, message("by the API"));
  if (source == "admin") return site::tr(request, message("in the administration"));
  if (source == "manage") return site::tr(request, message("on the organisers' pages"));
  if (source == "command") return site::tr(request, message("by a command"));
  if (source == "bootstrap") return site::tr(request, message("by a configuration file"));
  if (source == "demo") return site::tr(request, message("as demo data"));
  if (source == "set-up") return site::tr(request, message("when the server was set up"));
  return source;
}

std::string told_label(const web::Request& request, std::string_view field, const std::string& label) {
  const Place place = place_of(field);
  const auto colon = label.rfind(": ");
  if (!place.model || colon == std::string::npos || !label.starts_with(place.model->one()))
    return site::tr(request, label);
  const std::string& one = place.model->one();
  if (colon < one.size()) return site::tr(request, label);
  return site::tr(request, one) + label.substr(one.size(), colon + 2 - one.size()) +
         site::tr(request, label.substr(colon + 2));
}

std::string told_value(const web::Request& request, const Model& model, std::string_view field,
                       const std::string& text) {
  if (text.empty()) return text;
  // A deletion's record has no field for what went along.
  if (field.empty()) return told_entries(request, text);
  const Place place = place_of(field);
  const Model& whose = place.model ? *place.model : model;
  if (whose.find_secret(place.name)) return text == "set" ? site::tr(request, message("set")) : text;
  const db::Column* column = whose.table->find_column(place.name);
  if (!column) return text;
  if (column->type == db::ColumnType::flag && (text == "yes" || text == "no"))
    return site::tr(request, text == "yes" ? message("yes") : message("no"));
  const bool is_choice = std::any_of(column->choices.begin(), column->choices.end(),
                                     [&](const db::Choice& choice) { return choice.label == text; });
  return is_choice ? site::tr(request, text) : text;
}

std::string told_entries(const web::Request& request, std::string_view list) {
  std::string text;
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(", "));
    list.remove_prefix(std::min(item.size() + 2, list.size()));
    const auto colon = item.rfind(": ");
    text += text.empty() ? "" : ", ";
    text += site::tr(request, item.substr(0, colon));
    if (colon != std::string_view::npos) text += item.substr(colon);
  }
  return text;
}

std::string told_refusal(const web::Request& request, const Refused& refused) {
  Refused::Arguments arguments = refused.arguments();
  for (auto& [name, value] : arguments) {
    if (name == "what") value = told_entries(request, value);
  }
  return site::tr(request, Refused(refused.code(), refused.text(), std::move(arguments), refused.field()));
}

}  // namespace plenary::admin
