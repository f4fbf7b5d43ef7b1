#include "domain/registration/discounts.hpp"

namespace plenary::registration {

bool is_percent(const Decimal& percent) {
  return percent >= Decimal(0) && percent <= Decimal(100) && percent.fits_scale(2);
}

void refuse_first(const std::vector<db::FieldError>& problems) {
  if (problems.empty()) return;
  const db::FieldError& first = problems.front();
  throw Refused(first.code, first.text, first.arguments, first.field);
}

}  // namespace plenary::registration
