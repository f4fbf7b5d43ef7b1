#include "domain/registration/consents.hpp"

#include <algorithm>

#include "base/slug.hpp"
#include "domain/conference/legal.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t shown_characters = 80;

constexpr const char* terms_text = "I accept the terms and conditions.";

const GivenConsent* find(std::span<const GivenConsent> given, std::string_view slug) {
  const auto found =
      std::find_if(given.begin(), given.end(), [&](const GivenConsent& g) { return g.slug == slug; });
  return found == given.end() ? nullptr : &*found;
}

}  // namespace

std::vector<AskedConsent> asked_consents(const conference::Conference& conference,
                                         const std::vector<conference::ConsentText>& texts) {
  std::vector<AskedConsent> asked;
  if (!conference.terms.empty()) {
    asked.push_back({std::string(conference::terms_consent), terms_text,
                     conference::text_number(conference.terms), true,
                     std::string(conference::terms_consent)});
  }
  for (const conference::ConsentText& text : texts) {
    if (text.is_active) asked.push_back({text.slug, text.text, text.text_version, text.is_required, {}});
  }
  return asked;
}

std::string consent_field(std::string_view slug) {
  return "consent_" + slug_key(slug);
}

std::vector<Refused> check_consents(std::span<const AskedConsent> asked,
                                    std::span<const GivenConsent> given) {
  std::vector<Refused> faults;
  for (const AskedConsent& consent : asked) {
    const GivenConsent* tick = find(given, consent.slug);
    if (!tick && consent.is_required) {
      faults.emplace_back("consent_required", "Please agree to this before you order: {text}",
                          Refused::Arguments{{"text", conference::beginning(consent.text, shown_characters)}},
                          consent_field(consent.slug));
    } else if (tick && tick->version != consent.version) {
      faults.emplace_back("consent_changed", "This text has changed; please read it again: {text}",
                          Refused::Arguments{{"text", conference::beginning(consent.text, shown_characters)}},
                          consent_field(consent.slug));
    }
  }
  return faults;
}

void require_consents(std::span<const AskedConsent> asked, std::span<const GivenConsent> given) {
  const std::vector<Refused> faults = check_consents(asked, given);
  if (faults.empty()) return;
  std::string texts;
  for (const AskedConsent& consent : asked) {
    const std::string field = consent_field(consent.slug);
    if (std::any_of(faults.begin(), faults.end(), [&](const Refused& f) { return f.field() == field; }))
      texts += (texts.empty() ? "" : " · ") + conference::beginning(consent.text, shown_characters);
  }
  throw Refused("consent_required", "Please agree to this before you order: {text}", {{"text", texts}});
}

void record_consents(db::Tx& tx, std::int64_t order_id, std::span<const AskedConsent> asked,
                     std::span<const GivenConsent> given) {
  for (const AskedConsent& consent : asked) {
    const GivenConsent* tick = find(given, consent.slug);
    if (!tick || tick->version != consent.version) continue;
    store::insert_consent(tx, order_id, {consent.slug, consent.text, consent.version, tx.now()});
  }
}

std::vector<KeptConsent> consents_of(db::Tx& tx, std::int64_t order_id) {
  return store::consents_of(tx, order_id);
}

}  // namespace plenary::registration
