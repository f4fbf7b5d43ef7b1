// What a domain function throws when it will not do what was asked. Nothing has been written by then.
// Interface rooms turn Refused into 4xx with the message beside what was typed, NotFound into 404.
#pragma once

#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plenary {

// A rule said no. `code` is stable and machine readable ("sold_out"); the text is for the person, with
// {name} placeholders filled from the arguments, so that a translation can replace the template alone.
class Refused : public std::exception {
 public:
  using Arguments = std::vector<std::pair<std::string, std::string>>;
  Refused(std::string code, std::string text, Arguments arguments = {}, std::string field = {});

  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& text() const { return text_; }  // the template
  const Arguments& arguments() const { return arguments_; }
  const std::string& field() const { return field_; }  // the form field it belongs to, or empty

 private:
  std::string code_, text_, field_, message_;
  Arguments arguments_;
};

// The thing asked for does not exist, or not for whoever asks.
class NotFound : public std::exception {
 public:
  explicit NotFound(std::string diagnostic) : diagnostic_(std::move(diagnostic)) {}
  const char* what() const noexcept override { return diagnostic_.c_str(); }

 private:
  std::string diagnostic_;
};

// A queue is full or a limit on waiting is reached: 503 with Retry-After.
class Overloaded : public std::exception {
 public:
  explicit Overloaded(int retry_after_seconds = 2) : retry_after_seconds(retry_after_seconds) {}
  const char* what() const noexcept override { return "overloaded"; }
  int retry_after_seconds;
};

// Marks a message for translation where it is only kept; whoever shows it translates it.
constexpr const char* message(const char* text) {
  return text;
}

// Fills {name} placeholders; an unknown name stays as it is.
std::string fill(std::string_view text, const Refused::Arguments& arguments);

}  // namespace plenary
