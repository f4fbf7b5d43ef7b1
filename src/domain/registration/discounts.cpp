#include "domain/registration/discounts.hpp"

namespace plenary::registration {

bool is_percent(const Decimal& percent) {
  return percent >= Decimal(0) && percent <= Decimal(100) && percent.fits_scale(2);
}

}  // namespace plenary::registration
