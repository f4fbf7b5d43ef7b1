// The organisers' pages about mail: the list, the editor with its errors, preview, test mail and way back,
// the sender; who may open them.
#include <gmock/gmock.h>

#include "mail/texts.hpp"
#include "manage/organisers.hpp"

namespace plenary::manage::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* list = "/manage/fair/mails/";
constexpr const char* editor = "/manage/fair/mails/order_cancelled/?language=en";
constexpr const char* sender = "/manage/fair/mails/sender/";

class MailPages : public ManageTest {
 protected:
  Buyer organiser() { return browser("grace@example.org", "Conference Organizer", "Grace"); }
  // What the editor holds, with `typed` in its place, and one of its buttons.
  HttpResponse press_in_editor(Buyer& who, const std::string& button, Fields typed = {}) {
    typed.emplace_back("do", button);
    const HttpResponse page = who.get(editor);
    return who.post(editor, Buyer::form(page, editor, std::move(typed)));
  }
  std::string stored_body() {
    return db().read_now([&](db::Tx& tx) {
      const auto text = mail::find_text(tx, conference_id(), "order_cancelled", "en");
      return text ? text->body : std::string();
    });
  }
};
ON_BOTH_ENGINES(MailPages);

TEST_P(MailPages, TheListSaysWhichTextsAreEditedAndWhichAreBroken) {
  Buyer who = organiser();
  const HttpResponse shipped = who.get(list);
  ASSERT_EQ(shipped.status, 200);
  EXPECT_THAT(shipped.body,
              AllOf(HasSubstr("Order confirmation"), HasSubstr("as shipped"), HasSubstr("Deutsch"),
                    Not(HasSubstr(">edited<")), Not(HasSubstr("new_device"))));
  EXPECT_EQ(outcome(press_in_editor(who, "save", {{"subject", "Gone: {{ order.reference }}"}})), "saved");
  EXPECT_THAT(who.get(list).body, HasSubstr(">edited<"));
  write([&](db::Tx& tx) {
    tx.exec("UPDATE mail_text SET problem = 'body, line 1', problem_at = $1", tx.now());
    return 0;
  });
  EXPECT_THAT(who.get(list).body, AllOf(HasSubstr(">broken<"), HasSubstr("1 text did not work")));
  EXPECT_THAT(who.get(editor).body, HasSubstr("body, line 1"));
}

TEST_P(MailPages, TheEditorShowsTheShippedTextInItsLanguageWithVariablesAndPreview) {
  Buyer who = organiser();
  const HttpResponse english = who.get(editor);
  ASSERT_EQ(english.status, 200);
  EXPECT_THAT(english.body, AllOf(HasSubstr("is cancelled. Its tickets are not valid any more."),
                                  HasSubstr("{{ order.reference }}"), HasSubstr("SAMPLE00"),
                                  HasSubstr("order.pay_url"), HasSubstr("sandbox title")));
  EXPECT_THAT(english.header("content-security-policy"), HasSubstr("style-src-attr 'unsafe-inline'"));
  EXPECT_THAT(english.header("content-security-policy"), Not(HasSubstr("script-src 'unsafe")));
  const HttpResponse german = who.get("/manage/fair/mails/order_cancelled/?language=de");
  EXPECT_THAT(german.body, HasSubstr("storniert"));
  for (const char* none : {"/manage/fair/mails/new_device/", "/manage/fair/mails/order_note/",
                           "/manage/fair/mails/nothing/", "/manage/fair/mails/order_cancelled/?language=xx"})
    EXPECT_EQ(who.get(none).status, 404) << none;
}

