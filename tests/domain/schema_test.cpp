// The entity tables of the domain rooms against the schema that the migrations make, on both engines.
// source: docs/transactions.md, section 9.
#include "db/schema.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "domain/accounts/api_tokens.hpp"
#include "domain/accounts/drafts.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/kept_answers.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "domain/accounts/types.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/budget.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/conference/types.hpp"
#include "domain/invoicing/entities.hpp"
#include "domain/onsite/badge_templates.hpp"
#include "domain/payments/cancellation.hpp"
#include "domain/payments/customers.hpp"
#include "domain/payments/disputes.hpp"
#include "domain/payments/reconciliation.hpp"
#include "domain/payments/statement_import.hpp"
#include "domain/payments/stripe_events.hpp"
#include "domain/programs/types.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/entities.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/records.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"
#include "domain/registration/vat_checks.hpp"
#include "domain/registration/voucher_batches.hpp"
#include "domain/registration/vouchers.hpp"
#include "domain/registration/waiting_list.hpp"
#include "domain/sealed_columns.hpp"
#include "domain/sponsors/types.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::domain {
namespace {

class Entities : public test::DatabaseTest {};
ON_BOTH_ENGINES(Entities);

TEST_P(Entities, AreDescribedAsTheSchemaHasThem) {
  const db::Table* const tables[] = {
      &conference::conference_table(),
      &conference::section_table(),
      &conference::feature_flags_table(),
      &conference::consent_text_table(),
      &conference::audit_entry_table(),
      &conference::expense_category_table(),
      &conference::expense_table(),
      &conference::kpi_target_table(),
      &accounts::user_table(),
      &accounts::session_table(),
      &accounts::submission_table(),
      &accounts::link_table(),
      &accounts::second_factor_table(),
      &accounts::recovery_code_table(),
      &accounts::challenge_table(),
      &accounts::sign_in_event_table(),
      &accounts::sign_in_wait_table(),
      &accounts::form_draft_table(),
      &accounts::api_token_table(),
      &accounts::kept_answer_table(),
      &accounts::user_group_table(),
      &accounts::role_assignment_table(),
      &accounts::invitation_table(),
      &payments::stripe_event_table(),
      &payments::dispute_table(),
      &payments::stripe_customer_table(),
      &payments::reconciliation_table(),
      &payments::bank_statement_table(),
      &payments::bank_entry_table(),
      &payments::bank_share_table(),
      &payments::cancellation_run_table(),
      &payments::cancelled_order_table(),
      &sponsors::sponsor_level_table(),
      &sponsors::sponsor_table(),
      &sponsors::sponsor_benefit_table(),
      &programs::activity_table(),
      &programs::activity_signup_table(),
      &programs::travel_grant_table(),
      &onsite::badge_template_table(),
      &registration::ticket_type_table(),
      &registration::addon_table(),
      &registration::voucher_table(),
      &registration::voucher_batch_table(),
      &registration::condition_table(),
      &registration::credit_table(),
      &registration::order_table(),
      &registration::order_line_table(),
      &registration::payment_table(),
      &registration::refund_table(),
      &registration::ledger_table(),
      &registration::order_change_table(),
      &registration::order_event_table(),
      &registration::cart_table(),
      &registration::cart_item_table(),
      &registration::seat_table(),
      &registration::question_table(),
      &registration::question_option_table(),
      &registration::answer_table(),
      &registration::answer_file_table(),
      &registration::answer_event_table(),
      &registration::stock_table(),
      &registration::hold_table(),
      &registration::vat_check_table(),
      &invoicing::series_table(),
      &invoicing::document_table(),
      &invoicing::line_table(),
      &invoicing::cover_table(),
      &invoicing::file_table(),
      &invoicing::due_table(),
      &invoicing::exchange_rate_table(),
      &registration::variation_table(),
      &registration::quota_table(),
      &registration::tax_rule_table(),
      &registration::tax_rule_country_table(),
      &conference::seller_table(),
      &registration::waiting_line_table(),
      &registration::waiting_entry_table(),
      &registration::waiting_choice_table(),
      &registration::waiting_addon_table(),
  };
  std::string found;
  for (const std::string& line : db::differences(db::read_schema(db()), tables)) found += line + "\n";
  EXPECT_EQ(found, "");
  // Each column that is described as sealed is one that `plenary keys` knows.
  std::set<std::string> listed;
  for (const SealedColumn& column : sealed_columns())
    listed.insert(std::string(column.table) + "." + std::string(column.column));
  for (const db::Table* table : tables) {
    const std::string start = std::string(table->name()) + ".";
    for (const std::string& column : table->rules().sealed)
      EXPECT_TRUE(listed.contains(start + column)) << start << column << ": domain/sealed_columns.cpp";
    for (const db::Column& column : table->columns()) {
      if (!column.is_sealed) continue;
      EXPECT_TRUE(listed.contains(start + std::string(column.name)))
          << start << column.name << ": domain/sealed_columns.cpp";
    }
  }
}

}  // namespace
}  // namespace plenary::domain
