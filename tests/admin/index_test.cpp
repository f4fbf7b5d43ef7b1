// The first page of the administration, for each kind of person. source: configuration 10, 5.
#include <gtest/gtest.h>

#include "admin/back_office.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::admin::testing {
namespace {

class IndexTest : public AdminTest {
 protected:
  void make_staff(const std::string& email) {
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      tx.exec("UPDATE user_account SET is_staff = 1 WHERE email = $1", email);
    });
  }
};
ON_BOTH_ENGINES(IndexTest);

TEST_P(IndexTest, ASuperuserSeesSubjectsWithTheirEntities) {
  Buyer root = superuser_browser();
  const HttpResponse page = root.get("/admin/");
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "<h1>Plenary administration</h1>"));
  EXPECT_TRUE(contains(page, "href=\"/admin/program_registration/tickettype/\""));
  EXPECT_TRUE(contains(page, "href=\"/admin/program_registration/tickettype/add/\""));
  EXPECT_TRUE(contains(page, "You have changed nothing yet."));
  EXPECT_TRUE(contains(page, "action=\"/accounts/logout/\""));
  EXPECT_EQ(page.header("Cache-Control"), "no-store");
}

TEST_P(IndexTest, RecentChangesNameWhatWhoAndWhere) {
  Buyer root = superuser_browser();
  write([&](db::Tx& tx) {
    conference::record(tx, {std::nullopt, "command", "command"}, conference::AuditAction::change,
                       {conference_id(), "section", "17", "Tutorials <b>", 2});
  });
  const HttpResponse page = root.get("/admin/");
  EXPECT_TRUE(
      contains(page, "href=\"/admin/program_conference/section/17/change/\">Tutorials &lt;b&gt;</a>"));
  EXPECT_TRUE(contains(page, "command"));
}

TEST_P(IndexTest, ASubjectHasAPageOfItsOwn) {
  Buyer root = superuser_browser();
  const HttpResponse page = root.get("/admin/program_conference/");
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "<h1>Conference</h1>"));
  EXPECT_EQ(root.get("/admin/nothing/").status, 404);
}

TEST_P(IndexTest, StaffWithoutARoleHearWhoCanGiveOne) {
  superuser("root");
  person("root2@example.org", site::testing::good_password, "Grace Hopper");
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    tx.exec("UPDATE user_account SET is_superuser = 1 WHERE email = 'root2@example.org'");
  });
  person("staff@example.org");
  make_staff("staff@example.org");
  Buyer staff = buyer();
  sign_in(staff, "staff@example.org");
  const HttpResponse page = staff.get("/admin/");
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "no role has been given to you yet"));
  EXPECT_TRUE(contains(page, "<li>Grace Hopper</li>"));
  EXPECT_TRUE(contains(page, "<li>root</li>"));
  EXPECT_FALSE(contains(page, "root2@example.org"));
  EXPECT_FALSE(contains(page, "/admin/program_registration/"));
  EXPECT_EQ(staff.get("/admin/program_registration/tickettype/").status, 404);
}

TEST_P(IndexTest, OthersDoNotLearnThatItExists) {
  person("ada@example.org");
  Buyer member = buyer();
  sign_in(member, "ada@example.org");
  EXPECT_EQ(member.get("/admin/").status, 404);
  EXPECT_EQ(member.get("/admin/program_registration/tickettype/").status, 404);
  Buyer nobody = buyer();
  const HttpResponse away = nobody.get("/admin/");
  EXPECT_EQ(away.status, 303);
  EXPECT_EQ(away.header("Location"), "/accounts/login/?next=%2Fadmin%2F");
}

}  // namespace
}  // namespace plenary::admin::testing