TEST_P(MailPages, MistakesAreToldWithTheirPlaceAndWhatWasTypedStays) {
  Buyer who = organiser();
  const HttpResponse wrong = press_in_editor(
      who, "save",
      {{"subject", "Hello"}, {"body", "First\nSecond {{ order.referense }} {% include \"x\" %}"}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_THAT(wrong.body,
              AllOf(HasSubstr("Line 2, column"), HasSubstr("unknown tag"), HasSubstr("referense")));
  EXPECT_EQ(stored_body(), "");
  const HttpResponse script =
      press_in_editor(who, "save", {{"html", "<p>Hello</p>\n<script>alert(1)</script>"}});
  EXPECT_EQ(script.status, 422);
  EXPECT_THAT(script.body, AllOf(HasSubstr("Line 2, column 1"), Not(HasSubstr("<script>alert"))));
  EXPECT_EQ(press_in_editor(who, "save", {{"subject", ""}}).status, 422);
}

TEST_P(MailPages, AMailWithoutTheLinkThatItIsForIsRefusedAndTheLinkIsNamed) {
  Buyer who = organiser();
  const std::string reset = "/manage/fair/mails/reset_password/?language=en";
  const auto save = [&](const std::string& body) {
    const HttpResponse page = who.get(reset);
    return who.post(reset, Buyer::form(page, reset, {{"body", body}, {"do", "save"}}));
  };
  const HttpResponse gone = save("Choose a new password, somehow.");
  EXPECT_EQ(gone.status, 422);
  EXPECT_THAT(gone.body, AllOf(HasSubstr("the link link_url is missing"), HasSubstr("somehow.")));
  const HttpResponse stolen = save("<{{ link_url }}> https://evil.example/?{{ link_url }}");
  EXPECT_EQ(stolen.status, 422);
  EXPECT_THAT(stolen.body, HasSubstr("must not be a part of another address"));
  EXPECT_EQ(save("{% if link_url %}Here:{% endif %} {% button link_url \"New password\" %}").status, 303);
}

TEST_P(MailPages, APreviewStoresNothingAndEscapesEverything) {
  Buyer who = organiser();
  const HttpResponse shown = press_in_editor(
      who, "preview", {{"subject", "About {{ order.name }}"}, {"body", "<b>{{ order.name }}</b>"}});
  ASSERT_EQ(shown.status, 200);
  EXPECT_THAT(shown.body,
              AllOf(HasSubstr("About Ada Lovelace"), HasSubstr("What differs from the shipped text")));
  EXPECT_THAT(shown.body, Not(HasSubstr("<b>Ada")));
  EXPECT_EQ(stored_body(), "");
}

TEST_P(MailPages, ARealOrderFillsThePreviewForWhoeverMaySeeOrders) {
  Buyer shopper = buyer();
  shopper.add("individual");
  const std::string pay = shopper.order().header("location");
  const std::string reference =
      db().read_now([](db::Tx& tx) { return tx.one<std::string>("SELECT MAX(reference) FROM orders"); });
  Buyer who = organiser();
  const HttpResponse shown = press_in_editor(
      who, "preview", {{"order", reference}, {"body", "For {{ order.reference }}: {{ order.url }}"}});
  ASSERT_EQ(shown.status, 200);
  EXPECT_THAT(shown.body, HasSubstr("For " + reference + ": http"));
  const std::string secret = pay.substr(0, pay.size() - std::string("pay/").size());
  EXPECT_THAT(shown.body, Not(HasSubstr(secret))) << "the buyer's own link stays theirs";
  const HttpResponse none = press_in_editor(who, "preview", {{"order", "NOSUCH00"}});
  EXPECT_EQ(none.status, 422);
  EXPECT_THAT(none.body, HasSubstr("no order with this number"));
}

TEST_P(MailPages, ATestMailGoesToThePersonWhoEditsAndNobodyElse) {
  Buyer who = organiser();
  const HttpResponse sent = press_in_editor(who, "test", {{"subject", "Only a try"}});
  ASSERT_EQ(sent.status, 200);
  EXPECT_EQ(outcome(sent), "sent");
  EXPECT_THAT(sent.body, HasSubstr("on its way to grace@example.org"));
  EXPECT_EQ(outcome(press_in_editor(who, "test", {{"subject", "Only a try"}})), "too_soon");
  const std::string payload = db().read_now([](db::Tx& tx) {
    return tx.one<std::string>(
        "SELECT payload FROM outbox WHERE kind = 'mail' AND payload LIKE '%Only a try%'");
  });
  EXPECT_THAT(payload, HasSubstr("grace@example.org"));
  EXPECT_EQ(stored_body(), "");
}

TEST_P(MailPages, BackToTheShippedTextAndAllOfItIsRecorded) {
  Buyer who = organiser();
  EXPECT_EQ(outcome(press_in_editor(who, "save")), "unchanged") << "the shipped text as it stands";
  EXPECT_EQ(outcome(press_in_editor(who, "save", {{"body", "Mine"}})), "saved");
  EXPECT_EQ(stored_body(), "Mine\n");
  const HttpResponse page = who.get(editor);
  EXPECT_THAT(page.body, AllOf(HasSubstr("by Grace"), HasSubstr("Use the shipped text again")));
  const std::string back = "/manage/fair/mails/order_cancelled/default/?language=en";
  const Fields old_form = Buyer::form(page, back);
  EXPECT_EQ(outcome(press_in_editor(who, "save", {{"body", "Mine again"}})), "saved");
  EXPECT_EQ(outcome(who.post(back, old_form)), "changed_meanwhile");
  EXPECT_EQ(outcome(press(who, back, {}, editor)), "default");
  EXPECT_EQ(stored_body(), "");
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'mail_text'"), 3);
}

TEST_P(MailPages, TwoWhoEditAtOnceDoNotOverwriteEachOther) {
  Buyer who = organiser();
  const HttpResponse early = who.get(editor);
  EXPECT_EQ(outcome(press_in_editor(who, "save", {{"body", "Hers"}})), "saved");
  const HttpResponse late = who.post(editor, Buyer::form(early, editor, {{"do", "save"}, {"body", "His"}}));
  EXPECT_EQ(late.status, 409);
  EXPECT_THAT(late.body, AllOf(HasSubstr("Somebody else has changed this text"), HasSubstr("His")));
  EXPECT_EQ(stored_body(), "Hers\n");
}

TEST_P(MailPages, TheSenderIsCheckedAndShown) {
  Buyer who = organiser();
  const HttpResponse wrong =
      press(who, sender, {{"name", "a <b@c.org>"}, {"email", "a@elsewhere.example"}, {"reply_to", "nobody"}},
            sender);
  EXPECT_EQ(wrong.status, 422);
  EXPECT_THAT(wrong.body,
              AllOf(HasSubstr("angle brackets"), HasSubstr("its own address only"), HasSubstr("nobody")));
  EXPECT_EQ(outcome(press(who, sender, {{"name", "The Fair"}, {"reply_to", "help@example.org"}}, sender)),
            "saved");
  EXPECT_THAT(who.get(list).body, AllOf(HasSubstr("The Fair"), HasSubstr("answers go to help@example.org")));
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'mail_sender'"), 1);
}

TEST_P(MailPages, OnlyWhoMayChangeTheSettingsOpensThem) {
  Buyer desk = browser("desk@example.org", "Registration Manager", "Dora");
  Buyer visitor = buyer();
  for (const char* page : {list, editor, sender}) {
    EXPECT_EQ(desk.get(page).status, 403) << page;
    EXPECT_EQ(visitor.get(page).status, 303) << page;
  }
  give(person("boss@example.org", good_password, "Bea"), "Conference Organizer", other());
  Buyer boss = signed_in("boss@example.org");
  EXPECT_EQ(boss.get(editor).status, 404);
  EXPECT_EQ(boss.get("/manage/other/mails/").status, 200);
}

}  // namespace
}  // namespace plenary::manage::testing
