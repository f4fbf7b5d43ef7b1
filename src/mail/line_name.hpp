// What a line of an order is called in a language. Products keep the name that they were sold with; fees are
// stored with the house's own English words, and are said in the language of who reads them.
#pragma once

#include <string>
#include <string_view>

namespace plenary::mail {

std::string line_name(std::string_view language, const std::string& description);

}  // namespace plenary::mail
