#include "domain/registration/payment_setup.hpp"

#include "base/iban.hpp"

namespace plenary::registration {
namespace {

bool is_fee_percent(const Decimal& percent) {
  return !percent.is_negative() && percent <= Decimal(25) && percent.fits_scale(2);
}

}  // namespace

const db::Entity<PaymentSetup>& payment_setup_table() {
  using S = PaymentSetup;
  static const db::Entity<S> table(
      "payment_setup",
      {
          db::column("id", &S::id).generated_key(),
          db::column("conference_id", &S::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("offers_card", &S::offers_card)
              .label("Card")
              .help("Where the keys of the card provider are complete."),
          db::column("offers_transfer", &S::offers_transfer)
              .label("Bank transfer")
              .help("Unpaid orders keep their places until the money's term is over."),
          db::column("offers_credit", &S::offers_credit)
              .label("Store credit")
              .help("Buyers spend the credits of their account."),
          db::column("account_holder", &S::account_holder).max_length(70),
          db::column("iban", &S::iban).max_length(42).label("IBAN"),
          db::column("bic", &S::bic).max_length(14).label("BIC").help("Banks outside the EU ask for it."),
          db::column("bank_name", &S::bank_name).max_length(200).label("Bank"),
          db::column("instructions", &S::instructions)
              .max_length(2000)
              .format(db::TextFormat::paragraph)
              .help("What payers need beside: of an account without an IBAN, its numbers."),
          db::column("term_days", &S::term_days)
              .minimum(1)
              .maximum(90)
              .label("Term in days")
              .help("How long a transfer may take. The places of the order are kept until then."),
          db::column("ends_days_before", &S::ends_days_before)
              .minimum(0)
              .maximum(90)
              .label("Ends days before")
              .help("No term ends later than so many days before the conference begins; bank transfer is "
                    "not offered any more when its whole term no longer fits."),
          db::column("reminder_days", &S::reminder_days)
              .minimum(0)
              .maximum(89)
              .label("Reminder days before")
              .help("A mail so many days before the term ends. 0: none."),
          db::column("card_fee_amount", &S::card_fee_amount)
              .money()
              .minimum(0)
              .label("Card fee")
              .help("Added to an order that is paid by card. Within the EU, consumers may not be charged for "
                    "the usual cards."),
          db::column("card_fee_percent", &S::card_fee_percent)
              .label("Card fee, percent")
              .help("Of what is paid by card, beside the fixed fee."),
          db::column("transfer_fee_amount", &S::transfer_fee_amount)
              .money()
              .minimum(0)
              .label("Bank transfer fee")
              .help("Added to an order that is paid by bank transfer."),
          db::column("transfer_fee_percent", &S::transfer_fee_percent)
              .label("Bank transfer fee, percent")
              .help("Of what is paid by transfer, beside the fixed fee."),
          db::column("fee_tax_rule_id", &S::fee_tax_rule_id)
              .references("tax_rule", db::OnDelete::set_null)
              .label("Tax of the fees")
              .help("Empty: the fees are not taxed."),
          db::column("version", &S::version).version(),
          db::column("created_at", &S::created_at).created(),
          db::column("updated_at", &S::updated_at).updated(),
      },
      db::Rules<S>()
          .titled("Payment set-up", "Payment set-ups")
          .ordered_by("conference_id")
          .unique({"conference_id"}, "This conference has its payment set-up already.")
          .in_catalogue("conference_id")
          .must(
              "iban",
              "This is no IBAN: a digit is wrong or missing. It begins with two letters and two digits, such "
              "as DE89 3704 0044 0532 0130 00.",
              [](const S& s) { return s.iban.empty() || is_iban(normal_iban(s.iban)); })
          .must("bic", "A BIC has 8 or 11 letters and digits, such as COBADEFFXXX.",
                [](const S& s) { return s.bic.empty() || is_bic(normal_iban(s.bic)); })
          .must("account_holder", "Bank transfers need the name of the account's holder.",
                [](const S& s) { return !s.offers_transfer || !s.account_holder.empty(); })
          .must(
              "iban",
              "Bank transfers need an account: its IBAN, or its numbers among the instructions where it has "
              "none.",
              [](const S& s) { return !s.offers_transfer || !s.iban.empty() || !s.instructions.empty(); })
          .must("card_fee_percent", "A fee is between 0 and 25 percent, with at most two decimals.",
                [](const S& s) { return is_fee_percent(s.card_fee_percent); })
          .must("transfer_fee_percent", "A fee is between 0 and 25 percent, with at most two decimals.",
                [](const S& s) { return is_fee_percent(s.transfer_fee_percent); })
          .must("reminder_days", "A reminder comes after the order: less days than the term has.",
                [](const S& s) { return s.reminder_days < s.term_days; }));
  return table;
}

PaymentSetup normal_payment_setup(PaymentSetup setup) {
  setup.iban = normal_iban(setup.iban);
  setup.bic = normal_iban(setup.bic);
  return setup;
}

PaymentSetup payment_setup_of(db::Tx& tx, Id conference_id) {
  if (auto own = payment_setup_table().maybe(tx, "WHERE conference_id = $1", conference_id)) return *own;
  PaymentSetup usual;
  usual.conference_id = conference_id;
  return usual;
}

std::vector<db::FieldError> check_payment_setup(PaymentSetup setup) {
  return payment_setup_table().validate(normal_payment_setup(std::move(setup)));
}

std::optional<PaymentSetup> save_payment_setup(db::Tx& tx, PaymentSetup setup) {
  setup = normal_payment_setup(std::move(setup));
  const PaymentSetup now = payment_setup_of(tx, setup.conference_id);
  if (setup.id != now.id) return std::nullopt;  // made, or removed, meanwhile
  refuse_first(payment_setup_table().validate(tx, setup));
  if (setup.id == 0) return payment_setup_table().insert(tx, setup);
  return payment_setup_table().update(tx, setup);
}

}  // namespace plenary::registration
