#include "site/text.hpp"

#include "i18n/languages.hpp"

namespace plenary::site {

std::string_view language_of(const web::Request&) {
  return "en";
}

std::string tr(const web::Request& request, std::string_view message, const Refused::Arguments& arguments) {
  return i18n::translated(language_of(request), message, arguments);
}

std::string tr(const web::Request& request, const Refused& refused) {
  return tr(request, refused.text(), refused.arguments());
}

std::string tr_n(const web::Request& request, std::string_view singular, std::string_view plural,
                 std::int64_t n, Refused::Arguments arguments) {
  return i18n::translated_n(language_of(request), singular, plural, n, std::move(arguments));
}

}  // namespace plenary::site
