#include "site/browser_name.hpp"

#include <array>
#include <utility>

namespace plenary::site {
namespace {

using Table = std::pair<std::string_view, std::string_view>;

// The first mark that is found counts: browsers also claim to be those they descend from.
constexpr std::array<Table, 8> browsers{{{"Edg", "Edge"},
                                         {"OPR/", "Opera"},
                                         {"SamsungBrowser/", "Samsung Internet"},
                                         {"Firefox/", "Firefox"},
                                         {"FxiOS/", "Firefox"},
                                         {"CriOS/", "Chrome"},
                                         {"Chrome/", "Chrome"},
                                         {"Safari/", "Safari"}}};
constexpr std::array<Table, 7> systems{{{"Android", "Android"},
                                        {"iPhone", "iPhone"},
                                        {"iPad", "iPad"},
                                        {"Windows", "Windows"},
                                        {"Mac OS X", "macOS"},
                                        {"CrOS", "ChromeOS"},
                                        {"Linux", "Linux"}}};

template <std::size_t N>
std::string_view first_of(const std::array<Table, N>& table, std::string_view text) {
  for (const auto& [mark, name] : table) {
    if (text.find(mark) != std::string_view::npos) return name;
  }
  return {};
}

}  // namespace

BrowserName browser_name(std::string_view user_agent) {
  return {first_of(browsers, user_agent), first_of(systems, user_agent)};
}

}  // namespace plenary::site
