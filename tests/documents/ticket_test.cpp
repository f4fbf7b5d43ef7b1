// Facts about tickets as PDF.
#include <gtest/gtest.h>

#include <thread>

#include "documents/qr_code.hpp"
#include "documents/render.hpp"
#include "documents/ticket.hpp"

namespace plenary::documents {
namespace {

using testing::info_of;
using testing::run_on;
using testing::scanned;
using testing::text_of;

TicketDocument ticket() {
  TicketDocument t;
  t.title = "Ticket for Fair 2027: Ada Lovelace";
  t.conference_name = "Fair 2027";
  t.dates = "14 to 16 May 2027";
  t.venue = "Old Harbour Hall";
  t.address = "Quay 1\n20457 Hamburg";
  t.holder_name = "Ada Lovelace";
  t.ticket_type = "Individual";
  t.access_code = "A3K9M2X1";
  t.order_reference = "ORD-8F2K4M1X";
  t.qr_text = "fair-2027:A3K9M2X1";
  t.notes = {"Show this page at the registration desk, on paper or on a screen."};
  t.created_at = *Instant::parse("2027-01-02T03:04:05Z");
  return t;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Ticket, IsAWellFormedTaggedFileWithTitleAuthorAndDate) {
  const std::string pdf = ticket_pdf(ticket());
  ASSERT_TRUE(pdf.starts_with("%PDF-"));
  EXPECT_TRUE(holds(run_on(pdf, "qpdf --check {}"), "No syntax or stream encoding errors"));
  const std::string info = info_of(pdf);
  EXPECT_TRUE(holds(info, "Ticket for Fair 2027: Ada Lovelace")) << info;
  EXPECT_TRUE(holds(info, "Author:          Fair 2027")) << info;
  EXPECT_TRUE(holds(info, "Tagged:          yes")) << info;
  EXPECT_TRUE(holds(info, "Pages:           1")) << info;
  EXPECT_TRUE(holds(info, "Jan  2")) << info;
  EXPECT_TRUE(holds(info, "(A4)")) << info;
}

TEST(Ticket, TellsItsLanguageItsTitleAndWhatThePictureIs) {
  TicketDocument german = ticket();
  german.language = "de";
  german.labels.qr_code = "QR-Code für den Einlass";
  const std::string plain = run_on(ticket_pdf(german), "qpdf --qdf --object-streams=disable {} -");
  EXPECT_TRUE(holds(plain, "/Lang (de)"));
  EXPECT_TRUE(holds(plain, "/DisplayDocTitle true"));
  EXPECT_TRUE(holds(plain, "/Marked true"));
  const std::string structure = run_on(ticket_pdf(german), "pdfinfo -struct-text {}");
  EXPECT_TRUE(holds(structure, "Document"));
  EXPECT_TRUE(holds(structure, "H1 (block)")) << structure;
  EXPECT_TRUE(holds(structure, "Figure")) << structure;
  EXPECT_TRUE(holds(run_on(ticket_pdf(german), "pdfinfo -struct {}"), "Figure"));
  // "QR-Code f" in UTF-16.
  EXPECT_TRUE(holds(ticket_pdf(german), "/Alt <FEFF00510052002D0043006F00640065"));
}

TEST(Ticket, ShowsEverythingThatTheDeskNeeds) {
  const std::string text = text_of(ticket_pdf(ticket()));
  for (const std::string_view part :
       {"Fair 2027", "Ada Lovelace", "Individual", "A3K9M2X1", "14 to 16 May 2027", "Old Harbour Hall",
        "20457 Hamburg", "ORD-8F2K4M1X", "registration desk"})
    EXPECT_TRUE(holds(text, part)) << part << "\n" << text;
}

TEST(Ticket, TheCodeIsWhatTheScannerReads) {
  EXPECT_EQ(scanned(ticket_pdf(ticket())), "fair-2027:A3K9M2X1");
}

TEST(Ticket, NamesInEveryScriptCanBeReadAndCopied) {
  for (const char* name : {"محمد العربي", "שלום כהן", "山田太郎", "김철수", "नमस्ते दुनिया", "สมชาย ใจดี",
                           "Ελένη Παπαδοπούλου", "Дмитрий Іванович", "Nguyễn Thị Ánh", "Łukasz Żółć"}) {
    TicketDocument t = ticket();
    t.holder_name = name;
    const std::string pdf = ticket_pdf(t);
    std::string text = text_of(pdf);
    // Marks that turn the writing direction stand around words that run from right to left.
    for (const std::string_view mark : {"\u202a", "\u202b", "\u202c", "\u200e", "\u200f"})
      for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark))
        text.erase(at, mark.size());
    EXPECT_TRUE(holds(text, name)) << name << "\n" << text;
    const std::string fonts = run_on(pdf, "pdffonts {} | tail -n +3");
    EXPECT_FALSE(holds(fonts, " no  yes")) << "every font is embedded: " << fonts;
    EXPECT_EQ(scanned(pdf), "fair-2027:A3K9M2X1");
  }
}

