// Questions in the data admin: with their answers to choose and their products; all answers as a file; files.
// source: registration 20, D37.
#include <filesystem>

#include <nlohmann/json.hpp>

#include "admin/back_office.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/asking.hpp"

namespace plenary::admin::testing {
namespace {

using registration::Id;
using registration::QuestionKind;
using registration::QuestionTarget;
using registration::testing::question;

class QuestionAdmin : public AdminTest {
 protected:
  Id ask(const registration::Question& q, const std::vector<std::string>& options = {}) {
    return write([&](db::Tx& tx) { return registration::testing::ask(tx, conference_id(), q, options); });
  }
  void order(Buyer& who, Fields answers, const std::string& tickets = "1") {
    who.add("free", tickets);
    const std::string review = who.base() + "checkout/review/", checkout = who.base() + "checkout/";
    answers.emplace_back("billing_name", "=Ada");
    answers.emplace_back("billing_email", "ada@example.org");
    const HttpResponse page = who.post(review, Buyer::form(who.get(checkout), review, std::move(answers)));
    ASSERT_EQ(site::testing::outcome(who.post(checkout, Buyer::form(page, checkout))), "paid");
  }
  std::string export_path(const std::string& format) const {
    return "/admin/program_registration/answer/by-ticket/" + std::to_string(conference_id()) +
           "/?format=" + format;
  }
};
ON_BOTH_ENGINES(QuestionAdmin);

TEST_P(QuestionAdmin, AQuestionIsMadeWithItsAnswersInOneForm) {
  Buyer root = superuser_browser();
  const std::string path = "/admin/program_registration/question/add/";
  Fields fields = Buyer::form(root.get(path), path,
                              {{"conference_id", std::to_string(conference_id())},
                               {"label", "What do you eat?"},
                               {"slug", "diet"},
                               {"target", "attendee"},
                               {"kind", "choice"},
                               {"question_option-0-label", "Vegan"},
                               {"question_option-0-slug", "vegan"}});
  fields.emplace_back("_save", "1");
  const HttpResponse saved = root.post(path, fields);
  EXPECT_EQ(saved.status, 303) << saved.body;
  EXPECT_EQ(count("SELECT count(*) FROM question_option o JOIN question q ON q.id = o.question_id WHERE "
                  "q.slug = 'diet' AND o.slug = 'vegan'"),
            1);
  Buyer ada = buyer();
  ada.add("free");
  EXPECT_TRUE(contains(ada.get(ada.base() + "checkout/"), "What do you eat?"));
}

TEST_P(QuestionAdmin, AChangedTextIsANewVersionAndABadConditionIsTold) {
  const Id photo = ask(question("photo", QuestionKind::consent));
  const Id letter = ask(question("letter", QuestionKind::file));
  Buyer root = superuser_browser();
  const std::string path = address("program_registration/question", photo, "change");
  Fields fields = Buyer::form(root.get(path), path, {{"label", "I may be in pictures."}});
  fields.emplace_back("_save", "1");
  EXPECT_EQ(root.post(path, fields).status, 303);
  EXPECT_EQ(count("SELECT text_version FROM question WHERE slug = 'photo'"), 2);
  Fields bad = Buyer::form(root.get(path), path,
                           {{"depends_on_question_id", std::to_string(letter)}, {"depends_on_value", "x"}});
  bad.emplace_back("_save", "1");
  const HttpResponse refused = root.post(path, bad);
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "cannot have this answer"));
}

TEST_P(QuestionAdmin, AllAnswersAreAFileWithARowForEachTicket) {
  const Id company = ask(question("company", QuestionKind::text, QuestionTarget::order));
  const Id diet = ask(question("diet", QuestionKind::choice), {"vegan"});
  Buyer ada = buyer();
  order(ada,
        {{registration::answer_field(0, company), "+Analytical"},
         {registration::answer_field(2, diet), "vegan"}},
        "2");
  Buyer root = superuser_browser();
  const HttpResponse list = root.get("/admin/program_registration/answer/");
  EXPECT_TRUE(contains(list, "by-ticket/"));
  EXPECT_TRUE(contains(root.get("/admin/program_registration/answer/by-ticket/"), export_path("csv")));
  const HttpResponse csv = root.get(export_path("csv"));
  ASSERT_EQ(csv.status, 200);
  EXPECT_EQ(csv.header("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_EQ(csv.header("Content-Disposition").rfind("attachment;", 0), 0u);
  EXPECT_EQ(std::count(csv.body.begin(), csv.body.end(), '\n'), 3) << csv.body;
  EXPECT_TRUE(contains(csv, ",About company,About diet\r\n")) << csv.body;
  EXPECT_TRUE(contains(csv, ",'=Ada,ada@example.org,1,Ticket free,'=Ada,ada@example.org,'+Analytical,\r\n"))
      << csv.body;
  EXPECT_TRUE(contains(csv, ",2,Ticket free,,,'+Analytical,The vegan\r\n")) << csv.body;
  const auto rows = nlohmann::json::parse(root.get(export_path("json")).body);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1]["answer_diet"], "vegan");
  EXPECT_EQ(rows[1]["position"], 2);
  EXPECT_EQ(rows[0]["answer_diet"], nullptr);
  EXPECT_EQ(root.get(export_path("xlsx")).body.rfind("PK", 0), 0u);
  EXPECT_EQ(root.get(export_path("exe")).status, 404);
}

TEST_P(QuestionAdmin, AnExportWithoutAnswersIsWhole) {
  Buyer root = superuser_browser();
  EXPECT_EQ(nlohmann::json::parse(root.get(export_path("json")).body).size(), 0u);
  EXPECT_EQ(root.get(export_path("csv")).body.find("Order,Status,"), 0u);
}

TEST_P(QuestionAdmin, StrangersGetNoAnswersAndNoFiles) {
  ask(question("company", QuestionKind::text, QuestionTarget::order));
  person("eve@example.org");
  Buyer eve = buyer(), guest = buyer();
  sign_in(eve, "eve@example.org");
  for (const std::string& path :
       {export_path("csv"), std::string("/admin/program_registration/answer/by-ticket/"),
        std::string("/admin/program_registration/answer/files/1/")}) {
    EXPECT_EQ(guest.get(path).status, 303) << path;
    const int status = eve.get(path).status;
    EXPECT_TRUE(status == 403 || status == 404) << path << " " << status;
  }
}

}  // namespace
}  // namespace plenary::admin::testing
