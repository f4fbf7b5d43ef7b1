// Facts about calendar files.
#include <gtest/gtest.h>

#include "documents/calendar.hpp"

namespace plenary::documents {
namespace {

CalendarEvent event() {
  CalendarEvent e;
  e.uid = "seat-17@tickets.example.org";
  e.summary = "Fair 2027";
  e.location = "Old Harbour Hall, Quay 1; Hamburg";
  e.url = "https://tickets.example.org/fair/";
  e.first_day = *Date::parse("2027-05-14");
  e.last_day = *Date::parse("2027-05-16");
  e.stamp = *Instant::parse("2027-01-02T03:04:05Z");
  return e;
}

TEST(Calendar, AnEventOfWholeDaysEndsTheDayAfterItsLast) {
  EXPECT_EQ(calendar_file(event()),
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Plenary//Plenary//EN\r\nCALSCALE:GREGORIAN\r\n"
            "METHOD:PUBLISH\r\nBEGIN:VEVENT\r\nUID:seat-17@tickets.example.org\r\n"
            "DTSTAMP:20270102T030405Z\r\nDTSTART;VALUE=DATE:20270514\r\nDTEND;VALUE=DATE:20270517\r\n"
            "SUMMARY:Fair 2027\r\nLOCATION:Old Harbour Hall\\, Quay 1\\; Hamburg\r\n"
            "URL:https://tickets.example.org/fair/\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
}

TEST(Calendar, LongLinesAreFoldedBetweenCharacters) {
  CalendarEvent e = event();
  for (int i = 0; i < 40; ++i) e.summary += "ä山";
  const std::string file = calendar_file(e);
  std::string unfolded;
  for (std::size_t at = 0; at < file.size();) {
    const std::size_t end = file.find("\r\n", at);
    const std::string line = file.substr(at, end - at);
    EXPECT_LE(line.size(), 75u);
    EXPECT_NE(static_cast<unsigned char>(line[line.starts_with(' ') ? 1 : 0]) & 0xC0, 0x80)
        << "a whole character";
    at = end + 2;
    if (line.starts_with(' ')) {
      unfolded += line.substr(1);
    } else {
      unfolded += "\n" + line;
    }
  }
  EXPECT_NE(unfolded.find("SUMMARY:" + e.summary), std::string::npos);
}

TEST(Calendar, NothingInATextBecomesALineOfItsOwn) {
  CalendarEvent e = event();
  e.summary = "Fair\r\nATTENDEE:mailto:eve@example.org\\n";
  e.url = "https://example.org/\r\nX-EVIL:1";
  e.description = "one\ntwo";
  const std::string file = calendar_file(e);
  EXPECT_EQ(file.find("\r\nATTENDEE"), std::string::npos);
  EXPECT_EQ(file.find("\r\nX-EVIL"), std::string::npos);
  EXPECT_NE(file.find("SUMMARY:Fair\\nATTENDEE:mailto:eve@example.org\\\\n\r\n"), std::string::npos);
  EXPECT_NE(file.find("DESCRIPTION:one\\ntwo\r\n"), std::string::npos);
}

}  // namespace
}  // namespace plenary::documents
