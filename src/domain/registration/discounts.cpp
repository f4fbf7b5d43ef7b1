#include "domain/registration/discounts.hpp"

namespace plenary::registration {

bool is_percent(const Decimal& percent) {
  return !percent.is_negative() && percent <= Decimal(100) && percent.fits_scale(2);
}

std::int64_t basis_points(const Decimal& percent) {
  const Decimal rounded = percent.rounded(2);
  __int128 value = rounded.coefficient();
  for (int scale = rounded.scale(); scale < 2; ++scale) value *= 10;
  return static_cast<std::int64_t>(value);
}

}  // namespace plenary::registration
