// Secrets in forms: write-only. What is stored is never read back into a page, a log, an export or the record
// of changes. Kept unless something else than the placeholder was typed; cleared only when that was chosen.
// Functions of a transaction: one thread at a time. Errors: FieldError for what was typed. source:
// configuration 10, 5.2 and Do better 1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/form.hpp"
#include "base/codes.hpp"
#include "base/sealing_keys.hpp"

namespace plenary::admin {

// Twelve bullets: there is something.
inline constexpr std::string_view secret_placeholder = "••••••••••••";

bool has_secret(db::Tx& tx, const Model& model, const SecretField& secret, const std::string& key);
// Decides what is to be done from what was posted: "keep", "replace" or "clear".
void read_secret(FieldState& field, const web::FormData& posted, const std::string& name);
std::optional<db::FieldError> secret_fault(const FieldState& field);
// Where a sealed value belongs to: "conference.stripe_secret_key.17".
std::string place_of(const Model& model, const SecretField& secret, std::string_view key);
// Seals and stores, or clears. What to record, with no more of the value than its last four characters.
std::optional<conference::AuditChange> write_secret(db::Tx& tx, const Model& model, const FieldState& field,
                                                    const std::string& key, const SealingKeys& sealing,
                                                    Random& random);

}  // namespace plenary::admin
