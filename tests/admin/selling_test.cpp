// Taxes, sellers, variations and quotas in the data admin. source: taxes 25, 1 and 3; registration 20, 13 and
// D37.
#include <fmt/format.h>

#include "admin/form_reader.hpp"
#include "admin/groups.hpp"
#include "domain/registration/stock.hpp"

namespace plenary::admin::testing {
namespace {

const std::string tax_rules = "program_registration/taxrule";
const std::string quotas = "program_registration/quota";
const std::string variations = "program_registration/variation";
const std::string sellers = "program_conference/seller";
const std::string voucher_entity = "program_registration/voucher";

class SellingTest : public FormTest {
 protected:
  std::string conference() const { return std::to_string(conference_id()); }
  std::int64_t type_id() { return count("SELECT id FROM ticket_type WHERE slug = 'individual'"); }
};
ON_BOTH_ENGINES(SellingTest);

TEST_P(SellingTest, ATaxRuleHasItsCountriesOnItsPage) {
  Buyer root = superuser_browser();
  PageForm form = open_add(root, tax_rules);
  form.set("conference_id", conference()).set("name", "Online").set("rate", "19");
  form.set("place_of_supply", "customer");
  form.set("tax_rule_country-0-country", "FR").set("tax_rule_country-0-rate", "20");
  ASSERT_EQ(send_add(root, tax_rules, form).status, 303);
  EXPECT_EQ(text("SELECT slug FROM tax_rule"), "online");
  EXPECT_EQ(text("SELECT country || ' ' || rate FROM tax_rule_country"), "FR 20");
  const std::int64_t id = count("SELECT id FROM tax_rule");
  PageForm change = open_change(root, tax_rules, id);
  change.set("rate", "119");
  EXPECT_EQ(send_change(root, tax_rules, id, change).status, 422);
  // A product names it, and then it stays.
  PageForm product = open_change(root, ticket_types, type_id());
  product.set("tax_rule_id", std::to_string(id));
  ASSERT_EQ(send_change(root, ticket_types, type_id(), product).status, 303);
  EXPECT_EQ(count("SELECT tax_rule_id FROM ticket_type WHERE slug = 'individual'"), id);
  EXPECT_EQ(root.post(address(tax_rules, id, "delete"), {{"touches", ""}}).status, 409);
}

TEST_P(SellingTest, VariationsAreEditedOnTheirProductsPage) {
  Buyer root = superuser_browser();
  PageForm form = open_change(root, ticket_types, type_id());
  form.set("variation-0-name", "Friday").set("variation-0-total_quantity", "3");
  ASSERT_EQ(send_change(root, ticket_types, type_id(), form).status, 303);
  EXPECT_EQ(text("SELECT slug FROM variation"), "friday");
  EXPECT_EQ(count("SELECT conference_id FROM variation"), conference_id());
  EXPECT_EQ(count("SELECT capacity FROM stock WHERE kind = 'variation'"), 3);
  // Also those of a product that is only made now.
  PageForm addon = open_add(root, addons);
  addon.set("conference_id", conference()).set("name", "Shirt XL").set("price", "10");
  addon.set("variation-0-name", "Blue");
  ASSERT_EQ(send_add(root, addons, addon).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM variation v JOIN addon a ON a.id = v.addon_id WHERE v.slug = 'blue'"),
            1);
  EXPECT_EQ(root.get("/admin/program_registration/variation/").status, 200);
  // Fewer than are sold or held cannot be offered.
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE stock SET sold = 2 WHERE kind = 'variation' AND capacity = 3");
  });
  const std::int64_t friday = count("SELECT id FROM variation WHERE slug = 'friday'");
  PageForm less = open_change(root, variations, friday);
  less.set("total_quantity", "1");
  const HttpResponse refused = send_change(root, variations, friday, less);
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "2 are sold"));
  write([&](db::Tx& tx) { return tx.exec("UPDATE stock SET sold = 0 WHERE kind = 'variation'"); });
}

