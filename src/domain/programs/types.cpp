#include "domain/programs/types.hpp"

#include <array>
#include <cstddef>

#include "base/errors.hpp"
#include "base/slug.hpp"

namespace plenary::programs {
namespace {

struct Named {
  std::string_view text;
  const char* label;
};

// In the order of the enumerators.
constexpr std::array activity_types{
    Named{"sprint", message("Sprint")},       Named{"workshop", message("Workshop")},
    Named{"tutorial", message("Tutorial")},   Named{"lightning_talk", message("Lightning talk")},
    Named{"social", message("Social event")}, Named{"open_space", message("Open space")},
    Named{"summit", message("Summit")},       Named{"other", message("Other activity")},
};
constexpr std::array signup_statuses{
    Named{"confirmed", message("Confirmed")},
    Named{"waitlisted", message("On the waiting list")},
    Named{"cancelled", message("Cancelled")},
};
constexpr std::array grant_statuses{
    Named{"submitted", message("Submitted")},     Named{"withdrawn", message("Withdrawn")},
    Named{"info_needed", message("Info needed")}, Named{"offered", message("Offered")},
    Named{"accepted", message("Accepted")},       Named{"declined", message("Declined")},
    Named{"rejected", message("Rejected")},       Named{"need_more", message("Needs more")},
    Named{"disbursed", message("Disbursed")},
};
constexpr std::array grant_types{
    Named{"general", message("General")},     Named{"staff", message("Staff")},
    Named{"speaker", message("Speaker")},     Named{"core_dev", message("Core developer")},
    Named{"psf_board", message("PSF board")}, Named{"community", message("Community")},
    Named{"education", message("Education")}, Named{"pyladies", message("PyLadies")},
    Named{"other", message("Other")},
};
constexpr std::array grant_requests{
    Named{"ticket_only", message("Ticket only")},
    Named{"ticket_and_grant", message("Ticket and travel grant")},
};
constexpr std::array experience_levels{
    Named{"beginner", message("Beginner")},
    Named{"intermediate", message("Intermediate")},
    Named{"expert", message("Expert")},
};

template <std::size_t N>
db::ColumnDraft choices(db::ColumnDraft draft, const std::array<Named, N>& names) {
  for (const Named& name : names) draft.choice(name.text, name.label);
  return draft;
}

constexpr std::int64_t largest_item = 99'999'999;        // minor units; decimal(8,2)
constexpr std::int64_t largest_amount = 9'999'999'999;   // minor units; decimal(10,2)
constexpr std::int64_t largest_integer = 2'147'483'647;  // source: 10, 6.10.4
constexpr int long_text = 20'000;

db::ColumnDraft cost_text(const char* name, std::string TravelGrant::*member) {
  return db::column(name, member).max_length(512).personal();
}
db::ColumnDraft cost(const char* name, std::int64_t TravelGrant::*member) {
  return db::column(name, member).money().minimum(0).maximum(largest_item);
}

bool are_dates(std::string_view text) {
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (!Date::parse(text.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
    if (text.empty()) return false;
  }
  return true;
}

}  // namespace

std::string_view to_text(ActivityType type) {
  return activity_types.at(static_cast<std::size_t>(type)).text;
}
std::string_view label(ActivityType type) {
  return activity_types.at(static_cast<std::size_t>(type)).label;
}
std::string_view to_text(SignupStatus status) {
  return signup_statuses.at(static_cast<std::size_t>(status)).text;
}
std::string_view to_text(GrantStatus status) {
  return grant_statuses.at(static_cast<std::size_t>(status)).text;
}
std::string_view label(GrantStatus status) {
  return grant_statuses.at(static_cast<std::size_t>(status)).label;
}

std::optional<ActivityType> activity_type(std::string_view text) {
  for (std::size_t i = 0; i < activity_types.size(); ++i) {
    if (activity_types[i].text == text) return static_cast<ActivityType>(i);
  }
  return std::nullopt;
}

std::span<const ActivityType> all_activity_types() {
  using enum ActivityType;
  static constexpr std::array all{sprint, workshop,   tutorial, lightning_talk,
                                  social, open_space, summit,   other};
  return all;
}

const db::Entity<Activity>& activity_table() {
  using A = Activity;
  static const db::Entity<A> table(
      "activity",
      {
          db::column("id", &A::id).generated_key(),
          db::column("conference_id", &A::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("name", &A::name).required().max_length(200),
          db::column("slug", &A::slug)
              .required()
              .max_length(200)
              .format(db::TextFormat::slug)
              .help("Last part of the address of its page."),
          choices(db::column("activity_type", &A::activity_type), activity_types).label("Type"),
          db::column("description", &A::description)
              .max_length(long_text)
              .format(db::TextFormat::paragraph)
              .help("On the activity's page. An empty line begins a new paragraph."),
          db::column("location", &A::location).max_length(200).help("Where it happens."),
          db::column("pretalx_submission_type", &A::pretalx_submission_type)
              .max_length(200)
              .label("Submission type")
              .help("Talks of this type in the schedule belong to the activity."),
          db::column("start_time", &A::start_time).label("Start").help("In the conference's time zone."),
          db::column("end_time", &A::end_time).label("End").help("In the conference's time zone."),
          db::column("max_participants", &A::max_participants)
              .minimum(0)
              .maximum(largest_integer)
              .label("Places")
              .help("Empty: any number. 0: everybody goes on the waiting list."),
          db::column("requires_ticket", &A::requires_ticket)
              .label("Needs a ticket")
              .help("Only people with a paid ticket of this conference can sign up."),
          db::column("external_url", &A::external_url)
              .max_length(200)
              .format(db::TextFormat::url)
              .label("More information at")
              .help("Address of a page elsewhere."),
          db::column("is_active", &A::is_active).label("Active").help("Off: on no public page."),
          db::column("synced_at", &A::synced_at)
              .read_only()
              .label("Synchronised")
              .help("When it was last brought in line with the schedule."),
          db::column("version", &A::version).version(),
          db::column("created_at", &A::created_at).created(),
          db::column("updated_at", &A::updated_at).updated(),
      },
      db::Rules<A>()
          .titled("Activity", "Activities")
          .ordered_by("start_time NULLS LAST, name, id")
          .unique({"conference_id", "lower(slug)"}, "Another activity has this slug.")
          .must("slug",
                "The address \"travel-grants\" is taken by the pages about grants. Choose another slug.",
                [](const A& a) { return slug_key(a.slug) != reserved_activity_slug; })
          .must("end_time", "The activity ends before it starts.",
                [](const A& a) { return !a.start_time || !a.end_time || *a.end_time >= *a.start_time; }));
  return table;
}

const db::Entity<ActivitySignup>& activity_signup_table() {
  using S = ActivitySignup;
  static const db::Entity<S> table(
      "activity_signup",
      {
          db::column("id", &S::id).generated_key(),
          db::column("activity_id", &S::activity_id).references("activity", db::OnDelete::cascade).fixed(),
          db::column("user_id", &S::user_id)
              .references("user_account", db::OnDelete::cascade)
              .fixed()
              .label("Person"),
          choices(db::column("status", &S::status), signup_statuses)
              .read_only()
              .help("Changes by signing up, cancelling and moving up only."),
          db::column("note", &S::note)
              .max_length(2000)
              .format(db::TextFormat::paragraph)
              .personal()
              .help("From the person who signed up."),
          db::column("cancelled_at", &S::cancelled_at).read_only().label("Cancelled"),
          db::column("version", &S::version).version(),
          db::column("created_at", &S::created_at).created().label("Signed up"),
      },
      db::Rules<S>().titled("Signup", "Signups").ordered_by("created_at DESC, id DESC"));
  return table;
}

const db::Entity<TravelGrant>& travel_grant_table() {
  using G = TravelGrant;
  static const db::Entity<G> table(
      "travel_grant",
      {
          db::column("id", &G::id).generated_key(),
          db::column("conference_id", &G::conference_id).references("conference").fixed(),
          db::column("user_id", &G::user_id).references("user_account").fixed().personal().label("Applicant"),
          choices(db::column("status", &G::status), grant_statuses)
              .read_only()
              .help("Changes by review, the applicant's answer and the payment only."),
          choices(db::column("application_type", &G::application_type), grant_types).personal(),
          choices(db::column("request_type", &G::request_type), grant_requests),
          db::column("travel_from", &G::travel_from)
              .required()
              .max_length(200)
              .personal()
              .label("Travels from"),
          db::column("international", &G::international).help("Comes from another country."),
          db::column("first_time", &G::first_time)
              .personal()
              .help("Comes for the first time. Empty: not said."),
          cost_text("airfare_description", &G::airfare_description).label("Airfare: what for"),
          cost("airfare_amount", &G::airfare_amount).label("Airfare"),
          cost_text("lodging_description", &G::lodging_description).label("Lodging: what for"),
          cost("lodging_amount", &G::lodging_amount).label("Lodging"),
          cost_text("transit_description", &G::transit_description).label("Local transport: what for"),
          cost("transit_amount", &G::transit_amount).label("Local transport"),
          cost_text("visa_description", &G::visa_description).label("Visa: what for"),
          cost("visa_amount", &G::visa_amount).label("Visa"),
          db::column("requested_amount", &G::requested_amount)
              .money()
              .minimum(0)
              .maximum(largest_amount)
              .label("Requested"),
          db::column("approved_amount", &G::approved_amount)
              .money()
              .minimum(0)
              .maximum(largest_amount)
              .read_only()
              .label("Approved")
              .help("Set by the review."),
          db::column("currency", &G::currency)
              .max_length(3)
              .fixed()
              .read_only()
              .help("Of the conference, when the application was made."),
          choices(db::column("experience_level", &G::experience_level), experience_levels).personal(),
          db::column("occupation", &G::occupation).max_length(500).personal(),
          db::column("involvement", &G::involvement)
              .max_length(long_text)
              .format(db::TextFormat::paragraph)
              .personal()
              .help("What the applicant does for the community."),
          db::column("reason", &G::reason)
              .required()
              .max_length(long_text)
              .format(db::TextFormat::paragraph)
              .personal()
              .help("Why the applicant asks for support."),
          db::column("days_attending", &G::days_attending)
              .max_length(2000)
              .label("Days")
              .help("Dates such as 2027-05-14, separated by commas."),
          db::column("sharing_expenses", &G::sharing_expenses)
              .personal()
              .help("Shares a room or a car with others."),
          db::column("traveling_with", &G::traveling_with).max_length(500).personal().label("Travels with"),
          db::column("reviewer_notes", &G::reviewer_notes)
              .max_length(long_text)
              .format(db::TextFormat::paragraph)
              .personal()
              .help("For reviewers; never shown to the applicant."),
          db::column("promo_code", &G::promo_code).max_length(50).help("Ticket code for the applicant."),
          db::column("reviewed_by", &G::reviewed_by)
              .references("user_account", db::OnDelete::set_null)
              .read_only(),
          db::column("reviewed_at", &G::reviewed_at).read_only().label("Reviewed"),
          db::column("disbursed_amount", &G::disbursed_amount)
              .money()
              .minimum(0)
              .maximum(largest_amount)
              .read_only()
              .label("Paid out"),
          db::column("disbursed_at", &G::disbursed_at).read_only().label("Paid out at"),
          db::column("disbursed_by", &G::disbursed_by)
              .references("user_account", db::OnDelete::set_null)
              .read_only()
              .label("Paid out by"),
          db::column("version", &G::version).version(),
          db::column("created_at", &G::created_at).created().label("Applied at"),
          db::column("updated_at", &G::updated_at).updated(),
      },
      db::Rules<G>()
          .titled("Travel grant", "Travel grants")
          .ordered_by("created_at DESC, id DESC")
          .unique({"conference_id", "user_id"},
                  "This person has already applied for a grant of this conference.")
          .must("days_attending", "Write dates such as 2027-05-14, separated by commas.",
                [](const G& g) { return are_dates(g.days_attending); }));
  return table;
}

}  // namespace plenary::programs
