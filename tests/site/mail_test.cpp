// Mail through the whole site: a purchase becomes a mail whose link opens the order; the development mailbox;
// what mail servers report.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "domain/accounts/letters.hpp"
#include "domain/events.hpp"
#include "jobs/worker.hpp"
#include "mail/mailbox.hpp"
#include "mail/post.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* token = "a token of enough letters";

class MailPages : public ShopTest {
 protected:
  void SetUp() override {
    domain::connect_rooms();
    std::string pattern = (std::filesystem::temp_directory_path() / "plenary-mailbox-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    ShopTest::SetUp();
  }
  void TearDown() override {
    ShopTest::TearDown();
    std::filesystem::remove_all(folder);
  }
  // Once a test: with a mailbox and a bounce_token.
  void open_with(std::function<void(config::Settings&)> change = [](config::Settings&) {}) {
    ShopPlan plan;
    plan.settings = [this, change](config::Settings& settings) {
      settings.mail.folder = folder / "mail";
      settings.mail.bounce_token = Secret(token);
      change(settings);
    };
    open(plan);
  }
  void deliver() {
    mail::Post post({.db = db(),
                     .engine = application().site().engine,
                     .catalogues = shop().catalogues,
                     .settings = application().site().settings,
                     .link_key = application().site().link_key},
                    mail::make_folder_transport(folder / "mail"));
    jobs::Worker worker(db());
    worker.on(accounts::mail_kind, [&](const jobs::Delivery& delivery) { post.deliver(delivery); });
    worker.run_due(clock().now());
  }
  // Buys a ticket; the mail that came of it.
  mail::ShownMail bought() {
    Buyer ada = buyer();
    ada.add("free");
    ada.order();
    deliver();
    const auto listed = mail::list_mails(folder / "mail");
    EXPECT_EQ(listed.size(), 1u);
    return *mail::read_mail(folder / "mail", listed.at(0).id);
  }
  HttpResponse report(std::string body, std::string type, std::string authorization) {
    Buyer server = buyer();
    return server.client().request(
        "POST", "/mail/bounces/", std::move(body),
        {{"Content-Type", std::move(type)}, {"Authorization", std::move(authorization)}});
  }
  std::string message_id(const mail::ShownMail& mail) {
    for (const auto& [name, value] : mail.headers) {
      if (name == "Message-ID") return value;
    }
    return {};
  }
  std::filesystem::path folder;
};
ON_BOTH_ENGINES(MailPages);

TEST_P(MailPages, ThePurchaseIsConfirmedAndTheLinkOpensTheOrder) {
  open_with();
  const mail::ShownMail mail = bought();
  const std::string base = application().site().settings.server.base_url();
  const std::size_t at = mail.text.find(base + "/fair/register/orders/");
  ASSERT_NE(at, std::string::npos) << mail.text;
  const std::string path =
      mail.text.substr(at + base.size(), mail.text.find_first_of("\r\n", at) - at - base.size());
  Buyer somebody = buyer();
  const HttpResponse page = somebody.get(path);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "ada@example.org"));
  EXPECT_FALSE(contains(page, "did not arrive"));
}

