// E-mails as text: what stands in the bytes, and that they read back as what was meant.
#include "net/message.hpp"

#include <gmock/gmock.h>

#include "net/message_reader.hpp"

namespace plenary::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

MailMessage message() {
  MailMessage m;
  m.from = {"shop@example.org", "The Fair"};
  m.to = {"ada@example.org", "Ada Lovelace"};
  m.subject = "Your order";
  m.message_id = "abc@shop.example.org";
  m.date = *Instant::parse("2027-05-14T09:00:00Z");
  m.language = "en";
  m.text = "Hello\nand welcome.\n";
  return m;
}

void expect_sound(const std::string& text) {
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    ASSERT_LT(byte, 0x80u) << "a byte that is no ASCII, at " << i;
    if (text[i] == '\n') {
      ASSERT_TRUE(i > 0 && text[i - 1] == '\r') << "a bare line feed";
      EXPECT_LE(i - start, 998u);
      start = i + 1;
    }
    if (text[i] == '\r') {
      ASSERT_TRUE(i + 1 < text.size() && text[i + 1] == '\n');
    }
  }
}

TEST(Message, APlainOneIsReadableAsItStands) {
  const std::string text = to_text(message());
  expect_sound(text);
  EXPECT_EQ(text,
            "From: \"The Fair\"\r\n <shop@example.org>\r\n"
            "To: \"Ada Lovelace\"\r\n <ada@example.org>\r\n"
            "Subject: Your order\r\n"
            "Date: Fri, 14 May 2027 09:00:00 +0000\r\n"
            "Message-ID: <abc@shop.example.org>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "X-Auto-Response-Suppress: All\r\n"
            "Content-Language: en\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
            "Hello\r\nand welcome.\r\n");
}

TEST(Message, TheSameMessageIsTheSameBytes) {
  EXPECT_EQ(to_text(message()), to_text(message()));
}

TEST(Message, TextAndHtmlAndAttachmentsReadBack) {
  MailMessage m = message();
  m.text = "Grüße aus Köln = 100 %\n.\nFrom here\n" + std::string(500, 'x') + " \n";
  m.html = "<p style=\"color:#111\">Grüße</p>\n";
  m.attachments.push_back(
      {"fair.ics", "text/calendar; charset=utf-8; method=PUBLISH", "BEGIN:VCALENDAR\r\n"});
  m.attachments.push_back({"Täst \"1\".pdf", "application/pdf", std::string("\0\xff\x01%PDF", 7)});
  const std::string text = to_text(m);
  expect_sound(text);
  const ReadMail read = read_mail(text);
  ASSERT_EQ(read.parts.size(), 4u);
  EXPECT_EQ(read.parts[0].content_type, "text/plain");
  EXPECT_EQ(read.parts[0].bytes,
            "Grüße aus Köln = 100 %\r\n.\r\nFrom here\r\n" + std::string(500, 'x') + " \r\n");
  EXPECT_EQ(read.parts[1].content_type, "text/html");
  EXPECT_EQ(read.parts[1].bytes, "<p style=\"color:#111\">Grüße</p>\r\n");
  EXPECT_EQ(read.parts[2].filename, "fair.ics");
  EXPECT_EQ(read.parts[2].bytes, "BEGIN:VCALENDAR\r\n");
  EXPECT_EQ(read.parts[3].filename, "Täst -1-.pdf");
  EXPECT_EQ(read.parts[3].bytes, std::string("\0\xff\x01%PDF", 7));
  // No line of a body may end the message, or begin another in a mailbox file.
  EXPECT_THAT(text, Not(HasSubstr("\r\n.\r\n")));
  EXPECT_THAT(text, Not(HasSubstr("\r\nFrom here")));
}

TEST(Message, NamesAndSubjectsOfEveryScriptReadBack) {
  for (const char* name :
       {"Žofie Nováková-Šťastná", "李小龍", "محمد بن موسى الخوارزمي", "Ada \"the\" \\ Lovelace",
        "=?UTF-8?B?aGk=?=", "👩‍💻 Ada", ", ; : <x@y.org>"}) {
    MailMessage m = message();
    m.to.name = name;
    m.subject =
        std::string("Bestellung für ") + name + " und noch viele Wörter mehr, damit die Zeile zu lang wird";
    const std::string text = to_text(m);
    expect_sound(text);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find("\r\n", at);
      EXPECT_LE(end - at, 78u) << text.substr(at, end - at);
      at = end + 2;
    }
    const ReadMail read = read_mail(text);
    EXPECT_EQ(read.header("Subject"), m.subject);
    EXPECT_THAT(std::string(read.header("To")), HasSubstr("<ada@example.org>"));
    if (std::string_view(name).find_first_of("\"\\") == std::string_view::npos) {
      EXPECT_THAT(std::string(read.header("To")), HasSubstr(name));
    }
  }
}

