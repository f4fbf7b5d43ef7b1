#include "admin/model.hpp"

namespace plenary::admin {

std::vector<Model> operation_models() {
  return {};
}

}  // namespace plenary::admin
