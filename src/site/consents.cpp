#include "site/consents.hpp"

#include <algorithm>
#include <utility>

#include "domain/conference/legal.hpp"
#include "site/information.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

namespace plenary::site {
namespace {

using registration::AskedConsent;
using registration::GivenConsent;
using registration::KeptConsent;
using templating::Value;

// The sentence about the terms is ours, and so is its translation; every other text is the organisers'.
std::string shown_text(const web::Request& request, const std::string& slug, const std::string& text) {
  return slug == conference::terms_consent ? tr(request, message("I accept the terms and conditions."))
                                           : text;
}

}  // namespace

std::vector<GivenConsent> given_consents(const web::FormData& form, std::span<const AskedConsent> asked) {
  std::vector<GivenConsent> given;
  for (const AskedConsent& consent : asked) {
    const std::string field = registration::consent_field(consent.slug);
    if (!form.has(field)) continue;
    // A version that is no number is none of ours: the text is shown again.
    given.push_back({consent.slug, whole_number(form[field]).value_or(-1)});
  }
  return given;
}

std::vector<Fault> consent_faults(const web::Request& request, std::span<const AskedConsent> asked,
                                  std::span<const GivenConsent> given) {
  std::vector<Fault> faults;
  for (const Refused& refused : registration::check_consents(asked, given)) {
    faults.push_back({refused.field(), tr(request, refused)});
  }
  return faults;
}

Value consents_value(const Site& site, const web::Request& request, const Visit& visit,
                     std::span<const GivenConsent> given, bool checked) {
  const std::vector<AskedConsent>& asked = visit.catalogue->consents;
  if (asked.empty()) return Value::list({});
  std::vector<Refused> faults;
  if (checked) faults = registration::check_consents(asked, given);
  std::vector<Value> boxes;
  for (const AskedConsent& consent : asked) {
    const std::string field = registration::consent_field(consent.slug);
    const auto fault =
        std::find_if(faults.begin(), faults.end(), [&](const Refused& one) { return one.field() == field; });
    std::string error;
    if (fault != faults.end()) {
      error = fault->code() == "consent_changed"
                  ? tr(request, message("This text has changed. Please read it again."))
                  : tr(request, message("Please tick this box to order."));
    }
    const bool is_checked = std::any_of(given.begin(), given.end(), [&](const GivenConsent& one) {
      return one.slug == consent.slug && one.version == consent.version;
    });
    const conference::LegalText* legal = conference::legal_text(consent.link_to);
    boxes.push_back(Value::dict({{"slug", Value::borrowed(consent.slug)},
                                 {"field", Value(field)},
                                 {"text", Value(shown_text(request, consent.slug, consent.text))},
                                 {"version", consent.version},
                                 {"is_required", consent.is_required},
                                 {"is_checked", is_checked},
                                 {"error", Value(std::move(error))},
                                 {"link", legal ? legal_link(site, request, visit, *legal) : Value()}}));
  }
  return Value::list(std::move(boxes));
}

Value given_consents_value(const web::Request& request, const Visit& visit,
                           const std::vector<KeptConsent>& kept) {
  const std::vector<AskedConsent>& asked = visit.catalogue->consents;
  std::vector<Value> lines;
  for (const KeptConsent& consent : kept) {
    // The number of the terms says nothing to people: whether they are others today does.
    const bool is_terms = consent.slug == conference::terms_consent;
    const bool has_changed =
        is_terms && std::any_of(asked.begin(), asked.end(), [&](const AskedConsent& one) {
          return one.slug == consent.slug && one.version != consent.version;
        });
    lines.push_back(Value::dict({{"slug", Value::borrowed(consent.slug)},
                                 {"text", Value(shown_text(request, consent.slug, consent.text))},
                                 {"version", is_terms ? Value() : Value(consent.version)},
                                 {"has_changed", has_changed},
                                 {"given_at", Value(consent.given_at)}}));
  }
  return Value::list(std::move(lines));
}

}  // namespace plenary::site
