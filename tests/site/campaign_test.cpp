// Where buyers came from. source: registration 20, D19.
#include "site/campaign.hpp"

#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

class Campaigns : public ShopTest {
 protected:
  std::string stored(const char* column) {
    const std::string sql = std::string("SELECT ") + column + " FROM orders ORDER BY id DESC LIMIT 1";
    return db().read_now([&](db::Tx& tx) { return tx.one<std::string>(sql.c_str()); });
  }
  // What the answer sets of ours; empty: nothing.
  static std::string campaign_cookie(const HttpResponse& response) {
    for (const std::string& cookie : response.all("Set-Cookie"))
      if (cookie.starts_with("plenary_utm=")) return cookie;
    return {};
  }
};
ON_BOTH_ENGINES(Campaigns);

TEST_P(Campaigns, TheFirstAddressIsKeptAndCopiedToTheOrder) {
  Buyer ada = buyer();
  const HttpResponse landed =
      ada.get("/fair/?utm_source=zeitung&utm_medium=print&utm_campaign=fr%C3%BCh%20im%20Jahr&other=1");
  EXPECT_EQ(landed.status, 200);
  const std::string cookie = campaign_cookie(landed);
  EXPECT_NE(cookie, "");
  EXPECT_NE(cookie.find("Max-Age=2592000"), std::string::npos);
  EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
  EXPECT_NE(cookie.find("SameSite=Lax"), std::string::npos);
  // A second campaign changes nothing.
  EXPECT_EQ(campaign_cookie(ada.get("/fair/?utm_source=later")), "");
  ada.add("individual");
  ada.order();
  EXPECT_EQ(stored("utm_source"), "zeitung");
  EXPECT_EQ(stored("utm_medium"), "print");
  EXPECT_EQ(stored("utm_campaign"), "früh im Jahr");
}

TEST_P(Campaigns, TheFrontPageRemembersBeforeItGoesOn) {
  Buyer ada = buyer();
  const HttpResponse front = ada.get("/?utm_source=poster");
  EXPECT_EQ(front.status, 303);
  EXPECT_NE(campaign_cookie(front), "");
}

TEST_P(Campaigns, AVisitWritesNothingAndWithoutACampaignSetsNoCookie) {
  Buyer ada = buyer();
  const std::int64_t before = count("SELECT count(*) FROM session");
  EXPECT_EQ(campaign_cookie(ada.get("/fair/?x=utm_")), "");
  EXPECT_EQ(campaign_cookie(ada.get("/fair/?utm_source=&utm_medium=%00%0A")), "");
  EXPECT_EQ(campaign_cookie(ada.get("/static/img/icon.svg?utm_source=x")), "");
  ada.get("/fair/?utm_source=x");
  EXPECT_EQ(count("SELECT count(*) FROM session"), before);
}

TEST_P(Campaigns, HostileValuesAreCutAndCleanedAndForgedCookiesCountAsNone) {
  Buyer ada = buyer();
  std::string longest;
  for (int i = 0; i < 300; ++i) longest += "%F0%9F%8E%9F";  // four bytes each
  const HttpResponse landed = ada.get("/fair/?utm_source=" + longest +
                                      "&utm_medium=%0D%0ASet-Cookie:%20a=b&utm_campaign=%22%3Cscript%3E");
  EXPECT_EQ(landed.status, 200);
  const std::string cookie = campaign_cookie(landed);
  EXPECT_NE(cookie, "");
  EXPECT_LT(cookie.size(), 4096u);
  for (const std::string& other : landed.all("Set-Cookie")) EXPECT_FALSE(other.starts_with("a=b"));
  ada.add("individual");
  ada.order();
  EXPECT_EQ(stored("utm_source").size(), 800u) << "200 characters, none of them broken";
  EXPECT_EQ(stored("utm_medium"), "Set-Cookie: a=b");
  EXPECT_EQ(stored("utm_campaign"), "\"<script>");
  EXPECT_EQ(ada.get("/fair/?utm_source=%FF%FE").status, 400) << "no text of ours";

  Buyer eve = buyer();
  eve.client().cookies()["plenary_utm"] = "YWRtaW4KCg.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  eve.add("student");
  eve.order("eve@example.org");
  EXPECT_EQ(stored("utm_source"), "");
}

TEST(CampaignText, IsAtMostTwoHundredCharactersWithoutControlCharacters) {
  EXPECT_EQ(campaign_text(std::string(201, 'a')).size(), 200u);
  EXPECT_EQ(campaign_text("a\nb\x7f\tc"), "abc");
  EXPECT_EQ(campaign_text("\xc3"), "");
  EXPECT_EQ(campaign_text("é"), "é");
}

}  // namespace
}  // namespace plenary::site::testing
