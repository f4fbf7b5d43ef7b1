#include "documents/calendar.hpp"

#include <string_view>

#include <fmt/format.h>

namespace plenary::documents {
namespace {

// source: RFC 5545, 3.3.11.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      continue;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += ' ';
    } else {
      if (c == '\\' || c == ';' || c == ',') out += '\\';
      out += c;
    }
  }
  return out;
}

// A line of at most 75 octets, going on behind a blank; never within a character. source: RFC 5545, 3.1.
void add_line(std::string& file, std::string_view line) {
  std::size_t room = 75;
  while (line.size() > room) {
    std::size_t cut = room;
    while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80) --cut;
    if (cut == 0) cut = room;
    file += line.substr(0, cut);
    file += "\r\n ";
    line.remove_prefix(cut);
    room = 74;
  }
  file += line;
  file += "\r\n";
}

std::string day(Date date) {
  return fmt::format("{:04}{:02}{:02}", date.year(), date.month(), date.day());
}

std::string moment(Instant at) {
  const LocalTime utc = TimeZone::utc().local(at);
  return fmt::format("{}T{:02}{:02}{:02}Z", day(utc.date), utc.hour, utc.minute, utc.second);
}

// An address is no text: nothing is escaped, and what cannot stand in one is left out.
std::string address(std::string_view url) {
  std::string out;
  for (const char c : url)
    if (static_cast<unsigned char>(c) > 0x20 && c != 0x7f) out += c;
  return out;
}

}  // namespace

std::string calendar_file(const CalendarEvent& event) {
  std::string file;
  const auto text = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) add_line(file, std::string(name) + ":" + escaped(value));
  };
  add_line(file, "BEGIN:VCALENDAR");
  add_line(file, "VERSION:2.0");
  add_line(file, "PRODID:-//Plenary//Plenary//EN");
  add_line(file, "CALSCALE:GREGORIAN");
  add_line(file, "METHOD:PUBLISH");
  add_line(file, "BEGIN:VEVENT");
  text("UID", event.uid);
  add_line(file, "DTSTAMP:" + moment(event.stamp));
  add_line(file, "DTSTART;VALUE=DATE:" + day(event.first_day));
  // The end is the first day that no longer belongs to it.
  add_line(file, "DTEND;VALUE=DATE:" + day(event.last_day.plus_days(1)));
  text("SUMMARY", event.summary);
  text("LOCATION", event.location);
  text("DESCRIPTION", event.description);
  if (!event.url.empty()) add_line(file, "URL:" + address(event.url));
  add_line(file, "TRANSP:OPAQUE");
  add_line(file, "END:VEVENT");
  add_line(file, "END:VCALENDAR");
  return file;
}

}  // namespace plenary::documents
