#include "admin/model.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace plenary::admin {
namespace {

struct Registry {
  std::deque<Model> models;
  std::vector<Area> areas{{"program_conference", "Conference", {}},
                          {"program_registration", "Registration", {}},
                          {"program_sponsors", "Sponsors", {}},
                          {"program_programs", "Programs", {}},
                          {"program_onsite", "On-site", {}},
                          {"accounts", "People", {}},
                          {"operation", "Operation", {}}};
  std::unordered_map<std::string_view, const Model*> by_table;

  Registry() {
    for (auto make : {conference_models, budget_models, registration_models, selling_models, order_models,
                      invoice_models, question_models, waiting_models, discount_models, sponsor_models,
                      program_models, onsite_models, account_models, operation_models}) {
      std::vector<Model> made = make();
      std::move(made.begin(), made.end(), std::back_inserter(models));
    }
    for (const Model& model : models) {
      const auto area =
          std::find_if(areas.begin(), areas.end(), [&](const Area& a) { return a.name == model.area; });
      if (area == areas.end()) throw std::logic_error("the admin has no area " + model.area);
      area->models.push_back(&model);
      if (!by_table.emplace(model.table->name(), &model).second)
        throw std::logic_error("two admin models of table " + std::string(model.table->name()));
    }
  }
};

const Registry& registry() {
  static const Registry all;
  return all;
}

}  // namespace

const db::Column& Model::key() const {
  for (const db::Column& column : table->columns()) {
    if (column.is_key) return column;
  }
  throw std::logic_error(std::string(table->name()) + " has no key");
}

bool Model::is_read_only(const db::Column& column) const {
  return !may_change || column.is_read_only ||
         std::find(read_only.begin(), read_only.end(), column.name) != read_only.end();
}

const Link* Model::find_link(std::string_view name) const {
  const auto found = std::find_if(links.begin(), links.end(), [&](const Link& l) { return l.name == name; });
  return found == links.end() ? nullptr : &*found;
}

const SecretField* Model::find_secret(std::string_view column) const {
  const auto found =
      std::find_if(secrets.begin(), secrets.end(), [&](const SecretField& s) { return s.column == column; });
  return found == secrets.end() ? nullptr : &*found;
}

const std::vector<Area>& areas() {
  return registry().areas;
}

const Model* find_model(std::string_view area, std::string_view name) {
  for (const Area& candidate : areas()) {
    if (candidate.name != area) continue;
    for (const Model* model : candidate.models) {
      if (model->name == name) return model;
    }
  }
  return nullptr;
}

const Model* model_of_table(std::string_view table) {
  const auto found = registry().by_table.find(table);
  return found == registry().by_table.end() ? nullptr : found->second;
}

}  // namespace plenary::admin
