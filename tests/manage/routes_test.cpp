#include "manage/routes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/conference/features.hpp"

namespace plenary::manage {
namespace {

// The names of chapter 10, 10.3, with the number of their arguments.
const std::vector<std::pair<std::string, int>>& names() {
  static const std::vector<std::pair<std::string, int>> all = [] {
    std::vector<std::pair<std::string, int>> list{{"conference-list", 0},
                                                  {"dashboard", 1},
                                                  {"conference-edit", 1},
                                                  {"import-pretalx", 0},
                                                  {"import-pretalx-stream", 0},
                                                  {"pretalx-event-search", 0},
                                                  {"sync-pretalx", 1},
                                                  {"sync-pretalx-stream", 1},
                                                  {"sync-sponsors", 1},
                                                  {"speaker-list", 1},
                                                  {"speaker-detail", 2},
                                                  {"talk-list", 1},
                                                  {"talk-list-by-type", 2},
                                                  {"talk-detail", 2},
                                                  {"talk-edit", 2},
                                                  {"schedule-list", 1},
                                                  {"slot-edit", 2},
                                                  {"room-search", 1},
                                                  {"sponsor-manage-list", 1},
                                                  {"sponsor-add", 1},
                                                  {"sponsor-edit", 2},
                                                  {"activity-dashboard", 2},
                                                  {"activity-dashboard-export", 2},
                                                  {"activity-promote-signup", 3},
                                                  {"travel-grant-list", 1},
                                                  {"travel-grant-review", 2},
                                                  {"travel-grant-send-message", 2},
                                                  {"travel-grant-disburse", 2},
                                                  {"receipt-review-queue", 1},
                                                  {"receipt-review-detail", 2},
                                                  {"receipt-approve", 2},
                                                  {"receipt-flag", 2},
                                                  {"attendee-list", 1},
                                                  {"attendee-detail", 2},
                                                  {"attendee-remind", 1},
                                                  {"order-list", 1},
                                                  {"order-detail", 2},
                                                  {"order-manual-payment", 2},
                                                  {"voucher-bulk-generate", 1},
                                                  {"badge-list", 1},
                                                  {"badge-template-preview", 2},
                                                  {"badge-bulk-generate", 1},
                                                  {"badge-bulk-download", 1},
                                                  {"badge-download", 2},
                                                  {"checkin-dashboard", 1},
                                                  {"checkin-scanner", 1},
                                                  {"terminal-pos", 1},
                                                  {"letter-list", 1},
                                                  {"letter-review", 2},
                                                  {"letter-generate", 2},
                                                  {"letter-send", 2},
                                                  {"letter-download", 2},
                                                  {"letter-bulk-generate", 1},
                                                  {"bulk-purchase-list", 1},
                                                  {"bulk-purchase-add", 1},
                                                  {"bulk-purchase-detail", 2},
                                                  {"bulk-purchase-approve", 2},
                                                  {"bulk-purchase-fulfill", 2},
                                                  {"purchase-order-list", 1},
                                                  {"purchase-order-add", 1},
                                                  {"purchase-order-detail", 2},
                                                  {"purchase-order-payment", 2},
                                                  {"purchase-order-credit", 2},
                                                  {"purchase-order-cancel", 2},
                                                  {"purchase-order-send", 2},
                                                  {"purchase-order-invoice", 2},
                                                  {"purchase-order-stripe-invoice", 2},
                                                  {"purchase-order-qbo-invoice", 2},
                                                  {"financial-dashboard", 1},
                                                  {"analytics-dashboard", 1},
                                                  {"sponsor-analytics", 1},
                                                  {"cross-event-dashboard", 1},
                                                  {"reports-dashboard", 1},
                                                  {"condition-list", 1},
                                                  {"condition-add", 2},
                                                  {"condition-edit", 3}};
    // Pages of our own.
    for (const char* name : {"team-list", "team-invite", "invoice-list", "invoice-export"})
      list.emplace_back(name, 1);
    for (const char* name : {"invoice-pdf", "invoice-correct"}) list.emplace_back(name, 2);
    for (const char* name :
         {"ledger", "ledger-export", "statement-list", "statement-import", "statement-book-exact",
          "statement-match", "payout-list", "payout-file", "payout-mark", "cancellation",
          "cancellation-steer", "cancellation-progress", "payment-event-list", "payment-events-replay",
          "payment-reconciliation", "payment-reconcile", "payment-setup", "payment-check", "payment-go-live"})
      list.emplace_back(name, 1);
    for (const char* name : {"statement-entry", "statement-undo", "statement-entry-book",
                             "statement-entry-decide", "payment-event", "payment-event-replay"})
      list.emplace_back(name, 2);
    for (const char* name :
         {"desk", "order-export", "order-mail", "attendee-export", "mail-list", "mail-sender"})
      list.emplace_back(name, 1);
    for (const char* name : {"desk-sold", "order-address", "order-buyer", "order-cancel", "order-lines",
                             "order-link", "order-notes", "order-refund", "order-resend", "order-taxes",
                             "order-tickets", "order-waive", "mail-edit", "mail-default"})
      list.emplace_back(name, 2);
    for (const char* name : {"order-seat", "order-answers", "order-answer-file"}) list.emplace_back(name, 3);
    for (const char* name : {"outbox-list", "outbox-retry-kind", "outbox-discard-kind"})
      list.emplace_back(name, 1);
    for (const char* name : {"outbox-retry", "outbox-discard"}) list.emplace_back(name, 2);
    for (const char* name :
         {"team-role-edit", "team-role-end", "team-invitation-withdraw", "team-invitation-resend"})
      list.emplace_back(name, 2);
    for (const char* stem : {"section", "room", "sponsor-level", "activity", "ticket-type", "addon",
                             "voucher", "expense", "expense-category", "badge-template", "override",
                             "speaker-override", "room-override", "sponsor-override", "type-default"}) {
      list.emplace_back(std::string(stem) + "-list", 1);
      list.emplace_back(std::string(stem) + "-add", 1);
      list.emplace_back(std::string(stem) + "-edit", 2);
    }
    for (const char* report : {"attendee-manifest",      "attendee-export",    "inventory",
                               "inventory-export",       "voucher-usage",      "voucher-export",
                               "discount-effectiveness", "discount-export",    "sales-by-date",
                               "sales-export",           "credit-notes",       "credit-export",
                               "speaker-registration",   "speaker-export",     "reconciliation",
                               "reconciliation-export",  "registration-flow",  "registration-flow-export",
                               "visa-letters",           "visa-letters-export"}) {
      list.emplace_back("report-" + std::string(report), 1);
    }
    return list;
  }();
  return all;
}

web::Router all_routes() {
  site::PageTable pages(nullptr);
  add_pages(pages);
  return web::Router({routes(), pages.routes()});
}

TEST(ManageRoutes, EveryNameThatTemplatesUseResolvesBelowManage) {
  const web::Router router = all_routes();
  const std::array<std::string, 3> values{"fair", "7", "7"};
  for (const auto& [name, arguments] : names()) {
    const auto path = router.reverse(
        "manage:" + name, std::span<const std::string>(values.data(), static_cast<std::size_t>(arguments)));
    ASSERT_TRUE(path) << name;
    EXPECT_TRUE(path->starts_with("/manage/")) << *path;
    const auto match = router.match(web::Method::get, *path);
    EXPECT_NE(match.kind, web::Match::Kind::not_found) << *path;
  }
  EXPECT_EQ(router.routes().size(), names().size());
}

TEST(ManageRoutes, EachAsksForManageUiAndNamesOnlyFeaturesThatExist) {
  const web::Router router = all_routes();
  for (const web::Route& route : router.routes()) {
    const auto& features = route.guard.features;
    EXPECT_NE(std::find(features.begin(), features.end(), "manage_ui"), features.end()) << route.name;
    EXPECT_TRUE(route.guard.role || route.guard.full_access || !route.guard.permissions.empty())
        << route.name;
  }
  for (const std::string& feature : router.features_named()) {
    EXPECT_NO_THROW(conference::feature_named(feature)) << feature;
  }
}

}  // namespace
}  // namespace plenary::manage
