#include "admin/model.hpp"

namespace plenary::admin {

std::vector<Model> onsite_models() {
  return {};
}

}  // namespace plenary::admin
