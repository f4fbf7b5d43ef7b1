#include "site/browser_name.hpp"

#include <gtest/gtest.h>

#include <string>

namespace plenary::site {
namespace {

std::string named(std::string_view user_agent) {
  const BrowserName name = browser_name(user_agent);
  return std::string(name.browser) + "/" + std::string(name.system);
}

TEST(BrowserName, IsTheOneItsOwnerKnows) {
  EXPECT_EQ(named("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"), "Firefox/Linux");
  EXPECT_EQ(named("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                  "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"),
            "Edge/Windows");
  EXPECT_EQ(named("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
                  "Gecko) Version/18.1 Mobile/15E148 Safari/604.1"),
            "Safari/iPhone");
  EXPECT_EQ(named("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 "
                  "Mobile Safari/537.36"),
            "Chrome/Android");
}

TEST(BrowserName, OfSomethingElseIsLeftOpen) {
  EXPECT_EQ(named(""), "/");
  EXPECT_EQ(named("curl/7.88.1"), "/");
}

}  // namespace
}  // namespace plenary::site
