#include "mail/filling.hpp"

#include "base/text.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/links.hpp"
#include "domain/conference/legal.hpp"
#include "domain/registration/links.hpp"
#include "i18n/formats.hpp"
#include "i18n/languages.hpp"
#include "mail/wording.hpp"

namespace plenary::mail {

using registration::Catalogue;
using templating::Value;

namespace {

constexpr std::string_view own_accent = "#0b5cad";

// The page that a link's token opens.
std::string_view page_of(accounts::LinkKind kind) {
  switch (kind) {
    case accounts::LinkKind::verify:
      return "accounts:verify";
    case accounts::LinkKind::reset:
      return "accounts:reset-confirm";
    case accounts::LinkKind::change_email:
      return "accounts:change-email-confirm";
    case accounts::LinkKind::claim:
      return "accounts:claim";
    case accounts::LinkKind::set_up:
      return "accounts:set-up";
    case accounts::LinkKind::find_orders:
      return "";
  }
  return "";
}

}  // namespace

void Filling::fill() {
  const std::string accent = content_.catalogue && is_color(content_.catalogue->conference.accent_color)
                                 ? content_.catalogue->conference.accent_color
                                 : std::string(own_accent);
  context_.set("accent", Value(accent));
  context_.set("on_accent", Value(text_on(accent)));
  context_.set("site_url", Value(base_ + "/"));
  context_.set("site_host", Value(host_of(base_)));
  context_.set("LANGUAGE_CODE", Value(content_.language));
  const i18n::Language* language = i18n::languages().find(content_.language);
  context_.set("LANGUAGE_BIDI", Value(language && language->is_right_to_left));
  context_.set("recipient_name", Value(shown_name(content_.to.name)));
  context_.set("recipient_email", Value(content_.to.email));
  context_.set("sign_in_url", Value(page("accounts:login", {})));
  context_.set("reset_url", Value(page("accounts:reset", {})));
  context_.set("history_url", Value(page("accounts:history", {})));
  context_.set("detail", Value(content_.detail));
  context_.set("message", Value(content_.message->name));
  if (content_.catalogue) set_conference(*content_.catalogue);
  if (content_.order) set_order(*content_.order, *content_.catalogue);
  if (content_.transfer) set_transfer(*content_.transfer);
  if (content_.payment) set_payment(*content_.payment, *content_.catalogue);
  if (content_.credit) set_credit(*content_.credit, *content_.catalogue);
  if (content_.dispute) set_dispute(*content_.dispute, *content_.catalogue);
  if (content_.seat) set_seat(*content_.seat);
  if (content_.waiting) set_waiting(*content_.waiting, *content_.catalogue);
  if (content_.link) set_link(*content_.link);
  if (content_.invitation) set_invitation(*content_.invitation);
  if (content_.user) context_.set("user_name", Value(content_.user->name));
  set_found_orders();
}

std::string Filling::unsubscribe_url() const {
  if (!content_.waiting) return {};
  const registration::WaitingEntry& entry = content_.waiting->entry;
  return page("registration:waiting-leave",
              {content_.catalogue->conference.slug, std::to_string(entry.id),
               registration::waiting_link_token(parts_.link_key, entry.id, entry.link_version)});
}

std::string Filling::page(std::string_view route, std::initializer_list<std::string_view> arguments) const {
  const auto& urls = parts_.engine.options().urls;
  if (!urls || route.empty()) return {};
  std::vector<Value> values;
  for (const std::string_view argument : arguments) values.emplace_back(argument);
  std::string why;
  const auto path = urls->path_of({route, values, {}, context_}, why);
  return path ? base_ + *path : std::string();
}

std::string Filling::in_language(std::string_view message) const {
  return i18n::translated(content_.language, message);
}

void Filling::set_conference(const Catalogue& catalogue) {
  const conference::Conference& c = catalogue.conference;
  const auto address_or_page = [&](const std::string& text, std::string_view slug) {
    if (text.empty()) return std::string();
    return conference::is_address(text) ? text : page("site:legal", {c.slug, slug});
  };
  const bool contact_is_text = !c.contact.empty() && !conference::is_address(c.contact) &&
                               c.contact.find('\n') == std::string::npos && c.contact.size() <= 200;
  context_.set("conference",
               Value::dict({{"name", Value(c.name)},
                            {"days", Value(i18n::days(content_.language, c.start_date, c.end_date))},
                            {"venue", Value(c.venue)},
                            {"address", Value(c.address)},
                            {"url", Value(page("site:conference", {c.slug}))},
                            {"contact", Value(contact_is_text ? c.contact : std::string())},
                            {"contact_url",
                             Value(contact_is_text ? std::string() : address_or_page(c.contact, "contact"))},
                            {"refund_policy_url", Value(address_or_page(c.refund_policy, "refund-policy"))},
                            {"terms_url", Value(address_or_page(c.terms, "terms"))},
                            {"imprint_url", Value(address_or_page(c.imprint, "imprint"))},
                            {"privacy_url", Value(address_or_page(c.privacy, "privacy"))},
                            {"withdrawal_note", Value(c.withdrawal_note)}}));
}

void Filling::set_seat(const registration::HeldSeat& held) {
  const std::string token =
      registration::seat_link_token(parts_.link_key, held.seat.id, held.seat.link_version);
  context_.set(
      "seat",
      Value::dict({{"ticket", Value(ticket_name(held.seat.ticket_type_id))},
                   {"name", Value(shown_name(held.seat.name))},
                   {"access_code", Value(held.seat.access_code)},
                   {"buyer_name", Value(shown_name(held.buyer_name))},
                   {"url", Value(page("registration:seat", {content_.catalogue->conference.slug,
                                                            std::to_string(held.seat.id), token}))}}));
  context_.set("answers", answers());
  context_.set("is_sandbox", Value(held.is_sandbox));
}

void Filling::set_link(const accounts::Link& link) {
  context_.set("link_url", Value(page(page_of(link.kind), {accounts::token_of(parts_.link_key, link)})));
  const Catalogue* catalogue = content_.catalogue.get();
  context_.set("link_expires_at", Value(i18n::moment(content_.language, link.expires_at,
                                                     catalogue ? catalogue->zone : TimeZone::utc())));
}

void Filling::set_waiting(const registration::WaitingPlace& place, const Catalogue& catalogue) {
  const registration::WaitingEntry& entry = place.entry;
  const std::string token = registration::waiting_link_token(parts_.link_key, entry.id, entry.link_version);
  const std::string& slug = catalogue.conference.slug;
  const std::string id = std::to_string(entry.id);
  const auto line = [&](std::int64_t quantity, const registration::ProductChoice& product) {
    return Value::dict(
        {{"quantity", Value(quantity)}, {"name", Value(registration::name_of(catalogue, product))}});
  };
  std::vector<Value> choices, offered;
  for (const auto& choice : place.choices)
    choices.push_back(Value::dict({{"name", Value(registration::name_of(catalogue, choice.product))},
                                   {"position", Value(choice.position)}}));
  bool lacks_some = false;
  if (const registration::ProductChoice* product = place.offered()) {
    offered.push_back(line(entry.offered_quantity, *product));
    lacks_some = entry.offered_quantity < entry.quantity;
  }
  for (const registration::WaitingAddOn& extra : place.extras) {
    if (extra.offered_quantity > 0)
      offered.push_back(line(extra.offered_quantity,
                             {registration::ProductKind::addon, extra.addon_id, extra.variation_id}));
    lacks_some = lacks_some || extra.offered_quantity < extra.quantity;
  }
  context_.set(
      "waiting",
      Value::dict({{"quantity", Value(entry.quantity)},
                   {"all_or_nothing", Value(entry.all_or_nothing)},
                   {"choices", Value::list(std::move(choices))},
                   {"offered", Value::list(std::move(offered))},
                   {"lacks_some", Value(lacks_some)},
                   {"until", Value(entry.offer_expires_at ? moment(*entry.offer_expires_at, catalogue)
                                                          : std::string())},
                   {"url", Value(page("registration:waiting-place", {slug, id, token}))},
                   {"leave_url", Value(unsubscribe_url())},
                   {"join_url", Value(page("registration:waiting-list", {slug}))}}));
}

void Filling::set_invitation(const accounts::Invitation& invitation) {
  const Catalogue* catalogue = content_.catalogue.get();
  const TimeZone zone = catalogue ? catalogue->zone : TimeZone::utc();
  context_.set("link_url",
               Value(page("accounts:invitation", {accounts::token_of(parts_.link_key, invitation)})));
  context_.set("link_expires_at", Value(i18n::moment(content_.language, invitation.expires_at, zone)));
  context_.set("role", Value(in_language(content_.invited_to)));
  // The last day, which ends with its last microsecond.
  context_.set("role_ends_on",
               Value(invitation.role_ends_at
                         ? i18n::day(content_.language,
                                     zone.local(*invitation.role_ends_at - Duration::microseconds(1)).date)
                         : std::string()));
  context_.set("inviter_name", Value(shown_name(content_.invited_by)));
  std::vector<Value> lines;
  const std::string& text = invitation.message;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.emplace_back(std::string(trimmed(std::string_view(text).substr(at, end - at))));
    at = end + 1;
  }
  context_.set("personal_message", Value::list(std::move(lines)));
}

void Filling::set_found_orders() {
  std::vector<Value> orders;
  for (const FoundOrder& found : content_.found_orders) {
    if (found.catalogue) orders.push_back(order(found.order, *found.catalogue));
  }
  context_.set("orders", Value::list(std::move(orders)));
}

}  // namespace plenary::mail
