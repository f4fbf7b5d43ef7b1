// Fees in the language of who reads them.
#include "mail/line_name.hpp"

#include "domain/registration/fee_names.hpp"
#include "i18n/languages.hpp"

namespace plenary::mail {

std::string line_name(std::string_view language, const std::string& description) {
  return registration::is_fee_text(description) ? i18n::translated(language, description) : description;
}

}  // namespace plenary::mail
