#include "domain/invoicing/entities.hpp"

#include "base/money.hpp"

namespace plenary::invoicing {

const db::Entity<Series>& series_table() {
  using S = Series;
  static const db::Entity<S> table(
      "invoice_series",
      {
          db::column("id", &S::id).generated_key(),
          db::column("seller_id", &S::seller_id).references("seller").fixed(),
          db::column("kind", &S::kind).choice("invoice", "Invoices").choice("credit_note", "Credit notes"),
          db::column("year", &S::year).help("0: the numbers go on for ever."),
          db::column("is_test", &S::is_test).label("Test"),
          db::column("last_number", &S::last_number).minimum(0).managed(),
      },
      db::Rules<S>()
          .titled("Invoice series", "Invoice series")
          .ordered_by("seller_id, kind, year")
          .unique({"seller_id", "kind", "year", "is_test"}));
  return table;
}

const db::Entity<Document>& document_table() {
  using D = Document;
  static const db::Entity<D> table(
      "invoice_document",
      {
          db::column("id", &D::id).generated_key(),
          db::column("seller_id", &D::seller_id).references("seller").fixed(),
          db::column("conference_id", &D::conference_id).references("conference").fixed(),
          db::column("order_id", &D::order_id).references("orders").fixed(),
          db::column("series_id", &D::series_id).references("invoice_series").fixed(),
          db::column("serial", &D::serial).minimum(1).fixed(),
          db::column("number", &D::number).required().fixed(),
          db::column("kind", &D::kind)
              .choice("invoice", "Invoice")
              .choice("credit_note", "Credit note")
              .fixed(),
          db::column("is_test", &D::is_test)
              .label("Test")
              .fixed()
              .help("Of an order paid with play money; it counts nowhere."),
          db::column("corrects_id", &D::corrects_id).references("invoice_document").label("Corrects").fixed(),
          db::column("issued_on", &D::issued_on).fixed(),
          db::column("issued_at", &D::issued_at).fixed(),
          db::column("language", &D::language).fixed(),
          db::column("currency", &D::currency).fixed(),
          db::column("net", &D::net).money().fixed(),
          db::column("tax", &D::tax).money().fixed(),
          db::column("gross", &D::gross).money().fixed().label("Total"),
          db::column("payment_method", &D::payment_method).fixed(),
          db::column("snapshot", &D::snapshot).fixed().help("Everything that is printed, as JSON."),
      },
      db::Rules<D>()
          .titled("Invoice", "Invoices and credit notes")
          .ordered_by("id DESC")
          .unique({"seller_id", "number"})
          .unique({"series_id", "serial"}));
  return table;
}

const db::Entity<LineRow>& line_table() {
  using L = LineRow;
  static const db::Entity<L> table(
      "invoice_line",
      {
          db::column("document_id", &L::document_id).references("invoice_document").key(),
          db::column("position", &L::position).key(),
          db::column("description", &L::description).fixed(),
          db::column("quantity", &L::quantity).fixed(),
          db::column("unit_price", &L::unit_price).money().fixed(),
          db::column("discount", &L::discount).money().fixed(),
          db::column("net", &L::net).money().fixed(),
          db::column("tax", &L::tax).money().fixed(),
          db::column("gross", &L::gross).money().fixed(),
          db::column("tax_rate", &L::tax_rate).fixed(),
          db::column("tax_category", &L::tax_category)
              .choices({"standard", "reduced", "zero", "exempt", "outside"})
              .fixed(),
          db::column("tax_country", &L::tax_country).fixed(),
          db::column("reverse_charge", &L::reverse_charge).fixed(),
          db::column("account", &L::account).fixed(),
      },
      db::Rules<L>().titled("Invoice line", "Invoice lines").ordered_by("document_id, position"));
  return table;
}

const db::Entity<CoverRow>& cover_table() {
  using C = CoverRow;
  static const db::Entity<C> table(
      "invoice_cover",
      {
          db::column("document_id", &C::document_id).references("invoice_document").key(),
          db::column("order_line_id", &C::order_line_id).references("order_line").key(),
          db::column("direction", &C::direction).fixed(),
      },
      db::Rules<C>()
          .titled("Invoiced order line", "Invoiced order lines")
          .ordered_by("document_id, order_line_id"));
  return table;
}

const db::Entity<StoredFile>& file_table() {
  using F = StoredFile;
  static const db::Entity<F> table(
      "invoice_file",
      {
          db::column("document_id", &F::document_id).references("invoice_document").key(),
          db::column("sha256", &F::sha256).required().label("SHA-256").fixed(),
          db::column("size", &F::size).help("Bytes.").fixed(),
          db::column("content", &F::content).help("The PDF in base64.").fixed(),
          db::column("stored_at", &F::stored_at).fixed(),
      },
      db::Rules<F>().titled("Invoice file", "Invoice files").ordered_by("document_id"));
  return table;
}

const db::Entity<Due>& due_table() {
  using D = Due;
  static const db::Entity<D> table(
      "invoice_due",
      {
          db::column("order_id", &D::order_id).references("orders", db::OnDelete::cascade).key(),
          db::column("conference_id", &D::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("due_at", &D::due_at),
          db::column("problem", &D::problem).help("Why nothing could be issued the last time."),
      },
      db::Rules<D>().titled("Document to issue", "Documents to issue").ordered_by("due_at, order_id"));
  return table;
}

const db::Entity<ExchangeRate>& exchange_rate_table() {
  using E = ExchangeRate;
  static const db::Entity<E> table(
      "exchange_rate",
      {
          db::column("id", &E::id).generated_key(),
          db::column("currency", &E::currency)
              .required()
              .max_length(3)
              .help("Of the conference's prices, such as USD."),
          db::column("base", &E::base)
              .required()
              .max_length(3)
              .label("Seller's currency")
              .help("Such as EUR."),
          db::column("valid_on", &E::valid_on).help("It holds from this day on, until a later one is here."),
          db::column("rate", &E::rate).help("What 1 of the first currency is worth in the second: 0.9213."),
          db::column("source", &E::source)
              .required()
              .max_length(100)
              .help("Who publishes it, as invoices name it: European Central Bank."),
          db::column("created_at", &E::created_at).created(),
          db::column("updated_at", &E::updated_at).updated(),
      },
      db::Rules<E>()
          .titled("Exchange rate", "Exchange rates")
          .ordered_by("valid_on DESC, id DESC")
          .unique({"currency", "base", "valid_on"}, "There is a rate of that day already.")
          .must("currency", "Write the three letters of a currency, such as USD.",
                [](const E& e) { return Currency::find(e.currency).has_value(); })
          .must("base", "Write the three letters of a currency, such as EUR.",
                [](const E& e) { return Currency::find(e.base).has_value(); })
          .must("rate", "A rate is above 0, with at most ten decimals.", [](const E& e) {
            return !e.rate.is_negative() && !e.rate.is_zero() && e.rate.fits_scale(10);
          }));
  return table;
}

}  // namespace plenary::invoicing
