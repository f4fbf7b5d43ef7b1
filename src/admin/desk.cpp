#include "admin/desk.hpp"

#include <fmt/format.h>

#include "base/errors.hpp"
#include "config/settings.hpp"
#include "domain/conference/currency.hpp"
#include "i18n/formats.hpp"
#include "site/text.hpp"

namespace plenary::admin {
namespace {

std::string address(const Model& model, std::string_view rest = {}) {
  return fmt::format("/admin/{}/{}/{}", model.area, model.name, rest);
}

std::string plain_moment(Instant at, TimeZone zone) {
  return i18n::moment("en", at, zone);
}

const char* yes_no(bool value) {
  return value ? message("yes") : message("no");
}

}  // namespace

conference::Actor actor_of(const web::Request& request) {
  const site::Visit& visit = request.context<site::Visit>();
  const accounts::FoundSession& session = visit.session.value();
  return {session.user_id, session.user_name.empty() ? session.user_email : session.user_name, "admin",
          std::string(request.client_address())};
}

std::string list_url(const Model& model) {
  return address(model);
}
std::string add_url(const Model& model) {
  return address(model, "add/");
}
std::string change_url(const Model& model, std::string_view key) {
  return address(model, web::percent_encode(key) + "/change/");
}
std::string delete_url(const Model& model, std::string_view key) {
  return address(model, web::percent_encode(key) + "/delete/");
}
std::string history_url(const Model& model, std::string_view key) {
  return address(model, web::percent_encode(key) + "/history/");
}
std::string undo_url(const Model& model, std::string_view key) {
  return address(model, web::percent_encode(key) + "/undo/");
}
std::string export_url(const Model& model) {
  return address(model, "export/");
}
std::string choices_url(const Model& model) {
  return address(model, "choices/");
}

Terms default_terms(const Site& site) {
  const config::ProgramSettings& program = site.settings.program;
  const Currency currency = conference::currency_of(std::nullopt, program);
  Terms terms{currency, std::string(program.symbol_for(currency))};
  return terms;
}

Terms terms_of(db::Tx& tx, const Site& site, std::optional<std::int64_t> conference_id) {
  Terms terms = default_terms(site);
  if (!conference_id) return terms;
  const auto row = tx.maybe<std::optional<std::string>, std::string>(
      "SELECT currency, timezone FROM conference WHERE id = $1", *conference_id);
  if (!row) return terms;
  const Currency currency = conference::currency_of(std::get<0>(*row), site.settings.program);
  terms.currency = currency;
  terms.symbol = site.settings.program.symbol_for(currency);
  terms.zone_name = std::get<1>(*row);
  terms.zone = TimeZone::find(terms.zone_name).value_or(TimeZone::utc());
  return terms;
}

std::optional<std::int64_t> conference_of_row(db::Tx& tx, const Model& model, const db::Param& key) {
  if (model.conference_sql.empty()) return std::nullopt;
  const char* sql = db::intern_sql(fmt::format("SELECT {} FROM {} t WHERE t.{} = $1", model.conference_sql,
                                               model.table->name(), model.key().name));
  const auto row = tx.maybe<std::optional<std::int64_t>>(sql, key);
  return row ? *row : std::nullopt;
}

Terms terms_of_row(db::Tx& tx, const Site& site, const Model& model, const db::Param& key) {
  Terms terms = terms_of(tx, site, conference_of_row(tx, model, key));
  if (model.currency_sql.empty()) return terms;
  const char* sql = db::intern_sql(fmt::format("SELECT {} FROM {} t WHERE t.{} = $1", model.currency_sql,
                                               model.table->name(), model.key().name));
  const auto code = tx.maybe<std::string>(sql, key);
  const std::optional<Currency> currency = code ? Currency::find(*code) : std::nullopt;
  if (currency && !(*currency == terms.currency)) {
    terms.currency = *currency;
    terms.symbol = site.settings.program.symbol_for(*currency);
  }
  return terms;
}

std::optional<std::string> label_of(db::Tx& tx, const Model& model, const db::Param& key) {
  const char* sql = db::intern_sql(fmt::format("SELECT {} FROM {} t WHERE t.{} = $1", model.label_sql,
                                               model.table->name(), model.key().name));
  return tx.maybe<std::string>(sql, key);
}

std::string choice_label(const web::Request& request, const db::Choice& choice) {
  return site::tr(request, choice.label);
}

std::string shown(const web::Request& request, const db::Column& column, const void* row,
                  const Terms& terms) {
  const std::optional<std::string> text = column.text(row);
  if (!text) return {};
  const std::string_view language = site::language_of(request);
  std::string scratch;
  const db::Param value = column.get(row, scratch);
  if (column.is_money) return i18n::money(language, Money(value.integer, terms.currency), terms.symbol);
  switch (column.type) {
    case db::ColumnType::flag:
      return site::tr(request, yes_no(value.integer != 0));
    case db::ColumnType::instant:
      return i18n::moment(language, Instant{value.integer}, terms.zone);
    case db::ColumnType::date: {
      const std::optional<Date> date = Date::parse(*text);
      return date ? i18n::day(language, *date) : *text;
    }
    default:
      for (const db::Choice& choice : column.choices) {
        if (choice.value == *text) return choice_label(request, choice);
      }
      return *text;
  }
}

std::string plain(const db::Column& column, const void* row, const Terms& terms) {
  const std::optional<std::string> text = column.text(row);
  if (!text) return {};
  std::string scratch;
  const db::Param value = column.get(row, scratch);
  if (column.is_money) return Money(value.integer, terms.currency).display(terms.symbol);
  switch (column.type) {
    case db::ColumnType::flag:
      return value.integer != 0 ? "yes" : "no";
    case db::ColumnType::instant:
      return plain_moment(Instant{value.integer}, terms.zone);
    case db::ColumnType::choice:
      for (const db::Choice& choice : column.choices) {
        if (choice.value == *text) return choice.label;
      }
      return *text;
    default:
      return *text;
  }
}

Crumb crumb(const web::Request& request, const Model& model) {
  return {site::tr(request, model.many()), list_url(model)};
}

}  // namespace plenary::admin
