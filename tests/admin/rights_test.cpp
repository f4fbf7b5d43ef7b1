// What each of the ten groups may do with each entity, in its own conference and in a foreign one, as a table
// of expectations that does not read the declaration. On both engines. source: configuration 10, 8; Do better
// 3, 27 and 28.
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "admin/groups.hpp"
#include "admin/routes.hpp"
#include "domain/accounts/permissions.hpp"

namespace plenary::admin::testing {
namespace {

// 'c': sees, adds, changes and deletes; 'u': sees and changes; 'v': sees; what is not named: nothing.
using Expected = std::map<std::string, char>;

const Expected& everybody() {
  static const Expected all{{"conference", 'v'}, {"featureflags", 'v'}, {"consenttext", 'v'}};
  return all;
}
Expected with(Expected more) {
  more.insert(everybody().begin(), everybody().end());
  return more;
}

const std::map<std::string, Expected>& table() {
  static const std::map<std::string, Expected> all{
      {"Conference Organizer",
       {{"conference", 'u'},      {"featureflags", 'c'},   {"consenttext", 'c'},    {"section", 'c'},
        {"expensecategory", 'c'}, {"expense", 'c'},        {"kpitarget", 'c'},      {"tickettype", 'c'},
        {"addon", 'c'},           {"voucher", 'c'},        {"condition", 'c'},      {"credit", 'c'},
        {"order", 'c'},           {"attendee", 'c'},       {"payment", 'c'},        {"answer", 'c'},
        {"answerevent", 'c'},     {"answerfile", 'c'},     {"invoice", 'c'},        {"orderchange", 'c'},
        {"question", 'c'},        {"questionoption", 'c'}, {"paymentsetup", 'c'},   {"paymentterm", 'c'},
        {"refund", 'c'},          {"waitingaddon", 'c'},   {"waitingchoice", 'c'},  {"waitingentry", 'c'},
        {"waitingline", 'c'},     {"orderlineitem", 'c'},  {"orderevent", 'c'},     {"cart", 'c'},
        {"cartitem", 'c'},        {"taxrule", 'c'},        {"taxrulecountry", 'c'}, {"variation", 'c'},
        {"quota", 'c'},           {"voucherbatch", 'c'},   {"vatcheck", 'c'},       {"hold", 'c'},
        {"seller", 'u'},          {"stock", 'c'},          {"sponsor", 'c'},        {"sponsorlevel", 'c'},
        {"sponsorbenefit", 'c'},  {"activity", 'c'},       {"activitysignup", 'c'}, {"travelgrant", 'c'},
        {"badgetemplate", 'c'},   {"role", 'c'},           {"change", 'c'},         {"outbox", 'c'}}},
      {"Program Committee", with({{"section", 'c'}})},
      {"Registration Manager",
       with({{"tickettype", 'c'},  {"addon", 'c'},        {"voucher", 'c'},        {"condition", 'c'},
             {"credit", 'c'},      {"order", 'c'},        {"attendee", 'c'},       {"payment", 'c'},
             {"answer", 'c'},      {"answerevent", 'c'},  {"answerfile", 'c'},     {"invoice", 'v'},
             {"orderchange", 'c'}, {"question", 'c'},     {"questionoption", 'c'}, {"paymentterm", 'c'},
             {"refund", 'c'},      {"waitingaddon", 'c'}, {"waitingchoice", 'c'},  {"waitingentry", 'c'},
             {"waitingline", 'c'}, {"cart", 'c'},         {"orderlineitem", 'c'},  {"orderevent", 'c'},
             {"cartitem", 'c'},    {"taxrule", 'c'},      {"taxrulecountry", 'c'}, {"variation", 'c'},
             {"quota", 'c'},       {"voucherbatch", 'c'}, {"vatcheck", 'c'},       {"hold", 'c'},
             {"stock", 'c'},       {"badgetemplate", 'c'}})},
      {"Finance Team",
       with(
           {{"expensecategory", 'c'}, {"expense", 'c'},        {"kpitarget", 'c'},      {"tickettype", 'v'},
            {"addon", 'v'},           {"voucher", 'v'},        {"condition", 'v'},      {"credit", 'v'},
            {"order", 'v'},           {"attendee", 'v'},       {"payment", 'v'},        {"answer", 'v'},
            {"answerevent", 'v'},     {"answerfile", 'v'},     {"invoice", 'v'},        {"orderchange", 'v'},
            {"question", 'v'},        {"questionoption", 'v'}, {"paymentsetup", 'c'},   {"paymentterm", 'v'},
            {"refund", 'v'},          {"waitingaddon", 'v'},   {"waitingchoice", 'v'},  {"waitingentry", 'v'},
            {"waitingline", 'v'},     {"cart", 'v'},           {"orderlineitem", 'v'},  {"orderevent", 'v'},
            {"cartitem", 'v'},        {"taxrule", 'v'},        {"taxrulecountry", 'v'}, {"variation", 'v'},
            {"quota", 'v'},           {"voucherbatch", 'v'},   {"vatcheck", 'v'},       {"hold", 'v'},
            {"stock", 'v'},           {"travelgrant", 'v'}})},
      {"Travel Grant Reviewer", with({{"travelgrant", 'c'}})},
      {"Sponsor Manager", with({{"sponsor", 'c'}, {"sponsorlevel", 'c'}, {"sponsorbenefit", 'c'}})},
      {"Check-in Staff", with({})},
      {"Activity Organizer", with({{"activity", 'c'}, {"activitysignup", 'c'}})},
      {"Reports Viewer", with({})},
      {"Read-Only Staff", with({{"section", 'v'},        {"expensecategory", 'v'}, {"expense", 'v'},
                                {"kpitarget", 'v'},      {"tickettype", 'v'},      {"addon", 'v'},
                                {"voucher", 'v'},        {"condition", 'v'},       {"credit", 'v'},
                                {"order", 'v'},          {"attendee", 'v'},        {"payment", 'v'},
                                {"answer", 'v'},         {"answerevent", 'v'},     {"answerfile", 'v'},
                                {"invoice", 'v'},        {"orderchange", 'v'},     {"question", 'v'},
                                {"questionoption", 'v'}, {"paymentsetup", 'v'},    {"paymentterm", 'v'},
                                {"refund", 'v'},         {"waitingaddon", 'v'},    {"waitingchoice", 'v'},
                                {"waitingentry", 'v'},   {"waitingline", 'v'},     {"cart", 'v'},
                                {"orderlineitem", 'v'},  {"orderevent", 'v'},      {"cartitem", 'v'},
                                {"taxrule", 'v'},        {"taxrulecountry", 'v'},  {"variation", 'v'},
                                {"quota", 'v'},          {"voucherbatch", 'v'},    {"vatcheck", 'v'},
                                {"hold", 'v'},           {"stock", 'v'},           {"sponsor", 'v'},
                                {"sponsorlevel", 'v'},   {"sponsorbenefit", 'v'},  {"activity", 'v'},
                                {"activitysignup", 'v'}, {"travelgrant", 'v'},     {"badgetemplate", 'v'}})},
  };
  return all;
}

class RightsTest : public GroupsTest {
 protected:
  // The first row of the conference that these people belong to.
  std::string own_key(const Model& model) {
    if (model.conference_sql.empty()) return first_key(model);
    return db().read_now([&](db::Tx& tx) {
      const auto keys = tx.query<std::string>(
          db::intern_sql(
              fmt::format("SELECT CAST(t.{0} AS TEXT) FROM {1} t WHERE {2} = $1 ORDER BY t.{0} LIMIT 1",
                          model.key().name, model.table->name(), model.conference_sql)),
          conference_id());
      return keys.empty() ? std::string() : keys[0];
    });
  }
};
ON_BOTH_ENGINES(RightsTest);

TEST_P(RightsTest, EachGroupOpensWhatIsItsOwnAndNothingElse) {
  ASSERT_EQ(table().size(), accounts::standard_groups().size());
  int number = 0;
  for (const auto& [name, expected] : table()) {
    SCOPED_TRACE(name);
    Buyer who = colleague(fmt::format("group{}@example.org", ++number), name);
    const HttpResponse index = who.get("/admin/");
    EXPECT_EQ(index.status, 200);
    for (const Area& area : areas()) {
      for (const Model* model : area.models) {
        SCOPED_TRACE(area.name + "/" + model->name);
        const auto found = expected.find(model->name);
        const char may = found == expected.end() ? '-' : found->second;
        EXPECT_EQ(who.get(list_url(*model)).status, may == '-' ? 403 : 200);
        EXPECT_EQ(contains(index, "href=\"" + list_url(*model) + "\""), may != '-');
        const bool adds = may == 'c' && model->may_add;
        EXPECT_EQ(who.get(add_url(*model)).status, adds ? 200 : 403);
        EXPECT_EQ(contains(index, "href=\"" + add_url(*model) + "\""), adds);
        EXPECT_EQ(who.get(choices_url(*model)).status, may == '-' ? 403 : 200);
        const bool exports = may == 'c' || may == 'u' || (may == 'v' && name == "Finance Team");
        EXPECT_EQ(who.get(export_url(*model)).status, exports ? 200 : 403);
        const std::string key = own_key(*model);
        if (key.empty()) continue;
        const HttpResponse page = who.get(change_url(*model, key));
        EXPECT_EQ(page.status, may == '-' ? 403 : 200);
        const bool changes = (may == 'c' || may == 'u') && model->may_change;
        EXPECT_EQ(contains(page, "name=\"_save\""), changes);
        if (!changes) {
          EXPECT_EQ(who.post(change_url(*model, key), {{"name", "Forged"}}).status, 403);
        }
        EXPECT_EQ(who.get(history_url(*model, key)).status, may == '-' ? 403 : 200);
        // Whoever runs everything of a conference may end it by a permission of its own.
        const bool removes = may == 'c' || (name == "Conference Organizer" && model->name == "conference");
        EXPECT_EQ(who.get(delete_url(*model, key)).status, removes ? 200 : 403);
        EXPECT_EQ(contains(page, "href=\"" + delete_url(*model, key) + "\""), removes && model->may_delete);
        if (!removes) {
          EXPECT_EQ(who.post(delete_url(*model, key), {{"touches", "1"}}).status, 403);
        }
      }
    }
  }
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE name = 'Forged'"), 0);
}

TEST_P(RightsTest, NothingOfAConferenceWithoutARoleIsFound) {
  const std::string type = std::to_string(foreign_row("ticket_type"));
  const std::string section = std::to_string(foreign_row("section"));
  int number = 0;
  for (const auto& [name, expected] : table()) {
    SCOPED_TRACE(name);
    Buyer who = colleague(fmt::format("far{}@example.org", ++number), name);
    for (const auto& [entity, key] : {std::pair{ticket_types, type}, std::pair{sections, section},
                                      std::pair{conferences, std::to_string(foreign())}}) {
      for (const char* page : {"change", "delete", "history"}) {
        const std::string path = fmt::format("/admin/{}/{}/{}/", entity, key, page);
        EXPECT_EQ(who.get(path).status, 404) << path;
        if (page != std::string("history")) {
          EXPECT_EQ(who.post(path, {{"name", "Forged"}, {"touches", "1"}}).status, 404) << path;
        }
      }
    }
    for (const std::string& path :
         {list_of(ticket_types), list_of(sections), list_of(conferences),
          list_of(ticket_types) + "?q=Foreign", list_of(conferences) + "choices/",
          list_of(ticket_types) + "choices/?q=Foreign", list_of(ticket_types) + "export/?format=json",
          list_of(conferences) + "export/",
          fmt::format("{}?conference_id={}", list_of(ticket_types), foreign()),
          fmt::format("{}?pick=conference_id&pick_q=Elsew", list_of(sections)), std::string("/admin/")}) {
      const HttpResponse answer = who.get(path);
      for (const char* told : {"Foreign ticket", "Foreign section", "Elsewhere"})
        EXPECT_FALSE(contains(answer, told)) << path << " tells " << told;
    }
  }
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE name = 'Foreign ticket'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM section WHERE name = 'Foreign section'"), 1);
}

TEST_P(RightsTest, ARoleEverywhereReachesEveryConference) {
  const std::int64_t id = person("everywhere@example.org");
  give(id, "Program Committee", std::nullopt);
  Buyer who = buyer();
  sign_in(who, "everywhere@example.org");
  const HttpResponse list = who.get(list_of(sections));
  EXPECT_TRUE(contains(list, "Foreign section"));
  EXPECT_EQ(who.get(address(sections, foreign_row("section"), "change")).status, 200);
  EXPECT_EQ(who.get(address(ticket_types, foreign_row("ticket_type"), "change")).status, 403);
  EXPECT_EQ(who.get(list_of(accounts_of)).status, 403);
}

TEST_P(RightsTest, ARoleThatEndedGivesNothing) {
  Buyer who = colleague("short@example.org", "Program Committee");
  EXPECT_EQ(who.get(list_of(sections)).status, 200);
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    tx.exec("UPDATE role_assignment SET ends_at = $1 WHERE user_id = $2", tx.now(), id_of_colleague());
    return 0;
  });
  EXPECT_EQ(who.get(list_of(sections)).status, 404);
  EXPECT_EQ(who.get("/admin/").status, 404);
}

