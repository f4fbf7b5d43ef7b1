// What a browser gets of the stand-in: a stripe.js with a Payment Element, the frame it puts into the page,
// and the bank's page of 3-D Secure. Texts only.
#pragma once

#include <string>
#include <string_view>

namespace plenary::test {

std::string_view stripe_js();
std::string_view element_html();
std::string_view element_js();
std::string bank_html(const std::string& intent_id, const std::string& return_url);

}  // namespace plenary::test
