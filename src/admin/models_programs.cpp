#include "admin/model.hpp"

namespace plenary::admin {

std::vector<Model> program_models() {
  return {};
}

}  // namespace plenary::admin
