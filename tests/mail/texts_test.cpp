// Mails as organisers write them: what is used, what is refused, what happens when a stored text does not
// work.
#include "mail/texts.hpp"

#include <gmock/gmock.h>

#include <fmt/format.h>

#include "db/schema.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/users.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/orders.hpp"
#include "i18n/languages.hpp"
#include "mail/notes.hpp"
#include "mail/post_office.hpp"
#include "mail/sample.hpp"
#include "mail/shipped_text.hpp"
#include "mail/text_diff.hpp"
#include "mail/text_html.hpp"
#include "mail/text_language.hpp"
#include "mail/variables.hpp"

namespace plenary::mail::testing {
namespace {

using registration::Id;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const conference::Actor grace{{}, "Grace", "manage", "192.0.2.7"};

class MailTexts : public PostOffice {
 protected:
  Content sample(std::string_view name, std::string_view language = "en") {
    return sample_content(*find_message(name), language, catalogue(), clock().now());
  }
  MailText text(const std::string& body, const std::string& subject = "Hello {{ order.reference }}",
                const std::string& message = "order_confirmation") {
    MailText made;
    made.conference_id = conference_id();
    made.message = message;
    made.language = "en";
    made.subject = subject;
    made.body = body;
    return made;
  }
  MailText save(const MailText& wanted, std::int64_t version = 0) {
    return write([&](db::Tx& tx) { return save_text(tx, grace, wanted, version); });
  }
  std::optional<MailText> stored() {
    return db().read_now(
        [&](db::Tx& tx) { return find_text(tx, conference_id(), "order_confirmation", "en"); });
  }
  std::string problem_in(const TextSource& source, std::string_view name = "order_confirmation") {
    const auto problems = check_text(*find_message(name), source);
    return problems.empty() ? std::string()
                            : fmt::format("{} {}:{} {}", problems[0].part, problems[0].line,
                                          problems[0].column, problems[0].what);
  }
};
ON_BOTH_ENGINES(MailTexts);

TEST_P(MailTexts, TheTablesAreDescribedAsTheSchemaHasThem) {
  const db::Table* const tables[] = {&mail_text_table(), &mail_sender_table()};
  EXPECT_THAT(db::differences(db::read_schema(db()), tables), IsEmpty());
}

TEST_P(MailTexts, WhatIsShippedSaysTheSameWhenItIsWrittenAsOrganisersWriteIt) {
  for (const i18n::Language& language : i18n::languages().all()) {
    if (language.is_pseudo) continue;
    for (const Message* message : editable_messages()) {
      const Content content = sample(message->name, language.code);
      const TextSource source = shipped_text(parts().engine, *message, language.code);
      EXPECT_EQ(problem_in(source, message->name), "") << message->name << "\n" << source.body;
      const Letter shipped = renderer().render(content, "a"),
                   written = renderer().render_with(content, source, "a");
      EXPECT_EQ(written.mail.subject, shipped.mail.subject) << message->name;
      EXPECT_EQ(written.mail.text, shipped.mail.text) << message->name;
      EXPECT_THAT(written.mail.html, HasSubstr("<!DOCTYPE html>"));
      EXPECT_THAT(written.mail.html, Not(HasSubstr("\x02"))) << message->name;
      for (const char* brace : {"{{", "}}", "{%", "%}"})
        EXPECT_THAT(written.mail.html, Not(HasSubstr(brace))) << message->name;
    }
  }
}

TEST_P(MailTexts, EveryListedVariableIsThereAndHasAMeaning) {
  for (const Message* message : editable_messages()) {
    EXPECT_NE(std::string(title_of(*message).title), "");
    std::string body = "x";
    for (const Variable& variable : variables_of(*message)) {
      EXPECT_NE(std::string(variable.about), "");
      body += variable.is_list ? fmt::format("{{% for x in {} %}}{{{{ x }}}}{{% endfor %}}", variable.name)
                               : fmt::format(" {{{{ {} }}}}", variable.name);
    }
    if (message->name == "found_orders") body += "{% for order in orders %} {{ order.url }}{% endfor %}";
    EXPECT_EQ(problem_in({"s", body, ""}, message->name), "");
    EXPECT_NO_THROW(renderer().render_with(sample(message->name), {"s", body, ""}, "a")) << message->name;
  }
}

TEST_P(MailTexts, WhatOrganisersWroteGoesOut) {
  save(
      text("Dear {{ recipient_name }},\n\nsee you at {{ conference.name }}!\n\n- one\n- two\n\n"
           "{% order_lines %}\n\n{% button order.url \"Have a look\" %}\n"));
  const Id id = order("ada@example.org", "Ada <3 Lovelace");
  pay(id);
  EXPECT_EQ(deliver(), 1);
  ASSERT_THAT(mails(), SizeIs(1));
  const net::ReadMail mail = mails().front();
  EXPECT_EQ(std::string(mail.header("Subject")), "Hello " + get(id).reference);
  const std::string plain = mail.part("text/plain")->bytes, html = mail.part("text/html")->bytes;
  EXPECT_THAT(plain, AllOf(HasSubstr("see you at Fair & Square!"), HasSubstr("Early <Bird>: $1,234.50"),
                           HasSubstr("Have a look:\r\nhttps://"), Not(HasSubstr("Hello,"))));
  EXPECT_THAT(html,
              AllOf(HasSubstr("see you at Fair &amp; Square!</p>"), HasSubstr("<li>one</li><li>two</li>"),
                    HasSubstr("Early &lt;Bird&gt;"), HasSubstr(">Have a look</a>"), HasSubstr("#ffcc00")));
  EXPECT_THAT(mail.part("text/calendar")->bytes, HasSubstr("BEGIN:VCALENDAR")) << "what belongs to it stays";
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_text WHERE problem <> ''"), 0);
}

TEST_P(MailTexts, HtmlOfTheirOwnIsEscapedWhereValuesStand) {
  MailText wanted = text("Hello");
  wanted.html = "<h1>{{ order.lines.0.description }}</h1>{% order_lines %}";
  save(wanted);
  pay(order());
  deliver();
  const std::string html = mails().at(0).part("text/html")->bytes;
  EXPECT_THAT(html, AllOf(HasSubstr("<h1>Early &lt;Bird&gt;</h1>"), HasSubstr("<table"), HasSubstr("help@")));
}

TEST_P(MailTexts, OtherLanguagesAndConferencesKeepTheirText) {
  save(text("Only English"));
  pay(order("bob@example.org", "Bob", 1, "de"));
  deliver();
  EXPECT_THAT(mails().at(0).part("text/plain")->bytes, Not(HasSubstr("Only English")));
}

TEST_P(MailTexts, AStoredTextThatDoesNotWorkIsReplacedByTheShippedOneAndStaffAreTold) {
  const MailText before = save(text("fine"));
  write([&](db::Tx& tx) {
    tx.exec("UPDATE mail_text SET body = $1 WHERE id = $2", "a\nb {% if order.url %} c", before.id);
  });
  pay(order());
  EXPECT_EQ(deliver(), 1);
  ASSERT_THAT(mails(), SizeIs(1));
  EXPECT_THAT(mails()[0].part("text/plain")->bytes, HasSubstr("Your payment has arrived"));
  ASSERT_TRUE(stored());
  EXPECT_THAT(stored()->problem, AllOf(HasSubstr("body, line 2"), HasSubstr("endif")));
  EXPECT_TRUE(stored()->problem_at);
  EXPECT_EQ(db().read_now([&](db::Tx& tx) { return broken_texts(tx, conference_id()); }), 1);
  save(text("mended"), before.version);
  EXPECT_EQ(stored()->problem, "");
}

TEST_P(MailTexts, SavingIsRecordedAndNobodyOverwritesAnother) {
  const MailText first = save(text("one"));
  EXPECT_THROW(save(text("two")), Refused) << "there is one by now";
  const MailText second = save(text("two"), first.version);
  EXPECT_EQ(second.version, first.version + 1);
  EXPECT_EQ(save(text("two"), second.version).version, second.version) << "nothing changed";
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'mail_text'"), 2);
  const auto drop = [&](std::int64_t version) {
    return write([&](db::Tx& tx) {
      return drop_text(tx, grace, conference_id(), "order_confirmation", "en", version);
    });
  };
  EXPECT_THROW(drop(first.version), Refused);
  EXPECT_TRUE(drop(second.version));
  EXPECT_FALSE(drop(second.version));
  EXPECT_FALSE(stored());
}

TEST_P(MailTexts, MistakesSayWhereTheyAreAndWhatWasExpected) {
  EXPECT_THAT(problem_in({"s", "a\nb {{ order.referenc }}", ""}),
              AllOf(HasSubstr("body 2:3"), HasSubstr("order.referenc"), HasSubstr("'order.reference'?")));
  EXPECT_THAT(problem_in({"s", "{% if order.url %}", ""}), AllOf(HasSubstr("body 1:"), HasSubstr("endif")));
  EXPECT_THAT(problem_in({"s", "x {{ order.url|uper }}", ""}),
              AllOf(HasSubstr("body 1:3"), HasSubstr("'upper'")));
  EXPECT_THAT(problem_in({"{{ order.url", "x", ""}), IsEmpty()) << "braces that do not close are text";
  EXPECT_THAT(problem_in({"", "x", ""}), HasSubstr("subject"));
  EXPECT_THAT(problem_in({"s", " \n", ""}), HasSubstr("body"));
  EXPECT_THAT(problem_in({"a\nBcc: eve@example.org", "x", ""}), HasSubstr("one line"));
  EXPECT_THAT(problem_in({"s", std::string(longest_text_body + 1, 'x'), ""}), HasSubstr("at most"));
  EXPECT_EQ(problem_in({"s", "{% for line in order.lines %}{{ line.total }}{% endfor %}", ""}), "");
  EXPECT_EQ(problem_in({"s", "{% comment %}{{ nothing }}{% endcomment %}x", ""}), "");
  EXPECT_EQ(check_text(*find_message("order_confirmation"), {"{{ a }}", "{{ b }}", "{{ c }}"}).size(), 3U);
}

TEST_P(MailTexts, TheLinkThatAMailIsForStaysInIt) {
  const auto problem = [&](const char* name, const std::string& body, const std::string& html = "") {
    return problem_in({"s", body, html}, name);
  };
  EXPECT_THAT(problem("order_link", "Hello"), AllOf(HasSubstr("body"), HasSubstr("order.url is missing")));
  EXPECT_EQ(problem("order_link", "{{ order.url }}"), "");
  EXPECT_THAT(problem("order_link", "{# {{ order.url }} #}{% comment %}{{ order.url }}{% endcomment %}"),
              HasSubstr("order.url is missing"));
  EXPECT_THAT(problem("seat_link", "{{ seat.name }}"), HasSubstr("seat.url is missing"));
  EXPECT_THAT(problem("already_registered", "Hello"), HasSubstr("sign_in_url is missing"));
  EXPECT_THAT(problem("found_orders", "{% for one in orders %}{{ one.reference }}{% endfor %}"),
              HasSubstr("links of the orders are missing"));
  EXPECT_EQ(problem("found_orders", "{% for one in orders %}{{ one.url }}{% endfor %}"), "");
  EXPECT_THAT(problem("verify_address", "{{ link_url }}", "<p>Hello</p>"), HasSubstr("html"));
  EXPECT_EQ(problem("order_confirmation", "Thank you"), "") << "what is more than a link may go without";
  // The links of accounts are shown as they are and used for nothing else.
  for (const char* use : {"{{ link_url|join:'-' }}", "{% for c in link_url %}{{ c }}-{% endfor %}",
                          "{% with x=link_url %}{{ x }}{% endwith %}", "{% firstof link_url %}"})
    EXPECT_THAT(problem("reset_password", std::string("{{ link_url }} ") + use),
                HasSubstr("link_url opens an account"))
        << use;
  EXPECT_THAT(problem_in({"{{ link_url }}", "{{ link_url }}", ""}, "reset_password"), HasSubstr("subject"));
}

TEST_P(MailTexts, WhatAConditionTakesAwayIsSeenWhenTheMailIsRendered) {
  const auto refusal = [&](const char* name, const TextSource& source) {
    try {
      renderer().render_with(sample(name), source, "a");
    } catch (const TextError& error) {
      return error.part() + ": " + error.message();
    }
    return std::string();
  };
  EXPECT_THAT(refusal("order_link", {"s", "a {% if order.is_free %}{{ order.url }}{% endif %}", ""}),
              HasSubstr("order.url is missing"));
  EXPECT_THAT(refusal("order_link", {"s", "{{ order.url|truncatechars:5 }}", ""}),
              HasSubstr("order.url is missing"));
  EXPECT_THAT(refusal("reset_password",
                      {"s", "{{ link_url }}", "<a href=\"https://evil.example/{{ link_url }}\">a</a>"}),
              HasSubstr("part of another address"));
  EXPECT_EQ(
      refusal("reset_password", {"s", "{% button link_url \"a\" %}", "<a href=\"{{ link_url }}\">a</a>"}),
      "");
  EXPECT_EQ(refusal("invitation", {"s", "Go to {{ link_url }}.", ""}), "");
}

TEST_P(MailTexts, AccountMailsGoOutInTheNameOfTheConferenceTheyAreSentFor) {
  save(text("Fair says: {% button link_url \"New password\" %}", "Fair: a new password", "reset_password"));
  save(text("Fair says: {% button sign_in_url \"Sign in\" %}", "Fair: sign in", "already_registered"));
  const accounts::User user = write([&](db::Tx& tx) {
    return accounts::become_account(tx, {"ada@example.org", "Ada", "en", "hash"});
  });
  for (const bool here : {true, false}) {
    clock().advance(Duration::seconds(1));
    write([&](db::Tx& tx) {
      const auto secret = accounts::new_link_secret(Random::system(), key(), accounts::LinkKind::reset);
      accounts::Link link;
      link.kind = accounts::LinkKind::reset;
      link.user_id = user.id;
      link.email = user.email;
      if (here) link.conference_id = conference_id();
      accounts::mail_link(tx, "reset_password", accounts::create_link(tx, secret, link), "en");
      accounts::mail_account(tx, "already_registered", user.id, "en", here ? conference_id() : 0);
    });
  }
  EXPECT_EQ(deliver(), 4);
  int ours = 0;
  for (const net::ReadMail& mail : mails()) ours += std::string(mail.header("Subject")).starts_with("Fair: ");
  EXPECT_EQ(ours, 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_message WHERE conference_id IS NOT NULL"), 0)
      << "who has an account is not told to organisers";
}

TEST_P(MailTexts, WhatIsWrittenToBuyersGoesToEachOnceAndStandsInTheHistory) {
  const Id one = order("ada@example.org", "Ada"), two = order("bob@example.org", "Bob", 1, "de");
  Note note;
  note.conference_id = conference_id();
  note.text = {"About {{ order.reference }}", "Dear {{ recipient_name }},\n\nthe venue is another one.\n",
               ""};
  note.language = "en";
  note.orders = {one, two, one + 1000};
  note.token = std::string(64, 'a');
  const auto send = [&] { return write([&](db::Tx& tx) { return send_note(tx, grace, note); }); };
  EXPECT_EQ(send().orders, 3);
  EXPECT_TRUE(send().is_repeat);
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE kind = 'order_notes'"), 1);
  jobs::Delivery piece;
  piece.kind = note_kind;
  piece.conference_id = conference_id();
  piece.payload = db().read_now([](db::Tx& tx) {
    return tx.one<std::string>("SELECT payload FROM outbox WHERE kind = 'order_notes'");
  });
  deliver_note(db(), piece);
  deliver_note(db(), piece);  // by a worker that was killed after its write
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE kind = 'mail'"), 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM order_event WHERE reason = 'mail: About {{ order.reference }}'"), 2);
  deliver();
  ASSERT_THAT(mails(), SizeIs(2));
  EXPECT_EQ(std::string(mails()[0].header("Subject")), "About " + get(one).reference);
  EXPECT_THAT(mails()[1].part("text/plain")->bytes, HasSubstr("Dear Bob,\r\n\r\nthe venue is another one."));
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_message WHERE kind = 'order_note' AND order_id IS NOT NULL"), 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'mail_text'"), 1);
  note.token = std::string(64, 'b');
  note.orders.clear();
  EXPECT_THROW(send(), Refused);
}

