// The names of chapter 10, 10.3 that belong to the public areas, with the number of their arguments.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace plenary::site::testing {

inline std::vector<std::pair<std::string_view, int>> public_names() {
  return {{"registration:ticket-select", 1},
          {"registration:ticket-list", 1},
          {"registration:cart", 1},
          {"registration:checkout", 1},
          {"registration:order-detail", 2},
          {"registration:order-confirmation", 2},
          {"registration:letter-request", 1},
          {"registration:letter-request-detail", 1},
          {"registration:letter-request-download", 1},
          {"registration:stripe-webhook", 1},
          {"registration:checkin-scan", 1},
          {"registration:checkin-lookup", 2},
          {"registration:checkin-redeem", 1},
          {"registration:checkin-preload", 1},
          {"registration:terminal-connection-token", 1},
          {"registration:terminal-create-intent", 1},
          {"registration:terminal-capture", 1},
          {"registration:terminal-cancel", 1},
          {"registration:terminal-attendee", 2},
          {"registration:terminal-inventory", 1},
          {"registration:terminal-cart", 1},
          {"registration:terminal-readers", 1},
          {"pretalx:schedule", 1},
          {"pretalx:schedule-json", 1},
          {"pretalx:talk-detail", 2},
          {"pretalx:speaker-list", 1},
          {"pretalx:speaker-detail", 2},
          {"sponsors:sponsor-list", 1},
          {"sponsors:sponsor-detail", 2},
          {"sponsors:portal-home", 1},
          {"sponsors:portal-purchase-detail", 2},
          {"sponsors:portal-purchase-export", 2},
          {"sponsors:portal-purchase-request", 1},
          {"programs:activity-list", 1},
          {"programs:activity-detail", 2},
          {"programs:activity-signup", 2},
          {"programs:activity-cancel-signup", 2},
          {"programs:travel-grant-apply", 1},
          {"programs:travel-grant-status", 1},
          {"programs:travel-grant-edit", 1},
          {"programs:travel-grant-accept", 1},
          {"programs:travel-grant-decline", 1},
          {"programs:travel-grant-withdraw", 1},
          {"programs:travel-grant-provide-info", 1},
          {"programs:travel-grant-message", 1},
          {"programs:travel-grant-receipts", 1},
          {"programs:travel-grant-receipt-delete", 2},
          {"programs:travel-grant-payment-info", 1}};
}

}  // namespace plenary::site::testing
