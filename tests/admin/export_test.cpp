// A list as a file: the same rows and columns in three formats, and nothing in it that calculates. source:
// docs/design.md, section 6.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "admin/back_office.hpp"
#include "admin/export_formats.hpp"
#include "base/csv.hpp"
#include "domain/conference/audit.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::admin::testing {
namespace {

const std::string types = "/admin/program_registration/tickettype/";

class ExportTest : public AdminTest {
 protected:
  void rename(const std::string& slug, const std::string& name) {
    write([&](db::Tx& tx) {
      auto type = registration::find_ticket_type(tx, conference_id(), slug).value();
      type.name = name;
      registration::save(tx, type);
    });
  }
};
ON_BOTH_ENGINES(ExportTest);

TEST_P(ExportTest, CsvHasTheListsColumnsFiltersAndOrder) {
  Buyer root = superuser_browser();
  rename("free", "Free, \"open\"");
  const HttpResponse file = root.get(types + "export/?format=csv&o=-name&requires_voucher=no");
  ASSERT_EQ(file.status, 200);
  EXPECT_EQ(file.header("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_EQ(file.header("Content-Disposition").rfind("attachment; filename=\"tickettype-20", 0), 0u);
  EXPECT_EQ(file.body.rfind("ID,Name,Conference,Price,Total quantity,", 0), 0u) << file.body;
  EXPECT_EQ(std::count(file.body.begin(), file.body.end(), '\n'), 4);
  EXPECT_TRUE(contains(file, ",Ticket individual,Fair,100.00,5,yes,no,0,USD\r\n")) << file.body;
  EXPECT_TRUE(contains(file, ",\"Free, \"\"open\"\"\",Fair,0.00,"));
  EXPECT_LT(file.body.find("Ticket student"), file.body.find("Ticket individual"));
  EXPECT_FALSE(contains(file, "hidden"));
  EXPECT_EQ(root.get(types + "export/?format=csv&bom=1").body.rfind("\xEF\xBB\xBFID,", 0), 0u);
}

TEST_P(ExportTest, NothingCalculatesInASpreadsheet) {
  Buyer root = superuser_browser();
  rename("free", "=1+1");
  rename("student", "  @SUM(A1)");
  rename("hidden", "+49 30 1234");
  const HttpResponse file = root.get(types + "export/?format=csv");
  EXPECT_TRUE(contains(file, ",'=1+1,"));
  EXPECT_TRUE(contains(file, ",\"'  @SUM(A1)\",") || contains(file, ",'  @SUM(A1),")) << file.body;
  EXPECT_TRUE(contains(file, ",'+49 30 1234,"));
}

TEST(ExportFormats, FormulasAreRecognisedByTheirBeginning) {
  for (const char* text : {"=1", "+1", "-1", "@a", "\ta", "\ra", "\na", " =1", "   -1"})
    EXPECT_EQ(without_formula(text), std::string("'") + text);
  for (const char* text : {"", " ", "a=1", "1-1", "'=1", "a@b.example"})
    EXPECT_EQ(without_formula(text), text);
}

TEST(ExportFormats, FieldsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv_field("two\r\nlines"), "\"two\r\nlines\"");
  EXPECT_EQ(csv_field(" blank "), "\" blank \"");
}

TEST_P(ExportTest, JsonHasIdsAndPlainValues) {
  Buyer root = superuser_browser();
  const HttpResponse file = root.get(types + "export/?format=json&q=individual");
  EXPECT_EQ(file.header("Content-Type"), "application/json");
  const auto rows = nlohmann::json::parse(file.body);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]["name"], "Ticket individual");
  EXPECT_EQ(rows[0]["price"], "100.00");
  EXPECT_EQ(rows[0]["currency"], "USD");
  EXPECT_EQ(rows[0]["is_active"], true);
  EXPECT_EQ(rows[0]["conference_id"]["id"], std::to_string(conference_id()));
  EXPECT_EQ(rows[0]["conference_id"]["name"], "Fair");
  EXPECT_TRUE(rows[0]["id"].is_number_integer());
  EXPECT_EQ(root.get(types + "export/?format=json&q=nothing+at+all").body, "[]\n");
}

TEST_P(ExportTest, XlsxIsAWorkbook) {
  Buyer root = superuser_browser();
  rename("free", "=1+1");
  const HttpResponse file = root.get(types + "export/?format=xlsx");
  EXPECT_EQ(file.header("Content-Type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
  EXPECT_EQ(file.body.substr(0, 4), "PK\x03\x04");
  EXPECT_GT(file.body.size(), 2000u);
}

TEST_P(ExportTest, MomentsSayTheirZone) {
  Buyer root = superuser_browser();
  const Instant before = clock().now();
  clock().set(*Instant::parse("2027-07-01T20:30:00Z"));
  write([&](db::Tx& tx) {
    conference::record(tx, {std::nullopt, "command", "command"}, conference::AuditAction::change,
                       {conference_id(), "section", "1", "Talks", 1});
  });
  clock().set(before);
  const std::string changes = "/admin/operation/change/export/?format=";
  EXPECT_TRUE(contains(root.get(changes + "csv"), "2027-07-01 22:30:00+02:00"));
  EXPECT_TRUE(contains(root.get(changes + "csv"), "Europe/Berlin"));
  EXPECT_EQ(nlohmann::json::parse(root.get(changes + "json").body)[0]["created_at"], "2027-07-01T20:30:00Z");
}

// The list has no room for it; its page shows it.
TEST_P(ExportTest, VouchersBringTheirLinks) {
  Buyer root = superuser_browser();
  write([&](db::Tx& tx) {
    registration::Voucher voucher;
    voucher.conference_id = conference_id();
    voucher.code = "FRIENDS";
    return registration::save(tx, voucher);
  });
  const std::string vouchers = "/admin/program_registration/voucher/";
  const HttpResponse file = root.get(vouchers + "export/?format=csv");
  ASSERT_EQ(file.status, 200);
  const std::string head = file.body.substr(0, file.body.find("\r\n"));
  EXPECT_TRUE(head.ends_with(",Link that puts the code into the cart,Currency")) << head;
  EXPECT_TRUE(contains(file, ",http://127.0.0.1:8000/fair/register/?voucher=FRIENDS,USD\r\n")) << file.body;
  const auto rows = nlohmann::json::parse(root.get(vouchers + "export/?format=json").body);
  EXPECT_EQ(rows.at(0).at("link"), "http://127.0.0.1:8000/fair/register/?voucher=FRIENDS");
  EXPECT_FALSE(contains(root.get(vouchers), "?voucher=FRIENDS"));
}

TEST_P(ExportTest, OtherFormatsAndOtherPeopleGetNothing) {
  Buyer root = superuser_browser();
  EXPECT_EQ(root.get(types + "export/?format=exe").status, 404);
  Buyer nobody = buyer();
  EXPECT_EQ(nobody.get(types + "export/?format=csv").status, 303);
  person("ada@example.org");
  sign_in(nobody, "ada@example.org");
  EXPECT_EQ(nobody.get(types + "export/?format=csv").status, 404);
}

}  // namespace
}  // namespace plenary::admin::testing
