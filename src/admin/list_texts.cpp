#include "admin/list_texts.hpp"

#include <algorithm>
#include <utility>

#include "config/settings.hpp"
#include "i18n/formats.hpp"
#include "site/text.hpp"

namespace plenary::admin {

ListTexts::ListTexts(const Site& site, std::span<const ShownColumn> columns)
    : site_(site), columns_(columns), usual_(default_terms(site)), labels_(columns.size()) {
  needs_terms_ = std::any_of(columns.begin(), columns.end(), [](const ShownColumn& column) {
    return column.as == Shown::money || column.as == Shown::instant;
  });
}

void ListTexts::read(db::Tx& tx, std::span<const ListRow> rows) {
  for (const ListRow& row : rows) {
    if (!needs_terms_ || !row.conference_id || by_conference_.contains(*row.conference_id)) continue;
    by_conference_.emplace(*row.conference_id, terms_of(tx, site_, row.conference_id));
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i].refers) continue;
    std::vector<std::string> keys;
    for (const ListRow& row : rows) {
      const Cell& cell = row.cells[i];
      if (!cell.is_null && !labels_[i].contains(cell.text)) keys.push_back(cell.text);
    }
    if (keys.empty()) continue;
    for (auto& [key, label] : labels_of(tx, *columns_[i].refers, std::move(keys)))
      labels_[i].emplace(std::move(key), std::move(label));
  }
}

Terms ListTexts::terms(const ListRow& row) const {
  Terms terms = usual_;
  if (row.conference_id) {
    const auto found = by_conference_.find(*row.conference_id);
    if (found != by_conference_.end()) terms = found->second;
  }
  const std::optional<Currency> currency = row.currency.empty() ? std::nullopt : Currency::find(row.currency);
  if (currency && !(*currency == terms.currency)) {
    terms.currency = *currency;
    terms.symbol = site_.settings.program.symbol_for(*currency);
  }
  const std::optional<TimeZone> zone = row.zone.empty() ? std::nullopt : TimeZone::find(row.zone);
  if (zone) {
    terms.zone = *zone;
    terms.zone_name = row.zone;
  }
  return terms;
}

const std::string& ListTexts::label(std::size_t column, const Cell& cell) const {
  const auto found = labels_[column].find(cell.text);
  return found == labels_[column].end() ? cell.text : found->second;
}

std::string flag_word(const web::Request& request, const ShownColumn& column, const Cell& cell) {
  const bool is_override = column.column && column.column->nullable;
  if (cell.is_null) return is_override ? site::tr(request, message("Default")) : std::string();
  if (is_override) return site::tr(request, cell.integer != 0 ? message("On") : message("Off"));
  return site::tr(request, cell.integer != 0 ? message("yes") : message("no"));
}

std::string ListTexts::shown(const web::Request& request, std::size_t column, const ListRow& row) const {
  const ShownColumn& shown = columns_[column];
  const Cell& cell = row.cells[column];
  if (shown.as == Shown::flag) return flag_word(request, shown, cell);
  if (cell.is_null) return {};
  const std::string_view language = site::language_of(request);
  switch (shown.as) {
    case Shown::money: {
      const Terms terms = this->terms(row);
      return i18n::money(language, Money(cell.integer, terms.currency), terms.symbol);
    }
    case Shown::instant:
      return i18n::moment(language, Instant{cell.integer}, terms(row).zone);
    case Shown::integer:
      // A number that only names something has no groups of digits.
      if (shown.column && (shown.column->is_key || !shown.column->references.empty()))
        return shown.refers ? label(column, cell) : cell.text;
      return i18n::number(language, cell.integer);
    case Shown::address:
      return site_.settings.server.base_url() + cell.text;
    default:
      break;
  }
  if (shown.refers) return label(column, cell);
  if (shown.given && shown.given->told) return shown.given->told(request, cell.text);
  if (!shown.column) return cell.text;
  switch (shown.column->type) {
    case db::ColumnType::date: {
      const std::optional<Date> date = Date::parse(cell.text);
      return date ? i18n::day(language, *date) : cell.text;
    }
    case db::ColumnType::decimal: {
      const auto decimal = Decimal::parse(cell.text);
      return decimal ? i18n::number(language, *decimal) : cell.text;
    }
    default:
      for (const db::Choice& choice : shown.column->choices) {
        if (choice.value == cell.text) return choice_label(request, choice);
      }
      return cell.text;
  }
}

}  // namespace plenary::admin
