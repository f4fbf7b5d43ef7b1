#include "admin/choices.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "admin/desk.hpp"
#include "admin/list_query.hpp"
#include "admin/list_state.hpp"
#include "admin/pages.hpp"

namespace plenary::admin {
namespace {

constexpr std::int64_t choices_a_page = 20, last_page = 100'000;

std::int64_t number_of(std::optional<std::string_view> text, std::int64_t otherwise) {
  std::int64_t value = 0;
  if (!text) return otherwise;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  return error == std::errc() && end == text->data() + text->size() ? value : otherwise;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> choices_of(db::Tx& tx, const Model& model,
                                                            const LookingFor& wanted, std::int64_t offset,
                                                            std::int64_t limit) {
  Conditions conditions;
  std::vector<std::string> texts = model.search;
  if (std::find(texts.begin(), texts.end(), model.label_sql) == texts.end()) texts.push_back(model.label_sql);
  add_reach(conditions, model, wanted.reach);
  add_search(conditions, tx.engine(), texts, wanted.words);
  if (wanted.conference_id && !model.conference_sql.empty() && model.conference_sql != "t.id") {
    conditions.add(fmt::format("({0} IS NULL OR {0} = {1})", model.conference_sql,
                               conditions.bind(*wanted.conference_id)));
  }
  const std::string limit_at = conditions.bind(limit), offset_at = conditions.bind(offset);
  std::string order;
  for (const auto& [sql, descends] :
       order_terms(model.order.empty() ? model.table->rules().order_by : model.order))
    order += sql + (descends ? " DESC, " : ", ");
  const std::string key = "t." + std::string(model.key().name);
  const db::ColumnKind kinds[] = {db::ColumnKind::text, db::ColumnKind::text};
  std::vector<std::pair<std::string, std::string>> rows;
  tx.run(
      db::intern_sql(fmt::format("SELECT CAST({0} AS TEXT), {1} FROM {2} t{3} ORDER BY {4}{0} LIMIT {5} "
                                 "OFFSET {6}",
                                 key, model.label_sql, model.table->name(), conditions.where(), order,
                                 limit_at, offset_at)),
      conditions.values(), kinds,
      [](void* list, const db::Field* fields) {
        static_cast<decltype(rows)*>(list)->emplace_back(fields[0].text, fields[1].text);
      },
      &rows);
  return rows;
}

Task<web::Response> choices(Site& site, web::Request& request) {
  const Model& model = model_for(request, Right::view);
  LookingFor wanted;
  wanted.reach = Access(person_of(request), model).reach(Right::view);
  wanted.words = words_of(request.query("q").value_or(""));
  if (const std::int64_t conference = number_of(request.query("conference"), 0); conference > 0)
    wanted.conference_id = conference;
  const std::int64_t page = std::clamp<std::int64_t>(number_of(request.query("page"), 1), 1, last_page);
  auto fn = [&](db::Tx& tx) {
    return choices_of(tx, model, wanted, (page - 1) * choices_a_page, choices_a_page + 1);
  };
  auto rows = co_await read(site, request, fn);
  const bool more = static_cast<std::int64_t>(rows.size()) > choices_a_page;
  if (more) rows.pop_back();
  nlohmann::json results = nlohmann::json::array();
  for (const auto& [key, label] : rows) results.push_back({{"id", key}, {"text", label}});
  const nlohmann::json answer = {{"results", std::move(results)}, {"more", more}};
  web::Response response =
      web::Response::json(answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  response.personal();
  co_return response;
}

}  // namespace plenary::admin
