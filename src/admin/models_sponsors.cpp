#include "admin/model.hpp"

namespace plenary::admin {

std::vector<Model> sponsor_models() {
  return {};
}

}  // namespace plenary::admin
