#include "admin/erasure.hpp"

#include "admin/model.hpp"

namespace plenary::admin {

conference::PersonalColumn personal_column(std::string_view entity, std::string_view column) {
  using conference::PersonalColumn;
  const Model* model = model_of_table(entity);
  const db::Column* found = model ? model->table->find_column(column) : nullptr;
  if (!found) return PersonalColumn::none;
  if (found->references == "user_account") {
    // Who made, granted or reviewed it is not whom it is about.
    const bool owns = column == "user_id" || column == "account_id" || column == "holder_id";
    return owns ? PersonalColumn::owner : PersonalColumn::person;
  }
  return found->is_personal ? PersonalColumn::personal : PersonalColumn::none;
}

}  // namespace plenary::admin
