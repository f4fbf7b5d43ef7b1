#include "admin/model.hpp"

namespace plenary::admin {

std::vector<Model> registration_models() {
  return {};
}

}  // namespace plenary::admin
