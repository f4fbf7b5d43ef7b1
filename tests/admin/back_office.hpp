// The data admin in front of a database of either engine with the conference "fair" (support/site/shop.hpp),
// and a superuser signed in.
#pragma once

#include <string>
#include <string_view>

#include "admin/model.hpp"
#include "admin/routes.hpp"
#include "support/site/people.hpp"

namespace plenary::admin::testing {

using site::testing::Buyer;
using site::testing::contains;
using site::testing::Fields;
using site::testing::HttpResponse;

class AdminTest : public site::testing::PeopleTest {
 protected:
  std::vector<site::AddPages> more_pages() override { return {add_pages}; }
  // A browser in which the superuser "root" is signed in.
  Buyer superuser_browser(const std::string& username = "root") {
    superuser(username);
    Buyer browser = buyer();
    sign_in(browser, username);
    return browser;
  }
  // Whoever may everything.
  static Person superuser_person() { return {accounts::Rights(true, {}), std::nullopt}; }
  // "/admin/program_conference/conference/7/change/"
  static std::string address(std::string_view entity, std::int64_t id, std::string_view page) {
    return "/admin/" + std::string(entity) + "/" + std::to_string(id) + "/" + std::string(page) + "/";
  }
};

}  // namespace plenary::admin::testing
