#include "site/text.hpp"

#include "i18n/formats.hpp"
#include "i18n/languages.hpp"
#include "site/language.hpp"

namespace plenary::site {

namespace {

// Of an order, inside of a sentence.
std::string_view status_word(std::string_view status) {
  for (const std::string_view word : {message("pending"), message("paid"), message("refunded"),
                                      message("partially refunded"), message("cancelled")}) {
    if (word == status) return word;
  }
  return status == "partially_refunded" ? "partially refunded" : status;
}

}  // namespace

std::string_view language_of(const web::Request& request) {
  const Visit* visit = request.find_context<Visit>();
  return visit && !visit->language.empty() ? visit->language : chosen_language(request, {});
}

std::string tr(const web::Request& request, std::string_view message, const Refused::Arguments& arguments) {
  return i18n::translated(language_of(request), message, arguments);
}

std::string tr(const web::Request& request, const Refused& refused) {
  // A status and a field's label are words of ours; everything else that is filled in is data.
  Refused::Arguments arguments = refused.arguments();
  for (auto& [name, value] : arguments) {
    if (name == "status") value = tr(request, status_word(value));
    if (name == "label") value = tr(request, value);
  }
  return tr(request, refused.text(), arguments);
}

std::string tr_n(const web::Request& request, std::string_view singular, std::string_view plural,
                 std::int64_t n, Refused::Arguments arguments) {
  return i18n::translated_n(language_of(request), singular, plural, n, std::move(arguments));
}

std::string price_text(const web::Request& request, std::int64_t minor, Currency currency,
                       std::string_view symbol) {
  return i18n::money(language_of(request), Money(minor, currency), symbol);
}

}  // namespace plenary::site
