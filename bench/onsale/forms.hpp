// Reads a form out of a page the way a browser would before sending it: hidden fields are taken from the
// HTML, never guessed. Enough of HTML for pages that are well-formed; not a parser for the web at large.
// Views point into the page.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace plenary::onsale {

struct FieldValue {
  std::string_view name, value;
};

// Finds the form whose action is `action` and, where `marker` has a name, that has an input of exactly that
// name and value. The form's inner HTML, or nothing.
std::optional<std::string_view> find_form(std::string_view page, std::string_view action,
                                          FieldValue marker = {});

// Appends the form's fields to `body` as application/x-www-form-urlencoded: `typed` wins over the value in
// the page; boxes that are not ticked, and buttons, are left out.
void encode_form(std::string_view form, std::span<const FieldValue> typed, std::string& body);

}  // namespace plenary::onsale