TEST_P(SellingTest, AQuotaCountsWhatItsProductsSoldBefore) {
  Buyer root = superuser_browser();
  Buyer guest = buyer();
  guest.add("individual", "2");
  PageForm form = open_add(root, quotas);
  form.set("conference_id", conference()).set("name", "Hall").set("size", "10");
  form.add("ticket_types", std::to_string(type_id()));
  ASSERT_EQ(send_add(root, quotas, form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM quota_ticket_type"), 1);
  EXPECT_EQ(count("SELECT held FROM stock WHERE kind = 'quota'"), 2);
  EXPECT_EQ(stock_faults(), "");
  const HttpResponse list = root.get("/admin/program_registration/quota/");
  EXPECT_TRUE(contains(list, "Hall"));
}

TEST_P(SellingTest, ASellersPrefixesAreItsOwn) {
  Buyer root = superuser_browser();
  PageForm form = open_add(root, sellers);
  form.set("name", "Verein").set("country", "DE").set("invoice_prefix", "V-").set("credit_note_prefix", "V-");
  EXPECT_EQ(send_add(root, sellers, form).status, 422);
  form.set("credit_note_prefix", "VC-");
  ASSERT_EQ(send_add(root, sellers, form).status, 303);
  const std::int64_t id = count("SELECT id FROM seller");
  const std::int64_t version = count("SELECT catalogue_version FROM conference");
  write([&](db::Tx& tx) { return tx.exec("UPDATE conference SET seller_id = $1", id); });
  PageForm change = open_change(root, sellers, id);
  change.set("city", "Berlin");
  ASSERT_EQ(send_change(root, sellers, id, change).status, 303);
  EXPECT_GT(count("SELECT catalogue_version FROM conference"), version);
  EXPECT_EQ(root.post(address(sellers, id, "delete"), {{"touches", ""}}).status, 409);
}

TEST_P(SellingTest, AVoucherTellsHowOftenItWasUsed) {
  Buyer root = superuser_browser();
  PageForm form = open_add(root, voucher_entity);
  form.set("conference_id", conference())
      .set("code", "half")
      .set("voucher_type", "percentage")
      .set("percent", "50");
  form.set("max_uses", "0");
  const HttpResponse none = send_add(root, voucher_entity, form);
  EXPECT_EQ(none.status, 422);
  EXPECT_TRUE(contains(none, "Maximum uses must be between 1 and"));
  form.set("max_uses", "7").set("budget", "100");
  ASSERT_EQ(send_add(root, voucher_entity, form).status, 303);
  const std::int64_t id = count("SELECT id FROM voucher");
  const HttpResponse shown = root.get(address(voucher_entity, id, "change"));
  EXPECT_TRUE(contains(shown, "0 / 7"));
  const std::size_t link = shown.body.find("/fair/register/?voucher=HALF</a>");
  ASSERT_NE(link, std::string::npos) << shown.body;
  EXPECT_EQ(shown.body.compare(shown.body.rfind('>', link) + 1, 4, "http"), 0) << "the whole address";
  write([&](db::Tx& tx) {
    return registration::ensure_stock(tx, conference_id(), registration::StockKind::voucher, id, 7);
  });
  write([&](db::Tx& tx) { return tx.exec("UPDATE stock SET held = 2 WHERE kind = 'voucher'"); });
  EXPECT_TRUE(contains(root.get(address(voucher_entity, id, "change")), "2 / 7"));
  write([&](db::Tx& tx) { return tx.exec("UPDATE stock SET held = 0 WHERE kind = 'voucher'"); });
}

class SellersRights : public GroupsTest {};
ON_BOTH_ENGINES(SellersRights);

TEST_P(SellersRights, WhoseConferencesAreOthersTooIsNotChangedByOne) {
  const std::int64_t id = db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    tx.exec(
        "INSERT INTO seller (name, invoice_prefix, credit_note_prefix, created_at, updated_at) VALUES "
        "('Verein', "
        "'A-', 'B-', 0, 0)");
    const auto seller = tx.one<std::int64_t>("SELECT id FROM seller");
    tx.exec("UPDATE conference SET seller_id = $1 WHERE id = $2", seller, conference_id());
    return seller;
  });
  Buyer who = colleague("organizer@example.org", "Conference Organizer");
  const std::string path = address(sellers, id, "change");
  PageForm form(who.get(path), path);
  form.set("city", "Bremen");
  EXPECT_EQ(who.post(path, form.fields()).status, 303);
  db().write_now(db::global_lane, "test",
                 [&](db::Tx& tx) { return tx.exec("UPDATE conference SET seller_id = $1", id); });
  PageForm again(who.get(path), path);
  again.set("city", "Hamburg");
  const HttpResponse refused = who.post(path, again.fields());
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "other conferences too"));
  EXPECT_EQ(count("SELECT count(*) FROM seller WHERE city = 'Bremen'"), 1);
}

}  // namespace
}  // namespace plenary::admin::testing
