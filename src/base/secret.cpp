#include "base/secret.hpp"

#include <cstddef>

namespace plenary {

bool Secret::equals(std::string_view other) const {
  // Only the lengths may be learned from the time this takes.
  if (value_.size() != other.size()) return false;
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < value_.size(); ++i) {
    difference = static_cast<unsigned char>(
        difference | (static_cast<unsigned char>(value_[i]) ^ static_cast<unsigned char>(other[i])));
  }
  return difference == 0;
}

}  // namespace plenary