TEST(Message, ALongSubjectIsFoldedAtItsBlanks) {
  MailMessage m = message();
  m.subject.clear();
  for (int i = 0; i < 60; ++i) m.subject += "word ";
  m.subject += "end";
  const std::string text = to_text(m);
  expect_sound(text);
  EXPECT_EQ(read_mail(text).header("Subject"), m.subject);
}

TEST(Message, NoValueBeginsAHeaderOfItsOwn) {
  const std::string evil = "Ada\r\nBcc: victim@example.org\r\n\r\nbody\x00\x0b\x0c\xc2\x85\xe2\x80\xa8more";
  MailMessage m = message();
  m.to.name = m.from.name = m.subject = evil;
  m.reply_to = Address{"reply@example.org", evil};
  m.attachments.push_back({evil, "application/pdf", "x"});
  const std::string text = to_text(m);
  expect_sound(text);
  std::size_t body_at = 0;
  const MailHeaders headers = read_headers(text, &body_at);
  for (const auto& [name, value] : headers) {
    EXPECT_NE(name, "Bcc");
    EXPECT_EQ(value.find('\n'), std::string::npos);
  }
  EXPECT_EQ(headers.size(), 11u);
  EXPECT_EQ(read_mail(text).parts.size(), 2u);
  EXPECT_THAT(text, Not(HasSubstr("\nBcc")));
}

TEST(Message, WhatIsNoAddressIsRefused) {
  for (const char* address :
       {"ada@example.org\r\nBcc: x@example.org", "a b@example.org", "", "ada@example.org>"}) {
    MailMessage m = message();
    m.to.email = address;
    EXPECT_THROW(to_text(m), std::invalid_argument) << address;
  }
  MailMessage m = message();
  m.message_id = "a b@c";
  EXPECT_THROW(to_text(m), std::invalid_argument);
  m = message();
  m.language = "en\r\nX: y";
  EXPECT_THROW(to_text(m), std::invalid_argument);
}

TEST(Message, AddressesAreReadAsSettingsWriteThem) {
  EXPECT_EQ(Address::parse("Plenary <noreply@localhost>")->name, "Plenary");
  EXPECT_EQ(Address::parse("\"A, B\" <a@example.org>")->name, "A, B");
  EXPECT_EQ(Address::parse("a@example.org")->email, "a@example.org");
  EXPECT_FALSE(Address::parse("nobody"));
}

TEST(MessageReader, NothingMalformedBreaksIt) {
  std::string deep = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 1000; ++i) deep += "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  std::string many = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 10'000; ++i) many += "--b\r\n\r\nx\r\n";
  EXPECT_LE(read_mail(deep).parts.size(), 50u);
  EXPECT_LE(read_mail(many).parts.size(), 50u);
  for (const std::string& text :
       {std::string(), std::string("\r\n"), std::string(" folded\r\n"), std::string("=?"),
        std::string("A: =?utf-8?B?"), std::string("A: =?utf-8?Q?=4"), std::string(100'000, ':'),
        std::string("Content-Type: multipart/x; boundary\n"),
        std::string("Content-Type: multipart/x; boundary=\"\\"), std::string("A: b\n\n=4"),
        std::string("\0\0", 2)}) {
    EXPECT_LE(read_mail(text).parts.size(), 1u);
  }
}

TEST(MessageReader, AnEncodedWordEndsWithinItsLine) {
  const auto subject = [](const std::string& text) {
    return std::string(read_mail("Subject: " + text + "\r\n\r\nx").header("Subject"));
  };
  const std::string letters(980, 'a');
  EXPECT_EQ(subject("=?utf-8?q?" + letters + "?="), letters);
  const std::string endless = "=?utf-8?q?" + letters + letters + "?=";
  EXPECT_EQ(subject(endless), endless);
  // Each beginning once looked for its end up to the end of the header: two minutes for half a megabyte.
  std::string beginnings;
  while (beginnings.size() < 50'000) beginnings += "=?u?b";
  EXPECT_EQ(subject(beginnings), beginnings);
}

}  // namespace
}  // namespace plenary::net