TEST_P(RightsTest, AnEntityPermissionOpensItsEntityAlone) {
  const std::int64_t id = person("clerk@example.org");
  group("Voucher clerks", {"program_registration.change_voucher"});
  give(id, "Voucher clerks", conference_id());
  Buyer who = buyer();
  sign_in(who, "clerk@example.org");
  EXPECT_EQ(who.get(list_of(vouchers)).status, 200);
  EXPECT_EQ(who.get(add_address(vouchers)).status, 403);
  EXPECT_EQ(who.get(list_of(ticket_types)).status, 403);
  EXPECT_EQ(who.get(list_of(conferences)).status, 403);
  // Accounts belong to no conference: held in one it means nothing, held everywhere it does.
  group("Account clerks", {"accounts.change_user"});
  give(id, "Account clerks", conference_id());
  EXPECT_EQ(who.get(list_of(accounts_of)).status, 403);
  give(id, "Account clerks", std::nullopt);
  EXPECT_EQ(who.get(list_of(accounts_of)).status, 200);
}

// Every page asks: a route that forgot would answer one of these.
TEST_P(RightsTest, EveryRouteAsks) {
  person("member@example.org");
  Buyer member = buyer(), nobody = buyer();
  sign_in(member, "member@example.org");
  nobody.tickets();
  Buyer stranger = colleague("stranger@example.org", "Check-in Staff");
  const std::string type = std::to_string(id_of("ticket_type", "free"));
  std::set<std::string> seen;
  for (const web::Route& route : application().site().router->routes()) {
    if (!route.name.starts_with("admin:")) continue;
    seen.insert(route.name);
    std::string path = route.pattern;
    const auto put = [&](std::string_view what, const std::string& with) {
      if (const auto at = path.find(what); at != std::string::npos) path.replace(at, what.size(), with);
    };
    put("{area:slug}", "program_registration");
    put("{entity:slug}", "tickettype");
    put("{key}", type);
    put("{id:int}", type);
    put("{conference_id:int}", std::to_string(conference_id()));
    while (path.find('{') != std::string::npos)  // any other part of an address
      path.replace(path.find('{'), path.find('}') - path.find('{') + 1, type);
    ASSERT_EQ(path.find('{'), std::string::npos) << path;
    SCOPED_TRACE(route.name + " " + path);
    const bool posts_only = !route.methods.overlaps(web::Method::get);
    const auto ask = [&](Buyer& who) {
      return posts_only ? who.post(path, {{"action", "delete"}, {"key", type}}).status : who.get(path).status;
    };
    EXPECT_EQ(ask(nobody), 303);
    EXPECT_EQ(ask(member), 404);
    const int hidden = route.name == "admin:account-door" ? 404 : 403;
    // The first page, and one's own tokens, are for everybody with a role somewhere.
    const bool own = route.name == "admin:index" || route.name == "admin:api-tokens";
    EXPECT_EQ(ask(stranger), own ? 200 : hidden);
  }
  EXPECT_GE(seen.size(), 10U);
}

}  // namespace
}  // namespace plenary::admin::testing
