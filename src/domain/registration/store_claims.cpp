// The SQL of guests' orders and whose they become.
#include "domain/registration/store.hpp"

namespace plenary::registration::store {

std::vector<Id> guest_orders_of_email(db::Tx& tx, std::string_view email_normalized) {
  return tx.query<Id>("SELECT id FROM orders WHERE email_normalized = $1 AND user_id IS NULL ORDER BY id",
                      email_normalized);
}

// An order of somebody who was signed in before is in no session then: it is not for whoever comes next.
void set_orders_session(db::Tx& tx, Id conference_id, std::string_view session_hash,
                        std::string_view new_hash) {
  tx.exec(
      "UPDATE orders SET session_hash = CASE WHEN user_id IS NULL THEN $1 ELSE NULL END WHERE session_hash = "
      "$2 AND conference_id + 0 = $3",
      new_hash, session_hash, conference_id);
}

void set_order_user(db::Tx& tx, Id order_id, Id user_id) {
  tx.exec_later("UPDATE orders SET user_id = $1, updated_at = $2, version = version + 1 WHERE id = $3",
                user_id, tx.now(), order_id);
}

void set_first_seat_user(db::Tx& tx, Id order_id, Id user_id) {
  tx.exec_later(
      "UPDATE seat SET user_id = $1, updated_at = $2 WHERE order_id = $3 AND position = 1 AND status = "
      "'active' "
      "AND user_id IS NULL AND email = (SELECT o.billing_email FROM orders o WHERE o.id = $3)",
      user_id, tx.now(), order_id);
}

void set_order_email(db::Tx& tx, Id order_id, std::string_view email, std::string_view email_normalized,
                     std::int64_t link_version, std::string_view secret_hash) {
  tx.exec(
      "UPDATE orders SET billing_email = $1, email_normalized = $2, link_version = $3, secret_token_hash = "
      "$4, "
      "mail_problem = '', updated_at = $5, version = version + 1 WHERE id = $6",
      email, email_normalized, link_version, secret_hash, tx.now(), order_id);
}

void set_order_billing(db::Tx& tx, Id order_id, const Billing& billing) {
  tx.exec(
      "UPDATE orders SET billing_name = $1, billing_company = $2, billing_is_business = $3, billing_street = "
      "$4, billing_postcode = $5, billing_city = $6, billing_region = $7, billing_country = $8, "
      "billing_vat_id = $9, billing_reference = $10, updated_at = $11, version = version + 1 WHERE id = $12",
      billing.name, billing.company, billing.is_business, billing.street, billing.postcode, billing.city,
      billing.region, billing.country, billing.vat_id, billing.reference, tx.now(), order_id);
}

void set_first_seat_email(db::Tx& tx, Id order_id, std::string_view old_email, std::string_view email) {
  // A link that went to the wrong address opens nothing any more.
  tx.exec_later(
      "UPDATE seat SET email = $1, mail_problem = '', link_version = link_version + 1, updated_at = $2 WHERE "
      "order_id = $3 AND position = 1 AND status = 'active' AND email = $4",
      email, tx.now(), order_id, old_email);
}

}  // namespace plenary::registration::store
