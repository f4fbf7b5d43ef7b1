// What a buyer is asked to agree to before an order, and what was agreed to, kept with the order: slug, text,
// version and time, never changed afterwards. A conference without consents costs no statement. Functions of
// a transaction: one thread at a time; the others are pure. source: ground rules 15, 3.3; registration 20,
// D36.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/time.hpp"
#include "db/tx.hpp"
#include "domain/conference/types.hpp"

namespace plenary::registration {

struct AskedConsent {
  std::string slug;
  std::string text;  // of the terms: the sentence in English, which pages translate
  std::int64_t version = 1;
  bool is_required = false;
  std::string link_to;  // slug of the legal text that it is about; empty: it speaks for itself
};

// Ticked by the buyer, as the form sends it: the version is that of the text which was shown.
struct GivenConsent {
  std::string slug;
  std::int64_t version = 0;
};

struct KeptConsent {
  std::string slug, text;
  std::int64_t version = 1;
  Instant given_at;
};

// The terms first, where the conference has some, then its active consent texts by order.
std::vector<AskedConsent> asked_consents(const conference::Conference& conference,
                                         const std::vector<conference::ConsentText>& texts);

// "consent_newsletter": the field of its tick box.
std::string consent_field(std::string_view slug);

// Everything wrong at once, each with its field: a required one that is missing ("consent_required"), one
// whose text is not the one that was read ("consent_changed"). Empty: all right.
std::vector<Refused> check_consents(std::span<const AskedConsent> asked, std::span<const GivenConsent> given);
// The same as one refusal ("consent_required") that lists them all. Throws it, or does nothing.
void require_consents(std::span<const AskedConsent> asked, std::span<const GivenConsent> given);

// Those of `given` that are asked for in this version.
void record_consents(db::Tx& tx, std::int64_t order_id, std::span<const AskedConsent> asked,
                     std::span<const GivenConsent> given);
std::vector<KeptConsent> consents_of(db::Tx& tx, std::int64_t order_id);

}  // namespace plenary::registration
