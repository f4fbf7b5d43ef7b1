#include "mail/renderer.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <memory>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "documents/calendar.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/links.hpp"
#include "domain/conference/legal.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/invoicing/files.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/order_lines.hpp"
#include "domain/registration/tax_words.hpp"
#include "i18n/countries.hpp"
#include "i18n/formats.hpp"
#include "i18n/languages.hpp"
#include "mail/invoice_pdf.hpp"
#include "templating/context.hpp"

namespace plenary::mail {
namespace {

using registration::Catalogue;
using templating::Value;

constexpr std::string_view own_accent = "#0b5cad";

// Black or white, whichever is read more easily on the colour. source: WCAG 2.2, relative luminance.
std::string_view text_on(std::string_view color) {
  const auto channel = [&](std::size_t at) {
    const double part = std::stoi(std::string(color.substr(at, 2)), nullptr, 16) / 255.0;
    return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
  };
  const double light = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000000" : "#ffffff";
}

bool is_color(std::string_view text) {
  return text.size() == 7 && text.front() == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

// A name that somebody typed. What reads like an address or an advertisement is left out: anybody may type a
// name beside somebody else's e-mail address.
std::string shown_name(std::string_view name) {
  if (character_count(name) > 60 || has_control_characters(name)) return {};
  if (name.find_first_of("@/<>[]{}=%") != std::string_view::npos ||
      name.find("www.") != std::string_view::npos) {
    return {};
  }
  for (std::size_t i = 1; i + 1 < name.size(); ++i) {
    const bool joins = name[i] == '.' && name[i - 1] != ' ' && name[i + 1] != ' ' && name[i + 1] != '.';
    if (joins && i + 2 < name.size() && name[i + 2] != '.' && name[i + 2] != ' ') return {};  // example.org
  }
  return std::string(trimmed(name));
}

// A line of a template's output for a header.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : trimmed(text)) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c;
  }
  return out;
}

// Templates leave empty lines where their tags stand: never more than one, none with blanks at its end.
std::string tidy(std::string_view text) {
  std::string out;
  int empty = 2;  // none at the start
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
      line.remove_suffix(1);
    empty = line.empty() ? empty + 1 : 0;
    if (empty <= 1) {
      out += line;
      out += '\n';
    }
    at = end + 1;
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

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

// Fills the templates' variables from a content.
class Filling {
 public:
  Filling(const RendererParts& parts, const Content& content, templating::Context& context)
      : parts_(parts), content_(content), context_(context), base_(parts.settings.server.base_url()) {}

  void fill() {
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
    if (content_.order) {
      context_.set("order", order(*content_.order, *content_.catalogue));
      context_.set("seats", seats());
      context_.set("has_account", Value(content_.buyer_has_account));
      context_.set("is_sandbox", Value(content_.order->is_sandbox));
      if (content_.refund) {
        context_.set("refund_amount",
                     Value(money(content_.refund->amount, *content_.catalogue, content_.refund->currency)));
        context_.set("refund_to", Value(registration::to_text(content_.refund->destination)));
      }
    }
    if (content_.seat) set_seat(*content_.seat);
    if (content_.waiting) set_waiting(*content_.waiting, *content_.catalogue);
    if (content_.link) set_link(*content_.link);
    if (content_.invitation) set_invitation(*content_.invitation);
    if (content_.user) context_.set("user_name", Value(content_.user->name));
    set_found_orders();
  }

  // Where one click ends these mails; empty: nowhere.
  std::string unsubscribe_url() const {
    if (!content_.waiting) return {};
    const registration::WaitingEntry& entry = content_.waiting->entry;
    return page("registration:waiting-leave",
                {content_.catalogue->conference.slug, std::to_string(entry.id),
                 registration::waiting_link_token(parts_.link_key, entry.id, entry.link_version)});
  }

 private:
  std::string page(std::string_view route, std::initializer_list<std::string_view> arguments) const {
    const auto& urls = parts_.engine.options().urls;
    if (!urls || route.empty()) return {};
    std::vector<Value> values;
    for (const std::string_view argument : arguments) values.emplace_back(argument);
    std::string why;
    const auto path = urls->path_of({route, values, {}, context_}, why);
    return path ? base_ + *path : std::string();
  }
  std::string in_language(std::string_view message) const {
    return i18n::translated(content_.language, message);
  }
  std::string money(std::int64_t minor, const Catalogue& catalogue, std::string_view code) const {
    const Currency currency = Currency::find(code).value_or(catalogue.currency);
    // Named, for a choice between the text and "" would be a copy that ends here.
    const std::string_view own = catalogue.currency_symbol;
    const std::string_view symbol = currency == catalogue.currency ? own : std::string_view();
    return i18n::money(content_.language, Money(minor, currency), symbol);
  }
  std::string moment(Instant at, const Catalogue& catalogue) const {
    return i18n::moment(content_.language, at, catalogue.zone);
  }

  void set_conference(const Catalogue& catalogue) {
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
                              {"contact_url", Value(contact_is_text ? std::string()
                                                                    : address_or_page(c.contact, "contact"))},
                              {"refund_policy_url", Value(address_or_page(c.refund_policy, "refund-policy"))},
                              {"terms_url", Value(address_or_page(c.terms, "terms"))},
                              {"imprint_url", Value(address_or_page(c.imprint, "imprint"))},
                              {"privacy_url", Value(address_or_page(c.privacy, "privacy"))},
                              {"withdrawal_note", Value(c.withdrawal_note)}}));
  }

  std::string order_page(std::string_view route, const registration::Order& order,
                         const Catalogue& catalogue) const {
    return page(route,
                {catalogue.conference.slug, order.reference,
                 registration::order_link_token(parts_.link_key, order.reference, order.link_version)});
  }

  // "Early bird: -$20.00": what was taken off a line, and by what.
  std::vector<Value> discounts(const registration::OrderLine& line, const registration::Order& order,
                               const Catalogue& catalogue) const {
    std::vector<Value> rows;
    const auto add = [&](const std::string& name, std::int64_t minor) {
      if (minor != 0) rows.emplace_back(name + ": " + money(-minor, catalogue, order.currency));
    };
    add(line.condition_name, line.condition_discount);
    add(i18n::translated(content_.language, message("Voucher {code}"), {{"code", order.voucher_code}}),
        line.voucher_discount);
    return rows;
  }

  // Those that are added to the prices, or those that the total contains.
  std::vector<Value> tax_rows(const std::vector<registration::TaxWords>& taxes, bool added,
                              const registration::Order& order, const Catalogue& catalogue) const {
    std::vector<Value> rows;
    for (const registration::TaxWords& tax : taxes) {
      if (tax.counts != added) continue;
      const std::string rate = i18n::number(content_.language, tax.rate);
      const std::string shown = tax.amount ? money(*tax.amount, catalogue, order.currency) : std::string();
      rows.push_back(
          Value::dict({{"label", Value(i18n::translated(content_.language, tax.text, {{"rate", rate}}))},
                       {"amount", Value(shown)},
                       {"legal_text", Value(tax.legal_text)}}));
    }
    return rows;
  }

  // In one line, what was typed being shown as names are.
  std::string address(const registration::Billing& billing) const {
    std::string line;
    const auto add = [&](const std::string& part) {
      if (!part.empty()) line += (line.empty() ? "" : ", ") + part;
    };
    add(shown_name(billing.street));
    std::string city = shown_name(billing.postcode);
    const std::string name = shown_name(billing.city);
    if (!name.empty()) city += (city.empty() ? "" : " ") + name;
    add(city);
    add(shown_name(billing.region));
    if (!billing.country.empty()) add(i18n::country_name(content_.language, billing.country));
    return line;
  }

  Value order(const registration::Order& order, const Catalogue& catalogue) const {
    const auto amount = [&](std::int64_t minor) { return Value(money(minor, catalogue, order.currency)); };
    std::vector<Value> lines;
    for (const registration::OrderLine& line : registration::lines_left(order.lines)) {
      lines.push_back(Value::dict({{"description", Value(line.description)},
                                   {"quantity", Value(line.quantity)},
                                   {"discounts", Value::list(discounts(line, order, catalogue))},
                                   {"total", amount(line.line_total)}}));
    }
    const auto taxes = registration::tax_words(registration::tax_sums(order.lines));
    const bool is_live = order.hold_is_live(content_.now);
    // Paid before, and dearer since.
    const bool is_open = (order.status == registration::OrderStatus::paid ||
                          order.status == registration::OrderStatus::partially_refunded) &&
                         order.total > content_.paid;
    const bool is_sold = order.status != registration::OrderStatus::cancelled;
    return Value::dict(
        {{"reference", Value(order.reference)},
         {"status", Value(registration::to_text(order.status))},
         {"url", Value(order_page("registration:order-secret", order, catalogue))},
         {"pay_url", Value(is_live || is_open ? order_page("registration:order-secret-pay", order, catalogue)
                                              : std::string())},
         {"lapses_at", Value(is_live ? moment(*order.hold_expires_at, catalogue) : std::string())},
         {"lapses_at_clock",
          Value(is_live ? i18n::clock(content_.language, *order.hold_expires_at, catalogue.zone)
                        : std::string())},
         {"created_at", Value(moment(order.created_at, catalogue))},
         {"lines", Value::list(std::move(lines))},
         {"subtotal", amount(order.subtotal)},
         {"discount", order.discount > 0 ? amount(-order.discount) : Value("")},
         {"added_taxes", Value::list(tax_rows(taxes, true, order, catalogue))},
         {"contained_taxes", Value::list(tax_rows(taxes, false, order, catalogue))},
         {"total", amount(order.total)},
         {"due", amount(std::max<std::int64_t>(order.total - content_.paid, 0))},
         {"is_due", Value(is_open)},
         {"gone_back", content_.gone_back > 0 ? amount(content_.gone_back) : Value("")},
         {"kept", is_sold && order.total > 0 ? amount(order.total) : Value("")},
         {"name", Value(shown_name(order.billing.name))},
         {"email", Value(order.billing.email)},
         {"company", Value(shown_name(order.billing.company))},
         {"address", Value(address(order.billing))},
         {"vat_id", Value(order.billing.vat_id)},
         {"own_reference", Value(shown_name(order.billing.reference))},
         {"conference_name", Value(catalogue.conference.name)},
         {"is_free", Value(order.total == 0)},
         {"is_sandbox", Value(order.is_sandbox)}});
  }

  std::string ticket_name(registration::Id ticket_type_id) const {
    const registration::TicketType* type = content_.catalogue->ticket_type(ticket_type_id);
    return type ? type->name : in_language("Ticket");
  }

  Value seats() const {
    std::vector<Value> seats;
    for (const registration::Seat& seat : content_.seats) {
      seats.push_back(Value::dict({{"position", Value(seat.position)},
                                   {"ticket", Value(ticket_name(seat.ticket_type_id))},
                                   {"name", Value(shown_name(seat.name))},
                                   {"access_code", Value(seat.access_code)}}));
    }
    return Value::list(std::move(seats));
  }

  void set_seat(const registration::HeldSeat& held) {
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
    context_.set("is_sandbox", Value(held.is_sandbox));
  }

  void set_link(const accounts::Link& link) {
    context_.set("link_url", Value(page(page_of(link.kind), {accounts::token_of(parts_.link_key, link)})));
    const Catalogue* catalogue = content_.catalogue.get();
    context_.set("link_expires_at", Value(i18n::moment(content_.language, link.expires_at,
                                                       catalogue ? catalogue->zone : TimeZone::utc())));
  }

  void set_waiting(const registration::WaitingPlace& place, const Catalogue& catalogue) {
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

  void set_invitation(const accounts::Invitation& invitation) {
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

  void set_found_orders() {
    std::vector<Value> orders;
    for (const FoundOrder& found : content_.found_orders) {
      if (found.catalogue) orders.push_back(order(found.order, *found.catalogue));
    }
    context_.set("orders", Value::list(std::move(orders)));
  }

  const RendererParts& parts_;
  const Content& content_;
  templating::Context& context_;
  std::string base_;
};

net::Attachment calendar_of(const Content& content, const config::Settings& settings,
                            const std::string& url) {
  const conference::Conference& c = content.catalogue->conference;
  documents::CalendarEvent event;
  event.uid = "conference-" + c.slug + "@" + host_of(settings.server.base_url());
  event.summary = c.name;
  event.location = c.venue;
  if (!c.address.empty()) event.location += (event.location.empty() ? "" : ", ") + c.address;
  event.url = url;
  event.first_day = c.start_date;
  event.last_day = c.end_date;
  event.stamp = content.order->paid_at.value_or(content.now);  // the same at each attempt
  return {c.slug + ".ics", "text/calendar; charset=utf-8", documents::calendar_file(event)};
}

// What was issued for the order, or is due to be. The confirmation goes without it where none can be made
// now.
void attach_invoices(db::Database& database, const Content& content, Letter& letter) {
  if (!content.catalogue->conference.seller_id || content.order->total <= 0) return;
  try {
    invoicing::settle_due(database, content.order->id);
    auto read = [&](db::Tx& tx) { return invoicing::documents_of(tx, content.order->id); };
    for (const invoicing::Document& document : database.read_now(read))
      letter.mail.attachments.push_back({invoice_file_name(document), "application/pdf",
                                         invoicing::keep_file(database, document, invoice_pdf)});
  } catch (const std::exception&) {
    letter.mail.attachments.resize(1);  // the calendar file
  }
}

}  // namespace

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return "localhost";  // an address is no name for a Message-ID
  return std::string(url.substr(0, url.find(':')));
}

