#include "admin/model.hpp"

namespace plenary::admin {

std::vector<Model> account_models() {
  return {};
}

}  // namespace plenary::admin
