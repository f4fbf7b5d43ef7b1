// The confirmation of a paid order brings its invoice, when the seller invoices at payment.
#include "domain/conference/conferences.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/invoicing/documents.hpp"
#include "mail/post_office.hpp"

namespace plenary::mail::testing {
namespace {

using ::testing::SizeIs;

class InvoiceAttached : public PostOffice {
 protected:
  void sell(const std::string& currency) {
    auto save = [&](db::Tx& tx) {
      conference::Seller seller;
      seller.name = "Python Community e. V.";
      seller.country = "DE";
      seller.currency = currency;
      seller.invoice_prefix = "PY27-";
      seller.credit_note_prefix = "PY27-C-";
      conference::Conference fair = conference::load(tx, conference_id()).value();
      fair.seller_id = conference::save(tx, seller);
      return conference::update(tx, fair);
    };
    EXPECT_TRUE(db().write_now(db::global_lane, "seller", save));
  }
  std::string currency() {
    return db().read_now([&](db::Tx& tx) { return tx.one<std::string>("SELECT MIN(currency) FROM orders"); });
  }
};
ON_BOTH_ENGINES(InvoiceAttached);

TEST_P(InvoiceAttached, ToTheConfirmation) {
  serve({});
  const auto id = order();
  sell(currency());
  pay(id);
  deliver();
  const auto received = mails();
  ASSERT_THAT(received, SizeIs(1));
  const net::MailPart* file = received[0].part("application/pdf");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->filename, "TEST-PY27-00001.pdf");
  EXPECT_TRUE(file->bytes.starts_with("%PDF-"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_document"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_due"), 0);
}

TEST_P(InvoiceAttached, WithoutOneTheConfirmationGoesAllTheSame) {
  serve({});
  const auto id = order();
  sell("CHF");  // and there is no rate
  write([&](db::Tx& tx) { return tx.exec("UPDATE order_line SET tax = 100, net = gross - 100"); });
  pay(id);
  deliver();
  const auto received = mails();
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].part("application/pdf"), nullptr);
  EXPECT_NE(received[0].part("text/calendar"), nullptr);
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_due WHERE problem <> ''"), 1);
}

}  // namespace
}  // namespace plenary::mail::testing
