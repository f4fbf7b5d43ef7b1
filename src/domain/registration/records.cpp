#include "domain/registration/records.hpp"

namespace plenary::registration {

const db::Entity<OrderRow>& order_table() {
  using O = OrderRow;
  static const db::Entity<O> table(
      "orders",
      {
          db::column("id", &O::id).generated_key(),
          db::column("conference_id", &O::conference_id).references("conference").fixed().read_only(),
          db::column("reference", &O::reference).required().max_length(100).fixed().read_only(),
          db::column("status", &O::status)
              .choices({"pending", "paid", "refunded", "partially_refunded", "cancelled"})
              .read_only()
              .help("Changed by paying, cancelling and refunding."),
          db::column("user_id", &O::user_id)
              .references("user_account")
              .read_only()
              .label("Account")
              .help("Empty: sold at the desk to somebody unknown."),
          db::column("cart_id", &O::cart_id).references("cart", db::OnDelete::set_null).fixed().read_only(),
          db::column("session_hash", &O::session_hash).secret().read_only().label("Session"),
          db::column("secret_token_hash", &O::secret_token_hash).secret().read_only().label("Secret link"),
          db::column("link_version", &O::link_version)
              .read_only()
              .help("Which of its links is the valid one."),
          db::column("currency", &O::currency).max_length(3).fixed().read_only(),
          db::column("subtotal", &O::subtotal).money().minimum(0).read_only(),
          db::column("discount_amount", &O::discount_amount).money().minimum(0).read_only().label("Discount"),
          db::column("tax", &O::tax).money().read_only(),
          db::column("total", &O::total).money().minimum(0).read_only(),
          db::column("voucher_id", &O::voucher_id).fixed().read_only(),
          db::column("voucher_code", &O::voucher_code).max_length(100).fixed().read_only(),
          db::column("voucher_details", &O::voucher_details).fixed().read_only(),
          db::column("billing_is_business", &O::billing_is_business).label("Business"),
          db::column("billing_name", &O::billing_name).max_length(200).personal(),
          db::column("billing_email", &O::billing_email)
              .max_length(254)
              .format(db::TextFormat::email)
              .personal()
              .read_only()
              .help("Changed by sending a new link, which voids the old one."),
          db::column("email_normalized", &O::email_normalized)
              .max_length(254)
              .personal()
              .read_only()
              .label("Address for limits"),
          db::column("billing_company", &O::billing_company).max_length(200),
          db::column("billing_street", &O::billing_street).max_length(300).personal(),
          db::column("billing_postcode", &O::billing_postcode).max_length(20).personal(),
          db::column("billing_city", &O::billing_city).max_length(200).personal(),
          db::column("billing_region", &O::billing_region).max_length(200),
          db::column("billing_country", &O::billing_country).max_length(2),
          db::column("billing_vat_id", &O::billing_vat_id).max_length(50).label("VAT number"),
          db::column("billing_reference", &O::billing_reference).max_length(200).label("Buyer's reference"),
          db::column("vat_check_id", &O::vat_check_id).references("vat_check").read_only().label("VAT check"),
          db::column("vat_confirmed", &O::vat_confirmed)
              .read_only()
              .label("VAT number confirmed")
              .help("By the service of the tax authorities, when the order was made."),
          db::column("language", &O::language).max_length(35).help("Of the buyer, for mail and documents."),
          db::column("utm_source", &O::utm_source).max_length(200).read_only().label("Campaign source"),
          db::column("utm_medium", &O::utm_medium).max_length(200).read_only().label("Campaign medium"),
          db::column("utm_campaign", &O::utm_campaign).max_length(200).read_only().label("Campaign"),
          db::column("is_sandbox", &O::is_sandbox)
              .fixed()
              .read_only()
              .label("Sandbox")
              .help("Paid with test cards: it counts in no report of real money."),
          db::column("attention", &O::attention)
              .read_only()
              .help("Why somebody should look at it. Empty: no reason."),
          db::column("comment", &O::comment)
              .max_length(5000)
              .format(db::TextFormat::paragraph)
              .help("For the organisers only."),
          db::column("mail_problem", &O::mail_problem)
              .read_only()
              .help("Why mail did not arrive. Empty: no problem known."),
          db::column("hold_expires_at", &O::hold_expires_at).read_only().label("Held until"),
          db::column("hold_extended_at", &O::hold_extended_at).read_only(),
          db::column("paid_at", &O::paid_at).read_only(),
          db::column("cancelled_at", &O::cancelled_at).read_only(),
          db::column("version", &O::version).version(),
          db::column("created_at", &O::created_at).created(),
          db::column("updated_at", &O::updated_at).updated(),
      },
      db::Rules<O>()
          .titled("Order", "Orders")
          .ordered_by("created_at DESC, id DESC")
          .unique({"reference"}, "Another order has this reference.")
          .unique({"secret_token_hash"})
          .unique({"cart_id"}));
  return table;
}

const db::Entity<OrderLineRow>& order_line_table() {
  using L = OrderLineRow;
  static const db::Entity<L> table(
      "order_line",
      {
          db::column("id", &L::id).generated_key(),
          db::column("order_id", &L::order_id)
              .references("orders", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("kind", &L::kind)
              .choice("ticket", "Ticket")
              .choice("addon", "Add-on")
              .choice("fee", "Fee")
              .fixed()
              .read_only(),
          db::column("ticket_type_id", &L::ticket_type_id)
              .references("ticket_type", db::OnDelete::set_null)
              .fixed()
              .read_only(),
          db::column("addon_id", &L::addon_id)
              .references("addon", db::OnDelete::set_null)
              .fixed()
              .read_only()
              .label("Add-on"),
          db::column("variation_id", &L::variation_id)
              .references("variation", db::OnDelete::set_null)
              .fixed()
              .read_only(),
          db::column("description", &L::description).fixed().read_only(),
          db::column("quantity", &L::quantity)
              .fixed()
              .read_only()
              .help("Below zero: units of an earlier line that were taken back."),
          db::column("unit_price", &L::unit_price).money().fixed().read_only(),
          db::column("condition_id", &L::condition_id).fixed().read_only().label("Discount rule"),
          db::column("condition_name", &L::condition_name).fixed().read_only().label("Discount"),
          db::column("condition_discount", &L::condition_discount).money().fixed().read_only(),
          db::column("condition_units", &L::condition_units).fixed().read_only().label("Discounted units"),
          db::column("voucher_discount", &L::voucher_discount).money().fixed().read_only(),
          db::column("line_total", &L::line_total)
              .money()
              .fixed()
              .read_only()
              .label("Total")
              .help("Quantity times price, less both discounts."),
          db::column("gross", &L::gross).money().fixed().read_only(),
          db::column("net", &L::net).money().fixed().read_only(),
          db::column("tax", &L::tax).money().fixed().read_only(),
          db::column("tax_rate", &L::tax_rate).fixed().read_only().help("Percent."),
          db::column("tax_category", &L::tax_category)
              .choice("standard", "Standard rate")
              .choice("reduced", "Reduced rate")
              .choice("zero", "Zero rate")
              .choice("exempt", "Exempt")
              .choice("outside", "Outside the scope of tax")
              .fixed()
              .read_only(),
          db::column("tax_inclusive", &L::tax_inclusive).fixed().read_only().label("Tax is in the price"),
          db::column("tax_rule_id", &L::tax_rule_id).fixed().read_only().label("Tax rule"),
          db::column("tax_rule_version", &L::tax_rule_version).fixed().read_only(),
          db::column("tax_country", &L::tax_country)
              .fixed()
              .read_only()
              .help("Whose rate it is. Empty: none applies."),
          db::column("reverse_charge", &L::reverse_charge).fixed().read_only(),
          db::column("tax_text", &L::tax_text).fixed().read_only().help("What the law wants printed."),
          db::column("reverses_line_id", &L::reverses_line_id)
              .references("order_line")
              .fixed()
              .read_only()
              .label("Takes back")
              .help("The line that this one takes back, whole or in part."),
          db::column("replaces_line_id", &L::replaces_line_id).fixed().read_only().label("Replaces line"),
          db::column("created_at", &L::created_at).fixed().read_only().help("Of a line added later."),
      },
      db::Rules<L>().titled("Order line", "Order lines").ordered_by("order_id, id"));
  return table;
}

const db::Entity<PaymentRow>& payment_table() {
  using P = PaymentRow;
  static const db::Entity<P> table(
      "payment",
      {
          db::column("id", &P::id).generated_key(),
          db::column("order_id", &P::order_id).references("orders").fixed().read_only(),
          db::column("conference_id", &P::conference_id).references("conference").fixed().read_only(),
          db::column("method", &P::method)
              .choice("stripe", "Stripe")
              .choice("terminal", "Card terminal")
              .choice("comp", "Complimentary")
              .choice("credit", "Store credit")
              .choice("manual", "Manual")
              .choice("sandbox", "Sandbox")
              .fixed()
              .read_only(),
          db::column("status", &P::status)
              .choices({"pending", "processing", "succeeded", "failed", "refunded"})
              .read_only(),
          db::column("amount", &P::amount).money().minimum(0).fixed().read_only(),
          db::column("change_id", &P::change_id)
              .references("order_change")
              .fixed()
              .read_only()
              .label("For the change"),
          db::column("currency", &P::currency).max_length(3).fixed().read_only(),
          db::column("intent_id", &P::intent_id).read_only().label("Intent"),
          db::column("charge_id", &P::charge_id).read_only().label("Charge"),
          db::column("gateway_reference", &P::gateway_reference).read_only().label("Provider's reference"),
          db::column("reference", &P::reference)
              .read_only()
              .label("Reference number")
              .help("Number of the receipt or transfer."),
          db::column("note", &P::note).read_only(),
          db::column("failure", &P::failure).read_only().help("Why it failed."),
          db::column("created_by", &P::created_by)
              .references("user_account", db::OnDelete::set_null)
              .fixed()
              .read_only()
              .label("Recorded by"),
          db::column("channel", &P::channel)
              .choice("", "")
              .choice("transfer", "Bank transfer")
              .choice("cash", "Cash")
              .choice("cheque", "Cheque")
              .choice("card", "Card reader")
              .fixed()
              .read_only()
              .help("How a manual payment came."),
          db::column("credit_id", &P::credit_id)
              .references("credit")
              .fixed()
              .read_only()
              .label("Store credit")
              .help("Which one was spent."),
          db::column("fee_amount", &P::fee_amount)
              .money()
              .read_only()
              .label("Fee")
              .help("What the provider kept of it. Empty: not known."),
          db::column("fee_currency", &P::fee_currency)
              .max_length(3)
              .read_only()
              .help("In which the fee was kept. Empty: the payment's."),
          db::column("card_brand", &P::card_brand).max_length(50).read_only().label("Card"),
          db::column("card_last4", &P::card_last4).max_length(4).read_only().label("Last four digits"),
          db::column("disputed", &P::disputed)
              .money()
              .minimum(0)
              .read_only()
              .help("Held back or lost in disputes: it cannot be refunded."),
          db::column("received_on", &P::received_on).fixed().read_only().help("Of a manual payment."),
          db::column("payer_name", &P::payer_name)
              .max_length(200)
              .personal()
              .read_only()
              .label("Payer")
              .help("Of a transfer: whose account it came from."),
          db::column("payer_iban", &P::payer_iban)
              .max_length(50)
              .personal()
              .read_only()
              .label("Payer's account"),
          db::column("created_at", &P::created_at).created(),
          db::column("updated_at", &P::updated_at).updated(),
      },
      db::Rules<P>()
          .titled("Payment", "Payments")
          .ordered_by("created_at DESC, id DESC")
          .unique({"intent_id"}, "Another payment has this intent."));
  return table;
}

const db::Entity<OrderEventRow>& order_event_table() {
  using E = OrderEventRow;
  static const db::Entity<E> table(
      "order_event",
      {
          db::column("id", &E::id).generated_key(),
          db::column("order_id", &E::order_id)
              .references("orders", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("created_at", &E::created_at).created(),
          db::column("from_status", &E::from_status)
              .fixed()
              .read_only()
              .choices({"pending", "paid", "refunded", "partially_refunded", "cancelled"})
              .label("From")
              .help("Empty: the order was made."),
          db::column("to_status", &E::to_status)
              .fixed()
              .read_only()
              .choices({"pending", "paid", "refunded", "partially_refunded", "cancelled"})
              .label("To"),
          db::column("source", &E::source).fixed().read_only().help("Where it came from: checkout, sweep, …"),
          db::column("actor", &E::actor).fixed().read_only().personal().label("Who"),
          db::column("reason", &E::reason).fixed().read_only(),
      },
      db::Rules<E>().titled("Order event", "Order events").ordered_by("order_id, id"));
  return table;
}

const db::Entity<SeatRow>& seat_table() {
  using S = SeatRow;
  static const db::Entity<S> table(
      "seat",
      {
          db::column("id", &S::id).generated_key(),
          db::column("order_id", &S::order_id)
              .references("orders", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("order_line_id", &S::order_line_id)
              .references("order_line", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("conference_id", &S::conference_id).references("conference").fixed().read_only(),
          db::column("ticket_type_id", &S::ticket_type_id)
              .references("ticket_type", db::OnDelete::set_null)
              .fixed()
              .read_only(),
          db::column("position", &S::position).minimum(1).fixed().read_only().help("Of its order's seats."),
          db::column("access_code", &S::access_code).required().max_length(20).read_only(),
          db::column("name", &S::name)
              .max_length(200)
              .personal()
              .read_only()
              .help("Empty: nobody is named yet. The buyer names the holders."),
          db::column("email", &S::email).max_length(254).format(db::TextFormat::email).personal().read_only(),
          db::column("email_normalized", &S::email_normalized)
              .max_length(254)
              .personal()
              .read_only()
              .label("Address for look-ups"),
          db::column("user_id", &S::user_id)
              .references("user_account", db::OnDelete::set_null)
              .read_only()
              .label("Account"),
          db::column("status", &S::status)
              .choices({"active", "void"})
              .read_only()
              .help("Void: it opens no door."),
          db::column("link_version", &S::link_version)
              .read_only()
              .help("Which of its links is the valid one."),
          db::column("language", &S::language).max_length(35).read_only(),
          db::column("mail_problem", &S::mail_problem)
              .read_only()
              .help("Why mail did not arrive. Empty: no problem known."),
          db::column("invited_at", &S::invited_at).read_only(),
          db::column("confirmed_at", &S::confirmed_at)
              .read_only()
              .label("Registration completed")
              .help("When the holder named themselves."),
          db::column("checked_in_at", &S::checked_in_at).read_only().label("Checked in"),
          db::column("created_at", &S::created_at).created(),
          db::column("updated_at", &S::updated_at).updated(),
      },
      db::Rules<S>()
          .titled("Attendee", "Attendees")
          .ordered_by("created_at DESC, id DESC")
          .unique({"order_id", "position"})
          .unique({"access_code"}, "Another attendee has this access code."));
  return table;
}

}  // namespace plenary::registration
