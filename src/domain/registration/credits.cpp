#include "domain/registration/credits.hpp"

#include "domain/conference/conferences.hpp"
#include "domain/registration/ledger.hpp"

namespace plenary::registration {

const db::Entity<Credit>& credit_table() {
  using C = Credit;
  static const db::Entity<C> table(
      "credit",
      {
          db::column("id", &C::id).generated_key(),
          db::column("conference_id", &C::conference_id).references("conference").fixed(),
          db::column("user_id", &C::user_id).references("user_account").fixed().personal().label("Person"),
          db::column("amount", &C::amount).money().minimum(1).maximum(largest_amount).fixed(),
          db::column("remaining_amount", &C::remaining)
              .money()
              .minimum(0)
              .maximum(largest_amount)
              .read_only()
              .label("Remaining")
              .help("What is left of it to spend."),
          db::column("currency", &C::currency).max_length(3).fixed().read_only(),
          db::column("status", &C::status).choices({"available", "applied", "expired"}).read_only(),
          db::column("source_order_id", &C::source_order_id)
              .references("orders")
              .fixed()
              .help("The refunded order that it stems from."),
          db::column("expires_at", &C::expires_at).help("Empty: never."),
          db::column("note", &C::note)
              .max_length(2000)
              .format(db::TextFormat::paragraph)
              .help("Why it was given."),
          db::column("version", &C::version).version(),
          db::column("created_at", &C::created_at).created(),
          db::column("updated_at", &C::updated_at).updated(),
      },
      db::Rules<C>()
          .titled("Credit", "Credits")
          .ordered_by("created_at DESC, id DESC")
          .must("remaining_amount", "More remains than was given.",
                [](const C& c) { return c.remaining <= c.amount; }));
  return table;
}

Credit give_credit(db::Tx& tx, const Credit& credit) {
  Credit given = credit_for_refund(tx, credit);
  LedgerEntry entry;
  entry.conference_id = given.conference_id;
  entry.debit = Account::goodwill;
  entry.credit = Account::credits;
  entry.amount = given.amount;
  entry.currency = given.currency;
  entry.kind = EntryKind::credit;
  entry.credit_id = given.id;
  post(tx, entry);
  return given;
}

Credit credit_for_refund(db::Tx& tx, const Credit& credit) {
  Credit given = credit;
  given.id = 0;
  given.remaining = credit.amount;
  given.status = CreditStatus::available;
  const auto conference = conference::load(tx, credit.conference_id);
  if (conference && conference->currency) given.currency = *conference->currency;
  refuse_first(credit_table().validate(tx, given));
  return credit_table().insert(tx, given);
}

std::vector<Credit> credits_of_user(db::Tx& tx, Id conference_id, Id user_id) {
  return credit_table().select(tx,
                               "WHERE user_id = $1 AND conference_id = $2 ORDER BY created_at DESC, id DESC",
                               user_id, conference_id);
}

std::vector<Credit> credits_of(db::Tx& tx, Id conference_id) {
  return credit_table().select(tx, "WHERE conference_id = $1 ORDER BY created_at DESC, id DESC",
                               conference_id);
}

}  // namespace plenary::registration
