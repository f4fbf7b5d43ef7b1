#include "manage/sections.hpp"

#include "base/errors.hpp"

namespace plenary::manage {

const std::vector<Section>& sections() {
  static const std::vector<Section> all{
      {"conference",
       nullptr,
       {{message("Dashboard"), Key::conference, "dashboard", "", "dashboard"},
        {message("Settings"), Key::settings, "conference-edit", "program_conference/conference",
         "conference-edit"},
        {message("Team"), Key::settings, "team-list", "", "team", "", true}}},
      {"program",
       message("Program"),
       {{message("Sections"), Key::program, "section-list", "program_conference/section", "sections"},
        {message("Rooms"), Key::program, "room-list", "", "rooms"},
        {message("Speakers"), Key::program, "speaker-list", "", "speakers"},
        {message("Talks"), Key::program, "talk-list", "", "talks"},
        {message("Schedule"), Key::program, "schedule-list", "", "schedule"},
        {message("Activities"), Key::activities, "activity-list", "program_programs/activity", "activities"},
        {message("Travel Grants"), Key::travel_grants, "travel-grant-list", "program_programs/travelgrant",
         "travel-grants"}}},
      {"registration",
       message("Registration"),
       {{message("Attendees"), Key::registration_people, "attendee-list", "program_registration/attendee",
         "attendees"},
        {message("Orders"), Key::registration_people, "order-list", "program_registration/order", "orders"},
        {message("Sell at the desk"), Key::registration_people, "desk", "", "desk", "change_registration"},
        {message("Invoices"), Key::registration_people, "invoice-list", "program_registration/invoice",
         "invoices"},
        {message("Visa Letters"), Key::registration_people, "letter-list", "", "letters"},
        {message("Badges"), Key::badges, "badge-list", "program_onsite/badgetemplate", "badges"},
        {message("Ticket Types"), Key::registration_commerce, "ticket-type-list",
         "program_registration/tickettype", "ticket-types"},
        {message("Add-ons"), Key::registration_commerce, "addon-list", "program_registration/addon",
         "addons"},
        {message("Vouchers"), Key::registration_commerce, "voucher-list", "program_registration/voucher",
         "vouchers"},
        {message("Conditions"), Key::registration_commerce, "condition-list",
         "program_registration/condition", "conditions"},
        {message("Bulk Purchases"), Key::bulk_purchases, "bulk-purchase-list", "", "bulk-purchases"}}},
      {"sponsors",
       message("Sponsors"),
       {{message("Levels"), Key::sponsors, "sponsor-level-list", "program_sponsors/sponsorlevel",
         "sponsor-levels"},
        {message("Sponsors"), Key::sponsors, "sponsor-manage-list", "program_sponsors/sponsor", "sponsors"}}},
      {"on-site",
       message("On-site"),
       {{message("Check-in"), Key::checkin, "checkin-dashboard", "", "checkin"},
        {message("Terminal POS"), Key::terminal, "terminal-pos", "", "terminal"}}},
      {"finance",
       message("Finance & Insights"),
       {{message("Financial"), Key::finance, "financial-dashboard", "", "financial"},
        {message("Purchase Orders"), Key::finance, "purchase-order-list", "", "purchase-orders"},
        {message("Expenses"), Key::finance, "expense-list", "program_conference/expense", "expenses"},
        {message("Analytics"), Key::reports, "analytics-dashboard", "", "analytics"},
        {message("Reports"), Key::reports, "reports-dashboard", "", "reports"}}},
      {"overrides",
       message("Sync & Overrides"),
       {{message("Overrides"), Key::overrides, "override-list", "", "overrides"}}},
  };
  return all;
}

}  // namespace plenary::manage