TEST(Ticket, ALanguageThatReadsFromRightToLeftTurnsThePageRound) {
  TicketDocument t = ticket();
  t.language = "ar";
  t.labels.holder = "الاسم";
  t.holder_name = "محمد العربي";
  const std::string boxes = run_on(ticket_pdf(t), "pdftotext -bbox {} -");
  const auto left_of = [&](const std::string& word) {
    const std::size_t at = boxes.find(">" + word);
    EXPECT_NE(at, std::string::npos) << boxes;
    const std::size_t start = boxes.rfind("xMin=\"", at) + 6;
    return std::stod(boxes.substr(start));
  };
  EXPECT_LT(left_of("A3K9M2X1"), 300) << "the code stands on the left";
  EXPECT_GT(left_of("Individual"), 300) << "the facts begin at the right edge";
}

TEST(Ticket, SeveralAreOneFileWithAPageForEach) {
  TicketDocument other = ticket();
  other.holder_name = "Grace Hopper";
  other.access_code = "B4L0N3Y2";
  other.qr_text = "fair-2027:B4L0N3Y2";
  const std::vector<TicketDocument> both{ticket(), other};
  const std::string pdf = tickets_pdf(both, "Tickets for Fair 2027");
  EXPECT_TRUE(holds(run_on(pdf, "qpdf --check {}"), "No syntax or stream encoding errors"));
  const std::string info = info_of(pdf);
  EXPECT_TRUE(holds(info, "Title:           Tickets for Fair 2027")) << info;
  EXPECT_TRUE(holds(info, "Tagged:          yes")) << info;
  EXPECT_TRUE(holds(info, "Pages:           2")) << info;
  const std::string first = run_on(pdf, "pdftotext -l 1 {} -"), second = run_on(pdf, "pdftotext -f 2 {} -");
  EXPECT_TRUE(holds(first, "Ada Lovelace") && holds(first, "A3K9M2X1")) << first;
  EXPECT_TRUE(holds(second, "Grace Hopper") && holds(second, "B4L0N3Y2")) << second;
  EXPECT_FALSE(holds(first, "Grace Hopper") || holds(second, "Ada Lovelace"));
}

TEST(Ticket, TheSameStructGivesTheSameBytes) {
  const std::string here = ticket_pdf(ticket());
  std::string there;
  std::thread([&] { there = ticket_pdf(ticket()); }).join();
  EXPECT_EQ(here, there);
  EXPECT_EQ(here, ticket_pdf(ticket()));
}

TEST(Ticket, ManyAreDrawnAtOnce) {
  const std::string expected = ticket_pdf(ticket());
  std::vector<std::string> drawn(6);
  std::vector<std::thread> threads;
  for (std::string& pdf : drawn) threads.emplace_back([&pdf] { pdf = ticket_pdf(ticket()); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& pdf : drawn) EXPECT_EQ(pdf, expected);
}

TEST(Ticket, LongTextsStayOnThePage) {
  TicketDocument t = ticket();
  t.holder_name = std::string(200, 'W');
  t.conference_name = std::string(200, 'M');
  t.ticket_type = std::string(200, 'm');
  t.venue = std::string(150, 'v');
  t.address = std::string(200, 'a');
  t.notes = std::vector<std::string>(30,
                                     "A note that is long enough to need more than a line of its own on a "
                                     "page of this size, so that some of them go to a second page.");
  const std::string pdf = ticket_pdf(t);
  EXPECT_TRUE(holds(run_on(pdf, "qpdf --check {}"), "No syntax or stream encoding errors"));
  EXPECT_TRUE(holds(info_of(pdf), "Tagged:          yes"));
  EXPECT_FALSE(holds(info_of(pdf), "Pages:           1\n"));
  EXPECT_EQ(scanned(pdf), "fair-2027:A3K9M2X1");
}

TEST(Ticket, ASandboxTicketSaysSoAndAnOpenOneToo) {
  TicketDocument t = ticket();
  t.sandbox_mark = "Sandbox: this ticket is not valid";
  t.holder_name.clear();
  t.accent_color = "#ffee00";
  const std::string text = text_of(ticket_pdf(t));
  EXPECT_TRUE(holds(text, "this ticket is not valid"));
  EXPECT_TRUE(holds(text, "Not named yet"));
}

TEST(Ticket, HostileTextsAreOnlyText) {
  TicketDocument t = ticket();
  t.holder_name = "<script>alert(1)</script> ) >> endobj %%EOF";
  t.title = "a ) /OpenAction << >> \\";
  t.language = "en) /OpenAction (x";
  t.accent_color = "red; }";
  const std::string pdf = ticket_pdf(t);
  EXPECT_TRUE(holds(run_on(pdf, "qpdf --check {}"), "No syntax or stream encoding errors"));
  EXPECT_TRUE(holds(text_of(pdf), "<script>alert(1)</script>"));
  EXPECT_FALSE(holds(run_on(pdf, "qpdf --json=1 --json-key=objects {}"), "\"/OpenAction\""));
}

TEST(QrCode, AsAPictureForTheScreenIsReadToo) {
  const std::string svg = qr_svg("fair-2027:A3K9M2X1");
  EXPECT_TRUE(svg.starts_with("<svg "));
  const QrCode code = qr_code("fair-2027:A3K9M2X1");
  EXPECT_EQ(code.size, 25) << "version 2, the smallest that fits";
  EXPECT_TRUE(holds(svg, "viewBox=\"0 0 33 33\"")) << "four modules of quiet on each side";
}

TEST(QrCode, ATextThatIsTooLongIsRefused) {
  EXPECT_THROW(qr_code(std::string(3000, 'x')), std::invalid_argument);
}

}  // namespace
}  // namespace plenary::documents