TEST_P(MailPages, TheMailboxShowsMailTextHtmlAndFiles) {
  open_with();
  const mail::ShownMail mail = bought();
  Buyer somebody = buyer();
  const HttpResponse list = somebody.get("/development/mail/");
  EXPECT_EQ(list.status, 200);
  EXPECT_TRUE(contains(list, "ada@example.org"));
  const std::string path = "/development/mail/" + mail.id + "/";
  const HttpResponse page = somebody.get(path);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "auto-generated"));
  EXPECT_TRUE(contains(page, path + "html/"));
  EXPECT_THAT(page.header("Content-Security-Policy"), HasSubstr("frame-src 'self'"));
  const HttpResponse html = somebody.get(path + "html/");
  EXPECT_EQ(html.status, 200);
  EXPECT_THAT(html.header("Content-Security-Policy"), HasSubstr("sandbox"));
  EXPECT_THAT(html.header("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_TRUE(contains(html, "<table"));
  const HttpResponse file = somebody.get(path + "files/0/");
  EXPECT_THAT(file.header("Content-Disposition"), HasSubstr("attachment"));
  EXPECT_TRUE(contains(file, "BEGIN:VCALENDAR"));
  EXPECT_EQ(somebody.get(path + "files/1/").status, 404);
  EXPECT_EQ(somebody.get("/development/mail/..%2Fx/").status, 400);
}

TEST_P(MailPages, AHostileMailRunsNothingInTheMailbox) {
  open_with();
  std::filesystem::create_directories(folder / "mail");
  mail::make_folder_transport(folder / "mail")
      ->send({.from = {"a@example.org", ""},
              .to = {"b@example.org", ""},
              .reply_to = {},
              .subject = "<script>alert(1)</script>",
              .message_id = "evil@x",
              .date = {},
              .language = "en",
              .text = "</pre><script>alert(2)</script>",
              .html = "<script>alert(3)</script>",
              .attachments = {}});
  Buyer somebody = buyer();
  for (const char* path : {"/development/mail/", "/development/mail/evil/"}) {
    const HttpResponse page = somebody.get(path);
    EXPECT_EQ(page.status, 200);
    EXPECT_FALSE(contains(page, "<script>alert")) << path;
  }
  EXPECT_THAT(somebody.get("/development/mail/evil/html/").header("Content-Security-Policy"),
              Not(HasSubstr("allow-scripts")));
}

TEST_P(MailPages, OutsideDevelopmentThereIsNoMailbox) {
  open_with([](config::Settings& settings) {
    settings.server.mode = config::Mode::production;
    settings.server.public_url = "http://localhost";
  });
  Buyer somebody = buyer();
  EXPECT_EQ(somebody.get("/development/mail/").status, 404);
}

TEST_P(MailPages, AReportedBounceMarksTheOrderAndItsPageSaysSo) {
  open_with();
  const mail::ShownMail mail = bought();
  const std::string body = R"({"message_id": ")" + message_id(mail) +
                           R"(", "recipient": "ada@example.org", "detail": "550 gone", "permanent": true})";
  const std::string bearer = std::string("Bearer ") + token;
  EXPECT_EQ(report(body, "application/json", "").status, 401);
  EXPECT_EQ(report(body, "application/json", "Bearer wrong").status, 401);
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE mail_problem <> ''"), 0);
  EXPECT_EQ(report("{", "application/json", bearer).status, 400);
  EXPECT_TRUE(contains(report(body, "application/json", bearer), "\"marked\":1"));
  EXPECT_TRUE(contains(report(body, "application/json", bearer), "\"marked\":0"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE mail_problem = '550 gone'"), 1);
  const std::string base = application().site().settings.server.base_url();
  const std::size_t at = mail.text.find(base + "/fair/register/orders/");
  Buyer somebody = buyer();
  const HttpResponse page = somebody.get(
      mail.text.substr(at + base.size(), mail.text.find_first_of("\r\n", at) - at - base.size()));
  EXPECT_TRUE(contains(page, "did not arrive"));
}

TEST_P(MailPages, AReportOfAMailServerMarksTheOrder) {
  open_with();
  const mail::ShownMail mail = bought();
  const std::string body =
      "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
      "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; ada@example.org\r\nAction: failed\r\nStatus: "
      "5.1.1\r\n\r\n"
      "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: " +
      message_id(mail) + "\r\n\r\nx\r\n--b--\r\n";
  EXPECT_TRUE(contains(report(body, "message/rfc822", std::string("Bearer ") + token), "\"marked\":1"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE mail_problem = '5.1.1'"), 1);
  EXPECT_EQ(report(std::string(600 * 1024, 'x'), "message/rfc822", std::string("Bearer ") + token).status,
            413);
}

TEST_P(MailPages, WithoutATokenNobodyMayReport) {
  open_with([](config::Settings& settings) { settings.mail.bounce_token.reset(); });
  EXPECT_EQ(report("{}", "application/json", "Bearer ").status, 404);
}

}  // namespace
}  // namespace plenary::site::testing