TEST_P(MailTexts, NoTagReachesBeyondTheMessage) {
  for (const char* body : {"{% include \"django_program/mail/base.html\" %}",
                           "{% extends \"django_program/mail/base.html\" %}",
                           "{% load static %}",
                           "{% load i18n %}",
                           "{% url 'admin:index' %}",
                           "{% csrf_token %}",
                           "{% lorem 99999 %}",
                           "{% now 'Y' %}",
                           "{% autoescape off %}{{ order.url }}{% endautoescape %}",
                           "{{ order.url|safe }}",
                           "{% debug %}",
                           "{% filter upper %}x{% endfilter %}",
                           "{% verbatim %}x{% endverbatim %}",
                           "{{ settings }}",
                           "{{ order.link_version }}",
                           "{{ order.id }}",
                           "{{ order.manage_url }}",
                           "{{ conference.slug }}",
                           "{{ user_name }}",
                           "{{ link_url }}",
                           "{{ reset_url }}",
                           "{{ order.url.__class__ }}",
                           "{{ _order }}",
                           "{{ order.lines|pprint }}",
                           "{{ order.url|stringformat:'99999999s' }}",
                           "{% cycle 'a' 'b' %}",
                           "{% widthratio 1 2 3 %}",
                           "{% translate \"Password\" %}"})
    EXPECT_NE(problem_in({"s", body, ""}), "") << body;
  for (const char* html : {"<script>1</script>", "<ScRiPt src=x>", "<img src=x onerror=alert(1)>",
                           "<a href=\"javascript:x\">", "<iframe src=x>", "<form action=x>", "<svg/onload=x>",
                           "<meta http-equiv=refresh>", "<style>a{}</style>", "<a href='\n javascript:x'>"})
    EXPECT_THAT(problem_in({"s", "x", html}), HasSubstr("html ")) << html;
  EXPECT_EQ(problem_in({"s", "x", "<p style=\"margin:0\"><a href=\"{{ order.url }}\">on time</a></p>"}), "");
}

