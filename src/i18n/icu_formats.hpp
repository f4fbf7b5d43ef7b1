// What ICU knows about writing dates and numbers in one language, kept for one thread: its formatters are
// slow to make and may not be shared. Inside of this room only.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace plenary::i18n {

// Defaults: English.
struct NumberMarks {
  std::string decimal = ".", group = ",", minus = "-";
  int primary = 3, secondary = 3;  // digits of the last group, of the ones before
  int minimum = 1;                 // digits that must stand before the last group
  bool symbol_first = true;
  std::string before_number, after_number;  // between symbol and number
};

class IcuFormats {
 public:
  explicit IcuFormats(std::string_view language);
  ~IcuFormats();
  IcuFormats(const IcuFormats&) = delete;
  IcuFormats& operator=(const IcuFormats&) = delete;

  // `local` is the reading of `at` in the zone of that name: the day and hour are ours, ICU only writes them.
  std::string moment(const LocalTime& local, Instant at, std::string_view zone);
  std::string clock(const LocalTime& local, Instant at, std::string_view zone);
  std::string day(Date date);
  std::string days(Date from, Date to);
  const NumberMarks& marks() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Of this thread.
IcuFormats& icu_formats(std::string_view language);

// "CEST", "UTC+5:30": English.
std::string zone_letters(const LocalTime& local);

}  // namespace plenary::i18n