std::string Renderer::message_id(std::string_view key) const {
  const std::string mac = parts_.link_key.mac(fmt::format("message-id.{}", key));
  return token_hash(mac).substr(0, 32) + "@" + host_of(parts_.settings.server.base_url());
}

std::optional<Letter> Renderer::render(const jobs::Delivery& delivery) const {
  auto load = [&](db::Tx& tx) { return load_content(tx, delivery, parts_.catalogues); };
  const std::optional<Content> content = parts_.db.read_now(load);
  if (!content) return std::nullopt;
  Letter letter = render(*content, delivery.key);
  if (content->message->name == "order_confirmation") attach_invoices(parts_.db, *content, letter);
  return letter;
}

Letter Renderer::render(const Content& content, std::string_view key) const {
  const config::Settings& settings = parts_.settings;
  const std::string file = fmt::format("django_program/mail/{}", content.message->name);
  const auto part = [&](std::string_view ending, bool is_html) {
    templating::Context context;
    context.autoescape = is_html;
    context.locale = content.language;
    context.now = content.now;
    if (content.catalogue) context.time_zone = content.catalogue->zone;
    context.default_time_zone = context.time_zone;
    Filling(parts_, content, context).fill();
    return parts_.engine.render(file + std::string(ending), context);
  };
  Letter letter;
  letter.message = content.message->name;
  letter.conference_id = content.conference_id;
  letter.user_id = content.user_id;
  if (content.order) letter.order_id = content.order->id;
  if (content.seat) letter.seat_id = content.seat->seat.id;

  net::MailMessage& mail = letter.mail;
  mail.from = net::Address::parse(settings.mail.from).value_or(net::Address{"noreply@localhost", "Plenary"});
  if (!settings.mail.reply_to.empty()) mail.reply_to = net::Address::parse(settings.mail.reply_to);
  mail.to = {content.to.email, shown_name(content.to.name)};
  mail.subject = one_line(part("_subject.txt", false));
  mail.message_id = message_id(key);
  mail.date = content.now;
  mail.language = content.language;
  mail.text = tidy(part(".txt", false));
  mail.html = tidy(part(".html", true));
  {
    templating::Context context;
    mail.unsubscribe_url = Filling(parts_, content, context).unsubscribe_url();
  }
  if (content.message->name == "order_confirmation") {
    std::string why, url;
    templating::Context context;
    const std::vector<Value> slug{Value(content.catalogue->conference.slug)};
    if (const auto& urls = parts_.engine.options().urls) {
      if (const auto path = urls->path_of({"site:conference", slug, {}, context}, why)) {
        url = settings.server.base_url() + *path;
      }
    }
    mail.attachments.push_back(calendar_of(content, settings, url));
  }
  return letter;
}

}  // namespace plenary::mail