TEST_P(MailTexts, WhatIsRenderedHasSmallLimits) {
  const Content content = sample("order_confirmation");
  const std::string loop = "{% for a in recipient_email %}", end = "{% endfor %}";
  std::string endless = "x";
  for (int i = 0; i < 6; ++i) endless = loop + endless + end;
  for (const std::string& body :
       {endless, loop + loop + loop + std::string(4'000, 'x') + end + end + end,
        loop + loop + loop + "{% button order.url \"x\" %}" + end + end + end,
        std::string("{% button \"javascript:alert(1)\" \"x\" %}"), std::string("{{ order.discount }}")})
    EXPECT_THROW(renderer().render_with(content, {"s", body, ""}, "a"), TextError) << body.substr(0, 60);
  EXPECT_THROW(renderer().render_with(content, {"{{ order.discount }}", "x", ""}, "a"), TextError);
  std::string deep = "x";
  for (int i = 0; i < 50; ++i) deep = "{% if order.url %}" + deep + "{% endif %}";
  EXPECT_THAT(problem_in({"s", deep, ""}), Not(IsEmpty()));
}

TEST_P(MailTexts, NoHeaderIsAddedByAnythingThatSomebodyTyped) {
  write([&](db::Tx& tx) {
    tx.exec("UPDATE ticket_type SET name = $1", "Bird\r\nBcc: eve@example.org\r\n\r\nx");
    tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1");
  });
  save(text("x", "{{ order.lines.0.description }} {{ order.name }}"));
  pay(order("ada@example.org", "Ada"));
  deliver();
  ASSERT_THAT(mails(), SizeIs(1));
  EXPECT_TRUE(mails()[0].header("Bcc").empty());
  EXPECT_THAT(std::string(mails()[0].header("Subject")), HasSubstr("Bird Bcc: eve@example.org x Ada"));
}

TEST_P(MailTexts, ATestGoesToWhoeverEditsAndSaysSoAndIsOfNoOrder) {
  const Id id = order();
  write([&](db::Tx& tx) {
    jobs::enqueue(tx, "mail", conference_id(),
                  jobs::payload({{"message", "order_confirmation"},
                                 {"language", "en"},
                                 {"email", "grace@example.org"},
                                 {"name", "Grace"},
                                 {"order", id},
                                 {"subject", "About {{ order.reference }}"},
                                 {"body", "{{ order.name }}: {{ order.url }}"},
                                 {"html", ""}}));
  });
  EXPECT_EQ(deliver(), 1);
  ASSERT_THAT(mails(), SizeIs(1));
  EXPECT_EQ(server().mails()[0].to, "grace@example.org");
  const registration::Order real = get(id);
  EXPECT_EQ(std::string(mails()[0].header("Subject")), "[Test] About " + real.reference);
  const std::string plain = mails()[0].part("text/plain")->bytes;
  EXPECT_THAT(plain, HasSubstr("Ada Lovelace: https://"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_message WHERE order_id IS NOT NULL"), 0);
  EXPECT_EQ(count("SELECT COUNT(*) FROM mail_message WHERE kind = 'order_confirmation'"), 1);
}

TEST(TextHtml, ParagraphsListsLinksAndBlocks) {
  const std::vector<std::string> blocks{"<b>block</b>"};
  const std::string text = "a < b\nsecond\n\n- one\n- two\n\n" + block_mark("key", 0) +
                           "\n\nsee https://example.org/x?a=1&b=2. Bye " + block_mark("other", 0);
  const std::string html = html_of_text(text, "key", blocks);
  EXPECT_THAT(html, HasSubstr("a &lt; b<br>second</p>"));
  EXPECT_THAT(html, HasSubstr("<li>one</li><li>two</li></ul>"));
  EXPECT_THAT(html, HasSubstr("\n<b>block</b>\n"));
  EXPECT_THAT(
      html,
      HasSubstr("<a href=\"https://example.org/x?a=1&amp;b=2\">https://example.org/x?a=1&amp;b=2</a>."));
  EXPECT_EQ(html.find("<b>block</b>"), html.rfind("<b>block</b>")) << "a mark of another mail is text";
  EXPECT_EQ(html_of_text(block_mark("key", 7), "key", blocks).find("<b>"), std::string::npos);
}

TEST(TextDiff, TellsWhatWentAndWhatCame) {
  using Kind = DiffLine::Kind;
  const auto lines = text_diff("a\nb\nc\n", "a\nB\nc\nd");
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_THAT(lines, ElementsAre(Field(&DiffLine::kind, Kind::same), Field(&DiffLine::kind, Kind::removed),
                                 Field(&DiffLine::kind, Kind::added), Field(&DiffLine::kind, Kind::same),
                                 Field(&DiffLine::kind, Kind::added)));
  EXPECT_EQ(lines[4].text, "d");
  EXPECT_THAT(text_diff("", ""), IsEmpty());
  EXPECT_THAT(text_diff("same\n", "same\n"), SizeIs(1));
}

}  // namespace
}  // namespace plenary::mail::testing
