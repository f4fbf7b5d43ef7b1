#include "admin/secrets.hpp"

#include <fmt/format.h>

#include "base/secret.hpp"
#include "base/text.hpp"

namespace plenary::admin {

bool has_secret(db::Tx& tx, const Model& model, const SecretField& secret, const std::string& key) {
  const char* sql =
      db::intern_sql(fmt::format("SELECT 1 FROM {0} WHERE {1} = $1 AND {2} IS NOT NULL AND {2} <> ''",
                                 model.table->name(), model.key().name, secret.column));
  return tx.maybe<std::int64_t>(sql, key_param(model, key)).has_value();
}

void read_secret(FieldState& field, const web::FormData& posted, const std::string& name) {
  field.posted = true;
  const std::string_view typed = trimmed(posted[name]);
  const std::string_view order = posted[name + "_do"];
  field.typed.clear();
  field.order = "keep";
  if (!typed.empty() && typed != secret_placeholder) {
    field.typed = typed;
    field.order = order == "clear" ? "both" : "replace";
  } else if (order == "clear" && field.has_secret) {
    field.order = "clear";
  }
}

std::optional<db::FieldError> secret_fault(const FieldState& field) {
  if (field.order == "both")
    return fault(field.plan, "rule",
                 message("Either choose to remove the stored value, or type another one: not both."));
  if (field.order != "replace") return std::nullopt;
  const std::size_t limit = field.plan.secret->max_length;
  if (character_count(field.typed) > limit)
    return fault(field.plan, "too_long",
                 message("{label} is too long: at most {limit} characters are allowed."),
                 {{"limit", std::to_string(limit)}});
  if (has_control_characters(field.typed))
    return fault(field.plan, "format", message("{label} must not contain control characters."));
  return std::nullopt;
}

std::string place_of(const Model& model, const SecretField& secret, std::string_view key) {
  return fmt::format("{}.{}.{}", model.table->name(), secret.column, key);
}

std::optional<conference::AuditChange> write_secret(db::Tx& tx, const Model& model, const FieldState& field,
                                                    const std::string& key, const SealingKeys& sealing,
                                                    Random& random) {
  if (field.order != "replace" && field.order != "clear") return std::nullopt;
  const SecretField& secret = *field.plan.secret;
  const char* sql = db::intern_sql(fmt::format("UPDATE {} SET {} = $1 WHERE {} = $2", model.table->name(),
                                               secret.column, model.key().name));
  conference::AuditChange change{secret.column, secret.label, field.has_secret ? "set" : "", ""};
  std::optional<std::string> sealed;
  if (field.order == "replace") {
    const Secret value{field.typed};
    sealed = sealing.seal(value, place_of(model, secret, key), random);
    change.new_text = value.masked();
  }
  tx.exec(sql, sealed, key_param(model, key));
  return change;
}

}  // namespace plenary::admin
